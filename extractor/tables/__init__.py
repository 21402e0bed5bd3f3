"""Tables → rows under their columns → records; `extractor.tables.types` tells the value in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from extractor.periods import report_year
from extractor.segment import Kind, Part, Understood
from extractor.tables import flattened
from extractor.tables.grid import grid
from extractor.tables.joining import joined
from extractor.tables.reading import Carried, Reader, left_alone
from extractor.tables.records import Reading, read
from extractor.tables.types import LeftOut, TableRows
from extractor.tables.words import unit_above
from extractor.types import Block, BlockKind, Document, Problem, Span

__all__ = ["Reading", "TableRows", "joined", "read", "recognise", "understood"]


def recognise(document: Document) -> list[TableRows]:
    """Every table of the document, with cells or flattened into text, in text order."""
    return sorted([*_ruled(document), *flattened.recognise(document)], key=lambda table: table.span)


def _ruled(document: Document) -> list[TableRows]:
    year = report_year(document.text)
    found: list[TableRows] = []
    carried = Carried()
    for block in document.blocks:
        if block.kind is BlockKind.TABLE and block.cells:
            rows, carried = _table(document.text, block, year, carried)
            if carried.mended is not None:
                found[-1] = replace(found[-1], indicators=(*found[-1].indicators[:-1], carried.mended))
            found.append(rows)
        elif block.kind is not BlockKind.HEADER:  # a running header does not part a table that goes on
            carried = Carried()
    return found


def understood(tables: Sequence[TableRows]) -> list[Understood]:
    """What the outline need not look at again: the prose inside the tables, under its heads, between cells that are none."""
    return [Understood(table.span, tuple(_parts(table))) for table in tables if table.is_form]


def _parts(table: TableRows) -> Iterator[Part]:
    at = table.span.start
    for prose in sorted(table.prose, key=lambda prose: prose.span):
        if prose.span.start > at:
            yield Part(Kind.TABLE, Span(at, prose.span.start))
        yield Part(Kind.PROSE, prose.span, prose.head)
        at = prose.span.end
    if at < table.span.end:
        yield Part(Kind.TABLE, Span(at, table.span.end))


def _table(text: str, block: Block, year: int | None, carried: Carried) -> tuple[TableRows, Carried]:
    laid_out = grid(text, block.cells)
    if laid_out is None:
        n_rows = len({cell.row for cell in block.cells})
        where = f"characters {block.span.start}-{block.span.end}"
        problem = Problem(where, f"表格过大（{n_rows} 行），未整理成记录；请拆分后再处理")
        return left_alone(block.span, n_rows, LeftOut.TOO_LARGE, (problem,)), Carried()
    reader = Reader(text, laid_out, unit_above(text, block.span.start), year)
    if carried.layout is not None and carried.n_columns == laid_out.n_columns:
        reader.go_on(carried)
    for cell in laid_out.hidden:
        if cell.span is not None:
            where = f"characters {cell.span.start}-{cell.span.end}"
            reader.problems.append(Problem(where, "单元格与另一单元格位置相同，未整理成记录；请核对原文"))
    rows = reader.read(block.span)
    return rows, reader.carried()
