"""The records of a report as rows of its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from extractor.papers.indicators import Progress, Standing
from extractor.papers.paper import Flag, Paper, Value
from extractor.sheet import ROLES
from extractor.stated import completion, indicator_text, stated_completion
from extractor.types import Record, RecordKind

GROUPS = (
    ("有目标的指标", (Standing.MET, Standing.OVER, Standing.UNDER, Standing.OPEN)),
    ("只有实绩的事项", (Standing.RESULT,)),
    ("以后年度的计划", (Standing.PLAN,)),
)
OTHER_ROLE = "其他"


@dataclass(frozen=True, slots=True)
class Row:
    """One record as the page shows it; ``progress`` is None for money, ``stated`` the completion that the report states."""

    id: str
    name: Value | None
    parent: str | None
    record: Record
    progress: Progress | None
    targets: tuple[Value, ...]
    achieved: tuple[Value, ...]
    amounts: tuple[Value, ...]
    stated: Value | None
    computed: Decimal | None
    page: int | None
    flags: tuple[Flag, ...]

    @property
    def role(self) -> str:
        return ROLES.get(self.record.role or "", OTHER_ROLE)

    @property
    def levels(self) -> str:
        return " › ".join(level for level in (self.record.level1, self.record.level2) if level)


def rows(paper: Paper) -> Iterator[Row]:
    """All records, in text order."""
    result = paper.result
    for position, record in enumerate(result.records):
        name = indicator_text(result, record)
        stated = stated_completion(result, record)
        spans = sorted(result.mentions[one].span for one in record.mentions)
        yield Row(
            id=f"r{position + 1}",
            name=None if name is None else Value(name, tuple(map(paper.place, record.indicators))),
            parent=None if record.parent is None else indicator_text(result, result.records[record.parent]),
            record=record,
            progress=paper.progress.get(position),
            targets=paper.values(record.targets),
            achieved=paper.values(one for one in record.achieved if one != stated),
            amounts=paper.values(record.amounts),
            stated=None if stated is None else paper.values([stated])[0],
            computed=completion(result, record)[1],
            page=paper.page_of(spans[0]) if spans else None,
            flags=paper.flags_of_record.get(position, ()),
        )


def groups(all_rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The records of performance under their headings; no heading without rows."""
    for title, standings in GROUPS:
        if here := [row for row in all_rows if row.progress is not None and row.progress.standing in standings]:
            yield title, here


def funds(all_rows: list[Row]) -> list[Row]:
    """The records of money."""
    return [row for row in all_rows if row.record.kind is RecordKind.FUND]
