"""Lone strokes in the cells of tables: — and /, which stand for nothing and which the engine takes for 一 and 1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from extractor.ocr.values import Corners, TextLine

if TYPE_CHECKING:
    from extractor.ocr.preparation import Pixels

SURE = {"一": 0.9, "1": 0.98}  # confidence from which a lone character is what the engine says; 0.9 for all others
STRAIGHT = 5.0  # times as long as thick
LONGEST = 1.5  # times the height of the line; longer ones are rules
FLAT = 12.0  # degrees that a dash slopes at most
RISING = (40.0, 80.0)  # degrees by which a slash rises
ALONG = 0.8  # of an edge
SPECK = 8  # pixels
TOLD = 0.8  # confidence in what the shape tells


def or_stroke(line: TextLine | None, crop: Pixels, strip: Corners) -> TextLine | None:
    """A line as it was read; the stroke that its picture shows where nothing or one doubtful character was read.

    crop: ``(height, width, 3)``, of the strip.
    """
    if line is not None and (len(line.text) > 1 or line.confidences[0] >= SURE.get(line.text, 0.9)):
        return line
    stroke = _stroke(crop)
    return TextLine(stroke, (0.5,), (TOLD,), strip) if stroke else line


def _stroke(crop: Pixels) -> str | None:
    import cv2
    import numpy as np

    _, ink = cv2.threshold(crop[:, :, 0], 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    marks = [label for label in range(1, count) if stats[label, 4] > SPECK and not _is_rule(stats[label].tolist(), *ink.shape)]
    if len(marks) != 1:
        return None
    points = np.argwhere(labels == marks[0])[:, ::-1].astype(np.float32)  # (x, y)
    x, y = cv2.fitLine(points, cv2.DIST_L2, 0, 0.01, 0.01).ravel()[:2].tolist()
    length, thickness = (float(np.ptp(points @ axis)) + 1 for axis in ((x, y), (-y, x)))
    if not STRAIGHT * thickness <= length <= LONGEST * len(crop):
        return None
    rise = (math.degrees(math.atan2(-y, x)) + 90) % 180 - 90  # from -90 to 90; pixels count downwards
    if abs(rise) <= FLAT:
        return "—"
    return "/" if RISING[0] <= rise <= RISING[1] else None


def _is_rule(stats: list[int], height: int, width: int) -> bool:
    """Whether a mark runs along an edge of its picture. stats: of a connected mark as OpenCV gives them."""
    left, top, across, down, _ = stats
    at_side = left == 0 or left + across == width
    at_end = top == 0 or top + down == height
    return (at_side and down > ALONG * height and down > STRAIGHT * across) or (
        at_end and across > ALONG * width and across > STRAIGHT * down
    )
