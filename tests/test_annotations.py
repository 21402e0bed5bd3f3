"""Marked text ↔ examples."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.annotations import load, load_all, parse, render, split
from extractor.errors import AnnotationError
from extractor.types import Example, GoldMention, Label, Span

ROOT = Path(__file__).parent.parent


def test_marks_become_mentions_and_leave_the_text() -> None:
    example = parse("{I1|签约项目}{T1|7个}，其中{I2<1|投资额}{A2|8亿元}。")
    assert example.text == "签约项目7个，其中投资额8亿元。"
    assert example.mentions[0] == GoldMention(Label.INDICATOR, Span(0, 4), (1,))
    assert example.mentions[2] == GoldMention(Label.INDICATOR, Span(9, 12), (2,), parent=1)


def test_a_value_may_stand_for_several_records() -> None:
    example = parse("{I3|发放率}、{I4|及时率}均达{A3,4|100%}")
    assert example.members() == {3: [0, 2], 4: [1, 2]}


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("{I1|签约项目}若干", "record 1 has no value"),
        ("{T1|若干}", "holds no number"),
        ("{I1| 项目}{T1|7个}", "blank at the edge"),
        ("{I1|项\n目}{T1|7个}", "line break inside"),
        ("{I1|项目}{T1|7个}{M1|3万元}", "mixes AMOUNT"),
        ("{I1<9|项目}{T1|7个}", "parent 9, which does not exist"),
        ("{T1<2|7个}", "only an indicator"),
        ("{X1|项目}", "stray brace"),
    ],
)
def test_broken_marks_are_refused_with_a_reason(marked: str, message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        parse(marked, "r1")


words = st.text(st.characters(exclude_characters="{}|\n\r", exclude_categories=["Cs", "Z", "C"]), min_size=1, max_size=6)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Reports of fillers and marks; every record has a value, and no record mixes money with targets."""
    text, mentions = "", []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        text += draw(words)
        name, value = draw(words), f"{draw(st.integers(0, 999))}个"
        mentions.append(GoldMention(Label.INDICATOR, Span(len(text), len(text) + len(name)), (number,)))
        text += name
        mentions.append(
            GoldMention(draw(st.sampled_from([Label.TARGET, Label.AMOUNT])), Span(len(text), len(text) + len(value)), (number,))
        )
        text += value
    return Example("made", text, tuple(mentions))


@given(examples())
def test_parse_inverts_render(example: Example) -> None:
    assert parse(render(example), "made") == example


def test_not_utf8_is_one_clear_sentence(tmp_path: Path) -> None:
    path = tmp_path / "r1.txt"
    path.write_bytes("绩效".encode("gb18030"))
    with pytest.raises(AnnotationError, match="not UTF-8 at byte 0"):
        load(path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="no annotated report"):
        load_all(tmp_path)


def test_shipped_reports_keep_the_rules_and_round_trip() -> None:
    paths = sorted((ROOT / "annotations").glob("*/*.txt"))
    assert {path.parent.name for path in paths} == {"reports", "twins"}
    for path in paths:
        assert render(load(path)) == path.read_bytes().decode("utf-8"), path.name


def test_held_out_reports_exist_and_are_a_fifth_or_so() -> None:
    names = frozenset((ROOT / "annotations" / "heldout.txt").read_text(encoding="utf-8").split())
    learned, measured = split(load_all(ROOT / "annotations" / "reports"), names)
    assert {example.name for example in measured} == names
    assert 0.17 < len(measured) / (len(learned) + len(measured)) < 0.23
