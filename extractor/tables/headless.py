"""Indicator tables without a head: what their columns mean by the looks of their cells, where the points add up.

One of the columns must weigh the rows so that they make 100 (or 90, 80, where spending is rated beside the table), one must
score them within that, one must name levels, and right behind the levels must stand names and two columns of values. What
is less clear than that is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extractor.schema import Column
from extractor.tables.grid import Grid
from extractor.tables.headers import is_note, is_total
from extractor.tables.layouts import NO_HEAD, SURE, IndicatorLayout
from extractor.tables.shapes import MOST_POINTS, Shape, fit, shape
from extractor.tables.sums import FULL, NEARLY_FULL
from extractor.tables.words import head_text
from extractor.types import Problem, Span

FEWEST_ROWS = 3
HEADLESS = 0.85  # that columns mean what their looks say
ENOUGH = 0.5  # share of the rows in which a column must look like itself
FITS = 0.3  # mean of what its cells earn
UNCLEAR = (
    "此处像是没有表头的指标表，但各列含义分辨不清或分值合计不符，未整理成记录；"
    "请补上表头（三级指标、年度指标值、实际完成值、分值、得分等）"
)


def looks_headless(words: Sequence[Shape]) -> bool:
    """Whether the cells of a row look like those of a first indicator: the name of a first level, and two numbers of points."""
    return any(one.level1 for one in words) and sum(one.points is not None for one in words) >= 2


def unclear(span: Span) -> Problem:
    return Problem(f"characters {span.start}-{span.end}", UNCLEAR)


@dataclass(frozen=True, slots=True)
class _Cells:
    """One column: the shapes of the cells that begin in each row, None where a row has none."""

    column: int
    shapes: tuple[Shape | None, ...]

    @property
    def written(self) -> list[Shape]:
        return [one for one in self.shapes if one is not None and not one.stroke]

    def share(self, likes: int) -> float:
        return likes / max(len(self.written), 1)

    def mean_fit(self, meaning: Column) -> float:
        return sum(fit(one, meaning, {}) for one in self.written) / max(len(self.written), 1)


def first_row(text: str, grid: Grid, row: int) -> bool:
    """Whether an indicator table without a head may begin in a row."""
    return looks_headless([shape(words) for cell in grid.own(row) if (words := head_text(text, cell.span))])


def layout_by_looks(text: str, grid: Grid, row: int) -> IndicatorLayout | None:
    """The columns of the rows from one on; None where they are not clear."""
    rows = [at for at in range(row, grid.n_rows) if not _is_aside(text, grid, at)]
    columns = [cells for column in range(grid.n_columns) if (cells := _cells(text, grid, column, rows)).written]
    found = _meanings(columns, len(rows))
    if found is None:
        return None
    named = [found.get(column) for column in range(grid.n_columns)]
    serial = {cells.column for cells in columns if cells.column not in found and _counts(cells)}
    extras = {cells.column: NO_HEAD for cells in columns if cells.column not in found and cells.column not in serial}
    return IndicatorLayout(row, tuple(named), {}, extras, (), SURE * HEADLESS)


def _is_aside(text: str, grid: Grid, row: int) -> bool:
    """Whether a row is a total, a remark or blank."""
    words = [words for cell in grid.own(row) if (words := head_text(text, cell.span))]
    return not words or is_total(words[0]) or is_note(words[0])


def _cells(text: str, grid: Grid, column: int, rows: Sequence[int]) -> _Cells:
    shapes: list[Shape | None] = []
    for row in rows:
        cell = grid.fields[row][column]
        begins = cell is not None and (cell.row, cell.column) == (row, column)
        shapes.append(shape(head_text(text, cell.span)) if cell is not None and begins and cell.span is not None else None)
    return _Cells(column, tuple(shapes))


def _counts(cells: _Cells) -> bool:
    """Whether a column numbers the rows."""
    return [one.number for one in cells.written] == [Decimal(at + 1) for at in range(len(cells.written))]


def _meanings(columns: Sequence[_Cells], n_rows: int) -> dict[int, Column] | None:
    """Grid columns → what they mean."""
    if n_rows < FEWEST_ROWS:
        return None
    levels = _levels(columns)
    points = _points(columns, n_rows)
    if levels is None or points is None:
        return None
    after = [cells for cells in columns if cells.column > max(levels) and cells.column not in points]
    names = [cells for cells in after if cells.mean_fit(Column.INDICATOR) >= FITS and len(cells.written) > ENOUGH * n_rows]
    if not names:
        return None
    name = names[0].column
    values = [cells for cells in after if cells.column > name and _is_value(cells, n_rows)]
    if len(values) != 2:
        return None
    found = {**levels, **points, name: Column.INDICATOR, values[0].column: Column.TARGET, values[1].column: Column.ACHIEVED}
    rest = [cells for cells in after if cells.column not in found and cells.column > max(values[1].column, max(points))]
    if rest and rest[0].mean_fit(Column.REASON) > -FITS:
        found[rest[0].column] = Column.REASON
    return found


def _is_value(cells: _Cells, n_rows: int) -> bool:
    stated = sum(one.value > 0 or one.number is not None for one in cells.written)
    return cells.mean_fit(Column.TARGET) >= FITS and cells.share(stated) >= ENOUGH and len(cells.written) > ENOUGH * n_rows


def _levels(columns: Sequence[_Cells]) -> dict[int, Column] | None:
    """The columns that name levels, the first ones from the left."""
    firsts = [cells.column for cells in columns if cells.share(sum(one.level1 for one in cells.written)) >= ENOUGH]
    if not firsts:
        return None
    seconds = [
        cells.column
        for cells in columns
        if cells.column > firsts[0] and cells.share(sum(one.level2 for one in cells.written)) >= ENOUGH
    ]
    return {firsts[0]: Column.LEVEL1, **{column: Column.LEVEL2 for column in seconds[:1]}}


def _points(columns: Sequence[_Cells], n_rows: int) -> dict[int, Column] | None:
    """The columns of weights, which add up, and of scores, none above its weight."""
    for weights in columns:
        if not _are_points(weights, n_rows) or sum(_numbers(weights)) not in (FULL, *NEARLY_FULL):
            continue
        scores = next((cells for cells in columns if cells is not weights and _scores(cells, weights, n_rows)), None)
        if scores is not None:
            return {weights.column: Column.WEIGHT, scores.column: Column.SCORE}
    return None


def _are_points(cells: _Cells, n_rows: int) -> bool:
    own = [one.points for one in cells.written]
    return len(own) > ENOUGH * n_rows and all(points is not None and 0 <= points <= MOST_POINTS for points in own)


def _numbers(cells: _Cells) -> Iterator[Decimal]:
    yield from (one.points for one in cells.written if one.points is not None)


def _scores(cells: _Cells, weights: _Cells, n_rows: int) -> bool:
    if cells.column < weights.column or not _are_points(cells, n_rows):
        return False
    pairs = zip(cells.shapes, weights.shapes, strict=True)
    stated = ((own.points, other.points) for own, other in pairs if own is not None and other is not None)
    return all(own is None or other is None or own <= other for own, other in stated)
