"""Units that do not fit: results a power of ten away from their targets, yuan among sums of ten thousands."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from statistics import median

from extractor.findings.case import Case
from extractor.findings.interval import Interval, ratio
from extractor.findings.powers import slip
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.quantity import MEASURES, MONEY
from extractor.stated import stated_completion
from extractor.types import Record, RecordKind, Severity

FAR = Decimal(500)  # times as much, or as little: more than any result misses its target by
LIKELY = (Decimal(50), Decimal(200))  # percent of the target that a right reading gives
YUAN = "元"
LEAST_SUMS = 3
SMALL, LARGE = Decimal(10_000), Decimal(100_000)


@rule(
    "unit-power",
    Severity.ERROR,
    "数量级不符",
    "实现值与目标值相差数百倍以上，而改动单位（万、亿）后大小相当的，可能写错了单位。",
)
def unit_power(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        targets, results = case.distinct(case.levels(record.targets)), case.results(record)
        one_each = len(targets) == len(results) == 1 and case.unit(targets[0]) == case.unit(results[0]) != "%"
        if one_each and stated_completion(case.result, record) is None:
            yield _power(case, position, targets[0], results[0])


def _power(case: Case, position: int, target: int, result: int) -> Answer:
    found = ratio(case.interval(result), case.interval(target))
    if found is None or found.low <= 0:
        return UNKNOWN
    # Of what is better the less there is of it little may be left; only money and measures are never so few.
    if case.may_be_ceiling(case.records[position]) and case.unit(target) not in (*MONEY, *MEASURES):
        return UNKNOWN
    if found.low / 100 > 1 / FAR and found.high / 100 < FAR:
        return HOLDS

    def agrees(values: dict[int, Interval]) -> bool:
        quotient = ratio(values[result], values[target])
        return quotient is not None and LIKELY[0] <= quotient.low and quotient.high <= LIKELY[1]

    mistake = slip(case, (target, result), agrees)
    if mistake is None:
        return UNKNOWN
    message = (
        f"{case.name(position)}：实现值 {case.words(result)} 与目标值 {case.words(target)} 相差悬殊；{mistake.proposal(case)}"
    )
    return fails(message, [position], (result, target))


@rule(
    "unit-of-money",
    Severity.WARNING,
    "金额单位可疑",
    "以元计的小额资金与同组以万元、亿元计的资金并列，可能漏写了“万”。",
)
def unit_of_money(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for whole, children in sorted(case.children.items()):
        family = [one for position in (whole, *children) for one in _yuan(case, case.records[position])]
        values = {one: case.interval(one).high for one in family}
        if len(values) < LEAST_SUMS or median(values.values()) < LARGE:
            continue
        for one in family:
            message = f"{case.name(case.owners[one][0])}：{case.words(one)} 与同组各项资金相差悬殊，疑漏写“万”"
            is_odd = 0 < values[one] < SMALL and "." not in case.words(one)
            yield fails(message, case.owners[one], [one]) if is_odd else HOLDS


def _yuan(case: Case, record: Record) -> list[int]:
    return case.levels(record.amounts, YUAN) if record.kind is RecordKind.FUND else []


RULES = (unit_power, unit_of_money)
