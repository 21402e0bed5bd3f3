"""The learning curve: what models reached that learned from fewer reports, as ``benchmarks/learning_curve.json`` keeps it.

    [{"reports": 50, "span": 0.874, "link": 0.79, "record": 0.701}, …]

F1 by the number of reports learned from, all measured on the same reports.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from extractor.errors import AnnotationError

KEYS = ("reports", "span", "link", "record")


@dataclass(frozen=True, slots=True)
class Point:
    """F1 of a model that learned from so many reports."""

    reports: int
    span: float
    link: float
    record: float


def load_curve(path: Path) -> tuple[Point, ...]:
    """The points by number of reports; none where there is no file.

    Raises AnnotationError where the file holds anything else.
    """
    if not path.is_file():
        return ()
    try:
        points = [Point(**point) for point in json.loads(path.read_text(encoding="utf-8"))]
        return tuple(sorted(points, key=lambda point: point.reports))
    except (ValueError, TypeError) as error:
        raise AnnotationError(f"{path}: {error}; it should be a list of objects with exactly {', '.join(KEYS)}") from error
