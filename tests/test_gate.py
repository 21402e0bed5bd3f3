"""The gate: what counts as worse, and how a directory takes the place of another."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from extractor import gate
from extractor.errors import ModelError
from extractor.gate import Reading, judge, section
from extractor.metrics import Scores


def readings(right: int, *, n: int = 20, kind: str = "project", name: str = "record") -> list[Reading]:
    """Reports of which one model finds ``right`` of ten answers each, give or take one; all else is faultless."""
    perfect = {"span": Scores(10), "link": Scores(10), "record": Scores(10)}
    rows = [min(10, right + k % 3 - 1) for k in range(n)]
    return [Reading(kind, {**perfect, name: Scores(found, 10 - found, 10 - found)}) for found in rows]


def test_the_same_answers_are_not_worse() -> None:
    verdict = judge(readings(7), readings(7), "default 1")
    assert verdict.is_accepted
    assert all(figure.low == figure.high == 0 for figure in verdict.figures)


@pytest.mark.parametrize("name", ["span", "link", "record"])
def test_one_figure_that_fell_for_certain_refuses(name: str) -> None:
    verdict = judge(readings(8, name=name), readings(5, name=name), "default 1")
    assert not verdict.is_accepted
    assert f"{name} fell from" in verdict.summary()
    assert judge(readings(5, name=name), readings(8, name=name), "default 1").is_accepted


@pytest.mark.parametrize(("name", "is_accepted"), [("link", True), ("record", False)])
def test_a_fall_within_chance_is_borne_except_in_records(name: str, is_accepted: bool) -> None:
    """Two reports of twenty are answered worse: many a draw holds neither of them."""
    before, after = readings(8, name=name), readings(8, name=name)
    for k in (0, 3):
        after[k] = Reading("project", {**after[k].counts, name: Scores(5, 5, 5)})
    verdict = judge(before, after, "default 1")
    figure = next(figure for figure in verdict.figures if figure.name == name)
    assert figure.high >= 0
    assert figure.before - figure.after > figure.error
    assert verdict.is_accepted is is_accepted


def test_chance_alone_hardly_ever_makes_a_figure_fall() -> None:
    """Twenty pairs of equally good models, judged by five kinds: with intervals of 95 % each, three would be refused."""

    def luck(dice: random.Random) -> list[Reading]:
        return [
            Reading(f"kind {k % 5}", {"span": Scores(10 + right, 10 - right, 10 - right), "record": Scores(10)})
            for k in range(100)
            for right in [dice.randint(0, 8)]
        ]

    pairs = [(luck(random.Random(2 * k)), luck(random.Random(2 * k + 1))) for k in range(20)]
    assert sum(not judge(*pair, "default 1").is_accepted for pair in pairs) <= 1


def test_a_kind_that_was_forgotten_refuses_and_a_rare_one_says_nothing() -> None:
    before = [*readings(8, n=60), *readings(9, n=6, kind="final accounts"), *readings(9, n=2, kind="form")]
    after = [*readings(9, n=60), *readings(3, n=6, kind="final accounts"), *readings(1, n=2, kind="form")]
    verdict = judge(before, after, "default 1")
    assert [fault.split(" fell")[0] for fault in verdict.faults] == ["record, final accounts"]


def test_the_verdict_follows_from_the_seed() -> None:
    assert judge(readings(8), readings(7), "a", seed=3) == judge(readings(8), readings(7), "a", seed=3)


def test_a_forced_model_is_accepted_and_its_card_says_so() -> None:
    verdict = judge(readings(8), readings(5), "default 1", forced=True)
    assert verdict.is_accepted
    assert "**accepted by --force**" in section(verdict)
    assert "| worse |" in section(verdict)
    assert "no model to compare with" in section(None)


def test_a_figure_that_nothing_has_is_left_out() -> None:
    nothing = [Reading("project", {"span": Scores(), "record": Scores(1)})]
    assert [figure.name for figure in judge(nothing, nothing, "a").figures] == ["record"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("松岭县水务局2023年度部门整体支出绩效自评报告", "whole department"),
        ("2022年度部门决算公开情况说明", "final accounts"),
        ("2023年中央农田建设补助资金绩效自评报告", "transferred or special fund"),
        ("道路改造项目支出绩效自评报告", "project"),
        ("当前位置：首页 > 部门决算", "web page or form"),
    ],
)
def test_the_kind_of_a_report(text: str, kind: str) -> None:
    assert gate.kind_of(text) == kind


def model(directory: Path, words: str) -> Path:
    directory.mkdir(parents=True)
    (directory / "VERSION").write_text(words, encoding="utf-8")
    return directory


def test_a_model_takes_the_place_of_another(tmp_path: Path) -> None:
    target = model(tmp_path / "models" / "mine", "old")
    gate.install(model(tmp_path / "new", "new"), target)
    assert (target / "VERSION").read_text(encoding="utf-8") == "new"
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["mine"]


def test_the_old_model_comes_back_when_the_new_one_cannot_be_moved(tmp_path: Path) -> None:
    target = model(tmp_path / "mine", "old")
    with pytest.raises(ModelError, match="could not be moved"):
        gate.install(tmp_path / "nothing", target)
    assert (target / "VERSION").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("stands", [True, False])
def test_an_interrupted_replacement_is_mended(tmp_path: Path, stands: bool) -> None:
    model(tmp_path / "mine.previous", "old")
    if stands:
        model(tmp_path / "mine", "new")
    gate.recover(tmp_path / "mine")
    assert (tmp_path / "mine" / "VERSION").read_text(encoding="utf-8") == ("new" if stands else "old")
    assert not (tmp_path / "mine.previous").exists()
