"""The paper on a photograph: where its four corners are, and the picture of it alone, as if seen from above.

Arrays are ``(height, width, 3)`` of bytes. A scan, whose paper is the whole picture, has no such corners.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractor.ocr.upright import ordered
from extractor.ocr.values import Corners, Point

if TYPE_CHECKING:
    from extractor.ocr.preparation import Pixels

COARSE = 600  # pixels of the longer side at which the paper is looked for
LEAST_PAPER = 0.3  # of the picture
STRAIGHT = 0.02  # of its outline: by so much its sides may be bent
FILLED = 0.95  # of what is within the four corners is paper
EDGE = 0.01  # of the picture: corners this near to its own are those of the picture
SQUARE = (60.0, 120.0)  # degrees of each corner


def papers_of(image: Pixels) -> Iterator[Corners]:
    """Corners of what may be bright paper before something darker, in shares of the picture; the likeliest first."""
    import cv2
    import numpy as np

    height, width = image.shape[:2]
    scale = min(1.0, COARSE / max(height, width))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    grey = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    calm = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))  # without its words
    level, _ = cv2.threshold(calm, 0, 255, cv2.THRESH_OTSU)
    shaded, _ = cv2.threshold(calm[calm <= level], 0, 255, cv2.THRESH_OTSU)  # where a shadow parts the paper in two
    for darkest in (level, shaded):
        four = _four_corners((calm > darkest).astype(np.uint8))
        if four is not None:
            corners = ordered([(x / (size[0] - 1), y / (size[1] - 1)) for x, y in four])
            if _is_seen_askew(corners, width, height):
                yield corners


def _four_corners(bright: Pixels) -> list[Point] | None:
    """The corners of the largest bright part, where it is large and has four straight sides."""
    import cv2

    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    four = cv2.approxPolyDP(outline, STRAIGHT * cv2.arcLength(outline, True), True)
    area = cv2.contourArea(outline)
    if len(four) != 4 or not cv2.isContourConvex(four) or area < max(LEAST_PAPER * bright.size, FILLED * cv2.contourArea(four)):
        return None
    return [(float(x), float(y)) for x, y in four[:, 0].tolist()]


def _is_seen_askew(corners: Corners, width: int, height: int) -> bool:
    """Whether corners are those of a sheet within the picture, and nearly square."""
    if all(min(x, 1 - x) < EDGE and min(y, 1 - y) < EDGE for x, y in corners):
        return False
    low, high = SQUARE
    return all(low < angle < high for angle in _angles([(x * width, y * height) for x, y in corners]))


def _angles(corners: list[Point]) -> list[float]:
    """Degrees within each corner."""
    found = []
    for at, (x, y) in enumerate(corners):
        (x0, y0), (x1, y1) = corners[at - 1], corners[(at + 1) % 4]
        found.append(abs(math.degrees(math.atan2(y0 - y, x0 - x) - math.atan2(y1 - y, x1 - x))))
    return [min(angle, 360 - angle) for angle in found]


def holds(paper: Corners, point: Point) -> bool:
    """Whether a point is on the paper; both in shares of the picture."""
    import cv2
    import numpy as np

    return cv2.pointPolygonTest(np.array(paper, np.float32), point, False) >= 0


def flattened(image: Pixels, paper: Corners) -> Pixels:
    """The paper alone, as large as its sides are on the picture."""
    import cv2
    import numpy as np

    height, width = image.shape[:2]
    points = np.array([(x * (width - 1), y * (height - 1)) for x, y in paper], np.float32)
    first, second, third, fourth = points
    across = round(max(np.linalg.norm(second - first), np.linalg.norm(third - fourth)))
    down = round(max(np.linalg.norm(fourth - first), np.linalg.norm(third - second)))
    target = np.array([(0, 0), (across - 1, 0), (across - 1, down - 1), (0, down - 1)], np.float32)
    matrix = cv2.getPerspectiveTransform(points, target)
    return cv2.warpPerspective(image, matrix, (across, down), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
