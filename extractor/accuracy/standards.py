"""The field's own measures, by the libraries that define them, so that figures can be set beside those of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extractor.building import Answer
from extractor.tags import OUTSIDE
from extractor.types import GoldMention, Label, Mention

NERVALUATE_KINDS = ("strict", "exact", "partial", "ent_type")


@dataclass(frozen=True, slots=True)
class Ratios:
    """Precision, recall and F1 as a library reports them, and the number of gold mentions."""

    precision: float
    recall: float
    f1: float
    n_gold: int


def seqeval_strict(answers: Iterable[Answer]) -> dict[str, Ratios]:
    """seqeval over characters, ``mode="strict"`` and IOB2: per label and ``micro avg``; empty where nothing is marked."""
    from seqeval.metrics import classification_report
    from seqeval.scheme import IOB2

    pairs = [pair for answer in answers for pair in _tagged_lines(answer)]
    if not pairs:  # seqeval fails on nothing
        return {}
    gold, found = zip(*pairs, strict=True)
    reported = classification_report(list(gold), list(found), mode="strict", scheme=IOB2, output_dict=True, zero_division=0)
    return {
        name: Ratios(float(one["precision"]), float(one["recall"]), float(one["f1-score"]), int(one["support"]))
        for name, one in reported.items()
        if name in (*Label, "micro avg")
    }


def nervaluate_kinds(answers: Iterable[Answer]) -> dict[str, Ratios]:
    """nervaluate's four ways to count: borders and label, borders only, borders half right, label with any overlap."""
    from nervaluate import Evaluator

    gold, found = [], []
    for answer in answers:
        gold.append(_entities(answer.example.mentions))
        found.append(_entities(answer.mentions))
    if not any((*gold, *found)):
        return {}
    overall = Evaluator(gold, found, tags=list(map(str, Label)), loader="dict").evaluate()["overall"]
    return {
        kind: Ratios(overall[kind].precision, overall[kind].recall, overall[kind].f1, overall[kind].possible)
        for kind in NERVALUATE_KINDS
    }


def _tagged_lines(answer: Answer) -> Iterator[tuple[list[str], list[str]]]:
    """(gold, found) tags of every line that holds a mention; a tag a character. Marks never cross a line's end."""
    gold = _tags(len(answer.example.text), answer.example.mentions)
    found = _tags(len(answer.example.text), answer.mentions)
    start = 0
    for line in answer.example.text.splitlines(keepends=True):
        end = start + len(line)
        if {*gold[start:end], *found[start:end]} != {OUTSIDE}:
            yield gold[start:end], found[start:end]
        start = end


def _tags(length: int, mentions: Sequence[GoldMention | Mention]) -> list[str]:
    tags = [OUTSIDE] * length
    for mention in mentions:
        tags[mention.span.start : mention.span.end] = [f"I-{mention.label}"] * len(mention.span)
        tags[mention.span.start] = f"B-{mention.label}"
    return tags


def _entities(mentions: Sequence[GoldMention | Mention]) -> list[dict[str, str | int]]:
    """As nervaluate reads them: the end is the last character's."""
    return [{"label": str(one.label), "start": one.span.start, "end": one.span.end - 1} for one in mentions]
