"""What is compared of one record: its name without the year, its numbers, and its row as the workbook shows it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from extractor.findings.terms import may_be_ceiling
from extractor.sheet import COLUMNS, Cell, rows, titled
from extractor.stated import distinct, form_fact, indicator_text, stated_completion
from extractor.subject import Subject, subject_of
from extractor.text_order import in_text_order
from extractor.types import Quantity, QuantityKind, Record, Result

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d\s*年度?")
YEAR_IN_TITLE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)\s*年?度?")  # a title has no other numbers of this size
LEADING_NUMBER = re.compile(r"^\s*(?:[(]\d{1,2}[)]|\d{1,2}[.、)](?!\d))")
NO_NAME = re.compile(r"[\W_]+")
OPENING = re.compile(r"^(?:全年|本年度?|年度|当年|今年|实际|计划|累计)")
COUNTS = re.compile(r"(?:总数量|数量|总数|总量|数)$")
# Words of titles that tell no report from another.
TITLE_WORDS = re.compile(r"关于|部门|整体|项目|专项|资金|支出|预算|财政|绩效|目标|自我评价|自评价?|评价|报告|情况|工作|的")
NUMBERING = re.compile(r"^[（(]?[一二三四五六七八九十\d.．]+[)）、.．\s]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of one year. Numbers are None where the record states none, or several that differ."""

    record: Record
    name: str
    key: str  # the name without years, punctuation and words that every indicator may have
    heading: str  # the innermost heading, without its number
    target: Quantity | None
    achieved: Quantity | None
    amount: Quantity | None
    cells: Mapping[str, Cell]  # by the titles of the workbook's columns

    @property
    def unit(self) -> str | None:
        """The base unit of what it counts."""
        return next((number.unit for number in (self.target, self.achieved, self.amount) if number is not None), None)

    @property
    def is_ceiling(self) -> bool:
        """Whether less is better, as far as can be told."""
        return may_be_ceiling({self.target.relation} if self.target is not None else set(), self.name)


@dataclass(frozen=True, slots=True)
class YearReport:
    """What one report says of its own year; ``n_other`` records speak of other years, or have no name, and are not compared."""

    source: str
    key: str  # what it is about, without the year
    year: int | None
    unit: str | None  # whose it is
    entries: tuple[Entry, ...]
    n_other: int


def year_report(result: Result) -> YearReport:
    """The records of a result that speak of the report's own year and have a name."""
    result = in_text_order(result)
    subject = subject_of(result)
    year = subject.year
    entries: list[Entry] = []
    n_other = 0
    for record, row in zip(result.records, rows(result), strict=True):
        name = indicator_text(result, record)
        if name is None or not _is_of(record, year):
            n_other += 1
            continue
        entries.append(_entry(result, record, name, titled(COLUMNS, row)))
    return YearReport(result.document.source, title_key(result, subject), year, subject.unit, tuple(entries), n_other)


def name_key(name: str) -> str:
    """What is left of an indicator's name without numbering, years, punctuation and words that add nothing."""
    plain = NO_NAME.sub("", YEAR.sub("", LEADING_NUMBER.sub("", unicodedata.normalize("NFKC", name))))
    return COUNTS.sub("", OPENING.sub("", plain)) or plain or name


def title_key(result: Result, subject: Subject) -> str:
    """What a report is about: the project that its form names, else its title; without the year."""
    words = form_fact(result, "项目名称") or subject.title
    plain = NO_NAME.sub("", YEAR_IN_TITLE.sub("", unicodedata.normalize("NFKC", words)))
    return TITLE_WORDS.sub("", plain) or plain


def _is_of(record: Record, year: int | None) -> bool:
    period = record.period
    return period is None or year is None or period.start.year <= year <= period.end.year


def _entry(result: Result, record: Record, name: str, cells: Mapping[str, Cell]) -> Entry:
    stated = stated_completion(result, record)
    achieved = [mention for mention in record.achieved if mention != stated]
    return Entry(
        record,
        name,
        name_key(name),
        NUMBERING.sub("", record.section[-1]) if record.section else "",
        _only(result, record.targets),
        _only(result, achieved),
        _only(result, record.amounts),
        cells,
    )


def _only(result: Result, mentions: Iterable[int]) -> Quantity | None:
    """The one number that these mentions state; a growth beside a level says nothing else."""
    found: Sequence[Quantity] = distinct(result, mentions)
    levels = [quantity for quantity in found if quantity.kind is not QuantityKind.CHANGE] or found
    return levels[0] if len(levels) == 1 else None
