"""Shares against part and whole, and percentages that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product

from extractor.findings.case import Case
from extractor.findings.interval import HUNDRED, Interval, ratio
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.terms import AT_MOST_ALL
from extractor.findings.words import percent_words
from extractor.output import stated_completion
from extractor.quantity import MONEY, TIMES
from extractor.types import RecordKind, Severity, Span

SHARE_CUE = re.compile(r"占[^，。；]{0,20}$")
NOT_OF_PARTS = re.compile(r"计划|目标|任务|预算|资金")
SUFFIXES = ("率", "比例", "占比", "覆盖面")
LEAST_STEM = 2
NEAR = Decimal("0.2")


@rule(
    "share-of-whole",
    Severity.ERROR,
    "占比不符",
    "报告写出的占比应等于部分除以总体。",
)
def share_of_whole(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        for mention in record.achieved:
            words = case.clause_before(mention)
            if case.is_share(mention) and SHARE_CUE.search(words) and not NOT_OF_PARTS.search(words):
                yield _share(case, position, mention, tolerance)


def _share(case: Case, position: int, mention: int, tolerance: Decimal) -> Answer:
    record, rate = case.records[position], case.interval(mention).widened(tolerance)
    paragraph = case.levels(case.within(case.paragraph(case.span(mention).start)))
    if any(_meets(case, a, b, rate) for a, b in product(paragraph, paragraph) if a != b):
        return HOLDS
    own = case.results(record)
    whole = case.results(case.records[record.parent]) if record.parent is not None else []
    fits = len(own) == len(whole) == 1 and case.unit(own[0]) == case.unit(whole[0]) != "%"
    if not fits or not _together(case, own[0], whole[0], mention):
        return UNKNOWN
    return _wrong(case, position, own[0], whole[0], mention)


def _together(case: Case, *mentions: int) -> bool:
    return len({case.sentence(case.span(mention).start) for mention in mentions}) == 1


def _meets(case: Case, part: int, whole: int, rate: Interval) -> bool:
    if case.unit(part) != case.unit(whole) or case.unit(part) == "%":
        return False
    found = ratio(case.interval(part), case.interval(whole))
    return found is not None and found.meets(rate)


def _wrong(case: Case, position: int, part: int, whole: int, stated: int) -> Answer:
    found = ratio(case.interval(part), case.interval(whole))
    if found is None:
        return UNKNOWN
    quotient = f"{case.words(part)} ÷ {case.words(whole)} = {percent_words(found)}"
    return fails(
        f"{case.name(position)}：{quotient}，报告写的是 {case.words(stated)}",
        [position, *case.owners.get(part, ()), *case.owners.get(whole, ())],
        (part, whole, stated),
    )


@rule(
    "rate-of-counts",
    Severity.WARNING,
    "比率与个数不符",
    "同一句中写出的比率（如完工率）应等于相应的个数（如完工个数）除以总数。",
)
def rate_of_counts(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        stem = _stem(record.name)
        for mention in record.achieved if stem and record.kind is RecordKind.PERFORMANCE else ():
            if case.is_share(mention) and stated_completion(case.result, record) != mention:
                yield from _of_counts(case, position, mention, stem, tolerance)


def _stem(name: str | None) -> str:
    """What a rate is a rate of: 完工 of 完工率; empty where the name is none of a rate."""
    suffix = next((suffix for suffix in SUFFIXES if name and name.endswith(suffix)), None)
    return name.removesuffix(suffix)[-2:] if name and suffix and len(name) >= LEAST_STEM + len(suffix) else ""


def _of_counts(case: Case, position: int, mention: int, stem: str, tolerance: Decimal) -> Iterator[Answer]:
    rate = case.interval(mention).widened(tolerance)
    sentence = case.sentence(case.span(mention).start)
    before = case.sentence(max(0, sentence.start - 1))
    counts = case.distinct([one for one in case.levels(case.within(Span(before.start, sentence.end))) if _is_count(case, one)])
    parts = [one for one in counts if one < mention and _named(case, one, stem)]
    pairs = [(a, b) for a, b in product(parts, counts) if a != b and case.unit(a) == case.unit(b)]
    if not pairs:
        return
    paragraph = [one for one in case.levels(case.within(case.paragraph(sentence.start))) if _is_count(case, one)]
    if any(_meets(case, a, b, rate) for a, b in product(counts, paragraph) if a != b):
        yield HOLDS
    elif len(pairs) == 1 and _nearly(case, *pairs[0], rate):
        yield _wrong(case, position, *pairs[0], mention)
    else:
        yield UNKNOWN


def _is_count(case: Case, mention: int) -> bool:
    """Whether whole things are counted; sums of money, durations and measures have rates that are no quotients."""
    found = case.interval(mention)
    return found.low == found.high and case.unit(mention) not in (*MONEY, *TIMES, "%")


def _nearly(case: Case, part: int, whole: int, rate: Interval) -> bool:
    """Whether the quotient is near enough to the rate to be meant by it."""
    found = ratio(case.interval(part), case.interval(whole))
    return found is not None and found.high <= HUNDRED and rate.widened(NEAR).meets(found)


def _named(case: Case, mention: int, stem: str) -> bool:
    return any(stem in (case.records[owner].name or "") for owner in case.owners.get(mention, ()))


@rule(
    "percent-over-100",
    Severity.ERROR,
    "百分比超过 100%",
    "合格率、满意度、覆盖率等不可能超过 100%。",
)
def percent_over_100(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        if not record.name or not record.name.endswith(AT_MOST_ALL):
            continue
        completion = stated_completion(case.result, record)
        for mention in (*record.targets, *record.achieved):
            if case.is_share(mention) and mention != completion:
                over = case.interval(mention).low > HUNDRED * (1 + tolerance)
                message = f"{case.name(position)}：{case.words(mention)} 超过 100%"
                yield fails(message, [position], [mention]) if over else HOLDS


RULES = (share_of_whole, rate_of_counts, percent_over_100)
