"""Where the characters of one text stand in another, such as a report's in what OCR read of it; blanks are passed over."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from extractor.types import Example, Span

LEAST_LEFT = 0.5  # share of a span's characters that it must have in the other text to be there
WIDEST = 2.0  # times its own length, and some more, that it may be stretched over there
SOME = 10


@dataclass(frozen=True, slots=True)
class Alignment:
    """``places`` leads from positions in the one text to those of the same characters, or what they were read as."""

    places: Mapping[int, int]

    def moved(self, span: Span) -> Span | None:
        """The span in the other text; None where most of it is lost."""
        there = [self.places[at] for at in range(span.start, span.end) if at in self.places]
        if not there or len(there) < LEAST_LEFT * len(span):
            return None
        start, end = min(there), max(there) + 1
        return Span(start, end) if end - start <= WIDEST * len(span) + SOME else None

    def back(self) -> Alignment:
        """From the other text to the one."""
        return Alignment({there: here for here, there in self.places.items()})


def aligned(one: str, other: str) -> Alignment:
    """The fewest edits that lead from one text to the other; full and half width are the same."""
    from rapidfuzz.distance import Levenshtein

    here, there = _visible(one), _visible(other)
    places: dict[int, int] = {}
    for edit in Levenshtein.opcodes([character for _, character in here], [character for _, character in there]):
        if edit.tag in ("equal", "replace"):
            length = edit.src_end - edit.src_start
            places.update((here[edit.src_start + at][0], there[edit.dest_start + at][0]) for at in range(length))
    return Alignment(places)


def _visible(text: str) -> list[tuple[int, str]]:
    return [(at, unicodedata.normalize("NFKC", character)) for at, character in enumerate(text) if not character.isspace()]


def carried(example: Example, text: str, alignment: Alignment) -> tuple[Example, int]:
    """Gold in another text, and how many of its mentions are not there; what stands on one place twice is there once."""
    mentions = []
    end = 0
    for mention in example.mentions:
        span = alignment.moved(mention.span)
        if span is not None and span.start >= end:
            mentions.append(replace(mention, span=span))
            end = span.end
    return Example(example.name, text, tuple(mentions)), len(example.mentions) - len(mentions)
