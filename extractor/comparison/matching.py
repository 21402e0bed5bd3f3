"""Which report of one year continues which of the year before, and which indicators are the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from extractor.comparison.entries import Entry, YearReport

SAME_TITLE = 80  # likeness (0 to 100) from which two titles name the same project
PART_OF_NAME = 80  # from which a name that only leaves characters out is the same
OTHER_NAME = 90  # from which any other is
TURNED_NAME = 95  # what the same characters in another order are worth
MOST_PAIRS = 200_000  # that are compared by likeness; beyond, only equal names are found
# Beside the names, what makes one of several candidates the right one.
SAME_UNIT, SAME_HEADING, SAME_LEVEL, SAME_PARENT = 20, 4, 4, 4
NUMERALS = re.compile(r"\d+|[一二三四五六七八九十]+")
# Characters that make another indicator of a name, whatever else is alike.
TELLING = frozenset("不未非无中小大男女新旧老城乡村上下左右内外东西南北省市县区镇前后增减收支进出")

RATES = ("率", "度", "比例")
Group = tuple[Sequence[YearReport], Sequence[YearReport]]


@dataclass(frozen=True, slots=True)
class Pair:
    """The same indicator in both years, or one that only one year has; ``likeness`` of the names is 0 to 100."""

    before: Entry | None
    after: Entry | None
    likeness: float = 100.0

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in (self.before, self.after) if entry is not None)


def pairs(before: Sequence[YearReport], after: Sequence[YearReport]) -> Iterator[Pair]:
    """Every record of both years once: those found in both, then those of one year only, report by report."""
    for earlier, later in _grouped(before, after):
        yield from _matched(
            [entry for report in earlier for entry in report.entries], [entry for report in later for entry in report.entries]
        )


def _grouped(before: Sequence[YearReport], after: Sequence[YearReport]) -> list[Group]:
    """Reports whose records are compared with each other: all if a year has but one report, else those of one project."""
    if min(len(before), len(after)) <= 1:
        return [(list(before), list(after))]
    candidates = product(range(len(before)), range(len(after)))
    scored = ((_title_likeness(before[i], after[k]), i, k) for i, k in candidates)
    found = dict(_best(one for one in scored if one[0] >= SAME_TITLE))
    alone: list[Group] = [([report], []) for i, report in enumerate(before) if i not in found]
    new: list[Group] = [([], [report]) for k, report in enumerate(after) if k not in found.values()]
    return [*(([before[i]], [after[k]]) for i, k in sorted(found.items())), *alone, *new]


def _title_likeness(one: YearReport, other: YearReport) -> float:
    from rapidfuzz import fuzz

    return 100.0 if one.key == other.key else float(fuzz.ratio(one.key, other.key))


def _matched(before: Sequence[Entry], after: Sequence[Entry]) -> Iterator[Pair]:
    equal: dict[str, list[int]] = {}
    for position, entry in enumerate(after):
        equal.setdefault(entry.key, []).append(position)
    found = dict(_best(_scored(before, after, ((i, k) for i, entry in enumerate(before) for k in equal.get(entry.key, ())))))
    rest = [i for i in range(len(before)) if i not in found], sorted({*range(len(after))} - {*found.values()})
    if len(rest[0]) * len(rest[1]) <= MOST_PAIRS:
        found |= dict(_best(_scored(before, after, product(*rest))))
    for i, k in sorted(found.items()):
        yield Pair(before[i], after[k], likeness(before[i].key, after[k].key))
    taken = {*found.values()}
    yield from (Pair(entry, None) for i, entry in enumerate(before) if i not in found)
    yield from (Pair(None, entry) for k, entry in enumerate(after) if k not in taken)


def _scored(
    before: Sequence[Entry], after: Sequence[Entry], candidates: Iterable[tuple[int, int]]
) -> Iterator[tuple[float, int, int]]:
    """Those of the candidates that may be one, each with how well everything about it fits."""
    for i, k in candidates:
        a, b = before[i], after[k]
        if a.record.kind is not b.record.kind or a.record.role != b.record.role:
            continue
        alike = likeness(a.key, b.key)
        has_units = a.unit is not None and b.unit is not None
        if not alike or (has_units and a.unit != b.unit and alike < 100.0):
            continue
        fits = (
            SAME_UNIT * (a.unit == b.unit)
            + SAME_HEADING * (a.heading == b.heading)
            + SAME_LEVEL * (a.record.level2 == b.record.level2)
            + SAME_PARENT * (a.cells["上级指标"] == b.cells["上级指标"])
        )
        yield alike + fits, i, k


def _best(scored: Iterable[tuple[float, int, int]]) -> Iterator[tuple[int, int]]:
    """Pairs of positions from the best on, each side once; of equally good ones those that stand first."""
    left: set[int] = set()
    right: set[int] = set()
    for _, i, k in sorted(scored, key=lambda one: (-one[0], one[1], one[2])):
        if i not in left and k not in right:
            left.add(i)
            right.add(k)
            yield i, k


def likeness(one: str, other: str) -> float:
    """How alike two keys of names are, 0 to 100; 0 where they may not be the same."""
    from rapidfuzz import fuzz

    if one == other:
        return 100.0
    if NUMERALS.findall(one) != NUMERALS.findall(other):
        return 0.0
    mine, theirs = Counter(one), Counter(other)
    differing = (mine - theirs) + (theirs - mine)
    if TELLING & differing.keys():
        return 0.0
    if not differing:
        return float(TURNED_NAME)
    alike = float(fuzz.ratio(one, other))
    short, long = sorted((one, other), key=len)
    if one.endswith(RATES) or other.endswith(RATES):  # what stands before the last character says what it is a rate of
        return alike if long.endswith(short) and alike >= PART_OF_NAME else 0.0
    return alike if alike >= (PART_OF_NAME if _leaves_out(short, long) else OTHER_NAME) else 0.0


def _leaves_out(short: str, long: str) -> bool:
    """Whether ``long`` becomes ``short`` by leaving characters out."""
    rest = iter(long)
    return all(character in rest for character in short)
