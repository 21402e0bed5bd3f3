"""What `benchmarks.learning` measured by training again and again: the learning curve, and the folds of cross-validation.

    learning_curve.json      [{"reports": 50, "span": 0.874, "link": 0.79, "record": 0.701}, …]
    cross_validation.json    [{"fold": 1, "learned": 412, "measured": 104, "span": 0.94, "link": 0.89, "record": 0.83}, …]

Figures are F1. All points of the curve are measured on the same reports, each fold on its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TypeVar

from extractor.errors import AnnotationError

CURVE, FOLDS = "learning_curve.json", "cross_validation.json"


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """F1 of a model that learned from so many reports."""

    reports: int
    span: float
    link: float
    record: float


@dataclass(frozen=True, slots=True, order=True)
class Fold:
    """F1 on so many measured reports of a model that learned from all others; folds count from 1."""

    fold: int
    learned: int
    measured: int
    span: float
    link: float
    record: float


Trained = TypeVar("Trained", Point, Fold)


def load_curve(path: Path) -> tuple[Point, ...]:
    """The points by number of reports; none where there is no file.

    Raises AnnotationError where the file holds anything else.
    """
    return _load(path, Point)


def load_folds(path: Path) -> tuple[Fold, ...]:
    """The folds by their number; none where there is no file.

    Raises AnnotationError where the file holds anything else.
    """
    return _load(path, Fold)


def to_json(trained: Sequence[Trained]) -> str:
    """What the loaders read; one object a line."""
    return "[\n" + ",\n".join(json.dumps(asdict(one)) for one in sorted(trained)) + "\n]\n"


def _load(path: Path, kind: type[Trained]) -> tuple[Trained, ...]:
    if not path.is_file():
        return ()
    try:
        return tuple(sorted(kind(**one) for one in json.loads(path.read_text(encoding="utf-8"))))
    except (ValueError, TypeError) as error:
        keys = ", ".join(field.name for field in fields(kind))
        raise AnnotationError(f"{path}: {error}; it should be a list of objects with exactly {keys}") from error
