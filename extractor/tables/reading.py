"""Rows of a ruled table → `TableRows`: every row is read by the head it stands under, or left out for a stated reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from extractor import quantity
from extractor.schema import BLANK_NAMES, LEVELS, POINTS, VALUES, Column
from extractor.tables.amounts import amounts_under_heads
from extractor.tables.grid import Grid, GridCell
from extractor.tables.headers import fact_of, is_goal, is_note, is_result, is_subtotal, is_total
from extractor.tables.headless import first_row, layout_by_looks, unclear
from extractor.tables.layouts import (
    FundLayout,
    GoalLayout,
    IndicatorLayout,
    Layout,
    layout_at,
    unknown_heads,
)
from extractor.tables.pairs import amounts_beside_names, facts_beside_names, facts_within
from extractor.tables.sentences import goals_beside_names, goals_under_heads, remarks, sentences
from extractor.tables.torn import rest_of_row, with_rest
from extractor.tables.types import (
    FundRow,
    IndicatorRow,
    LeftOut,
    LeftRow,
    Prose,
    TableRows,
    Total,
    Words,
)
from extractor.tables.words import head_text, is_blank
from extractor.types import Fact, Problem, Span

ENOUGH_FACTS = 2  # of different names: a table that tells them is the head of a form
TORN = 0.5  # for a row whose points are no number
_POINTS = re.compile(r"[0-9０-９.．,，/*×%％分（）()=\s-]*")
_DIGIT = re.compile("[0-9０-９]")
_BLANK_NAME = re.compile(BLANK_NAMES)


@dataclass(frozen=True, slots=True)
class Carried:
    """What holds on in the next table when that goes on with this one on the next page."""

    layout: Layout | None = None
    levels: tuple[tuple[Column, Words], ...] = ()
    n_columns: int = 0
    last: IndicatorRow | None = None  # which the end of the page may have torn
    mended: IndicatorRow | None = None  # the last row of the table before with its rest


@dataclass(slots=True)
class Reader:
    """Reads one grid from top to bottom."""

    text: str
    grid: Grid
    unit: str | None  # of money, as the words before the table declare it
    year: int | None
    lost_cells: bool = False  # whether cells below merged ones are lost, so that those after them stand too far left
    layout: Layout | None = None
    levels: dict[Column, Words] = field(default_factory=dict)
    indicators: list[IndicatorRow] = field(default_factory=list)
    funds: list[FundRow] = field(default_factory=list)
    left: dict[int, LeftOut] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    prose: list[Prose] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rated: bool = False  # whether a funding block rates what was spent
    has_goals: bool = False
    is_unclear: bool = False  # rows of indicators stand under no head, and their columns are not clear
    on_new_page: bool = False  # nothing but heads was read since the end of a page
    last_before: IndicatorRow | None = None  # of the table that this one goes on with
    mended: IndicatorRow | None = None  # the same with the rest that stands here

    def read(self, span: Span) -> TableRows:
        row = 0
        while row < self.grid.n_rows:
            row = self._row(row)
        rows = TableRows(
            span,
            self.grid.n_rows,
            tuple(self.indicators),
            tuple(self.funds),
            tuple(LeftRow(number, why) for number, why in sorted(self.left.items())),
            tuple(self.facts),
            tuple(self.prose),
            tuple(self.totals),
            tuple(self.problems),
        )
        return rows if self._is_form() else left_alone(span, self.grid.n_rows, LeftOut.UNKNOWN, tuple(self.problems))

    def go_on(self, carried: Carried) -> None:
        """Read as the rest of the table before."""
        if carried.layout is not None:
            self.layout = replace(carried.layout, body=0)
            self.levels = dict(carried.levels)
            self.last_before = carried.last
            self.on_new_page = True

    def carried(self) -> Carried:
        last = self.indicators[-1] if self.indicators else None
        return Carried(self.layout, tuple(self.levels.items()), self.grid.n_columns, last, self.mended)

    def _is_form(self) -> bool:
        facts = len({fact.name for fact in self.facts}) >= ENOUGH_FACTS
        return bool(self.indicators or self.rated or self.has_goals or facts)

    # ── One row ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _row(self, row: int) -> int:
        """Read a row, or the rows of a head; returns the next row."""
        own = [cell for cell in self.grid.own(row) if cell.span is not None]
        if not own:
            self.left[row] = LeftOut.BLANK
            return row + 1
        layout = layout_at(self.text, self.grid, row, self.year)
        if layout is not None:
            return self._head(row, layout)
        self._without_head(row)
        self._declared_unit(own)
        why = self._read_row(row, own)
        if why is not None:
            self.left[row] = why
        return row + 1

    def _head(self, row: int, layout: Layout) -> int:
        before = self.layout
        same = isinstance(before, IndicatorLayout) and isinstance(layout, IndicatorLayout) and layout.columns == before.columns
        if isinstance(layout, IndicatorLayout) and not same:
            self.levels = {}
            self.problems += (
                Problem(
                    f"characters {span.start}-{span.end}",
                    f"表格列“{name}”含义不明，已原样保留；可识别的列有指标、指标值、完成值、分值、得分、原因等",
                )
                for span, name in unknown_heads(self.text, layout)
            )
        self.on_new_page = same
        self.layout = layout
        for number in range(row, layout.body):
            self.left[number] = LeftOut.REPEATED_HEAD if same else LeftOut.HEAD
        return layout.body

    def _without_head(self, row: int) -> None:
        """Where rows of indicators begin without a head, take their columns for what they look like."""
        if isinstance(self.layout, IndicatorLayout) or self.is_unclear or not first_row(self.text, self.grid, row):
            return
        layout = layout_by_looks(self.text, self.grid, row)
        if layout is not None:
            self.layout, self.levels = layout, {}
            return
        self.is_unclear = True
        spans = [cell.span for cell in self.grid.own(row) if cell.span is not None]
        self.problems.append(unclear(Span(spans[0].start, spans[-1].end)))

    def _declared_unit(self, own: Sequence[GridCell]) -> None:
        for cell in own:
            words = head_text(self.text, cell.span)
            if "单位" in words:
                self.unit = quantity.head_unit(words) or self.unit

    def _read_row(self, row: int, own: Sequence[GridCell]) -> LeftOut | None:
        """Read a row that is no head; returns why it is left out, None where it became a record."""
        first = head_text(self.text, own[0].span)
        in_rows = isinstance(self.layout, IndicatorLayout)
        # Totals, facts, remarks and a goal beside its name may stand anywhere.
        if in_rows and is_total(first):
            return self._total(row, first)
        if fact_of(first) or not (in_rows and self._has_values(row)):
            if self._read_facts(row, own):
                self.layout = None
                # The funding block of some forms goes on in the same row, which is its row then.
                return None if self._read_pairs(row) else LeftOut.FACTS
            if first and is_note(first) and not isinstance(self.layout, GoalLayout):
                return self._note(own)
        if not in_rows and (is_goal(first) or is_result(first)) and len(own) > 1:
            return self._goal_pairs(own)
        return self._content(row, own)

    def _content(self, row: int, own: Sequence[GridCell]) -> LeftOut | None:
        """The same for a row that can only be read by the heads it stands under."""
        if isinstance(self.layout, IndicatorLayout):
            return self._indicator(row, own, self.layout)
        if isinstance(self.layout, FundLayout) and row >= self.layout.body:
            return self._fund(row, self.layout)
        if isinstance(self.layout, GoalLayout) and self._goal(own, self.layout):
            return LeftOut.GOAL
        if self._read_pairs(row):
            return None
        return self._other(own)

    # ── Indicators ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _indicator(self, row: int, own: Sequence[GridCell], layout: IndicatorLayout) -> LeftOut | None:
        if len(own) == 1 and 2 * (own[0].right - own[0].column) > self.grid.n_columns > 2:
            return self._group(own[0], layout)
        cells, extras = self._under(row, layout)
        if self.on_new_page and self._mends(cells):
            return LeftOut.TORN
        self.on_new_page = False
        self._fill_levels(cells)
        name = cells.get(Column.INDICATOR, ())
        if name and _BLANK_NAME.fullmatch(head_text(self.text, name[0])):
            cells[Column.INDICATOR] = name[1:]
        written = {column for column, words in cells.items() if not is_blank(self.text, words)}
        if not written & {Column.INDICATOR, *VALUES, Column.WEIGHT, Column.SCORE}:
            return LeftOut.NO_CONTENT
        points = (span for point in (Column.WEIGHT, Column.SCORE) for span in cells.get(point, ()))
        torn = any(not _POINTS.fullmatch(head_text(self.text, span) or "长") for span in points)
        confidence = layout.confidence * (TORN if torn else 1.0)
        self.indicators.append(IndicatorRow(row, cells, layout.heads, extras, confidence))
        return None

    def _mends(self, cells: dict[Column, Words]) -> bool:
        """Whether cells are the rest of the row that the end of a page tore; it is put together again."""
        last = self.indicators[-1] if self.indicators else self.last_before
        rest = rest_of_row(self.text, cells, last)
        if rest is None or last is None:
            return False
        if self.indicators:
            self.indicators[-1] = with_rest(last, rest)
        else:
            self.mended = self.last_before = with_rest(last, rest)
        return True

    def _under(self, row: int, layout: IndicatorLayout) -> tuple[dict[Column, Words], tuple[tuple[str, Words], ...]]:
        """The words of a row under each column; points merged from above stay with the row they began in."""
        cells: dict[Column, dict[Span, None]] = {}
        extras: dict[Span, str] = {}
        for column, cell in enumerate(self.grid.fields[row]):
            if cell is None or cell.span is None or cell.row < layout.body:
                continue
            meaning = layout.columns[column] if column < len(layout.columns) else None
            if meaning in POINTS and cell.row < row:
                continue
            if meaning in VALUES and layout.columns[cell.column] in (*LEVELS, Column.INDICATOR):
                continue  # a name merged over the columns of values is no value
            if meaning is not None:
                cells.setdefault(meaning, {})[cell.span] = None
            elif column in layout.extras and cell.row == row:
                extras[cell.span] = layout.extras[column]
        named = {span for spans in cells.values() for span in spans}
        kept = tuple((head, (span,)) for span, head in extras.items() if span not in named)
        return {column: tuple(spans) for column, spans in cells.items()}, kept

    def _fill_levels(self, cells: dict[Column, Words]) -> None:
        """Levels that a row leaves blank are those of the row above, as far as no higher level has changed."""
        changed = False
        for level in LEVELS:
            words = cells.get(level, ())
            if words and not is_blank(self.text, words):
                changed = changed or words != self.levels.get(level)
                self.levels[level] = words
            elif changed:
                self.levels.pop(level, None)
            if level in self.levels:
                cells[level] = self.levels[level]

    def _group(self, cell: GridCell, layout: IndicatorLayout) -> LeftOut:
        """A row of one cell: a level written across the table, or a remark."""
        words = head_text(self.text, cell.span)
        if "指标" in words and cell.span is not None and Column.LEVEL1 not in layout.columns:
            self.levels = {Column.LEVEL1: (cell.span,)}
            return LeftOut.HEAD
        return self._note([cell])

    def _has_values(self, row: int) -> bool:
        """Whether a row states a number in the columns of values or points."""
        if not isinstance(self.layout, IndicatorLayout):
            return False
        cells, _ = self._under(row, self.layout)
        names = {span for column in (*LEVELS, Column.INDICATOR) for span in cells.get(column, ())}
        stated = {span for column in (*VALUES, Column.WEIGHT, Column.SCORE) for span in cells.get(column, ())} - names
        return any(_DIGIT.search(head_text(self.text, span)) for span in stated)

    def _total(self, row: int, first: str) -> LeftOut:
        if isinstance(self.layout, IndicatorLayout) and not is_subtotal(first):
            cells, _ = self._under(row, self.layout)
            self.totals.append(Total(row, cells.get(Column.WEIGHT, ()), cells.get(Column.SCORE, ())))
        return LeftOut.TOTAL

    # ── Money ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _fund(self, row: int, layout: FundLayout) -> LeftOut | None:
        found = amounts_under_heads(self.text, self.grid, row, layout, unit=layout.unit or self.unit, lost_cells=self.lost_cells)
        if found is None:
            return LeftOut.NO_AMOUNT
        self.rated = self.rated or layout.has_points
        self.funds.append(found)
        return None

    def _read_pairs(self, row: int) -> bool:
        found = amounts_beside_names(self.text, self.grid, row, self.unit)
        if found is not None:
            self.funds.append(found)
        return found is not None

    # ── Facts, goals and remarks ─────────────────────────────────────────────────────────────────────────────────────

    def _read_facts(self, row: int, own: Sequence[GridCell]) -> bool:
        found = facts_beside_names(self.text, self.grid, row)
        if found is None:
            found = facts_within(self.text, own, is_title=self.layout is None)
        self.facts += found or ()
        return found is not None

    def _goal(self, own: Sequence[GridCell], layout: GoalLayout) -> bool:
        found = goals_under_heads(self.text, own, layout, lost_cells=self.lost_cells)
        self.prose += found
        self.has_goals = self.has_goals or bool(found)
        return bool(found)

    def _goal_pairs(self, own: Sequence[GridCell]) -> LeftOut:
        found = goals_beside_names(self.text, own)
        self.prose += found
        self.has_goals = self.has_goals or bool(found)
        return LeftOut.GOAL

    def _note(self, own: Sequence[GridCell]) -> LeftOut:
        self.prose += remarks(self.text, own)
        return LeftOut.NOTE

    def _other(self, own: Sequence[GridCell]) -> LeftOut:
        found = sentences(self.text, own)
        self.prose += found
        if found:
            return LeftOut.GOAL if found[0].head else LeftOut.NOTE
        return LeftOut.TITLE if self.layout is None and len(own) == 1 else LeftOut.UNKNOWN


def left_alone(span: Span, n_rows: int, why: LeftOut, problems: tuple[Problem, ...] = ()) -> TableRows:
    """A table of which nothing was made; the outline reads it as it reads any table."""
    return TableRows(span, n_rows, left=tuple(LeftRow(number, why) for number in range(n_rows)), problems=problems)
