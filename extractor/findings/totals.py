"""Whole indicator tables: what their weights and scores add up to, and what their blocks of money say of the execution."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from extractor.findings.case import Case
from extractor.findings.goals import says_something
from extractor.findings.interval import HALF, HUNDRED, Interval, point, ratio, total
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.scores import points, rounded, rows_of
from extractor.findings.terms import MONEY_RATES, TOTAL_SCORES
from extractor.findings.words import middle, percent_words
from extractor.quantity import plain
from extractor.tables.types import LeftOut
from extractor.types import QuantityKind, Record, RecordKind, Severity, TableAccount

# 90: the other ten are for the execution rate. More than a hundred are several tables in one.
WHOLES = tuple(Decimal(100 * n_tables - outside) for n_tables in range(1, 6) for outside in (0, 10, 20))
# Tables of 产出 and 效益 only, where the prose scores 决策 and 过程.
EXCERPTS = tuple(Decimal(points) for points in range(50, 90, 5))
LARGEST = Decimal(110)  # points of one table, even where some are wrong
LEAST_ROWS = 5
LEAST_RATE = Decimal("0.8")  # lower rates have rules of their own
LOST = (LeftOut.UNSURE, LeftOut.TOO_LARGE, LeftOut.UNKNOWN)
GROUP_WEIGHT = re.compile(r"[（(]\s*(\d+(?:\.\d+)?)\s*分?\s*[)）]")
WEIGHT_COLUMN = re.compile(r"权重|分值")  # beside the one of the rows' own weights
RATE_COLUMN = "执行率"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one table (positions of records), and what it says of itself."""

    rows: tuple[int, ...]
    account: TableAccount | None

    @property
    def may_lack_rows(self) -> bool:
        return self.account is not None and any(why in LOST for _, why in self.account.left)


def _tables(case: Case) -> list[Table]:
    """The tables with their rows that bear points, or should: indicators, and the rate of money where it is scored."""
    found: dict[int | None, list[int]] = {}
    for position in rows_of(case):
        record = case.records[position]
        if record.kind is RecordKind.PERFORMANCE or points(record.weight) is not None:
            found.setdefault(record.row[0] if record.row is not None else None, []).append(position)
    accounts = case.result.tables
    tables: list[Table] = []
    for number, rows in found.items():
        table = Table(tuple(rows), accounts[number] if number is not None and number < len(accounts) else None)
        if tables and _goes_on(case, tables[-1], table):
            tables[-1:] = [Table(tables[-1].rows + table.rows, table.account)]
        else:
            tables.append(table)
    return tables


def _goes_on(case: Case, before: Table, table: Table) -> bool:
    """Whether two tables are pages of one: the first states no total, and together they have no more points than one."""
    if before.account is None or table.account is None or before.account.weight or before.account.score:
        return False
    sums = [_added(case, one.rows, _weight)[1] for one in (before, table)]
    return all(one.low > 0 for one in sums) and total(sums).high <= LARGEST


def _added(case: Case, rows: Iterable[int], cell: Callable[[Record], str | None]) -> tuple[int, Interval]:
    """How many rows have points in a column, and their sum.

    Many roundings hardly ever all go one way: the sum is off by three standard deviations at most.
    """
    known = [found for position in rows if (found := points(cell(case.records[position]))) is not None]
    halves = [(found.high - found.low) / 2 for found in known]
    slack = min(sum(halves, Decimal(0)), sum((3 * half * half for half in halves), Decimal(0)).sqrt())
    exact = sum(map(middle, known), Decimal(0))
    return len(known), Interval(exact - slack, exact + slack)


def _weight(record: Record) -> str | None:
    return record.weight


def _score(record: Record) -> str | None:
    return record.score


@rule(
    "weights-add-up",
    Severity.WARNING,
    "分值合计不符",
    "指标表各指标的分值合计应为 100 分（执行率单列 10 分的为 90 分），并与表中写出的合计、一级指标后注明的分值相符。",
)
def weights_add_up(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    tables = _tables(case)
    everything = _added(case, (position for table in tables for position in table.rows), _weight)[1].widened(tolerance)
    for table in tables:
        n_known, found = _added(case, table.rows, _weight)
        if n_known < LEAST_ROWS:
            continue
        yield from _groups(case, table, tolerance)
        claimed = points(table.account.weight) if table.account is not None else None
        yield _weights(table, n_known, found.widened(tolerance), everything, claimed)


def _weights(table: Table, n_known: int, found: Interval, everything: Interval, claimed: Interval | None) -> Answer:
    is_whole = any(one.meets(point(whole)) for one in (found, everything) for whole in WHOLES)
    # The ten points of the execution rate often stand outside of the table, whose total counts them even so.
    if is_whole and (claimed is None or found.meets(claimed) or claimed.meets(point(HUNDRED))):
        return HOLDS
    if claimed is None and any(found.meets(point(excerpt)) for excerpt in EXCERPTS):
        return UNKNOWN
    if found.high < HUNDRED and (n_known < len(table.rows) or table.may_lack_rows):
        return UNKNOWN
    stated = "100" if claimed is None or found.meets(claimed) else f"表中写的合计 {plain(middle(claimed))}"
    return fails(f"{len(table.rows)} 个指标的分值合计为 {plain(middle(found))}，不是{stated}", table.rows)


def _groups(case: Case, table: Table, tolerance: Decimal) -> Iterator[Answer]:
    """Groups whose weight is told in their name, 产出指标（50分）, or in a column beside it."""
    groups: dict[str, list[int]] = {}
    for position in table.rows:
        groups.setdefault(case.records[position].level1 or "", []).append(position)
    for name, rows in groups.items():
        stated = _group_weight(case, name, rows)
        n_known, found = _added(case, rows, _weight)
        if stated is None or n_known < len(rows):
            continue
        if found.widened(tolerance).meets(stated):
            yield HOLDS
        else:
            words = f"“{name}”下 {len(rows)} 个指标的分值合计为 {plain(middle(found))}"
            yield fails(f"{words}，表中写的是 {plain(middle(stated))}", rows)


def _group_weight(case: Case, name: str, rows: Sequence[int]) -> Interval | None:
    """What a table says that a group weighs; None where it says nothing, or several things."""
    if (named := GROUP_WEIGHT.search(name)) is not None:
        return point(Decimal(named[1]))
    cells = {words for row in rows for head, words in case.records[row].extras if WEIGHT_COLUMN.search(head)}
    stated = [found for words in cells if (found := points(words)) is not None]
    return stated[0] if name and len(cells) == len(stated) == 1 else None


@rule("scores-add-up", Severity.ERROR, "得分合计不符", "指标表各指标得分之和应等于表中的合计，也应等于正文写出的自评得分。")
def scores_add_up(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    scored = [found for table in _tables(case) if (found := _scored(case, table, tolerance)) is not None]
    for one in scored:
        account = one.table.account
        claimed = points(account.score) if account is not None else None
        if account is not None and claimed is not None:
            yield _scores(one, claimed, (account.score or "", (), ()))
    for position, stated, words, mentions in _totals(case):
        if any(one.found.meets(stated) for one in scored):
            yield HOLDS
        elif len(scored) == 1:
            yield _scores(scored[0], stated, (words, (position,), mentions))


@dataclass(frozen=True, slots=True)
class Scored:
    """A table with its scores added up; ``outside`` are points of the whole that none of its rows has."""

    table: Table
    n_known: int
    found: Interval
    outside: Interval


def _scored(case: Case, table: Table, tolerance: Decimal) -> Scored | None:
    n_known, found = _added(case, table.rows, _score)
    if n_known < LEAST_ROWS:
        return None
    weights = _added(case, table.rows, _weight)[1]
    lacking = next(
        ((HUNDRED - whole % HUNDRED) % HUNDRED for whole in (*WHOLES, *EXCERPTS) if weights.meets(point(whole))), Decimal(0)
    )
    return Scored(table, n_known, found.widened(tolerance), Interval(Decimal(0), lacking))


def _scores(scored: Scored, claimed: Interval, told: tuple[str, Sequence[int], Sequence[int]]) -> Answer:
    table, n_known, found, outside = scored.table, scored.n_known, scored.found, scored.outside
    words, records, mentions = told
    if found.meets(claimed):
        return HOLDS
    if found.below(claimed) and not (found + outside).below(claimed):
        return UNKNOWN
    if found.below(claimed) and (n_known < len(table.rows) or table.may_lack_rows):
        return UNKNOWN
    message = f"{len(table.rows)} 个指标的得分之和为 {plain(middle(found))}，报告写的总分是 {words}"
    return fails(message, [*records, *table.rows], mentions)


def _totals(case: Case) -> Iterator[tuple[int, Interval, str, Sequence[int]]]:
    """Every stated total: (record, points, words, mentions), from rows that are totals and from the prose."""
    for position, record in enumerate(case.records):
        if not (record.name or "").endswith(TOTAL_SCORES) or record.parent is not None:
            continue
        cell = points(record.score)
        if cell is not None and record.score is not None:
            yield position, cell, record.score, ()
        for mention in record.achieved:
            quantity = case.quantity(mention)
            if quantity is not None and quantity.kind is QuantityKind.SCORE:
                yield position, case.interval(mention), case.words(mention), (mention,)


@rule("execution-score", Severity.WARNING, "执行率得分不符", "预算执行率的得分应等于分值乘以执行率（满分为止）。")
def execution_score(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position in rows_of(case):
        record = case.records[position]
        weight, score, rate = points(record.weight), rounded(record.score), _stated_rate(case, record)
        if weight is None or score is None or rate is None:
            continue
        expected = weight * rate / point(HUNDRED)
        if score.widened(tolerance).meets(Interval(min(expected.low, weight.high), min(expected.high, weight.high))):
            yield HOLDS
        elif (way := _way_off(record, expected, weight, score)) is not None:
            words = f"执行率 {percent_words(rate)}，分值 {record.weight}，得分 {record.score} {way}"
            yield fails(f"{case.name(position)}：{words}", [position], record.mentions)
        else:
            yield UNKNOWN


def _way_off(record: Record, expected: Interval, weight: Interval, score: Interval) -> str | None:
    """Whether a score is too high or too low for its rate; None where a rule of its own may have given it.

    Rates are often scored in whole points, low ones not at all, and a row may tell how, or what was taken off for what.
    """
    if expected.below(score):
        return None if weight.below(score) else "偏高"
    due = min(expected.low, weight.low)
    told = says_something(record.reason) or any(head != RATE_COLUMN for head, _ in record.extras)
    is_low = score.high > 0 and score.below(point(due.to_integral_value(ROUND_FLOOR))) and due >= weight.high * LEAST_RATE
    return "偏低" if is_low and not told else None


def _stated_rate(case: Case, record: Record) -> Interval | None:
    """The rate of a row of money, or of an indicator that is one."""
    if record.kind is RecordKind.FUND:
        return _percentage(dict(record.extras).get(RATE_COLUMN))
    rates = case.levels(record.achieved, "%") if (record.name or "").endswith(MONEY_RATES) else []
    return case.interval(rates[0]) if len(rates) == 1 else None


@rule("table-execution", Severity.ERROR, "表中执行率不符", "资金表中一行的执行率应等于执行数除以预算数。")
def table_execution(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position in rows_of(case):
        record = case.records[position]
        rate = _percentage(dict(record.extras).get(RATE_COLUMN)) if record.kind is RecordKind.FUND else None
        if rate is None or not record.amounts:
            continue
        part = record.amounts[0]
        row = [other for other in case.records if other.row == record.row and other is not record]
        wholes = [one for other in row for one in case.levels(other.amounts, case.unit(part))]
        shares = {one: share for one in wholes if (share := ratio(case.interval(part), case.interval(one))) is not None}
        if any(share.meets(rate.widened(tolerance)) for share in shares.values()):
            yield HOLDS
        elif shares and rate.high > 0:
            words = "，".join(f"{case.words(part)} ÷ {case.words(one)} = {percent_words(share)}" for one, share in shares.items())
            message = f"{case.name(position)}：{words}，表中写的执行率是 {dict(record.extras)[RATE_COLUMN]}"
            yield fails(message, [position], (part, *shares))


def _percentage(words: str | None) -> Interval | None:
    """What a printed rate stands for, as percent; None where the words are no number."""
    found = points(words)
    if found is None or words is None:
        return None
    # A whole percentage is rounded, or cut off; points read it as exact.
    return found if "." in words else Interval(found.low - HALF, found.high + 1)


RULES = (execution_score, weights_add_up, scores_add_up, table_execution)
