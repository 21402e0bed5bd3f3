"""What users hand in by mistake: every refusal is one sentence with its place, and nothing is written or changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span
from typer.testing import CliRunner

from extractor import corpus
from extractor.annotations import divide, parse, read
from extractor.annotations.formats import Format, write
from extractor.cli import app
from extractor.confidence import Calibration
from extractor.errors import AnnotationError, ModelError
from extractor.tagger import check_labels, load_tagger
from extractor.tags import TAGS

TEXT = "项目7个，投资8亿元"
DEEP = "[" * 100_000


def refused(path: Path, message: str) -> None:
    with pytest.raises(AnnotationError, match=message) as caught:
        read(path)
    assert "\n" not in str(caught.value)


# ── our marks ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("{T0|7个}", "stray brace"),
        ("{T01|7个}", "stray brace"),
        ("{T１|7个}", "stray brace"),
        ("{T" + "9" * 5000 + "|7个}", "stray brace"),
        ("{I1<1|项目}{T1|7个}", r"names parent 1, so that record 1 would be a part of itself"),
        ("{I1<2|甲}{T1|7个}{I2<3|乙}{T2|8个}\n{I3<1|丙}{T3|9个}", r"line 1 of the text: .*record 1 would be a part of itself"),
    ],
)
def test_numbers_and_parents_of_records(marked: str, message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        parse(marked)


def test_suffixes_in_capitals_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "r1.txt").write_text("{T1|7个}", encoding="utf-8")
    (tmp_path / "r2.TXT").write_text("{T1|8个}", encoding="utf-8")
    assert [example.name for example in read(tmp_path)] == ["r1", "r2"]
    (tmp_path / "r1.ANN").write_text("", encoding="utf-8")
    refused(tmp_path, "there is no r2.ann beside it")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file names but Unicode ones")
def test_a_file_name_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode("绩效".encode("gbk") + b".txt")).write_text("{T1|7个}", encoding="utf-8")
    refused(tmp_path, "a name becomes a file name")


# ── tools' files ─────────────────────────────────────────────────────────────────────────────────────────────────────


def doccano(**changes: Any) -> str:
    return json.dumps({"id": 5, "text": TEXT, "label": [[2, 4, "TARGET"]]} | changes)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (DEEP, "line 1: no JSON at column 1 .nested too deeply"),
        ('{"id":' + "9" * 5000 + "}", "a number of 5000 digits"),
        ('{"id":5,"text":"7个","text":"8个","label":[]}', "key 'text' twice in one object"),
        ('{"id":5,"text":"7个","label":[[0,NaN,"TARGET"]]}', "NaN is no number of JSON"),
        (doccano(id=None), "'id' is None; a whole number or words are expected"),
        (doccano(id=True), "'id' is True; a whole number or words"),
        (doccano(name=[]), r"'name' is \[\]; a whole number or words"),
        (doccano(name="甲" * 81), "at most 240 bytes"),
        (doccano(name="Con"), "none that Windows keeps"),
        (doccano(name="a\ud800"), "a name becomes a file name"),
        (doccano(text=TEXT + "\n\ud83d"), "line 2 of the text: half a character"),
        (doccano(Comments=["真的吗"]), "Comments .'真的吗'.; comments cannot be kept"),
        *(
            (
                doccano(label=[{"label": "TARGET", "start_offset": 2, "end_offset": 4, "records": numbers}]),
                "a mark names each of its records once, by whole numbers from 1 to 99999",
            )
            for numbers in ([], [0], [True], ["1"], [1, 1], [1.0], [10**9])
        ),
        (doccano(label=[[0, 2, "INDICATOR"]], relations=[{"from_id": 0, "to_id": 9, "type": "record"}]), "relation 1: a link"),
        (doccano(relations=[{"from_id": 0, "to_id": 0, "type": "record-" + "9" * 5000}]), "relation 1: a link of kind"),
    ],
)
def test_doccano(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "a.jsonl").write_text(line + "\n", encoding="utf-8")
    refused(tmp_path / "a.jsonl", message)


TASK = '{"id": 3, "data": {"text": "7个"}, "annotations": [{"result": []}]}'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"[{TASK}]\n x", "line 2: found 'x' behind the list of tasks"),
        (f"[{TASK}][{TASK}]", "behind the list of tasks"),
        (f"[{TASK},]", "no JSON at column"),
        (DEEP, "nested too deeply"),
        (f"[{TASK}]".replace("3", "null"), "'id' is None; a whole number or words"),
        (f"[{TASK}]".replace('"text"', '"name": null, "text"'), "'name' is None; a whole number or words"),
    ],
)
def test_label_studio(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    refused(tmp_path / "a.json", message)


MARK = "T1\tTARGET 2 4\t7个\n"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("T1\tTARGET ２ ４\t7个\n", "line 1: found"),
        (f"T1\tTARGET {'9' * 5000} 4\t7个\n", "line 1: found"),
        (f"{MARK}#1\tAnnotatorNotes T9\trecords 1\n", "line 2: a note on T9, which is no mark"),
        (f"{MARK}#1\tAnnotatorNotes T1\trecords 1\n#2\tAnnotatorNotes T1\trecords 2\n", "line 3: a second note on T1"),
        (f"{MARK}#1\tAnnotatorNotes T1\trecords 0\n", "line 2: a note 'records 0'; notes cannot be kept"),
        (f"{MARK}#1\tAnnotatorNotes T1\trecords 1,1\n", "line 2: a note 'records 1,1': belongs to records"),
        (f"{MARK}T2\tACHIEVED 7 10\t8亿元\n" + "R1\trecord Arg1:T1 Arg2:T2\n" * 2, "line 4: R1 comes a second time"),
        (f"{MARK}R1\trecord Arg1:T1 Arg2:T7\n", "line 2: a link 'record' at 'T7', which is no mark"),
        (f"{MARK}R1\tRecord Arg1:T1 Arg2:T1\n", "line 2: a link of kind 'Record'"),
    ],
)
def test_brat(tmp_path: Path, lines: str, message: str) -> None:
    (tmp_path / "r1.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "r1.ann").write_text(lines, encoding="utf-8")
    refused(tmp_path, message)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"records": None}, "no 'records' in doc.user_data, as in a DocBin of another pipeline"),
        ({"records": [1]}, "'records' holds 1; a list of numbers for every mark"),
        ({"records": [["1"]]}, "names each of its records once"),
        ({"records": [[1], [1]], "parents": [True, None]}, "names parent True"),
        ({"name": None}, "'name' is None"),
        ({"spans": True}, r"marks in doc.spans \(sc\)"),
    ],
)
def test_docbin(tmp_path: Path, told: dict[str, Any], message: str) -> None:
    doc = Doc(spacy.blank("zh").vocab, words=list(TEXT), spaces=[False] * len(TEXT))
    value = Span(doc, 2, 4, label="TARGET")
    doc.set_ents([Span(doc, 0, 2, label="INDICATOR"), value] if "parents" in told else [value])
    doc.user_data |= {"name": "a", "records": [[1]], "parents": [None]} | told
    if told.get("records", ...) is None:
        doc.user_data.clear()
    if "spans" in told:
        doc.spans["sc"] = [Span(doc, 5, 7, label="INDICATOR")]
    DocBin(store_user_data=True, docs=[doc]).to_disk(tmp_path / "a.spacy")
    refused(tmp_path / "a.spacy", message)


def test_datasets(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the train extra is not installed")
    mention = {"label": "TARGET", "start": 2, "end": 4, "text": "7个", "records": [None], "parent": None}
    rows = datasets.Dataset.from_list([{"name": "a", "text": TEXT, "mentions": [mention]}])
    rows.save_to_disk(str(tmp_path / "one"))
    refused(tmp_path / "one", "row 1, mention 1: belongs to records .None.")
    datasets.DatasetDict({"train": rows}).save_to_disk(str(tmp_path / "all"))
    refused(tmp_path / "all", "a dataset of several splits; name the folder of one of them")


def test_without_its_library_a_dataset_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(AnnotationError, match="need the library datasets"):
        write([parse("{T1|7个}", "r1")], tmp_path / "out", Format.DATASETS)
    assert list(tmp_path.iterdir()) == []


# ── the commands ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    (tmp_path / "marked").mkdir()
    (tmp_path / "marked" / "r1.txt").write_text("{I1|项目}{A1,2|7个}", encoding="utf-8")
    return tmp_path / "marked"


def test_a_refusal_leaves_no_folder_behind(marked: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(doccano(text=TEXT + "{}"), encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    for args, message in (
        (["export", marked, tmp_path / "new" / "er" / "out.jsonl", "--format", "doccano"], "links cannot say"),
        (["export", marked, tmp_path / "new" / ("甲" * 100), "--format", "marks"], "无法写入结果"),
        (["import", tmp_path / "a.jsonl", "--into", tmp_path / "new" / "er"], "stray brace"),
        (["import", marked, "--into", tmp_path / "a.jsonl"], "a file; marked reports are added to a folder"),
        (["import", tmp_path / ("甲" * 100), "--into", marked], "cannot be opened"),
        (["suggest", tmp_path / "none", "--out", tmp_path / "out"], "there is no such folder"),
        (["suggest", marked, "--out", marked], "exists already"),
    ):
        outcome = CliRunner().invoke(app, ["annotations", *map(str, args)], obj=lambda model: None)
        assert (outcome.exit_code, outcome.stderr.count("\n")) == (1, 1), outcome.stderr
        assert message in outcome.stderr
        assert sorted(tmp_path.rglob("*")) == before


# ── the collection ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_of_held_out_reports_is_taken_at_its_word(tmp_path: Path) -> None:
    """A name that is misspelt, or begins with a byte order mark, would let a held-out report be learned from."""
    examples = [parse("{T1|7个}", "r1"), parse("{T1|8个}", "报告 二")]
    listed = tmp_path / "heldout.txt"
    listed.write_text("\ufeff报告 二\r\n\n", encoding="utf-8")
    assert divide(examples, listed) == ([examples[0]], [examples[1]])
    listed.write_text("r1\nr7\n", encoding="utf-8")
    with pytest.raises(AnnotationError, match=r"heldout.txt: names 1 reports that are not in the collection \(r7\)"):
        divide(examples, listed)
    listed.write_bytes("报告".encode("gbk"))
    with pytest.raises(AnnotationError, match=r"heldout.txt: line 1: not UTF-8"):
        divide(examples, listed)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"b.txt": "签约7个", "b.ann": "T1\tTARGET 2 4\t7个\n"}, "no folder of reports with our marks"),
        ({"b.txt": "签约7个"}, "not one mark in 1 reports"),
    ],
)
def test_plain_texts_are_not_learned_from(tmp_path: Path, files: dict[str, str], message: str) -> None:
    (tmp_path / "own" / "reports").mkdir(parents=True)
    (tmp_path / "own" / "reports" / "r1.txt").write_text("{T1|7个}", encoding="utf-8")
    (tmp_path / "new").mkdir()
    for name, content in files.items():
        (tmp_path / "new" / name).write_text(content, encoding="utf-8")
    with pytest.raises(AnnotationError, match=message):
        corpus.read(tmp_path / "own", [tmp_path / "new"])


# ── models ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "read_it"), [("config.json", check_labels), ("confidence.json", Calibration.load), ("model.int8.onnx", load_tagger)]
)
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", DEEP.encode()])
def test_a_damaged_file_of_a_model_is_named(tmp_path: Path, name: str, read_it: Callable[[Path], object], content: bytes) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"id2label": dict(enumerate(TAGS))}), encoding="utf-8")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name}: missing or damaged \(") as caught:
        read_it(tmp_path)
    assert "\n" not in str(caught.value)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "confidence.json").write_text('{"mention": [NaN], "record": [1]}', encoding="utf-8")
    with pytest.raises(ModelError, match="a weight is no number"):
        Calibration.load(tmp_path)
