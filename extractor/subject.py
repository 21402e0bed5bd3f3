"""What a report is about: its title, its year, and whose it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath

from extractor.periods import report_year
from extractor.sheet import one_line
from extractor.types import BlockKind, Document, Result

TITLE = re.compile(r"[^。，；：:\t]*(?:报告|自评表|评分表|评价表)(?:[（(][^）)]*[）)])?")
SUBJECT = re.compile("绩效|自评|评价")
SHORTEST_TITLE = 14  # characters; a shorter one goes on from the line before
TITLE_LINES = 12  # of the report's beginning, among which its title stands
LONGEST_TITLE = 60
# What offices are called, where the name ends: before a year, 关于, a quotation mark, or at the end of the line.
OFFICE = re.compile(
    r"([\u4e00-\u9fff（）()]{2,30}?(?:局|委员会|委|办公室|厅|医院|学院|学校|中学|小学|大学|图书馆|博物馆|文化馆|中心|政府|办事处|"
    r"公司|协会|联合会|研究院|研究所|管理处|支队|法院|检察院))(?=$|[\s　]*(?:20\d\d|[“（(]|关于))"
)
SIGNED = re.compile(
    r"20\d\d\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?|二[〇○零][〇○零一二三四五六七八九]{2}年[一二三四五六七八九十]+月.*"
)
SIGNATURE_LINES = 6
UNIT_FACTS = ("实施单位", "主管部门")


@dataclass(frozen=True, slots=True)
class Subject:
    """``unit`` and ``year`` are None where the report does not tell."""

    title: str
    unit: str | None
    year: int | None


def subject_of(result: Result) -> Subject:
    """Read the title, the unit and the year: from the form's head, the first lines or the signature."""
    document = result.document
    facts = {fact.name: document.text[fact.span.start : fact.span.end] for fact in reversed(result.facts)}
    head = [line for line in _lines(document) if line][:TITLE_LINES]
    title = _title(head) or facts.get("项目名称") or PurePath(document.source.replace("\\", "/")).stem
    named = (one_line(facts[name]) for name in UNIT_FACTS if name in facts)
    year = facts.get("评价年度", "")
    return Subject(
        one_line(title),
        next(named, None) or _office(head) or _signature(document.text),
        int(year) if re.fullmatch(r"20\d\d", year) else report_year(document.text),
    )


def _lines(document: Document) -> list[str]:
    """The first lines of prose; running headers would cut a title off."""
    if not document.blocks:
        return [line.strip() for line in document.text[:2000].split("\n")]
    shown = (block for block in document.blocks[: 2 * TITLE_LINES] if block.kind not in (BlockKind.HEADER, BlockKind.TABLE))
    return [document.text[block.span.start : block.span.end].strip() for block in shown]


def _title(lines: list[str]) -> str | None:
    for before, line in zip(["", *lines], lines, strict=False):
        if TITLE.fullmatch(line):
            whole = line if len(line) >= SHORTEST_TITLE or "。" in before or "\t" in before else before + line
            if SUBJECT.search(whole) and len(whole) <= LONGEST_TITLE:
                return whole
    return None


def _office(lines: list[str]) -> str | None:
    found = (OFFICE.match(line) for line in lines[:4])
    return next((match[1] for match in found if match), None)


def _signature(text: str) -> str | None:
    """The office above the date at the report's end."""
    lines = [line.strip() for line in text[-600:].split("\n") if line.strip()][-SIGNATURE_LINES:]
    for above, below in pairwise(lines):
        if SIGNED.fullmatch(below) and (match := OFFICE.fullmatch(above)):
            return match[1]
    return None
