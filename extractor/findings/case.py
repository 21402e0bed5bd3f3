"""One report as the rules see it: its numbers as intervals, and what stands where."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from extractor.findings.interval import Interval, planned, printed
from extractor.findings.terms import may_be_ceiling
from extractor.periods import Calendar, calendar
from extractor.segment import Outline
from extractor.stated import distinct, indicator_text, stated_completion
from extractor.types import Label, Quantity, QuantityKind, Record, Relation, Result, Span

CLAUSE_BREAK = re.compile(r"[，。；;！？!?\n]|,(?!\d)")
BLANKS = re.compile(r"[^\S\n]+")
DIFFERENCE = re.compile(r"(?:[比较超多少差距]|超额|超出|增加|减少|净增)[^，。；]{0,12}$")


@dataclass(frozen=True)
class Case:
    """A result, in text order, and how its text is built. Mentions and records are named by their positions."""

    result: Result
    outline: Outline

    @property
    def text(self) -> str:
        return self.result.document.text

    @property
    def records(self) -> tuple[Record, ...]:
        return self.result.records

    @cached_property
    def calendar(self) -> Calendar:
        return calendar(self.text)

    @cached_property
    def owners(self) -> dict[int, tuple[int, ...]]:
        """The records of every mention that is in one."""
        found: dict[int, tuple[int, ...]] = {}
        for position, record in enumerate(self.records):
            for mention in record.mentions:
                found[mention] = (*found.get(mention, ()), position)
        return found

    @cached_property
    def children(self) -> dict[int, tuple[int, ...]]:
        """The records that name another one as their parent, by that one."""
        found: dict[int, tuple[int, ...]] = {}
        for position, record in enumerate(self.records):
            if record.parent is not None and record.parent != position:
                found[record.parent] = (*found.get(record.parent, ()), position)
        return found

    def words(self, mention: int) -> str:
        return self.result.text_of(mention)

    def span(self, mention: int) -> Span:
        return self.result.mentions[mention].span

    def quantity(self, mention: int) -> Quantity | None:
        return self.result.quantities[mention]

    def unit(self, mention: int) -> str:
        """The base unit of a mention's number; empty where it has none."""
        found = self.quantity(mention)
        return found.unit if found is not None else ""

    def is_share(self, mention: int) -> bool:
        """Whether it is a percentage of something, no growth."""
        found = self.quantity(mention)
        return found is not None and found.unit == "%" and found.kind is QuantityKind.SHARE

    def name(self, record: int) -> str:
        """The indicator's name in quotation marks; 该项 where the report gives none."""
        text = indicator_text(self.result, self.records[record])
        return f"“{text}”" if text else "该项"

    def interval(self, mention: int) -> Interval:
        """What the words stand for. Raises ValueError for a mention without a number."""
        found = self.quantity(mention)
        if found is None:
            raise ValueError(f"mention {mention} states no number")
        return self.meant_by(mention, found)

    def meant_by(self, mention: int, quantity: Quantity) -> Interval:
        """What a mention would stand for if its words stated this number."""
        return planned(quantity) if self.result.mentions[mention].label is Label.TARGET else printed(quantity)

    def levels(self, mentions: Iterable[int], unit: str | None = None) -> list[int]:
        """Those that state how much there is of something, rates included; none that is a change."""
        return [
            mention
            for mention in mentions
            if (found := self.quantity(mention)) is not None
            and found.kind is not QuantityKind.CHANGE
            and (unit is None or found.unit == unit)
        ]

    def changes(self, mentions: Iterable[int]) -> list[int]:
        """Those that state a signed difference or a growth."""
        found = [(mention, self.quantity(mention)) for mention in mentions]
        return [mention for mention, quantity in found if quantity is not None and quantity.kind is QuantityKind.CHANGE]

    def distinct(self, mentions: Sequence[int]) -> list[int]:
        """The first mention of every number and unit."""
        quantities = distinct(self.result, mentions)
        return [next(one for one in mentions if self.quantity(one) == quantity) for quantity in quantities]

    def results(self, record: Record) -> list[int]:
        """What was reached: levels, each number once, without the completion rate and without differences (超目标6个)."""
        stated = stated_completion(self.result, record)
        levels = self.distinct(self.levels(mention for mention in record.achieved if mention != stated))
        return [mention for mention in levels if not DIFFERENCE.search(self.before(mention))] if len(levels) > 1 else levels

    def is_ceiling(self, record: Record) -> bool:
        """Whether less is better: a target that is an upper bound."""
        return bool(self._bounds(record) & {Relation.AT_MOST, Relation.LESS})

    def may_be_ceiling(self, record: Record) -> bool:
        """Whether less may be better: a target that is an upper bound, or a name that says so."""
        return may_be_ceiling(self._bounds(record), record.name)

    def _bounds(self, record: Record) -> set[Relation]:
        found = [self.quantity(mention) for mention in record.targets]
        return {one.relation for one in found if one is not None}

    def sentence(self, offset: int) -> Span:
        """The sentence around a character; its line where it stands in no prose."""
        position = bisect_right(self._sentence_starts, offset) - 1
        if position >= 0 and offset < (found := self.outline.sentences[position]).end:
            return found
        end = self.text.find("\n", offset)
        return Span(self.text.rfind("\n", 0, offset) + 1, max(offset + 1, len(self.text) if end < 0 else end))

    def paragraph(self, offset: int) -> Span:
        """The paragraph around a character; its sentence where it stands in no prose."""
        position = bisect_right(self._paragraph_starts, offset) - 1
        if position >= 0 and offset < (found := self.outline.paragraphs[position]).end:
            return found
        return self.sentence(offset)

    def within(self, span: Span) -> range:
        """The mentions that begin in a span, as a range of positions."""
        starts = self._mention_starts
        return range(bisect_right(starts, span.start - 1), bisect_right(starts, span.end - 1))

    def between(self, start: int, end: int) -> range:
        """The mentions that begin in ``[start, end)``, which may be empty."""
        return self.within(Span(start, end)) if start < end else range(0)

    def before(self, mention: int, longest: int = 30) -> str:
        """The words of its clause before a mention, from the mention before on."""
        start = self.span(mention).start
        floor = self.span(mention - 1).end if mention else 0
        return _last_clause(self.text[max(floor, start - longest) : start])

    def clause_before(self, mention: int, longest: int = 60) -> str:
        """The words of its clause before a mention, other mentions included."""
        start = self.span(mention).start
        return _last_clause(self.text[max(0, start - longest) : start])

    def year(self, record: Record) -> int | None:
        """The year a record speaks of; None where its period is unknown or longer than a year."""
        period = record.period
        return period.end.year if period is not None and period.start.year == period.end.year else None

    def is_later(self, record: Record) -> bool:
        """Whether a record speaks of a time after the report's year."""
        year, period = self.calendar.year, record.period
        return year is not None and period is not None and period.start.year > year

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [span.start for span in self.outline.sentences]

    @cached_property
    def _paragraph_starts(self) -> list[int]:
        return [span.start for span in self.outline.paragraphs]

    @cached_property
    def _mention_starts(self) -> list[int]:
        return [mention.span.start for mention in self.result.mentions]


def _last_clause(words: str) -> str:
    """The last clause of these words, without the blanks that typesetting or scanning left in it."""
    return BLANKS.sub("", CLAUSE_BREAK.split(words)[-1])
