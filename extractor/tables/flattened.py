"""Tables flattened into text → `TableRows`: where they stand, and what of them is sure enough to be read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from extractor.periods import report_year
from extractor.tables.assembly import Assembly
from extractor.tables.forms import forms
from extractor.tables.grid import grid
from extractor.tables.lattice import Lattice, Path
from extractor.tables.pieces import Atom, Layout, Piece, atoms, layout_of, pieces
from extractor.tables.reading import Reader, left_alone
from extractor.tables.runs import Run, runs
from extractor.tables.sums import Sums
from extractor.tables.types import LeftOut, TableRows
from extractor.tables.words import unit_above
from extractor.types import Block, BlockKind, Document, Problem, Span

MOST_ATOMS = 3000  # words that are read at a time
SURE_ENOUGH = 0.6  # mean confidence of the rows of a table that is read
BETWEEN_PAGES = 40  # characters that may stand between two parts of one table
SPACED = 0.7  # share of blank lines between heads from which they tell nothing


def recognise(document: Document) -> list[TableRows]:
    """Every flattened indicator table and form outside the tables that readers found, in text order."""
    text, year = document.text, report_year(document.text)
    headers = {at for span in _spans(document, BlockKind.HEADER) for at in range(span.start, span.end)}
    ruled = [block.span for block in document.blocks if block.kind is BlockKind.TABLE and block.cells]
    found: list[TableRows] = []
    for bounds in _between(text, 0, len(text), ruled):
        words = [atom for atom in atoms(text, bounds) if atom.span.start not in headers]
        tables = list(_tables(text, words))
        found += tables
        for free in _between(text, bounds.start, bounds.end, [table.span for table in tables]):
            found += (form for block in forms(text, free) if (form := _form(text, block, year)) is not None)
    return sorted(found, key=lambda table: table.span)


def _spans(document: Document, kind: BlockKind) -> Iterator[Span]:
    return (block.span for block in document.blocks if block.kind is kind)


def _between(text: str, start: int, end: int, taken: Iterable[Span]) -> Iterator[Span]:
    """What lies between spans and is not blank."""
    for span in [*sorted(taken), Span(end, end + 1)]:
        if start < span.start and text[start : span.start].strip():
            yield Span(start, span.start)
        start = max(start, span.end)


def _form(text: str, block: Block, year: int | None) -> TableRows | None:
    """A region of lines with tabs, read as ruled tables are; None where it says nothing that a form says."""
    laid_out = grid(text, block.cells)
    if laid_out is None:
        return None
    rows = Reader(text, laid_out, unit_above(text, block.span.start), year).read(block.span)
    return rows if rows.is_form and not rows.indicators else None


def _tables(text: str, found: Sequence[Atom]) -> Iterator[TableRows]:
    heads = runs(found)
    assembly: Assembly | None = None
    sums = Sums()
    for run, following in zip_longest(heads, heads[1:]):
        end = following.start if following else len(found)
        if assembly is not None and not _goes_on(text, assembly, found, run):
            yield _judged(text, assembly)
            assembly, sums = None, Sums()
        part = Part(text, found, run, end)
        first = part.next(sums)
        if first is None and assembly is None:
            yield _nothing(text, found, run)
            continue
        assembly = assembly or Assembly(text)
        assembly.heads(run, found)
        sums = part.into(assembly, first) or sums
    if assembly is not None:
        yield _judged(text, assembly)


@dataclass(slots=True)
class Part:
    """What stands below one run of heads; long tables are read piece by piece."""

    text: str
    found: Sequence[Atom]
    run: Run
    end: int  # atoms after it are no part of the table
    at: int = field(init=False)
    layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.run.end
        self.layout = layout_of(self.run.gaps, self.found[self.at].gap if self.at < self.end else None)

    def next(self, sums: Sums) -> tuple[list[Piece], Path] | None:
        """The next rows; None where the table has ended."""
        spaced = sum(gap.count("\n") > 1 for gap in self.run.gaps) > SPACED * len(self.run.gaps)
        body = list(pieces(self.found[self.at : min(self.at + MOST_ATOMS, self.end)], self.layout, spaced))
        path = Lattice(self.text, body, self.run.slots, self.layout).best(sums)
        return None if path is None else (body, path)

    def into(self, assembly: Assembly, read: tuple[list[Piece], Path] | None) -> Sums | None:
        """Hand the rows on, and those after them; returns the sums of the points."""
        sums = None
        while read is not None:
            body, path = read
            assembly.rows(self.run.slots, body, path)
            sums = path.sums
            is_cut = self.at + MOST_ATOMS < self.end and len(body) - path.end < MOST_ATOMS / 2
            self.at = bisect_left(self.found, assembly.end, key=lambda atom: atom.span.start)
            read = self.next(sums) if is_cut and self.at < self.end else None
        return sums


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
