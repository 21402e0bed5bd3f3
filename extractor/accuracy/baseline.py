"""What rules alone reach: the grammar's values, labelled by what headings and clause announce, named by the words before.

The least a model has to beat. It is kept simple on purpose; whoever improves it makes the comparison worthless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor import quantity
from extractor.building import Answer
from extractor.link_scene import CLAUSE_END, CUES, SECTION_NUMBERS, section_class
from extractor.pipeline import candidates
from extractor.quantity import MONEY, QuantityError
from extractor.segment import Outline, outline
from extractor.types import Document, Example, Label, Mention, Origin, Record, RecordKind, Span
from extractor.words import words

NAME = "rules only"
GOALS = frozenset((SECTION_NUMBERS["goal"], SECTION_NUMBERS["plan"]))
NOT_IN_A_NAME = frozenset(
    (
        "完成 实现 达到 达 为 是 共 累计 预计 计划 力争 仅 已 了 的 全年 目标 实际 其中 在 到 约 我市 我县 全县 全市 "
        "本年 均 分别 任务"
    ).split()
)
WORD = re.compile(r"[一-鿿]+")
LONGEST_NAME = 14  # characters


def answer_by_rules(example: Example) -> Answer:
    """Every value with the name before it as one record; values that follow each other share the name."""
    view = outline(Document(example.name, "", example.text))
    mentions: list[Mention] = []
    records: list[Record] = []
    for label, value in _values(example.text, view):
        name = _name(example.text, value)
        if name:
            mentions.append(Mention(Label.INDICATOR, name, origin=Origin.RULE))
        mentions.append(Mention(label, value, origin=Origin.RULE))
        records.append(_record(label, len(mentions) - 1, has_name=name is not None))
    return Answer(example, tuple(mentions), tuple(records))


def _values(text: str, view: Outline) -> Iterator[tuple[Label, Span]]:
    """What the grammar prefers in prose and reads with a unit, never overlapping, in text order."""
    at = 0
    for one in candidates(text, view):
        span = one.span
        unit = _unit(text[span.start : span.end])
        if one.preferred and unit and span.start >= at and view.prose_at(span.start):
            yield _label(text, span, unit, view), span
            at = span.end


def _unit(written: str) -> str:
    try:
        return quantity.parse(written).unit
    except QuantityError:
        return ""


def _label(text: str, value: Span, unit: str, view: Outline) -> Label:
    if unit in MONEY:
        return Label.AMOUNT
    announced = section_class(view.section_at(value.start)) in GOALS or CUES["goal"].search(_clause(text, value))
    return Label.TARGET if announced else Label.ACHIEVED


def _clause(text: str, value: Span) -> str:
    """The words between the last stop and the value."""
    line = text[text.rfind("\n", 0, value.start) + 1 : value.start]
    return CLAUSE_END.split(line)[-1]


def _name(text: str, value: Span) -> Span | None:
    """The last unbroken run of words that can be a name, in the value's clause."""
    clause = _clause(text, value)
    start = value.start - len(clause)
    run: list[Span] = []
    for word in reversed(words(clause)):
        written = clause[word.start : word.end]
        if written in NOT_IN_A_NAME or not WORD.fullmatch(written):
            if run:
                break
        elif not run or run[0].end - word.start <= LONGEST_NAME:
            run = [Span(word.start, run[0].end if run else word.end)]
    return Span(start + run[0].start, start + run[0].end) if run else None


def _record(label: Label, value: int, *, has_name: bool) -> Record:
    names = (value - 1,) if has_name else ()
    if label is Label.AMOUNT:
        return Record(RecordKind.FUND, names, amounts=(value,))
    if label is Label.TARGET:
        return Record(RecordKind.PERFORMANCE, names, targets=(value,))
    return Record(RecordKind.PERFORMANCE, names, achieved=(value,))
