"""Years that cannot be: results and payments of years after the report's."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from extractor.findings.case import Case
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.types import RecordKind, Severity

SPENT_ROLES = ("paid", "allocated", "carried-over")
FAR_BACK = 10  # years
RARE = 2  # times a year stands in a report that is not about it


@rule(
    "year-of-result",
    Severity.WARNING,
    "年份可疑",
    "实现值、支出等写在报告年度之后的年份，或十年以前的年份，可能写错了年份。",
)
def year_of_result(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    year = case.calendar.year
    if year is None:
        return
    for position, record in enumerate(case.records):
        done = [*record.achieved, *(record.amounts if record.role in SPENT_ROLES else ())]
        if record.targets and record.kind is RecordKind.PERFORMANCE and not record.achieved:
            continue
        for mention in done:
            yield from _year(case, position, mention, year)


def _year(case: Case, position: int, mention: int, year: int) -> Iterator[Answer]:
    span = case.span(mention)
    stated = case.calendar.stated(span, case.sentence(span.start))
    words = case.text[stated.span.start : stated.span.end] if stated is not None else ""
    if stated is None or not any(character.isdigit() for character in words):
        return
    found = stated.period.start.year if stated.period.start.year > year else stated.period.end.year
    if year - FAR_BACK <= found <= year:
        yield HOLDS
        return
    # A report is written in the following year, and may tell what was done until then.
    if found == year + 1 or case.text.count(str(found)) > RARE or case.text.count(str(year)) <= RARE:
        yield UNKNOWN
        return
    message = f"{case.name(position)}：{case.words(mention)} 写在“{words}”，而报告年度是 {year} 年"
    yield fails(message, [position], [mention], [stated.span])


RULES = (year_of_result,)
