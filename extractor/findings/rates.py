"""Rates of completion and differences to targets against the two numbers they follow from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product

from extractor.findings.case import Case
from extractor.findings.interval import HUNDRED, Interval, point, printed, ratio
from extractor.findings.powers import Agrees, mistake
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.words import percent_words
from extractor.quantity import QuantityError, parse
from extractor.stated import stated_completion
from extractor.types import Origin, QuantityKind, Record, Severity

COMPLETION_CUE = re.compile(
    r"(?:完成率[^\d，。；]{0,8}|(?<!超额)(?<!超)完成|完成(?!率)[^，。；]{0,24}的|[占为是](?!地)[^，。；]{0,16}(?:计划|目标|任务|预期|预算)[^，。；]{0,10}的"
    r"|完成[^，。；\d]{0,16}(?:计划|目标|任务)[数值]?|(?:计划|目标|任务|设计量)[数值]?的)"
    r"(?:\d[\d.]*[%％][、和及与])*$"  # the rates before it in one breath: 分别为目标的110%和
)
RATE_HEAD = re.compile(r"完成率|完成比例|完成程度")
TO_TARGET = re.compile(
    r"(?:[比较距离与]|超出?|低于|高于|少于|多于|优于)[^，。；]{0,8}(?:计划|目标|任务|指标值?|预期)[^，。；\d]{0,6}$"
)


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
        elif (column := _rate_column(record)) is not None:
            yield _in_column(case, position, *column, tolerance)


def _rate_column(record: Record) -> tuple[str, Interval] | None:
    """What a row's own column of completion rates says: its words and what they stand for; None without one."""
    words = next((words for head, words in record.extras if RATE_HEAD.search(head)), "")
    try:
        found = printed(parse(words, head_unit="%"))
    except QuantityError:
        return None
    return words, found


def _in_column(case: Case, position: int, words: str, rate: Interval, tolerance: Decimal) -> Answer:
    """A rate in a column of its own, beside a target and a result that are rates themselves."""
    record = case.records[position]
    targets, results = case.distinct(case.levels(record.targets)), case.results(record)
    if not len(targets) == len(results) == 1 or case.unit(targets[0]) != case.unit(results[0]):
        return UNKNOWN
    result, target = case.interval(results[0]), case.interval(targets[0])
    if _is_rate(rate.widened(tolerance), result, target) or _is_capped(rate, result, target):
        return HOLDS
    found = ratio(result, target)
    if found is None or case.may_be_ceiling(record):
        return UNKNOWN
    quotient = f"{case.words(results[0])} ÷ {case.words(targets[0])} = {percent_words(found)}"
    return fails(f"{case.name(position)}：{quotient}，表中写的完成率是 {words}", [position], (results[0], targets[0]))


def _is_capped(rate: Interval, result: Interval, target: Interval) -> bool:
    """Whether a column that shows 100 % at most says so of a target that was reached."""
    return rate.meets(point(HUNDRED)) and not result.below(target)


def _completion(case: Case, position: int, stated: int, tolerance: Decimal) -> Answer:
    record = case.records[position]
    rate = case.interval(stated).widened(tolerance)
    targets = case.distinct(case.levels(record.targets))
    counted = (mention for mention in record.achieved if mention != stated and not _is_score(case, mention))
    achieved = case.distinct(case.levels(counted))
    pairs = [(a, t) for a, t in product(achieved, targets) if case.unit(a) == case.unit(t)]
    if any(_is_rate(rate, case.interval(a), case.interval(t)) for a, t in pairs):
        return HOLDS
    is_cell = case.result.mentions[stated].origin is Origin.TABLE
    if is_cell and any(_is_capped(rate, case.interval(a), case.interval(t)) for a, t in pairs):
        return HOLDS
    if not is_cell and not COMPLETION_CUE.search(case.clause_before(stated)):
        return UNKNOWN
    if not pairs and len(achieved) == len(targets) == 1:
        return _other_unit(case, position, (achieved[0], targets[0], stated), rate)
    if not pairs or case.is_ceiling(record) or (is_cell and (len(pairs) > 1 or case.may_be_ceiling(record))):
        return UNKNOWN
    return _wrong_rate(case, position, (*_meant(case, pairs, stated, rate), stated), rate)


def _is_score(case: Case, mention: int) -> bool:
    quantity = case.quantity(mention)
    return quantity is not None and quantity.kind is QuantityKind.SCORE


def _is_rate(rate: Interval, part: Interval, whole: Interval) -> bool:
    found = (ratio(part, whole), ratio(whole, part))
    return any(one is not None and one.meets(rate) for one in found)


def _meant(case: Case, pairs: Sequence[tuple[int, int]], stated: int, rate: Interval) -> tuple[int, int]:
    """Of several results and targets those that one slip would make agree, else the result last stated before the rate."""
    explained = (pair for pair in pairs if mistake(case, (pair[1], pair[0]), _agreeing(pair, rate)))
    nearest = max(pairs, key=lambda pair: (pair[0] < stated, pair[0] if pair[0] < stated else -pair[0], -pair[1]))
    return nearest if len(pairs) == 1 else next(explained, nearest)


def _agreeing(pair: tuple[int, int], rate: Interval) -> Agrees:
    part, whole = pair

    def agrees(values: dict[int, Interval]) -> bool:
        quotient = ratio(values[part], values[whole])
        return quotient is not None and quotient.meets(rate)

    return agrees


def _wrong_rate(case: Case, position: int, operands: tuple[int, int, int], rate: Interval) -> Answer:
    part, whole, stated = operands
    found = ratio(case.interval(part), case.interval(whole))
    if found is None:
        return UNKNOWN
    words = f"{case.words(part)} ÷ {case.words(whole)} = {percent_words(found)}，报告写的是 {case.words(stated)}"
    slip = mistake(case, (whole, part), _agreeing((part, whole), rate))
    message = f"{case.name(position)}：{words}" + (f"；{slip.proposal(case)}" if slip else "")
    return fails(message, [position], operands)


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
    if len(pairs) != 1 or unit not in (case.unit(pairs[0][1]), "百分点", "%"):
        return UNKNOWN
    result, target = pairs[0]
    words = f"实现值 {case.words(result)} 与目标值 {case.words(target)} 的差数与报告写的“{case.words(change)}”不符"
    return fails(f"{case.name(position)}：{words}", [position], (result, target, change))


RULES = (completion_rate, difference_to_target)
