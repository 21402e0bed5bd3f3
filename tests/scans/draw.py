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


if __name__ == "__main__":
    for number, image in enumerate(pages(sys.argv[1]), start=1):
        image.save(Path(__file__).parent / f"page{number}.png", dpi=(DPI, DPI), optimize=True)
