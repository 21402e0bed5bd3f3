"""Running headers, footers and page numbers: which lines of the pages they are."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence

from extractor.readers.lines import Line

OUTER = 0.15  # of a page's height: running headers stand above, footers below
NEAR = 3  # lines from the top or the bottom of a page that may be running headers
PAGE_NUMBER = re.compile(
    r"[-—–－~·]*\s*\d{1,4}\s*[-—–－~·]*|\d{1,4}\s*/\s*\d{1,4}|第\s*\d{1,4}\s*页\s*[,，/]?\s*(共\s*\d{1,4}\s*页)?|[Pp]age\s*\d{1,4}(\s*of\s*\d{1,4})?"
)


def running_lines(pages: Sequence[Sequence[Line]], heights: Sequence[float], drifts: Sequence[float]) -> set[Line]:
    """Headers, footers and page numbers: outer lines that come back on half of the pages but for their digits, or lone numbers.

    pages: lines of each page from top to bottom; heights: of the pages; drifts: points that such a line may move on each.
    """
    outer = [_outer(lines, height) for lines, height in zip(pages, heights, strict=True)]
    places: dict[str, list[float]] = defaultdict(list)
    for lines in outer:
        for line in lines:
            places[_digitless(line.text)].append(line.baseline)
    for baselines in places.values():
        baselines.sort()
    needed = max(2, -(-sum(bool(lines) for lines in pages) // 2))

    def comes_back(line: Line, drift: float) -> bool:
        baselines = places[_digitless(line.text)]
        near = bisect_right(baselines, line.baseline + drift) - bisect_left(baselines, line.baseline - drift)
        return near >= needed

    return {
        line
        for page, lines, drift in zip(pages, outer, drifts, strict=True)
        for line in lines
        if comes_back(line, drift) or (line in (page[0], page[-1]) and PAGE_NUMBER.fullmatch(line.text.strip()))
    }


def _outer(lines: Sequence[Line], height: float) -> list[Line]:
    near = [*lines[:NEAR], *lines[max(NEAR, len(lines) - NEAR) :]]
    near = [line for line in near if not line.grid]
    return [line for line in near if not OUTER * height <= line.baseline <= (1 - OUTER) * height]


def _digitless(text: str) -> str:
    return re.sub(r"\d+", "#", re.sub(r"\s", "", text))
