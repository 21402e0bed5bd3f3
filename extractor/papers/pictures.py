"""Pictures of the pages that were read by OCR, drawn anew from the report's file, small enough to travel in a page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from extractor.errors import ReadError
from extractor.readers import Shown, content_as_read, shown_page
from extractor.types import Document

LONGEST_SIDE = 1600  # pixels: A4 at 140 dpi, where small print can be read
QUALITY = 55  # of JPEG
MOST_PAGES = 120  # of one report; an HTML file with more opens slowly

GONE = "原文件已不在原处或已改动，页面图像未能附上。"
TOO_MANY = f"扫描页较多，只附上前 {MOST_PAGES} 页的图像。"


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page; width and height are points, ``address`` is a data: URL."""

    number: int
    width: float
    height: float
    address: str


@dataclass(frozen=True, slots=True)
class Album:
    """The pictures of one report, and a Chinese sentence about those that are missing, if any."""

    pictures: tuple[PagePicture, ...] = ()
    missing: str = ""


def album(document: Document) -> Album:
    """Draw the pages of a document that were read by OCR; none where its file is gone or another one."""
    numbers = [page.number for page in document.pages or () if page.steps]
    if not numbers:
        return Album()
    content = content_as_read(document)
    if content is None:
        return Album(missing=GONE)
    try:
        return Album(tuple(_drawn(content, document.source, numbers)), TOO_MANY if len(numbers) > MOST_PAGES else "")
    except ReadError:
        return Album(missing=GONE)


def _drawn(content: bytes, name: str, numbers: list[int]) -> Iterator[PagePicture]:
    for number in numbers[:MOST_PAGES]:
        shown = shown_page(content, name=name, number=number)
        yield PagePicture(number, shown.page.width, shown.page.height, _address(shown))


def _address(shown: Shown) -> str:
    from PIL import Image

    picture = shown.picture
    page = Image.frombytes("RGB", (picture.width, picture.height), picture.pixels)
    page.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    stream = BytesIO()
    page.save(stream, "JPEG", quality=QUALITY)
    return f"data:image/jpeg;base64,{b64encode(stream.getvalue()).decode()}"
