"""Counts how the names of annotated reports are cut, and learns how far such counts can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from extractor import trees
from extractor.habits import NEVER, Habits, Seen, around, contexts, features
from extractor.trees import Forest
from extractor.types import Example, Label
from extractor.words import words

ROUNDS = 100
LEARNING_RATE = 0.1
LEAVES = 15
SMALLEST_LEAF = 40  # borders


@dataclass(frozen=True, slots=True)
class Place:
    """A border between words that a name touches: the words about it, and what the name does there."""

    four: tuple[str, str, str, str]
    begins: bool
    ends: bool
    goes_on: bool


def fit(examples: Sequence[Example]) -> Habits:
    """Learn from annotated reports. The same examples give the same habits.

    What the trees are shown of a report are counts of all others, so that they learn what counts are worth in a new one.
    Raises ValueError where there are too few names.
    """
    reports = [list(places(example)) for example in examples]
    own = [counted(report) for report in reports]
    counts: Counter[tuple[str, str]] = Counter()
    for one in own:
        counts.update(one)
    total = collected(counts)
    rows, begins, ends, goes_on = [], [], [], []
    for report, one in zip(reports, own, strict=True):
        mine = collected(one)
        for place in report:
            others = [total[context].without(mine[context]) for context in contexts(place.four)]
            rows.append(features(place.four, others))
            begins.append(place.begins)
            ends.append(place.ends)
            goes_on.append(place.goes_on)
    table = np.array(rows, np.float32)
    return Habits(total, *(_learn(table, np.array(kind, bool), np.array(goes_on, bool)) for kind in (begins, ends)))


def places(example: Example) -> Iterator[Place]:
    """Every border of words that a name begins at, ends at or holds."""
    spans = words(example.text)
    shown = [example.text[span.start : span.end] for span in spans]
    names = [mention.span for mention in example.mentions if mention.label is Label.INDICATOR]
    starts, stops = {name.start for name in names}, {name.end for name in names}
    within = {at for name in names for at in range(name.start + 1, name.end)}
    for at, span in enumerate(spans):
        place = Place(around(shown, at), span.start in starts, span.start in stops, span.start in within)
        if place.begins or place.ends or place.goes_on:
            yield place


def counted(report: Sequence[Place]) -> Counter[tuple[str, str]]:
    """How often every (context, field of `Seen`) occurs."""
    return Counter(
        (context, kind) for place in report for kind in Seen._fields if getattr(place, kind) for context in contexts(place.four)
    )


def collected(counts: Counter[tuple[str, str]]) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    for (context, kind), count in counts.items():
        found[context] = found.get(context, NEVER)._replace(**{kind: count})
    return found


def _learn(table: np.ndarray, happens: np.ndarray, goes_on: np.ndarray) -> Forest:
    """Fit boosted trees to the places where something happens or the name goes on."""
    chosen = happens | goes_on
    if not 0 < happens[chosen].sum() < chosen.sum():
        raise ValueError(f"{chosen.sum()} borders of names, {happens[chosen].sum()} of them at an end: both kinds are needed")
    return trees.fit(
        table[chosen],
        happens[chosen],
        max_iter=ROUNDS,
        learning_rate=LEARNING_RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=SMALLEST_LEAF,
        random_state=0,
    )
