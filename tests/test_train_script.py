"""train.py as a user calls it: what it refuses, and what it says on the way."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from rich.console import Console

import train
from extractor.training import Step


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--add", "{folder}"], "no annotated report"),
        (["adapt", "--text", "{folder}", "--out", "{folder}"], "exists already"),
        (["adapt", "--text", "{folder}", "--out", "{folder}/new", "--encoder", "{folder}"], "no encoder"),
    ],
)
def test_wrong_input_ends_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert train.main([option.format(folder=tmp_path) for option in options]) == 1
    said = capsys.readouterr().err
    assert words in said
    assert said.startswith("train.py: ")
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [["--epochs", "0"], ["adapt", "--text", "a", "--out", "b", "--minutes", "-1"]])
def test_a_training_of_no_length_is_refused(capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    with pytest.raises(SystemExit):
        train.arguments(options)
    assert "a number above 0 is needed" in capsys.readouterr().err


def test_without_a_terminal_there_are_plain_lines() -> None:
    said = io.StringIO()
    with train.Shown(Console(file=said, force_terminal=False, width=200)) as shown:
        shown.show("round 1/3", 0.5, 2.0)
        shown.show("round 3/3", 1.0, 2.0)
    lines = said.getvalue().splitlines()
    assert lines[-1] == "100%  round 3/3  loss 2.0000  0.0 min left"
    assert all("\x1b" not in line for line in lines)


def test_a_resumed_curve_forgets_the_steps_that_are_taken_again(tmp_path: Path) -> None:
    curve = train.Curve(tmp_path / "beside" / "curve.csv")
    curve.restart(None)
    steps = [Step(0, 1, 2, 3.0), Step(0, 2, 2, 2.0), Step(0, 1, 2, 1.0, round=1), Step(0, 2, 2, 0.5, round=1)]
    for step in steps:
        curve.add(step)
    curve.restart((1, 1))
    curve.add(steps[3])
    kept = curve.path.read_text(encoding="utf-8").splitlines()
    assert kept == ["round,epoch,step,loss", "0,0,1,3.00000", "0,0,2,2.00000", "1,0,1,1.00000", "1,0,2,0.50000"]
