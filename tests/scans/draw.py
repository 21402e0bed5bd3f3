"""Draws the pages that the OCR tests read: python tests/scans/draw.py FONT, a Chinese font such as NotoSerifCJK-Regular.ttc.

The pages are kept as pictures, so that the tests need no Chinese font. Place and figures are made up.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DPI = 150
WIDTH, HEIGHT = 595, 842  # points
LEFT, TOP, SIZE, LEADING, ROOM, PER_PAGE = 80, 100, 14, 26, 31 * 14, 8
HEADER = "云沐市水利局2023年度绩效自评报告"
TEXT = """一、项目资金情况
2023年云沐市小型水库除险加固项目安排预算资金1286.5万元，全部为市级财政资金，截至年末实际支出1203.75万元，预算执行率93.57%。
二、绩效目标完成情况
全年计划除险加固小型水库12座，实际完成13座，完成率108.33%。计划培训水库巡查责任人240人次，实际培训252人次，参训人员考核合格率99.2%。计划新建雨量监测站36处，实际建成36处，设备完好率达到97.2%，全部接入市级平台。
三、存在的问题
个别水库的管护经费到位较晚，群众满意度为91.6%，比目标值低3.4个百分点。"""

SKEW = 1.4  # degrees by which the page with the table is laid on the scanner
COLUMNS = (60, 112, 222, 318, 398, 450, 502)  # points, where upright rules stand
ROWS = (110, 138, 166, 194, 222, 250)
CELLS = (  # row, column, row span, column span, words
    (0, 0, 1, 1, "一级指标"),
    (0, 1, 1, 1, "三级指标"),
    (0, 2, 1, 1, "年度指标值"),
    (0, 3, 1, 1, "实际完成值"),
    (0, 4, 1, 1, "分值"),
    (0, 5, 1, 1, "得分"),
    (1, 0, 2, 1, "产出指标"),
    (1, 1, 1, 1, "除险加固水库数"),
    (1, 2, 1, 1, "≥12座"),
    (1, 3, 1, 1, "13座"),
    (1, 4, 1, 1, "10"),
    (1, 5, 1, 1, "10"),
    (2, 1, 1, 1, "项目按期完工率"),
    (2, 2, 1, 1, "≥95%"),
    (2, 3, 1, 1, "93.8%"),
    (2, 4, 1, 1, "8"),
    (2, 5, 1, 1, "7"),
    (3, 0, 1, 1, "满意度"),
    (3, 1, 1, 1, "受益群众满意度"),
    (3, 2, 1, 1, "≥90%"),
    (3, 3, 1, 1, "/"),
    (3, 4, 1, 1, "5"),
    (3, 5, 1, 1, "5"),
    (4, 0, 1, 4, "合计"),
    (4, 4, 1, 1, "23"),
    (4, 5, 1, 1, "22"),
)


def lines(paragraph: str, font: ImageFont.FreeTypeFont, scale: float) -> list[tuple[int, str]]:
    """Lines with the points they are indented by; a line ends where it is full, within a number, too."""
    found: list[tuple[int, str]] = []
    indent, line = 2 * SIZE, ""
    for character in paragraph:
        if indent + font.getlength(line + character) / scale > ROOM + 1 and character not in "，。":
            found.append((indent, line))
            indent, line = 0, ""
        line += character
    return [*found, (indent, line)]


def pages(path: str) -> list[Image.Image]:
    scale = DPI / 72
    index = 2 if path.endswith(".ttc") else 0  # simplified Chinese
    body = ImageFont.truetype(path, round(SIZE * scale), index=index)
    small = ImageFont.truetype(path, round(10 * scale), index=index)
    written = [line for paragraph in TEXT.split("\n") for line in lines(paragraph, body, scale)]
    found = []
    for number, first in enumerate(range(0, len(written), PER_PAGE), start=1):
        image = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale)), 255)
        draw = ImageDraw.Draw(image)
        draw.text((WIDTH / 2 * scale, 50 * scale), HEADER, font=small, fill=20, anchor="mm")
        draw.text((WIDTH / 2 * scale, 800 * scale), f"— {number} —", font=small, fill=20, anchor="mm")
        for at, (indent, line) in enumerate(written[first : first + PER_PAGE]):
            draw.text(((LEFT + indent) * scale, (TOP + at * LEADING) * scale), line, font=body, fill=20)
        found.append(image.quantize(8))
    return found


def table(path: str) -> Image.Image:
    """Half a page with a ruled table whose cells are tight, as it lies on a scanner."""
    scale = DPI / 72
    font = ImageFont.truetype(path, round(11 * scale), index=2 if path.endswith(".ttc") else 0)
    image = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale / 2)), 255)
    draw = ImageDraw.Draw(image)
    draw.text((60 * scale, 70 * scale), "云沐市水利局2023年度项目支出绩效自评表", font=font, fill=20)
    for row, column, row_span, column_span, words in CELLS:
        left, right, top, bottom = COLUMNS[column], COLUMNS[column + column_span], ROWS[row], ROWS[row + row_span]
        draw.rectangle([round(left * scale), round(top * scale), round(right * scale), round(bottom * scale)], outline=60)
        draw.text((((left + right) / 2) * scale, (top + bottom) / 2 * scale), words, font=font, fill=20, anchor="mm")
    draw.text((60 * scale, 290 * scale), "以上数据经第三方核对。", font=font, fill=20)
    return image.rotate(-SKEW, Image.Resampling.BICUBIC, fillcolor=255).quantize(8)


if __name__ == "__main__":
    for number, image in enumerate(pages(sys.argv[1]), start=1):
        image.save(Path(__file__).parent / f"page{number}.png", dpi=(DPI, DPI), optimize=True)
    table(sys.argv[1]).save(Path(__file__).parent / "table.png", dpi=(DPI, DPI), optimize=True)
