"""train.py as a user calls it: what it refuses, and what it says on the way."""

from __future__ import annotations

import argparse
import io
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from rich.console import Console

import train
from extractor import adaptation, vocabulary
from extractor.adaptation import AdaptConfig
from extractor.course import Checkpoint, Course
from extractor.errors import ModelError
from extractor.training import Step


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--add", "{folder}"], "no annotated report"),
        (["adapt", "--text", "{folder}", "--out", "{folder}"], "exists already"),
        (["adapt", "--text", "{folder}", "--out", "{folder}/new", "--encoder", "{folder}"], "no encoder"),
        (["adapt", "--text", "{folder}/none", "--out", "{folder}/new"], "there is no such folder"),
        (["adapt", "--text", "{folder}", "--out", f"{__file__}/new"], "is no folder that may be written to"),
        (["--name", "encoder", "--force"], "something else than a model of train.py; choose another --name"),
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


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--name", ""], "the name of a folder in models/ is needed"),
        (["--name", ".."], "the name of a folder in models/ is needed"),
        (["--name", "a/b"], "the name of a folder in models/ is needed"),
        (["--seed", "-1"], "a whole number from 0 to"),
        (["adapt", "--text", "a", "--out", "b", "--minutes", "nan"], "a number above 0 is needed"),
        (["adapt", "--text", "a", "--out", "b", "--minutes", "inf"], "a number above 0 is needed"),
    ],
)
def test_options_that_cannot_be(capsys: pytest.CaptureFixture[str], options: list[str], words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        train.arguments(options)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_a_half_written_encoder_is_refused(tmp_path: Path) -> None:
    """Ours with a tokenizer or weights that end in the middle."""
    ours = train.ROOT / "models" / "encoder"
    reading: dict[str, Callable[[], object]] = {
        "tokenizer.json": lambda: vocabulary.load(str(tmp_path)),
        "model.safetensors": lambda: adaptation.load_encoder(AdaptConfig(encoder=str(tmp_path))),
    }
    for name, read_it in reading.items():
        for file in ours.iterdir():
            shutil.copy(file, tmp_path)
        (tmp_path / name).write_bytes((ours / name).read_bytes()[:1000])
        with pytest.raises(ModelError, match="no encoder") as caught:
            read_it()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"tokenizer.json": None, "tokenizer_config.json": None},
            "its tokenizer knows no pieces; tokenizer.json or vocab.txt is missing",
        ),
        ({"config.json": '"vocab_size": 99'}, r"its tokenizer knows \d+ pieces, its weights 99; both belong together"),
    ],
)
def test_an_encoder_with_another_tokenizer_or_none_is_refused(tmp_path: Path, changed: dict[str, str | None], words: str) -> None:
    for file in (train.ROOT / "models" / "encoder").glob("*.json"):
        shutil.copy(file, tmp_path)
    for name, setting in changed.items():
        path = tmp_path / name
        if setting is None:
            path.unlink()
        else:
            path.write_text(re.sub(r'"vocab_size": \d+', setting, path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ModelError, match=words):
        vocabulary.load(str(tmp_path))


def test_a_damaged_curve_does_not_stop_a_resumed_training(tmp_path: Path) -> None:
    curve = train.Curve(tmp_path / "curve.csv")
    curve.path.write_bytes(b"round,epoch,step,loss\n0,0,1,3.00000\nx,0,y,z\n\xff\xfe\n0,0,")
    curve.restart((0, 9))
    assert curve.path.read_text(encoding="utf-8").splitlines() == ["round,epoch,step,loss", "0,0,1,3.00000"]


def test_without_a_terminal_there_are_plain_lines() -> None:
    said = io.StringIO()
    with train.Shown(Console(file=said, force_terminal=False, width=200)) as shown:
        shown.show("round 1/3", 0.5, 2.0)
        shown.show("round 3/3", 1.0, 2.0)
    lines = said.getvalue().splitlines()
    assert lines[-1] == "100%  round 3/3  loss 2.0000  0.0 min left"
    assert all("\x1b" not in line for line in lines)


class Interrupted:
    """A course of one round that is interrupted after its first step."""

    rounds = (None,)

    def __iter__(self) -> Iterator[Step]:
        yield Step(0, 1, 9, 3.0)
        raise KeyboardInterrupt

    def done(self, step: Step) -> float:
        return step.step / step.n_steps

    def state(self) -> dict[str, Any]:
        return {"round": 0}


def test_an_interruption_tells_of_a_checkpoint_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the first step there is none to go on from; soon after it there is."""

    def interrupted(args: argparse.Namespace, console: Console) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "ROOT", tmp_path)
    monkeypatch.setattr(train, "train", interrupted)
    assert train.main(["--name", "mine"]) == 130
    assert capsys.readouterr().err == "train.py: interrupted\n"

    beside = tmp_path / "models" / "mine.training"
    checkpoint = Checkpoint(beside / train.CHECKPOINT, "0")
    curve = train.Curve(beside / "curve.csv")
    curve.restart(None)
    with pytest.raises(KeyboardInterrupt):
        train.take(cast(Course, Interrupted()), checkpoint, curve, Console(file=io.StringIO()))
    assert checkpoint.load() == {"round": 0}
    assert train.main(["--name", "mine"]) == 130
    assert "with --resume goes on from the last checkpoint" in capsys.readouterr().err


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
