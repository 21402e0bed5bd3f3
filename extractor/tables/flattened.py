"""Tables flattened into text → `TableRows`: where they stand, and what of them is sure enough to be read."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from extractor.periods import report_year
from extractor.schema import LEVELS, VALUES, Column
from extractor.tables.assembly import Assembly
from extractor.tables.forms import forms
from extractor.tables.funds import fund_blocks
from extractor.tables.goals import goal_blocks
from extractor.tables.grid import grid
from extractor.tables.headless import FEWEST_ROWS, HEADLESS, looks_headless, unclear
from extractor.tables.lattice import Lattice, Path
from extractor.tables.pieces import Atom, Layout, Piece, atoms, layout_of, pieces
from extractor.tables.reading import Reader, left_alone
from extractor.tables.runs import Aside, Run, Slot, runs
from extractor.tables.shapes import shape
from extractor.tables.sums import FULL, NEARLY_FULL, Sums
from extractor.tables.types import LeftOut, TableRows, Words
from extractor.tables.words import cell_text, unit_above
from extractor.types import Block, BlockKind, Document, Problem, Span

MOST_ATOMS = 3000  # words that are read at a time
SURE_ENOUGH = 0.6  # mean confidence of the rows of a table that is read
BETWEEN_PAGES = 40  # characters that may stand between two parts of one table
AHEAD = 30  # words in which a table without heads shows how it is laid out
SPACED = 0.7  # share of blank lines between heads from which they tell nothing
CHAPTER = re.compile(r"[一二三四五六七八九十]{1,3}、")


def recognise(document: Document) -> list[TableRows]:
    """Every flattened indicator table and form outside the tables that readers found, in text order."""
    text, year = document.text, report_year(document.text)
    headers = {at for span in _spans(document, BlockKind.HEADER) for at in range(span.start, span.end)}
    ruled = [block.span for block in document.blocks if block.kind is BlockKind.TABLE and block.cells]
    found: list[TableRows] = []
    for bounds in _between(text, 0, len(text), ruled):
        words = [atom for atom in atoms(text, bounds) if atom.span.start not in headers]
        found += _in_order(text, bounds, words, year)
    return sorted(found, key=lambda table: table.span)


def _in_order(text: str, bounds: Span, words: Sequence[Atom], year: int | None) -> list[TableRows]:
    """What is surest first: tables under heads, forms in lines with tabs, the blocks of forms that nothing but blanks part."""
    found = list(_tables(text, words))
    for free in _free(text, bounds, found):
        found += _headless(text, _within(words, free))
    for free in _free(text, bounds, found):
        found += (form for block in forms(text, free) if (form := _form(text, block, year)) is not None)
    for free in _free(text, bounds, found):
        found += fund_blocks(text, _within(words, free))
    for free in _free(text, bounds, found):
        found += goal_blocks(text, _within(words, free), followed=free.end < bounds.end)
    return found


def _free(text: str, bounds: Span, taken: Sequence[TableRows]) -> list[Span]:
    return list(_between(text, bounds.start, bounds.end, [table.span for table in taken]))


def _within(words: Sequence[Atom], span: Span) -> Sequence[Atom]:
    first, last = (bisect_left(words, at, key=lambda atom: atom.span.start) for at in (span.start, span.end))
    return words[first:last]


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
    rows = Reader(text, laid_out, unit_above(text, block.span.start), year, lost_cells=True).read(block.span)
    return rows if rows.is_form and not rows.indicators else None


def _tables(text: str, found: Sequence[Atom]) -> Iterator[TableRows]:
    heads = runs(found)
    assembly: Assembly | None = None
    sums = Sums()
    for run, following in zip_longest(heads, heads[1:]):
        end = _before_chapter(found, run, following.start if following else len(found))
        if assembly is not None and not _goes_on(text, assembly, found, run):
            yield _judged(text, assembly)
            assembly, sums = None, Sums()
        part = Part.below(text, found, run, end)
        first = part.next(sums)
        if first is None and assembly is None:
            yield _nothing(text, found, run)
            continue
        assembly = assembly or Assembly(text)
        assembly.heads(run, found)
        sums = part.into(assembly, first) or sums
    if assembly is not None:
        yield _judged(text, assembly)


def _before_chapter(found: Sequence[Atom], run: Run, end: int) -> int:
    """Where the rows below a run of heads end at the latest: a table in one line, heads and rows, ends before a chapter."""
    if any(atom.on_new_line for atom in found[run.start + 1 : run.end + 1]):
        return end
    return next((at for at in range(run.end, end) if found[at].on_new_line and CHAPTER.match(found[at].words)), end)


@dataclass(slots=True)
class Part:
    """The rows below one run of heads; long tables are read piece by piece."""

    text: str
    found: Sequence[Atom]
    slots: Sequence[Slot]
    at: int
    end: int  # atoms after it are no part of the table
    layout: Layout
    spaced: bool  # whether blank lines stand between all cells

    @classmethod
    def below(cls, text: str, found: Sequence[Atom], run: Run, end: int) -> Part:
        layout = layout_of(run.gaps, found[run.end].gap if run.end < end else None)
        return cls(text, found, run.slots, run.end, end, layout, is_spaced(run.gaps))

    def next(self, sums: Sums) -> tuple[list[Piece], Path] | None:
        """The next rows; None where the table has ended."""
        body = list(pieces(self.found[self.at : min(self.at + MOST_ATOMS, self.end)], self.layout, self.spaced))
        path = Lattice(self.text, body, self.slots, self.layout).best(sums)
        return None if path is None else (body, path)

    def into(self, assembly: Assembly, read: tuple[list[Piece], Path] | None) -> Sums | None:
        """Hand the rows on, and those after them; returns the sums of the points."""
        sums = None
        while read is not None:
            body, path = read
            assembly.rows(self.slots, body, path)
            sums = path.sums
            is_cut = self.at + MOST_ATOMS < self.end and len(body) - path.end < MOST_ATOMS / 2
            self.at = bisect_left(self.found, assembly.end, key=lambda atom: atom.span.start)
            read = self.next(sums) if is_cut and self.at < self.end else None
        return sums


def is_spaced(gaps: Sequence[str]) -> bool:
    """Whether blank lines stand between most cells, so that they tell nothing."""
    return sum(gap.count("\n") > 1 for gap in gaps) > SPACED * len(gaps)


def _goes_on(text: str, assembly: Assembly, found: Sequence[Atom], run: Run) -> bool:
    """Whether heads are those of the table before, repeated on another page."""
    start = found[run.start].span.start
    between = "".join(text[assembly.end : start].split())
    return not assembly.totalled and len(between) <= BETWEEN_PAGES and run.meanings == assembly.meanings


# The orders of columns that are tried where a table has no head.
ORDERS = tuple(
    tuple(Slot(column, "") for column in (LEVELS[0], *between, LEVELS[1], Column.INDICATOR, *middle, Column.SCORE, Column.REASON))
    for between, middle in (
        ((), (*VALUES, Column.WEIGHT)),
        ((), (Column.WEIGHT, *VALUES)),
        ((), (Column.TARGET, Column.WEIGHT, Column.ACHIEVED)),
        ((), (*VALUES, Column.COMPLETION, Column.WEIGHT)),
        ((Column.LEVEL1_WEIGHT,), (*VALUES, Column.WEIGHT)),
    )
)


BOUNDS = tuple("≥ ≤ > < ＞ ＜ ≧ ≦ 不低于 不少于 不超过 不高于 大于 小于 至少".split())


def _headless(text: str, found: Sequence[Atom]) -> Iterator[TableRows]:
    """Tables without heads: they begin with the names of two levels, and their points add up."""
    at = 0
    is_told = False
    while at < len(found):
        if not _begins(found, at):
            at += 1
            continue
        table = _by_looks(text, found, at)
        if table is not None:
            yield table
            at = bisect_left(found, table.span.end, key=lambda atom: atom.span.start)
            continue
        if not is_told:
            span = Span(found[at].span.start, found[at + 1].span.end)
            yield left_alone(span, 1, LeftOut.UNSURE, (unclear(span),))
            is_told = True
        at += 2


def _by_looks(text: str, found: Sequence[Atom], at: int) -> TableRows | None:
    """The rows from a word on, in the order of columns that fits them best; None where their points do not add up."""
    gaps = [atom.gap for atom in found[at + 1 : at + 4]]
    after = next((atom.gap for atom in found[at + 1 : at + AHEAD] if atom.on_new_line), "")
    numbered = (Slot(Aside.SERIAL, ""),) if at and found[at - 1].words == "1" else ()
    at -= len(numbered)
    layout, spaced = layout_of(gaps, after), is_spaced(gaps)
    parts = [Part(text, found, (*numbered, *slots), at, len(found), layout, spaced) for slots in ORDERS]
    read = [(part, rows) for part in parts if (rows := part.next(Sums())) is not None and _adds_up(rows[1].sums)]
    if not read:
        return None
    part, rows = max(read, key=lambda one: one[1][1].worth + one[1][1].sums.worth())
    assembly = Assembly(text, found[at].span.start, trust=HEADLESS)
    part.into(assembly, rows)
    table = assembly.table()
    bounded = sum(
        _is_bound(text, row.words(Column.ACHIEVED)) > _is_bound(text, row.words(Column.TARGET)) for row in table.indicators
    )
    return table if _is_sure(table) and not bounded else None  # bounds are set for targets, so that these are no results


def _is_bound(text: str, words: Words) -> bool:
    return cell_text(text, words).startswith(BOUNDS)


def _begins(found: Sequence[Atom], at: int) -> bool:
    """Whether a word names a first level, the next a second one, and points stand soon after them."""
    if not shape(found[at].words).level1:
        return False
    ahead = [shape(atom.words) for atom in found[at + 1 : at + 2 * len(ORDERS[0])] if atom.words != "指标"]
    second = next((one for one in ahead if one.number is None), None)  # the weight of the first level may stand before it
    return second is not None and second.level2 and looks_headless([shape(found[at].words), *ahead])


def _adds_up(sums: Sums) -> bool:
    return sums.n_rows >= FEWEST_ROWS and (sums.agreed > 0 or sums.weight in (FULL, *NEARLY_FULL))


def _judged(text: str, assembly: Assembly) -> TableRows:
    """The table, or the account of one that is left alone since its rows are unsure."""
    table = assembly.table()
    return table if _is_sure(table) else _left(table.span, table.n_rows)


def _is_sure(table: TableRows) -> bool:
    sure = [row.confidence for row in table.indicators]
    return bool(sure) and sum(sure) / len(sure) >= SURE_ENOUGH


def _nothing(text: str, found: Sequence[Atom], run: Run) -> TableRows:
    span = Span(found[run.start].span.start, found[run.end - 1].span.end)
    return _left(span, 1)


def _left(span: Span, n_rows: int) -> TableRows:
    where = f"characters {span.start}-{span.end}"
    problem = Problem(where, "此处像是失去格线的指标表，但行列分辨不清，已按正文处理；请核对原文，或提供带表格的原文件")
    return left_alone(span, n_rows, LeftOut.UNSURE, (problem,))
