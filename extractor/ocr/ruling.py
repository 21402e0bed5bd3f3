"""Ruling lines of tables on a picture: long straight strokes that touch one another, found by morphology.

A page is levelled first. Strokes tell its skew more exactly than words do, since they are longer; of tables, whose words
are short, often nothing else does. All coordinates are pixels of the levelled picture.
"""

from __future__ import annotations

import math
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
SLOPING = 0.02  # how much a rule may still fall for its length
TOUCH = 4  # pixels between strokes that meet
TILT = 0.04  # degrees from which levelling a second time is worth it
MAX_TILT = 1.5  # degrees: more is no error of the skew
TELLING = 0.2  # of the page's width: the strokes that tell its skew
MAX_STROKES = 1500  # of one page and direction; noise and pictures have more


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruling line from ``start`` to ``end``, level (x runs) or upright (y runs); across, at ``first`` there and ``last`` here."""

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
    def bounds(self) -> Bounds:
        """As a thin line that does not slope."""
        middle = round((self.first + self.last) / 2, 1)
        return (self.start, middle, self.end, middle) if self.level else (middle, self.start, middle, self.end)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rules of a page's tables. ``words`` are all the other ink of the levelled picture, ``(height, width)``, 0 where none is."""

    skew: float
    rules: tuple[Rule, ...]
    words: Pixels


def ruling_of(grey: Pixels, skew: float) -> Ruling | None:
    """The tables of an upright picture whose lines fall by about ``skew`` degrees; None where no strokes make one."""
    import cv2
    import numpy as np

    width = grey.shape[1]
    ink = _ink(grey, skew)
    thickened = cv2.dilate(ink, np.ones((3, 1), np.uint8))  # a thin stroke that slopes shows as a stair
    level = _strokes(thickened, is_level=True)
    if len(level) < 2:
        return None
    tilt = _tilt(level, width)
    if TILT < abs(tilt) <= MAX_TILT:
        skew = round(skew + tilt, 3)
        ink = _ink(grey, skew)
    level, standing = _strokes(ink, is_level=True), _strokes(ink, is_level=False)
    rules = _touching(level, standing, SHORT * width / LEAST_LEVEL)
    return Ruling(skew, rules, _without(rules, ink)) if rules else None


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


def _strokes(ink: Pixels, *, is_level: bool) -> list[Rule]:
    """Straight strokes of some length and little thickness; none where there are too many."""
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
    rules = []
    for label, (left, top, length, height, area) in enumerate(stats[1:].tolist(), 1):
        thickness = area / length
        if thickness <= THICKEST * least and height <= thickness + SLOPING * length + 3:
            shape = labels[top : top + height, left : left + length] == label
            first, last = (float(np.nonzero(end)[0].mean()) for end in (shape[:, :least], shape[:, -least:]))
            rules.append(Rule(is_level, left, left + length, top + first + 0.5, top + last + 0.5, thickness))
    return rules


def _tilt(level: list[Rule], width: int) -> float:
    """Degrees by which level strokes still fall to the right: that of the middle of all, weighed by length."""
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
    return 0.0


def _touching(level: list[Rule], upright: list[Rule], short: float) -> tuple[Rule, ...]:
    """Strokes that hang together as those of a table do: a character, an underline or a separator touches no such."""
    while True:
        crossings = {rule: sum(_meet(rule, other) for other in upright) for rule in level}
        kept = [rule for rule, n in crossings.items() if n >= (2 if rule.end - rule.start < short else 1)]
        standing = [rule for rule in upright if sum(_meet(other, rule) for other in kept) >= 2]
        if len(kept) == len(level) and len(standing) == len(upright):
            return (*kept, *standing)
        level, upright = kept, standing


def _meet(level: Rule, upright: Rule) -> bool:
    x = upright.at(level.first)
    y = level.at(x)
    return level.covers(x) and upright.covers(y)


def _without(rules: tuple[Rule, ...], ink: Pixels) -> Pixels:
    import cv2

    words = ink.copy()
    for rule in rules:
        ends = [(rule.start, rule.first), (rule.end, rule.last)]
        (x0, y0), (x1, y1) = ((round(x), round(y)) for x, y in (ends if rule.level else [end[::-1] for end in ends]))
        cv2.line(words, (x0, y0), (x1, y1), 0, round(rule.thickness) + 6)
    return words
