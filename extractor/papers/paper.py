"""What is known of one report beyond its result: how far it came, where its words stand, which findings are about what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from extractor.findings import Case
from extractor.papers.indicators import Progress, Standing, progress
from extractor.papers.money import Execution, Sum, execution, sums
from extractor.papers.pictures import Album
from extractor.places import page_finder
from extractor.segment import outline
from extractor.sheet import one_line
from extractor.subject import Subject, subject_of
from extractor.text_order import in_text_order
from extractor.types import Box, Finding, Result, Severity, Span

GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}


@dataclass(frozen=True, slots=True)
class Value:
    """Words of the report and the anchors of the places where they stand."""

    words: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A small sign that leads to a finding, by its anchor."""

    anchor: str
    words: str
    severity: Severity


@dataclass(frozen=True)
class Paper:
    """One report and the pictures of its pages. The result is in text order.

    Anchors: m1… mentions in the text, b1… the same on pictures, r1… records, f1… findings, s… other words of findings,
    i1… facts.
    """

    case: Case
    album: Album

    @classmethod
    def of(cls, result: Result, album: Album) -> Paper:
        ordered = in_text_order(result)
        return cls(Case(ordered, outline(ordered.document)), album)

    @property
    def result(self) -> Result:
        return self.case.result

    @cached_property
    def subject(self) -> Subject:
        return subject_of(self.result)

    @cached_property
    def progress(self) -> dict[int, Progress]:
        """How far every record of performance came."""
        return dict(progress(self.case))

    @cached_property
    def standings(self) -> Counter[Standing]:
        return Counter(one.standing for one in self.progress.values())

    @cached_property
    def sums(self) -> list[Sum]:
        return list(sums(self.case))

    @cached_property
    def execution(self) -> Execution | None:
        return execution(self.case, self.sums)

    @cached_property
    def severities(self) -> Counter[Severity]:
        return Counter(finding.severity for finding in self.result.findings)

    @cached_property
    def order(self) -> list[int]:
        """The findings, the gravest and surest first."""
        findings = self.result.findings
        return sorted(range(len(findings)), key=lambda k: (GRAVITY[findings[k].severity], -findings[k].confidence, k))

    @cached_property
    def flags_of_mention(self) -> dict[int, tuple[Flag, ...]]:
        return self._flags(lambda finding: finding.mentions)

    @cached_property
    def flags_of_record(self) -> dict[int, tuple[Flag, ...]]:
        return self._flags(lambda finding: finding.records)

    def flag(self, finding: int) -> Flag:
        """Numbered as in the workbooks, by its place in the text."""
        return Flag(f"f{finding + 1}", f"疑点 f{finding + 1}", self.result.findings[finding].severity)

    def _flags(self, about: Callable[[Finding], Sequence[int]]) -> dict[int, tuple[Flag, ...]]:
        found: dict[int, tuple[Flag, ...]] = {}
        for position in self.order:
            for one in about(self.result.findings[position]):
                found[one] = (*found.get(one, ()), self.flag(position))
        return found

    @cached_property
    def boxes_of(self) -> Callable[[Span], list[Box]]:
        return page_finder(self.result.document)

    @cached_property
    def pictured(self) -> frozenset[int]:
        """The pages of which there is a picture."""
        return frozenset(picture.number for picture in self.album.pictures)

    @cached_property
    def mention_at(self) -> dict[Span, int]:
        return {mention.span: position for position, mention in enumerate(self.result.mentions)}

    def page_of(self, span: Span) -> int | None:
        boxes = self.boxes_of(span)
        return boxes[0].page if boxes else None

    def place(self, mention: int) -> str:
        """The anchor of a mention: on its page's picture where there is one, else in the text."""
        on_picture = self.page_of(self.result.mentions[mention].span) in self.pictured
        return f"{'b' if on_picture else 'm'}{mention + 1}"

    def place_in_text(self, finding: int, span: Span) -> str:
        """The anchor of one of a finding's operands in the text."""
        mention = self.mention_at.get(span)
        return span_anchor(finding, span) if mention is None else f"m{mention + 1}"

    def values(self, mentions: Iterable[int]) -> tuple[Value, ...]:
        """Each words once, with all the places where they stand."""
        places: dict[str, tuple[str, ...]] = {}
        for mention in mentions:
            words = one_line(self.result.text_of(mention))
            places[words] = (*places.get(words, ()), self.place(mention))
        return tuple(Value(words, found) for words, found in places.items())


def span_anchor(finding: int, span: Span) -> str:
    """The anchor of words that a finding rests on and that are no mention."""
    return f"s{finding + 1}-{span.start}"
