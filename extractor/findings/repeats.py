"""The same thing stated twice with different numbers: in prose, and in prose and table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations

from extractor.findings.case import Case
from extractor.findings.interval import Interval, last_place, point
from extractor.findings.powers import Slip, slip
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, Verdict, fails, rule
from extractor.findings.terms import BUDGETED, RECEIVED, SPENT
from extractor.periods import PLANS_AHEAD
from extractor.types import Origin, Record, RecordKind, Severity

FORECAST = re.compile(r"预计|预期|力争|有望|可(?:达|突破|完成)|调|追加|原|后")
# Before a target that openly takes the place of another.
CHANGED = re.compile(r"[调降压减增改核缩加定][^，。；]{0,3}[为到至在成]|自加压力")
PLANNED = re.compile(r"目标|计划|任务|拟|力争|预期|要求")
DONE = re.compile(r"完成|实际|实现|达到|累计|共")
ZERO = point(Decimal(0))
DISTINCT = 3  # digits of a number that hardly stands for two indicators
Values = Callable[[Case, Record], list[int]]


@rule(
    "stated-twice",
    Severity.ERROR,
    "前后数值不一",
    "同一指标或同一笔资金在报告中写出两次的，数值应当一致（四舍五入、约数的差异不算）。",
)
def stated_twice(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        amounts = case.levels(record.amounts)
        for values in (case.results(record), case.distinct(amounts)):
            yield from _repeats(case, position, values, tolerance)
        yield from (HOLDS for _ in _again(case, case.levels(record.achieved)))
        yield from (HOLDS for _ in _again(case, amounts))


def _again(case: Case, mentions: Sequence[int]) -> list[int]:
    """Those that state a number which one before them has stated already."""
    return sorted(set(mentions) - set(case.distinct(mentions)))


def _repeats(case: Case, position: int, values: Sequence[int], tolerance: Decimal) -> Iterator[Answer]:
    is_money = bool(case.records[position].amounts)
    for first, second in combinations(values, 2):
        if case.unit(first) != case.unit(second):
            continue
        if _same(case, first, second, tolerance):
            yield HOLDS
        elif _is_difference(case, position, first, second) or _same_sentence(case, first, second):
            yield UNKNOWN
        elif not is_money and _is_planned(case, position, first) != _is_planned(case, position, second):
            yield UNKNOWN  # a target that was read as a result
        elif is_money and not (_same_role(case, first, second) or _slip(case, first, second)):
            yield UNKNOWN  # planned and spent money often bears one name
        else:
            yield _contradiction(case, [position], first, second)


def _same(case: Case, first: int, second: int, tolerance: Decimal) -> bool:
    """Whether both numbers may be one: rounded, about, or the coarser one cut off (126.8亿元 and 126亿元)."""
    one, other = case.interval(first).widened(tolerance), case.interval(second)
    return one.meets(other) or _cut_off(case, first, second) or _cut_off(case, second, first)


def _cut_off(case: Case, coarse: int, fine: int) -> bool:
    quantity, whole = case.quantity(coarse), case.interval(fine)
    return quantity is not None and (quantity.low == whole.low or quantity.low <= whole.low < quantity.low + last_place(quantity))


def _same_role(case: Case, first: int, second: int) -> bool:
    """Whether the words before both sums do not say different things of them: planned, received or spent."""
    roles = [{words for words in (BUDGETED, RECEIVED, SPENT) if _has(case, mention, words)} for mention in (first, second)]
    return len(roles[0] | roles[1]) <= 1


def _has(case: Case, mention: int, words: tuple[str, ...]) -> bool:
    return any(word in case.clause_before(mention) for word in words)


def _slip(case: Case, first: int, second: int) -> Slip | None:
    def agrees(values: dict[int, Interval]) -> bool:
        return values[first].meets(values[second])

    return slip(case, (first, second), agrees)


def _is_difference(case: Case, position: int, first: int, second: int) -> bool:
    """Whether one of two results is only how far the other is from its target (126个，超额6个)."""
    record = case.records[position]
    for result, gap in ((first, second), (second, first)):
        for base in case.levels(record.targets, case.unit(first)):
            difference = case.interval(result) - case.interval(base)
            if case.interval(gap).meets(difference) or case.interval(gap).meets(ZERO - difference):
                return True
    return False


def _same_sentence(case: Case, first: int, second: int) -> bool:
    """Whoever writes two numbers into one sentence sees that they differ, and means two things."""
    return case.sentence(case.span(first).start) == case.sentence(case.span(second).start)


def _is_planned(case: Case, position: int, mention: int) -> bool:
    """Whether nothing before a number says that it was reached, and it is the target's or the sentence speaks of goals."""
    span = case.span(mention)
    lead = case.text[case.sentence(span.start).start : span.start]
    targets = case.levels(case.records[position].targets, case.unit(mention))
    is_targets = any(case.interval(mention) == case.interval(target) for target in targets)
    return DONE.search(lead) is None and (is_targets or PLANNED.search(lead) is not None)


def _contradiction(case: Case, records: Sequence[int], first: int, second: int) -> Answer:
    mistake = _slip(case, first, second)
    message = f"{case.name(records[0])}：一处写 {case.words(first)}，另一处写 {case.words(second)}"
    return fails(message + (f"；{mistake.proposal(case)}" if mistake else ""), records, (first, second))


@rule(
    "target-stated-twice",
    Severity.WARNING,
    "目标前后不一",
    "同一指标的目标值写出两次的应当一致；不一致时可能在事后调整过目标。",
)
def target_stated_twice(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        stated = case.levels(record.targets)
        targets = case.distinct(stated)
        yield from (HOLDS for _ in _again(case, stated))
        for first, second in combinations(targets, 2):
            if case.unit(first) == case.unit(second):
                yield _two_targets(case, position, first, second, tolerance)


def _two_targets(case: Case, position: int, first: int, second: int, tolerance: Decimal) -> Answer:
    if _same(case, first, second, tolerance):
        return HOLDS
    lead = case.clause_before(first) + case.clause_before(second)
    years = {_year(case, mention) for mention in (first, second)}
    is_told = FORECAST.search(lead) or CHANGED.search(lead)
    if is_told or _same_sentence(case, first, second) or len(years) > 1:
        return UNKNOWN
    return _contradiction(case, [position], first, second)


def _year(case: Case, mention: int) -> int | None:
    span = case.span(mention)
    period = case.calendar.at(span, case.sentence(span.start), case.outline.section_at(span.start))
    return period.end.year if period is not None else None


@rule(
    "table-against-prose",
    Severity.WARNING,
    "表格与正文不一",
    "指标表中的目标值、实现值应与正文中同一指标的数值一致；表中目标值等于实现值而正文目标不同的，可能在事后调整过目标。",
)
def table_against_prose(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    prose = {position: _key(record) for position, record in enumerate(case.records) if record.origin is not Origin.TABLE}
    by_name: dict[str, list[int]] = {}
    for position, key in prose.items():
        by_name.setdefault(key, []).append(position)
    for row, record in enumerate(case.records):
        if Origin.TEXT in (sources := record.sources(case.result.mentions)) and Origin.TABLE in sources:
            yield HOLDS  # they are one record, because they agree
        elif record.origin is Origin.TABLE and record.kind is RecordKind.PERFORMANCE:
            others = _spoken_of(case, row, prose, by_name)
            for values in (_targets, _results):
                answers = [one for other in others for one in _row_and_prose(case, (row, other), values, tolerance)]
                # Prose that tells the values of several years names that of the row somewhere.
                yield from [one for one in answers if one.verdict is Verdict.HOLDS] or answers


def _targets(case: Case, record: Record) -> list[int]:
    return case.levels(record.targets)


def _results(case: Case, record: Record) -> list[int]:
    return case.results(record)


def _spoken_of(case: Case, row: int, prose: Mapping[int, str], by_name: Mapping[str, Sequence[int]]) -> list[int]:
    """The prose records of a row's indicator: those that reading the table connected with it, and those of its name.

    prose: the names of all prose records by their positions; by_name: their positions by name.
    """
    record, key = case.records[row], _key(case.records[row])
    named = by_name.get(key, ()) if key else ()
    related = (one for one in record.related if one in prose and _begin_alike(key, prose[one]))
    alike = _of_the_same_result(case, record, prose)
    return sorted({one for one in (*related, *named, *alike) if _is_of_the_year(case, one, record)})


def _of_the_same_result(case: Case, row: Record, prose: Iterable[int]) -> Iterator[int]:
    """The prose with the result of a row that states it as its target, too: a number that no two indicators share."""
    targets, results = ([case.quantity(one) for one in values(case, row)] for values in (_targets, _results))
    result = results[0] if len(results) == 1 and results == targets else None
    if result is None or len(result.low.normalize().as_tuple().digits) < DISTINCT:
        return
    for position in prose:
        if any(case.quantity(one) == result for one in case.results(case.records[position])):
            yield position


def _is_of_the_year(case: Case, position: int, row: Record) -> bool:
    """Whether a prose record is of the row's year, and no plan for the next one."""
    other = case.records[position]
    lead = case.clause_before(other.values[0]) if other.values else ""
    ahead = any(PLANS_AHEAD.search(words) for words in (*other.section, lead))
    is_other_year = None not in (years := {case.year(other), case.year(row)}) and len(years) > 1
    return not is_other_year and not ahead


def _begin_alike(one: str, other: str) -> bool:
    """Whether one name goes on where the other ends (受益学生人数); what stands before a name makes it another (新认定企业)."""
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


def _key(record: Record) -> str:
    return re.sub(r"[\W_]+", "", record.name or "")


def _row_and_prose(case: Case, records: tuple[int, int], values: Values, tolerance: Decimal) -> Iterator[Answer]:
    """A row and a prose record compared unit by unit, where each states one number of the unit."""
    table, prose = (values(case, case.records[position]) for position in records)
    for unit in dict.fromkeys(map(case.unit, table)):
        ours, theirs = case.distinct(case.levels(table, unit)), case.distinct(case.levels(prose, unit))
        if len(ours) == len(theirs) == 1:
            same = _same(case, ours[0], theirs[0], tolerance)
            yield HOLDS if same else _contradiction(case, records, ours[0], theirs[0])


RULES = (stated_twice, target_stated_twice, table_against_prose)
