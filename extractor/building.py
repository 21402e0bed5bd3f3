"""From annotated reports to a model directory: what `train.py` calls, in the order of its story."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from extractor import __version__, confidence, gate, habit_training, habits, link_training, metrics, reliability, training
from extractor.card import card
from extractor.confidence import Calibration
from extractor.corpus import Corpus
from extractor.course import Course
from extractor.errors import ModelError
from extractor.gate import Reading, Verdict
from extractor.link import ARRAYS, LinkModel
from extractor.onnx_export import export_int8
from extractor.pipeline import Extractor, MentionFinder, read_prose
from extractor.reliability import Judged
from extractor.tagger import load_tagger
from extractor.tags import TAGS
from extractor.training import Fitting, TrainConfig
from extractor.types import Document, Example, Label, Mention, Record
from extractor.vocabulary import Vocabulary

VERSIONED = ("model.int8.onnx", habits.COUNTS, ARRAYS)  # files whose change makes another version
FIGURES = ("span", *(f"span {label}" for label in Label), "link", "pair", "record")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the system says of one example, with raw confidences."""

    example: Example
    mentions: tuple[Mention, ...]
    records: tuple[Record, ...]

    def judged(self) -> list[tuple[Record, bool]]:
        """Every record, and whether its mentions are exactly those of a gold one."""
        right = set(metrics.gold_groups(self.example))
        found = metrics.found_groups(self.mentions, self.records)
        return [(record, group in right) for record, group in zip(self.records, found, strict=True)]


def course_of(
    examples: Sequence[Example],
    vocabulary: Vocabulary,
    config: TrainConfig,
    twins: Mapping[str, Sequence[Example]] = MappingProxyType({}),
) -> Course:
    """The tagger's training: a first round as configured, then the finishing one, which anneals its rate to zero again.

    twins: by the names of examples what OCR reads from scans of them.
    """

    def fitting(model: Any, settings: TrainConfig) -> Fitting:
        return Fitting(model, training.retold(examples, vocabulary.tokenizer, settings, twins), vocabulary, settings)

    return Course(training.new_model(config), (config, finish(config)), fitting)


def answers(examples: Iterable[Example], tagger: MentionFinder, link_model: LinkModel) -> Iterator[Answer]:
    """Read the prose of every example as the pipeline does, without calibration; rows of tables have a gold of their own."""
    for example in examples:
        prose = read_prose(Document(example.name, "", example.text), tagger, link_model)
        yield Answer(example, tuple(prose.mentions), tuple(prose.records))


def calibrate(given: Sequence[Answer]) -> Calibration:
    """Fit confidences on answers to examples that neither tagger nor linker learned from."""
    mentions: list[tuple[Mention, bool]] = []
    records: list[tuple[Record, Sequence[Mention], bool]] = []
    for answer in given:
        gold = {(mention.label, mention.span) for mention in answer.example.mentions}
        mentions += [(mention, (mention.label, mention.span) in gold) for mention in answer.mentions]
        records += [(record, answer.mentions, is_right) for record, is_right in answer.judged()]
    return confidence.fit(mentions, records)


def counts_of(answer: Answer) -> dict[str, metrics.Scores]:
    """Span (all and per label), link, pair and record counts of one answer."""
    example, mentions, records = answer.example, answer.mentions, answer.records
    by_label = metrics.span_scores_by_label(example.mentions, mentions)
    return {
        "span": metrics.span_scores(example.mentions, mentions),
        **{f"span {label}": by_label[label] for label in Label},
        "link": metrics.link_scores(example, mentions, records),
        "pair": metrics.pair_scores(example, mentions, records),
        "record": metrics.record_scores(example, mentions, records),
    }


def scores(given: Sequence[Answer]) -> dict[str, metrics.Scores]:
    """The counts of all answers together."""
    counts = [counts_of(answer) for answer in given]
    return {name: sum((count[name] for count in counts), metrics.Scores()) for name in FIGURES}


def compare(before: Extractor, given: Sequence[Answer], *, forced: bool) -> Verdict:
    """Let a model read what another has read, and judge the other by it."""
    old = answers([answer.example for answer in given], before.tagger, before.link_model)
    against = f"{before.info.name} {before.info.version}"
    return gate.judge([_reading(answer) for answer in old], [_reading(answer) for answer in given], against, forced=forced)


def _reading(answer: Answer) -> Reading:
    return Reading(gate.kind_of(answer.example.text), counts_of(answer))


def build(model: Any, vocabulary: Vocabulary, corpus: Corpus, directory: Path, config: TrainConfig) -> list[Answer]:
    """From a fine-tuned tagger to a whole model directory; returns its answers to the measured reports.

    Mentions and records are scored before the confidences are fitted on the same reports: they do not depend on them.
    Raises ModelError where the reports are too few to learn links, or the tagger learned so little that no confidence can be
    fitted.
    """
    training.save(model, vocabulary, directory, config)
    export_int8(directory, directory / "model.int8.onnx")
    try:
        habit_training.fit(corpus.learned).save(directory)
        link_model = link_training.fit(corpus.learned)
    except ValueError as error:
        raise ModelError(f"{directory}: too little to learn borders and links from ({error}); more reports are needed") from error
    link_model.save(directory)
    tagger = load_tagger(directory)  # as users will: int8
    given = list(answers(corpus.measured, tagger, link_model))
    try:
        calibrate(given).save(directory)
    except ValueError as error:
        raise ModelError(f"{directory}: the model learned too little ({error}); more reports or epochs are needed") from error
    describe(directory, corpus, config, scores(given), calibration_error(given))
    return given


def judged_by_halves(given: Sequence[Answer]) -> tuple[Judged, Judged]:
    """(mentions, records) with their calibrated beliefs, each half of the reports judged by the other half's fit.

    Raises ValueError where one half has only right or only wrong answers, so that nothing can be fitted on it.
    """
    halves = (given[::2], given[1::2])
    both = [judged_by(calibrate(other), half) for half, other in (halves, halves[::-1])]
    return [one for mentions, _ in both for one in mentions], [one for _, records in both for one in records]


def judged_by(calibration: Calibration, given: Sequence[Answer]) -> tuple[Judged, Judged]:
    """(mentions, records) with the beliefs of one calibration, and whether they are right; answers carry raw confidences."""
    mentions: list[tuple[float, bool]] = []
    records: list[tuple[float, bool]] = []
    for answer in given:
        gold = metrics.marked(answer.example.mentions)
        mentions += ((calibration.of_mention(one), (one.label, one.span.start, one.span.end) in gold) for one in answer.mentions)
        records += ((calibration.of_record(record, answer.mentions), is_right) for record, is_right in answer.judged())
    return mentions, records


def calibration_error(given: Sequence[Answer]) -> float | None:
    """Expected calibration error of records, each half of the reports judged by the other half's fit.

    None without any record, or where one half alone is too little to fit on.
    """
    try:
        return reliability.calibration_error(judged_by_halves(given)[1])
    except ValueError:
        return None


def finish(config: TrainConfig) -> TrainConfig:
    """The finishing round: what was learned before is kept, so it is shorter and gentler; chapters stay what they are.

    It computes with the rounded numbers that will be exported.
    """
    return replace(
        config,
        epochs=max(1, round(config.epochs * 0.8)),
        learning_rate=config.learning_rate / 2,
        exchanged=0.0,
        quantised=True,
        seed=config.seed + 1,
    )


def describe(
    directory: Path, corpus: Corpus, config: TrainConfig, reached: Mapping[str, metrics.Scores], record_ece: float | None
) -> None:
    """Write the card, metrics.json and VERSION beside the weights."""
    digest = hashlib.sha256(b"".join((directory / name).read_bytes() for name in VERSIONED)).hexdigest()
    version = f"{__version__}-{digest[:8]}"
    (directory / "VERSION").write_text(f"{version}\n", encoding="utf-8")
    text = card(directory.name, version, TAGS, Path(config.encoder).name, corpus, reached)
    (directory / "README.md").write_text(text, encoding="utf-8")
    summary = {
        "learned from": [example.name for example in corpus.learned],
        "measured on": [example.name for example in corpus.measured],
        "calibration error of records": None if record_ece is None else round(record_ece, 4),
        "scores": {name: summary_of(count) for name, count in reached.items()},
    }
    (directory / "metrics.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def summary_of(count: metrics.Scores) -> dict[str, float | int | None]:
    """Precision, recall, F1 (four places) and the counts behind them."""
    ratios = {"precision": count.precision, "recall": count.recall, "f1": count.f1}
    rounded = {name: None if ratio is None else round(ratio, 4) for name, ratio in ratios.items()}
    return {**rounded, "right": count.tp, "surplus": count.fp, "missed": count.fn}
