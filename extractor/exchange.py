"""Training variety for what only headings tell: goals retold as results under a chapter of results, and the other way round.

The words of a plan and of its fulfilment are often the same, and the chapter decides. A copy of a report in which a chapter
of goals is headed as results, freed of the words of planning and relabelled, teaches to look at the heading.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractor.augment import Edit, rewrite
from extractor.headings import Heading, chapter_of
from extractor.segment import outline
from extractor.types import Document, Example, Label, Span


@dataclass(frozen=True, slots=True)
class Turn:
    """How a chapter of one kind becomes one of the other."""

    before: Label
    after: Label
    heading: re.Pattern[str]  # chapters that can turn
    unless: re.Pattern[str]  # chapters that cannot: their sentences only make sense as they are
    titles: tuple[str, ...]  # what the chapter is called afterwards
    words: tuple[tuple[re.Pattern[str], str], ...]  # what its sentences lose


GOALS = Turn(
    Label.TARGET,
    Label.ACHIEVED,
    re.compile(r"目标|预期|任务|年度计划|工作计划"),
    re.compile(r"明年|下一?年|下步|下一步|今后|改进"),
    (
        "绩效目标完成情况",
        "项目绩效情况分析",
        "完成情况",
        "产出情况",
        "目标实现情况",
        "主要工作成效",
        "项目实施成效",
        "实际完成情况",
        "绩效分析",
    ),
    (
        (re.compile(r"不低于|不少于|不超过|至少|≥|≤|力争|预计|计划|确保|争取|拟(?=[一-鿿])|要求"), ""),
        (re.compile(r"(?<=[0-9０-９%％个家人次户])(?:以上|以下|以内)"), ""),
        (re.compile(r"目标"), "指标"),
    ),
)
RESULTS = Turn(
    Label.ACHIEVED,
    Label.TARGET,
    re.compile(r"完成|实现|成效|产出|效益|绩效情况|结果"),
    re.compile(r"完成率|偏差|较目标|比目标|比计划|目标值|超额|未完成|未达|计划的|目标的|任务的|得分|上年|去年|同期"),
    (
        "绩效目标",
        "项目绩效目标",
        "预期目标",
        "年度工作任务",
        "绩效目标设定",
        "年度目标任务",
        "预期绩效目标",
        "主要目标",
        "年度总体目标",
    ),
    (
        (re.compile(r"完成了?|实际|已经?|累计|实现了?|圆满|顺利|均?达到"), ""),
        (re.compile(r"完成情况|实现情况"), "目标"),
    ),
)
TURNS = (GOALS, RESULTS)


def exchanged(example: Example, dice: random.Random, *, chance: float = 0.4) -> Example:
    """A copy in which some chapters of goals have become results, or of results goals; the records keep their numbers."""
    edits: list[Edit] = []
    turned: list[tuple[Span, Turn]] = []
    view = outline(Document(example.name, "", example.text))
    headings = view.headings
    for position, (heading, path) in enumerate(zip(headings, view.paths, strict=True)):
        outer = path[:-1]
        chapter = chapter_of(example.text, headings, position)
        free = heading.title and not _ruled(outer)
        turn = _turn(example, heading, chapter) if free else None
        if turn is None or dice.random() >= chance or (turned and chapter.start < turned[-1][0].end):
            continue
        turned.append((chapter, turn))
        edits += _edits(example.text, heading, chapter, turn, dice)
    mentions = tuple(
        replace(mention, label=turn.after)
        if (turn := next((turn for chapter, turn in turned if chapter.contains(mention.span)), None))
        and mention.label is turn.before
        else mention
        for mention in example.mentions
    )
    return rewrite(replace(example, mentions=mentions), sorted(edits))


def _ruled(outer: Sequence[str]) -> bool:
    """Whether a heading further out already says goal or result: turning the inner one would teach to ignore it."""
    return any(turn.heading.search(title) for turn in TURNS for title in outer)


def _turn(example: Example, heading: Heading, chapter: Span) -> Turn | None:
    values = {m.label for m in example.mentions if chapter.contains(m.span) and m.label in (Label.TARGET, Label.ACHIEVED)}
    body = example.text[chapter.start : chapter.end]
    for turn, other in (TURNS, TURNS[::-1]):
        fits = turn.heading.search(heading.title) and not (turn is GOALS and other.heading.search(heading.title))
        if fits and values == {turn.before} and not turn.unless.search(body):
            return turn
    return None


def _edits(text: str, heading: Heading, chapter: Span, turn: Turn, dice: random.Random) -> Iterator[Edit]:
    end = chapter.start
    if heading.words:
        number = re.match(r"[\W\d一二三四五六七八九十第章节部分]*", heading.title)
        start, end = heading.words.start + (number.end() if number else 0), heading.words.end
        if start < end:
            yield start, end, dice.choice(turn.titles)
    for pattern, words in turn.words:
        yield from ((*match.span(), words) for match in pattern.finditer(text, end, chapter.end))
