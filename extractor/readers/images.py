"""Pictures of pages: scans and photographs as PNG, JPEG, TIFF (of several pages), BMP and WebP, by way of Pillow."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from extractor.errors import ReadError
from extractor.ocr.pages import page_reader
from extractor.ocr.values import Picture
from extractor.ocr.workers import in_order
from extractor.readers.parts import MAX_BYTES, MAX_PAGES, check_size
from extractor.readers.scans import MAX_SIDE, Shown, empty, sheets_of
from extractor.readers.sheets import Sheet, document_of
from extractor.types import Document, Page

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
MAX_PIXELS = 89_000_000  # of one page: A3 at 600 dpi has 70 million; Pillow's own limit is just above
A4_HEIGHT = 842.0  # points: what the longer side is taken for where the file does not say
SCANNED = (100.0, 1200.0)  # dots per inch that are a scanner's; 72 and 96 are what programs write who do not know
# What Pillow's readers of formats make of damaged files; what it does not recognise is an OSError.
BROKEN = (OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError, MemoryError, struct.error)
DAMAGED = "该页图像不完整或已损坏，未读取"


def read(content: bytes, name: str) -> Document:
    """Read a picture; pages of a TIFF that are damaged or too large are told as problems."""
    check_size(content, name, MAX_BYTES)
    read_picture, n_threads = page_reader()

    def sheets(page: Shown | Sheet) -> list[Sheet]:
        return [page] if isinstance(page, Sheet) else sheets_of(page, read_picture)

    with _opened(content, name) as image:
        n_pages = _n_pages(image, name)
        pages = (_page(image, number) for number in range(1, n_pages + 1))
        found = [sheet for several in in_order(sheets, pages, n_threads=n_threads) for sheet in several]
    if any(sheet.glyphs for sheet in found):
        return document_of(found, content, name)
    troubles = [trouble for sheet in found for trouble in sheet.troubles]
    told = troubles[0] if troubles else "是空白的图像；报告至少要有一个可见字符"
    raise ReadError(f"{name}：{f'共 {n_pages} 页，均未读到文字；首个问题：' if n_pages > 1 else ''}{told}")


def shown(content: bytes, name: str, number: int) -> Shown:
    """One page as a picture. Raises ReadError where there is no such page or it is damaged."""
    with _opened(content, name) as image:
        n_pages = _n_pages(image, name)
        if not 1 <= number <= n_pages:
            raise ReadError(f"{name}：没有第 {number} 页；共 {n_pages} 页")
        page = _page(image, number)
    if isinstance(page, Sheet):
        raise ReadError(f"{name}：第 {number} 页：{page.troubles[0]}")
    return page


@contextmanager
def _opened(content: bytes, name: str) -> Iterator[Any]:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about size, which is checked here, and about tags that no page needs
        try:
            image = Image.open(BytesIO(content), formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise ReadError(f"{name}：{_too_large()}") from error
        except BROKEN as error:
            raise ReadError(f"{name}：不是图片或已损坏；可读取 PNG、JPEG、TIFF、BMP、WebP 图片") from error
        with image:
            yield image


def _n_pages(image: Any, name: str) -> int:
    """Only a TIFF has pages; the frames of other pictures are an animation's."""
    if image.format != "TIFF":
        return 1
    try:
        count = int(image.n_frames)
    except BROKEN as error:
        raise ReadError(f"{name}：TIFF 的页面目录已损坏；需要完整的图片文件") from error
    if count > MAX_PAGES:
        raise ReadError(f"{name}：有 {count} 页；可读取 1 至 {MAX_PAGES} 页的文件")
    return count


def _page(image: Any, number: int) -> Shown | Sheet:
    """One page, or a sheet that says why there is none."""
    blank = Page(number, 0.0, 0.0)
    try:
        if image.format == "TIFF":
            image.seek(number - 1)
        if image.width * image.height > MAX_PIXELS:
            return empty(blank, _too_large())
        return _shown(image, number)
    except BROKEN:
        return empty(blank, DAMAGED)


def _too_large() -> str:
    return f"该页图像过大，未读取；每页最多 {MAX_PIXELS // 10**6} 百万像素，请降低分辨率"


def _shown(image: Any, number: int) -> Shown:
    from PIL import ImageOps

    across, down = _resolution(image)
    whole = ImageOps.exif_transpose(image)
    if whole.size != image.size and across != down:
        across, down = down, across
    width, height = whole.width * 72 / across, whole.height * 72 / down
    page = _on_white(whole)
    page.thumbnail((MAX_SIDE, MAX_SIDE))
    return Shown(Page(number, round(width, 2), round(height, 2)), Picture(page.width, page.height, page.tobytes()))


def _resolution(image: Any) -> tuple[float, float]:
    """Dots per inch across and down."""
    try:
        across, down = map(float, image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        across = down = 0.0
    low, high = SCANNED
    if low <= across <= high and low <= down <= high:
        return across, down
    return (max(image.size) * 72 / A4_HEIGHT,) * 2


def _on_white(image: Any) -> Any:
    """The picture in red, green and blue; what is transparent is paper."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):  # sixteen bits and more; what counts in fractions may end at 1
        brightest = image.getextrema()[1]
        scale = 255 / (brightest if 0 < brightest <= 1 else max(255, brightest))
        return image.convert("F").point(lambda value: value * scale).convert("L").convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        alpha = image.convert("RGBA")
        paper = Image.new("RGBA", alpha.size, "white")
        return Image.alpha_composite(paper, alpha).convert("RGB")
    return image.convert("RGB")
