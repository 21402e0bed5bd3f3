"""PDF files with a text layer, by way of pdfium. Scans are told, not read."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from extractor.errors import ReadError
from extractor.readers.grid import page_lines
from extractor.readers.lines import Bounds, Glyph, Line, Placer, in_columns, lines_of
from extractor.readers.paragraphs import parts_of
from extractor.readers.parts import MAX_BYTES, MAX_CHARACTERS, check_size, compose
from extractor.readers.running import running_lines
from extractor.types import Document, Page, Problem

MAX_PAGES = 5000
MAX_STROKES = 50_000  # of one page's drawings; maps and charts have more, tables do not
GARBLED = 0.3  # share of characters without a meaning from which on a text layer is useless
HYPHENS = (0x02, 0xFFFE)  # what pdfium gives for a hyphen at a line end
UNKNOWN = "\ufffd"
DAMAGED = "该页已损坏，未读取；请换用完整的 PDF 文件"
NO_TEXT_LAYER = "该页没有文字层，未读取；扫描件请先做文字识别（OCR）"
UNTOLD = "该页文字层的字符无法辨认，未读取；请先做文字识别（OCR）"
PDFIUM = Lock()  # pdfium serves one thread at a time


@dataclass(frozen=True, slots=True)
class Sheet:
    """The characters of one page; ``slanted`` ones, such as watermarks, are kept apart from the upright."""

    page: Page
    placer: Placer
    glyphs: tuple[Glyph, ...] = ()
    slanted: tuple[Glyph, ...] = ()
    rules: tuple[Bounds, ...] = ()
    trouble: str | None = None


def read(content: bytes, name: str) -> Document:
    """Read a PDF; pages that cannot be read are told in the document's problems."""
    check_size(content, name, MAX_BYTES)
    with PDFIUM, closing(_open(content, name)) as pdf:
        sheets = list(_sheets(pdf, name))
    problems = [Problem(f"page {sheet.page.number}", sheet.trouble) for sheet in sheets if sheet.trouble]
    if not any(sheet.glyphs for sheet in sheets):
        if any(sheet.trouble == DAMAGED for sheet in sheets):
            raise ReadError(f"{name}：共 {len(sheets)} 页，均无法读取；首个有问题的页：{problems[0].message}")
        raise ReadError(f"{name}：共 {len(sheets)} 页，均没有可读的文字层；暂不能读取扫描件，请先做文字识别（OCR）")
    lines = [page_lines(sheet.glyphs, sheet.rules, number) for number, sheet in enumerate(sheets)]
    running = running_lines(lines, [sheet.placer.height for sheet in sheets])
    body: list[list[Line]] = []
    headers: list[tuple[int, Line]] = []
    done = 0
    for page, sheet in zip(lines, sheets, strict=True):
        body.append(in_columns([line for line in page if line not in running], sheet.placer.width))
        middle = sheet.placer.height / 2
        after = done + len(body[-1])
        headers += ((done if line.baseline < middle else after, line) for line in page if line in running)
        headers += ((after, line) for line in lines_of(sheet.slanted, sheet.page.number - 1))
        done = after
    parts = parts_of(body, headers, {number: sheet.placer for number, sheet in enumerate(sheets)})
    return compose(parts, content, name, pages=tuple(sheet.page for sheet in sheets), problems=problems)


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


def _sheets(pdf: Any, name: str) -> Iterator[Sheet]:
    import pypdfium2

    characters = 0
    for number in range(1, len(pdf) + 1):
        try:
            with closing(pdf[number - 1]) as page, closing(page.get_textpage()) as words:
                characters += words.count_chars()
                if characters > MAX_CHARACTERS:
                    raise ReadError(f"{name}：超过 {MAX_CHARACTERS:,} 个字符；最多读取这么多，请拆分文件")
                yield _sheet(page, words, number)
        except pypdfium2.PdfiumError:
            blank = Page(number, 0.0, 0.0)
            yield Sheet(blank, Placer(0.0, 0.0), trouble=DAMAGED)


def _sheet(page: Any, words: Any, number: int) -> Sheet:
    """Read one page: its characters as if the text were upright, whatever the page is turned to."""
    import pypdfium2.raw as raw

    left, bottom, right, top = page.get_bbox()
    width, height = right - left, top - bottom
    shown = page.get_rotation() // 90
    size = Placer(width, height, shown)((0, 0, width, height))[2:]
    marks = [mark.moved(left, top) for mark in _marks(words)]
    marks = [mark for mark in marks if mark.is_on(width, height)]
    visible = [mark for mark in marks if not mark.text.isspace()]
    angles = Counter(mark.angle for mark in visible if mark.angle % 90 == 0)
    blank = Sheet(Page(number, *size), Placer(width, height, shown))
    if not angles:  # nothing, or a slanted watermark over a scan
        has_content = raw.FPDFPage_CountObjects(page) > 0
        return replace(blank, trouble=NO_TEXT_LAYER) if has_content else blank
    if sum(_is_meaningless(mark.text) for mark in visible) > GARBLED * len(visible):
        return replace(blank, trouble=UNTOLD)
    upright = max(angles, key=lambda angle: (angles[angle], -angle))
    turns = -upright // 90 % 4
    turn = Placer(width, height, turns)
    glyphs = tuple(mark.glyph(turn) for mark in marks if mark.angle == upright)
    slanted = tuple(mark.glyph(turn) for mark in marks if mark.angle != upright)
    turned = (height, width) if turns % 2 else (width, height)
    rules = tuple(turn((x0 - left, top - y1, x1 - left, top - y0)) for x0, y0, x1, y1 in _strokes(page))
    return Sheet(blank.page, Placer(*turned, (shown - turns) % 4), glyphs, slanted, rules)


def _strokes(page: Any) -> Iterator[Bounds]:
    """Level and upright strokes of the page's drawings, among them the rules of tables, as x0, y0, x1, y1 with y upwards."""
    import pypdfium2.raw as raw

    left = MAX_STROKES
    matrix = raw.FS_MATRIX()
    for number in range(raw.FPDFPage_CountObjects(page)):
        drawing = raw.FPDFPage_GetObject(page, number)
        if raw.FPDFPageObj_GetType(drawing) != raw.FPDF_PAGEOBJ_PATH or not raw.FPDFPageObj_GetMatrix(drawing, matrix):
            continue
        left -= raw.FPDFPath_CountSegments(drawing)
        if left < 0:
            return
        points = list(_points(drawing))
        placed = [(matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f) for _, x, y in points]
        for (begins, _, _), (x0, y0), (x1, y1) in zip(points[1:], placed, placed[1:], strict=False):
            if not begins and min(abs(x1 - x0), abs(y1 - y0)) < 1:
                yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _points(drawing: Any) -> Iterator[tuple[bool, float, float]]:
    """Corners of a drawing's outline: whether a new stroke begins there, x and y. A closed outline returns to its begin."""
    import pypdfium2.raw as raw

    x, y = ctypes.c_float(), ctypes.c_float()
    first = (0.0, 0.0)
    for number in range(raw.FPDFPath_CountSegments(drawing)):
        segment = raw.FPDFPath_GetPathSegment(drawing, number)
        if not raw.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        begins = raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO
        first = (x.value, y.value) if begins else first
        yield begins, x.value, y.value
        if raw.FPDFPathSegment_GetClose(segment):
            yield False, *first


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


def _is_meaningless(text: str) -> bool:
    """A character that a font gives without saying what it is."""
    return text == UNKNOWN or unicodedata.category(text) == "Co"
