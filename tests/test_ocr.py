"""OCR: its values and memory, how lines become upright text, which text of a page is trusted, and real pages read.

The pages in `scans/` were drawn by `scans/draw.py`; their rotated, stamped and darkened twins are made here.
"""

from __future__ import annotations

import io
import math
import random
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extractor import readers
from extractor.confidence import legible
from extractor.errors import ReadError
from extractor.ocr import upright
from extractor.ocr.cache import Cache, cache_folder, cleared, measured
from extractor.ocr.engine import agreed
from extractor.ocr.pages import remembering
from extractor.ocr.photograph import papers_of
from extractor.ocr.preparation import prepare
from extractor.ocr.values import BLANK, Corners, PageReading, Picture, TextLine, from_json, to_json
from extractor.ocr.workers import OcrError, Process, in_order
from extractor.output import from_dict, to_dict
from extractor.overlay import COLOURS, drawn
from extractor.places import page_finder
from extractor.readers.layers import Doubt, agreement_of, chosen, doubt_of
from extractor.readers.lines import Placer, projected, rotated
from extractor.readers.scans import Shown, placed, sheets_of
from extractor.readers.sheets import Sheet, document_of
from extractor.types import BlockKind, Box, Document, Label, Mention, ModelInfo, Page, Result, Span
from tests.scans import draw

SCANS = Path(__file__).parent / "scans"
PAGES = (SCANS / "page1.png", SCANS / "page2.png")
FIRST = (
    "一、项目资金情况",
    "2023年云沐市小型水库除险加固项目安排预算资金1286.5万元，全部为市级财政资金，截至年末实际支出1203.75万元，预算执行率93.57%。",
    "二、绩效目标完成情况",
)
OVER_PAGES = (
    "全年计划除险加固小型水库12座，实际完成13座，完成率108.33%。计划培训水库巡查责任人240人次，"
    "实际培训252人次，参训人员考核合格率99.2%。计划新建雨量监测站36处，实际建成36处，设备完好率"
    "达到97.2%，全部接入市级平台。"
)


@pytest.fixture(scope="module", autouse=True)
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One process, and a memory of its own that these tests share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXTRACTOR_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("EXTRACTOR_OCR_PROCESSES", "1")
        yield


# Pictures


def pixels(picture: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(picture.convert("RGB"))


def test_small_print_is_no_shade() -> None:
    """Between the strokes of small blurred print the paper is grey, too."""
    with Image.open(PAGES[0]) as page:
        small = page.convert("RGB").resize((page.width // 2, page.height // 2)).filter(ImageFilter.GaussianBlur(1))
    enlarged = small.resize((small.width * 2, small.height * 2))
    assert "淡化水印或底纹" not in prepare(pixels(enlarged)).steps


def test_only_shades_are_faded() -> None:
    page = Image.new("RGB", (600, 800), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((100, 100, 400, 160), fill=(200, 200, 200))
    draw.line((100, 125, 400, 125), fill=(60, 60, 60), width=3)
    draw.line((100, 500, 400, 500), fill=(180, 180, 180), width=2)  # a pale stroke elsewhere
    prepared = prepare(pixels(page))
    assert prepared.steps == ("淡化水印或底纹",)
    assert prepared.grey[140, 200] == 255 and prepared.grey[125, 200] < 110
    assert prepared.grey[500, 200] == 180


@pytest.mark.parametrize("paper", [255, 225])
def test_all_of_a_stamp_goes_and_the_words_under_it_stay(paper: int) -> None:
    """On darker paper red ink is darker; what stands within the ring goes with it."""
    page = Image.new("RGB", (1200, 1600), "white")
    stamp = ImageDraw.Draw(page)
    stamp.ellipse((400, 500, 730, 830), outline=(205, 40, 45), width=8)
    stamp.rectangle((540, 640, 560, 660), fill=(205, 40, 45))  # too small for a stamp of its own
    words = Image.new("RGB", page.size, "white")
    ImageDraw.Draw(words).line((300, 520, 900, 520), fill=(30, 30, 30), width=5)
    seen = ImageChops.multiply(page, words).filter(ImageFilter.GaussianBlur(1.5)).point(lambda value: value * paper // 255)
    prepared = prepare(pixels(seen))
    assert "滤除红色印章" in prepared.steps
    assert prepared.grey[650, 550] > 200 and prepared.grey[665, 403] > 200
    assert prepared.grey[520, 450:680].max() < 120


def test_two_readings_of_a_line() -> None:
    """The better one is taken; what they do not agree about is not certain."""
    first = replace(text_line("支出1682万元", 0, 0), confidences=(0.99, 0.99, 0.6, 0.6, 0.6, 0.6, 0.99, 0.99))
    second = text_line("支出168.2万元", 0, 0)
    line = agreed(first, second)
    assert line.text == "支出168.2万元"
    assert [one <= 0.5 for one in line.confidences] == [False] * 5 + [True] + [False] * 3
    assert agreed(second, first) == line
    around = agreed(second, replace(first, confidences=(0.999,) * 8))
    assert around.text == "支出1682万元" and [one <= 0.5 for one in around.confidences] == [False] * 4 + [True] * 2 + [False] * 2


def test_widths_are_no_disagreement() -> None:
    assert agreed(text_line("共１２，", 0, 0), text_line("共12,", 0, 0)).confidences == (0.99,) * 4


def test_a_strip_with_a_margin() -> None:
    level: Corners = ((10, 10), (110, 10), (110, 30), (10, 30))
    assert upright.grown(level, 0.1) == ((8, 8), (112, 8), (112, 32), (8, 32))


# Values


def text_line(text: str, left: float, top: float, size: float = 14.0) -> TextLine:
    """A level line of full-width characters."""
    middles = tuple((at + 0.5) / len(text) for at in range(len(text)))
    right, bottom = left + size * len(text), top + 1.4 * size
    return TextLine(text, middles, (0.99,) * len(text), ((left, top), (right, top), (right, bottom), (left, bottom)))


UNIT = st.floats(0, 1)
LINES = st.builds(
    lambda text, at: text_line(text, at, at), st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.floats(0, 500)
)
READINGS = st.builds(
    PageReading,
    st.integers(1, 9999),
    st.integers(1, 9999),
    st.lists(LINES, max_size=3).map(tuple),
    st.integers(0, 3),
    st.floats(-12, 12),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=2).map(tuple),
    st.integers(0, 99),
    st.lists(st.tuples(UNIT, UNIT, UNIT, UNIT), max_size=2).map(tuple),
    st.none() | st.tuples(*[st.tuples(UNIT, UNIT)] * 4),
)


@given(READINGS)
def test_a_reading_is_written_and_read_back(reading: PageReading) -> None:
    assert from_json(to_json(reading)) == reading


@given(st.binary(max_size=60) | READINGS.map(to_json).map(lambda content: content[: len(content) // 2]))
def test_what_is_no_reading_is_told(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(content)


def test_a_picture_checks_its_size() -> None:
    with pytest.raises(ValueError, match="5 bytes are no picture of 2 x 1 pixels"):
        Picture(2, 1, bytes(5))
    assert Picture(2, 1, bytes(6)).digest() != Picture(1, 2, bytes(6)).digest()


# Memory


def test_pages_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACTOR_CACHE", str(tmp_path))
    asked: list[Picture] = []

    def read_anew(picture: Picture) -> PageReading:
        asked.append(picture)
        return PageReading(picture.width, picture.height, (text_line("预算", 1, 1),))

    one, other = Picture(1, 1, b"abc"), Picture(1, 1, b"abd")
    for picture in (one, one, other, one):
        assert remembering(read_anew)(picture).text == "预算"
    assert asked == [one, other]


def test_a_failure_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACTOR_CACHE", str(tmp_path))

    def fail(picture: Picture) -> PageReading:
        raise OcrError("识别程序意外退出")

    with pytest.raises(OcrError):
        remembering(fail)(Picture(1, 1, b"abc"))
    assert remembering(lambda picture: PageReading(1, 1))(Picture(1, 1, b"abc")) == PageReading(1, 1)


def test_damaged_entries_and_other_versions_are_no_entries(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "1")
    reading = PageReading(5, 5, (text_line("预算", 1, 1),))
    cache.keep("ab" * 32, reading)
    assert cache.find("ab" * 32) == reading
    assert Cache(tmp_path, "2").find("ab" * 32) is None
    entry = next(path for path in tmp_path.rglob("*") if path.is_file())
    for damaged in (entry.read_bytes()[:-5], b"", b"no zlib", zlib.compress(b"{}"), zlib.compress(b"[1]")):
        entry.write_bytes(damaged)
        assert cache.find("ab" * 32) is None
    cache.keep("ab" * 32, reading)
    assert cache.find("ab" * 32) == reading


def test_the_cache_is_measured_and_cleared_and_nothing_else(tmp_path: Path) -> None:
    for version in ("1", "2"):
        Cache(tmp_path, version).keep("cd" * 32, PageReading(5, 5))
    (tmp_path / "notes.txt").write_text("not ours")
    n_pages, n_bytes = measured(tmp_path)
    assert n_pages == 2
    assert cleared(tmp_path) == (2, n_bytes)
    assert measured(tmp_path) == (0, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert cleared(tmp_path / "none") == (0, 0)


def test_a_disk_that_keeps_nothing_fails_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (None, tmp_path / "file"):
        cache = Cache(folder, "1")
        cache.keep("ef" * 32, PageReading(5, 5))
        assert cache.find("ef" * 32) is None


def test_the_folder_is_the_users_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACTOR_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "ocr"
    monkeypatch.setenv("EXTRACTOR_CACHE", "")
    assert cache_folder() is None


# Side by side


@given(st.lists(st.integers(), max_size=30), st.integers(1, 4))
def test_answers_keep_the_order_and_few_questions_wait(questions: list[int], n_threads: int) -> None:
    taken = 0

    def counted() -> Iterator[int]:
        nonlocal taken
        for question in questions:
            taken += 1
            yield question

    answers = []
    for answer in in_order(lambda question: 2 * question, counted(), n_threads=n_threads):
        answers.append(answer)
        assert taken <= len(answers) + n_threads
    assert answers == [2 * question for question in questions]


# Upright


def sloping(degrees: float, length: float = 400.0, height: float = 20.0) -> Corners:
    angle = math.radians(degrees)
    along, across = (length * math.cos(angle), length * math.sin(angle)), (-height * math.sin(angle), height * math.cos(angle))
    x, y = 100.0, 300.0
    points = [
        (x, y),
        (x + along[0], y + along[1]),
        (x + along[0] + across[0], y + along[1] + across[1]),
        (x + across[0], y + across[1]),
    ]
    return points[0], points[1], points[2], points[3]


@given(st.floats(-20, 20), st.permutations(range(4)))
def test_the_slope_of_a_strip(degrees: float, order: list[int]) -> None:
    strip = sloping(degrees)
    assert upright.slope(strip) == pytest.approx(degrees, abs=1e-6)
    assert upright.ordered([strip[at] for at in order]) == strip


def test_the_skew_is_that_of_the_lines_and_not_of_a_watermark() -> None:
    strips = [sloping(2.0), sloping(2.1), sloping(1.9), sloping(35.0, length=500)]
    assert upright.skew(strips) == pytest.approx(2.0, abs=0.11)
    assert [upright.runs_along(strip, 2.0) for strip in strips] == [True, True, True, False]
    assert upright.skew([]) == 0.0


def test_strips_of_a_page_on_its_side() -> None:
    level = sloping(3.0)
    standing = upright.ordered([(y, 1000 - x) for x, y in level])  # after an anticlockwise quarter
    assert upright.lies_on_its_side([standing]) and not upright.lies_on_its_side([level])
    assert upright.slope(upright.turned(standing, 1000)) == pytest.approx(3.0)


@given(st.floats(-10, 10), st.floats(100, 300), st.floats(200, 500), st.integers(0, 3))
def test_a_box_on_the_page_is_around_the_sloping_characters(skew: float, left: float, top: float, turn: int) -> None:
    level = (left, top, left + 100, top + 14)
    x0, y0, x1, y1 = Placer(595, 842, skew=skew)(level)
    angle = math.radians(skew)
    across, down = left + 50 - 297.5, top + 7 - 421
    middle = across * math.cos(angle) - down * math.sin(angle), across * math.sin(angle) + down * math.cos(angle)
    assert ((x0 + x1) / 2 - 297.5, (y0 + y1) / 2 - 421) == pytest.approx(middle, abs=0.1)
    turned = Placer(595, 842, turn=turn)((x0, y0, x1, y1))
    assert Placer(595, 842, turn=turn, skew=skew)(level) == pytest.approx(turned, abs=0.03)


# From a reading to a document


def document(*readings: PageReading) -> Document:
    sheets = [
        sheet
        for number, reading in enumerate(readings, start=1)
        for sheet in placed(Page(number, float(reading.width), float(reading.height)), reading)
    ]
    return document_of(sheets, b"", "a.pdf")


def test_confidence_stands_with_the_characters() -> None:
    line = text_line("预算资金１２３万元", 90, 100)
    doubtful = (0.99,) * 5 + (0.4,) + (0.99,) * 3
    found = document(PageReading(595, 842, (TextLine(line.text, line.middles, doubtful, line.corners),)))
    told = {found.text[box.span.start : box.span.end]: box.confidence for box in found.boxes}
    assert told["２"] == 0.4
    assert min(confidence or 0 for text, confidence in told.items() if text != "２") == 0.99
    sure = legible(found)
    assert (sure(Span(0, 4)), sure(Span(4, 9))) == (0.99, 0.4)
    left, top, right, bottom = next(box.bounds for box in found.boxes if box.confidence == 0.4)
    assert (left, right) == pytest.approx((90 + 5 * 14, 90 + 6 * 14), abs=0.5)
    assert top < 100 + 0.7 * 14 < bottom


def test_text_that_needed_no_ocr_is_legible() -> None:
    assert legible(Document("a.txt", "", "预算", boxes=(Box(Span(0, 2), 1, (0, 0, 9, 9)),)))(Span(0, 2)) == 1.0


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([("共", 14), ("9", 14), ("5", 14), ("0", 14), ("万", 14)], "共950万"),  # digits of full width
        ([("共", 11), ("9", 7), ("5", 14), ("1", 7), ("2", 11), ("万", 14)], "共95 12万"),  # two numbers
    ],
)
def test_digits_of_full_width_are_one_number(pieces: list[tuple[str, float]], text: str) -> None:
    """OCR reads narrow digits with blanks between; ``pieces`` are characters and how far it is to the next one's middle."""
    filler = text_line("项目预算总额经批准后下达", 80, 60)
    middles = [7.0]
    for _, step in pieces[:-1]:
        middles.append(middles[-1] + step)
    width = middles[-1] + 7
    words = "".join(character for character, _ in pieces)
    corners = ((80.0, 100.0), (80 + width, 100.0), (80 + width, 119.6), (80.0, 119.6))
    line = TextLine(words, tuple(middle / width for middle in middles), (0.99,) * len(words), corners)
    (sheet,) = placed(Page(1, 595, 842), PageReading(595, 842, (filler, line)))
    assert document_of([sheet], b"", "a.png").text.endswith(text)


def test_two_pages_on_one_picture() -> None:
    left = [text_line("左页的文字从上到下读完以后才轮到另一页的文字来", 60, 100 + 26 * row) for row in range(10)]
    right = [text_line("右页的文字从上到下读完以后才轮到下一张的文字来", 655, 100 + 26 * row) for row in range(10)]
    found = document(PageReading(1190, 842, tuple(line for pair in zip(left, right, strict=True) for line in pair)))
    assert found.text.index("右页") > found.text.rindex("左页的")
    assert found.pages == (Page(1, 1190, 842, ("文字识别", "按左右两页阅读")),)
    assert {box.page for box in found.boxes} == {1}


def test_what_is_wrong_with_a_page_is_told() -> None:
    unclear = TextLine("预算", (0.25, 0.75), (0.7, 0.6), text_line("预算", 90, 100).corners)
    readings = [PageReading(595, 842, (unclear,), n_unreadable=2), PageReading(595, 842), PageReading(595, 842, steps=(BLANK,))]
    assert [(problem.where, problem.message) for problem in document(*readings).problems] == [
        ("page 1", "有 2 处字迹无法辨认，未读取；请对照原件"),
        ("page 1", "字迹不清，文字识别的平均可信度只有 65%；请对照原件"),
        ("page 2", "该页没有可辨认的文字，未读取"),
    ]


def test_a_page_that_cannot_be_read_costs_only_itself() -> None:
    def fail(picture: Picture) -> PageReading:
        raise OcrError("超过 300 秒未完成")

    sheets = sheets_of(Shown(Page(3, 595, 842), Picture(1, 1, b"abc")), fail)
    assert [sheet.troubles for sheet in sheets] == [("该页文字识别未能完成（超过 300 秒未完成），未读取",)]


def ruled(*lines: TextLine, skew: float = 0.0) -> PageReading:
    """Two rows of two columns; the second row is one cell."""
    rules = [(60, y, 330, y) for y in (200, 230, 260)] + [(x, 200, x, 260) for x in (60, 330)] + [(130, 200, 130, 230)]
    return PageReading(595, 842, lines, skew=skew, rules=tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in rules))


def cells(found: Document) -> list[tuple[int, int, int, int, str]]:
    (table,) = (block for block in found.blocks if block.kind is BlockKind.TABLE)
    return [
        (cell.row, cell.column, cell.row_span, cell.column_span, found.text[cell.span.start : cell.span.end] if cell.span else "")
        for cell in table.cells
    ]


def test_rules_of_a_scan_make_cells() -> None:
    above, below = text_line("项目资金按期拨付。", 60, 150), text_line("以上数据经核对。", 60, 300)
    inside = text_line("指标", 70, 205), text_line("完成值", 140, 205), text_line("合计六座", 70, 235)
    found = document(ruled(above, *inside, below))
    assert [block.kind for block in found.blocks] == [BlockKind.PARAGRAPH, BlockKind.TABLE, BlockKind.PARAGRAPH]
    assert cells(found) == [(0, 0, 1, 1, "指标"), (0, 1, 1, 1, "完成值"), (1, 0, 1, 2, "合计六座")]
    start = found.text.index("完成值")
    (box,) = page_finder(found)(Span(start, start + 3))
    assert box.bounds == pytest.approx((140, 206, 182, 224), abs=3)


def test_rules_stand_in_the_levelled_picture() -> None:
    """The lines are told where they are seen, falling to the right, and the rules as if nothing fell."""

    def fallen(line: TextLine) -> TextLine:
        first, second, third, fourth = (rotated(x, y, 6.0, 595 / 2, 842 / 2) for x, y in line.corners)
        return TextLine(line.text, line.middles, line.confidences, (first, second, third, fourth))

    inside = text_line("指标", 70, 205), text_line("完成值", 140, 205), text_line("合计六座", 70, 235)
    assert cells(document(ruled(*map(fallen, inside), skew=6.0))) == cells(document(ruled(*inside)))


# Which text is trusted

CHINESE = "全年计划除险加固小型水库十二座，实际完成十三座。"


@pytest.mark.parametrize(
    ("text", "covered", "is_hidden", "doubt"),
    [
        (CHINESE * 9, 0.0, False, None),
        (CHINESE * 9, 1.0, False, None),  # a picture under a text that is drawn
        (CHINESE * 9, 1.0, True, Doubt.HIDDEN),
        (CHINESE * 9, 0.1, True, None),
        ("第 1 页", 0.9, False, Doubt.SPARSE),
        ("第 1 页", 0.0, False, None),
        (" ", 1.0, False, Doubt.MISSING),
        ("\ufffd\ue001预" * 9, 0.0, False, Doubt.GARBLED),
        (CHINESE.encode("gb2312").decode("latin-1"), 0.0, False, Doubt.STRANGE),
        (CHINESE.encode().decode("gb18030", errors="ignore"), 0.0, False, Doubt.STRANGE),
        ("The budget was 12.5 million yuan – 93.57 %, “on time”.", 0.0, False, None),
    ],
)
def test_doubts(text: str, covered: float, is_hidden: bool, doubt: Doubt | None) -> None:
    assert doubt_of(text, covered=covered, is_hidden=is_hidden) is doubt


def sheet_of(text: str, *, by_ocr: bool) -> Sheet:
    line = text_line(text, 10, 10)
    sheet = placed(Page(1, 595, 842), PageReading(595, 842, (line,)))[0]
    return sheet if by_ocr else Sheet(Page(1, 595, 842), sheet.placer, sheet.glyphs)


def test_the_better_of_two_texts() -> None:
    good, ours = sheet_of(CHINESE, by_ocr=False), [sheet_of(CHINESE.replace("二", "三"), by_ocr=True)]
    bad = sheet_of("全車計戈除陸加固小塑水庫", by_ocr=False)
    (kept,) = chosen(good, Doubt.HIDDEN, ours)
    assert kept.glyphs == good.glyphs and "采用文字层" in kept.page.steps[0] and not kept.troubles
    (kept,) = chosen(bad, Doubt.HIDDEN, ours)
    assert kept.glyphs == ours[0].glyphs
    assert kept.page.steps[0] == kept.troubles[0]
    assert kept.troubles[0].startswith("文字层是图像下隐藏的识别结果，与页面图像只有 ")
    assert chosen(bad, Doubt.MISSING, ours) == ours
    (kept,) = chosen(sheet_of("1", by_ocr=False), Doubt.SPARSE, ours)
    assert kept.glyphs == ours[0].glyphs and not kept.troubles


def test_a_text_layer_takes_the_rules_of_its_picture() -> None:
    inside = text_line("指标", 70, 205), text_line("完成值", 140, 205), text_line("合计六座", 70, 235)
    (scanned,) = placed(Page(1, 595, 842), ruled(*inside))
    own = Sheet(Page(1, 595, 842), scanned.placer, tuple(replace(glyph, confidence=None) for glyph in scanned.glyphs))
    found = document_of(chosen(own, Doubt.HIDDEN, [scanned]), b"", "a.pdf")
    assert cells(found) == cells(document(ruled(*inside)))
    assert {box.confidence for box in found.boxes} == {None}


@given(st.text(), st.text())
def test_agreement_is_a_share_and_even(one: str, other: str) -> None:
    assert 0 <= agreement_of(one, other) == agreement_of(other, one) <= 1
    assert agreement_of(one, one) == (1 if len(one) > 1 else 0)


# Pictures


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def declared(width: int, height: int) -> bytes:
    """A PNG that only claims a size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    packed = (struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


STRIPES = Image.fromarray(np.tile((np.arange(3000) // 100 % 2 * 255).astype(np.uint8), (2, 1)))  # thin as a thread


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (declared(100_000, 100_000), "a.png", "该页图像过大，未读取；每页最多 89 百万像素"),
        (declared(10_000, 9_000), "a.png", "该页图像过大，未读取；每页最多 89 百万像素"),
        (saved(Image.new("1", (9500, 9500)), "TIFF", compression="group4"), "a.tif", "该页图像过大，未读取"),
        (b"\xff\xd8\xff\xe0 JFIF", "a.jpg", "不是图片或已损坏；可读取 PNG、JPEG、TIFF、BMP、WebP 图片"),
        (b"BM nothing", "a.bmp", "不是图片或已损坏"),
        (b"II*\x00 nothing", "a.tiff", "不是图片或已损坏"),
        (saved(Image.new("RGB", (800, 900), "white")), "a.png", "是空白的图像；报告至少要有一个可见字符"),
        (saved(STRIPES), "a.png", "该页没有可辨认的文字，未读取"),  # and no memory of gigabytes
    ],
)
def test_pictures_that_give_no_text(content: bytes, name: str, message: str) -> None:
    with pytest.raises(ReadError, match=f"^{name}：{message}"):
        readers.read_bytes(content, name=name)


def test_a_truncated_photo() -> None:
    content = saved(Image.open(PAGES[0]).convert("RGB"), "JPEG")
    with pytest.raises(ReadError, match=r"^a.jpg：该页图像不完整或已损坏，未读取$"):
        readers.read_bytes(content[: len(content) // 2], name="a.jpg")


def test_brightness_in_fractions() -> None:
    """A picture of floating-point numbers from 0 to 1 is not black."""
    page = np.asarray(Image.open(PAGES[0]).convert("L"), np.float32) / 255
    content = saved(Image.fromarray(page), "TIFF")
    assert readers.shown_page(content, name="a.tif", number=1).picture.pixels.count(255) > 1_000_000


# Real pages


def text_of(content: bytes, name: str) -> str:
    return readers.read_bytes(content, name=name).text


def test_a_ruled_table_on_a_scan() -> None:
    """Tight cells, lone digits, a stroke, merged cells, on paper that lies askew: every cell as it was drawn."""
    found = readers.read(SCANS / "table.png")
    assert sorted(cells(found)) == sorted(draw.CELLS)
    assert [block.kind for block in found.blocks] == [BlockKind.PARAGRAPH, BlockKind.TABLE, BlockKind.PARAGRAPH]
    assert not found.problems
    start = found.text.index("93.8%")
    (box,) = page_finder(found)(Span(start, start + 5))
    assert box.bounds == pytest.approx((342, 176, 375, 190), abs=4)


def test_a_tiff_of_two_pages() -> None:
    first, second = (Image.open(path).convert("L") for path in PAGES)
    content = saved(first, "TIFF", save_all=True, append_images=[second], compression="tiff_deflate", dpi=(150, 150))
    before = set(sys.modules)
    found = readers.read_bytes(content, name="a.tif")
    prose = [found.text[b.span.start : b.span.end] for b in found.blocks if b.kind is not BlockKind.HEADER]
    assert prose[: len(FIRST) + 1] == [*FIRST, OVER_PAGES]
    headers = [found.text[b.span.start : b.span.end] for b in found.blocks if b.kind is BlockKind.HEADER]
    assert headers.count("云沐市水利局2023年度绩效自评报告") == 2
    assert not found.problems
    assert found.pages == (Page(1, 595.2, 841.92, ("文字识别",)), Page(2, 595.2, 841.92, ("文字识别",)))
    assert all(box.confidence is not None for box in found.boxes)
    value = found.text.index("1203.75万元")
    (box,) = page_finder(found)(Span(value, value + 7))
    assert box.bounds == pytest.approx((331, 154, 381, 170), abs=6)
    assert not {"cv2", "rapidocr"} & (set(sys.modules) - before)  # they live in the reading processes


READING = "import sys; from pathlib import Path; from extractor import readers; readers.read(Path(sys.argv[1]))"


def entries(folder: Path) -> dict[Path, tuple[int, int]]:
    """What the memory holds; an entry that is written a second time is another file."""
    files = [path for path in folder.glob("ocr/*/??/*") if path.suffix != ".part"]
    return {path: ((stat := path.stat()).st_ino, stat.st_mtime_ns) for path in files}


@pytest.mark.skipif(sys.platform == "win32", reason="programs are interrupted in another way there")
@pytest.mark.parametrize("blow", ["SIGINT", "SIGKILL"])
def test_an_interrupted_scan_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blow: str) -> None:
    """No page that was finished is read twice, and the text is that of a reading without interruption."""
    whole = Image.open(PAGES[0]).convert("L")
    first, *others = (whole.crop((left, 180, left + 400, 580)) for left in range(160, 460, 50))
    scan = tmp_path / "a.tif"
    scan.write_bytes(saved(first, "TIFF", save_all=True, append_images=others, compression="tiff_deflate"))
    monkeypatch.setenv("EXTRACTOR_OCR_PROCESSES", "2")
    monkeypatch.setenv("EXTRACTOR_CACHE", str(tmp_path / "interrupted"))
    reading = subprocess.Popen(
        [sys.executable, "-c", READING, str(scan)],
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it else
    )
    while len(entries(tmp_path / "interrupted")) < 2 and reading.poll() is None:
        time.sleep(0.02)
    reading.send_signal(signal.Signals[blow])
    assert reading.wait(60) != 0
    known = entries(tmp_path / "interrupted")
    assert 2 <= len(known) < 1 + len(others)
    found = readers.read(scan)
    assert len(entries(tmp_path / "interrupted")) == 1 + len(others)
    assert known.items() <= entries(tmp_path / "interrupted").items()
    monkeypatch.setenv("EXTRACTOR_CACHE", str(tmp_path / "whole"))
    assert readers.read(scan) == found


def stamped(image: Image.Image) -> Image.Image:
    ink = Image.new("RGB", image.size, "white")
    pen = ImageDraw.Draw(ink)
    pen.ellipse((520, 200, 820, 500), outline=(215, 30, 40), width=12)
    pen.regular_polygon((670, 350, 60), 5, fill=(215, 30, 40))
    return Image.fromarray((np.asarray(image, dtype=np.uint16) * np.asarray(ink) // 255).astype(np.uint8))


def darkened(image: Image.Image) -> Image.Image:
    light = np.linspace(0.3, 0.8, image.width)[None, :, None]
    noise = np.random.default_rng(1).normal(0, 4, (image.height, image.width, 1))
    return Image.fromarray((np.asarray(image) * light + noise).clip(0, 255).astype(np.uint8))


TWINS: dict[str, tuple[Callable[[Image.Image], Image.Image], str]] = {
    "a quarter": (lambda image: image.rotate(-90, expand=True), "顺时针旋转 270 度"),
    "upside down": (lambda image: image.rotate(180), "顺时针旋转 180 度"),
    "three quarters": (lambda image: image.rotate(90, expand=True), "顺时针旋转 90 度"),
    "skewed": (lambda image: image.rotate(-7, resample=Image.Resampling.BICUBIC, fillcolor="white"), "纠正倾斜 7.0 度"),
    "stamped": (stamped, "滤除红色印章"),
    "dark": (darkened, "校正光照"),
}


@pytest.mark.parametrize("twin", TWINS)
def test_hard_pages_read_like_the_clean_one(twin: str) -> None:
    clean = text_of(PAGES[0].read_bytes(), "a.png")
    change, step = TWINS[twin]
    found = readers.read_bytes(saved(change(Image.open(PAGES[0]).convert("RGB")), "JPEG", quality=75), name="a.jpg")
    assert SequenceMatcher(None, clean, found.text, autojunk=False).ratio() > 0.98
    assert "93.57%" in found.text  # broken over a line end
    assert found.pages and step in found.pages[0].steps
    page = found.pages[0]
    assert all(0 <= box.bounds[0] < box.bounds[2] <= page.width for box in found.boxes)
    assert all(0 <= box.bounds[1] < box.bounds[3] <= page.height for box in found.boxes)
    assert from_dict(to_dict(result_of(found))).document.pages == (Page(1, 0, 0, page.steps),)


CORNERS = ((0.07, 0.03), (0.94, 0.07), (0.97, 0.95), (0.03, 0.97))  # of a sheet, in shares of a photograph


def photographed(image: Image.Image, ground: int = 60) -> Image.Image:
    """A page on something darker, seen from the side, in uneven light."""
    width, height = image.size
    flat = ((0, 0), (width, 0), (width, height), (0, height))
    rows: list[tuple[float, ...]] = []
    for (x, y), (across, down) in zip(((x * width, y * height) for x, y in CORNERS), flat, strict=True):
        rows += [(x, y, 1, 0, 0, 0, -across * x, -across * y), (0, 0, 0, x, y, 1, -down * x, -down * y)]
    view = np.linalg.solve(np.array(rows), np.array(flat, float).ravel()).tolist()
    photo = Image.new("RGBA", image.size, (ground, ground, ground))
    photo.alpha_composite(
        image.convert("RGBA").transform(image.size, Image.Transform.PERSPECTIVE, view, Image.Resampling.BICUBIC)
    )
    light = np.linspace(1.0, 0.7, width)[None, :, None]
    return Image.fromarray((np.asarray(photo.convert("RGB")) * light).astype(np.uint8))


def test_a_photograph_reads_like_the_page() -> None:
    """Seen askew, its text is that of the clean page, and boxes stand where the words are on the photograph."""
    clean = readers.read(PAGES[0])
    found = readers.read_bytes(saved(photographed(Image.open(PAGES[0])), "JPEG", quality=85), name="a.jpg")
    assert SequenceMatcher(None, clean.text, found.text, autojunk=False).ratio() > 0.98
    (page,), (flat,) = found.pages or (), clean.pages or ()
    assert "按纸张四角纠正透视" in page.steps
    (there,), (here,) = (page_finder(one)(Span(at := one.text.index("1203.75"), at + 7)) for one in (found, clean))
    corners = [(x * page.width, y * page.height) for x, y in CORNERS]
    for left, top in ((0, 1), (2, 3)):
        seen = projected(here.bounds[left] / flat.width, here.bounds[top] / flat.height, corners)
        assert (there.bounds[left], there.bounds[top]) == pytest.approx(seen, abs=6)


def test_a_photographed_table_keeps_its_cells() -> None:
    found = readers.read_bytes(saved(photographed(Image.open(SCANS / "table.png")), "JPEG", quality=85), name="a.jpg")
    assert sorted(cells(found)) == sorted(draw.CELLS)


def test_what_is_no_photograph_of_a_sheet() -> None:
    """A scan, a page half in the shade, and a sheet with words beside it."""
    page = np.asarray(Image.open(PAGES[0]).convert("RGB"))
    shaded = page.copy()
    shaded[:, 400:] //= 3
    assert not list(papers_of(page))
    beside = photographed(Image.open(PAGES[0]), 140)
    ImageDraw.Draw(beside).text((400, 5), "Budget 2023 9875", fill=0, font_size=40)
    for picture in (Image.fromarray(shaded), beside):
        found = readers.read_bytes(saved(picture), name="a.png")
        assert found.pages and "按纸张四角纠正透视" not in found.pages[0].steps
        assert FIRST[0] in found.text


def pdf_of(path: Path, *, hidden: str = "", size: tuple[float, float] = (595, 842)) -> bytes:
    """A page that is a picture; ``hidden`` is a line of text that is not drawn."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=size, invariant=1)
    canvas.drawImage(ImageReader(Image.open(path).convert("L")), 0, 0, *size)
    if hidden:
        words = canvas.beginText(80, 700)
        words.setFont("STSong-Light", 12)
        words.setTextRenderMode(3)
        for start in range(0, len(hidden), 30):
            words.textLine(hidden[start : start + 30])
        canvas.drawText(words)
    canvas.save()
    return stream.getvalue()


def test_a_scanned_pdf_and_its_bad_hidden_text() -> None:
    clean = readers.read_bytes(pdf_of(PAGES[0]), name="a.pdf")
    assert FIRST[1] in clean.text and not clean.problems
    spoilt = "2O23年云沐巾小塑水庫除陸加固頂目安排預箕資金l286.S万兀，佥部为巾級財政資金，截至年末実际支岀l2O3.7S万兀"
    found = readers.read_bytes(pdf_of(PAGES[0], hidden=spoilt), name="a.pdf")
    assert found.text == clean.text
    assert found.problems[0].where == "page 1"
    assert "未予采信，改用文字识别" in found.problems[0].message
    assert found.pages and found.pages[0].steps[1:] == ("文字识别",)


def test_a_page_of_a_hundred_thousand_points() -> None:
    """It is read as coarsely as it must, in finite time: a result or a sentence."""
    try:
        found = readers.read_bytes(pdf_of(PAGES[0], size=(100_000, 100_000)), name="a.pdf")
    except ReadError as error:
        assert str(error).startswith("a.pdf：")
    else:
        assert found.pages and found.pages[0].width == 100_000


def test_a_page_of_noise() -> None:
    pixels = random.Random(1).randbytes(3 * 900 * 1200)
    with pytest.raises(ReadError, match=r"^a.png：(该页没有可辨认的文字|有 \d+ 处字迹无法辨认)"):
        readers.read_bytes(saved(Image.frombytes("RGB", (900, 1200), pixels)), name="a.png")


def test_a_process_that_dies_says_so() -> None:
    process = Process()
    process.stop()
    with pytest.raises(OcrError, match="识别程序意外退出"):
        process.read(Picture(1, 1, b"abc"))
    assert not process.is_alive


# Seeing it


def result_of(found: Document, *mentions: Mention) -> Result:
    return Result(found, mentions, (None,) * len(mentions), (), ModelInfo("none", "0"))


def test_mentions_are_drawn_in_their_colours() -> None:
    page = Page(1, 100.0, 50.0)
    found = Document(
        "a.png", "", "预算8座", pages=(page,), boxes=(Box(Span(0, 2), 1, (10, 10, 30, 20)), Box(Span(2, 4), 1, (60, 10, 80, 20)))
    )
    shown = Shown(page, Picture(200, 100, b"\xff" * 60_000))
    sure, unsure = Mention(Label.INDICATOR, Span(0, 2), 0.95), Mention(Label.TARGET, Span(2, 4), 0.1)
    image = Image.open(io.BytesIO(drawn(result_of(found, sure, unsure), shown)))
    assert image.size == (200, 100)

    def paleness(at: tuple[int, int], label: Label) -> float:
        """How much of the colour is missing."""
        pixel, colour = image.convert("RGB").getpixel(at), COLOURS[label]
        assert isinstance(pixel, tuple)
        return min((value - hue) / (255 - hue) for value, hue in zip(pixel, colour, strict=True) if hue < 255)

    assert paleness((40, 30), Label.INDICATOR) < paleness((140, 30), Label.TARGET) < 1
    assert image.convert("RGB").getpixel((100, 30)) == (255, 255, 255)


def test_pages_are_shown_as_pictures() -> None:
    shown = readers.shown_page(pdf_of(PAGES[0]), name="a.pdf", number=1)
    assert (shown.page.width, shown.page.height) == (595, 842)
    assert (shown.picture.width, shown.picture.height) == (1653, 2339)
    with pytest.raises(ReadError, match=r"^a.pdf：没有第 2 页；共 1 页$"):
        readers.shown_page(pdf_of(PAGES[0]), name="a.pdf", number=2)
    with pytest.raises(ReadError, match=r"^a.png：没有第 3 页；共 1 页$"):
        readers.shown_page(PAGES[0].read_bytes(), name="a.png", number=3)
    with pytest.raises(ReadError, match=r"^a.txt：此类文件没有页面图像；可显示 PDF 和图片文件的页面$"):
        readers.shown_page("预算".encode(), name="a.txt", number=1)
