"""What the collection's habits say of the borders of names, and that the tagger listens where it doubts."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import habit_training
from extractor.annotations import parse
from extractor.errors import ModelError
from extractor.habits import Habits, Seen, around, contexts
from extractor.quantity import Candidate
from extractor.segment import outline
from extractor.tagger import Floats, Ints, Tagger
from extractor.tags import BEGIN, INSIDE, TAGS
from extractor.types import Document, Example, Label, Span
from tests.characters import Characters

# 实际 belongs to 支出, 完成 never does; 率 ends a name that goes on after 合格.
REPORTS = [
    parse(
        f"项目{{I1|实际支出}}{{M1|{number}万元}}，完成{{I2|支出}}{{M2|{number}元}}，"
        f"其中{{I3|实际支出}}{{M3|1万元}}；{{I4|产品合格率}}{{A4|{number}%}}，完成{{I5|设备采购}}{{A5|3台}}。",
        f"report-{number}",
    )
    for number in range(30, 60)
]


@pytest.fixture(scope="module")
def habits() -> Habits:
    return habit_training.fit(REPORTS)


def asked(habits: Habits, words: str, at: int) -> tuple[float, float, float]:
    """Probabilities at the border in front of the word of a number, words parted by blanks."""
    border = habits.borders([around(words.split(), at)])[0]
    return math.exp(border.begins), math.exp(border.ends), math.exp(border.goes_on)


def test_habits_know_what_annotators_do(habits: Habits) -> None:
    begins, _, goes_on = asked(habits, "项目 实际 支出 20 万元", 2)
    assert begins < 0.1 and goes_on > 0.5
    assert asked(habits, "项目 完成 支出 20 元", 2)[0] > 0.9
    assert asked(habits, "实际 支出 97 万元", 2)[1] > 0.9


def test_a_report_is_judged_by_the_others_alone() -> None:
    first, *others = (habit_training.counted(list(habit_training.places(report))) for report in REPORTS)
    together = first.copy()
    for other in others:
        together.update(other)
    total, own = habit_training.collected(together), habit_training.collected(first)
    assert own["实际|支出"] == Seen(goes_on=2)
    assert total["实际|支出"].without(own["实际|支出"]) == Seen(goes_on=2 * len(others))


@given(st.lists(st.text("项目完成12|", min_size=1, max_size=3), max_size=5), st.integers(0, 5))
def test_every_border_can_be_looked_up(words: list[str], at: int) -> None:
    four = around(words, min(at, len(words)))
    assert len(contexts(four)) == len(set(contexts(four))) or "|" in "".join(four)
    assert not any(digit in context for context in contexts(four) for digit in "12")


def doubts_where_names_begin(ids: Ints, mask: Ints) -> Floats:
    """A model that is sure of 支出 and of numbers, and cannot tell whether 实际 or 完成 belongs to the name."""
    logits = np.zeros((*ids.shape, len(TAGS)), dtype=np.float32)
    text = "".join(map(chr, ids[0]))
    for at, character in enumerate(text):
        if character in "0123456789万元":
            logits[0, at, (BEGIN if text[at - 1] not in "0123456789万" else INSIDE)[Label.AMOUNT]] = 8
        elif text[at : at + 2] in ("实际", "完成"):
            logits[0, at, BEGIN[Label.INDICATOR]] = logits[0, at, 0] = 4
        elif text[at - 1 : at + 1] in ("实际", "完成"):
            logits[0, at, INSIDE[Label.INDICATOR]] = logits[0, at, 0] = 4
        elif text[at : at + 2] == "支出":
            logits[0, at, BEGIN[Label.INDICATOR]] = logits[0, at, INSIDE[Label.INDICATOR]] = 4
        elif character == "出":
            logits[0, at, INSIDE[Label.INDICATOR]] = 8
        else:
            logits[0, at, 0] = 8
    return logits


@pytest.mark.parametrize(("text", "name"), [("项目实际支出20万元。", "实际支出"), ("项目完成支出20万元。", "支出")])
def test_where_the_model_doubts_habits_decide(habits: Habits, text: str, name: str) -> None:
    document = Document("", "", text)
    number = Span(text.index("2"), text.index("。"))
    mentions = Tagger(Characters(), doubts_where_names_begin, habits).tag(document, outline(document), [Candidate(number)])
    assert [text[m.span.start : m.span.end] for m in mentions] == [name, "20万元"]


def test_saved_habits_say_the_same(habits: Habits, tmp_path: Path) -> None:
    habits.save(tmp_path)
    again = Habits.load(tmp_path)
    words = "项目 实际 支出 20 万元 完成 设备 采购".split()
    fours = [around(words, at) for at in range(len(words) + 1)]
    assert again.borders(fours) == habits.borders(fours)
    assert again.borders([]) == []


def without_counts(directory: Path) -> None:
    (directory / "habits.json").unlink()


def of_another_version(directory: Path) -> None:
    (directory / "habits.json").write_text('{"version": 99, "counts": {}}', encoding="utf-8")


def with_other_counts(directory: Path) -> None:
    (directory / "habits.json").write_text(json.dumps({"version": 1, "counts": {"实际|": [1, 2]}}), encoding="utf-8")


def with_broken_arrays(directory: Path) -> None:
    (directory / "habits.npz").write_bytes(b"no archive")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (without_counts, "no readable habits"),
        (of_another_version, "version 99"),
        (with_other_counts, "other counts than three"),
        (with_broken_arrays, "no readable habits"),
    ],
)
def test_damaged_habits_are_refused(habits: Habits, tmp_path: Path, damage: object, told: str) -> None:
    habits.save(tmp_path)
    assert callable(damage)
    damage(tmp_path)
    with pytest.raises(ModelError, match=told):
        Habits.load(tmp_path)


@pytest.mark.parametrize("reports", [[], [Example("empty", "无", ())]])
def test_nothing_to_learn_from(reports: list[Example]) -> None:
    with pytest.raises(ValueError, match="borders of names"):
        habit_training.fit(reports)
