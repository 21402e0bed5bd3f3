"""The grammar and the model correct each other: the best reading of a passage among those that both allow.

The model says how likely every piece is of every tag; the grammar says where a value can begin and end. A reading is a
path over the characters: each is outside, within an indicator (any run of pieces), or within a value (a candidate of the
grammar, whole or not at all). The path with the highest likelihood wins, so a number is never split or cut. Where an indicator
begins and ends, the habits of the collection have a say, too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from extractor.habits import Border
from extractor.quantity import Candidate
from extractor.tags import BEGIN, INSIDE, Offsets
from extractor.types import Label, Span

Floats = NDArray[np.float32]

FLOOR = -6.0  # log-probability below which one piece's opinion says no more
ALTERNATIVE = -0.5  # cost of a candidate whose borders are not the guidelines' first choice
SHORTEST_NAME = 2  # characters of an indicator
TORN_WORD = -3.0  # cost of a border of an indicator inside a word
NAME = -0.5  # cost of an indicator: a doubtful name is left out
HABIT = 0.7  # weight of the collection's habits beside the tagger
VALUES = tuple(label for label in Label if label.is_value)


@dataclass(frozen=True, slots=True)
class Reading:
    """One chosen span; ``probability`` is the mean belief of its pieces in its label."""

    label: Label
    span: Span
    probability: float


@dataclass(frozen=True, slots=True)
class _Step:
    """How the best path came to a border: from where, and through what (None: outside)."""

    start: int
    label: Label | None


def best_reading(
    log_probs: Floats,
    offsets: Offsets,
    words: Sequence[Span],
    candidates: Sequence[Candidate],
    habits: Mapping[int, Border] = MappingProxyType({}),
) -> list[Reading]:
    """Choose the spans of one passage.

    log_probs: ``(pieces, tags)``; offsets: characters of every piece within the passage; words: they cover the passage;
    candidates: within the passage, any order, may overlap; habits: of borders between words, by their place in the passage.
    Returns readings in text order that never overlap.
    """
    length = words[-1].end if words else 0
    borders = {0, *(word.end for word in words)}
    closing = [0.0 if border in borders else TORN_WORD for border in range(length + 1)]
    clipped = np.maximum(log_probs, FLOOR)
    begins, inside = _indicator_costs(clipped, offsets, length)
    begins = [cost + torn + NAME for cost, torn in zip(begins, closing[:-1], strict=True)]
    for at, habit in habits.items():
        closing[at] += HABIT * habit.ends
        if at < length:
            begins[at] += HABIT * habit.begins
            inside[at] += HABIT * habit.goes_on
    outside, first_piece = _outside_costs(clipped, offsets, length)
    edges: list[list[tuple[int, Label, float]]] = [[] for _ in range(length + 1)]
    for candidate in candidates:
        for label, score in _value_scores(clipped, offsets, candidate):
            edges[candidate.span.end].append((candidate.span.start, label, score))
    path = _viterbi(outside, begins, inside, closing, first_piece, edges)
    return [Reading(label, span, _belief(log_probs, offsets, label, span)) for label, span in _walk_back(path, length)]


def _outside_costs(log_probs: Floats, offsets: Offsets, length: int) -> tuple[list[float], list[bool]]:
    costs, first = [0.0] * length, [False] * length
    for row, (start, end) in zip(log_probs, offsets, strict=True):
        if end > start:
            costs[start] += float(row[0])
            first[start] = True
    return costs, first


def _indicator_costs(log_probs: Floats, offsets: Offsets, length: int) -> tuple[list[float], list[float]]:
    """Per character: the cost of opening an indicator there, and of going on within one."""
    begins, inside = [0.0] * length, [0.0] * length
    opened = [False] * length
    for row, (start, end) in zip(log_probs, offsets, strict=True):
        if end > start:
            goes_on = float(row[INSIDE[Label.INDICATOR]])
            begins[start] += goes_on if opened[start] else float(row[BEGIN[Label.INDICATOR]])
            inside[start] += goes_on
            opened[start] = True
    return begins, inside


def _value_scores(log_probs: Floats, offsets: Offsets, candidate: Candidate) -> list[tuple[Label, float]]:
    rows = [k for k, (start, end) in enumerate(offsets) if start < candidate.span.end and candidate.span.start < end]
    if not rows:
        return []
    extra = 0.0 if candidate.preferred else ALTERNATIVE
    block = log_probs[rows]
    return [(label, float(block[0, BEGIN[label]] + block[1:, INSIDE[label]].sum()) + extra) for label in VALUES]


def _viterbi(
    outside: list[float],
    begins: list[float],
    inside: list[float],
    closing: list[float],
    first_piece: list[bool],
    edges: list[list[tuple[int, Label, float]]],
) -> list[tuple[_Step, _Step]]:
    """For every border the last steps of the best path there: of any, and of those that do not end in an indicator.

    Two indicators never touch: what the model takes for two is one name whose middle it doubts.
    """
    scores = [0.0]
    free = [0.0]  # best path that does not end in an indicator here
    steps = [(_Step(0, None), _Step(0, None))]
    name_score, name_start = -math.inf, 0  # best path that is within an indicator at the current border
    for end in range(1, len(outside) + 1):
        at = end - 1
        opening = free[at] + begins[at] if first_piece[at] else -math.inf
        name_score += inside[at]
        if opening > name_score:
            name_score, name_start = opening, at
        best, step = scores[at] + outside[at], _Step(at, None)
        for start, label, score in edges[end]:
            if scores[start] + score > best:
                best, step = scores[start] + score, _Step(start, label)
        free.append(best)
        # An indicator may close only where the next piece begins, so that no piece is cut, and has two characters at least.
        closes = (end == len(outside) or first_piece[end]) and end - name_start >= SHORTEST_NAME
        if closes and name_score + closing[end] > best:
            scores.append(name_score + closing[end])
            steps.append((_Step(name_start, Label.INDICATOR), step))
        else:
            scores.append(best)
            steps.append((step, step))
    return steps


def _walk_back(steps: list[tuple[_Step, _Step]], end: int) -> list[tuple[Label, Span]]:
    found: list[tuple[Label, Span]] = []
    after_name = False
    while end > 0:
        step = steps[end][after_name]
        if step.label is not None:
            found.append((step.label, Span(step.start, end)))
        end, after_name = step.start, step.label is Label.INDICATOR
    return found[::-1]


def _belief(log_probs: Floats, offsets: Offsets, label: Label, span: Span) -> float:
    """Geometric mean of the pieces' probability of the label, B and I together; borders count as pieces of their own."""
    rows = [k for k, (start, end) in enumerate(offsets) if start < span.end and span.start < end]
    beliefs = [float(np.logaddexp(log_probs[k, BEGIN[label]], log_probs[k, INSIDE[label]])) for k in rows]
    borders = [float(log_probs[rows[0], BEGIN[label]])]
    after = rows[-1] + 1
    if after < len(log_probs):
        borders.append(math.log1p(-min(math.exp(float(log_probs[after, INSIDE[label]])), 0.9999)))
    return math.exp((sum(beliefs) / len(beliefs) + sum(borders)) / 2)
