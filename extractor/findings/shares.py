"""Shares against part and whole, and percentages that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import product

from extractor.findings.case import Case
from extractor.findings.interval import HUNDRED, Interval, ratio
from extractor.findings.powers import Slip, doubled
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.terms import AT_MOST_ALL
from extractor.findings.words import percent_words
from extractor.quantity import MONEY, TIMES
from extractor.stated import stated_completion
from extractor.types import RecordKind, Severity

SHARE_CUE = re.compile(r"占[^，。；]{0,20}$")
NOT_OF_PARTS = re.compile(r"计划|目标|任务|预算|资金")
WHOLE_WORDS = re.compile(
    r"占(?:到|了|比)?(?:达|为|约|超)?(?:全部|全年|本年|当年|同期|全[省市县区镇乡]|总体?)*"
    r"(?P<name>[^，。；]*?)(?:的(?:比[重例])?(?:达|为|约|超)*)?$"
)
ANY_WHOLE = ("数", "额", "量", "人数", "个数", "合计")  # 占总数的, whatever is counted
SUFFIXES = ("率", "比例", "占比", "覆盖面")
OF_OTHERS = ("失业率", "增长率", "发生率", "死亡率", "利用率", "收益率")  # of wholes that reports do not count
LEAST_STEM = 2
MOST_TIMES = 10  # a rate is more than its quotient even by a slip
NEAR = Decimal("0.2")  # how far the quotient may be from a rate that is meant to be it


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
    rate = case.interval(mention).widened(tolerance)
    paragraph = case.levels(case.within(case.paragraph(case.span(mention).start)))
    if any(_meets(case, a, b, rate) for a, b in product(paragraph, paragraph) if a != b):
        return HOLDS
    operands = _part_and_whole(case, position, mention)
    if operands is None:
        return UNKNOWN
    return HOLDS if _meets(case, *operands, rate) else _wrong(case, position, *operands, mention)


def _part_and_whole(case: Case, position: int, mention: int) -> tuple[int, int] | None:
    """The number right before the share, or the share's own, and the total of which its record is a part; None without them."""
    own = [one for one in case.results(case.records[position]) if case.unit(one) != "%"]
    part = own[0] if len(own) == 1 else _just_before(case, mention)
    if part is None or case.unit(part) == "%":
        return None
    words = WHOLE_WORDS.search(case.clause_before(mention))
    name = words["name"] if words is not None and words["name"] not in ANY_WHOLE else ""
    wholes = [one for one in _totals(case, position, part) if case.unit(one) == case.unit(part)]
    named = [one for one in wholes if not name or _alike(case, one, name)]
    if not named and name:
        start = case.paragraph(case.span(mention).start).start
        before = case.levels(case.between(start, case.span(mention).start), case.unit(part))
        own_records = {position, *case.owners.get(part, ())}
        others = [one for one in before if not own_records.intersection(case.owners.get(one, ()))]
        named = case.distinct([one for one in others if _alike(case, one, name)])
    return (part, named[0]) if len(named) == 1 and case.interval(named[0]) != case.interval(part) else None


def _just_before(case: Case, mention: int) -> int | None:
    """The last number before the share in its sentence, where nothing but the share's own words stands between."""
    start = case.sentence(case.span(mention).start).start
    before = [one for one in case.between(start, case.span(mention).start) if case.quantity(one) is not None]
    return before[-1] if before and case.levels(before[-1:]) else None


def _totals(case: Case, position: int, part: int) -> list[int]:
    """The numbers of the records that the share's or the part's record is a part of."""
    parents = {case.records[owner].parent for owner in (position, *case.owners.get(part, ()))} - {None}
    found = [case.records[parent] for parent in sorted(parent for parent in parents if parent is not None)]
    return case.distinct([one for record in found for one in (*case.results(record), *case.levels(record.amounts))])


def _alike(case: Case, mention: int, name: str) -> bool:
    """Whether a number's record bears about this name: its first two characters are in it."""
    names = [case.records[owner].name or "" for owner in case.owners.get(mention, ())]
    return any(name[:2] in one for one in names)


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
    if name and name.endswith(OF_OTHERS):
        return ""
    return name.removesuffix(suffix)[-2:] if name and suffix and len(name) >= LEAST_STEM + len(suffix) else ""


def _of_counts(case: Case, position: int, mention: int, stem: str, tolerance: Decimal) -> Iterator[Answer]:
    rate = case.interval(mention).widened(tolerance)
    sentence = case.sentence(case.span(mention).start)
    before = case.sentence(max(0, sentence.start - 1))
    counts = case.distinct([one for one in case.levels(case.between(before.start, sentence.end)) if _is_count(case, one)])
    parts = [one for one in counts if one < mention and _named(case, one, stem)]
    pairs = [(a, b) for a, b in product(parts, counts) if a != b and case.unit(a) == case.unit(b)]
    if not pairs:
        return
    paragraph = [one for one in case.levels(case.within(case.paragraph(sentence.start))) if _is_count(case, one)]
    if any(_meets(case, a, b, rate) for a, b in product(counts, paragraph) if a != b):
        yield HOLDS
    elif (direct := _directly(case, pairs, mention)) is not None:
        yield _wrong(case, position, *direct, mention)
    elif len(pairs) == 1 and _nearly(case, *pairs[0], rate.widened(NEAR)) and not _rated(case, *pairs[0]):
        yield _wrong(case, position, *pairs[0], mention)
    else:
        yield UNKNOWN


def _directly(case: Case, pairs: Iterable[tuple[int, int]], mention: int) -> tuple[int, int] | None:
    """The part and whole right before their rate."""
    return next((pair for pair in pairs if _in_a_row(case, pair, mention)), None)


def _in_a_row(case: Case, pair: tuple[int, int], mention: int) -> bool:
    """Whether the whole and its part are the last two counts of the rate's sentence, and the rate can be of them at all."""
    part, whole = pair
    start = case.span(mention).start
    counts = case.levels(case.between(case.sentence(start).start, start), case.unit(part))
    parents = [{case.records[owner].parent for owner in case.owners.get(one, ())} - {None} for one in pair]
    found = ratio(case.interval(part), case.interval(whole))
    rate = case.interval(mention)
    # A rate of less than all of it cannot be of a part that is more than the whole.
    can_be = found is not None and (found.low <= HUNDRED or rate.high < HUNDRED)
    is_alike = can_be and found is not None and rate.low <= found.high * MOST_TIMES and found.low <= rate.high * MOST_TIMES
    is_own = is_alike or _doubled(case, part, whole, mention) is not None
    return counts[-2:] == [whole, part] and is_own and not parents[0] & parents[1] and not _rated(case, part, whole)


def _doubled(case: Case, part: int, whole: int, mention: int) -> Slip | None:
    """A digit of the counts or of their rate that was written twice."""

    def agrees(values: dict[int, Interval]) -> bool:
        found = ratio(values[part], values[whole])
        return found is not None and found.meets(values[mention])

    return doubled(case, (part, whole, mention), agrees)


def _rated(case: Case, part: int, whole: int) -> bool:
    """Whether another rate stands between the two counts: the whole then is the part of that one."""
    return any(case.is_share(one) for one in range(min(part, whole), max(part, whole)))


def _is_count(case: Case, mention: int) -> bool:
    """Whether whole things are counted; sums of money, durations and measures have rates that are no quotients."""
    found = case.interval(mention)
    return found.low == found.high and case.unit(mention) not in (*MONEY, *TIMES, "%")


def _nearly(case: Case, part: int, whole: int, rate: Interval) -> bool:
    """Whether the quotient is near enough to the rate to be meant by it."""
    found = ratio(case.interval(part), case.interval(whole))
    return found is not None and found.high <= HUNDRED and rate.meets(found)


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
