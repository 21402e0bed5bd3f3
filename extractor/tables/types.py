"""The value between finding a table and reading its cells, whatever the table looked like in the file.

A recogniser says which words stand under which column of which row, and nothing about what they are worth::

    ruled tables (blocks with cells) ── grid, headers ──┐
                                                        ├──▶ TableRows ── cells, records ──▶ mentions, records, account
    tables flattened into text (lines, tabs, prose) ────┘

Whoever makes a `TableRows` keeps these promises, and everything after it is shared:

- Words are half-open spans of ``Document.text`` without blanks at their ends; no copy of the words travels. A cell may be
  broken in several spans (a page break, a head over two columns), which are in text order. Empty cells, and those that say
  "nothing here" with a stroke, are both allowed and judged later.
- Every row that was seen, heads and blank rows too, has a number from 0 and is in exactly one of ``indicators``, ``funds``
  and ``left``; `TableRows` refuses to be made otherwise. For a table in text a row is what the recogniser takes for one.
- Levels and values of merged or lost cells are filled in already: a row bears all that is true of it. Points that several
  rows share stand in the first of them only, so that they add up.
- ``confidence`` of a row is the probability that its words stand under the right columns. A recogniser that is less sure
  than it should be of a whole table leaves the table alone: all its rows are left out as unsure, with a problem, and the
  text stays prose.
- ``prose`` is what the tagger shall read like any other prose, with the head that rules it. Words of rows that are in
  neither ``prose`` nor a row are read by nobody, so a row that is left out must be in ``prose`` or say why it is in ``left``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from extractor.schema import Column
from extractor.types import Fact, Problem, Span

Words = tuple[Span, ...]  # of one cell, in text order; empty where the cell is empty


class LeftOut(StrEnum):
    """Why a row became no record; the words are shown to auditors."""

    TITLE = "表名"
    BLANK = "空行"
    HEAD = "表头"
    REPEATED_HEAD = "重复的表头"
    TOTAL = "合计行"
    FACTS = "基本信息"
    GOAL = "总体目标，按正文处理"
    NOTE = "说明文字，按正文处理"
    TORN = "上一行的续行，已并入上一行"
    NO_AMOUNT = "没有填写金额"
    NO_CONTENT = "没有指标名称，也没有指标值"
    UNKNOWN = "不是指标、资金或基本信息"
    TOO_LARGE = "表格过大，未处理"
    UNSURE = "行列分辨不清，按正文处理"


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One row of an indicator table.

    ``cells`` holds the words under each column that the table has; the deepest level is `Column.INDICATOR`. ``heads`` holds
    the words of the columns' heads, outermost first, from which units and years are inherited; rows of one table share it.
    ``extras`` are columns that mean nothing to us (head, words), kept as they are.
    """

    number: int
    cells: Mapping[Column, Words]
    heads: Mapping[Column, str] = field(default_factory=dict)
    extras: tuple[tuple[str, Words], ...] = ()
    confidence: float = 1.0

    def words(self, column: Column) -> Words:
        return self.cells.get(column, ())


@dataclass(frozen=True, slots=True)
class FundAmount:
    """One amount of a funding block: its words, those of its column's head, and the unit that the block declares."""

    cell: Span
    head: Words = ()
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class FundRow:
    """One row of a funding block: what the money is (其中：财政拨款), outermost name first, and its amounts.

    ``cells`` holds what else the row says: weight, score, completion (执行率), reason.
    """

    number: int
    item: Words
    amounts: tuple[FundAmount, ...]
    cells: Mapping[Column, Words] = field(default_factory=dict)
    confidence: float = 1.0

    def words(self, column: Column) -> Words:
        return self.cells.get(column, ())


@dataclass(frozen=True, slots=True)
class Prose:
    """Words inside a table that the tagger reads; ``head`` rules them like a heading (预期目标, 实际完成情况)."""

    span: Span
    head: str | None = None


@dataclass(frozen=True, slots=True)
class LeftRow:
    number: int
    why: LeftOut


@dataclass(frozen=True, slots=True)
class Total:
    """The points that a table adds up itself."""

    number: int
    weight: Words = ()
    score: Words = ()


@dataclass(frozen=True, slots=True)
class TableRows:
    """All rows of one table, in the order of their numbers. Raises ValueError where a row is missing or counted twice."""

    span: Span  # of the whole table
    n_rows: int
    indicators: tuple[IndicatorRow, ...] = ()
    funds: tuple[FundRow, ...] = ()
    left: tuple[LeftRow, ...] = ()
    facts: tuple[Fact, ...] = ()
    prose: tuple[Prose, ...] = ()
    totals: tuple[Total, ...] = ()  # each also in ``left``
    problems: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        counts = Counter(self._numbers())
        wrong = sorted(number for number in {*counts, *range(self.n_rows)} if counts[number] != 1 or number >= self.n_rows)
        if wrong:
            raise ValueError(f"rows {wrong[:5]} of {self.n_rows} are missing or counted twice")

    @property
    def is_form(self) -> bool:
        """Whether anything was understood; other tables stay as the outline reads them."""
        return bool(self.indicators or self.funds or self.facts or self.prose)

    def _numbers(self) -> Iterator[int]:
        for rows in (self.indicators, self.funds, self.left):
            yield from (row.number for row in rows)
