"""PDF files by way of pdfium: the text that they hold, and pictures of the pages whose text is missing or dubious."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from extractor.errors import ReadError
from extractor.ocr.pages import Read, page_reader
from extractor.ocr.values import Picture
from extractor.ocr.workers import in_order
from extractor.readers.drawings import covered, is_hidden, strokes
from extractor.readers.layers import FEW, UNKNOWN, Doubt, chosen, doubt_of
from extractor.readers.lines import Bounds, Glyph, Placer
from extractor.readers.parts import MAX_BYTES, MAX_CHARACTERS, MAX_PAGES, check_size
from extractor.readers.scans import Shown, empty, scale_for, sheets_of
from extractor.readers.sheets import Sheet, document_of
from extractor.types import Document, Page

HYPHENS = (0x02, 0xFFFE)  # what pdfium gives for a hyphen at a line end
DAMAGED = "该页已损坏，未读取；请换用完整的 PDF 文件"
PDFIUM = Lock()  # pdfium serves one thread at a time


def read(content: bytes, name: str) -> Document:
    """Read a PDF; every page by its own text, by OCR or by the better of both. What cannot be read is told as problems."""
    check_size(content, name, MAX_BYTES)
    with PDFIUM:
        pdf = _open(content, name)
    try:
        read_picture, n_threads = page_reader()
        pages = in_order(lambda page: _settled(page, read_picture), _pages(pdf, name), n_threads=n_threads)
        sheets = [sheet for found in pages for sheet in found]
    finally:
        with PDFIUM:
            pdf.close()
    if not any(sheet.glyphs for sheet in sheets):
        raise ReadError(_no_words(sheets, name))
    return document_of(sheets, content, name)


def shown(content: bytes, name: str, number: int) -> Shown:
    """One page as a picture. Raises ReadError where there is no such page or it is damaged."""
    import pypdfium2

    with PDFIUM, closing(_open(content, name)) as pdf:
        if not 1 <= number <= len(pdf):
            raise ReadError(f"{name}：没有第 {number} 页；共 {len(pdf)} 页")
        try:
            with closing(pdf[number - 1]) as page:
                return _shown(page, number)
        except pypdfium2.PdfiumError as error:
            raise ReadError(f"{name}：第 {number} 页已损坏，无法显示") from error


@dataclass(frozen=True, slots=True)
class Layer:
    """A page's own text, and its picture where that text is missing or to be compared with what OCR reads."""

    sheet: Sheet
    doubt: Doubt | None = None
    shown: Shown | None = None


def _settled(layer: Layer, read_picture: Read) -> list[Sheet]:
    if layer.shown is None or layer.doubt is None:
        return [layer.sheet]
    return chosen(layer.sheet, layer.doubt, sheets_of(layer.shown, read_picture))


def _no_words(sheets: Sequence[Sheet], name: str) -> str:
    troubles = [(sheet.page.number, trouble) for sheet in sheets for trouble in sheet.troubles]
    if not troubles:
        return f"{name}：共 {len(sheets)} 页，均为空白页；报告至少要有一个可见字符"
    number, trouble = troubles[0]
    return f"{name}：共 {len(sheets)} 页，均未读到文字；首个有问题的是第 {number} 页：{trouble}"


def _open(content: bytes, name: str) -> Any:
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error):  # pdfium's code for it is not told by older versions of the binding
            raise ReadError(f"{name}：文件有密码保护；请取消密码后另存") from error
        raise ReadError(f"{name}：不是 PDF 文件或已损坏；需要完整的 PDF 文件") from error
    count = len(pdf)
    if not 0 < count <= MAX_PAGES:
        pdf.close()
        raise ReadError(f"{name}：有 {count} 页；可读取 1 至 {MAX_PAGES} 页的文件")
    return pdf


def _pages(pdf: Any, name: str) -> Iterator[Layer]:
    import pypdfium2

    characters = 0
    for number in range(1, len(pdf) + 1):
        try:
            with PDFIUM, closing(pdf[number - 1]) as page, closing(page.get_textpage()) as words:
                characters += words.count_chars()
                if characters > MAX_CHARACTERS:
                    raise ReadError(f"{name}：超过 {MAX_CHARACTERS:,} 个字符；最多读取这么多，请拆分文件")
                layer = _layer(page, words, number)
        except pypdfium2.PdfiumError:
            layer = Layer(empty(Page(number, 0.0, 0.0), DAMAGED))
        yield layer


def _layer(page: Any, words: Any, number: int) -> Layer:
    import pypdfium2.raw as raw

    sheet = _sheet(page, words, number)
    text = "".join(glyph.text for glyph in sheet.glyphs)
    if not text and raw.FPDFPage_CountObjects(page) == 0:
        return Layer(sheet)
    hidden = is_hidden(page)
    pictured = covered(page) if hidden or len(text) < FEW else 0.0
    doubt = doubt_of(text, covered=pictured, is_hidden=hidden)
    return Layer(sheet, doubt, _shown(page, number) if doubt else None)


def _shown(page: Any, number: int) -> Shown:
    width, height = page.get_size()
    bitmap = page.render(scale=scale_for(width, height))
    with closing(bitmap):
        image = bitmap.to_pil().convert("RGB")
    return Shown(Page(number, width, height), Picture(image.width, image.height, image.tobytes()))


def _sheet(page: Any, words: Any, number: int) -> Sheet:
    """Read one page: its characters as if the text were upright, whatever the page is turned to."""
    left, bottom, right, top = page.get_bbox()
    width, height = right - left, top - bottom
    shown = page.get_rotation() // 90
    size = Placer(width, height, shown)((0, 0, width, height))[2:]
    marks = [mark.moved(left, top) for mark in _marks(words)]
    marks = [mark for mark in marks if mark.is_on(width, height)]
    angles = Counter(mark.angle for mark in marks if mark.angle % 90 == 0 and not mark.text.isspace())
    if not angles:  # nothing, or a slanted watermark over a scan
        return Sheet(Page(number, *size), Placer(width, height, shown, page=number))
    upright = max(angles, key=lambda angle: (angles[angle], -angle))
    turns = -upright // 90 % 4
    turn = Placer(width, height, turns)
    glyphs = tuple(mark.glyph(turn) for mark in marks if mark.angle == upright)
    slanted = tuple(mark.glyph(turn) for mark in marks if mark.angle != upright)
    turned = (height, width) if turns % 2 else (width, height)
    rules = tuple(turn((x0 - left, top - y1, x1 - left, top - y0)) for x0, y0, x1, y1 in strokes(page))
    return Sheet(Page(number, *size), Placer(*turned, (shown - turns) % 4, page=number), glyphs, slanted, rules)


@dataclass(frozen=True, slots=True)
class Mark:
    """One character as pdfium places it: ``bounds`` and ``origin`` count from the page's bottom left until it is moved."""

    text: str
    angle: int  # degrees by which it is turned clockwise
    bounds: Bounds  # left, top, right, bottom
    origin: tuple[float, float]
    size: float

    def moved(self, left: float, top: float) -> Mark:
        """Counted from the page's top left, downwards."""
        x0, y0, x1, y1 = self.bounds
        x, y = self.origin
        return replace(self, bounds=(x0 - left, top - y0, x1 - left, top - y1), origin=(x - left, top - y))

    def is_on(self, width: float, height: float) -> bool:
        x, y = self.origin
        return -self.size <= x <= width and 0 <= y <= height + self.size

    def glyph(self, turn: Placer) -> Glyph:
        return Glyph(self.text, *turn(self.bounds), turn((*self.origin, *self.origin))[1], self.size)


def _marks(words: Any) -> Iterator[Mark]:
    import pypdfium2.raw as raw

    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    for at in range(words.count_chars()):
        code = raw.FPDFText_GetUnicode(words, at)
        if raw.FPDFText_IsGenerated(words, at) == 1 or code in (0x0A, 0x0D):
            continue
        if not raw.FPDFText_GetLooseCharBox(words, at, box) or not raw.FPDFText_GetCharOrigin(words, at, x, y):
            continue
        angle = round(math.degrees(raw.FPDFText_GetCharAngle(words, at))) % 360
        size = raw.FPDFText_GetFontSize(words, at)
        height = abs(box.right - box.left if angle in (90, 270) else box.top - box.bottom)
        if not 0.7 * size <= height <= 2 * size:  # some files set size 1 and scale it
            size = height
        bounds = (box.left, box.top, box.right, box.bottom)
        yield Mark(_character(code), angle, bounds, (x.value, y.value), max(size, 0.1))


def _character(code: int) -> str:
    """One printable character; radicals that stand for characters (⽬ for 目), a habit of some fonts, become those."""
    if code in HYPHENS:
        return "-"
    if code == 0 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return UNKNOWN
    character = chr(code)
    if 0x2F00 <= code <= 0x2FD5:
        return unicodedata.normalize("NFKC", character)
    return " " if character.isspace() else UNKNOWN if unicodedata.category(character) in ("Cc", "Cn") else character
