"""A row of a funding block → its amounts, each under the words that head its column."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.schema import Column
from extractor.tables.grid import Grid, GridCell
from extractor.tables.layouts import FundLayout
from extractor.tables.types import FundAmount, FundRow, Words
from extractor.tables.words import head_text, is_amount


def amounts_under_heads(
    text: str, grid: Grid, row: int, layout: FundLayout, *, unit: str | None, lost_cells: bool
) -> FundRow | None:
    """The row as the heads above it tell it; None where it states no amount.

    ``lost_cells`` says that cells below merged ones are lost, so that those after them stand too far left.
    """
    cells = [cell for cell in grid.cells(row) if cell.span is not None and cell.row >= layout.body]
    first = min(layout.amounts)
    shift = _shift(text, cells, first) if lost_cells else 0
    amounts = []
    others: dict[Column, Words] = {}
    for cell in cells:
        if cell.span is None:
            continue
        at = cell.column + shift
        head = layout.amounts.get(at)
        if head is not None and cell.row == row and is_amount(head_text(text, cell.span)):
            amounts.append(FundAmount(cell.span, head, unit))
        elif head is None and at in layout.others and cell.row == row:
            others[layout.others[at]] = (cell.span,)
    item = tuple(cell.span for cell in cells if cell.span is not None and cell.column + shift < first)
    return FundRow(row, item, tuple(amounts), others, layout.confidence) if amounts else None


def _shift(text: str, cells: Sequence[GridCell], first: int) -> int:
    """How far to the left of its head the first amount stands."""
    written = (cell for cell in cells if cell.span is not None and cell.column)
    begins = next((cell.column for cell in written if is_amount(head_text(text, cell.span))), first)
    return max(first - begins, 0)
