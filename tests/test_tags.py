"""Mentions ↔ BIO tags, and the lattice that reads log-probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.lattice import best_reading
from extractor.quantity import Candidate
from extractor.tagger import log_softmax
from extractor.tags import BEGIN, INSIDE, TAGS, decode, encode
from extractor.types import Label, Span

LENGTH = 40
SINGLE = [(k, k + 1) for k in range(LENGTH)]


@st.composite
def labelled_spans(draw: st.DrawFn) -> list[tuple[Label, Span]]:
    borders = sorted(draw(st.sets(st.integers(0, LENGTH), max_size=10)))
    pairs = zip(borders[::2], borders[1::2], strict=False)
    return [(draw(st.sampled_from(list(Label))), Span(start, end)) for start, end in pairs]


@given(labelled_spans())
def test_decode_inverts_encode(labelled: list[tuple[Label, Span]]) -> None:
    assert decode(encode(labelled, SINGLE), SINGLE) == labelled


def test_an_inside_that_continues_nothing_opens_nothing() -> None:
    assert decode([INSIDE[Label.TARGET], INSIDE[Label.TARGET]], [(0, 1), (1, 2)]) == []


def test_a_piece_across_a_border_belongs_to_the_span() -> None:
    assert encode([(Label.AMOUNT, Span(1, 3))], [(0, 2), (2, 4)]) == [BEGIN[Label.AMOUNT], INSIDE[Label.AMOUNT]]


def believed(tags: list[int], belief: float = 0.9) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Log-probabilities of a model that believes in these tags."""
    rest = (1 - belief) / (len(TAGS) - 1)
    rows = np.full((len(tags), len(TAGS)), rest, dtype=np.float32)
    rows[np.arange(len(tags)), tags] = belief
    return np.log(rows)


def letters(length: int) -> list[Span]:
    """A passage whose words are single characters."""
    return [Span(at, at + 1) for at in range(length)]


@given(labelled_spans())
def test_a_confident_model_is_followed(labelled: list[tuple[Label, Span]]) -> None:
    labelled = [(label, span) for label, span in labelled if label.is_value or len(span) > 1]
    candidates = [Candidate(span) for label, span in labelled if label.is_value]
    readings = best_reading(believed(encode(labelled, SINGLE)), SINGLE, letters(LENGTH), candidates)
    assert [(reading.label, reading.span) for reading in readings] == labelled


def test_a_value_is_never_cut() -> None:
    """The model sees only half of the number; the grammar knows where it ends."""
    tags = encode([(Label.TARGET, Span(0, 2))], SINGLE[:6])
    readings = best_reading(believed(tags, 0.6), SINGLE[:6], letters(6), [Candidate(Span(0, 3))])
    assert [(reading.label, reading.span) for reading in readings] == [(Label.TARGET, Span(0, 3))]


def test_a_name_doubted_in_its_middle_stays_one() -> None:
    tags = encode([(Label.INDICATOR, Span(0, 3)), (Label.INDICATOR, Span(3, 6))], SINGLE[:6])
    readings = best_reading(believed(tags, 0.6), SINGLE[:6], letters(6), [])
    assert [reading.span for reading in readings] == [Span(0, 6)]


def test_a_name_ends_with_a_word() -> None:
    """The model would end the name within a word; it ends before it instead."""
    tags = encode([(Label.INDICATOR, Span(0, 3))], SINGLE[:6])
    readings = best_reading(believed(tags, 0.6), SINGLE[:6], [Span(0, 2), Span(2, 4), Span(4, 6)], [])
    assert [reading.span for reading in readings] == [Span(0, 2)]


def test_no_value_without_a_candidate() -> None:
    tags = encode([(Label.ACHIEVED, Span(1, 4))], SINGLE[:6])
    assert best_reading(believed(tags), SINGLE[:6], letters(6), []) == []


def test_the_preferred_border_wins_when_the_model_is_undecided() -> None:
    even = np.full((4, len(TAGS)), -2.0, dtype=np.float32)
    even[:, 0] = -9.0
    readings = best_reading(even, SINGLE[:4], letters(4), [Candidate(Span(0, 4), preferred=False), Candidate(Span(0, 4))])
    assert [reading.span for reading in readings] == [Span(0, 4)]


@given(
    st.lists(st.lists(st.floats(-20, 0), min_size=len(TAGS), max_size=len(TAGS)), min_size=1, max_size=LENGTH),
    st.lists(st.tuples(st.integers(0, LENGTH - 1), st.integers(1, 8)), max_size=8),
)
def test_readings_are_in_order_and_never_overlap(rows: list[list[float]], places: list[tuple[int, int]]) -> None:
    length = len(rows)
    candidates = [Candidate(Span(start, start + size)) for start, size in places if start + size <= length]
    readings = best_reading(log_softmax(np.array(rows, dtype=np.float32)), SINGLE[:length], letters(length), candidates)
    ends = [0, *(reading.span.end for reading in readings)]
    assert all(reading.span.start >= end for reading, end in zip(readings, ends, strict=False))
    assert all(0 <= reading.probability <= 1.0001 for reading in readings)
    allowed = {candidate.span for candidate in candidates}
    assert all(reading.span in allowed for reading in readings if reading.label.is_value)


@pytest.mark.parametrize("length", [0, 1])
def test_tiny_passages(length: int) -> None:
    assert best_reading(believed([0] * length), SINGLE[:length], letters(length), []) == []
