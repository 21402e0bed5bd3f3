"""What a person would still have to change: every difference between found and gold, as one edit each.

Gold and found mentions are paired, those with nearest borders first. Then

    missed    a gold mention without a partner has to be inserted
    surplus   a found mention without a partner has to be deleted
    border    partners whose borders differ: one border to move
    label     partners whose labels differ: one label to change
    link      a paired mention that stands in another record than its gold partner: one mention to move

A mention with a wrong border and a wrong label is two edits. Inserting a mention includes saying which record it joins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from extractor.building import Answer
from extractor.types import GoldMention, Label, Mention, Span

BOUNDARY = re.compile(r"[。；;！？\n]")
FARTHEST = 90  # characters shown on either side, where no sentence ends before


class Kind(StrEnum):
    """The kinds of edits, gravest first."""

    MISSED = "missed"
    SURPLUS = "surplus"
    BORDER = "border"
    LABEL = "label"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Marked:
    """A mention as it is shown: what it is, where, and the words of the others of its record."""

    label: Label
    span: Span
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One edit. ``gold`` is None for a surplus mention, ``found`` for a missed one; ``around`` is the sentence."""

    kind: Kind
    report: str
    around: Span
    text: str  # of the whole report
    gold: Marked | None
    found: Marked | None

    def line(self) -> str:
        """For a terminal: the sentence with the mention in brackets, gold in 【】, found in ⟦⟧ where it differs."""
        marked = self.gold or self.found
        if marked is None:
            raise ValueError("a mistake without gold and found")
        span = marked.span
        before, words, after = (
            self.text[self.around.start : span.start],
            self.text[span.start : span.end],
            self.text[span.end : self.around.end],
        )
        return f"{self.report} {self.kind:8}{marked.label:10}{before}【{words}】{after}{self._remark()}".replace("\n", "↵")

    def _remark(self) -> str:
        if self.gold is None or self.found is None:
            return ""
        if self.kind is Kind.LINK:
            return f" ⟦with {'|'.join(self.found.others) or 'nothing'}; gold: {'|'.join(self.gold.others) or 'nothing'}⟧"
        return f" ⟦{self.found.label} {self.text[self.found.span.start : self.found.span.end]}⟧"


def mistakes(answer: Answer) -> list[Mistake]:
    """Every edit between an answer and its gold, by kind, then in text order."""
    gold, found = answer.example.mentions, answer.mentions
    partners = paired(gold, found)
    gold_marks = _marks(answer, gold, list(answer.example.members().values()))
    found_marks = _marks(answer, found, [record.mentions for record in answer.records])
    edits = chain(
        ((Kind.MISSED, g, None) for g in range(len(gold)) if g not in partners),
        ((Kind.SURPLUS, None, f) for f in range(len(found)) if f not in partners.values()),
        ((Kind.BORDER, g, f) for g, f in partners.items() if gold[g].span != found[f].span),
        ((Kind.LABEL, g, f) for g, f in partners.items() if gold[g].label is not found[f].label),
        ((Kind.LINK, g, partners[g]) for g in misplaced(answer, partners)),
    )
    given = ((kind, None if g is None else gold_marks[g], None if f is None else found_marks[f]) for kind, g, f in edits)
    ordered = sorted(given, key=lambda edit: (list(Kind).index(edit[0]), _start(edit[1], edit[2])))
    text = answer.example.text
    return [Mistake(kind, answer.example.name, surroundings(text, g, f), text, g, f) for kind, g, f in ordered]


def paired(gold: Sequence[GoldMention], found: Sequence[Mention]) -> dict[int, int]:
    """Found position of every gold position that has a partner: overlapping, one to one, nearest borders first."""
    near = sorted(
        (abs(one.span.start - other.span.start) + abs(one.span.end - other.span.end), one.label is not other.label, g, f)
        for g, one in enumerate(gold)
        for f, other in enumerate(found)
        if one.span.overlaps(other.span)
    )
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, g, f in near:
        if g not in partners and f not in taken:
            partners[g] = f
            taken.add(f)
    return dict(sorted(partners.items()))


def misplaced(answer: Answer, partners: Mapping[int, int]) -> list[int]:
    """Gold positions of paired mentions that stand in other records than they should.

    Records are paired too, one to one, those with most common mentions first; a gold record without a partner is one that
    has yet to be opened, so all its mentions are misplaced.
    """
    wanted = {number: {partners[g] for g in positions if g in partners} for number, positions in answer.example.members().items()}
    common = sorted(
        (-len(positions & set(record.mentions)), number, r)
        for number, positions in wanted.items()
        for r, record in enumerate(answer.records)
        if positions & set(record.mentions)
    )
    home: dict[int, int] = {}
    for _, number, r in common:
        if number not in home and r not in home.values():
            home[number] = r
    held = {f: {r for r, record in enumerate(answer.records) if f in record.mentions} for f in partners.values()}
    return [g for g, f in partners.items() if {home.get(number) for number in answer.example.mentions[g].records} != held[f]]


def surroundings(text: str, gold: Marked | None, found: Marked | None) -> Span:
    """The sentence around both marks, cut where it is very long."""
    spans = [marked.span for marked in (gold, found) if marked]
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    low = max(0, start - FARTHEST)
    before = [match.end() for match in BOUNDARY.finditer(text, low, start)]
    after = BOUNDARY.search(text, end, end + FARTHEST)
    return Span(before[-1] if before else low, after.start() + 1 if after else min(len(text), end + FARTHEST))


def _marks(answer: Answer, mentions: Sequence[GoldMention | Mention], groups: Sequence[Sequence[int]]) -> list[Marked]:
    text = answer.example.text
    return [
        Marked(one.label, one.span, tuple(_others(text, mentions, groups, position))) for position, one in enumerate(mentions)
    ]


def _others(
    text: str, mentions: Sequence[GoldMention | Mention], groups: Sequence[Sequence[int]], position: int
) -> Iterator[str]:
    """The words of what shares a record with a mention."""
    for group in groups:
        if position in group:
            yield from (text[mentions[k].span.start : mentions[k].span.end] for k in group if k != position)


def _start(gold: Marked | None, found: Marked | None) -> int:
    marked = gold or found
    return marked.span.start if marked else 0
