"""A block's cells as a rectangular grid in which every field knows the cell that covers it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from extractor.tables.words import stripped
from extractor.types import Cell, Span

MAX_FIELDS = 2_000_000  # of one table: 100,000 rows of 20 columns


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell in the grid: rows ``row`` to ``bottom``, columns ``column`` to ``right``, both ends excluded.

    ``span`` has no blanks at its ends and is None where the cell is empty.
    """

    row: int
    column: int
    bottom: int
    right: int
    span: Span | None


@dataclass(frozen=True, slots=True)
class Grid:
    """``fields[row][column]`` is the cell there, None where the table has a hole.

    ``hidden`` are cells with words for which the table has no field left, since another one begins in the same place.
    """

    fields: tuple[tuple[GridCell | None, ...], ...]
    hidden: tuple[GridCell, ...] = ()

    @property
    def n_rows(self) -> int:
        return len(self.fields)

    @property
    def n_columns(self) -> int:
        return len(self.fields[0]) if self.fields else 0

    def cells(self, row: int) -> list[GridCell]:
        """The distinct cells that a row shows, from left to right, those merged from above included."""
        return list({id(cell): cell for cell in self.fields[row] if cell is not None}.values())

    def own(self, row: int) -> list[GridCell]:
        """The cells that begin in a row, from left to right."""
        return [cell for cell in self.cells(row) if cell.row == row]


def grid(text: str, cells: Sequence[Cell]) -> Grid | None:
    """Lay the cells out; None where the table is too large.

    Rows and columns in which no cell begins are left out. Where merged cells overlap, a field belongs to the first that
    claims it, and cells whose claims together go beyond all measure keep only their own field.
    """
    rows = sorted({cell.row for cell in cells})
    columns = sorted({cell.column for cell in cells})
    if len(rows) * len(columns) > MAX_FIELDS:
        return None
    fields: list[list[GridCell | None]] = [[None] * len(columns) for _ in rows]
    hidden: list[GridCell] = []
    budget = 2 * MAX_FIELDS
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        top, left = bisect_left(rows, cell.row), bisect_left(columns, cell.column)
        bottom = max(bisect_left(rows, cell.row + cell.row_span), top + 1)
        right = max(bisect_left(columns, cell.column + cell.column_span), left + 1)
        budget -= (bottom - top) * (right - left)
        if budget < 0:
            bottom, right = top + 1, left + 1
        placed = GridCell(top, left, bottom, right, stripped(text, cell.span))
        if not _place(fields, placed):
            hidden.append(placed)
    return Grid(tuple(map(tuple, fields)), tuple(hidden))


def _place(fields: list[list[GridCell | None]], cell: GridCell) -> bool:
    """Claim the free fields of a cell; words in their own field take it from a cell that was merged into it.

    Returns whether the words of the cell stand in the grid.
    """
    taken = fields[cell.row][cell.column]
    if cell.span is not None and taken is not None:
        if (taken.row, taken.column) == (cell.row, cell.column) and taken.span is not None:
            return False
        fields[cell.row][cell.column] = cell
    for row in range(cell.row, cell.bottom):
        for column in range(cell.column, cell.right):
            fields[row][column] = fields[row][column] or cell
    return True
