"""How far an indicator came: reached, far over its target, under it, or nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from extractor.findings import Case
from extractor.findings.goals import measured, missed
from extractor.findings.interval import HUNDRED, ratio
from extractor.types import RecordKind

FAR_OVER = Decimal("1.3")  # of the target: from here on offices have to explain themselves
LONGEST_BAR = Decimal("1.5")  # of the target; what is more is shown by an arrow


class Standing(StrEnum):
    """What a record says of its target."""

    MET = "met"
    OVER = "over"
    UNDER = "under"
    OPEN = "open"  # a target, and no result that could be compared with it
    RESULT = "result"  # a result without a target
    PLAN = "plan"  # a target of a later year


COMPARED = (Standing.MET, Standing.OVER, Standing.UNDER, Standing.OPEN)
STANDINGS = {
    Standing.MET: "达成",
    Standing.OVER: "超出较多",
    Standing.UNDER: "未达成",
    Standing.OPEN: "无法比较",
    Standing.RESULT: "只有实绩",
    Standing.PLAN: "以后年度计划",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """``reached`` is result / target, None where they are no numbers of one unit; ``is_ceiling`` says that less is better."""

    standing: Standing
    reached: Decimal | None = None
    is_ceiling: bool = False

    @property
    def bar(self) -> Decimal | None:
        """The bar's length as a share of the longest one; the target stands at 1 / LONGEST_BAR."""
        return None if self.reached is None else max(Decimal(0), min(self.reached, LONGEST_BAR)) / LONGEST_BAR

    @property
    def is_cut(self) -> bool:
        return self.reached is not None and self.reached > LONGEST_BAR


def progress(case: Case) -> Iterator[tuple[int, Progress]]:
    """Every record of performance, by its position, in text order."""
    pairs = {position: (result, target) for position, _, result, target in measured(case)}
    for position, record in enumerate(case.records):
        if record.kind is not RecordKind.PERFORMANCE:
            continue
        if position in pairs:
            yield position, _progress(case, position, *pairs[position])
        elif not record.targets:
            yield position, Progress(Standing.RESULT)
        else:
            is_plan = not record.achieved and case.is_later(record)
            yield position, Progress(Standing.PLAN if is_plan else Standing.OPEN)


def _progress(case: Case, position: int, result: int, target: int) -> Progress:
    record = case.records[position]
    wanted, found = case.quantity(target), case.quantity(result)
    reached = found.low / wanted.low if wanted is not None and found is not None and wanted.low else None
    rate = ratio(case.interval(result), case.interval(target))
    is_ceiling = case.may_be_ceiling(record)
    if missed(case, record, result, target):
        standing = Standing.UNDER
    elif rate is not None and rate.low > FAR_OVER * HUNDRED and not is_ceiling:
        standing = Standing.OVER
    else:
        standing = Standing.MET
    return Progress(standing, reached, is_ceiling)
