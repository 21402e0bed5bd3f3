"""Results against their targets: far over, under without a reason, and plans below what was reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extractor.findings.case import Case
from extractor.findings.interval import HUNDRED, Interval, ratio
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.terms import WORKS
from extractor.findings.words import percent_words
from extractor.types import Origin, QuantityKind, Record, Severity, Span

REASON = re.compile(
    r"原因|因为|因[^此而]|由于|受.{1,20}影响|影响|主要[是系]|[系乃]|导致|未能|尚未|未[^来]|滞后|推迟|延[期迟至缓]|暂缓|偏差|不足|"
    r"困难|问题|缺口|调整|取消|压减|疫情|不及|没有|不到|低于|少于|仅|尚|差"
)
NOTHING = re.compile(r"(?:无|没有|无偏差|无原因|不涉及|不适用|已?完成|[-/\\—–－、.]+)?。?")  # in a column of reasons


@rule(
    "far-over-target",
    Severity.NOTICE,
    "远超目标",
    "实现值超过目标值一倍以上的，目标可能定得过低（容差 1 表示超过 100%）。",
    tolerance="1",
)
def far_over_target(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    limit = HUNDRED * (1 + tolerance)
    for position, record, result, target in measured(case):
        found = ratio(case.interval(result), case.interval(target))
        if found is None or case.may_be_ceiling(record):
            yield UNKNOWN
        elif found.low > limit:
            words = f"实现值 {case.words(result)} 是目标值 {case.words(target)} 的 {percent_words(found)}"
            yield fails(f"{case.name(position)}：{words}，目标可能定得过低", [position], (result, target))
        else:
            yield HOLDS


def measured(case: Case) -> Iterator[tuple[int, Record, int, int]]:
    """Every record with one target and one result in one unit, and these two."""
    for position, record in enumerate(case.records):
        targets = case.distinct(case.levels(record.targets))
        results = case.results(record)
        if len(targets) == len(results) == 1 and case.unit(targets[0]) == case.unit(results[0]):
            yield position, record, results[0], targets[0]


def says_something(reason: str | None) -> bool:
    """Whether a cell of reasons gives any."""
    return NOTHING.fullmatch("".join((reason or "").split())) is None


def missed(case: Case, record: Record, result: int, target: int) -> bool:
    """Whether the result certainly falls short of its target; where less is better, whether it lies above."""
    reached, wanted = case.interval(result), case.interval(target)
    if case.is_ceiling(record):
        return Interval(wanted.high, wanted.high).below(reached)
    if case.may_be_ceiling(record):
        return False
    quantity = case.quantity(target)
    # Of a range the lower end is enough.
    low = wanted.low if quantity is None else quantity.low
    return reached.below(Interval(low, low))


@rule(
    "missed-without-reason",
    Severity.NOTICE,
    "未完成而未说明原因",
    "实现值低于目标值（或高于上限）的，报告应说明原因；同一段落、同一行和问题部分都没有提到原因时列出。",
)
def missed_without_reason(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record, result, target in measured(case):
        quantity = case.quantity(target)
        plain = quantity is not None and quantity.kind is not QuantityKind.SCORE
        if not plain or not missed(case, record, result, target):
            continue
        if says_something(record.reason) or _gives_reason(case, position, result):
            yield HOLDS
        else:
            message = f"{case.name(position)}：实现值 {case.words(result)} 未达到目标值 {case.words(target)}，没有看到原因说明"
            yield fails(message, [position], (result, target))


def _gives_reason(case: Case, position: int, result: int) -> bool:
    """Whether a reason stands near the result, or another sentence of trouble speaks of the indicator."""
    record = case.records[position]
    if record.origin is Origin.TABLE:
        return False
    home = case.paragraph(case.span(result).start)
    near = Span(case.sentence(case.span(result).start).start, home.end)
    name = (record.name or "")[-4:]
    elsewhere = (
        case.text[one.start : one.end] for one in case.outline.sentences if name and name in case.text[one.start : one.end]
    )
    return any(REASON.search(words) for words in (case.text[near.start : near.end], *elsewhere))


@rule(
    "plan-below-result",
    Severity.NOTICE,
    "下年目标低于本年实绩",
    "下一年的目标低于本年已经达到的水平，可能定得过低；按年安排的工程量不在此列。",
)
def plan_below_result(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    year = case.calendar.year
    if year is None:
        return
    reached = {
        record.name: position for position, record in enumerate(case.records) if record.achieved and case.year(record) == year
    }
    for position, record in enumerate(case.records):
        this_year = reached.get(record.name) if record.name else None
        if this_year is not None and record.targets and not record.achieved and case.year(record) == year + 1:
            yield _plan(case, position, this_year, tolerance)


def _plan(case: Case, position: int, this_year: int, tolerance: Decimal) -> Answer:
    plans, results = case.distinct(case.levels(case.records[position].targets)), case.results(case.records[this_year])
    if not len(plans) == len(results) == 1 or case.unit(plans[0]) != case.unit(results[0]):
        return UNKNOWN
    record = case.records[position]
    if case.may_be_ceiling(record) or (record.name or "").startswith(WORKS):
        return UNKNOWN
    if not case.interval(plans[0]).widened(tolerance).below(case.interval(results[0])):
        return HOLDS
    message = f"{case.name(position)}：下年目标 {case.words(plans[0])} 低于本年实现值 {case.words(results[0])}"
    return fails(message, [position, this_year], (plans[0], results[0]))


RULES = (far_over_target, missed_without_reason, plan_below_result)
