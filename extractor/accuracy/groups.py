"""The same scores for parts of the answers: where a model is strong, and where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from extractor import metrics, quantity
from extractor.building import Answer
from extractor.link_scene import SECTIONS
from extractor.metrics import Marked, Scores
from extractor.quantity import MEASURES, MONEY, PERCENTS, TIMES, QuantityError
from extractor.segment import Outline, outline
from extractor.twins.twin import is_twin
from extractor.types import Document

# What character recognition leaves behind: letters for digits, 曰 for 日, 无 for 元.
MISREAD = re.compile(r"(?<![A-Za-z])[lIO]\d|\d[lO](?![A-Za-z])|\d{1,2}曰|\d[万亿](?:无|兀)|公理")
LENGTHS = ((2000, "under 2000"), (3000, "2000 to 3000"), (4000, "3000 to 4000"))  # characters
LONGEST = "over 4000"
UNITS = (
    ("percent", frozenset((*PERCENTS, "百分点"))),
    ("money", frozenset(MONEY)),
    ("score", frozenset(("分",))),
    ("time", frozenset(TIMES)),
    ("measure", frozenset(MEASURES)),
)
OTHER_UNIT = "count"
OTHER_SECTION = "other"

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Read:
    """An answer with the outline of its report."""

    answer: Answer
    view: Outline


Grouping = Callable[[Read, Marked], str | None]  # the group of a mention; None where it belongs to none


def by_label(read: Read, marked: Marked) -> str:
    return marked[0]


def by_section(read: Read, marked: Marked) -> str:
    """What the outermost heading in force speaks of."""
    path = read.view.section_at(marked[1])
    return next((name for name, pattern in SECTIONS if path and pattern.search(path[0])), OTHER_SECTION)


def by_source(read: Read, marked: Marked) -> str:
    """Whether the report is a scan's twin or bears the traces of character recognition."""
    example = read.answer.example
    return "ocr" if is_twin(example) or MISREAD.search(example.text) else "clean"


def by_length(read: Read, marked: Marked) -> str:
    """The length of the report in characters."""
    return next((name for limit, name in LENGTHS if len(read.answer.example.text) < limit), LONGEST)


def by_unit(read: Read, marked: Marked) -> str | None:
    """What a value is counted in; None for names."""
    label, start, end = marked
    if not label.is_value:
        return None
    try:
        unit = quantity.parse(read.answer.example.text[start:end]).unit.split("/")[0]
    except QuantityError:
        return OTHER_UNIT
    return next((name for name, units in UNITS if unit in units), OTHER_UNIT)


GROUPINGS: dict[str, Grouping] = {
    "label": by_label,
    "section": by_section,
    "source": by_source,
    "length": by_length,
    "unit": by_unit,
}


@dataclass(frozen=True, slots=True)
class Group:
    """The scores of one group; a record belongs to the group of its first value."""

    name: str
    spans: Scores
    records: Scores


def grouped(answers: Sequence[Answer]) -> dict[str, tuple[Group, ...]]:
    """Every grouping of `GROUPINGS`: its groups with anything in them, the largest first."""
    reads = [Read(answer, outline(Document(answer.example.name, "", answer.example.text))) for answer in answers]
    return {name: _groups(reads, grouping) for name, grouping in GROUPINGS.items()}


def _groups(reads: Iterable[Read], grouping: Grouping) -> tuple[Group, ...]:
    spans: dict[str, Scores] = {}
    records: dict[str, Scores] = {}
    for read in reads:
        example, answer = read.answer.example, read.answer
        _add(spans, metrics.marked(example.mentions), metrics.marked(answer.mentions), partial(grouping, read))
        gold, found = metrics.gold_groups(example), metrics.found_groups(answer.mentions, answer.records)
        _add(records, set(gold), set(found), partial(_record_group, grouping, read))
    names = sorted(spans, key=lambda name: -spans[name].n_gold)
    return tuple(Group(name, spans[name], records.get(name, Scores())) for name in names)


def _add(total: dict[str, Scores], gold: AbstractSet[T], found: AbstractSet[T], group_of: Callable[[T], str | None]) -> None:
    """Add the comparison of one report's answers to every group that they belong to."""
    groups = {one: group_of(one) for one in gold | found}
    for name in {name for name in groups.values() if name is not None}:
        members = {one for one, its in groups.items() if its == name}
        total[name] = total.get(name, Scores()) + metrics.compare(gold & members, found & members)


def _record_group(grouping: Grouping, read: Read, group: frozenset[Marked]) -> str | None:
    return grouping(read, min((one for one in group if one[0].is_value), key=lambda one: one[1]))
