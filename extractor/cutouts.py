"""Cut-outs of scanned pages: the strip of paper in which words stand, so that a person sees what the OCR saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from extractor.errors import ReadError
from extractor.places import page_finder
from extractor.readers import Shown, content_as_read, shown_page
from extractor.types import Box, Result, Span

MARGIN = 8.0  # points of paper left around the words
TALLEST = 120.0  # points; words further apart than this are not shown in one strip
FRAME = (200, 30, 30)
QUALITY = 80  # of a JPEG: characters stay sharp, and a paper with a hundred strips stays small


@dataclass(frozen=True, slots=True)
class Cutout:
    """A strip of a page as a JPEG file; ``width`` is points on paper."""

    jpeg: bytes
    width: float


def cutter(result: Result) -> Callable[[Sequence[Span]], Cutout | None]:
    """A function from words of a result to the strip of the scanned page in which they stand, framed.

    None where their page is no scan, or the file is no longer where the result was read from, or another.
    """
    boxes_of = page_finder(result.document)
    scanned = {page.number for page in result.document.pages or () if page.steps}

    @lru_cache(maxsize=1)
    def content() -> bytes | None:
        return content_as_read(result.document)

    @lru_cache(maxsize=1)  # a page is some megabytes
    def page(number: int) -> Shown | None:
        found = content()
        try:
            return None if found is None else shown_page(found, name=result.document.source, number=number)
        except ReadError:
            return None

    def cut(spans: Sequence[Span]) -> Cutout | None:
        boxes = [box for span in spans for box in boxes_of(span) if box.page in scanned]
        shown = page(boxes[0].page) if boxes else None
        return None if shown is None else _strip(shown, [box for box in boxes if box.page == boxes[0].page])

    return cut


def _strip(shown: Shown, boxes: Sequence[Box]) -> Cutout:
    from PIL import Image, ImageDraw

    top = min(box.bounds[1] for box in boxes)
    boxes = [box for box in boxes if box.bounds[3] - top <= TALLEST] or boxes[:1]
    picture = shown.picture
    image = Image.frombytes("RGB", (picture.width, picture.height), picture.pixels)
    across, down = picture.width / shown.page.width, picture.height / shown.page.height
    frames = ImageDraw.Draw(image)
    for box in boxes:
        left, upper, right, lower = box.bounds
        place = ((left - 1) * across, (upper - 1) * down, (right + 1) * across, (lower + 1) * down)
        frames.rectangle(place, outline=FRAME, width=max(1, round(across)))
    strip = image.crop(
        (
            0,
            max(0, round((min(box.bounds[1] for box in boxes) - MARGIN) * down)),
            picture.width,
            min(picture.height, round((max(box.bounds[3] for box in boxes) + MARGIN) * down)),
        )
    )
    stream = BytesIO()
    strip.save(stream, "JPEG", quality=QUALITY)
    return Cutout(stream.getvalue(), shown.page.width)
