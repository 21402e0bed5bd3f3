"""Everything the accuracy report states, measured once: answers and gold in, one frozen `Accuracy` out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from typing import Any

from extractor import metrics, reliability, sampling
from extractor.accuracy import baseline
from extractor.accuracy.baseline import answer_by_rules
from extractor.accuracy.groups import Group, grouped
from extractor.accuracy.learning import Fold, Point
from extractor.accuracy.mistakes import Kind, Mistake, mistakes
from extractor.accuracy.standards import Ratios, nervaluate_kinds, seqeval_strict
from extractor.accuracy.worth import worth_scores
from extractor.building import Answer, answers, counts_of, judged_by, judged_by_halves, summary_of
from extractor.confidence import Calibration
from extractor.errors import damage_told
from extractor.metrics import Scores
from extractor.pipeline import Extractor, load, model_directory
from extractor.reliability import Bin, Judged
from extractor.sampling import Difference, Interval
from extractor.twins.twin import source_name
from extractor.types import Example, Label, ModelInfo

MEASURED = ("span", *(f"span {label}" for label in Label), "value", "worth", "link", "pair", "record", "parent")
COMPARED = ("span", "value", "worth", "link", "record")
WANTED = 0.99  # of the records nobody reads, so many shall be right


@dataclass(frozen=True, slots=True)
class Measure:
    """One score over all reports, with the interval that its ratios would move in on other such reports."""

    name: str
    scores: Scores
    precision: Interval | None
    recall: Interval | None
    f1: Interval | None


@dataclass(frozen=True, slots=True)
class Trust:
    """What the confidences of one kind of answer are worth."""

    n: int
    error: float | None  # expected calibration error
    bins: tuple[Bin, ...]
    wrong_in_least_certain: float | None  # share of the wrong answers among the least certain tenth
    to_review: float  # share to be read so that `WANTED` of the rest are right
    review_curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Trusted:
    """The confidences, and whether they were fitted anew on the other half of the reports to be judged fairly."""

    refitted: bool
    mentions: Trust
    records: Trust


@dataclass(frozen=True, slots=True)
class Comparison:
    """The F1 of the model and of another system on the same reports, by the names of `COMPARED`."""

    other: str
    f1: dict[str, tuple[float | None, float | None]]
    differences: dict[str, Difference | None]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One accuracy report. ``learned`` are the names of measured reports that the model learned from: they flatter."""

    model: ModelInfo
    reports: tuple[str, ...]
    n_characters: int
    learned: tuple[str, ...]
    measures: tuple[Measure, ...]
    seqeval: dict[str, Ratios]
    nervaluate: dict[str, Ratios]
    groups: dict[str, tuple[Group, ...]]
    trusted: Trusted | None  # None where the reports are too few or too well read to judge by
    comparisons: tuple[Comparison, ...]
    mistakes: tuple[Mistake, ...]
    learning_curve: tuple[Point, ...]
    folds: tuple[Fold, ...]  # of a cross-validation; empty where none was made

    def measure(self, name: str) -> Measure:
        return next(one for one in self.measures if one.name == name)

    @property
    def edits(self) -> dict[Kind, int]:
        """How many edits of every kind a person would still make."""
        counted = Counter(mistake.kind for mistake in self.mistakes)
        return {kind: counted[kind] for kind in Kind}

    def to_dict(self) -> dict[str, Any]:
        """For JSON: scores with their ratios, mistakes as positions in their reports."""
        return {
            "model": asdict(self.model),
            "reports": list(self.reports),
            "characters": self.n_characters,
            "learned from": list(self.learned),
            "scores": {
                one.name: {
                    **summary_of(one.scores),
                    "intervals": {ratio: _pair(getattr(one, ratio)) for ratio in ("precision", "recall", "f1")},
                }
                for one in self.measures
            },
            "seqeval": {name: asdict(one) for name, one in self.seqeval.items()},
            "nervaluate": {name: asdict(one) for name, one in self.nervaluate.items()},
            "groups": {
                name: {one.name: {"spans": summary_of(one.spans), "records": summary_of(one.records)} for one in some}
                for name, some in self.groups.items()
            },
            "confidence": self.trusted and asdict(self.trusted),
            "edits": self.edits,
            "comparisons": [asdict(one) for one in self.comparisons],
            "learning curve": [asdict(one) for one in self.learning_curve],
            "cross-validation": [asdict(one) for one in self.folds],
            "mistakes": [_mistake(one) for one in self.mistakes],
        }


def measure(
    model: str,
    examples: Sequence[Example],
    *,
    against: str | None = None,
    curve: Sequence[Point] = (),
    folds: Sequence[Fold] = (),
) -> Accuracy:
    """Read the examples with a model, with the rules alone and, if named, with another model, and compare all to gold."""
    engine = load(model)
    learned, fitted = seen_by(model)
    others = {baseline.NAME: [answer_by_rules(example) for example in examples]}
    if against:
        others[against] = _read(load(against), examples)
    given = _read(engine, examples)
    return assess(
        engine.info, given, others, calibration=engine.calibration, learned=learned, fitted=fitted, curve=curve, folds=folds
    )


def assess(
    model: ModelInfo,
    given: Sequence[Answer],
    others: Mapping[str, Sequence[Answer]],
    *,
    calibration: Calibration,
    learned: AbstractSet[str],
    fitted: AbstractSet[str],
    curve: Sequence[Point] = (),
    folds: Sequence[Fold] = (),
) -> Accuracy:
    """The report on a model's answers, with raw confidences; ``others`` are answers of other systems to the same examples.

    learned, fitted: names of the reports that the model learned from, and that its calibration was fitted on.
    """
    per_report = [report_scores(answer) for answer in given]
    names = tuple(answer.example.name for answer in given)
    edits = [edit for answer in given for edit in mistakes(answer)]
    return Accuracy(
        model=model,
        reports=names,
        n_characters=sum(len(answer.example.text) for answer in given),
        learned=tuple(name for name in names if is_seen(name, learned)),
        measures=tuple(_measure(name, [one[name] for one in per_report]) for name in MEASURED),
        seqeval=seqeval_strict(given),
        nervaluate=nervaluate_kinds(given),
        groups=grouped(given),
        trusted=trusted(given, calibration, learned | fitted),
        comparisons=tuple(compare(name, per_report, list(map(report_scores, other))) for name, other in others.items()),
        mistakes=tuple(sorted(edits, key=lambda one: list(Kind).index(one.kind))),
        learning_curve=tuple(curve),
        folds=tuple(folds),
    )


def _read(engine: Extractor, examples: Sequence[Example]) -> list[Answer]:
    """With raw confidences: the report fits or applies calibrations itself."""
    return list(answers(examples, engine.tagger, engine.link_model))


def report_scores(answer: Answer) -> dict[str, Scores]:
    """All counts of one report: those of `building.counts_of`, and values, exact (``value``) and by what they are worth."""
    counts = counts_of(answer)
    exact = sum((counts[f"span {label}"] for label in Label if label.is_value), start=Scores())
    parents = metrics.parent_scores(answer.example, answer.mentions, answer.records)
    return {**counts, "value": exact, "worth": worth_scores(answer), "parent": parents}


def _measure(name: str, reports: Sequence[Scores]) -> Measure:
    return Measure(
        name,
        sum(reports, start=Scores()),
        *(sampling.interval(reports, ratio) for ratio in (sampling.precision, sampling.recall, sampling.f1)),
    )


def seen_by(model: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the reports that a model learned from and of those its confidences were fitted on; empty where untold."""
    path = model_directory(model) / "metrics.json"
    with damage_told(path):
        told = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return frozenset(told.get("learned from", ())), frozenset(told.get("measured on", ()))


def is_seen(name: str, seen: AbstractSet[str]) -> bool:
    """Whether a report is among those seen, or the twin of one."""
    return name in seen or source_name(name) in seen


def trusted(given: Sequence[Answer], calibration: Calibration, seen: AbstractSet[str]) -> Trusted | None:
    """Judge the model's own confidences, or, where they saw any of these reports, ones fitted on the other half."""
    refitted = any(is_seen(answer.example.name, seen) for answer in given)
    try:
        mentions, records = judged_by_halves(given) if refitted else judged_by(calibration, given)
    except ValueError:  # nothing to fit on
        return None
    return Trusted(refitted, _trust(mentions), _trust(records))


def _trust(judged: Judged) -> Trust:
    return Trust(
        len(judged),
        reliability.calibration_error(judged),
        reliability.bins(judged),
        reliability.wrong_in_least_certain(judged),
        reliability.to_review(judged, WANTED),
        reliability.review_curve(judged),
    )


def compare(other: str, ours: Sequence[Mapping[str, Scores]], theirs: Sequence[Mapping[str, Scores]]) -> Comparison:
    """Two systems on the same reports, in the same order; each element holds the counts of one report."""
    both = {name: ([one[name] for one in ours], [one[name] for one in theirs]) for name in COMPARED}
    return Comparison(
        other,
        {name: (_total(a).f1, _total(b).f1) for name, (a, b) in both.items()},
        {name: sampling.difference(a, b) for name, (a, b) in both.items()},
    )


def _total(reports: Iterable[Scores]) -> Scores:
    return sum(reports, start=Scores())


def _pair(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(interval.low, 4), round(interval.high, 4)]


def _mistake(mistake: Mistake) -> dict[str, Any]:
    marked = {"gold": mistake.gold, "found": mistake.found}
    return {
        "kind": mistake.kind,
        "report": mistake.report,
        "sentence": mistake.text[mistake.around.start : mistake.around.end],
        **{
            side: one
            and {
                "label": one.label,
                "start": one.span.start,
                "end": one.span.end,
                "text": mistake.text[one.span.start : one.span.end],
                "with": list(one.others),
            }
            for side, one in marked.items()
        },
    }
