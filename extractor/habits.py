"""How annotators are used to cut names: a second opinion on the borders of indicators, from counts of words.

The tagger reads what a passage means and now and then forgets how the collection cuts: 实际支出, not 支出; 平均用时 with its head
noun. Here every border between two words is looked up by the words around it: how often a name of the annotated reports began
there, ended there or went on. Trees turn the counts into probabilities, and the lattice weighs them against the tagger's.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from extractor import trees
from extractor.errors import ModelError, damage_told
from extractor.trees import Forest

VERSION = 1  # of the files; raised when contexts or features change their meaning
COUNTS, ARRAYS = "habits.json", "habits.npz"
EDGE = "\n"  # the word beyond the first or the last one
DIGITS = re.compile("[0-9０-９]+")
SURE = 0.99  # no habit is stronger
HALF = 0.5  # added to every count, so that what was never seen says nothing


class Seen(NamedTuple):
    """How often a context was the beginning of a name, its end, or within one."""

    begins: int = 0
    ends: int = 0
    goes_on: int = 0

    def without(self, other: Seen) -> Seen:
        return Seen(self.begins - other.begins, self.ends - other.ends, self.goes_on - other.goes_on)


NEVER = Seen()


@dataclass(frozen=True, slots=True)
class Border:
    """Log-probabilities of a border between words, given that a name touches it."""

    begins: float
    ends: float
    goes_on: float  # of both: it neither begins nor ends here


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """Counts by context (see `contexts`), and the trees that judge them."""

    counts: Mapping[str, Sequence[int]]  # as in `Seen`
    begin: Forest
    end: Forest

    def borders(self, fours: Sequence[Sequence[str]]) -> list[Border]:
        """fours: for every border the words about it (see `around`)."""
        if not fours:
            return []
        rows = np.array([features(four, self.seen(four)) for four in fours], np.float64)
        begins, ends = (np.clip(forest.probability(rows), 1 - SURE, SURE) for forest in (self.begin, self.end))
        return [
            Border(math.log(begin), math.log(end), math.log1p(-begin) + math.log1p(-end))
            for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        ]

    def seen(self, four: Sequence[str]) -> list[Seen]:
        return [Seen(*self.counts.get(context, NEVER)) for context in contexts(four)]

    def save(self, directory: Path) -> None:
        """Write ``habits.json`` and ``habits.npz``; numbers and words only, no pickle."""
        directory.mkdir(parents=True, exist_ok=True)
        content = {"version": VERSION, "counts": dict(sorted(self.counts.items()))}
        (directory / COUNTS).write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        trees.save(directory / ARRAYS, {"begin": self.begin, "end": self.end})

    @classmethod
    def load(cls, directory: Path) -> Habits:
        """Read what `save` wrote. Raises ModelError where it is missing, incomplete or of another version."""
        with damage_told(f"{directory}: no readable habits of names ({COUNTS}, {ARRAYS})"):
            content = json.loads((directory / COUNTS).read_text(encoding="utf-8"))
            version = content["version"]
            counts = dict(content["counts"])
            if not all(len(seen) == len(NEVER) for seen in counts.values()):
                raise ValueError("a context has other counts than three")
            forests = trees.load(directory / ARRAYS, ("begin", "end"))
        if version != VERSION:
            raise ModelError(f"{directory}: habits of version {version}, this program reads version {VERSION}; train it again")
        return cls(counts, **forests)


def around(words: Sequence[str], at: int) -> tuple[str, str, str, str]:
    """Two words before and two after the border in front of the word ``at``, all numbers as one."""
    before, beside, here, after = (
        DIGITS.sub("0", words[k]) if 0 <= k < len(words) else EDGE for k in (at - 2, at - 1, at, at + 1)
    )
    return before, beside, here, after


def contexts(four: Sequence[str]) -> tuple[str, ...]:
    """What a border is looked up by: the words at it, each alone, and two on either side."""
    before, beside, here, after = four
    return f"{beside}|{here}", f"{beside}|", f"|{here}", f"{before} {beside}|", f"|{here} {after}"


def features(four: Sequence[str], seen: Iterable[Seen]) -> list[float]:
    """Of every context which way it leans and how often it was seen; and the length of the words at the border."""
    row = [float(len(four[1])), float(len(four[2]))]
    for one in seen:
        for count in (one.begins, one.ends):
            row += (math.log((count + HALF) / (one.goes_on + HALF)), math.log1p(count + one.goes_on))
    return row
