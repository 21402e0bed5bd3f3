"""What a model found, as a draft for an annotator to correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.annotations.validity import NUMBER
from extractor.types import Example, GoldMention, Mention, Origin, Record, Result


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as a model annotates it; ``confidences`` runs parallel to the example's mentions."""

    example: Example
    confidences: tuple[float, ...]
    model_version: str


def draft_of(result: Result, name: str) -> Draft:
    """The result as an example.

    Left out is what an annotated report cannot hold: names that no value speaks of, records of table rows, and marks across
    a line end, which a PDF's broken lines can cause.
    """
    rows = [record for record in result.records if record.origin is not Origin.TABLE]
    kept = {position for record in rows for position in record.mentions if _can_be_marked(result, position)}
    alive = [record for record in rows if kept & set(record.values)]
    numbers = {id(record): number for number, record in enumerate(alive, 1)}
    mentions: list[GoldMention] = []
    confidences: list[float] = []
    for position, mention in enumerate(result.mentions):
        its = [record for record in alive if position in record.mentions and position in kept]
        if its:
            parent = _parent(result, mention, its, numbers)
            mentions.append(GoldMention(mention.label, mention.span, tuple(numbers[id(record)] for record in its), parent))
            confidences.append(mention.confidence)
    version = f"{result.model.name} {result.model.version}"
    return Draft(Example(name, result.document.text, tuple(mentions)), tuple(confidences), version)


def _can_be_marked(result: Result, position: int) -> bool:
    words = result.text_of(position)
    is_one_line = words == words.strip() and not set("\r\n") & set(words)
    return is_one_line and (not result.mentions[position].label.is_value or bool(NUMBER.search(words)))


def _parent(result: Result, mention: Mention, records: Sequence[Record], numbers: dict[int, int]) -> int | None:
    if mention.label.is_value:
        return None
    parents = [numbers.get(id(result.records[record.parent])) for record in records if record.parent is not None]
    return next((parent for parent in parents if parent is not None), None)
