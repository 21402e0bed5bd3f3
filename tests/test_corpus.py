"""Which reports a training learns from: what is added, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor import corpus
from extractor.errors import AnnotationError


def folder(path: Path, **reports: str) -> Path:
    path.mkdir(parents=True)
    for name, marked in reports.items():
        (path / f"{name}.txt").write_text(marked, encoding="utf-8")
    return path


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    folder(tmp_path / "own" / "reports", a="{I1|修渠}{A1|9公里}。", b="{I1|建桥}{A1|2座}。")
    (tmp_path / "own" / "heldout.txt").write_text("b\n", encoding="utf-8")
    return tmp_path / "own"


def test_added_reports_are_learned_from_with_all_earlier_ones(tmp_path: Path, collection: Path) -> None:
    read = corpus.read(collection, [folder(tmp_path / "new", c="{I1|植树}{A1|300株}。"), folder(tmp_path / "more", d="{A1|5次}")])
    assert [example.name for example in read.learned] == ["a", "c", "d"]
    assert [example.name for example in read.measured] == ["b"]
    assert read.added == ("c", "d")


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        ({}, "new: no annotated report"),
        ({"a": "{I1|植树}{A1|300株}。"}, "report 'a' is also in .*reports; every report needs a name of its own"),
        ({"c": "{I1|植树}{A1|3株}。", "c.marked": "{A1|5次}"}, "report 'c' comes a second time"),
        (
            {"b-hard": "{I1|建桥}{T1|Z座1}。"},
            "report 'b-hard' is named as the twin of the held-out 'b', which is only measured",
        ),
        ({"c": "{I1|建桥}{T1|2座}。"}, "report 'c' has the same text as 'b'"),
        ({"c": "第一行\n{I1|植树}{A1|多}。"}, "c.txt: line 2 .*: value '多' holds no number"),
    ],
)
def test_what_cannot_be_added_is_refused(tmp_path: Path, collection: Path, reports: dict[str, str], words: str) -> None:
    with pytest.raises(AnnotationError, match=words):
        corpus.read(collection, [folder(tmp_path / "new", **reports)])


def test_twins_stand_beside_the_learned_reports_they_are_read_from(collection: Path) -> None:
    folder(collection / "twins", **{"a-hard": "{I1|修渠}{A1|9公里}，", "a-light": "{I1|修渠}{A1|9公里}"})
    read = corpus.read(collection)
    assert [example.name for example in read.learned] == ["a"]
    assert {name: [twin.name for twin in twins] for name, twins in read.twins.items()} == {"a": ["a-hard", "a-light"]}


@pytest.mark.parametrize("name", ["b-hard", "c-hard", "a"])
def test_a_twin_of_no_learned_report_is_refused(collection: Path, name: str) -> None:
    folder(collection / "twins", **{name: "{I1|建桥}{A1|2座}，"})
    with pytest.raises(AnnotationError, match=f"'{name}' is the twin of no learned report"):
        corpus.read(collection)


@pytest.mark.parametrize(("names", "words"), [("a\nb", "0 reports are learned from and 2 measured"), ("", "2 .* and 0 measured")])
def test_both_sides_need_a_report(collection: Path, names: str, words: str) -> None:
    (collection / "heldout.txt").write_text(names, encoding="utf-8")
    with pytest.raises(AnnotationError, match=words):
        corpus.read(collection)


def test_the_list_of_held_out_reports_is_needed(collection: Path) -> None:
    (collection / "heldout.txt").unlink()
    with pytest.raises(AnnotationError, match=r"heldout\.txt: not here"):
        corpus.read(collection)
