"""Rates of completion and of spending against the two numbers they follow from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, permutations, product

from extractor.findings.case import Case
from extractor.findings.interval import Interval, point, ratio
from extractor.findings.powers import slip
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.terms import BUDGETED, FUNDS, MONEY_RATES, RECEIVED, SPENT
from extractor.findings.words import percent_words
from extractor.output import stated_completion
from extractor.types import RecordKind, Severity, Span

COMPLETION_CUE = re.compile(
    r"完成率[^\d，。；]{0,8}$|完成(?!率)[^，。；]{0,24}的$|[占为](?!地)[^，。；]{0,16}(?:计划|目标|任务|预期)[^，。；]{0,10}的$"
)
TO_TARGET = re.compile(
    r"(?:[比较距离与]|超出?|低于|高于|少于|多于|优于)[^，。；]{0,8}(?:计划|目标|任务|指标值?|预期)[^，。；\d]{0,6}$"
)
OF_MONEY = re.compile(
    r"占[^，。；]{0,14}(?:预算|资金|总投资|经费|专款)[^，。；]{0,8}的$|(?:完成|为)[^，。；]{0,10}预算[^，。；]{0,6}的$"
)
MOST_SUMS = 40  # whose pairs are tried
PRECISE = Decimal("0.1")  # percentage points: a rate so exact is hardly met by chance


@rule(
    "completion-rate",
    Severity.ERROR,
    "完成率不符",
    "报告写出的完成率应等于实现值除以目标值（越小越好的指标也可以反过来除），四舍五入的差异不算。",
)
def completion_rate(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        stated = stated_completion(case.result, record)
        if stated is not None:
            yield _completion(case, position, stated, tolerance)


def _completion(case: Case, position: int, stated: int, tolerance: Decimal) -> Answer:
    record = case.records[position]
    rate = case.interval(stated).widened(tolerance)
    targets = case.distinct(case.levels(record.targets))
    achieved = case.distinct(case.levels(mention for mention in record.achieved if mention != stated))
    pairs = [(a, t) for a, t in product(achieved, targets) if case.unit(a) == case.unit(t)]
    if any(_is_rate(rate, case.interval(a), case.interval(t)) for a, t in pairs):
        return HOLDS
    alone = len(achieved) == len(targets) == 1
    if not alone or not COMPLETION_CUE.search(case.clause_before(stated)):
        return UNKNOWN
    (result,), (target,) = achieved, targets
    if not pairs:
        return _other_unit(case, position, (result, target, stated), rate)
    if case.may_be_ceiling(record):
        return UNKNOWN
    return _wrong_rate(case, [position], (result, target, stated), rate)


def _is_rate(rate: Interval, part: Interval, whole: Interval) -> bool:
    found = (ratio(part, whole), ratio(whole, part))
    return any(one is not None and one.meets(rate) for one in found)


def _wrong_rate(case: Case, records: Sequence[int], operands: tuple[int, int, int], rate: Interval) -> Answer:
    part, whole, stated = operands
    found = ratio(case.interval(part), case.interval(whole))
    if found is None:
        return UNKNOWN
    words = f"{case.words(part)} ÷ {case.words(whole)} = {percent_words(found)}，报告写的是 {case.words(stated)}"

    def agrees(values: dict[int, Interval]) -> bool:
        quotient = ratio(values[part], values[whole])
        return quotient is not None and quotient.meets(rate)

    mistake = slip(case, (whole, part), agrees)
    message = f"{case.name(records[0])}：{words}" + (f"；{mistake.proposal(case)}" if mistake else "")
    return fails(message, records, operands)


def _other_unit(case: Case, position: int, operands: tuple[int, int, int], rate: Interval) -> Answer:
    """Result and target in different units, and yet the bare numbers make the rate: one of the units is wrong."""
    result, target, stated = operands
    if not _is_rate(rate, case.interval(result), case.interval(target)):
        return UNKNOWN
    return fails(
        f"{case.name(position)}：实现值 {case.words(result)} 与目标值 {case.words(target)} 单位不同，"
        f"而完成率 {case.words(stated)} 按同一单位才成立，疑为单位错误",
        [position],
        operands,
    )


@rule(
    "difference-to-target",
    Severity.ERROR,
    "与目标的差数不符",
    "报告写出的“比计划多（少）多少”应等于实现值减目标值，写成百分比的应等于差数除以目标值。",
)
def difference_to_target(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        for change in case.changes(record.achieved):
            if TO_TARGET.search(case.clause_before(change)):
                yield _difference(case, position, change, tolerance)


def _difference(case: Case, position: int, change: int, tolerance: Decimal) -> Answer:
    record = case.records[position]
    targets, achieved = case.distinct(case.levels(record.targets)), case.distinct(case.levels(record.achieved))
    pairs = [(a, t) for a, t in product(achieved, targets) if case.unit(a) == case.unit(t)]
    stated = case.interval(change)
    sizes = [stated.widened(tolerance), (point(Decimal(0)) - stated).widened(tolerance)]
    for a, t in pairs:
        found = case.interval(a) - case.interval(t)
        relative = ratio(found, case.interval(t))
        if any(size.meets(found) or (relative is not None and size.meets(relative)) for size in sizes):
            return HOLDS
    unit = case.unit(change)
    fits = len(pairs) == len(targets) == len(achieved) == 1 and unit in (case.unit(targets[0]), "百分点", "%")
    if not fits:
        return UNKNOWN
    result, target = pairs[0]
    words = f"实现值 {case.words(result)} 与目标值 {case.words(target)} 的差数与报告写的“{case.words(change)}”不符"
    return fails(f"{case.name(position)}：{words}", [position], (result, target, change))


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
                yield _execution(case, position, mention, tolerance)


def _is_money_rate(case: Case, position: int, mention: int) -> bool:
    name = case.records[position].name or ""
    return name.endswith(MONEY_RATES) or OF_MONEY.search(case.clause_before(mention)) is not None


def _execution(case: Case, position: int, mention: int, tolerance: Decimal) -> Answer:
    rate = case.interval(mention).widened(tolerance)
    start = case.span(mention).start
    chapter = case.outline.chapter_at(start)
    money = _amounts(case, Span(0, len(case.text)))
    near = [one for one in money if case.outline.chapter_at(case.span(one).start) == chapter]
    if any(_quotient(case, a, b, rate) for a, b in permutations(near, 2)):
        return HOLDS
    operands = _spent_and_planned(case, position, mention)
    if operands is not None:
        return _wrong_rate(case, _owners(case, position, operands), (*operands, mention), rate)
    spent = _spent_just_before(case, position, mention)
    return UNKNOWN if spent is None else _against_budgets(case, position, (spent, mention), money, rate)


def _owners(case: Case, position: int, mentions: Sequence[int]) -> list[int]:
    return [position, *(case.owners[mention][0] for mention in mentions)]


def _quotient(case: Case, part: int, whole: int, rate: Interval) -> bool:
    if case.unit(part) != case.unit(whole):
        return False
    found = ratio(case.interval(part), case.interval(whole))
    return found is not None and found.meets(rate)


def _amounts(case: Case, span: Span) -> list[int]:
    """The single sums of public money that begin in a span."""
    found = [mention for mention in case.within(span) if case.owners.get(mention)]
    return case.levels(mention for mention in found if case.records[case.owners[mention][0]].kind is RecordKind.FUND)


def _sentence_money(case: Case, mention: int) -> list[int]:
    """The sums that stand before a rate in its sentence."""
    start = case.span(mention).start
    sentence = case.sentence(start)
    return _amounts(case, Span(sentence.start, start)) if sentence.start < start else []


def _spent_and_planned(case: Case, position: int, mention: int) -> tuple[int, int] | None:
    """The two sums of the rate's own sentence, before it, whose names say which is which; None where they do not."""
    money = _sentence_money(case, mention)
    upper, lower = _roles(case, position, mention)
    spent = [one for one in money if _named(case, one, upper)]
    planned = [one for one in money if one not in spent and _named(case, one, lower)]
    if len(money) == 2 and len(spent) == len(planned) == 1 and case.unit(spent[0]) == case.unit(planned[0]):
        return spent[0], planned[0]
    return None


def _roles(case: Case, position: int, mention: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the sums above and below the line are called."""
    name, clause = case.records[position].name or "", case.clause_before(mention)
    if "占" in clause or "为" in clause:
        whole = next((words for words in (RECEIVED, BUDGETED) if any(word in clause for word in words)), None)
        if whole is not None:
            return (*SPENT, *(RECEIVED if whole is BUDGETED else ())), whole
    return (RECEIVED, BUDGETED) if "到位" in name else ((*SPENT, "拨付"), (*BUDGETED, *RECEIVED))


def _spent_just_before(case: Case, position: int, mention: int) -> int | None:
    """The only sum of the rate's sentence before it, with no other value between, if it is of money spent (or arrived)."""
    money = _sentence_money(case, mention)
    values = [one for one in range(money[-1] + 1, mention) if case.quantity(one) is not None] if money else []
    is_plain = len(money) == 1 and not values and _named(case, money[0], _roles(case, position, mention)[0])
    return money[0] if is_plain else None


def _against_budgets(case: Case, position: int, operands: tuple[int, int], money: Sequence[int], rate: Interval) -> Answer:
    """The sum spent against the budgets stated elsewhere.

    The rate is wrong where no sum, nor two together, give it. The one that is meant is the last budget of the same
    paragraph, or else the report's only one.
    """
    spent, mention = operands
    others = [one for one in money if one != spent and case.unit(one) == case.unit(spent)]
    wholes = [case.interval(one) for one in others]
    # A budget may have been raised, or be told by what is left of it.
    pairs = combinations((spent, *_comparable(case, spent, others, rate)), 2)
    wholes += [case.interval(a) + case.interval(b) for a, b in pairs]
    if any((share := ratio(case.interval(spent), whole)) is not None and share.meets(rate) for whole in wholes):
        return HOLDS
    whole = _meant(case, position, operands, others)
    if whole is None:
        return UNKNOWN
    return _wrong_rate(case, _owners(case, position, (spent, whole)), (spent, whole, mention), rate)


def _comparable(case: Case, spent: int, others: Sequence[int], rate: Interval) -> list[int]:
    """The sums of which two may make a whole: those of the same part of the report; for a precise rate all."""
    if rate.high - rate.low < PRECISE:
        return list(others[:MOST_SUMS])
    part = case.outline.section_at(case.span(spent).start)[:1]
    return [one for one in others if case.outline.section_at(case.span(one).start)[:1] == part][:MOST_SUMS]


def _meant(case: Case, position: int, operands: tuple[int, int], money: Sequence[int]) -> int | None:
    """The budget that a rate is most likely of; None where nothing tells, or the sum spent exceeds it (a supplement)."""
    spent, mention = operands
    lower = _roles(case, position, mention)[1]
    budgets = [one for one in money if _is_budget(case, one, lower)]
    paragraph = case.paragraph(case.span(spent).start)
    beside = [one for one in budgets if one < spent and case.span(one).start >= paragraph.start]
    different = case.distinct(budgets)
    whole = beside[-1] if beside else different[0] if len(different) == 1 else None
    return None if whole is None or case.interval(whole).below(case.interval(spent)) else whole


def _is_budget(case: Case, mention: int, words: Sequence[str]) -> bool:
    """Whether a sum is a whole budget: named so, and no part of another."""
    record = case.records[case.owners[mention][0]]
    is_whole = record.parent is None and not (record.name or "").endswith(SPENT)
    return is_whole and (_named(case, mention, words) or (record.name or "").endswith(FUNDS))


def _named(case: Case, mention: int, words: Sequence[str]) -> bool:
    name = case.records[case.owners[mention][0]].name or ""
    return name.endswith(tuple(words)) or any(word in case.before(mention) for word in words)


RULES = (completion_rate, difference_to_target, execution_rate)
