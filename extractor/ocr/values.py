"""The values of OCR, and how a reading is written down: as JSON, which the cache and the processes share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

BLANK = "空白页"

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]  # left top, right top, right bottom, left bottom, as the text stands
Bounds = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as it is shown: rows from the top of ``width`` pixels, each a byte of red, green and blue."""

    width: int
    height: int
    pixels: bytes

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or len(self.pixels) != 3 * self.width * self.height:
            raise ValueError(f"{len(self.pixels)} bytes are no picture of {self.width} x {self.height} pixels")

    def digest(self) -> str:
        """SHA-256 of size and pixels, in hexadecimal: the same page has the same one, whichever file it stands in."""
        return sha256(b"%d %d " % (self.width, self.height) + self.pixels).hexdigest()


@dataclass(frozen=True, slots=True)
class TextLine:
    """Characters that were read in one strip of the upright picture; blanks at either end are left out.

    ``middles`` are where each character's middle stands along the strip, from 0 (left end) to 1, ascending.
    ``confidences`` run parallel, in [0, 1]. ``corners`` are pixels.
    """

    text: str
    middles: tuple[float, ...]
    confidences: tuple[float, ...]
    corners: Corners


@dataclass(frozen=True, slots=True)
class PageReading:
    """What was read on one picture.

    ``width`` and ``height`` are pixels of the upright picture, which is the shown one after ``turn`` clockwise quarters.
    ``skew`` is the slope of its lines in degrees, positive where they fall to the right. ``steps`` are Chinese words for
    what was done to the picture, `BLANK` among them where nothing is on it. ``n_unreadable`` lines were seen and not read.
    ``rules`` are ruling lines of tables, as thin bounds in pixels of the picture once it is levelled about its middle.
    ``paper`` are the corners of a photographed sheet in shares of the picture; what was read is then the flattened sheet.
    """

    width: int
    height: int
    lines: tuple[TextLine, ...] = ()
    turn: int = 0
    skew: float = 0.0
    steps: tuple[str, ...] = ()
    n_unreadable: int = 0
    rules: tuple[Bounds, ...] = ()
    paper: Corners | None = None

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> float | None:
        """Mean of the characters'; None where there are none."""
        all_of_them = [confidence for line in self.lines for confidence in line.confidences]
        return sum(all_of_them) / len(all_of_them) if all_of_them else None


def to_json(reading: PageReading) -> bytes:
    return json.dumps(
        {
            "size": [reading.width, reading.height],
            "turn": reading.turn,
            "skew": reading.skew,
            "steps": reading.steps,
            "unreadable": reading.n_unreadable,
            "rules": reading.rules,
            "paper": reading.paper,
            "lines": [[line.text, line.middles, line.confidences, line.corners] for line in reading.lines],
        },
        ensure_ascii=False,
    ).encode()


def from_json(content: bytes) -> PageReading:
    """Raises ValueError where this is no reading that `to_json` wrote."""
    try:
        saved: Mapping[str, Any] = json.loads(content)
        width, height = map(int, saved["size"])
        lines = tuple(_line(*line) for line in saved["lines"])
        return PageReading(
            width,
            height,
            lines,
            turn=saved["turn"] % 4,
            skew=float(saved["skew"]),
            steps=tuple(map(str, saved["steps"])),
            n_unreadable=int(saved["unreadable"]),
            rules=tuple(_bounds(rule) for rule in saved["rules"]),
            paper=_corners(saved["paper"]) if saved["paper"] else None,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no reading of a page: {error!r}") from error


def _line(text: str, middles: list[float], confidences: list[float], corners: list[list[float]]) -> TextLine:
    if not text or not len(text) == len(middles) == len(confidences):
        raise ValueError(f"{len(text)} characters, {len(middles)} places, {len(confidences)} confidences")
    return TextLine(text, tuple(middles), tuple(confidences), _corners(corners))


def _corners(corners: list[list[float]]) -> Corners:
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return first, second, third, fourth


def _bounds(rule: list[float]) -> Bounds:
    left, top, right, bottom = rule
    return left, top, right, bottom
