"""How fast pages are read: python benchmarks/ocr.py FONT REPORT.txt [--pages N].

The report is drawn on pages of 200 dpi with a Chinese font such as NotoSerifCJK-Regular.ttc, with light noise as of a
scanner; then it is printed and scanned badly, as `benchmarks/twins.py --scan hard` does, so that many lines are read a
second time. In one run, over the same pages, nothing remembered from before:

    bare      RapidOCR as it comes, its models and settings, one thread: lines and words
    ours 1    picture → prepared, read, levelled, placed in points, as `extractor` does it, one process
    ours 2    the same with two processes

Prints pages per minute, the ratios, and the highest memory of one reading process (Linux only).
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from extractor.ocr.values import Picture
from extractor.ocr.workers import Workers, in_order
from extractor.readers import shown_page
from extractor.readers.scans import Shown, sheets_of
from extractor.twins.paper import HARD
from extractor.twins.twin import scan_of
from extractor.types import Example, Page

WIDTH, HEIGHT, DPI = 595, 842, 200
MARGIN, SIZE, LEADING, PER_LINE, PER_PAGE = 80, 14, 26, 31, 26


def drawn(text: str, font: str, n_pages: int) -> list[Shown]:
    """Pages full of the report's text."""
    scale = DPI / 72
    face = ImageFont.truetype(font, round(SIZE * scale), index=2 if font.endswith(".ttc") else 0)
    rows = [line[at : at + PER_LINE] for line in text.splitlines() for at in range(0, len(line), PER_LINE)]
    noise = np.random.default_rng(0)
    pages = []
    for number in range(1, n_pages + 1):
        image = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale)), 255)
        draw = ImageDraw.Draw(image)
        for at in range(PER_PAGE):
            row = rows[((number - 1) * PER_PAGE + at) % len(rows)]
            draw.text((MARGIN * scale, (90 + at * LEADING) * scale), row, font=face, fill=25)
        grey = np.asarray(image) + noise.normal(0, 5, (image.height, image.width))
        rgb = Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB")
        pages.append(Shown(Page(number, WIDTH, HEIGHT), Picture(rgb.width, rgb.height, rgb.tobytes())))
    return pages


def badly_scanned(text: str, n_pages: int) -> list[Shown]:
    """The report's first pages from paper, at 150 dpi."""
    content = scan_of(Example("hard", text, ()), HARD)
    return [shown_page(content, name="hard.pdf", number=number) for number in range(1, n_pages + 1)]


def bare() -> Callable[[Sequence[Shown]], int]:
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    threads = {f"EngineConfig.onnxruntime.{name}_op_num_threads": 1 for name in ("intra", "inter")}
    engine: Any = RapidOCR(params={"Global.log_level": "critical", **threads})

    def read(pages: Sequence[Shown]) -> int:
        shape = pages[0].picture.height, pages[0].picture.width, 3
        return sum(len("".join(engine(np.frombuffer(page.picture.pixels, np.uint8).reshape(shape)).txts or ())) for page in pages)

    return read


def ours(workers: Workers) -> Callable[[Sequence[Shown]], int]:
    def read(pages: Sequence[Shown]) -> int:
        found = in_order(lambda page: sheets_of(page, workers.read), pages, n_threads=workers.n_processes)
        return sum(len(sheet.glyphs) for sheets in found for sheet in sheets)

    return read


def highest_memory() -> float:
    """MB, of the process started by this one that had most."""
    started = [pid for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()]
    told = [re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()) for pid in started]
    return max((int(one[1]) / 1024 for one in told if one), default=0.0)


def timed(name: str, read: Callable[[Sequence[Shown]], int], pages: Sequence[Shown], warm_up: int) -> float:
    """Pages per minute, after a few pages that load the models."""
    read(pages[:warm_up])
    start = time.perf_counter()
    n_characters = read(pages)
    speed = 60 * len(pages) / (time.perf_counter() - start)
    print(f"{name:8} {speed:6.1f} pages per minute, {n_characters} characters")
    return speed


def compared(pages: Sequence[Shown]) -> None:
    without = timed("bare", bare(), pages, 1)
    speeds = []
    for n_processes in (1, 2):
        workers = Workers(n_processes)
        speeds.append(timed(f"ours {n_processes}", ours(workers), pages, n_processes))
        print(f"{'':8} {highest_memory():6.0f} MB at most in one process")
        workers.stop()
    print(f"ours 1 / bare {speeds[0] / without:.2f}, ours 2 / ours 1 {speeds[1] / speeds[0]:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("font")
    parser.add_argument("report", type=Path)
    parser.add_argument("--pages", type=int, default=8)
    arguments = parser.parse_args()
    text = arguments.report.read_text(encoding="utf-8")
    for name, pages in (
        ("clean", drawn(text, arguments.font, arguments.pages)),
        ("badly scanned", badly_scanned(text, arguments.pages)),
    ):
        print(f"{len(pages)} pages, {name}")
        compared(pages)


if __name__ == "__main__":
    main()
