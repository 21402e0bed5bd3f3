"""Which way up the lines of a page stand, and how far they slope. Pure geometry, in pixels.

A strip is the four corners of a line, ``Corners``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from extractor.ocr.values import Corners, Point

LYING = 1.5  # a strip this many times longer than thick has a direction
STEEPEST = 12.0  # degrees: what slopes more than this against the page's other lines is a watermark or a stamp


def ordered(points: Sequence[Point]) -> Corners:
    """Corners from the left top, clockwise: the upper side is the one that runs most nearly to the right."""
    middle_x, middle_y = sum(x for x, _ in points) / 4, sum(y for _, y in points) / 4
    around = sorted(points, key=lambda point: math.atan2(point[1] - middle_y, point[0] - middle_x))

    def to_the_right(at: int) -> float:
        (x, y), (next_x, next_y) = around[at], around[(at + 1) % 4]
        return (next_x - x) / max(math.hypot(next_x - x, next_y - y), 1e-9)

    first = max(range(4), key=to_the_right)
    return around[first], around[(first + 1) % 4], around[(first + 2) % 4], around[(first + 3) % 4]


def sides(strip: Corners) -> tuple[float, float]:
    """Width and height of a strip, whatever its slope."""
    left_top, right_top, right_bottom, left_bottom = strip
    width = max(math.dist(left_top, right_top), math.dist(left_bottom, right_bottom))
    height = max(math.dist(left_top, left_bottom), math.dist(right_top, right_bottom))
    return width, height


def grown(strip: Corners, share: float) -> Corners:
    """A strip with a margin all around, as a share of its thickness."""
    width, height = sides(strip)
    margin = share * min(width, height)
    left_top, right_top, right_bottom, left_bottom = strip
    along = ((right_top[0] - left_top[0]) / max(width, 1.0), (right_top[1] - left_top[1]) / max(width, 1.0))

    def moved(point: Point, right: int, down: int) -> Point:
        return (
            point[0] + margin * (right * along[0] - down * along[1]),
            point[1] + margin * (right * along[1] + down * along[0]),
        )

    return moved(left_top, -1, -1), moved(right_top, 1, -1), moved(right_bottom, 1, 1), moved(left_bottom, -1, 1)


def lies_on_its_side(strips: Sequence[Corners]) -> bool:
    """Whether most of the lines, by their length, run up or down."""
    level = upright = 0.0
    for width, height in map(sides, strips):
        level += width if width > LYING * height else 0.0
        upright += height if height > LYING * width else 0.0
    return upright > level


def turned(strip: Corners, height: float) -> Corners:
    """A strip after its picture, of this height, was turned by a clockwise quarter."""
    return ordered([(height - y, x) for x, y in strip])


def slope(strip: Corners) -> float:
    """Degrees by which a strip falls to the right."""
    left_top, right_top, right_bottom, left_bottom = strip
    across = right_top[0] - left_top[0] + right_bottom[0] - left_bottom[0]
    down = right_top[1] - left_top[1] + right_bottom[1] - left_bottom[1]
    return math.degrees(math.atan2(down, across))


def skew(strips: Sequence[Corners]) -> float:
    """The slope of the page: that of the middle of all its strips, weighed by their length; 0 where none tells."""
    told = []
    for strip in strips:
        width, height = sides(strip)
        if width > 3 * height:
            told.append((slope(strip), width))
    told.sort()
    half = sum(weight for _, weight in told) / 2
    for angle, weight in told:
        half -= weight
        if half <= 0:
            return round(angle, 2)
    return 0.0


def runs_along(strip: Corners, page_skew: float) -> bool:
    """Whether a strip runs along the page's lines; what is too short to tell does."""
    width, height = sides(strip)
    return width <= 2 * height or abs(slope(strip) - page_skew) <= STEEPEST
