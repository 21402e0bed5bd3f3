"""From lines of pages to paragraphs and tables, with the running headers out of their way."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from extractor.readers.lines import WIDE, Line, Piece, Placer, Run
from extractor.readers.parts import DraftCell, Part, table_part
from extractor.types import BlockKind, Box, Span

# What opens a paragraph even where it is not indented. （1） and ① are not among them: they often stand within one.
# 1· is what OCR makes of 1．
OPENING = re.compile(
    r"第[一二三四五六七八九十百]{1,4}[章节条部]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,2}[.．·、](?!\d)"
)
SLACK = 1.6  # characters that a full line may be short of the margin, since punctuation opens no line
SCAN_SLACK = 0.9  # and some more on a scan, where the ends of lines are known less exactly
LATIN_WIDTH = 0.55  # of the size: a word or number that did not fit leaves this much room for each of its characters
INDENT = 0.8  # characters from which on a line is indented
WIDE_SPACING = 1.5  # times the usual distance of lines: a new paragraph
MIN_TABLE_ROWS = 3
MAX_ROW_DISTANCE = 4.0  # sizes between lines of one table


@dataclass(frozen=True, slots=True)
class Margins:
    """Edges of the text of one page or column, and its usual distance of lines."""

    left: float
    right: float
    spacing: float


def parts_of(pages: Sequence[Sequence[Line]], running: Iterable[tuple[int, Line]], place: Mapping[int, Placer]) -> Iterator[Part]:
    """Parts in reading order.

    pages: body lines of each page. running: headers and footers, each with the number of body lines before it; they follow
    the paragraph that they would interrupt. place: by page, how the bounds of a piece become those of a Box.
    """
    body = [line for page in pages for line in page]
    groups = list(_tables(body))
    margins = _margins([line for group in groups if not group.is_table for line in group.lines])
    waiting = sorted(running, key=lambda header: header[0])
    done = 0
    while waiting and waiting[0][0] == 0:
        yield _prose([waiting.pop(0)[1]], place, BlockKind.HEADER)
    for group in _joined(groups, margins):
        yield _part(group, place)
        done += len(group.lines)
        while waiting and waiting[0][0] <= done:
            yield _prose([waiting.pop(0)[1]], place, BlockKind.HEADER)


def _part(group: Group, place: Mapping[int, Placer]) -> Part:
    if group.lines[0].grid:
        return _ruled_table(group.lines[0], place)
    return _table(group, place) if group.columns else _prose(group.lines, place)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one paragraph, or of one table (a ruled one, or one of several lines with the edges of its columns)."""

    lines: tuple[Line, ...]
    columns: tuple[tuple[float, float], ...] = ()

    @property
    def is_table(self) -> bool:
        return bool(self.columns or self.lines[0].grid)


def _tables(body: Sequence[Line]) -> Iterator[Group]:
    """Groups of table lines, and every other line alone."""
    at = 0
    while at < len(body):
        end = _table_end(body, at)
        columns = _columns(body[at:end])
        if columns:
            yield Group(tuple(body[at:end]), columns)
            at = end
        else:  # no later start within the same run would fare better often enough to pay for trying them all
            for line in body[at : max(end, at + 1)]:
                yield Group((line,))
            at = max(end, at + 1)


def _table_end(body: Sequence[Line], start: int) -> int:
    """Where a run of lines with several pieces ends; single pieces between them are taken for wrapped cells."""
    end = start
    for at in range(start, len(body)):
        line = body[at]
        if line.grid or (at > start and not _is_near(body[at - 1], line)):
            break
        if len(line.pieces) >= 2:
            end = at + 1
        elif at - end >= 2 or end == start or OPENING.match(line.text):
            break
    return end


def _is_near(above: Line, below: Line) -> bool:
    same = above.page == below.page and above.column == below.column
    return same and 0 < below.baseline - above.baseline < MAX_ROW_DISTANCE * max(above.size, below.size)


def _columns(lines: Sequence[Line]) -> tuple[tuple[float, float], ...]:
    """Edges of the columns, if the commonest kind of row has its pieces in the same places; else none."""
    counts = Counter(len(line.pieces) for line in lines if len(line.pieces) >= 2)
    if counts.total() < MIN_TABLE_ROWS:
        return ()
    usual = max(counts, key=lambda count: (counts[count], count))
    if counts[usual] < 2:
        return ()
    edges: list[tuple[float, float]] = []
    for left, right in sorted((piece.left, piece.right) for line in lines if len(line.pieces) == usual for piece in line.pieces):
        if edges and left < edges[-1][1]:
            edges[-1] = edges[-1][0], max(edges[-1][1], right)
        else:
            edges.append((left, right))
    return tuple(edges) if len(edges) == usual else ()


def _table(group: Group, place: Mapping[int, Placer]) -> Part:
    drafts: list[DraftCell] = []
    for row, line in enumerate(group.lines):
        cells: dict[int, list[Piece]] = {}
        for piece in line.pieces:
            cells.setdefault(_column_of(piece, group.columns), []).append(piece)
        starts = [*sorted(cells), len(group.columns)]
        for column, following in pairwise(starts):
            last = max(_overlapped(piece, group.columns)[-1] for piece in cells[column])
            text, boxes = _written([Line(line.page, tuple(cells[column]))], place)
            drafts.append(DraftCell(row, column, text, 1, max(1, min(last, following - 1) - column + 1), boxes))
    return table_part(drafts)


def _ruled_table(table: Line, place: Mapping[int, Placer]) -> Part:
    drafts = []
    for cell in table.grid:
        text, boxes = _written(cell.lines, place)
        drafts.append(DraftCell(cell.row, cell.column, text, cell.row_span, cell.column_span, boxes))
    return table_part(drafts)


def _overlapped(piece: Piece, columns: Sequence[tuple[float, float]]) -> list[int]:
    """Columns that a piece stands under, at least the nearest."""
    under = [number for number, (left, right) in enumerate(columns) if piece.left < right and left < piece.right]
    middle = (piece.left + piece.right) / 2
    return under or [min(range(len(columns)), key=lambda number: abs(sum(columns[number]) / 2 - middle))]


def _column_of(piece: Piece, columns: Sequence[tuple[float, float]]) -> int:
    return _overlapped(piece, columns)[0]


def _joined(groups: Iterable[Group], margins: Mapping[tuple[int, int], Margins]) -> Iterator[Group]:
    """Lines that run on become one paragraph."""
    lines: list[Line] = []
    for group in groups:
        if lines and (group.is_table or not _runs_on(lines[-1], group.lines[0], margins)):
            yield Group(tuple(lines))
            lines = []
        if group.is_table:
            yield group
        else:
            lines += group.lines
    if lines:
        yield Group(tuple(lines))


def _runs_on(above: Line, below: Line, margins: Mapping[tuple[int, int], Margins]) -> bool:
    """Whether a line is full and the next, neither indented nor a heading nor set apart, goes on with it."""
    before, after = margins[above.page, above.column], margins[below.page, below.column]
    size = above.size
    word = re.match(r"[!-~]*", below.text)
    slack = SLACK + SCAN_SLACK if above.is_scanned else SLACK
    room = size * (slack + LATIN_WIDTH * min(len(word[0]) if word else 0, 20))
    if before.right - above.right > room or below.left - after.left > INDENT * size:
        return False
    if abs(below.size - size) > 0.15 * size or OPENING.match(below.text):
        return False
    same_column = above.page == below.page and above.column == below.column
    return not same_column or below.baseline - above.baseline <= WIDE_SPACING * before.spacing


def _margins(lines: Sequence[Line]) -> dict[tuple[int, int], Margins]:
    """Margins of every page and column that has prose; pages with a few lines only take those of the other pages."""
    places: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for line in lines:
        places[line.page, line.column].append(line)
    found = {key: _measured(members) for key, members in places.items()}
    for column in {column for _, column in found}:
        told = [found[key] for key, members in places.items() if key[1] == column and len(members) >= 5]
        if not told:
            continue
        usual = Margins(median(m.left for m in told), median(m.right for m in told), median(m.spacing for m in told))
        for key, members in places.items():
            if key[1] != column:
                continue
            size = median(line.size for line in members)
            own = found[key]
            if len(members) < 5:
                found[key] = usual
            elif 1.5 * size < own.left - usual.left < 3 * size:  # all its lines are indented
                found[key] = Margins(usual.left, own.right, own.spacing)
    return found


def _measured(lines: Sequence[Line]) -> Margins:
    size = median(line.size for line in lines)
    left = _edge([line.left for line in lines], 0.5 * size, 0.1)
    right = -_edge([-line.right for line in lines], size, 0.2)
    steps = [below.baseline - above.baseline for above, below in pairwise(lines) if below.baseline > above.baseline]
    return Margins(left, right, median(steps) if steps else 2 * size)


def _edge(values: Sequence[float], tolerance: float, share: float) -> float:
    """The lowest value that a share of all comes near to, so that one line that juts out moves no margin."""
    ordered = sorted(values)
    needed = max(2, share * len(ordered))
    for at, start in enumerate(ordered):
        if bisect_right(ordered, start + tolerance) - at >= needed:
            return start
    return ordered[0]


def _prose(lines: Sequence[Line], place: Mapping[int, Placer], kind: BlockKind = BlockKind.PARAGRAPH) -> Part:
    text, boxes = _written(lines, place)
    return Part(kind, text, boxes=boxes)


def _written(lines: Sequence[Line], place: Mapping[int, Placer]) -> tuple[str, tuple[Box, ...]]:
    """Lines as one run of words, with a box for every piece."""
    words: list[str] = []
    boxes: list[Box] = []
    at = 0
    for line in lines:
        for number, piece in enumerate(line.pieces):
            glue = "" if not words else " " if number else _glue(words[-1], piece.text)
            at += len(glue)
            boxes += (_box(run, at, place[line.page]) for run in piece.runs)
            words += glue, piece.text
            at += len(piece.text)
    return "".join(words), tuple(boxes)


def _box(run: Run, at: int, place: Placer) -> Box:
    """The box of a run in a piece that begins at a position of the text."""
    return Box(Span(at + run.start, at + run.end), place.page, place(run.bounds), run.confidence)


def _glue(above: str, below: str) -> str:
    """What a line end stands for: nothing in Chinese and within numbers, a blank between Latin words."""
    last, first = above[-1], below[0]
    if re.match(f"[{WIDE}]", last) or re.match(f"[{WIDE}]", first):
        return ""
    broken_number = (last.isdigit() or last in ",.+-≥≤<>=") and (first.isdigit() or first in ",.%‰℃°")
    return "" if broken_number or last == "-" or not first.isalnum() else " "
