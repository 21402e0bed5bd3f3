"""Pieces of a flattened table → its most likely rows.

Every piece may be a cell of any column, go on with the cell before, be an empty cell too many, or stand between rows (a
total, a remark). A path through these choices earns what its cells' shapes are worth (`shapes`), pays for columns that it
skips and for gaps that it reads against their nature, and earns where points add up. The best paths are kept piece by
piece, a few for every column, so the search is linear in the number of pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from itertools import accumulate
from math import inf
from types import MappingProxyType

from extractor.schema import VALUES, Column
from extractor.tables.pieces import Gap, Layout, Piece
from extractor.tables.runs import Aside, Slot
from extractor.tables.shapes import Shape, fit, shape
from extractor.tables.sums import Sums
from extractor.types import Span

BEAM = 5  # paths kept for each column
PRUNED = 12.0  # below the best path at a piece
LOST = 25.0  # below the best end: what follows is no table any more
MOST_PIECES = 6  # that one cell is broken into
LONGEST_JOINED = 120  # characters of a cell put together from pieces

DROPPED = 1.0  # an empty cell that belongs to no column
DROPPED_OUTSIDE = 0.3  # the same between rows
BETWEEN = 2.0  # a remark between rows
OVERFLOW = 2.0  # a cell beyond the last column
SKIPPED: Mapping[Column | Aside, float] = MappingProxyType(
    {Column.INDICATOR: 3.0, Column.TARGET: 2.0, Column.ACHIEVED: 2.0, Column.WEIGHT: 2.5, Column.SCORE: 2.5}
)
SKIPPED_OTHER = 0.2
NO_WORDS = Shape("")
FIRST_LEVEL = 1.5  # a first row without its level
BEST_FIT = 3.0  # no cell earns more


@dataclass(frozen=True, slots=True)
class Costs:
    """Of a gap: that a row, a cell, or nothing new begins after it."""

    row: float
    cell: float
    join: float


COSTS: Mapping[Layout, Mapping[Gap, Costs]] = MappingProxyType(
    {
        Layout.ACROSS: {Gap.CELL: Costs(5, 0, 7), Gap.ROW: Costs(0, 2.5, 1.5), Gap.INNER: Costs(9, 4, 0)},
        Layout.LED: {Gap.CELL: Costs(2.5, 0, 6), Gap.ROW: Costs(0, 3, 7), Gap.INNER: Costs(9, 5, 0.2)},
        Layout.DOWN: {Gap.CELL: Costs(0, 0, 1.5), Gap.ROW: Costs(0, 0.7, 2.5), Gap.INNER: Costs(9, 4, 0)},
        Layout.WIDE: {Gap.CELL: Costs(5, 0, 3), Gap.ROW: Costs(0, 2.5, 2), Gap.INNER: Costs(9, 4, 0)},
        Layout.BLANKS: {Gap.CELL: Costs(4, 0, 1.3), Gap.ROW: Costs(0, 2.5, 2), Gap.INNER: Costs(9, 4, 0)},
        Layout.PARAGRAPH: {Gap.CELL: Costs(0, 0, 1.3), Gap.ROW: Costs(0.3, 0.3, 1), Gap.INNER: Costs(9, 4, 0)},
    }
)


class Move(Enum):
    """What a step does with its pieces."""

    CELL = "cell"
    DROP = "empty cell too many"
    OVERFLOW = "cell beyond the last column"
    TOTAL = "total"
    BETWEEN = "remark between rows"
    CLOSE = "end of a row"


@dataclass(frozen=True, slots=True)
class Path:
    """Choices up to a piece. ``slot`` is the last filled column of the open row, -1 between rows.

    The last choice did ``move`` with the pieces ``start`` to ``end`` (excluded) and earned ``gain``.
    """

    worth: float
    slot: int
    row: Mapping[Column, Shape]
    sums: Sums
    move: Move = Move.DROP
    start: int = 0
    end: int = 0
    gain: float = 0.0
    before: Path | None = None

    def steps(self) -> list[Path]:
        """All choices from the first to this one."""
        found: list[Path] = []
        path: Path | None = self
        while path is not None and path.before is not None:
            found.append(path)
            path = path.before
        return found[::-1]

    def then(self, move: Move, start: int, end: int, gain: float, sums: Sums | None = None) -> Path:
        """The same row goes on, or the same place between rows."""
        return Path(self.worth + gain, self.slot, self.row, sums or self.sums, move, start, end, gain, self)


@dataclass(slots=True)
class Lattice:
    """The search over the pieces of one table."""

    text: str
    pieces: Sequence[Piece]
    slots: Sequence[Slot]
    layout: Layout
    costs: Mapping[Gap, Costs] = field(init=False)
    skips: list[float] = field(init=False)  # what it costs to leave out the columns before each
    beams: list[dict[int, list[Path]]] = field(init=False)
    tops: list[float] = field(init=False)  # the best worth seen at each piece

    def __post_init__(self) -> None:
        self.costs = COSTS[self.layout]
        if self.layout is Layout.LED and not any(piece.gap is Gap.ROW for piece in self.pieces[1:]):
            self.costs = {**self.costs, Gap.CELL: Costs(0, 0, 6)}
        self.skips = [0.0, *accumulate(SKIPPED.get(slot.meaning, SKIPPED_OTHER) for slot in self.slots)]
        self.beams = [{} for _ in range(len(self.pieces) + 1)]
        self.tops = [-inf] * (len(self.pieces) + 1)

    def best(self, sums: Sums) -> Path | None:
        """The best path that ends between two rows; None where not even one row is worth reading."""
        self._add(0, Path(0.0, -1, {}, sums))
        best: Path | None = None
        best_worth = 0.0
        for at in range(len(self.pieces) + 1):
            for path in self._kept(at):
                ended = path.worth + path.sums.worth()
                if path.sums.n_rows > sums.n_rows and ended > best_worth:
                    best, best_worth = path, ended
            if at == len(self.pieces) or (best is not None and self.tops[at] < best_worth - LOST):
                break
            self._advance(at)
            self.beams[at] = {}
        return best

    # ── The beam ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _add(self, at: int, path: Path) -> None:
        if path.worth > self.tops[at] - PRUNED:
            self.beams[at].setdefault(path.slot, []).append(path)
            self.tops[at] = max(self.tops[at], path.worth)

    def _kept(self, at: int) -> list[Path]:
        """Close the open rows at a piece and drop the paths that have fallen behind; returns the closed ones."""
        beam = self.beams[at]
        for slot in [slot for slot in beam if slot >= 0]:
            beam[slot] = self._foremost(at, beam[slot])
            for path in beam[slot]:
                self._add(at, self._closed(path, at))
        beam[-1] = self._foremost(at, beam.get(-1, []))
        return beam[-1]

    def _foremost(self, at: int, paths: list[Path]) -> list[Path]:
        paths.sort(key=lambda path: -path.worth)
        return [path for path in paths[:BEAM] if path.worth > self.tops[at] - PRUNED]

    def _closed(self, path: Path, at: int) -> Path:
        """End the open row: pay for the columns after the last, add its points."""
        cost = self.skips[-1] - self.skips[path.slot + 1]
        return Path(path.worth - cost, -1, {}, path.sums.with_row(path.row), Move.CLOSE, at, at, -cost, path)

    # ── Steps ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _advance(self, at: int) -> None:
        cells = list(self._cells(at))
        for slot, paths in self.beams[at].items():
            for path in paths:
                self._aside(path, at)
                if slot < 0:
                    self._total(path, at)
                    self._between(path, at)
                for end, words, joined in cells:
                    self._fill(path, at, end, words, joined)

    def _aside(self, path: Path, at: int) -> None:
        """Leave a piece out of the row: an empty cell too many, or a cell beyond the last column."""
        if self.pieces[at].span is None:
            is_outside = path.slot < 0 or path.slot == len(self.slots) - 1
            self._add(at + 1, path.then(Move.DROP, at, at + 1, -DROPPED_OUTSIDE if is_outside else -DROPPED))
        elif path.slot >= 0:
            cost = OVERFLOW + self.costs[self.pieces[at].gap].cell
            self._add(at + 1, path.then(Move.OVERFLOW, at, at + 1, -cost))

    def _cells(self, at: int) -> Iterator[tuple[int, Shape, float]]:
        """Cells that may begin at a piece: where they end, their shape, and what joining their pieces costs."""
        first = self.pieces[at].span
        if first is None:
            yield at + 1, NO_WORDS, 0.0
            return
        cost = 0.0
        for end in range(at + 1, min(at + MOST_PIECES, len(self.pieces)) + 1):
            span = self.pieces[end - 1].span
            if span is None or (end > at + 1 and span.end - first.start > LONGEST_JOINED):
                return
            cost += self._join_cost(end - 1) if end > at + 1 else 0.0
            if cost > PRUNED:
                return
            yield end, shape(self.text[first.start : span.end]), cost

    def _join_cost(self, at: int) -> float:
        """Letters that stand apart (合  计, or one below the other) belong together."""
        cost = self.costs[self.pieces[at].gap].join
        before, own = self.pieces[at - 1].span, self.pieces[at].span
        single = before is not None and own is not None and before.end - before.start == own.end - own.start == 1
        return min(cost, 0.5) if single and self.layout is not Layout.ACROSS else cost

    def _fill(self, path: Path, at: int, end: int, words: Shape, joined: float) -> None:
        """Take the pieces for one of the columns that the row has not come to yet, or for the first cells of a row."""
        gap = self.costs[self.pieces[at].gap]
        base = path.worth - joined - (gap.row if path.slot < 0 else gap.cell) + self.skips[path.slot + 1]
        floor = self.tops[end] - PRUNED
        for number in range(path.slot + 1, len(self.slots)):
            meaning = self.slots[number].meaning
            room = base - self.skips[number]
            if room + BEST_FIT < floor:
                return
            worth = room + fit(words, meaning, path.row)
            if worth > floor:
                row = {**path.row, meaning: words} if isinstance(meaning, Column) else path.row
                sums = path.sums
                if meaning is Column.LEVEL1 and words.words:
                    worth += sums.group_worth()
                    sums = sums.with_level(words)
                self._add(end, Path(worth, number, row, sums, Move.CELL, at, end, worth - path.worth, path))
            if meaning is Column.LEVEL1 and not path.sums.has_level:
                base -= FIRST_LEVEL

    # ── Between rows ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _between(self, path: Path, at: int) -> None:
        """A remark, or anything else that is no row: to the end of its line where rows are lines."""
        if self.pieces[at].span is None:
            return
        end = self._line_end(at)
        length = sum(len(piece.span) for piece in self.pieces[at:end] if piece.span is not None)
        self._add(end, path.then(Move.BETWEEN, at, end, -BETWEEN - min(length, 200) / 100))

    def _line_end(self, at: int) -> int:
        end = at + 1
        if self.layout not in (Layout.DOWN, Layout.PARAGRAPH):
            while end < len(self.pieces) and self.pieces[end].gap is not Gap.ROW and end - at < 2 * len(self.slots):
                end += 1
        return end

    def _total(self, path: Path, at: int) -> None:
        """合计 and the points after it."""
        begin = at
        while begin < len(self.pieces) and self.pieces[begin].span is None and begin - at < len(self.slots):
            begin += 1
        for end, words, joined in self._cells(begin) if begin < len(self.pieces) else ():
            if not words.total:
                continue
            after, numbers = self._numbers(end)
            earned, sums = path.sums.with_total(numbers)
            worth = 1.0 + earned - joined
            self._add(after, path.then(Move.TOTAL, at, after, worth, sums))
            return

    def _numbers(self, at: int) -> tuple[int, list[Decimal]]:
        """Numbers and empty cells from a piece on, to the end of the row."""
        found: list[Decimal] = []
        begin = at
        while at < len(self.pieces) and at - begin <= len(self.slots):
            piece = self.pieces[at]
            words = NO_WORDS if piece.span is None else shape(self.text[piece.span.start : piece.span.end])
            stops = piece.gap is Gap.ROW and (found or self.layout is not Layout.DOWN)
            if stops or (piece.span is not None and words.points is None and not words.stroke):
                break
            if words.points is not None:
                found.append(words.points)
            at += 1
        return at, found


def is_main(meaning: Column | Aside) -> bool:
    """Whether a column belongs to the core of a row."""
    return meaning in (Column.INDICATOR, *VALUES, Column.WEIGHT, Column.SCORE)


def span_of(pieces: Sequence[Piece]) -> Span | None:
    """All characters of pieces; None where they are empty cells."""
    spans = [piece.span for piece in pieces if piece.span is not None]
    return Span(spans[0].start, spans[-1].end) if spans else None
