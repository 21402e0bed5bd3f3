"""The best path through a flattened table → rows, with levels filled down, totals, remarks and their confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from extractor.schema import LEVELS, VALUES, Column
from extractor.tables.headers import is_subtotal
from extractor.tables.lattice import Move, Path, is_main, span_of
from extractor.tables.layouts import NO_HEAD
from extractor.tables.pieces import Atom, Piece, without_markup
from extractor.tables.runs import Aside, Run, Slot
from extractor.tables.shapes import shape
from extractor.tables.torn import Cells, rest_of_cell, rest_of_row, with_rest
from extractor.tables.types import (
    IndicatorRow,
    LeftOut,
    LeftRow,
    Prose,
    TableRows,
    Total,
    Words,
)
from extractor.tables.words import bare, cell_text, is_empty, is_prose, stripped
from extractor.types import Problem, Span

SURE = 0.96  # a row of which every cell looks as its column demands, in a table whose points add up
PER_MISFIT = 0.8  # a cell of the core that looks otherwise
PER_MISSING = 0.7  # a column of the core without a cell
NOT_ADDED = 0.97  # points that no total or round sum confirms
WRONGLY_ADDED = 0.85


@dataclass(slots=True)
class Assembly:
    """Collects the parts of one table in text order."""

    text: str
    start: int = -1
    trust: float = 1.0  # in what the columns mean
    end: int = 0
    n_rows: int = 0
    totalled: bool = False
    on_new_page: bool = False  # nothing but heads was read since the end of a page
    meanings: frozenset[Column] = frozenset()
    heads_of: dict[Column, str] = field(default_factory=dict)
    levels: dict[Column, Words] = field(default_factory=dict)
    indicators: list[IndicatorRow] = field(default_factory=list)
    left: list[LeftRow] = field(default_factory=list)
    prose: list[Prose] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    # ── Parts ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def heads(self, run: Run, found: Sequence[Atom]) -> None:
        """The heads of the table, or the same heads on another page and what stands before them."""
        span = Span(found[run.start].span.start, found[run.end - 1].span.end)
        if self.start < 0:
            self.start = span.start
            self.meanings = run.meanings
            self.heads_of = {slot.meaning: slot.head for slot in run.slots if isinstance(slot.meaning, Column)}
            self.problems += (_unknown_head(self.text, head) for head in run.unknown)
            self._leave(LeftOut.HEAD)
        else:
            between = stripped(self.text, Span(self.end, span.start)) if self.end < span.start else None
            if between is not None:
                self._remark(between)
            self._leave(LeftOut.REPEATED_HEAD)
            self.on_new_page = True
        self.end = span.end

    def rows(self, slots: Sequence[Slot], body: Sequence[Piece], path: Path) -> None:
        """The rows of one part."""
        factor = {True: 1.0, False: NOT_ADDED}[path.sums.agreed > 0] if path.sums.agreed >= 0 else WRONGLY_ADDED
        factor *= self.trust
        open_row: list[Path] = []
        for step in path.steps():
            if step.move in (Move.CELL, Move.OVERFLOW):
                open_row.append(step)
            elif step.move is Move.CLOSE:
                self._row(slots, body, open_row, factor)
                open_row = []
            elif step.move is Move.TOTAL:
                self._total(slots, body[step.start : step.end])
            elif step.move is Move.BETWEEN and (span := span_of(body[step.start : step.end])) is not None:
                self._remark(span)
            last = span_of(body[step.start : step.end])
            self.end = max(self.end, last.end if last is not None else 0)

    def table(self) -> TableRows:
        return TableRows(
            Span(self.start, self.end),
            self.n_rows,
            tuple(self.indicators),
            (),
            tuple(self.left),
            (),
            tuple(self.prose),
            tuple(self.totals),
            tuple(self.problems),
        )

    # ── Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _row(self, slots: Sequence[Slot], body: Sequence[Piece], steps: Sequence[Path], factor: float) -> None:
        cells: dict[Column, Words] = {}
        extras: list[tuple[str, Words]] = []
        for step in steps:
            words = self._words(body[step.start : step.end])
            slot = slots[step.slot]
            if step.move is Move.OVERFLOW:
                extras.append((NO_HEAD, words))
            elif isinstance(slot.meaning, Column):
                cells[slot.meaning] = words
            elif words and slot.meaning is not Aside.GROUP:
                extras.append((slot.head, words))
        if self._mends(rest_of_row(self.text, cells, self._last())):
            return
        self._fill_levels(cells)
        written = {column for column, words in cells.items() if not is_empty(cell_text(self.text, words))}
        if not written & {Column.INDICATOR, *VALUES, Column.WEIGHT, Column.SCORE}:
            self._leave(LeftOut.NO_CONTENT)
            return
        confidence = factor * _confidence(slots, steps)
        self.indicators.append(IndicatorRow(self.n_rows, cells, self.heads_of, tuple(extras), confidence))
        self.n_rows += 1
        self.on_new_page = False

    def _last(self) -> IndicatorRow | None:
        """The row that the end of a page may have torn."""
        return self.indicators[-1] if self.on_new_page and self.indicators else None

    def _mends(self, rest: Cells | None) -> bool:
        if rest is not None:
            self.indicators[-1] = with_rest(self.indicators[-1], rest)
            self._leave(LeftOut.TORN)
        return rest is not None

    def _fill_levels(self, cells: dict[Column, Words]) -> None:
        """Levels that a row leaves blank are those of the row above, as far as no higher level has changed."""
        changed = False
        for level in LEVELS:
            words = cells.get(level, ())
            if words and not is_empty(cell_text(self.text, words)):
                changed = changed or words != self.levels.get(level)
                self.levels[level] = words
            elif changed:
                self.levels.pop(level, None)
            if level in self.levels:
                cells[level] = self.levels[level]

    def _total(self, slots: Sequence[Slot], body: Sequence[Piece]) -> None:
        """The last number is the score, the one before the weight, as far as the table has such columns."""
        spans = [piece.span for piece in body if piece.span is not None]
        numbers = [span for span in spans if self._is_number(span)]
        meanings = {slot.meaning for slot in slots}
        if len(numbers) == 1 and Column.WEIGHT in meanings:
            numbers.append(numbers[0]) if Column.SCORE not in meanings else None
        score: Words = tuple(numbers[-1:]) if Column.SCORE in meanings and len(numbers) > (Column.WEIGHT in meanings) else ()
        rest = numbers[:-1] if score else numbers
        weight: Words = tuple(rest[-1:]) if Column.WEIGHT in meanings else ()
        named = "".join(self.text[span.start : span.end] for span in spans if span not in numbers)
        if not is_subtotal(named):
            self.totals.append(Total(self.n_rows, weight, score))
            self.totalled = True
        self.on_new_page = False
        self._leave(LeftOut.TOTAL)

    def _is_number(self, span: Span) -> bool:
        return shape(self.text[span.start : span.end]).points is not None

    def _remark(self, span: Span) -> None:
        if self._mends(rest_of_cell(self.text, span, self._last())):
            return
        is_sentence = is_prose(self.text[span.start : span.end])
        if is_sentence:
            self.prose.append(Prose(span))
        self._leave(LeftOut.NOTE if is_sentence else LeftOut.UNKNOWN)

    def _leave(self, why: LeftOut) -> None:
        self.left.append(LeftRow(self.n_rows, why))
        self.n_rows += 1

    def _words(self, body: Sequence[Piece]) -> Words:
        """The words of a cell, without the markup between them."""
        span = span_of(body)
        return () if span is None else tuple(without_markup(self.text, span))


def _confidence(slots: Sequence[Slot], steps: Sequence[Path]) -> float:
    filled = {step.slot for step in steps if step.move is Move.CELL}
    main = [number for number, slot in enumerate(slots) if is_main(slot.meaning)]
    missing = sum(number not in filled for number in main)
    misfits = sum(step.gain < 0 for step in steps if step.slot in main and step.start < step.end)
    misfits += sum(step.move is Move.OVERFLOW for step in steps)
    return SURE * PER_MISSING**missing * PER_MISFIT**misfits


def _unknown_head(text: str, span: Span) -> Problem:
    name = bare(text[span.start : span.end])
    known = "可识别的列有指标、指标值、完成值、分值、得分、原因等"
    return Problem(f"characters {span.start}-{span.end}", f"表格列“{name}”含义不明，已原样保留；{known}")
