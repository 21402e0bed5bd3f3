"""Which un-annotated reports to annotate next: those that would teach most for the work they make.

A report is worth the doubt that the model has about it (per 1000 characters) plus the share of its writing that no annotated
report shows, divided by the time it takes. Reports are chosen one by one, and what a chosen one shows is new no more, so that
twenty reports from one template do not come out on top.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from extractor.annotations.drafts import Draft

GRAM = 3  # characters; about a word and a half
LEAST = 1000  # characters; shorter reports count as so long, since one doubt in a line would outweigh all else
DOUBTFUL = 6.0  # doubts per 1000 characters that are worth as much as a report in which everything is new
WORTHWHILE = 6000  # characters whose annotation takes as long again as opening a report and finding one's way in it
NUMBERS = re.compile(r"[0-9０-９.,，．]+")
BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A report that might be annotated, as a model reads it; ``source`` is where it comes from."""

    source: str
    draft: Draft
    grams: frozenset[str] = field(repr=False)

    @property
    def n_characters(self) -> int:
        return len(self.draft.example.text)

    @property
    def doubt(self) -> float:
        """Doubtful mentions per 1000 characters: 1 for one that is as likely wrong as right, 0 for a sure one."""
        doubts = sum(2 * min(confidence, 1 - confidence) for confidence in self.draft.confidences)
        return 1000 * doubts / max(self.n_characters, LEAST)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A chosen report, and why: ``novelty`` is the share of its writing that neither the annotated reports nor those
    suggested before it show."""

    candidate: Candidate
    novelty: float
    worth: float


def candidate(source: str, draft: Draft) -> Candidate:
    return Candidate(source, draft, grams(draft.example.text))


def grams(text: str) -> frozenset[str]:
    """The distinct runs of three characters, whatever the numbers and the line breaks are."""
    plain = BLANKS.sub("", NUMBERS.sub("0", text))
    return frozenset(plain[k : k + GRAM] for k in range(max(1, len(plain) - GRAM + 1)))


def suggest(candidates: Sequence[Candidate], annotated: Iterable[str], n: int) -> Iterator[Suggestion]:
    """The n most instructive candidates, best first; ``annotated`` are the texts that are annotated already."""
    known: set[str] = set()
    for text in annotated:
        known |= grams(text)
    waiting = list(candidates)
    for _ in range(min(n, len(waiting))):
        best = max((_judged(one, known) for one in waiting), key=lambda suggestion: suggestion.worth)
        yield best
        waiting.remove(best.candidate)
        known |= best.candidate.grams


def _judged(one: Candidate, known: set[str]) -> Suggestion:
    novelty = len(one.grams - known) / max(len(one.grams), LEAST // 2)
    worth = (one.doubt / DOUBTFUL + novelty) / (1 + one.n_characters / WORTHWHILE)
    return Suggestion(one, novelty, worth)
