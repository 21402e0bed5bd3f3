"""How well found mentions and records meet the gold ones: counts that add, ratios that follow from them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations

from extractor.types import Example, GoldMention, Label, Mention, Record

Marked = tuple[Label, int, int]  # label, start, end


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts of right, surplus and missed answers; add them over reports."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Scores) -> Scores:
        return Scores(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def n_gold(self) -> int:
        return self.tp + self.fn

    @property
    def precision(self) -> float | None:
        """Share of the found answers that are right; None where nothing was found."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """Share of the gold answers that were found; None where there is none."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None where there is neither gold nor found."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def compare(gold: AbstractSet[Hashable], found: AbstractSet[Hashable]) -> Scores:
    """Strict: an answer is right when it equals a gold one."""
    return Scores(len(gold & found), len(found - gold), len(gold - found))


def marked(mentions: Iterable[GoldMention | Mention]) -> set[Marked]:
    """The mentions as what counts about them."""
    return {_marked(mention) for mention in mentions}


def span_scores(gold: Iterable[GoldMention | Mention], found: Iterable[GoldMention | Mention]) -> Scores:
    """A mention is right when label, start and end are."""
    return compare(marked(gold), marked(found))


def span_scores_by_label(gold: Sequence[GoldMention | Mention], found: Sequence[GoldMention | Mention]) -> dict[Label, Scores]:
    """`span_scores` of every label; labels that occur nowhere count (0, 0, 0)."""
    return {label: span_scores((m for m in gold if m.label is label), (m for m in found if m.label is label)) for label in Label}


def link_scores(example: Example, mentions: Sequence[Mention], records: Sequence[Record]) -> Scores:
    """A link is (indicator, value with its label) sharing a record, anywhere in the report; its ends count strictly."""
    return compare(_links(gold_groups(example)), _links(found_groups(mentions, records)))


def pair_scores(example: Example, mentions: Sequence[Mention], records: Sequence[Record]) -> Scores:
    """A pair is any two mentions sharing a record: two names, two values, or one of each."""
    return compare(_pairs(gold_groups(example)), _pairs(found_groups(mentions, records)))


def record_scores(example: Example, mentions: Sequence[Mention], records: Sequence[Record]) -> Scores:
    """A record is right when its mentions are exactly those of a gold record."""
    return compare(set(gold_groups(example)), set(found_groups(mentions, records)))


def parent_scores(example: Example, mentions: Sequence[Mention], records: Sequence[Record]) -> Scores:
    """A parent is right when the part's first indicator and its whole's first mention are so related in gold."""
    members = example.members()
    gold: dict[Marked, Marked] = {}
    for positions in members.values():
        names = [position for position in positions if not example.mentions[position].label.is_value]
        stated = [parent for name in names if (parent := example.mentions[name].parent) is not None]
        if stated:
            gold[_marked(example.mentions[names[0]])] = _marked(example.mentions[members[stated[0]][0]])
    found = {
        _marked(mentions[record.indicators[0]]): _marked(mentions[min(records[record.parent].mentions)])
        for record in records
        if record.parent is not None and record.indicators
    }
    return compare(set(gold.items()), set(found.items()))


def gold_groups(example: Example) -> list[frozenset[Marked]]:
    """The mentions of every gold record."""
    return [frozenset(_marked(example.mentions[position]) for position in positions) for positions in example.members().values()]


def found_groups(mentions: Sequence[Mention], records: Sequence[Record]) -> list[frozenset[Marked]]:
    """The mentions of every found record."""
    return [frozenset(_marked(mentions[position]) for position in record.mentions) for record in records]


def _marked(mention: GoldMention | Mention) -> Marked:
    return mention.label, mention.span.start, mention.span.end


def _links(groups: Iterable[frozenset[Marked]]) -> set[tuple[Marked, Marked]]:
    return {(name, value) for group in groups for name in group for value in group if not name[0].is_value and value[0].is_value}


def _pairs(groups: Iterable[frozenset[Marked]]) -> set[frozenset[Marked]]:
    return {frozenset(pair) for group in groups for pair in combinations(group, 2)}
