"""What is drawn on a PDF page besides its characters: ruling lines, pictures, and whether its words are drawn at all.

Pages are pdfium's; whoever calls holds the lock on it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import islice
from typing import Any

from extractor.readers.lines import Bounds

MAX_STROKES = 50_000  # of one page's drawings; maps and charts have more, tables do not
MAX_OBJECTS = 20_000  # of one page that are looked at
DEEPEST = 4  # forms within forms


def covered(page: Any) -> float:
    """The share of the page under its largest picture, from 0 to 1."""
    import pypdfium2.raw as raw

    width, height = page.get_size()
    left, bottom, right, top = ctypes.c_float(), ctypes.c_float(), ctypes.c_float(), ctypes.c_float()
    largest: float = 0.0
    for drawing in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=DEEPEST):
        if raw.FPDFPageObj_GetBounds(drawing.raw, left, bottom, right, top):
            largest = max(largest, (right.value - left.value) * (top.value - bottom.value))
    return min(1.0, largest / float(max(1.0, width * height)))


def is_hidden(page: Any) -> bool:
    """Whether there are words and none is drawn: what an earlier OCR laid under a picture."""
    import pypdfium2.raw as raw

    n_words = 0
    for words in islice(page.get_objects(filter=(raw.FPDF_PAGEOBJ_TEXT,), max_depth=DEEPEST), MAX_OBJECTS):
        n_words += 1
        if raw.FPDFTextObj_GetTextRenderMode(words.raw) != raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            return False
    return n_words > 0


def strokes(page: Any) -> Iterator[Bounds]:
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
