"""Tables with ruling lines: from the rules of a page to cells, and from the characters inside to the cells' lines.

All coordinates are points, origin top left, with the text upright.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extractor.readers.lines import Bounds, Glyph, GridCell, Line, lines_of

TOUCH = 2.5  # points: rules this near are one, or meet
OPEN = 12.0  # points: a column is not narrower
MAX_RULES = 1000  # after joining, of one page: drawings have more, tables do not


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruling line: ``at`` is its y if it is level, else its x; it runs from ``start`` to ``end``."""

    level: bool
    at: float
    start: float
    end: float

    def meets(self, other: Rule) -> bool:
        return self._reaches(other.at) and other._reaches(self.at)

    def covers(self, at: float, middle: float) -> bool:
        return abs(self.at - at) <= TOUCH and self.start <= middle <= self.end

    def _reaches(self, at: float) -> bool:
        return self.start - TOUCH <= at <= self.end + TOUCH


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: edges of its columns and rows, and which cell owns each of the fields between them."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[tuple[int, int, int, int], ...]  # row, column, row span, column span
    owners: dict[tuple[int, int], int]  # (row, column) of a field → position in cells

    def cell_of(self, glyph: Glyph) -> int | None:
        """Position of the cell around the middle of a character; None outside the table."""
        row = bisect_right(self.ys, (glyph.top + glyph.bottom) / 2) - 1
        column = bisect_right(self.xs, (glyph.left + glyph.right) / 2) - 1
        return self.owners.get((row, column))


def page_lines(glyphs: Iterable[Glyph], rules: Iterable[Bounds], page: int) -> list[Line]:
    """Lines of a page from top to bottom, where each ruled table is one line that bears its cells."""
    outside = list(glyphs)
    tables: list[Line] = []
    for grid in _grids(_joined(rules)):
        inside: dict[int, list[Glyph]] = defaultdict(list)
        rest: list[Glyph] = []
        for glyph in outside:
            cell = grid.cell_of(glyph)
            (rest if cell is None else inside[cell]).append(glyph)
        lines = [tuple(lines_of(inside[number], page)) for number in range(len(grid.cells))]
        if sum(map(bool, lines)) < 2:  # a frame around a text, or a drawing
            continue
        outside = rest
        cells = tuple(GridCell(*place, own) for place, own in zip(grid.cells, lines, strict=True))
        tables.append(Line(page, tuple(piece for own in lines for line in own for piece in line.pieces), grid=cells))
    return sorted([*lines_of(outside, page), *tables], key=lambda line: line.baseline)


def _joined(bounds: Iterable[Bounds]) -> list[Rule]:
    """Rules made whole: programs draw them in strokes, cell by cell, or as thin rectangles with two long sides."""
    strokes = []
    for left, top, right, bottom in bounds:
        if bottom - top <= TOUCH < right - left:
            strokes.append(Rule(True, (top + bottom) / 2, left, right))
        elif right - left <= TOUCH < bottom - top:
            strokes.append(Rule(False, (left + right) / 2, top, bottom))
    rules: list[Rule] = []
    anchor = 0.0
    rows: list[list[Rule]] = []
    for stroke in sorted(strokes, key=lambda rule: (rule.level, rule.at)):
        if rows and rows[-1][0].level == stroke.level and stroke.at - anchor <= TOUCH:
            rows[-1].append(stroke)
        else:
            rows.append([stroke])
            anchor = stroke.at
    for row in rows:
        at = row[0].at
        row.sort(key=lambda rule: rule.start)
        start, end = row[0].start, row[0].end
        for stroke in row[1:]:
            if stroke.start > end + TOUCH:
                rules.append(Rule(stroke.level, at, start, end))
                start = stroke.start
            end = max(end, stroke.end)
        rules.append(Rule(row[0].level, at, start, end))
    return rules


def _grids(rules: Sequence[Rule]) -> Iterator[Grid]:
    """Every set of rules that hang together and part at least two rows and two columns."""
    level = [rule for rule in rules if rule.level]
    upright = {rule for rule in rules if not rule.level}
    if len(rules) > MAX_RULES:
        return
    waiting = set(level)
    for first in level:
        if first not in waiting:
            continue
        waiting.discard(first)
        members, queue = [first], [first]
        while queue:
            rule = queue.pop()
            others = upright if rule.level else waiting
            near = sorted((other for other in others if rule.meets(other)), key=lambda other: (other.at, other.start))
            others.difference_update(near)
            members += near
            queue += near
        xs = _with_open_sides(_edges(rule.at for rule in members if not rule.level), members)
        ys = _edges(rule.at for rule in members if rule.level)
        if len(xs) >= 3 and len(ys) >= 3:
            yield _grid(xs, ys, members)


def _with_open_sides(xs: tuple[float, ...], members: Sequence[Rule]) -> tuple[float, ...]:
    """The outermost columns may have no rules at their sides; then the rules between their rows end there."""
    level = [rule for rule in members if rule.level]
    left = _shared([-rule.start for rule in level])
    right = _shared([rule.end for rule in level])
    if not xs or left is None or right is None:
        return xs
    return (*((-left,) if -left < xs[0] - OPEN else ()), *xs, *((right,) if right > xs[-1] + OPEN else ()))


def _shared(ends: Sequence[float]) -> float | None:
    """The outermost place where at least three rules end: above, below and under the head of a table."""
    return next((end for end in sorted(ends, reverse=True) if sum(abs(end - other) <= TOUCH for other in ends) >= 3), None)


def _edges(values: Iterable[float]) -> tuple[float, ...]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > TOUCH:
            edges.append(value)
    return tuple(edges)


def _grid(xs: tuple[float, ...], ys: tuple[float, ...], rules: Sequence[Rule]) -> Grid:
    """Fields without a rule between them make one cell."""
    level: dict[int, list[Rule]] = {at: [r for r in rules if r.level and abs(r.at - y) <= TOUCH] for at, y in enumerate(ys)}
    upright: dict[int, list[Rule]] = {at: [r for r in rules if not r.level and abs(r.at - x) <= TOUCH] for at, x in enumerate(xs)}

    def open_right(row: int, column: int) -> bool:
        middle = (ys[row] + ys[row + 1]) / 2
        return not any(rule.covers(xs[column + 1], middle) for rule in upright[column + 1])

    def open_below(row: int, column: int) -> bool:
        middle = (xs[column] + xs[column + 1]) / 2
        return not any(rule.covers(ys[row + 1], middle) for rule in level[row + 1])

    owners: dict[tuple[int, int], int] = {}
    cells: list[tuple[int, int, int, int]] = []
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            if (row, column) in owners:
                continue
            right = column
            while right < len(xs) - 2 and (row, right + 1) not in owners and open_right(row, right):
                right += 1
            below = row
            while below < len(ys) - 2 and all(open_below(below, at) for at in range(column, right + 1)):
                below += 1
            fields = ((r, c) for r in range(row, below + 1) for c in range(column, right + 1))
            owners.update((field, len(cells)) for field in fields if field not in owners)
            cells.append((row, column, below - row + 1, right - column + 1))
    return Grid(xs, ys, tuple(cells), owners)
