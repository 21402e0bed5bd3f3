"""Headings of Chinese official text: told by a number, by brackets, by a title's words or by standing alone over a paragraph."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from extractor.types import Span

# Chinese official numbering, outermost first. A line that begins so is a heading when its title is short.
CHINESE_NUMBER = "[一二三四五六七八九十百零〇]{1,4}"
FORMAL_NUMBER = "[壹贰叁肆伍陆柒捌玖拾]{1,3}"
# · is what OCR makes of the full stop in 1．
ENUMERATORS = (
    (1, re.compile(rf"第{CHINESE_NUMBER}(?:[章部编](?:分)?|(?=[ \u3000])|问[：:])")),
    (1, re.compile(r"附(?:件|表|录)?\s?[0-9一二三四五六七八九十]{0,2}[：:]")),
    (2, re.compile(rf"(?:{CHINESE_NUMBER}|{FORMAL_NUMBER})\s?[、．.，]")),
    (2, re.compile(rf"【{CHINESE_NUMBER}】")),
    (2, re.compile(rf"项目{CHINESE_NUMBER}[、：:]")),
    (2, re.compile(rf"第{CHINESE_NUMBER}节")),
    (3, re.compile(rf"[（(]\s?{CHINESE_NUMBER}\s?[)）][、.．]?")),
    (3, re.compile("[甲乙丙丁戊己庚辛][、．.](?![甲乙丙丁戊己庚辛])")),
    (6, re.compile(r"[0-9０-９]{1,2}(?:[.．][0-9０-９]{1,2}){2,3}[、.．]?(?=\s*[^\d\s０-９])")),
    (5, re.compile(r"[0-9０-９]{1,2}[.．][0-9０-９]{1,2}[、.．]?(?=\s*[^\d\s０-９%％‰万亿千百元个])")),
    (4, re.compile(r"[0-9０-９]{1,2}\s?[、.．·](?=\s*[^\d\s０-９])")),
    (6, re.compile(r"[（(]\s?[0-9０-９]{1,2}\s?[)）][、.．]?")),
    (6, re.compile(r"[0-9０-９]{1,2}\s?[)）]")),
    (7, re.compile(r"[①-⑳]")),
)
# Without a stop after the number, only a line of its own is a heading.
ENUMERATORS_ALONE = (
    (2, re.compile(rf"{CHINESE_NUMBER}[ \u3000]+(?=[\u4e00-\u9fff])")),
    (4, re.compile(r"[0-9０-９]{1,2}[ \u3000]+(?=[\u4e00-\u9fff]{3})")),
)
NUMBERED_CHAPTER = 3  # the deepest level of numbers that makes a chapter
# Headings without a number are chapters as long as none has a number; below numbered ones they lie deepest.
# Word knows nine levels, so these are none of a document's own.
BRACKETED, PLAIN, SMALL_BRACKETED, RUN_IN = 10, 11, 12, 13
COLON = 14  # found with a colon at its end; it takes another level before anybody sees it
PLAIN_CHAPTER = 2
ONE_LEVEL = {BRACKETED: (1, BRACKETED), COLON: (PLAIN_CHAPTER, PLAIN)}  # through the whole text: as chapters, below numbered ones
FORM = 2  # as a chapter: a form belongs to no chapter before it
LIST_ITEM = 4  # the outermost level of numbers that also count the items of a list

MARKUP = re.compile(r"(?:<[^<>\n]{1,80}>|&nbsp;|\s)*")  # that a text copied from a web page kept
BRACKETS = (
    (BRACKETED, re.compile(rf"【(?!{CHINESE_NUMBER}】)([^【】\n]{{1,20}})】")),
    (SMALL_BRACKETED, re.compile(r"[〔［]([^〔〕［］0-9０-９\n]{1,20})[〕］]")),
)
LABEL = re.compile(r"([^\s，。；：:、\d]{2,14})[：:]")  # "完成情况：……" opens a paragraph
DIMENSION = re.compile("数量|质量|时效|成本|产出|效益|影响|经济|社会|生态|满意")  # within goals or results, whose label goes on
LONGEST_TITLE = 40
# A numbered line that states a value is an item of a list, not a heading; years and dates are no values.
VALUE_IN_TITLE = re.compile(r"[0-9０-９]\s?(?![年月日号届级．.、)）])[^\s0-9０-９]|[0-9０-９]$")
TITLE_END = re.compile(r"[。：:；;\n\t！？<]|[,，](?=.{12})")
TITLE_WORDS = re.compile(
    r"(?:情况|目标|概况|绩效|问题|建议|措施|说明|指标|分析|结论|评价|经验|做法|职责|计划|安排|成效|工作|打算|效益)$"
)
SENTENCE_END = re.compile(r"[。；;！？!?\n]+[”’）)」』]*")
SENTENCE_MARKS = "。；，,;"
LONGEST_ALONE = 30
# A title by its look alone; a letter's salutation (县财政局：) is none.
ANNOUNCING = re.compile(r"[^\d０-９：:。；，！？,;]{2,16}(?:(?<![局厅委办科处室部府会院长股心们])(?<!同志)(?<!领导)[：:]|？)?")
ANNOUNCED = 60  # characters; a paragraph that a line above it can be the title of


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in force from ``start`` on; it may open a paragraph ("（一）数量指标：……").

    words: where its title stands, None where that is the head of a form's column. A number without a title, as list items
    have, closes deeper headings and opens none.
    """

    start: int
    level: int
    title: str
    words: Span | None = None


def find_headings(
    text: str, paragraphs: Sequence[Span], columns: Mapping[int, str], levels: Mapping[int, int]
) -> Iterator[Heading]:
    """All headings in text order.

    columns: the head of the column in which a paragraph (by its start) stands. levels: those that the document itself gives
    to a paragraph (by its start), 1 to 9.
    """
    has_chapters = False
    decided: dict[int, int] = {}
    labels = _labels(text, paragraphs)
    found = (_of_paragraph(text, k, paragraphs, columns, levels, labels) for k in range(len(paragraphs)))
    for heading in chain.from_iterable(found):
        if heading.level in ONE_LEVEL:
            heading = replace(heading, level=decided.setdefault(heading.level, ONE_LEVEL[heading.level][has_chapters]))
        elif heading.level == PLAIN and not has_chapters:
            heading = replace(heading, level=PLAIN_CHAPTER)
        elif heading.level <= NUMBERED_CHAPTER:
            has_chapters = True
        yield heading


def heading_paths(headings: Sequence[Heading]) -> Iterator[tuple[str, ...]]:
    """The path in force from each heading on, outermost first."""
    open_headings: list[Heading] = []
    for heading in headings:
        while open_headings and open_headings[-1].level >= heading.level:
            open_headings.pop()
        if heading.title:
            open_headings.append(heading)
        yield tuple(opened.title for opened in open_headings)


def chapter_of(text: str, headings: Sequence[Heading], position: int) -> Span:
    """From a heading to the next of its level or above."""
    heading = headings[position]
    after = (other for other in headings[position + 1 :] if other.start > heading.start)
    later = (other.start for other in after if other.title and other.level <= heading.level)
    return Span(heading.start, next(later, len(text)))


def sentences_of(text: str, paragraph: Span) -> Iterator[Span]:
    """The sentences of a paragraph; they partition it."""
    at = paragraph.start
    for mark in SENTENCE_END.finditer(text, paragraph.start, paragraph.end):
        yield Span(at, mark.end())
        at = mark.end()
    if at < paragraph.end:
        yield Span(at, paragraph.end)


def _labels(text: str, paragraphs: Sequence[Span]) -> frozenset[str]:
    """Labels that open paragraphs as titles do: those with the words of one, and others that again and again stand among them.

    Where every project has 目标：……, 兑现：……, 钱款：……, none of the three rules what the next one opens.
    """
    openings = [_label(text, paragraph) for paragraph in paragraphs]
    titles = {label for label in openings if label and TITLE_WORDS.search(label)}
    beside: Counter[str] = Counter()
    for _, run in groupby(openings, key=bool):
        neighbours = list(run)
        if not titles.isdisjoint(neighbours):
            beside.update(neighbours)
    others = (label for label, count in beside.items() if count > 1 and not DIMENSION.search(label))
    return frozenset(titles.union(others))


def _label(text: str, paragraph: Span) -> str:
    """The label that opens a paragraph, or nothing."""
    bare = _bare(text, paragraph)
    found = LABEL.match(text, bare.start, bare.end) if bare else None
    return found.group(1) if found else ""


def _of_paragraph(
    text: str,
    k: int,
    paragraphs: Sequence[Span],
    columns: Mapping[int, str],
    levels: Mapping[int, int],
    labels: Collection[str],
) -> Iterator[Heading]:
    paragraph = paragraphs[k]
    if paragraph.start in columns:
        yield Heading(paragraph.start, FORM, columns[paragraph.start])
    line = _bare(text, paragraph)
    if line is None:
        return
    alone = len(line) <= LONGEST_ALONE and not any(mark in text[line.start : line.end] for mark in SENTENCE_MARKS)
    for sentence in sentences_of(text, paragraph):
        bare = _bare(text, sentence)
        if bare is None:
            continue
        opens = sentence.start == paragraph.start
        heading = _numbered(text, sentence, bare, alone=alone, level=levels.get(paragraph.start) if opens else None)
        if not heading and opens:
            heading = _labelled(text, sentence, bare, labels)
        if not heading and alone:
            below = paragraphs[k + 1] if k + 1 < len(paragraphs) else None
            heading = _announcing(text, line, below)
        if heading:
            yield heading


def _bare(text: str, span: Span) -> Span | None:
    """The words without blanks and markup around them, if there are any."""
    found = MARKUP.match(text, span.start, span.end)
    start = found.end() if found else span.start
    end = text.find("<", start, span.end)
    words = text[start : end if end > start else span.end].rstrip()
    return Span(start, start + len(words)) if words else None


def _numbered(text: str, sentence: Span, bare: Span, *, alone: bool, level: int | None) -> Heading | None:
    """The heading that begins with a number, that the document calls one, or that stands alone with the words of a title."""
    words = text[bare.start : sentence.end]
    for depth, pattern in (*ENUMERATORS, *(ENUMERATORS_ALONE if alone else ())):
        match = pattern.match(words)
        if match:
            title = _title(words, match.end())
            if title is None or (depth >= LIST_ITEM and VALUE_IN_TITLE.search(title, match.end())):
                return Heading(sentence.start, depth, "") if depth >= LIST_ITEM else None
            return _placed(sentence, level or depth, title, bare.start)
    if level is not None or (alone and TITLE_WORDS.search(text[bare.start : bare.end].rstrip("：: "))):
        title = text[bare.start : bare.end][:LONGEST_TITLE]
        return _placed(sentence, level or _unnumbered(title), title, bare.start) if title else None
    return None


def _labelled(text: str, sentence: Span, bare: Span, labels: Collection[str]) -> Heading | None:
    """The title in brackets, or one of the labels, that opens a paragraph."""
    for level, pattern in BRACKETS:
        match = pattern.match(text, bare.start, sentence.end)
        if match:
            return _placed(sentence, level, match.group(1), match.start(1))
    match = LABEL.match(text, bare.start, sentence.end)
    if match and match.group(1) in labels:
        return _placed(sentence, RUN_IN, match.group(1), bare.start)
    return None


def _announcing(text: str, line: Span, below: Span | None) -> Heading | None:
    """The few words that stand over a paragraph of sentences."""
    words = text[line.start : line.end]
    if below and len(below) >= ANNOUNCED and "。" in text[below.start : below.end] and ANNOUNCING.fullmatch(words):
        return _placed(line, _unnumbered(words), words, line.start)
    return None


def _unnumbered(title: str) -> int:
    return COLON if title.endswith(("：", ":")) else PLAIN


def _placed(sentence: Span, level: int, title: str, at: int) -> Heading:
    return Heading(sentence.start, level, title, Span(at, at + len(title)))


def _title(words: str, after: int) -> str | None:
    """The numbered words up to the first stop, or None where they are a list item rather than a title."""
    end = TITLE_END.search(words, after)
    title = words[: end.start() if end else len(words)].rstrip()
    body = title[after:].strip()
    if not 1 < len(body) <= LONGEST_TITLE or any(mark in body for mark in "，,"):
        return None
    return title
