"""Rates of money spent or arrived against the sums that they follow from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, combinations, permutations

from extractor.findings.case import Case
from extractor.findings.interval import Interval, ratio, total
from extractor.findings.powers import Slip, mistake, slip
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.terms import ADJUSTED, ARRIVED, BUDGETED, FUNDS, MONEY_RATES, PLAIN_RATES, RECEIVED, SPENT
from extractor.findings.words import percent_words
from extractor.types import RecordKind, Severity, Span

OF_MONEY = re.compile(
    r"占[^，。；]{0,14}(?:预算|资金|总投资|经费|专款)[^，。；]{0,8}的$|(?:完成|为)[^，。；]{0,10}预算[^，。；]{0,6}的$"
)
MOST_SUMS = 40  # whose pairs are tried
MOST_WHOLES = 3  # that a message shows
PRECISE = Decimal("0.1")  # percentage points: a rate so exact is hardly met by chance
FAR = Decimal("1.5")  # times that a rate may miss the quotient of sums that stand far apart
NEARLY_PRECISE = Decimal("0.2")  # so exact that one digit hardly makes it right by chance
SHORT_OF = re.compile(r"[较比][^，。；]{0,10}[少多]|缺口|未到位")  # the budget is told by how far the sum is from it
REALLY = "实际"  # 实际采购金额 is what was spent of 采购预算
SCOPE = 2  # characters that tell whose money it is
IMPOSSIBLE = Decimal(300)  # per cent that no rate of money reaches, whatever was added to the budget
LEFT_OVER = "carried-over"


@dataclass(frozen=True, slots=True)
class Rate:
    """A stated rate of money: its record and mention, what it may stand for, and the words for the sums of its two sides."""

    record: int
    mention: int
    claimed: Interval
    upper: tuple[str, ...]
    lower: tuple[str, ...]


@rule(
    "execution-rate",
    Severity.ERROR,
    "资金比率不符",
    "预算执行率、支出率等应等于支出数除以预算数或到位数，资金到位率应等于到位数除以预算数。",
)
def execution_rate(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        if record.kind is not RecordKind.PERFORMANCE or record.targets:
            continue
        for mention in record.achieved:
            if case.is_share(mention) and _is_money_rate(case, position, mention):
                yield _execution(case, _rate(case, position, mention, tolerance))


def _is_money_rate(case: Case, position: int, mention: int) -> bool:
    name = case.records[position].name or ""
    return name.endswith(MONEY_RATES) or OF_MONEY.search(case.clause_before(mention)) is not None


def _rate(case: Case, position: int, mention: int, tolerance: Decimal) -> Rate:
    claimed = case.interval(mention).widened(tolerance)
    name, clause = case.records[position].name or "", case.clause_before(mention)
    if "占" in clause or "为" in clause:
        whole = next((words for words in (RECEIVED, BUDGETED) if any(word in clause for word in words)), None)
        if whole is not None:
            return Rate(position, mention, claimed, (*SPENT, *(ARRIVED if whole is BUDGETED else ())), whole)
    if "到位" in name:
        return Rate(position, mention, claimed, ARRIVED, BUDGETED)
    return Rate(position, mention, claimed, (*SPENT, "拨付"), (*BUDGETED, *RECEIVED))


def _execution(case: Case, rate: Rate) -> Answer:
    start = case.span(rate.mention).start
    chapter = case.outline.chapter_at(start)
    money = _amounts(case, Span(0, len(case.text)))
    near = [one for one in money if case.outline.chapter_at(case.span(one).start) == chapter]
    if any(_quotient(case, a, b, rate.claimed) for a, b in permutations(near, 2)):
        return HOLDS
    part = _part(case, rate)
    if part is None:
        return _impossible(case, rate)
    wholes = _wholes(case, rate, part, money)
    if any(_is_share(case, part, whole, rate.claimed) for whole in _possible_wholes(case, part, money, wholes, rate.claimed)):
        return HOLDS
    return _wrong(case, rate, part, wholes) if wholes else _impossible(case, rate)


def _impossible(case: Case, rate: Rate) -> Answer:
    """Without the sums of a rate only its size can be judged."""
    message = f"{case.name(rate.record)}：{case.words(rate.mention)} 不可能这样高"
    return fails(message, [rate.record], [rate.mention]) if rate.claimed.low > IMPOSSIBLE else UNKNOWN


def _amounts(case: Case, span: Span) -> list[int]:
    """The single sums of public money that begin in a span."""
    found = [mention for mention in case.within(span) if case.owners.get(mention)]
    return case.levels(mention for mention in found if case.records[case.owners[mention][0]].kind is RecordKind.FUND)


def _quotient(case: Case, part: int, whole: int, rate: Interval) -> bool:
    return case.unit(part) == case.unit(whole) and _is_share(case, part, case.interval(whole), rate)


def _is_share(case: Case, part: int, whole: Interval, rate: Interval) -> bool:
    found = ratio(case.interval(part), whole)
    return found is not None and found.meets(rate)


def _possible_wholes(case: Case, part: int, money: Sequence[int], budgets: Sequence[int], rate: Interval) -> Iterator[Interval]:
    """Every other sum, and two together, and all budgets: a budget may have been raised, or be told by what is left of it."""
    others = [one for one in money if one != part and case.unit(one) == case.unit(part)]
    yield from (case.interval(one) for one in others)
    for a, b in chain(combinations(budgets, 2), combinations((part, *_comparable(case, part, others, rate)), 2)):
        yield case.interval(a) + case.interval(b)
    if budgets:
        yield total(case.interval(one) for one in budgets)


def _comparable(case: Case, part: int, others: Sequence[int], rate: Interval) -> list[int]:
    """The sums of which two may make a whole: those of the same part of the report; for a precise rate all."""
    if rate.high - rate.low < PRECISE:
        return list(others[:MOST_SUMS])
    section = case.outline.section_at(case.span(part).start)[:1]
    return [one for one in others if case.outline.section_at(case.span(one).start)[:1] == section][:MOST_SUMS]


def _part(case: Case, rate: Rate) -> int | None:
    """The sum above the line: the last of its kind before the rate, in its sentence, or in its paragraph for a plain rate."""
    start = case.span(rate.mention).start
    in_sentence = _between(case, case.sentence(start).start, start)
    scopes = [in_sentence]
    if not in_sentence and _is_plain(case, rate):
        scopes.append(_between(case, case.paragraph(start).start, start))
    for before in scopes:
        rates = [one for one in range(before[0], rate.mention) if case.is_share(one)] if before else []
        found = [one for one in before if _is_above(case, one, rate) and one > max(rates, default=-1)]
        if found:
            whole = [one for one in found if _record_parent(case, one) is None]
            return (whole or found)[-1]
    return None


def _is_plain(case: Case, rate: Rate) -> bool:
    """Whether the rate is of all money, not of one part of it."""
    return (case.records[rate.record].name or "") in PLAIN_RATES


def _between(case: Case, start: int, end: int) -> list[int]:
    return _amounts(case, Span(start, end)) if start < end else []


def _record_parent(case: Case, mention: int) -> int | None:
    return case.records[case.owners[mention][0]].parent


def _wholes(case: Case, rate: Rate, part: int, money: Sequence[int]) -> list[int]:
    """The sums below the line: those of the rate's sentence, else of its paragraph, else the report's, each number once.

    Further away a sum of quite another size is the budget of something else, unless its unit is wrong.
    """
    below = [one for one in money if one != part and case.unit(one) == case.unit(part) and _is_below(case, one, rate)]
    start, end = case.span(part).start, case.span(rate.mention).start
    beside = [one for one in below if case.sentence(start).start <= case.span(one).start < end]
    if beside:
        return case.distinct(beside)[-MOST_WHOLES:]
    if SHORT_OF.search(case.text[case.span(part).end : end]):
        return []
    above = [one for one in below if case.paragraph(start).start <= case.span(one).start < end]
    is_whole = _record_parent(case, part) is None
    if above and is_whole and _is_plain(case, rate):
        return case.distinct(above)[-MOST_WHOLES:]
    far = case.distinct(above)[-MOST_WHOLES:] or case.distinct(below)[:MOST_WHOLES]
    if not (is_whole and (_is_plain(case, rate) or OF_MONEY.search(case.clause_before(rate.mention)))):
        far = _of_same_scope(case, rate, part, money)
    is_alike = any(_is_alike(case, part, whole, rate) for whole in far)
    return far if is_alike or _mistake(case, rate, part, far) is not None else []


def _of_same_scope(case: Case, rate: Rate, part: int, money: Sequence[int]) -> list[int]:
    """The sums of what the rate is of, told by how its name begins: 省级 of 省级资金支付率; none if it may be several."""
    scope = (case.records[rate.record].name or "")[:SCOPE]
    found = [
        one
        for one in money
        if len(scope) == SCOPE
        and case.unit(one) == case.unit(part)
        and scope in (case.records[case.owners[one][0]].name or "")
        and not _is_above(case, one, rate)
    ]
    different = case.distinct([one for one in found if one != part])
    return different if len(different) == 1 else []


def _is_alike(case: Case, part: int, whole: int, rate: Rate) -> bool:
    found = ratio(case.interval(part), case.interval(whole))
    return found is not None and found.low <= rate.claimed.high * FAR and rate.claimed.low <= found.high * FAR


def _is_above(case: Case, mention: int, rate: Rate) -> bool:
    record = case.records[case.owners[mention][0]]
    name = record.name or ""
    if name.endswith(BUDGETED) or record.role == LEFT_OVER:
        return False
    is_paid = (record.role == "paid" or name.startswith(REALLY)) and rate.upper[: len(SPENT)] == SPENT
    return is_paid or name.endswith(rate.upper) or any(word in name + case.before(mention) for word in rate.upper)


def _is_below(case: Case, mention: int, rate: Rate) -> bool:
    """Whether a sum is a whole budget: named so, and no part of another."""
    record = case.records[case.owners[mention][0]]
    name, before = record.name or "", case.before(mention)
    if record.parent is not None or record.role == LEFT_OVER or _is_above(case, mention, rate):
        return False
    named = name.endswith((*rate.lower, *FUNDS)) or any(word in before for word in (*rate.lower, *ADJUSTED))
    return named or record.role in ("budget", "allocated")


def _wrong(case: Case, rate: Rate, part: int, wholes: Sequence[int]) -> Answer:
    quotients = [(whole, ratio(case.interval(part), case.interval(whole))) for whole in wholes]
    words = "，".join(
        f"{case.words(part)} ÷ {case.words(whole)} = {percent_words(found)}" for whole, found in quotients if found is not None
    )
    if not words:
        return UNKNOWN
    message = f"{case.name(rate.record)}：{words}，报告写的是 {case.words(rate.mention)}"

    cause = _mistake(case, rate, part, wholes)
    records = [rate.record, *(case.owners[one][0] for one in (part, *wholes))]
    return fails(message + (f"；{cause.proposal(case)}" if cause else ""), records, (part, *wholes, rate.mention))


def _mistake(case: Case, rate: Rate, part: int, wholes: Sequence[int]) -> Slip | None:
    """A slip that makes the rate right, of any sum or of the rate itself; one digit only where the rate is exact."""

    def agrees(values: dict[int, Interval]) -> bool:
        found = (ratio(values[part], values[whole]) for whole in wholes)
        return any(one is not None and one.meets(values[rate.mention]) for one in found)

    is_exact = rate.claimed.high - rate.claimed.low < NEARLY_PRECISE
    return (mistake if is_exact else slip)(case, (*wholes, part, rate.mention), agrees)


RULES = (execution_rate,)
