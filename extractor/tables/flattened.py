"""Tables flattened into text → `TableRows`: where they stand, and what of them is sure enough to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractor.tables.assembly import Assembly
from extractor.tables.lattice import Lattice, Sums
from extractor.tables.pieces import Atom, Layout, Piece, atoms, layout_of, pieces
from extractor.tables.runs import Run, runs
from extractor.tables.reading import left_alone
from extractor.tables.types import LeftOut, TableRows
from extractor.types import BlockKind, Document, Problem, Span

MOST_ATOMS = 6000  # words of one table
SURE_ENOUGH = 0.6  # mean confidence of the rows of a table that is read
BETWEEN_PAGES = 40  # characters that may stand between two parts of one table
SPACED = 0.7  # share of blank lines between heads from which they tell nothing


def recognise(document: Document) -> list[TableRows]:
    """Every flattened indicator table outside the tables that readers found, in text order."""
    return [table for bounds in _free(document) for table in _tables(document.text, atoms(document.text, bounds))]


def _free(document: Document) -> Iterator[Span]:
    """The text between tables with cells and running headers."""
    start = 0
    taken = [block.span for block in document.blocks if (block.kind is BlockKind.TABLE and block.cells)]
    for span in [*taken, Span(len(document.text), len(document.text) + 1)]:
        if start < span.start:
            yield Span(start, span.start)
        start = span.end


def _tables(text: str, found: Sequence[Atom]) -> Iterator[TableRows]:
    heads = runs(found)
    assembly: Assembly | None = None
    sums = Sums()
    for run, following in zip(heads, [*heads[1:], None], strict=True):
        end = min(following.start if following else len(found), run.end + MOST_ATOMS)
        if assembly is not None and not _goes_on(text, assembly, found, run):
            yield _judged(text, assembly)
            assembly, sums = None, Sums()
        layout, body = _body(found, run, end)
        path = Lattice(text, body, run.slots, layout).best(sums)
        if path is None and assembly is None:
            yield _nothing(text, found, run)
            continue
        assembly = assembly or Assembly(text)
        assembly.heads(run, found)
        if path is not None:
            assembly.rows(run.slots, body, path)
            sums = path.sums
    if assembly is not None:
        yield _judged(text, assembly)


def _body(found: Sequence[Atom], run: Run, end: int) -> tuple[Layout, list[Piece]]:
    layout = layout_of(run.gaps, found[run.end].gap if run.end < end else None)
    blank = [gap for gap in run.gaps if gap.count("\n") > 1]
    return layout, list(pieces(found[run.end : end], layout, len(blank) > SPACED * len(run.gaps)))


def _goes_on(text: str, assembly: Assembly, found: Sequence[Atom], run: Run) -> bool:
    """Whether heads are those of the table before, repeated on another page."""
    start = found[run.start].span.start
    between = "".join(text[assembly.end : start].split())
    return not assembly.totalled and len(between) <= BETWEEN_PAGES and run.meanings == assembly.meanings


def _judged(text: str, assembly: Assembly) -> TableRows:
    """The table, or the account of one that is left alone since its rows are unsure."""
    table = assembly.table()
    sure = [row.confidence for row in table.indicators]
    if sure and sum(sure) / len(sure) >= SURE_ENOUGH:
        return table
    return _left(table.span, table.n_rows)


def _nothing(text: str, found: Sequence[Atom], run: Run) -> TableRows:
    span = Span(found[run.start].span.start, found[run.end - 1].span.end)
    return _left(span, 1)


def _left(span: Span, n_rows: int) -> TableRows:
    where = f"characters {span.start}-{span.end}"
    problem = Problem(where, "此处像是失去格线的指标表，但行列分辨不清，已按正文处理；请核对原文，或提供带表格的原文件")
    return left_alone(span, n_rows, LeftOut.UNSURE, (problem,))


