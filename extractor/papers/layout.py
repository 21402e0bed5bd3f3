"""How a report's text is laid out on a screen: lines, headings and tables, which together show every character of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from extractor.segment import Outline
from extractor.spreadsheet import text_width
from extractor.types import Block, BlockKind, Document, Span

DEEPEST = 4  # levels of headings that look different
LONG_CELL = 24  # characters
# Widths of columns, in characters: up to SHORT as their longest cell, then growing slowly.
NARROWEST, SHORT, WIDEST = 2.5, 9, 36
HALF_WIDTH = 0.58  # of a digit, in characters


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph (``level`` 0), a heading (1 = top), or a running header or footer (``is_aside``)."""

    span: Span
    level: int = 0
    is_aside: bool = False


@dataclass(frozen=True, slots=True)
class GridCell:
    """``span`` is None where the cell is empty; columns count from 0."""

    span: Span | None
    column: int
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as rows of cells, and the width of every column in characters."""

    rows: tuple[tuple[GridCell, ...], ...]
    widths: tuple[float, ...]


Piece = Line | Grid


def layout(document: Document, outline: Outline) -> Iterator[Piece]:
    """The whole text, in order."""
    headings = {heading.start: min(heading.level, DEEPEST) for heading in outline.headings}
    at = 0
    for block in document.blocks:
        yield from _lines(document.text, at, block.span.start, headings)
        yield from _block(document.text, block, headings)
        at = block.span.end
    yield from _lines(document.text, at, len(document.text), headings)


def _block(text: str, block: Block, headings: dict[int, int]) -> Iterator[Piece]:
    if block.kind is BlockKind.TABLE and block.cells and _cells_hold_all(text, block):
        yield _grid(text, block)
    elif block.kind is BlockKind.TABLE:
        yield from _lines(text, block.span.start, block.span.end, headings)
    else:
        level = min(block.level, DEEPEST) if block.level else headings.get(block.span.start, 0)
        yield Line(block.span, level, block.kind is BlockKind.HEADER)


def _cells_hold_all(text: str, block: Block) -> bool:
    at = block.span.start
    for span in sorted(cell.span for cell in block.cells if cell.span is not None):
        if span.start < at or text[at : span.start].strip():
            return False
        at = span.end
    return not text[at : block.span.end].strip()


def _grid(text: str, block: Block) -> Grid:
    cells = sorted(block.cells, key=lambda cell: (cell.row, cell.column))
    return _sized(
        text,
        [
            [GridCell(cell.span, cell.column, cell.row_span, cell.column_span) for cell in row]
            for _, row in groupby(cells, key=lambda cell: cell.row)
        ],
    )


def _sized(text: str, rows: Sequence[Sequence[GridCell]]) -> Grid:
    """The grid with columns as wide as their longest cells; merged ones get what their columns lack."""
    cells = [cell for row in rows for cell in row]
    needed = [(cell, _width(text, cell)) for cell in cells]
    widths = [NARROWEST] * max(cell.column + cell.column_span for cell in cells)
    for cell, width in sorted(needed, key=lambda one: one[0].column_span):
        columns = range(cell.column, cell.column + cell.column_span)
        lacking = max(0.0, width - sum(widths[column] for column in columns)) / cell.column_span
        for column in columns:
            widths[column] += lacking
    return Grid(tuple(map(tuple, rows)), tuple(widths))


def _width(text: str, cell: GridCell) -> float:
    """The width of a cell in characters: long text stands in several lines."""
    words = "" if cell.span is None else text[cell.span.start : cell.span.end].strip()
    n = HALF_WIDTH * text_width(words) + 1  # for the cell's margins
    return n if n <= SHORT else min(WIDEST, SHORT + (n - SHORT) ** 0.6)


def _lines(text: str, start: int, end: int, headings: dict[int, int]) -> Iterator[Piece]:
    """Lines as paragraphs; two or more lines with tabs in a row as a table."""
    lines = [Span(*match.span()) for match in re.compile(r"[^\n]*\S[^\n]*").finditer(text, start, end)]
    for tabular, run in groupby(lines, key=lambda line: "\t" in text[line.start : line.end]):
        together = list(run)
        if tabular and len(together) > 1:
            yield _tabbed(text, together)
        else:
            yield from (Line(line, _level(headings, text, line)) for line in together)


def _level(headings: dict[int, int], text: str, line: Span) -> int:
    """A heading may open a paragraph; only one that is the whole line looks like a heading."""
    blanks = len(text[line.start : line.end]) - len(text[line.start : line.end].lstrip())
    return headings.get(line.start + blanks, headings.get(line.start, 0))


def _tabbed(text: str, lines: Sequence[Span]) -> Grid:
    """Rows between tabs. Columns that are empty all the way down are left out; long cells take up empty ones beside them."""
    rows = [_split(text, line) for line in lines]
    width = max(map(len, rows))
    kept = [column for column in range(width) if any(column < len(row) and row[column] is not None for row in rows)]
    return _sized(text, [_row([row[column] if column < len(row) else None for column in kept]) for row in rows])


def _row(spans: Sequence[Span | None]) -> list[GridCell]:
    cells: list[GridCell] = []
    for column, span in enumerate(spans):
        before = cells[-1] if cells else None
        if span is None and before is not None and before.span is not None and len(before.span) >= LONG_CELL:
            cells[-1] = replace(before, column_span=before.column_span + 1)
        else:
            cells.append(GridCell(span, column))
    return cells


def _split(text: str, line: Span) -> list[Span | None]:
    cells: list[Span | None] = []
    at = line.start
    while at <= line.end:
        tab = text.find("\t", at, line.end)
        end = line.end if tab < 0 else tab
        cells.append(Span(at, end) if text[at:end].strip() else None)
        at = end + 1
    return cells
