"""Intervals over reports."""

from __future__ import annotations

import pytest

from extractor.metrics import Scores
from extractor.sampling import Interval, difference, interval, precision, recall

GOOD, BAD = Scores(9, 1, 1), Scores(5, 5, 5)


def borders(middle: Interval | None) -> tuple[float, float]:
    assert middle is not None
    return middle.low, middle.high


def test_reports_that_are_all_alike_leave_no_doubt() -> None:
    assert borders(interval([GOOD] * 5)) == pytest.approx((0.9, 0.9))


def test_the_interval_holds_the_score_and_spans_the_reports() -> None:
    middle = interval([GOOD, BAD] * 5)
    assert middle is not None
    assert 0.5 < middle.low < 0.7 < middle.high < 0.9


def test_each_ratio_has_its_own() -> None:
    reports = [Scores(8, 0, 2)] * 3
    assert borders(interval(reports, precision)) == pytest.approx((1.0, 1.0))
    assert borders(interval(reports, recall)) == pytest.approx((0.8, 0.8))


@pytest.mark.parametrize("reports", [[], [GOOD], [Scores(), Scores()]], ids=["none", "one", "empty ones"])
def test_too_little_to_draw_from(reports: list[Scores]) -> None:
    assert interval(reports) is None
    assert difference(reports, reports) is None


def test_a_pair_is_compared_on_the_same_draws() -> None:
    # Better by the same small step in every report: sure, although the reports themselves differ widely.
    theirs = [Scores(k, 20 - k, 20 - k) for k in range(2, 18)]
    ours = [Scores(one.tp + 1, one.fp - 1, one.fn - 1) for one in theirs]
    better = difference(ours, theirs)
    assert better is not None
    assert better.is_better and not better.is_worse
    assert better.mean == pytest.approx(0.05)
    same = difference(ours, ours)
    assert same is not None and not same.is_better and not same.is_worse


def test_other_reports_are_no_pair() -> None:
    with pytest.raises(ValueError, match="1 reports against 2"):
        difference([GOOD], [GOOD, BAD])
