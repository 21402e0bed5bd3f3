"""The rooms put together, with gold marks in the place of a model."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

import extractor
from extractor import rules
from extractor.annotations import load_all, parse
from extractor.augment import CHANGES, rewrite, varied
from extractor.confidence import MENTION_FEATURES, RECORD_FEATURES, Calibration
from extractor.errors import ModelError
from extractor.pipeline import candidates, model_directory
from extractor.quantity import Candidate
from extractor.segment import outline
from extractor.tagger import Floats, Ints, Tagger, check_labels, path_text
from extractor.tags import BEGIN, INSIDE, TAGS
from extractor.types import Document, Example, Label, Mention, Record, RecordKind, Span
from tests.characters import Characters

ROOT = Path(__file__).parent.parent
needs_model = pytest.mark.skipif(
    not (ROOT / "models" / "default" / "model.int8.onnx").is_file(), reason="models/default has not been built"
)


def words_of(example: Example, label: Label) -> list[str]:
    return [example.text[m.span.start : m.span.end] for m in example.mentions if m.label is label]


# ── variety for training ─────────────────────────────────────────────────────────────────────────────────────────────

MARKED = "全县{I1|新建泵站}{T1|3,200座}，2023年{I1|新建泵站}{A1|3,415 座}，{I2|合格率}{A2|98.5%}。"


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=lambda change: getattr(change, "__name__", "mapped"))
def test_marks_move_with_the_text(change: object) -> None:
    example = parse(MARKED)
    assert callable(change)
    for seed in range(20):
        changed = rewrite(example, change(example.text, random.Random(seed)))
        assert [m.records for m in changed.mentions] == [m.records for m in example.mentions]
        for words in words_of(changed, Label.ACHIEVED):
            assert words[0] in "0123456789０１２３４５６７８９lO" and words[-1] in "座处%％°"
        assert all(name in ("新建泵站", "合格率") for name in words_of(changed, Label.INDICATOR))


def test_years_keep_their_figures() -> None:
    example = parse(MARKED)
    for seed in range(20):
        assert any(year in varied(example, random.Random(seed)).text for year in ("2023年", "２０２３年", "2O23", "202３"))


def test_edits_across_a_border_are_left_out() -> None:
    example = parse("{I1|泵站}{T1|3座}")
    assert rewrite(example, [(1, 3, "甲")]) == example


# ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("行政编制35人，培训教师600人。", ["600人"]),
        ("内设6个股室，新建泵站3座。", ["3座"]),
        ("满分100分，自评得分96分。", ["96分"]),
        ("发放调查问卷400份，发放消费券500张。", ["500张"]),
    ],
)
def test_numbers_that_the_guidelines_leave_alone(text: str, kept: list[str]) -> None:
    view = outline(Document("", "", text))
    assert [text[c.span.start : c.span.end] for c in candidates(text, view) if c.preferred] == kept


def test_no_rule_silences_an_annotated_value() -> None:
    for example in load_all(ROOT / "annotations" / "reports"):
        view = outline(Document(example.name, "", example.text))
        gold = {m.span for m in example.mentions if m.label.is_value}
        found = [Candidate(span) for span in sorted(gold)]
        silenced = {example.text[s.start : s.end] for _, s in rules.silent(example.text, view, found)}
        assert not silenced, example.name


# ── the tagger ───────────────────────────────────────────────────────────────────────────────────────────────────────


def says_target(ids: Ints, mask: Ints) -> Floats:
    """A model that takes every digit and 座 for a target, and 泵站 for an indicator."""
    logits = np.zeros((*ids.shape, len(TAGS)), dtype=np.float32)
    for row, column in np.ndindex(ids.shape):
        character = chr(int(ids[row, column]))
        tag = 0
        if character in "0123456789座":
            before = chr(int(ids[row, column - 1])) if column else ""
            tag = INSIDE[Label.TARGET] if before in "0123456789" else BEGIN[Label.TARGET]
        elif character in "泵站":
            tag = BEGIN[Label.INDICATOR] if character == "泵" else INSIDE[Label.INDICATOR]
        logits[row, column, tag] = 8
    return logits


@pytest.mark.parametrize("n_sentences", [1, 7, 60])
def test_nothing_is_lost_however_long_the_report(n_sentences: int) -> None:
    text = "一、目标\n" + "".join(f"今年计划新建泵站{k}座。" for k in range(100, 100 + n_sentences))
    document = Document("", "", text)
    view = outline(document)
    mentions = Tagger(Characters(), says_target).tag(document, view, candidates(text, view))
    found = [(m.label, text[m.span.start : m.span.end]) for m in mentions]
    assert found == [
        pair for k in range(100, 100 + n_sentences) for pair in ((Label.INDICATOR, "泵站"), (Label.TARGET, f"{k}座"))
    ]


def test_a_sentence_longer_than_the_window_is_tagged_whole() -> None:
    text = "新建" + "、".join(f"泵站{k}座" for k in range(100, 300)) + "。"
    document = Document("", "", text)
    view = outline(document)
    mentions = Tagger(Characters(), says_target).tag(document, view, candidates(text, view))
    assert [text[m.span.start : m.span.end] for m in mentions if m.label.is_value] == [f"{k}座" for k in range(100, 300)]


def test_the_innermost_headings_are_shown() -> None:
    assert path_text(("一、" + "长" * 60, "（一）绩效目标")) == "（一）绩效目标"


def test_a_model_of_other_labels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"id2label": {"0": "O", "1": "B-PER"}}', encoding="utf-8")
    with pytest.raises(ModelError, match="tags O, B-PER; this version reads O, B-INDICATOR"):
        check_labels(tmp_path)


def test_an_unknown_model_is_one_clear_sentence() -> None:
    with pytest.raises(ModelError, match="no model 'nowhere'"):
        model_directory("nowhere")


# ── confidence ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_confidence_rises_with_belief() -> None:
    calibration = Calibration((0.0, 1.0, *[0.0] * (len(MENTION_FEATURES) - 1)), (0.0, *[0.2] * len(RECORD_FEATURES)))
    sure, unsure = (Mention(Label.TARGET, Span(0, 1), belief) for belief in (0.99, 0.6))
    assert calibration.of_mention(sure) > calibration.of_mention(unsure)
    record = Record(RecordKind.PERFORMANCE, targets=(0,))
    assert calibration.of_record(record, [sure]) > calibration.of_record(record, [unsure])


# ── the shipped model ────────────────────────────────────────────────────────────────────────────────────────────────


@needs_model
def test_a_target_and_its_result_become_one_record() -> None:
    path = next((ROOT / "examples").glob("*.txt"))
    output = extractor.load().extract(path).to_dict()
    rows = {
        (
            record["indicator"] and record["indicator"]["text"],
            tuple(value["text"] for value in record["target"]),
            tuple(value["text"] for value in record["achieved"]),
        )
        for record in output["records"]
    }
    assert ("新增藏书", ("6000册",), ("6240册", "104%")) in rows  # the goal in one chapter, the result and its rate in another
    assert ("新增藏书", ("6500册",), ()) in rows  # next year's plan is a record of its own
    assert all(output["text"][m["start"] : m["end"]] == m["text"] for m in output["mentions"])


@needs_model
def test_spacy_component() -> None:
    import spacy

    language = spacy.blank("zh")
    language.add_pipe("extractor")
    read = language("一、绩效目标\n新建泵站3座，改造渠道12公里。")
    assert "3座" in [entity.text for entity in read.ents]
    assert read._.records
