"""Training again and again, with a training that only counts: which reports are learned from, what is written, what resumes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks import learning
from extractor.accuracy.learning import load_curve, load_folds
from extractor.annotations import parse
from extractor.corpus import Corpus
from extractor.errors import AnnotationError
from extractor.types import Example

REPORTS = Corpus(
    tuple(parse(f"第{k}份{{A1|{k}个}}", f"r{k:03}") for k in range(32)), tuple(parse(f"{{A1|{k}户}}", f"s{k}") for k in range(8))
)


class Trainings:
    """Remembers what each training was given; the F1 it tells is the number of reports learned from."""

    def __init__(self) -> None:
        self.given: list[tuple[set[str], set[str]]] = []

    def __call__(self, learned: Sequence[Example], measured: Sequence[Example]) -> dict[str, float]:
        self.given.append(({one.name for one in learned}, {one.name for one in measured}))
        return dict.fromkeys(("span", "link", "record"), float(len(learned)))


def ran(*options: object) -> Trainings:
    args = learning.arguments(list(map(str, options)))
    trainings = Trainings()
    args.run(args, REPORTS, trainings)
    return trainings


def test_the_curve_grows_by_adding_and_measures_the_same_reports(tmp_path: Path) -> None:
    trainings = ran("curve", "--into", tmp_path / "curve.json")
    learned, measured = zip(*trainings.given, strict=True)
    assert [len(one) for one in learned] == [2, 4, 8, 16, 32]
    assert all(one < other for one, other in pairwise(learned))
    assert set(map(frozenset, measured)) == {frozenset(one.name for one in REPORTS.measured)}
    assert [point.reports for point in load_curve(tmp_path / "curve.json")] == [2, 4, 8, 16, 32]


def test_every_report_is_measured_once_and_never_by_a_model_that_learned_it(tmp_path: Path) -> None:
    trainings = ran("folds", "--folds", 3, "--into", tmp_path / "folds.json")
    everything = {one.name for one in (*REPORTS.learned, *REPORTS.measured)}
    assert sorted(name for _, measured in trainings.given for name in measured) == sorted(everything)
    assert all(learned | measured == everything and not learned & measured for learned, measured in trainings.given)
    assert [(fold.fold, fold.measured) for fold in load_folds(tmp_path / "folds.json")] == [(1, 14), (2, 13), (3, 13)]


@pytest.mark.parametrize("command", ["curve", "folds"])
def test_an_interrupted_run_takes_only_what_is_missing(tmp_path: Path, command: str) -> None:
    path = tmp_path / "done.json"
    whole = ran(command, "--into", path).given
    done = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(done[:2]), encoding="utf-8")
    with pytest.raises(AnnotationError, match="exists already; --resume adds what is missing"):
        ran(command, "--into", path)
    assert ran(command, "--into", path, "--resume").given == whole[2:]
    assert json.loads(path.read_text(encoding="utf-8")) == done


def test_added_reports_and_measured_ones_are_of_one_kind_and_never_the_same() -> None:
    trainings = ran("added", "--kind", "r", "--reports", "1")
    measured = {frozenset(one) for _, one in trainings.given}
    assert measured == {frozenset(one.name for one in REPORTS.learned[10:])}
    assert [sorted(learned) for learned, _ in trainings.given] == [[one.name for one in REPORTS.learned[:n]] for n in (0, 5, 10)]


def test_a_kind_of_few_reports_is_refused() -> None:
    with pytest.raises(AnnotationError, match="--kind s: 0 reports to learn from and 8 held out; 10 and one more are needed"):
        ran("added", "--kind", "s")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["curve", "--at", "33"], "numbers from 1 to 32"),
        (["curve", "--at", "0", "3"], "numbers from 1 to 32"),
        (["folds", "--folds", "1"], "a number from 2 to that of the reports, 40"),
        (["folds", "--folds", "5", "--reports", "4"], "a number from 2 to that of the reports, 4,"),
        (["curve", "--into", "none/curve.json"], "none: no such folder"),
    ],
)
def test_numbers_that_cannot_be(options: list[str], message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        ran(*options)
