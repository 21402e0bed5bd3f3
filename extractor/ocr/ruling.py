"""Ruling lines of tables on a picture: long straight strokes that touch one another, found by morphology.

A page is levelled first. Strokes tell its skew more exactly than words do, since they are longer; of tables, whose words
are short, often nothing else does. All coordinates are pixels of the levelled picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extractor.ocr.values import Bounds

if TYPE_CHECKING:
    from extractor.ocr.preparation import Pixels

FIELD = 31  # pixels around, than whose mean ink is darker
CONTRAST = 14  # by so much
LEAST_LEVEL = 40  # parts of a page's width: shorter level strokes are those of characters
LEAST_UPRIGHT = 80  # parts of its height, likewise: less than the row of a table
BRIDGE = 0.4  # of the least length: gaps in a stroke that are closed, less than a row is high
THICKEST = 0.3  # of the least length
SHORT = 3  # times the least length: shorter level strokes must touch a stroke at both ends
SLOPING = 1.0  # degrees that a rule may slope on the levelled picture
TOUCH = 4  # pixels between strokes that meet
AROUND = 6  # pixels of a rule's blurred edges
TABLE = 0.2  # of the page's width: a table is not narrower
LEAST_RULES = 5  # of a table; a frame has four
TILT = 0.04  # degrees from which levelling a second time is worth it
MAX_TILT = 4.0  # degrees by which words may have told the skew wrongly
THICKENED = 5  # pixels: what slopes by so much is then still one stroke
TELLING = 0.2  # of the page's width: the strokes that tell its skew
MAX_STROKES = 1500  # of one page and direction; noise and pictures have more


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruling line, level (``start`` and ``end`` are x, ``first`` and ``last`` are y there) or upright (the other way)."""

    level: bool
    start: float
    end: float
    first: float
    last: float
    thickness: float

    def at(self, along: float) -> float:
        """Where it stands across at a place along it, beyond its ends as at them."""
        share = (along - self.start) / max(self.end - self.start, 1.0)
        return self.first + (self.last - self.first) * min(1.0, max(0.0, share))

    def covers(self, along: float) -> bool:
        return self.start - TOUCH <= along <= self.end + TOUCH

    @property
    def ends(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(x, y) of both, in whole pixels."""
        ends = (self.start, self.first), (self.end, self.last)
        (x0, y0), (x1, y1) = ends if self.level else (ends[0][::-1], ends[1][::-1])
        return (round(x0), round(y0)), (round(x1), round(y1))

    @property
    def bounds(self) -> Bounds:
        """As a thin line that does not slope."""
        middle = round((self.first + self.last) / 2, 1)
        return (self.start, middle, self.end, middle) if self.level else (middle, self.start, middle, self.end)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What rules tell of a page: its skew, its ``tables`` as what is around each, and all other ink.

    ``words``: ``(height, width)``, 0 where there is no ink.
    """

    skew: float
    rules: tuple[Rule, ...]
    tables: tuple[Bounds, ...]
    words: Pixels


def ruling_of(grey: Pixels, skew: float) -> Ruling | None:
    """The tables of an upright picture whose lines fall by about ``skew`` degrees; None where no strokes make one."""
    import cv2
    import numpy as np

    width = grey.shape[1]
    ink = _ink(grey, skew)
    thickened = cv2.dilate(ink, np.ones((THICKENED, 1), np.uint8))  # or a thin stroke that slopes falls into steps
    tilt = _tilt(_strokes(thickened, is_level=True, sloping=MAX_TILT), width)
    if tilt is None:
        return None
    if abs(tilt) > TILT:
        skew = round(skew + tilt, 3)
        ink = _ink(grey, skew)
    touching = _touching(_strokes(ink, is_level=True), _strokes(ink, is_level=False), SHORT * width / LEAST_LEVEL)
    tables = list(_tables(touching, grey.shape))
    rules = tuple(rule for _, members in tables for rule in members)
    return Ruling(skew, rules, tuple(around for around, _ in tables), _without(rules, ink)) if tables else None


def levelling(shape: tuple[int, ...], skew: float) -> Pixels:
    """The matrix, ``(2, 3)``, that turns places of a picture of this shape into those of the levelled one."""
    import cv2

    height, width = shape[:2]
    return cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)


def _ink(grey: Pixels, skew: float) -> Pixels:
    """255 where the levelled picture is darker than around, else 0."""
    import cv2

    height, width = grey.shape
    turned = cv2.warpAffine(grey, levelling(grey.shape, skew), (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
    return cv2.adaptiveThreshold(turned, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, FIELD, CONTRAST)


def _strokes(ink: Pixels, *, is_level: bool, sloping: float = SLOPING) -> list[Rule]:
    """Straight strokes of some length and little thickness, sloping by so many degrees; none where there are too many."""
    import cv2
    import numpy as np

    least = max(16, ink.shape[1] // LEAST_LEVEL if is_level else ink.shape[0] // LEAST_UPRIGHT)

    def along(length: float) -> Any:
        size = max(3, round(length))
        return np.ones((1, size) if is_level else (size, 1), np.uint8)

    mask = cv2.morphologyEx(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, along(3)), cv2.MORPH_OPEN, along(least))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, along(BRIDGE * least))
    mask = mask if is_level else cv2.transpose(mask)  # from here on every stroke lies
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count > MAX_STROKES:
        return []
    steepest = math.tan(math.radians(sloping))
    rules = []
    for label, (left, top, length, height, area) in enumerate(stats[1:].tolist(), 1):
        thickness = area / length
        if thickness <= THICKEST * least and height <= thickness + steepest * length + 3:
            shape = labels[top : top + height, left : left + length] == label
            first, last = (float(np.nonzero(end)[0].mean()) for end in (shape[:, :least], shape[:, -least:]))
            beyond = (last - first) * least / (2 * max(length - least, least))  # from the middles of both parts to the ends
            rules.append(Rule(is_level, left, left + length, top + first - beyond + 0.5, top + last + beyond + 0.5, thickness))
    return rules


def _tilt(level: list[Rule], width: int) -> float | None:
    """Degrees by which level strokes still fall to the right: the middle of all, weighed by length; None without long ones."""
    told = sorted(
        (math.degrees(math.atan2(rule.last - rule.first, rule.end - rule.start)), rule.end - rule.start)
        for rule in level
        if rule.end - rule.start >= TELLING * width
    )
    half = sum(weight for _, weight in told) / 2
    for angle, weight in told:
        half -= weight
        if half <= 0:
            return angle
    return None


def _touching(level: list[Rule], upright: list[Rule], short: float) -> list[Rule]:
    """Strokes that hang together as those of a table do: an underline or a separator touches none."""
    import numpy as np

    meet = _meetings(level, upright)
    needed = np.array([2 if rule.end - rule.start < short else 1 for rule in level])
    lying, standing = needed > 0, np.ones(len(upright), bool)
    while True:
        still_lying = lying & ((meet & standing).sum(axis=1) >= needed)
        still_standing = standing & ((meet & still_lying[:, None]).sum(axis=0) >= 2)
        if (still_lying == lying).all() and (still_standing == standing).all():
            return [
                rule
                for rules, kept in ((level, lying), (upright, standing))
                for rule, is_kept in zip(rules, kept, strict=True)
                if is_kept
            ]
        lying, standing = still_lying, still_standing


def _meetings(level: list[Rule], upright: list[Rule]) -> Any:
    """``(level, upright)``: whether the one touches the other."""
    import numpy as np

    def columns(rules: list[Rule]) -> Any:
        return np.array([(rule.start, rule.end, rule.first, rule.last) for rule in rules], float).reshape(-1, 4).T

    def placed(along: Any, start: Any, end: Any, first: Any, last: Any) -> Any:
        return first + (last - first) * np.clip((along - start) / (end - start), 0, 1)

    left, right, y_left, y_right = columns(level)[:, :, None]
    top, bottom, x_top, x_bottom = columns(upright)[:, None, :]
    x = placed((y_left + y_right) / 2, top, bottom, x_top, x_bottom)
    y = placed(x, left, right, y_left, y_right)
    return (left - TOUCH <= x) & (x <= right + TOUCH) & (top - TOUCH <= y) & (y <= bottom + TOUCH)


def _tables(rules: list[Rule], shape: tuple[int, ...]) -> Iterator[tuple[Bounds, list[Rule]]]:
    """Rules that hang together, and what is around them: more than a frame, and larger than a character."""
    import cv2
    import numpy as np

    drawn = np.zeros(shape, np.uint8)
    for rule in rules:
        draw(drawn, rule, 255, 2 * TOUCH + 1)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(drawn)
    members: list[list[Rule]] = [[] for _ in range(count)]
    for rule in rules:
        x, y = rule.ends[0]
        members[labels[min(max(0, y), shape[0] - 1), min(max(0, x), shape[1] - 1)]].append(rule)
    for (left, top, width, height, _), own in zip(stats.tolist(), members, strict=True):
        if len(own) >= LEAST_RULES and width >= TABLE * shape[1]:
            yield (left, top, left + width, top + height), own


def draw(image: Pixels, rule: Rule, value: int, thickness: int) -> None:
    """Draw a rule into a picture."""
    import cv2

    cv2.line(image, *rule.ends, value, thickness)


def _without(rules: tuple[Rule, ...], ink: Pixels) -> Pixels:
    words = ink.copy()
    for rule in rules:
        draw(words, rule, 0, round(rule.thickness) + AROUND)
    return words
