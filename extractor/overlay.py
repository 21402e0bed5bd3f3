"""A page's picture with the places of its mentions: coloured by label, paler where they are less certain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from extractor.places import page_finder
from extractor.readers import Shown
from extractor.types import Label, Result

COLOURS: dict[Label, tuple[int, int, int]] = {
    Label.INDICATOR: (31, 119, 180),
    Label.TARGET: (255, 127, 14),
    Label.ACHIEVED: (44, 160, 44),
    Label.AMOUNT: (148, 103, 189),
}
LEGEND = "指标为蓝色，目标值为橙色，实现值为绿色，资金金额为紫色；颜色越浅越没有把握"
PALEST, STRONGEST = 25, 120  # of 255: how much of the colour covers the page at confidence 0 and 1
MARGIN = 1.0  # points between characters and the frame


@dataclass(frozen=True, slots=True)
class Patch:
    """A place to be coloured; ``bounds`` are points on the page as shown."""

    label: Label
    confidence: float
    bounds: tuple[float, float, float, float]


def patches(result: Result, page: int) -> Iterator[Patch]:
    """The places of all mentions on a page, in text order."""
    boxes_of = page_finder(result.document)
    for mention in result.mentions:
        for box in boxes_of(mention.span):
            if box.page == page:
                yield Patch(mention.label, mention.confidence, box.bounds)


def drawn(result: Result, shown: Shown) -> bytes:
    """The page as a PNG with its patches. ``shown`` is a page of the result's file."""
    from PIL import Image, ImageDraw

    picture = shown.picture
    page = Image.frombytes("RGB", (picture.width, picture.height), picture.pixels)
    across, down = picture.width / shown.page.width, picture.height / shown.page.height
    colours = ImageDraw.Draw(page, "RGBA")
    for patch in patches(result, shown.page.number):
        left, top, right, bottom = patch.bounds
        place = (
            (left - MARGIN) * across,
            (top - MARGIN) * down,
            (right + MARGIN) * across,
            (bottom + MARGIN) * down,
        )
        cover = round(PALEST + (STRONGEST - PALEST) * patch.confidence)
        colour = COLOURS[patch.label]
        colours.rectangle(place, fill=(*colour, cover), outline=(*colour, min(255, 2 * cover)), width=max(1, round(across / 2)))
    stream = BytesIO()
    page.save(stream, "PNG", optimize=False)
    return stream.getvalue()
