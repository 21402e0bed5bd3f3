"""From what OCR read on a picture to the sheets of a page, in points."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from extractor.ocr.pages import Read
from extractor.ocr.upright import sides
from extractor.ocr.values import BLANK, PageReading, Picture, TextLine
from extractor.ocr.workers import OcrError
from extractor.readers.lines import WIDE, Glyph, Placer, gutter_of, lines_of, rotated
from extractor.readers.sheets import Sheet
from extractor.types import Page

DPI = 200  # pixels to the inch at which a page is read: strokes of small print are two pixels wide
MAX_SIDE = 3300  # pixels, as of A3: larger pages are read more coarsely
UNCLEAR = 0.85  # mean confidence of a page under which a person should look
SIZE = 0.72  # of a strip's height, where its characters do not tell
SAME_SIZE = 0.12  # of the usual size of a page
MIDDLE = 0.38  # of the size, from the middle of the characters down to their baseline
REACH = 0.55  # of the size, from their middle to top and bottom
NARROW = 0.55  # of the size: the width of a digit or a Latin character
APART = 1.6  # times as far as neighbours stand: no longer neighbours
COARSE = 0.3  # of a strip's height: less than two of the columns in which OCR tells places
STANDING = 2.5  # a strip this many times higher than wide holds characters from top to bottom
SPREAD = 1.15  # a picture this many times wider than high may show two pages
DRIFT = 0.02  # of a page's height, by which paper is laid differently
OCR = "文字识别"
NO_WORDS = "该页没有可辨认的文字，未读取"


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as a picture; width and height are points."""

    page: Page
    picture: Picture


def scale_for(width: float, height: float) -> float:
    """Pixels per point at which a page of this size, in points, is drawn."""
    return min(DPI / 72, MAX_SIDE / max(width, height, 1.0))


def sheets_of(shown: Shown, read: Read) -> list[Sheet]:
    """The sheets of a page that is read by OCR; two where it shows two pages, one without characters where it fails."""
    try:
        return placed(shown.page, read(shown.picture))
    except OcrError as error:
        return [empty(shown.page, f"该页文字识别未能完成（{error}），未读取")]


def empty(page: Page, *troubles: str) -> Sheet:
    return Sheet(page, Placer(page.width, page.height, page=page.number), troubles=troubles)


def placed(page: Page, reading: PageReading) -> list[Sheet]:
    """A page's reading in points."""
    paper = tuple((x * page.width, y * page.height) for x, y in reading.paper or ())
    width, height = sides((paper[0], paper[1], paper[2], paper[3])) if paper else (page.width, page.height)
    size = (height, width) if reading.turn % 2 else (width, height)
    placer = Placer(*size, turn=-reading.turn % 4, skew=reading.skew, page=page.number, paper=paper)
    strips = [_strip(line, reading, placer) for line in reading.lines]
    sizes = _sizes(strips)
    halves = _halves([glyph for strip, size in zip(strips, sizes, strict=True) for glyph in _glyphs(strip, size)], placer)
    steps = (OCR, *reading.steps, *(("按左右两页阅读",) if len(halves) > 1 else ()))
    shown = Page(page.number, page.width, page.height, steps)
    across, down = placer.width / reading.width, placer.height / reading.height
    rules = tuple((left * across, top * down, right * across, bottom * down) for left, top, right, bottom in reading.rules)
    troubles = tuple(_troubles(reading))
    return [
        Sheet(shown, placer, tuple(half), rules=rules, troubles=() if number else troubles, drift=DRIFT * placer.height)
        for number, half in enumerate(halves)
    ]


def _troubles(reading: PageReading) -> Iterator[str]:
    confidence = reading.confidence
    if confidence is None and not reading.n_unreadable and BLANK not in reading.steps:
        yield NO_WORDS
    if reading.n_unreadable:
        yield f"有 {reading.n_unreadable} 处字迹无法辨认，未读取；请对照原件"
    if confidence is not None and confidence < UNCLEAR:
        yield f"字迹不清，文字识别的平均可信度只有 {confidence:.0%}；请对照原件"


@dataclass(frozen=True, slots=True)
class Strip:
    """A line in points, levelled. ``middles`` are (x, y) of its characters; ``pitch`` is the distance of Chinese neighbours."""

    line: TextLine
    middles: tuple[tuple[float, float], ...]
    height: float
    pitch: float | None


def _strip(line: TextLine, reading: PageReading, placer: Placer) -> Strip:
    across, down = placer.width / reading.width, placer.height / reading.height
    corners = [(x * across, y * down) for x, y in line.corners]
    left_top, right_top, right_bottom, left_bottom = (
        rotated(x, y, -placer.skew, placer.width / 2, placer.height / 2) for x, y in corners
    )
    left, right = (left_top[0] + left_bottom[0]) / 2, (right_top[0] + right_bottom[0]) / 2
    top, bottom = (left_top[1] + right_top[1]) / 2, (left_bottom[1] + right_bottom[1]) / 2
    if bottom - top >= STANDING * (right - left):
        places = tuple(((left + right) / 2, top + middle * (bottom - top)) for middle in line.middles)
        return Strip(line, places, max(right - left, 0.1), None)
    xs = [left + middle * (right - left) for middle in line.middles]
    height = max(bottom - top, 0.1)
    return Strip(line, tuple((x, (top + bottom) / 2) for x in xs), height, _pitch(line.text, xs, height))


def _pitch(text: str, xs: Sequence[float], height: float) -> float | None:
    """The size of the characters, if there are enough Chinese neighbours to tell; letters may be spaced, never squeezed."""
    is_full = [bool(re.match("[一-龥]", character)) for character in text]
    steps = [after - before for (before, after), both in zip(pairwise(xs), pairwise(is_full), strict=True) if all(both)]
    if len(steps) < 3:
        return None
    usual = median(steps)  # coarse, since OCR tells places in columns of a few pixels; the mean is not
    near = [step for step in steps if step <= APART * usual]
    return min(sum(near) / len(near), height) or None


def _sizes(strips: Sequence[Strip]) -> list[float]:
    """The size of every strip's characters; sizes that differ no more than OCR errs are the same one."""
    told = [(strip.pitch, strip.pitch / strip.height) for strip in strips if strip.pitch]
    share = median(share for _, share in told) if told else SIZE
    usual = median(pitch for pitch, _ in told) if told else 0.0
    sizes = [strip.pitch or share * strip.height for strip in strips]
    return [usual if abs(size - usual) <= SAME_SIZE * usual else size for size in sizes]


def _glyphs(strip: Strip, size: float) -> Iterator[Glyph]:
    """Characters that touch where they are neighbours, so that only real gaps look like gaps."""
    text = strip.line.text
    widths = [size if re.match(f"[{WIDE}]", character) else NARROW * size for character in text]
    edges = [
        _edges(before, after, (first + second) / 2, COARSE * strip.height)
        for (before, after), (first, second) in zip(pairwise(x for x, _ in strip.middles), pairwise(widths), strict=True)
    ]
    for at, ((x, y), confidence) in enumerate(zip(strip.middles, strip.line.confidences, strict=True)):
        left = edges[at - 1][1] if at else x - widths[at] / 2
        right = edges[at][0] if at < len(edges) else x + widths[at] / 2
        yield Glyph(
            text[at], left, y - REACH * size, max(right, left + 0.1), y + REACH * size, y + MIDDLE * size, size, confidence
        )


def _edges(before: float, after: float, usual: float, coarse: float) -> tuple[float, float]:
    """Where the one character ends and the next begins.

    ``usual`` is how far apart their middles would be in print, ``coarse`` by how much OCR may be wrong about that.
    """
    gap = after - before
    between = (before + after) / 2
    free = gap - usual if gap > max(APART * usual, usual + coarse) else 0.0
    return between - free / 2, between + free / 2


def _halves(glyphs: list[Glyph], placer: Placer) -> list[list[Glyph]]:
    """The characters of the page; those of its left and its right half where it shows two pages of prose."""
    if placer.width < SPREAD * placer.height:
        return [glyphs]
    gutter = gutter_of([piece for line in lines_of(glyphs, 0) for piece in line.pieces], placer.width)
    if gutter is None:
        return [glyphs]
    halves = [glyph for glyph in glyphs if glyph.right <= gutter], [glyph for glyph in glyphs if glyph.right > gutter]
    return list(halves)
