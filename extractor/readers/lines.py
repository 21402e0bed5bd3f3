"""From characters with places to lines in reading order: pure geometry of one page.

All coordinates are points, origin top left, with the text upright.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median

SAME_LINE = 0.5  # of the size: baselines this near are one line; superscripts are raised by a third
PIECE_GAP = 0.9  # of the size: a wider gap separates pieces; two cell margins of Word are one character of small print
SCAN_GAP = 1.5  # the same within a strip of a scan, where places are less exact; OCR takes cells for strips of their own
WORD_GAP = 0.15  # of the size: between Latin characters, a wider gap is a blank
FULL_WIDTH = 1.4  # of the size: digits of full width stand no further apart, from middle to middle
HALF_WIDTH = 0.65  # and digits of half width nearer than this
MIN_COLUMN_PIECES = 8  # on either side of a gutter; fewer are rather a list or a table
MAX_CROSSING = 0.2  # share of pieces that may cross a gutter: titles, wide tables
MIN_FILL = 0.6  # a column's lines fill at least this share of it, which tables do not

LONGEST_RUN = 8  # characters of a scan that share a box, so that it stays narrow on a sloping line
NUMERIC = frozenset("0123456789.,%．，％")
DIGITS = frozenset("0123456789%％")
CLEAR = 0.9  # confidence of the OCR: less certain characters have a box of their own

WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u2018-\u201d"  # Chinese characters and their punctuation

Bounds = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Glyph:
    """One visible character or an explicit blank; ``confidence`` is the OCR's, None where the file says what it is."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    baseline: float
    size: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of a piece with a place of their own; ``start`` and ``end`` count in the piece's text."""

    start: int
    end: int
    bounds: Bounds
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of one line without a wide gap. ``runs`` are in order and hold all of them but blanks."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    baseline: float
    size: float
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces from left to right; ``page`` counts from 0, ``column`` is 0 unless the page has several (then from 1).

    A ruled table is one line too, with all its pieces, cell by cell, and its cells in ``grid``.
    """

    page: int
    pieces: tuple[Piece, ...]
    column: int = 0
    grid: tuple[GridCell, ...] = ()

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)

    @property
    def left(self) -> float:
        return self.pieces[0].left

    @property
    def right(self) -> float:
        return self.pieces[-1].right

    @property
    def baseline(self) -> float:
        return self.pieces[0].baseline

    @property
    def is_scanned(self) -> bool:
        return any(run.confidence is not None for run in self.pieces[0].runs)

    @property
    def size(self) -> float:
        return max(piece.size for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a ruled table with the lines inside."""

    row: int
    column: int
    row_span: int
    column_span: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Placer:
    """Turns bounds on an upright page into bounds on the page as shown.

    ``turn`` is in clockwise quarters. The lines of the shown page fall to the right by ``skew`` degrees before that turn.
    ``page`` is the number of the shown page, from 1: a picture of two pages side by side has two upright ones.
    ``paper`` are the corners of a photographed sheet on the shown page, clockwise from its left top.
    """

    width: float
    height: float
    turn: int = 0
    skew: float = 0.0
    page: int = 1
    paper: tuple[tuple[float, float], ...] = ()

    def __call__(self, bounds: Bounds) -> Bounds:
        left, top, right, bottom = self._sloped(bounds) if self.skew else bounds
        width, height = self.width, self.height
        for _ in range(self.turn):
            left, top, right, bottom = height - bottom, left, height - top, right
            width, height = height, width
        if self.paper:
            points = [projected(x / width, y / height, self.paper) for x in (left, right) for y in (top, bottom)]
            left, top = (min(places) for places in zip(*points, strict=True))
            right, bottom = (max(places) for places in zip(*points, strict=True))
        return round(left, 2), round(top, 2), round(right, 2), round(bottom, 2)

    def _sloped(self, bounds: Bounds) -> Bounds:
        """What is around level bounds once they are turned about the middle of the page, as far as it is on the page."""
        left, top, right, bottom = bounds
        points = [rotated(x, y, self.skew, self.width / 2, self.height / 2) for x in (left, right) for y in (top, bottom)]
        xs = [min(max(x, 0.0), self.width) for x, _ in points]
        ys = [min(max(y, 0.0), self.height) for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)


def rotated(x: float, y: float, degrees: float, middle_x: float, middle_y: float) -> tuple[float, float]:
    """A point turned clockwise, as seen on the page, about a middle."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    across, down = x - middle_x, y - middle_y
    return middle_x + across * cosine - down * sine, middle_y + across * sine + down * cosine


def projected(across: float, down: float, corners: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where a place on a flat sheet, in shares of its sides, is seen between the sheet's four corners."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    bend_x, bend_y = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    area = (x1 - x2) * (y3 - y2) - (x3 - x2) * (y1 - y2)
    right = (bend_x * (y3 - y2) - (x3 - x2) * bend_y) / area
    low = ((x1 - x2) * bend_y - bend_x * (y1 - y2)) / area
    depth = right * across + low * down + 1
    return (
        ((x1 - x0 + right * x1) * across + (x3 - x0 + low * x3) * down + x0) / depth,
        ((y1 - y0 + right * y1) * across + (y3 - y0 + low * y3) * down + y0) / depth,
    )


def lines_of(glyphs: Iterable[Glyph], page: int) -> list[Line]:
    """Lines from top to bottom."""
    pieces = [piece for row in _rows(list(glyphs)) for piece in _pieces(row)]
    return _gather(pieces, page)


def in_columns(lines: Sequence[Line], width: float) -> list[Line]:
    """Lines in reading order: column by column where the page has a clear gutter, unchanged where not."""
    pieces = [piece for line in lines for piece in line.pieces if not line.grid]
    gutter = gutter_of(pieces, width)
    if gutter is None or not lines:
        return list(lines)
    page = lines[0].page
    ordered: list[Line] = []
    left: list[Piece] = []
    right: list[Piece] = []

    def flush() -> None:
        ordered.extend(_gather(left, page, column=1) + _gather(right, page, column=2))
        left.clear()
        right.clear()

    for line in lines:
        if line.grid or any(piece.left < gutter < piece.right for piece in line.pieces):
            flush()
            ordered.append(line)
        else:
            left += (piece for piece in line.pieces if piece.right <= gutter)
            right += (piece for piece in line.pieces if piece.left >= gutter)
    flush()
    return ordered


def _rows(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Characters of the same line, each from left to right, rows from top to bottom."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: (glyph.baseline, glyph.left)):
        if rows and glyph.baseline - rows[-1][0].baseline <= SAME_LINE * max(glyph.size, rows[-1][0].size):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [sorted(row, key=lambda glyph: glyph.left) for row in rows]


def _pieces(row: list[Glyph]) -> list[Piece]:
    """Cut a row at wide gaps. Explicit blanks stay single blanks; gaps become blanks only between Latin characters."""
    of_full_width = _full_width_digits([glyph for glyph in row if not glyph.text.isspace()])
    pieces: list[Piece] = []
    words: list[str] = []
    members: list[Glyph] = []
    blank = False
    for glyph in row:
        if glyph.text.isspace():
            blank = True
            continue
        if members:
            gap = glyph.left - members[-1].right
            widest = PIECE_GAP if glyph.confidence is None else SCAN_GAP
            if gap > widest * max(glyph.size, members[-1].size):
                pieces.append(_piece(words, members))
                words, members = [], []
            elif (
                blank or (gap > WORD_GAP * glyph.size and not re.search(f"[{WIDE}]", members[-1].text + glyph.text))
            ) and glyph not in of_full_width:
                words.append(" ")
        words.append(glyph.text)
        members.append(glyph)
        blank = False
    return [*pieces, _piece(words, members)] if members else pieces


def _full_width_digits(row: Sequence[Glyph]) -> frozenset[Glyph]:
    """Digits of a scan that go on a number of full width: OCR reads them as narrow ones with blanks between.

    All stand as far apart as Chinese characters; where a digit of either side has a nearer neighbour, two numbers meet.
    """
    steps = [math.inf, *(_step(before, after) for before, after in pairwise(row)), math.inf]
    return frozenset(
        glyph
        for glyph, (before, step, after) in zip(row[1:], zip(steps, steps[1:], steps[2:], strict=False), strict=False)
        if HALF_WIDTH <= step <= FULL_WIDTH and min(before, after) >= HALF_WIDTH
    )


def _step(before: Glyph, after: Glyph) -> float:
    """From middle to middle in sizes; infinite unless OCR read both, the first as a digit, the second as more of a number."""
    if before.confidence is None or after.confidence is None or not before.text.isdigit() or after.text not in DIGITS:
        return math.inf
    return (after.left + after.right - before.left - before.right) / 2 / max(before.size, after.size)


def _piece(words: list[str], members: list[Glyph]) -> Piece:
    return Piece(
        "".join(words),
        *_around(members),
        median(glyph.baseline for glyph in members),
        median(glyph.size for glyph in members),
        tuple(_runs(words, members)),
    )


def _around(glyphs: Sequence[Glyph]) -> Bounds:
    return (
        min(glyph.left for glyph in glyphs),
        min(glyph.top for glyph in glyphs),
        max(glyph.right for glyph in glyphs),
        max(glyph.bottom for glyph in glyphs),
    )


def _runs(words: list[str], members: list[Glyph]) -> Iterator[Run]:
    """One run of everything where the file says what it is. What OCR read is cut where its kind or certainty changes."""
    length = sum(map(len, words))
    if members[0].confidence is None:
        yield Run(0, length, _around(members))
        return
    starts = [end - len(word) for end, word in zip(accumulate(map(len, words)), words, strict=True) if not word.isspace()]
    first = 0
    for at in range(1, len(members) + 1):
        if at == len(members) or at - first == LONGEST_RUN or _manner(members[at]) != _manner(members[at - 1]):
            run = members[first:at]
            end = starts[at - 1] + len(run[-1].text)
            yield Run(starts[first], end, _around(run), min(glyph.confidence or 0.0 for glyph in run))
            first = at


def _manner(glyph: Glyph) -> tuple[bool, bool]:
    """What characters of one run have in common: part of a number or not, clear or not."""
    return glyph.text in NUMERIC, (glyph.confidence or 0.0) >= CLEAR


def _gather(pieces: Iterable[Piece], page: int, column: int = 0) -> list[Line]:
    """Pieces at the same height make a line."""
    groups: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.baseline, piece.left)):
        if groups and piece.baseline - groups[-1][0].baseline <= SAME_LINE * max(piece.size, groups[-1][0].size):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [Line(page, tuple(sorted(group, key=lambda piece: piece.left)), column) for group in groups]


def gutter_of(pieces: Sequence[Piece], width: float) -> float | None:
    """Where a blank strip parts two columns of prose, as x; None where the page has but one."""
    if len(pieces) < 2 * MIN_COLUMN_PIECES:
        return None
    steps = [width * percent / 100 for percent in range(35, 66)]
    crossings = [sum(piece.left < x < piece.right for piece in pieces) for x in steps]
    fewest = min(crossings)
    best = [x for x, count in zip(steps, crossings, strict=True) if count == fewest]
    gutter = best[len(best) // 2]
    left = [piece for piece in pieces if piece.right <= gutter]
    right = [piece for piece in pieces if piece.left >= gutter]
    if fewest > MAX_CROSSING * len(pieces) or min(len(left), len(right)) < MIN_COLUMN_PIECES:
        return None
    return gutter if _fills(left) and _fills(right) else None


def _fills(pieces: Sequence[Piece]) -> bool:
    """Whether pieces are lines of prose: one at each height, mostly as wide as their column."""
    room = max(piece.right for piece in pieces) - min(piece.left for piece in pieces)
    heights = sorted(piece.baseline for piece in pieces)
    beside = sum(below - above < 1 for above, below in pairwise(heights))
    return beside <= MAX_CROSSING * len(pieces) and median(piece.right - piece.left for piece in pieces) >= MIN_FILL * room
