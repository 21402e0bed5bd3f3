"""Lines of words within the fields of ruled tables: those across a rule are cut, those that were overlooked are found.

A strip is the four corners of a line in the upright picture, bounds are pixels of the levelled one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from extractor.ocr.ruling import Rule, Ruling, draw, levelling
from extractor.ocr.values import Bounds, Corners

if TYPE_CHECKING:
    from extractor.ocr.preparation import Pixels

LEAST_INK = 0.01  # of the square of a character: less is a speck
MARGIN = 0.2  # of the size, around words
SHARED = 0.5  # of what is cut off: so much of it within another strip is that one's
SLIVER = (0.3, 0.5)  # of a line's thickness: narrower or lower parts of it are what it took in of other fields
WITHIN = 0.1  # of the size: a line's bounds are wider than its words and reach into the next line
SEVERAL = 1.5  # sizes from which on a box may hold several lines; one that is as many times higher than wide stands
GAP = 0.35  # of the size, between characters of one line
SMALLEST = 0.35  # of the size: what is overlooked is at least so long; a lone dash or digit is
HIGHEST = 2.2  # sizes of a line that was overlooked; higher ones are drawings and signatures
STROKE = (0.25, 2.5)  # sizes: thinner and longer than these is a rule that was not told


def in_fields(strips: Sequence[Corners], ruling: Ruling) -> list[Corners]:
    """The strips of a page with ruled tables, none of them across a rule, and those of words without a strip."""
    turn = levelling(ruling.words.shape, ruling.skew)
    around = [_levelled(strip, turn) for strip in strips]
    whole = dict(zip(around, strips, strict=True))
    size = _size(around)
    kept = [line for box in _cut(around, ruling) for line in _lines_of(box, ruling.words, size)]
    overlooked = list(_overlooked(kept, ruling, size))
    return [whole.get(box) or _corners(box, turn) for box in (*kept, *_cut(overlooked, ruling))]


def _size(around: Sequence[Bounds]) -> float:
    """Pixels of a line's thickness."""
    return median(min(right - left, bottom - top) for left, top, right, bottom in around) if around else 24.0


def _cut(around: Sequence[Bounds], ruling: Ruling) -> Iterator[Bounds]:
    """Lines as they are where no rule crosses them, else the words on either side of it."""
    for box in around:
        parts = list(_parts(box, ruling.rules))
        if parts == [box]:
            yield box
            continue
        thickness = min(box[2] - box[0], box[3] - box[1])
        for part in parts:
            if part[2] - part[0] < SLIVER[0] * thickness or part[3] - part[1] < SLIVER[1] * thickness:
                continue
            words = _tightened(part, ruling.words)
            if words and not any(_inside(words, other) > SHARED for other in around if other is not box):
                yield words


def _lines_of(box: Bounds, words: Pixels, size: float) -> Iterator[Bounds]:
    """The lines of a box that holds several, one below the other; the box where it holds one."""
    import numpy as np

    left, top, right, bottom = box
    if not SEVERAL * size <= bottom - top <= SEVERAL * (right - left):
        yield box
        return
    rows = words[_pixels(box)].any(axis=1)
    inked = np.flatnonzero(np.diff(np.concatenate(([False], rows, [False])))).reshape(-1, 2)  # where ink begins and ends
    high = [(first, last) for first, last in inked.tolist() if last - first >= SMALLEST * size]
    start = max(0, round(top))
    edges = [top, *(start + (above[1] + below[0]) / 2 for above, below in pairwise(high)), bottom]
    for y0, y1 in pairwise(edges):
        yield left, y0, right, y1


def _parts(box: Bounds, rules: Sequence[Rule]) -> Iterator[Bounds]:
    """Bounds between the rules that cross some."""
    left, top, right, bottom = box
    for x0, x1 in _between(left, right, (rule for rule in rules if not rule.level), (top + bottom) / 2):
        for y0, y1 in _between(top, bottom, (rule for rule in rules if rule.level), (x0 + x1) / 2):
            yield x0, y0, x1, y1


def _between(start: float, end: float, rules: Iterable[Rule], along: float) -> Iterator[tuple[float, float]]:
    """What the rules leave of a range that they cross; along: where they cross it."""
    crossing = sorted((rule.at(along), rule.thickness / 2 + 1) for rule in rules if rule.covers(along))
    edges = [(at - half, at + half) for at, half in crossing if start < at + half and at - half < end]
    for (_, first), (last, _) in pairwise([(start, start), *edges, (end, end)]):
        if last > first:
            yield first, last


def _tightened(part: Bounds, words: Pixels) -> Bounds | None:
    """Bounds around the words in a part, with a margin; None where there are none."""
    import numpy as np

    left, top, right, bottom = part
    inside = words[_pixels(part)]
    size = min(bottom - top, right - left)
    if np.count_nonzero(inside) < max(6.0, LEAST_INK * size * size):
        return None
    (columns,) = np.nonzero(inside.any(axis=0))
    margin = MARGIN * size
    first = max(0, round(left))
    x0, x1 = max(left, first + float(columns[0]) - margin), min(right, first + float(columns[-1]) + 1 + margin)
    return x0, top, x1, bottom


def _pixels(box: Bounds, margin: float = 0.0) -> tuple[slice, slice]:
    """Rows and columns of a picture within bounds and a margin around them."""
    left, top, right, bottom = box
    rows, columns = (top - margin, bottom + margin), (left - margin, right + margin)
    return slice(max(0, round(rows[0])), max(0, round(rows[1]))), slice(max(0, round(columns[0])), max(0, round(columns[1])))


def _inside(box: Bounds, other: Bounds) -> float:
    """The share of a box within another."""
    across = min(box[2], other[2]) - max(box[0], other[0])
    down = min(box[3], other[3]) - max(box[1], other[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return max(0.0, across) * max(0.0, down) / max(area, 1.0)


def _overlooked(around: Sequence[Bounds], ruling: Ruling, size: float) -> Iterator[Bounds]:
    """Bounds of words within tables that no line holds: lone digits and dashes most of all."""
    import cv2
    import numpy as np

    rest = np.zeros_like(ruling.words)
    for box in ruling.tables:
        inside = _pixels(box)
        rest[inside] = ruling.words[inside]
    for box in around:
        rest[_pixels(box, -WITHIN * size)] = 0
    near = cv2.dilate(rest, np.ones((3, 2 * round(GAP * size) + 1), np.uint8))
    for rule in ruling.rules:
        draw(near, rule, 0, 3)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near)
    ink = np.bincount(labels[rest > 0], minlength=count)
    ink[0] = 0  # between the marks
    for label in np.flatnonzero(ink >= max(6.0, LEAST_INK * size * size)).tolist():
        left, top, width, height, _ = stats[label].tolist()
        inside = _pixels((left, top, left + width, top + height))
        down, across = np.nonzero((labels[inside] == label) & (rest[inside] > 0))
        own = left + across.min(), top + down.min(), left + across.max() + 1, top + down.max() + 1
        if _is_line(own, size):
            yield _with_margin(own, size)


def _is_line(box: Bounds, size: float) -> bool:
    """Whether a mark may be a line of words, as short as it is."""
    wide, high = box[2] - box[0], box[3] - box[1]
    thin, long = STROKE
    return max(wide, high) >= SMALLEST * size and high <= HIGHEST * size and (high >= thin * size or wide <= long * size)


def _with_margin(box: Bounds, size: float) -> Bounds:
    """Bounds with room around them, and at least as high as a line."""
    left, top, right, bottom = map(float, box)
    half = max((bottom - top) / 2 + MARGIN * size, size / 2)
    return left - MARGIN * size, (top + bottom) / 2 - half, right + MARGIN * size, (top + bottom) / 2 + half


def _levelled(strip: Corners, turn: Pixels) -> Bounds:
    """Level bounds of the same width and height as a strip."""
    import cv2
    import numpy as np

    left_top, right_top, right_bottom, left_bottom = cv2.transform(np.array([strip], np.float64), turn)[0].tolist()
    return (
        (left_top[0] + left_bottom[0]) / 2,
        (left_top[1] + right_top[1]) / 2,
        (right_top[0] + right_bottom[0]) / 2,
        (left_bottom[1] + right_bottom[1]) / 2,
    )


def _corners(box: Bounds, turn: Pixels) -> Corners:
    """Level bounds in the picture that is not levelled."""
    import cv2
    import numpy as np

    left, top, right, bottom = box
    corners = np.array([[(left, top), (right, top), (right, bottom), (left, bottom)]], np.float64)
    first, second, third, fourth = cv2.transform(corners, cv2.invertAffineTransform(turn))[0].tolist()
    return tuple(first), tuple(second), tuple(third), tuple(fourth)
