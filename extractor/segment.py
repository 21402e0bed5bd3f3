"""A document's outline (sections, prose, tables) and the passages that the tagger reads."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from extractor.headings import CHINESE_NUMBER, Heading, find_headings, heading_paths, sentences_of
from extractor.types import BlockKind, Document, Passage, Span

# Tables flattened into text: a long cell with sentence punctuation is prose that stands in a table, and so are the
# cells of the goal block, between its head and the head of the indicator rows.
LONG_CELL = 60
GOAL_HEAD = re.compile(r"预期目标|年初设定目标|预期总体目标|年度总\s*体目标|总体目标完成情况|实际完成情况")
GOAL_COLUMN = re.compile(r"预期|年初设定|完成情况|实际完成")
ROWS_HEAD = re.compile(r"一级\s*指标|三级\s*指标|指标名称|绩\s*效\s*指\s*标")
SHORT_CELL = 14
CELL = re.compile(r"[^\t]+")
LISTED = re.compile(r"\s*(?:<\w+>)?[^\t]{1,5}\t[^\t]{15,}$")  # "①	text": a list item as Word writes it, no table row
CHAPTER = re.compile(rf"{CHINESE_NUMBER}[、．.]")
TITLED = re.compile(rf"\s*{CHAPTER.pattern}[^\t]*\t[^\t]*[，。；][^\t]*$")  # a chapter's title, a tab and its only paragraph

CHAPTER_DEPTH = 2  # no passage runs on across a heading that changes this many outer titles

LONGEST_PASSAGE = 230  # characters; the encoder reads 512 pieces, one piece is about 1.3 characters and at worst one
CONTEXT = 48  # characters of earlier text shown before what is decided
OVERLAP = 60  # characters shared by the windows of one over-long sentence


class Kind(StrEnum):
    PROSE = "prose"
    HEADING = "heading"
    TABLE = "table"
    ASIDE = "aside"  # running headers and footers


@dataclass(frozen=True, slots=True)
class Part:
    """One line, cell or block of the text; parts are in text order and never overlap."""

    kind: Kind
    span: Span
    head: str | None = None  # of prose in a form's cell: the words of the column's head


@dataclass(frozen=True)
class Outline:
    """How a text is built. ``paragraphs`` and ``sentences`` cover its prose and headings, not its tables."""

    parts: tuple[Part, ...]
    headings: tuple[Heading, ...]
    paths: tuple[tuple[str, ...], ...]  # the path in force from each heading on
    paragraphs: tuple[Span, ...]
    sentences: tuple[Span, ...]

    def section_at(self, offset: int) -> tuple[str, ...]:
        """The headings that rule the character at ``offset``, outermost first."""
        position = bisect_right(self._heading_starts, offset)
        return self.paths[position - 1] if position else ()

    def chapter_at(self, offset: int) -> tuple[str, ...]:
        """The outer headings that rule the character at ``offset``."""
        return self.section_at(offset)[:CHAPTER_DEPTH]

    def prose_at(self, offset: int) -> bool:
        """Whether the character stands in prose, not in a table row or a running header."""
        position = bisect_right(self._paragraph_starts, offset) - 1
        return position >= 0 and offset < self.paragraphs[position].end

    def interrupted(self, start: int, end: int) -> bool:
        """Whether a table cell or a running header begins in [start, end)."""
        return bisect_left(self._barriers, end) > bisect_left(self._barriers, start)

    def sentence_before(self, offset: int) -> int:
        """Position of the last sentence that ends at or before ``offset``, -1 where there is none."""
        return bisect_right(self._sentence_ends, offset) - 1

    @cached_property
    def _heading_starts(self) -> list[int]:
        return [heading.start for heading in self.headings]

    @cached_property
    def _paragraph_starts(self) -> list[int]:
        return [span.start for span in self.paragraphs]

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [span.end for span in self.sentences]

    @cached_property
    def _barriers(self) -> list[int]:
        return [part.span.start for part in self.parts if part.kind in (Kind.TABLE, Kind.ASIDE)]


@dataclass(frozen=True, slots=True)
class Understood:
    """A stretch of the text whose parts somebody else has found already: a table whose rows are records."""

    span: Span
    parts: tuple[Part, ...]


def outline(document: Document, understood: Sequence[Understood] = ()) -> Outline:
    """Find headings, paragraphs, sentences and the prose between tables.

    understood: in text order, never overlapping; each is a whole block, or whole lines where the document has no blocks.
    """
    text = document.text
    parts = tuple(_block_parts(document, understood) if document.blocks else _parts_around(text, understood))
    levels = {block.span.start: block.level for block in document.blocks if block.level is not None}
    prose = [part for part in parts if part.kind in (Kind.PROSE, Kind.HEADING)]
    paragraphs = tuple(part.span for part in prose)
    headings = tuple(find_headings(text, paragraphs, {part.span.start: part.head for part in prose if part.head}, levels))
    sentences = tuple(sentence for span in paragraphs for sentence in sentences_of(text, span))
    return Outline(parts, headings, tuple(heading_paths(headings)), paragraphs, sentences)


def passages(document: Document, outline: Outline, candidates: Sequence[Span]) -> Iterator[Passage]:
    """Windows of whole sentences around every candidate value, in text order.

    Sentences without a candidate are read only as context: no value can stand there. Nothing is cut: a sentence longer
    than a window is read in overlapping windows, each deciding its own share.
    """
    starts = [span.start for span in candidates]
    text = document.text

    def has_candidate(span: Span) -> bool:
        position = bisect_right(starts, span.end - 1) - 1
        return position >= 0 and candidates[position].end > span.start

    wanted: list[Span] = []
    for sentence in outline.sentences:
        if not has_candidate(sentence):
            continue
        if (
            wanted
            and sentence.end - wanted[-1].start <= LONGEST_PASSAGE
            and outline.chapter_at(sentence.start) == outline.chapter_at(wanted[-1].start)
            and not outline.interrupted(wanted[-1].start, sentence.start)
        ):
            wanted[-1] = Span(wanted[-1].start, sentence.end)
        else:
            wanted.append(sentence)
    for core in wanted:
        section = outline.section_at(core.start)
        if len(core) > LONGEST_PASSAGE:
            yield from (Passage(span, share, section) for span, share in _slices(text, core))
        else:
            yield Passage(_with_context(outline, core), core, section)


def _with_context(outline: Outline, core: Span) -> Span:
    """The core and the whole sentences before it, as far as they fit."""
    start = core.start
    chapter = outline.chapter_at(start)
    for position in range(outline.sentence_before(core.start), -1, -1):
        sentence = outline.sentences[position]
        if (
            core.start - sentence.start > CONTEXT
            or outline.chapter_at(sentence.start) != chapter
            or outline.interrupted(sentence.start, core.start)
        ):
            break
        start = sentence.start
    return Span(start, core.end)


def _slices(text: str, sentence: Span) -> Iterator[tuple[Span, Span]]:
    """(shown, decided) windows over one long sentence; the decided shares partition it, cut after a comma where there is one."""
    borders = [sentence.start]
    while sentence.end - borders[-1] > LONGEST_PASSAGE - OVERLAP:
        furthest = borders[-1] + LONGEST_PASSAGE - 2 * OVERLAP
        comma = max((text.rfind(mark, borders[-1] + OVERLAP, furthest) for mark in "，,、；：\t "), default=-1)
        borders.append(comma + 1 if comma > 0 else furthest)
    borders.append(sentence.end)
    for start, end in pairwise(borders):
        yield Span(max(sentence.start, start - OVERLAP), min(sentence.end, end + OVERLAP)), Span(start, end)


def _block_parts(document: Document, understood: Sequence[Understood]) -> Iterator[Part]:
    known = {one.span: one.parts for one in understood}
    kinds = {
        BlockKind.PARAGRAPH: Kind.PROSE,
        BlockKind.TEXT_BOX: Kind.PROSE,
        BlockKind.HEADING: Kind.HEADING,
        BlockKind.HEADER: Kind.ASIDE,
    }
    goal_block = GoalBlock()
    for block in document.blocks:
        cells = [cell.span for cell in block.cells if cell.span is not None]
        is_frame = len(cells) == 1  # around words, not a table
        if block.span in known:
            yield from known[block.span]
        elif block.kind is BlockKind.TABLE and not is_frame:
            yield from goal_block.parts(document.text, cells or [block.span])
        elif block.kind is BlockKind.PARAGRAPH or is_frame:
            yield from (Part(Kind.PROSE, span) for span in _lines(document.text, block.span))
        else:
            yield Part(kinds[block.kind], block.span)


def _lines(text: str, within: Span) -> Iterator[Span]:
    """Lines that hold more than blanks, without their line break."""
    for match in re.compile(r"[^\n]+").finditer(text, within.start, within.end):
        if not match.group().isspace():
            yield Span(*match.span())


def _parts_around(text: str, understood: Sequence[Understood]) -> Iterator[Part]:
    """The parts of what is understood, and those of the lines before, between and after."""
    at = 0
    for one in understood:
        yield from _line_parts(text, at, one.span.start)
        yield from one.parts
        at = one.span.end
    yield from _line_parts(text, at, len(text))


def _line_parts(text: str, start: int, end: int) -> Iterator[Part]:
    """Lines as paragraphs; runs of lines with tabs as tables, whose cells are judged one by one."""
    if start >= end:
        return
    lines = list(_lines(text, Span(start, end)))
    in_table = _table_lines(text, lines)
    goal_block = GoalBlock()
    for line, tabular in zip(lines, in_table, strict=True):
        if tabular:
            cells = [Span(*match.span()) for match in CELL.finditer(text, line.start, line.end) if match.group().strip()]
            yield from goal_block.parts(text, cells)
        else:
            goal_block.close()
            yield Part(Kind.PROSE, line)


def _table_lines(text: str, lines: Sequence[Span]) -> list[bool]:
    """Which lines stand in a table: those with tabs, and short ones caught between them (a cell broken over lines)."""
    written = [text[line.start : line.end] for line in lines]
    tabular = ["\t" in words and not LISTED.match(words) and not TITLED.match(words) for words in written]
    positions = [position for position, has_tab in enumerate(tabular) if has_tab]
    for first, second in pairwise(positions):
        gap = range(first + 1, second)
        if len(gap) <= 6 and all(len(text[lines[k].start : lines[k].end].strip()) <= SHORT_CELL for k in gap):
            for k in gap:
                tabular[k] = True
    return tabular


class GoalBlock:
    """The part of the standard form between "预期目标 | 实际完成情况" and the indicator rows: prose in cells.

    Cells of prose stand under the heads in their order, whether heads come all first (columns) or each before its cell.
    """

    def __init__(self) -> None:
        self.close()

    def close(self) -> None:
        self._open = False
        self._heads: list[str] = []  # that no cell of prose has stood under yet
        self._after_head = False

    def parts(self, text: str, cells: Sequence[Span]) -> Iterator[Part]:
        """The cells in order, each as prose or as a table cell."""
        for cell in cells:
            words = text[cell.start : cell.end].strip()
            if len(words) <= SHORT_CELL and ROWS_HEAD.search(words):
                self.close()
            is_goal = self._open and len(words) > SHORT_CELL and any(mark in words for mark in "。；，、,;")
            is_long = len(words) >= LONG_CELL and any(mark in words for mark in "。；，,;")
            is_chapter = len(words) > 4 and CHAPTER.match(words) is not None
            if is_goal or is_long or is_chapter:
                yield Part(Kind.PROSE, cell, self._next_head() if self._open else None)
                self._after_head = False
                continue
            yield Part(Kind.TABLE, cell)
            is_head = GOAL_HEAD.search(words) is not None
            if is_head or GOAL_COLUMN.search(words):
                # Heads of an earlier row that no prose followed rule nothing any more.
                self._heads = [*self._heads, words] if self._after_head else [words]
                self._open = self._open or is_head
                self._after_head = True
            else:
                self._after_head = False

    def _next_head(self) -> str | None:
        """The head of the next cell of prose; that of the whole row only where the row has no other."""
        columns = [head for head in self._heads if GOAL_COLUMN.search(head)]
        self._heads = columns or self._heads
        return self._heads.pop(0) if self._heads else None
