"""The counts that `evaluate.py` and `train.py` share."""

from __future__ import annotations

import pytest

from extractor.annotations import parse
from extractor.metrics import (
    Scores,
    link_scores,
    pair_scores,
    parent_scores,
    record_scores,
    span_scores,
    span_scores_by_label,
)
from extractor.types import Label, Mention, Record, RecordKind, Span

REPORT = "{I1|修渠}目标{T1|8公里}，实际{A1|9公里}；{I2|种树}{A2|300棵}，其中{I3<2|柏树}{A3|40棵}。"
EXAMPLE = parse(REPORT)
MENTIONS = [Mention(mention.label, mention.span) for mention in EXAMPLE.mentions]
PERFORMANCE = RecordKind.PERFORMANCE
RIGHT = [
    Record(PERFORMANCE, (0,), (1,), (2,)),
    Record(PERFORMANCE, (3,), (), (4,)),
    Record(PERFORMANCE, (5,), (), (6,), parent=1),
]
TORN = [  # the achieved length stands alone, the parts of the trees are thrown together
    Record(PERFORMANCE, (0,), (1,)),
    Record(PERFORMANCE, (), (), (2,)),
    Record(PERFORMANCE, (3, 5), (), (4, 6)),
]


def test_scores_add_and_divide() -> None:
    total = sum((Scores(3, 1, 0), Scores(1, 1, 2)), start=Scores())
    assert total == Scores(4, 2, 2)
    assert total.precision == total.recall == total.f1 == pytest.approx(4 / 6)


def test_nothing_divided_by_nothing_is_none() -> None:
    nothing = Scores()
    assert (nothing.precision, nothing.recall, nothing.f1) == (None, None, None)
    assert Scores(fp=2).precision == 0.0
    assert Scores(fp=2).recall is None


def test_gold_against_itself_is_perfect() -> None:
    assert span_scores(EXAMPLE.mentions, MENTIONS) == Scores(tp=7)
    assert link_scores(EXAMPLE, MENTIONS, RIGHT) == Scores(tp=4)
    assert pair_scores(EXAMPLE, MENTIONS, RIGHT) == Scores(tp=5)
    assert record_scores(EXAMPLE, MENTIONS, RIGHT) == Scores(tp=3)
    assert parent_scores(EXAMPLE, MENTIONS, RIGHT) == Scores(tp=1)


def test_torn_records() -> None:
    assert link_scores(EXAMPLE, MENTIONS, TORN) == Scores(tp=3, fp=2, fn=1)
    assert pair_scores(EXAMPLE, MENTIONS, TORN) == Scores(tp=3, fp=4, fn=2)
    assert record_scores(EXAMPLE, MENTIONS, TORN) == Scores(tp=0, fp=3, fn=3)
    assert parent_scores(EXAMPLE, MENTIONS, TORN) == Scores(fn=1)


def test_a_border_off_by_one_or_another_label_is_wrong() -> None:
    moved = [Mention(Label.INDICATOR, Span(0, 3)), Mention(Label.ACHIEVED, MENTIONS[1].span)]
    assert span_scores(EXAMPLE.mentions[:2], moved) == Scores(fp=2, fn=2)
    by_label = span_scores_by_label(EXAMPLE.mentions, MENTIONS[:2])
    assert by_label == {
        Label.INDICATOR: Scores(tp=1, fn=2),
        Label.TARGET: Scores(tp=1),
        Label.ACHIEVED: Scores(fn=3),
        Label.AMOUNT: Scores(),
    }


def test_nothing_found() -> None:
    assert link_scores(EXAMPLE, [], []) == Scores(fn=4)
    assert record_scores(EXAMPLE, [], []) == Scores(fn=3)
