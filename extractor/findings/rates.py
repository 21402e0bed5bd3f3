"""Rates of completion and of spending against the two numbers they follow from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product

from extractor.findings.case import Case
from extractor.findings.interval import Interval, point, ratio
from extractor.findings.powers import slip
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.words import percent_words
from extractor.output import stated_completion
from extractor.schema import BUDGETED, MONEY_RATES, RECEIVED, SPENT
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
HUNDRED = point(Decimal(100))


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
    section = case.outline.chapter_at(case.span(mention).start)
    money = [one for one in _amounts(case, Span(0, len(case.text))) if case.outline.chapter_at(case.span(one).start) == section]
    near = _amounts(case, case.paragraph(case.span(mention).start))
    pool = case.distinct([*near, *money])
    if any(_quotient(case, a, b, rate) for a, b in product(pool, pool) if a != b):
        return HOLDS
    operands = _spent_and_planned(case, position, mention)
    if operands is None:
        return UNKNOWN
    records = [position, *(case.owners[one][0] for one in operands)]
    return _wrong_rate(case, records, (*operands, mention), rate)


def _quotient(case: Case, part: int, whole: int, rate: Interval) -> bool:
    if case.unit(part) != case.unit(whole):
        return False
    found = ratio(case.interval(part), case.interval(whole))
    return found is not None and found.meets(rate)


def _amounts(case: Case, span: Span) -> list[int]:
    """The single sums of public money that begin in a span."""
    found = [mention for mention in case.within(span) if case.owners.get(mention)]
    return case.levels(mention for mention in found if case.records[case.owners[mention][0]].kind is RecordKind.FUND)


def _spent_and_planned(case: Case, position: int, mention: int) -> tuple[int, int] | None:
    """The two sums of the rate's own sentence, before it, whose names say which is which; None where they do not."""
    sentence = case.sentence(case.span(mention).start)
    money = case.distinct(
        _amounts(case, Span(sentence.start, case.span(mention).start)) if sentence.start < case.span(mention).start else []
    )
    name = case.records[position].name or ""
    upper = RECEIVED if "到位" in name else SPENT
    lower = BUDGETED if "到位" in name else (*BUDGETED, *RECEIVED)
    spent = [one for one in money if _named(case, one, upper)]
    planned = [one for one in money if one not in spent and _named(case, one, lower)]
    if len(money) == 2 and len(spent) == len(planned) == 1 and case.unit(spent[0]) == case.unit(planned[0]):
        return spent[0], planned[0]
    return None


def _named(case: Case, mention: int, words: Sequence[str]) -> bool:
    name = case.records[case.owners[mention][0]].name or ""
    return name.endswith(tuple(words)) or any(word in case.before(mention) for word in words)


RULES = (completion_rate, difference_to_target, execution_rate)
