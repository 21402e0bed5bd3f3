"""A report's text as an office would print it: titles, headings and indented paragraphs on A4 pages. Units are points.

Lines end as a word processor ends them: words and numbers stay whole, no line begins with closing punctuation or ends
with opening brackets, full lines reach the right margin.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

WIDTH, HEIGHT = 595.0, 842.0
LEFT, RIGHT, TOP, BOTTOM = 80.0, 74.0, 105.0, 99.0  # margins; those of official documents
SIZES = (16.0, 15.0, 14.0, 14.0, 12.0)  # 三号, 小三, 四号, 小四
TITLE_SIZE = 22.0
FOOT = 60.0  # from the bottom of the page up to the number's baseline

CLOSING = frozenset("，。、；：！？）》〉】〕］」』”’％%‰℃…,.;:!?)]")
OPENING = frozenset("（《〈【〔［「『“‘([")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,%‰/+-]*|\s+|.")
CHAPTER = re.compile(r"[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十]{1,3}[章部]")
SECTION = re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]")
SENTENCE = re.compile(r"[。；：:！？]$")
N_TITLES = 3  # lines at most
LONGEST_TITLE = 40
LONGEST_SIGNATURE = 25
TAB = 4  # characters


class Face(StrEnum):
    """Kinds of type; which fonts they are is chosen for every report."""

    BODY = "body"
    TITLE = "title"
    CHAPTER = "chapter"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class Character:
    """One printed character; ``x`` is its left edge, ``baseline`` counts from the top of the page."""

    text: str
    x: float
    baseline: float
    size: float
    face: Face


Page = tuple[Character, ...]
Measure = Callable[[str, Face], float]  # (character, face) → its width in sizes


@dataclass(frozen=True, slots=True)
class Style:
    """How one report looks; ``leading`` is the distance of lines."""

    size: float = 16.0
    leading: float = 28.0
    header: str = ""  # on top of every page

    @classmethod
    def drawn(cls, dice: random.Random, text: str) -> Style:
        size = dice.choice(SIZES)
        title = text.strip().partition("\n")[0].strip()
        header = title if dice.random() < 0.2 and len(title) <= LONGEST_TITLE else ""
        return cls(size, round(size * dice.uniform(1.5, 1.9), 1), header)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the report's text; ``place`` is 0 for the left margin, 0.5 for the middle and 1 for the right margin."""

    text: str
    face: Face = Face.BODY
    indent: int = 2
    place: float = 0.0


def typeset(text: str, measure: Measure, style: Style) -> list[Page]:
    """Pages of a report; blanks are not among their characters."""
    pages: list[list[Character]] = [[]]
    baseline = TOP + style.size
    for paragraph in _paragraphs(text):
        size = TITLE_SIZE if paragraph.face is Face.TITLE else style.size
        leading = max(style.leading, 1.4 * size)
        for row in _rows(paragraph, measure, size):
            if baseline > HEIGHT - BOTTOM:
                pages.append([])
                baseline = TOP + size
            pages[-1] += (Character(one, x, baseline, size, paragraph.face) for one, x in row)
            baseline += leading
    return [(*page, *_furniture(number, measure, style)) for number, page in enumerate(pages, start=1)]


def _paragraphs(text: str) -> Iterator[Paragraph]:
    lines = [line.strip(" 　") for line in text.splitlines() if line.strip()]
    heading = True
    for number, line in enumerate(lines):
        if CHAPTER.match(line):
            heading = False
            yield Paragraph(line, Face.CHAPTER)
        elif SECTION.match(line):
            heading = False
            is_title = len(line) <= LONGEST_TITLE and "。" not in line
            yield Paragraph(line, Face.SECTION if is_title else Face.BODY)
        elif heading and number < N_TITLES and len(line) <= LONGEST_TITLE and not SENTENCE.search(line):
            yield Paragraph(line, Face.TITLE, indent=0, place=0.5)
        elif number >= len(lines) - 2 and len(line) <= LONGEST_SIGNATURE and not SENTENCE.search(line):
            yield Paragraph(line, indent=0, place=1.0)
        else:
            salutation = heading and len(line) <= LONGEST_SIGNATURE and line.endswith(("：", ":"))
            heading = False
            yield Paragraph(line, indent=0 if salutation else 2)


Row = list[tuple[str, float]]  # visible characters with their left edges


def _rows(paragraph: Paragraph, measure: Measure, size: float) -> Iterator[Row]:
    room = WIDTH - LEFT - RIGHT
    indent = paragraph.indent * size

    def width(words: str) -> float:
        return sum(TAB if one == "\t" else measure(one, paragraph.face) for one in words) * size

    rows = list(_broken(paragraph.text, room, indent, width))
    for number, words in enumerate(rows):
        left = indent if number == 0 else 0.0
        free = room - left - width("".join(words))
        is_full = number < len(rows) - 1
        n_gaps = max(1, len("".join(words)) - 1)
        gap = free / n_gaps if is_full and paragraph.place == 0 and free < 4 * size else min(free, 0.0) / n_gaps
        x = LEFT + left + (max(free, 0.0) * paragraph.place)
        row: Row = []
        for one in "".join(words):
            if not one.isspace():
                row.append((one, x))
            x += width(one) + gap
        yield row


def _broken(text: str, room: float, indent: float, width: Callable[[str], float]) -> Iterator[list[str]]:
    """Words of each line."""
    words: list[str] = []
    used = indent
    for word in _words(text, room, width):
        if words and used + width(word) > room and word not in CLOSING:
            kept = len(words)
            while kept > 1 and words[kept - 1] in OPENING:
                kept -= 1
            yield words[:kept]
            words = [*words[kept:], *([] if word.isspace() else [word])]
            used = width("".join(words))
        else:
            words.append(word)
            used += width(word)
    yield words


def _words(text: str, room: float, width: Callable[[str], float]) -> Iterator[str]:
    for word in WORD.findall(text):
        if width(word) > room / 2:
            yield from word
        else:
            yield word


def _furniture(number: int, measure: Measure, style: Style) -> Iterator[Character]:
    """The page's number and running header."""
    size = 12.0
    for words, baseline in ((f"- {number} -", HEIGHT - FOOT), (style.header, FOOT)):
        x = (WIDTH - sum(measure(one, Face.BODY) for one in words) * size) / 2
        for one in words:
            if not one.isspace():
                yield Character(one, x, baseline, size, Face.BODY)
            x += measure(one, Face.BODY) * size


def text_of(pages: Sequence[Page]) -> str:
    """All characters in the order of printing."""
    return "".join(one.text for page in pages for one in page)
