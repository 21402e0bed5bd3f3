"""Results built by hand for the tests of what writes them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

from extractor.types import (
    Box,
    Document,
    Finding,
    Label,
    Mention,
    ModelInfo,
    Origin,
    Page,
    Period,
    Problem,
    Quantity,
    QuantityKind,
    Record,
    RecordKind,
    Relation,
    Result,
    RuleCount,
    Severity,
    Span,
)

TEXT = (
    "一、项目绩效情况\n"
    "计划签约产业项目7个，总金额7亿元以上。全年签约产业项目8个，完成率114.3%，协议金额7.5亿元。\n"
    "年初预算40万元。培训合格率达到98%。\n"
)
MODEL = ModelInfo("default", "1")
LETTERS = {"I": Label.INDICATOR, "T": Label.TARGET, "A": Label.ACHIEVED, "M": Label.AMOUNT}


def number(value: str, unit: str, *, relation: str = "=", kind: str = "level") -> Quantity:
    return Quantity(Decimal(value), unit, Relation(relation), QuantityKind(kind))


def one_record(target: str, achieved: dict[str, Quantity], planned: Quantity | None, *, between: str = "，实际") -> Result:
    """A result with one record: its target's words and number, then each achieved value after ``between``."""
    text = f"目标{target}"
    mentions = [Mention(Label.TARGET, Span(2, len(text)))]
    for words in achieved:
        text += between
        mentions.append(Mention(Label.ACHIEVED, Span(len(text), len(text) + len(words))))
        text += words
    record = Record(RecordKind.PERFORMANCE, targets=(0,), achieved=tuple(range(1, len(mentions))))
    document = Document("a.txt", "", text)
    return Result(document, tuple(mentions), (planned, *achieved.values()), (record,), MODEL)


def report(source: str = "报告.txt") -> Result:
    """A small report with every kind of field filled in somewhere."""
    mentions: list[Mention] = []
    at = 0
    marks = "I签约产业项目 T7个 I总金额 T7亿元以上 I签约产业项目 A8个 A114.3% A7.5亿元 I年初预算 M40万元 I培训合格率 A98%"
    for mark in marks.split():
        start = TEXT.index(mark[1:], at)
        at = start + len(mark) - 1
        mentions.append(Mention(LETTERS[mark[0]], Span(start, at), 0.9))
    quantities = {
        1: number("7", "个"),
        3: number("700000000", "元", relation=">="),
        5: number("8", "个"),
        6: number("114.3", "%", kind="share"),
        7: number("750000000", "元"),
        9: number("400000", "元"),
        11: number("98", "%", kind="share"),
    }
    section = ("一、项目绩效情况",)
    year = Period(date(2022, 1, 1), date(2022, 12, 31))
    perform = RecordKind.PERFORMANCE
    return Result(
        document=Document(source, hashlib.sha256(TEXT.encode()).hexdigest(), TEXT),
        mentions=tuple(mentions),
        quantities=tuple(quantities.get(position) for position in range(len(mentions))),
        records=(
            Record(perform, (0, 4), (1,), (5, 6), name="签约产业项目", period=year, section=section, confidence=0.93),
            Record(perform, (2,), (3,), (7,), parent=0, name="总金额", section=section, confidence=0.7),
            Record(RecordKind.FUND, (8,), amounts=(9,), name="年初预算", role="budget", section=section, confidence=0.4),
            Record(perform, (10,), achieved=(11,), name="培训合格率", level1="产出指标", weight="10", origin=Origin.TABLE),
        ),
        model=MODEL,
        findings=(Finding("completion-rate", Severity.WARNING, "8 / 7 ≠ 115%", (0,), (6,), (Span(0, 8),), "完成率不符", 0.93),),
        checks=(RuleCount("completion-rate", "完成率不符", 2, 1, 3),),
        problems=(Problem("page 3", "no text"),),
    )


def paged(result: Result) -> Result:
    """The same result as if read from two pages: a box for every ten characters, the second page from character 30."""
    starts = range(0, len(result.document.text), 10)
    boxes = tuple(
        Box(Span(at, min(at + 10, len(result.document.text))), 1 if at < 30 else 2, (0.0, float(at), 100.0, at + 12.0))
        for at in starts
    )
    pages = (Page(1, 595.0, 842.0), Page(2, 595.0, 842.0))
    return replace(result, document=replace(result.document, pages=pages, boxes=boxes))
