"""Where words stand on the pages of their report."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from unicodedata import east_asian_width

from extractor.types import Box, Document, Span


def page_finder(document: Document) -> Callable[[Span], list[Box]]:
    """A function from a span to the boxes of its characters, in text order; a box that holds more is cut to them."""
    boxes = document.boxes
    starts = [box.span.start for box in boxes]

    def boxes_of(span: Span) -> list[Box]:
        first = max(0, bisect_left(starts, span.start) - 1)  # the one before may reach into the span
        last = bisect_left(starts, span.end)
        return [_cut(box, span, document.text) for box in boxes[first:last] if box.span.overlaps(span)]

    return boxes_of


def _cut(box: Box, span: Span, text: str) -> Box:
    """The part of a line's box that the span takes up, estimated: a Chinese character is as wide as two others."""
    kept = Span(max(box.span.start, span.start), min(box.span.end, span.end))
    left, top, right, bottom = box.bounds
    is_vertical = len(box.span) > 1 and bottom - top > right - left
    if kept == box.span or is_vertical:
        return box
    widths = [2 if east_asian_width(character) in "WF" else 1 for character in text[box.span.start : box.span.end]]
    per_width = (right - left) / sum(widths)
    start = left + per_width * sum(widths[: kept.start - box.span.start])
    end = left + per_width * sum(widths[: kept.end - box.span.start])
    return Box(kept, box.page, (round(start, 2), top, round(end, 2), bottom), box.confidence)
