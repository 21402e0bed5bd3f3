"""Whether probabilities keep their word, counted on answers small enough to check by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.reliability import bins, calibration_error, review_curve, to_review, wrong_in_least_certain

# Ten answers, two of them wrong; one of these is claimed with certainty.
JUDGED = [(0.15, False), *((0.85, True) for _ in range(8)), (1.0, False)]
judged_answers = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


def test_answers_fall_into_tenths() -> None:
    assert [(one.n, round(one.belief, 3), one.right) for one in bins(JUDGED)] == [(1, 0.15, 0.0), (8, 0.85, 1.0), (1, 1.0, 0.0)]


def test_the_error_is_the_gap_between_claimed_and_true() -> None:
    assert calibration_error(JUDGED) == pytest.approx((1 * 0.15 + 8 * 0.15 + 1 * 1.0) / 10)
    assert calibration_error([]) is None


def test_half_of_the_wrong_answers_are_the_least_certain() -> None:
    assert wrong_in_least_certain(JUDGED) == 0.5
    assert wrong_in_least_certain([(0.5, True)]) is None


def test_reading_the_least_certain_makes_the_rest_right() -> None:
    assert to_review(JUDGED, 0.8) == 0.0
    assert to_review(JUDGED, 0.88) == 0.1  # eight of nine
    assert to_review(JUDGED, 0.99) == 1.0  # the last one is wrong however much is read
    assert [right for _, right in review_curve(JUDGED, steps=10)[:3]] == pytest.approx([8 / 10, 8 / 9, 7 / 8])


@given(judged_answers)
def test_what_is_left_unread_is_as_right_as_wanted(judged: list[tuple[float, bool]]) -> None:
    share = to_review(judged, 0.9)
    left = [right for _, right in sorted(judged, key=lambda one: one[0])][round(share * len(judged)) :]
    assert sum(left) >= 0.9 * len(left)


@given(judged_answers)
def test_the_bins_hold_every_answer(judged: list[tuple[float, bool]]) -> None:
    assert sum(one.n for one in bins(judged)) == len(judged)
