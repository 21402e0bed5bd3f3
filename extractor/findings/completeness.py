"""Indicators with a target and no result, and with a result and no target."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from extractor.findings.case import Case
from extractor.findings.rule import HOLDS, Answer, fails, rule
from extractor.periods import PLANS_AHEAD
from extractor.types import Origin, Record, RecordKind, Severity


@rule(
    "target-without-result",
    Severity.NOTICE,
    "有目标无实绩",
    "本年度的目标在报告中没有对应的实现值。",
)
def target_without_result(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        if record.kind is not RecordKind.PERFORMANCE or not record.targets or not _is_this_year(case, record):
            continue
        if record.achieved:
            yield HOLDS
        else:
            words = "、".join(case.words(mention) for mention in record.targets)
            yield fails(f"{case.name(position)}：目标值 {words}，没有找到实现值", [position], record.targets)


def _is_this_year(case: Case, record: Record) -> bool:
    ahead = any(PLANS_AHEAD.search(title) for title in record.section)
    return case.calendar.year is not None and case.year(record) == case.calendar.year and not ahead


@rule(
    "result-without-target",
    Severity.NOTICE,
    "有实绩无目标",
    "指标表中的一行有实现值而没有目标值。",
)
def result_without_target(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        if record.origin is not Origin.TABLE or record.kind is not RecordKind.PERFORMANCE or not record.achieved:
            continue
        if record.targets:
            yield HOLDS
        else:
            words = "、".join(case.words(mention) for mention in record.achieved)
            yield fails(f"{case.name(position)}：实现值 {words}，表中没有目标值", [position], record.achieved)


RULES = (target_without_result, result_without_target)
