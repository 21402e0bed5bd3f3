"""Prose records and table records about the same indicator: one record where their values agree, connected where they differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from extractor.tables.records import Reading
from extractor.types import Quantity, Record, RecordKind, Result

ALIKE = 88  # ratio of two names from which they mean the same whatever their values say
AKIN = 55  # ratio from which they do if the values agree in every respect
SHORTEST_PART = 4  # characters of a name that may stand for a longer one that holds it
MOST_PAIRS = 200_000  # that are compared one by one; a long report with ten tables has a tenth of it
MOST_EQUAL = 50  # table records with the same number that one prose record is compared with then
_PLAIN = re.compile(r"[（(][^（()）]*[)）]|[^\w%]|_|^指标\d*")
_COUNTS = re.compile(r"(?:总数量|数量|总数|人数|个数|情况|总量|数)$")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two records say of the same indicator: how alike the names are (0 to 100), values that agree and that do not."""

    likeness: float
    agreeing: int
    differing: int

    @property
    def is_one(self) -> bool:
        return self.agreeing > 0 and self.differing == 0 and self.likeness >= (ALIKE if self.agreeing == 1 else AKIN)

    @property
    def is_related(self) -> bool:
        """Whether the names mean the same but the values do not, or cannot be compared."""
        return self.likeness >= (ALIKE if self.differing else 100.0)


def joined(prose: Result, tables: Reading) -> Result:
    """The result of a report's prose with what its tables say."""
    shift, n_before = len(prose.mentions), len(prose.records)
    mentions = (*prose.mentions, *tables.mentions)
    quantities = (*prose.quantities, *tables.quantities)
    moved = [record.moved(shift.__add__, n_before.__add__) for record in tables.records]
    records = [*prose.records, *moved]
    same, related = _matches(records, n_before, quantities)
    records = list(_merged(records, same, related))
    return replace(
        prose,
        mentions=mentions,
        quantities=quantities,
        records=tuple(records),
        facts=tables.facts,
        tables=tables.accounts,
        problems=(*prose.problems, *tables.problems),
    )


# ── Which records speak of the same ──────────────────────────────────────────────────────────────────────────────────


def _matches(
    records: Sequence[Record], n_prose: int, quantities: Sequence[Quantity | None]
) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Positions of prose and table records: which are one, and which prose records only speak of the same indicator."""
    compared = [
        (comparison, prose, table)
        for prose, table in _pairs(records, n_prose, quantities)
        if (comparison := _compare(records[prose], records[table], quantities)) is not None
    ]
    same: dict[int, int] = {}
    taken: set[int] = set()
    for comparison, prose, table in sorted(compared, key=lambda one: (-one[0].agreeing, -one[0].likeness)):
        if comparison.is_one and prose not in same and table not in taken:
            same[prose] = table
            taken.add(table)
    related: dict[int, list[int]] = {}
    for comparison, prose, table in compared:
        if comparison.is_related and prose not in same:
            related.setdefault(prose, []).append(table)
    return same, related


def _pairs(records: Sequence[Record], n_prose: int, quantities: Sequence[Quantity | None]) -> Iterator[tuple[int, int]]:
    """All pairs of a prose and a table record; beyond all measure only those that state the same number."""
    if n_prose * (len(records) - n_prose) <= MOST_PAIRS:
        yield from ((prose, table) for prose in range(n_prose) for table in range(n_prose, len(records)))
        return
    stating: dict[object, list[int]] = {}
    for table in range(n_prose, len(records)):
        for read in _numbers(records[table].values, quantities):
            stating.setdefault(read.value, []).append(table)
    for prose in range(n_prose):
        numbers = _numbers(records[prose].values, quantities)
        found = sorted({table for read in numbers for table in stating.get(read.value, ())[:MOST_EQUAL]})
        yield from ((prose, table) for table in found)


def _compare(prose: Record, table: Record, quantities: Sequence[Quantity | None]) -> Comparison | None:
    """None where the two cannot speak of the same: they are of another kind or year."""
    if prose.kind is not table.kind or not _same_year(prose, table):
        return None
    sides = (
        (prose.targets, table.targets),
        (prose.achieved, table.achieved),
        (prose.amounts, table.amounts),
    )
    agreeing = differing = 0
    for ours, theirs in sides:
        a, b = _numbers(ours, quantities), _numbers(theirs, quantities)
        if not a or not b:
            continue
        agrees = any(_equal(one, other) for one in a for other in b)
        agreeing += agrees
        differing += not agrees and any(one.unit == other.unit for one in a for other in b)
    if prose.kind is RecordKind.FUND:
        return _compare_funds(prose, table, agreeing)
    likeness = _likeness(prose.name, table.name) if prose.name and table.name else 0.0
    return Comparison(likeness, agreeing, differing)


def _compare_funds(prose: Record, table: Record, agreeing: int) -> Comparison | None:
    """Money goes by many names: an equal sum in the same role is the same, unless the table makes it a part of another."""
    if not agreeing or prose.role != table.role or table.parent is not None:
        return None
    return Comparison(100.0, agreeing, 0)


def _same_year(prose: Record, table: Record) -> bool:
    return prose.period is None or table.period is None or prose.period.end.year == table.period.end.year


def _numbers(positions: Sequence[int], quantities: Sequence[Quantity | None]) -> list[Quantity]:
    return [read for position in positions if (read := quantities[position]) is not None]


def _equal(one: Quantity, other: Quantity) -> bool:
    """The same number; a unit that one of them does not state is no difference."""
    return one.value == other.value and (one.unit == other.unit or not one.unit or not other.unit)


def _likeness(one: str, other: str) -> float:
    from rapidfuzz import fuzz

    a, b = (_COUNTS.sub("", _PLAIN.sub("", name)) or name for name in (one, other))
    shorter, longer = sorted((a, b), key=len)
    if shorter == longer or (len(shorter) >= SHORTEST_PART and (longer.endswith(shorter) or longer.startswith(shorter))):
        return 100.0
    return float(fuzz.ratio(a, b))


# ── One record of two ────────────────────────────────────────────────────────────────────────────────────────────────


def _merged(records: Sequence[Record], same: Mapping[int, int], related: Mapping[int, Sequence[int]]) -> Iterator[Record]:
    """All records, those of the prose that are one with a table record inside that one; positions follow."""
    partner = {table: prose for prose, table in same.items()}
    kept = [position for position in range(len(records)) if position not in same]
    place = {old: new for new, old in enumerate(kept)}
    place |= {prose: place[table] for prose, table in same.items()}
    other_way: dict[int, list[int]] = {}
    for prose, tables in related.items():
        for table in tables:
            other_way.setdefault(table, []).append(prose)
    for position in kept:
        record = records[position]
        if position in partner:
            record = _one(records[partner[position]], record)
        parent = None if record.parent is None else place[record.parent]
        named = (*related.get(position, ()), *other_way.get(position, ()))
        yield replace(
            record,
            parent=None if parent == place[position] else parent,
            related=tuple(sorted({place[other] for other in named})),
        )


def _one(prose: Record, table: Record) -> Record:
    """The table's record with the mentions of the prose: the row is fuller and surer, the prose often names it better."""
    return replace(
        table,
        indicators=(*prose.indicators, *table.indicators),
        targets=(*prose.targets, *table.targets),
        achieved=(*prose.achieved, *table.achieved),
        amounts=(*prose.amounts, *table.amounts),
        parent=table.parent if table.parent is not None else prose.parent,
        name=table.name or prose.name,
        period=table.period or prose.period,
        section=prose.section or table.section,
        confidence=max(prose.confidence, table.confidence),
    )
