"""A text cut into words between blanks and marks, and those into the pieces of a table's cells as its gaps suggest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from extractor.tables.words import stripped
from extractor.types import Span

_ATOM = re.compile(r"[^\s|│┃]+")
_MARKUP = re.compile(r"(?:<[^<>]{0,200}>|&nbsp;|&#160;)+")
MOST_EMPTY = 100  # cells that one gap holds
TABS = re.compile(r"[\t|│┃]")  # marks between cells
_LINES = re.compile(r"\r\n|[\n\r\v\f\u2028\u2029]")
_WIDE = re.compile(r"[^\S\n\r]{2,}|\u3000")


@dataclass(frozen=True, slots=True)
class Atom:
    """Words without blanks; ``gap`` is what stands between them and the atom before (all of it blanks, bars or markup)."""

    span: Span
    words: str
    gap: str

    @property
    def on_new_line(self) -> bool:
        return _LINES.search(self.gap) is not None


def atoms(text: str, bounds: Span) -> list[Atom]:
    """The words within bounds, in text order. HTML tags and entities of blanks count as gaps."""
    found: list[Atom] = []
    last = bounds.start
    shown = _MARKUP.sub(lambda match: " " * len(match[0]), text[bounds.start : bounds.end])
    for match in _ATOM.finditer(shown):
        start, end = bounds.start + match.start(), bounds.start + match.end()
        found.append(Atom(Span(start, end), match[0], shown[last - bounds.start : match.start()]))
        last = end
    return found


class Layout(Enum):
    """How the cells of a flattened table are told apart, as the gaps between its heads show."""

    ACROSS = "one row per line, cells between tabs or bars"
    LED = "one cell per line, each begun by a tab"
    DOWN = "one cell per line"
    WIDE = "one row per line, cells between two blanks or more"
    BLANKS = "one row per line, cells between blanks"
    PARAGRAPH = "all in one line"


class Gap(Enum):
    """What stands before a piece."""

    CELL = "the mark between cells"
    ROW = "what parts rows, and may be a line break within a cell, too"
    INNER = "what rather stands within a cell"


@dataclass(frozen=True, slots=True)
class Piece:
    """A cell or a part of one; ``span`` is None for a cell that is seen to be empty. ``at`` is where it stands."""

    span: Span | None
    at: int
    gap: Gap


def layout_of(gaps: Sequence[str], after: str | None) -> Layout:
    """How a table is laid out.

    gaps: what stands between its heads. after: what stands between the last head and the first cell.
    """
    kinds = [_kind(gap) for gap in gaps]
    most = max(sorted(set(kinds)), key=kinds.count) if kinds else "blank"
    if most == "tab":
        return Layout.ACROSS
    if most == "led":
        return Layout.LED
    if most == "line":
        return Layout.DOWN
    if after is not None and not _LINES.search(after):
        return Layout.PARAGRAPH
    return Layout.WIDE if most == "wide" else Layout.BLANKS


def _kind(gap: str) -> str:
    lines = _LINES.split(gap)
    if len(lines) == 1:
        return "tab" if TABS.search(gap) else "wide" if _WIDE.search(gap) else "blank"
    return "led" if TABS.search(lines[-1]) else "line"


def pieces(found: Sequence[Atom], layout: Layout, spaced: bool) -> Iterator[Piece]:
    """Pieces of atoms in text order, with the empty cells that tabs, bars and lines of their own show.

    spaced: whether blank lines stand between all cells, so that they tell nothing.
    """
    joined: list[Piece] = []
    for atom in found:
        new = _pieces_before(atom, layout, spaced)
        *empty, own = new
        joined += empty
        last = joined[-1] if joined else None
        if last is not None and last.span is not None and not empty and _goes_on(atom.gap, layout):
            joined[-1] = Piece(Span(last.span.start, atom.span.end), last.at, last.gap)
        else:
            joined.append(Piece(atom.span, atom.span.start, own.gap))
    yield from joined


def _goes_on(gap: str, layout: Layout) -> bool:
    """Whether an atom belongs to the same piece as the one before: only a blank parts them, and blanks part no cells."""
    if layout in (Layout.BLANKS, Layout.PARAGRAPH) or _LINES.search(gap) or TABS.search(gap):
        return False
    return layout is not Layout.WIDE or not _WIDE.search(gap)


def _pieces_before(atom: Atom, layout: Layout, spaced: bool) -> list[Piece]:
    """The empty cells that a gap holds and, as the last, what it means for the atom after it."""
    lines = _LINES.split(atom.gap)
    start = atom.span.start
    if layout is Layout.ACROSS:
        return _across(lines, start)
    if layout in (Layout.LED, Layout.DOWN):
        return _down(lines, start, layout, spaced)
    return [Piece(None, start, Gap.ROW if len(lines) > 1 else Gap.CELL)]


def _across(lines: list[str], at: int) -> list[Piece]:
    """Tabs at the end of a line and at the beginning of the next are empty cells; of bars one at each end is none."""
    if len(lines) == 1:
        n_marks = len(TABS.findall(lines[0]))
        return [Piece(None, at, Gap.CELL if n_marks else Gap.INNER) for _ in range(max(min(n_marks, MOST_EMPTY), 1))]
    trailing, leading = (_count(line) for line in (lines[0], lines[-1]))
    before = [Piece(None, at, Gap.CELL) for _ in range(trailing)]
    after = [Piece(None, at, Gap.ROW if number == 0 else Gap.CELL) for number in range(leading + 1)]
    return before + after


def _count(line: str) -> int:
    n_marks = len(TABS.findall(line))
    return min(max(n_marks - 1, 0) if "|" in line or "│" in line else n_marks, MOST_EMPTY)


def _down(lines: list[str], at: int, layout: Layout, spaced: bool) -> list[Piece]:
    """Lines that hold a tab and nothing else are empty cells; a blank line before a cell parts rows."""
    found: list[Piece] = []
    blank_before = False
    for line in lines[1:-1][-MOST_EMPTY:]:
        if TABS.search(line):
            found.append(Piece(None, at, Gap.ROW if blank_before else Gap.CELL))
            blank_before = False
        else:
            blank_before = not spaced
    if len(lines) == 1:
        return [Piece(None, at, Gap.CELL if TABS.search(lines[0]) else Gap.INNER)]
    if layout is Layout.LED and not TABS.search(lines[-1]):
        return [*found, Piece(None, at, Gap.INNER)]
    return [*found, Piece(None, at, Gap.ROW if blank_before else Gap.CELL)]


def without_markup(text: str, span: Span) -> Iterator[Span]:
    """The words of a cell between HTML tags and entities of blanks, none with blanks at its ends."""
    start = span.start
    for match in [*_MARKUP.finditer(text, span.start, span.end), None]:
        end = match.start() if match else span.end
        words = stripped(text, Span(start, end)) if start < end else None
        if words is not None:
            yield words
        start = match.end() if match else end
