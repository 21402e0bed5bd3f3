"""How likely a mention or a whole record is right: logistic calibration of what the tagger and the linker believe.

Fitted on reports that neither was trained on; the coefficients are plain numbers in ``confidence.json``. Those reports
are digital. On a scan the calibrated probability is that of the text as OCR read it; `legible` makes it one of the page.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from extractor.errors import ModelError, damage_told
from extractor.types import Document, Label, Mention, Record, Span

FILE = "confidence.json"
EDGE = 1e-4  # beliefs are kept this far from 0 and 1, so that their log-odds stay finite
MENTION_FEATURES = ("log-odds of the tagger", *(f"is {label}" for label in Label))
RECORD_FEATURES = (
    "log-odds of the least certain mention",
    "mean log-odds of the mentions",
    "log-odds of the links",
    "number of mentions beyond two",
    "has no indicator",
    "holds money",
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of `MENTION_FEATURES` and `RECORD_FEATURES`, each with its intercept first."""

    mention: tuple[float, ...]
    record: tuple[float, ...]

    def of_mention(self, mention: Mention) -> float:
        """Probability that label and borders of a mention are right; its ``confidence`` is the tagger's raw belief."""
        return _probability(self.mention, mention_features(mention))

    def of_record(self, record: Record, mentions: Sequence[Mention]) -> float:
        """Probability that the whole record is right; both carry raw confidences."""
        return _probability(self.record, record_features(record, mentions))

    def save(self, directory: Path) -> None:
        (directory / FILE).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> Calibration:
        """Raises ModelError where the file is missing or was written for other features."""
        path = directory / FILE
        if not path.is_file():
            raise ModelError(f"{directory}: no {FILE} here; a model directory is what train.py writes")
        with damage_told(path):
            saved = json.loads(path.read_text(encoding="utf-8"))
            calibration = cls(tuple(map(float, saved["mention"])), tuple(map(float, saved["record"])))
            if not all(map(math.isfinite, (*calibration.mention, *calibration.record))):
                raise ValueError("a weight is no number")
        if len(calibration.mention) != 1 + len(MENTION_FEATURES) or len(calibration.record) != 1 + len(RECORD_FEATURES):
            raise ModelError(
                f"{path}: {len(calibration.mention)} and {len(calibration.record)} weights; written by another version"
            )
        return calibration


def legible(document: Document) -> Callable[[Span], float]:
    """A function from a span to the probability that its characters are what the page says; 1 where no OCR was needed.

    It is the OCR's confidence in the least certain of them, times the calibrated probability of a mention or, for all its
    mentions, of a record: misreading and misunderstanding are taken as independent. Once scans are among the reports that
    the calibration is fitted on, this becomes a feature of `mention_features` and `record_features` instead.
    """
    boxes = [box for box in document.boxes if box.confidence is not None]
    starts = [box.span.start for box in boxes]

    def of(span: Span) -> float:
        first = max(0, bisect_left(starts, span.start) - 1)  # the one before may reach into the span
        near = boxes[first : bisect_left(starts, span.end)]
        return min((box.confidence or 0.0 for box in near if box.span.overlaps(span)), default=1.0)

    return of


def mention_features(mention: Mention) -> tuple[float, ...]:
    return (_log_odds(mention.confidence), *(float(mention.label is label) for label in Label))


def record_features(record: Record, mentions: Sequence[Mention]) -> tuple[float, ...]:
    odds = [_log_odds(mentions[k].confidence) for k in record.mentions]
    return (
        min(odds),
        sum(odds) / len(odds),
        _log_odds(record.confidence),
        float(max(0, len(odds) - 2)),
        float(not record.indicators),
        float(bool(record.amounts)),
    )


def fit(mentions: Sequence[tuple[Mention, bool]], records: Sequence[tuple[Record, Sequence[Mention], bool]]) -> Calibration:
    """Fit both on (found, whether it was right) pairs of reports that the models did not see."""
    return Calibration(
        _fit([mention_features(mention) for mention, _ in mentions], [right for _, right in mentions]),
        _fit([record_features(record, its) for record, its, _ in records], [right for *_, right in records]),
    )


def _fit(features: Sequence[tuple[float, ...]], right: Sequence[bool]) -> tuple[float, ...]:
    from sklearn.linear_model import LogisticRegression

    if len(set(right)) < 2:
        raise ValueError(f"{len(right)} answers, all {'right' if right and right[0] else 'wrong'}: nothing to calibrate on")
    model = LogisticRegression(C=1.0, max_iter=1000).fit(features, right)
    return (float(model.intercept_[0]), *map(float, model.coef_[0]))


def _log_odds(probability: float) -> float:
    kept = min(max(probability, EDGE), 1 - EDGE)
    return math.log(kept / (1 - kept))


def _probability(weights: Sequence[float], features: Sequence[float]) -> float:
    score = weights[0] + sum(weight * value for weight, value in zip(weights[1:], features, strict=True))
    return 1 / (1 + math.exp(-score))
