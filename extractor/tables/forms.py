"""Lines with tabs or bars as tables with cells: the facts, funding and goal blocks of forms flattened into text.

What stands above the indicators of such a form keeps its tabs as a rule, so that it can be read as a ruled table is: one
row per line and cells between tabs, or one cell per line that begins with a tab and rows between blank lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractor.tables.pieces import TABS, without_markup
from extractor.types import Block, BlockKind, Cell, Span

FEWEST_LINES = 2  # with tabs
LONGEST_BETWEEN = 20  # characters of a line without tabs within a form: a title, a unit, the rest of a broken cell
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    words: str

    @property
    def has_mark(self) -> bool:
        return TABS.search(self.words) is not None

    @property
    def is_blank(self) -> bool:
        return not self.words.strip()

    @property
    def led(self) -> bool:
        """Whether the line is one cell that a tab begins."""
        return self.words.lstrip(" ").startswith("\t") and len(TABS.findall(self.words)) == 1


def forms(text: str, bounds: Span) -> Iterator[Block]:
    """Regions of lines with tabs as tables with cells, in text order; nobody knows yet what they say."""
    part = text[bounds.start : bounds.end]
    lines = [_Line(bounds.start + match.start(), match[0].rstrip("\r\n")) for match in _LINE.finditer(part)]
    for region in _regions(lines):
        marked = [line for line in region if line.has_mark]
        if len(marked) < FEWEST_LINES:
            continue
        is_led = 2 * sum(line.led for line in marked) > len(marked)
        cells = tuple(_led(text, region) if is_led else _across(text, region))
        spans = [cell.span for cell in cells if cell.span is not None]
        if spans:
            yield Block(BlockKind.TABLE, Span(spans[0].start, spans[-1].end), cells=cells)


def _regions(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Lines from the first to the last with tabs between which nothing longer than a title stands."""
    region: list[_Line] = []
    waiting: list[_Line] = []
    for line in lines:
        if line.has_mark:
            region += [*waiting, line] if region else [line]
            waiting = []
        elif len(line.words.strip()) <= LONGEST_BETWEEN:
            waiting.append(line)
        else:
            if region:
                yield region
            region, waiting = [], []
    if region:
        yield region


def _across(text: str, region: Sequence[_Line]) -> Iterator[Cell]:
    """One row per line; of bars, those at both ends begin and end no cell."""
    for row, line in enumerate(line for line in region if not line.is_blank or line.has_mark):
        start = line.start
        fields: list[tuple[int, int]] = []
        for match in TABS.finditer(line.words):
            fields.append((start, line.start + match.start()))
            start = line.start + match.end()
        fields.append((start, line.start + len(line.words)))
        if line.words.lstrip().startswith(("|", "│", "┃")):
            fields = fields[1:-1]
        for column, (first, last) in enumerate(fields):
            yield Cell(row, column, _words(text, first, last))


def _led(text: str, region: Sequence[_Line]) -> Iterator[Cell]:
    """One cell from each tab at the beginning of a line to the next; a blank line before it begins a row."""
    row = column = 0
    for at, line in enumerate(region):
        if not line.has_mark:
            continue
        if at and region[at - 1].is_blank and not region[at - 1].has_mark:
            row, column = row + 1, 0
        end = next((following for following in range(at + 1, len(region)) if region[following].has_mark), len(region))
        last = region[end - 1]
        yield Cell(row, column, _words(text, line.start, last.start + len(last.words)))
        column += 1


def _words(text: str, start: int, end: int) -> Span | None:
    found = list(without_markup(text, Span(start, end))) if start < end else []
    return Span(found[0].start, found[-1].end) if found else None
