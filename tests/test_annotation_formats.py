"""Every format gives back what was written into it, and refuses what it cannot vouch for."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from extractor.annotations import conll, label_studio, parse, read
from extractor.annotations.drafts import Draft
from extractor.annotations.formats import READERS, Format, write
from extractor.annotations.links import heads, join, links
from extractor.errors import AnnotationError
from extractor.types import Example, GoldMention, Label, Span

# What makes trouble: Windows line ends, characters beyond 16 bits, other line separators, what JSON and columns escape.
fillers = st.text(st.sampled_from('，。了\r\n\t "\\😀𠮷\u2028\x85甲乙7.％|'), max_size=5)
names = st.text(st.sampled_from("签约项目😀𠮷率"), min_size=1, max_size=4)
values = st.sampled_from(["7个", "至少 15 个", "100%", "𠮷8亿元"])

SUFFIX = {Format.DOCCANO: ".jsonl", Format.LABEL_STUDIO: ".json", Format.DOCBIN: ".spacy"}
DRAWN = [Format.DOCCANO, Format.LABEL_STUDIO, Format.BRAT]
NUMBERED = [Format.MARKS, Format.DOCBIN, Format.DATASETS]
READ_BACK = [*DRAWN, *NUMBERED]

SHARED = "{I3|发放率}、{I4|及时率}均达{A3,4|100%}，{I1|项目}{T1|7个}，其中{I2<1|投资}{A2|8亿元}，😀上年{A7|6个}。"


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Reports whose mentions share records at will, each with a value; names may be parts of any record."""
    kinds = draw(st.sampled_from([[Label.TARGET, Label.ACHIEVED], [Label.AMOUNT]]))
    is_value = draw(st.lists(st.booleans(), min_size=1, max_size=6).filter(any))
    some = st.lists(st.sampled_from([1, 2, 3, 4, 20]), min_size=1, max_size=2, unique=True).map(sorted)
    of_values = [draw(some) for _ in range(sum(is_value))]
    used = sorted({number for records in of_values for number in records})
    text, mentions = draw(fillers), []
    for value in is_value:
        words = draw(values if value else names)
        records = of_values.pop() if value else [draw(st.sampled_from(used))]
        label = draw(st.sampled_from(kinds)) if value else Label.INDICATOR
        wholes = [number for number in used if number > max(records)]  # so that none is a part of itself
        parent = None if value or not wholes else draw(st.none() | st.sampled_from(wholes))
        mentions.append(GoldMention(label, Span(len(text), len(text) + len(words)), tuple(records), parent))
        text += words + draw(fillers)
    return Example("报告-1", text, tuple(mentions))


def _can_be_drawn(example: Example) -> bool:
    try:
        links(example)
    except AnnotationError:
        return False
    return True


def trip(example: Example, kind: Format) -> list[Example]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"out{SUFFIX.get(kind, '')}"
        write([example], path, kind)
        return read(path)


@pytest.mark.parametrize("kind", DRAWN)
@settings(deadline=None, max_examples=20)
@given(example=examples())
def test_tools_that_draw_links_give_back_the_example(kind: Format, example: Example) -> None:
    assume(_can_be_drawn(example))
    assert trip(example, kind) == [example]


@pytest.mark.parametrize("kind", NUMBERED)
@settings(deadline=None, max_examples=10)
@given(example=examples())
def test_formats_with_record_numbers_give_back_the_example(kind: Format, example: Example) -> None:
    assert trip(example, kind) == [example]


@settings(deadline=None, max_examples=20)
@given(example=examples())
def test_drafts_give_back_the_example(example: Example) -> None:
    assume(_can_be_drawn(example))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "drafts.json"
        label_studio.write_drafts([Draft(example, (0.5,) * len(example.mentions), "default 3")], path)
        assert read(path, predictions=True) == [example]


def test_every_format_that_is_read_has_its_property() -> None:
    assert set(READ_BACK) == set(READERS)


@pytest.mark.parametrize("kind", READ_BACK)
def test_shared_values_parents_and_odd_numbers_survive(kind: Format) -> None:
    assert trip(parse(SHARED, "r1"), kind) == [parse(SHARED, "r1")]


@given(examples())
def test_links_say_which_mentions_share_a_record_even_without_numbers(example: Example) -> None:
    assume(_can_be_drawn(example))
    marked = [(mention.label, mention.span) for mention in example.mentions]
    joined = Example("made", example.text, join(marked, links(example), {}, "made"))
    assert sorted(joined.members().values()) == sorted(example.members().values())
    assert min(joined.members()) == 1


def test_links_lead_from_the_name() -> None:
    example = parse(SHARED)
    assert [(link.source, link.target, link.kind) for link in links(example)] == [
        (3, 4, "record"),
        (5, 6, "record"),
        (0, 2, "record"),
        (1, 2, "record"),
        (5, 3, "part_of"),
    ]
    assert heads(example) == {0: (3,), 1: (4,), 3: (1,), 5: (2,), 7: (7,)}


def test_a_name_of_two_records_numbers_its_links() -> None:
    kinds = [link.kind for link in links(parse("{I1,2|项目}{T1|7个}，上年{A2|6个}"))]
    assert kinds == ["record", "record-2"]


def test_records_that_links_cannot_tell_apart_are_refused() -> None:
    with pytest.raises(AnnotationError, match="a way that links cannot say"):
        links(parse("{I1|项目}{A1,2|7个}"))


def test_words_with_braces_cannot_become_marks(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"r1: line 2: stray brace near '甲\\n\{乙\} 7个'"):
        write([Example("r1", "甲\n{乙} 7个", ())], tmp_path / "out", Format.MARKS)
    assert list(tmp_path.iterdir()) == []


def test_columns_hold_a_character_and_its_tag(tmp_path: Path) -> None:
    conll.write([parse("{I1|项目}达{T1|7 个}\r\n\n。", "r1")], tmp_path / "out.conll")
    assert (tmp_path / "out.conll").read_text(encoding="utf-8") == (
        "# name = r1\n项\tB-INDICATOR\n目\tI-INDICATOR\n达\tO\n7\tB-TARGET\n个\tI-TARGET\n\n。\tO\n\n"
    )


# ── doccano ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TEXT = "项目7个"
DOCCANO = {
    "id": 5,
    "text": TEXT,
    "entities": [
        {"id": 11, "label": "INDICATOR", "start_offset": 0, "end_offset": 2},
        {"id": 12, "label": "TARGET", "start_offset": 2, "end_offset": 4},
    ],
    "relations": [{"id": 1, "from_id": 11, "to_id": 12, "type": "record"}],
    "Comments": [],
}


def without(holder: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in holder.items() if key not in keys}


def lines(path: Path, *reports: object) -> Path:
    path.write_text("".join(json.dumps(report, ensure_ascii=False) + "\n" for report in reports), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("report", "marked"),
    [
        (DOCCANO, "{I1|项目}{T1|7个}"),
        (without(DOCCANO, "text") | {"data": TEXT}, "{I1|项目}{T1|7个}"),
        (without(DOCCANO, "entities", "relations") | {"label": [[2, 4, "TARGET"]]}, "项目{T1|7个}"),
        (without(DOCCANO, "entities", "relations") | {"labels": DOCCANO["entities"][1:]}, "项目{T1|7个}"),  # type: ignore[index]
    ],
)
def test_doccano_spellings(tmp_path: Path, report: dict[str, Any], marked: str) -> None:
    assert read(lines(tmp_path / "a.jsonl", report)) == [parse(marked, "5")]


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (without(DOCCANO, "text"), r"a.jsonl: line 1: found none of text, data; just one"),
        (DOCCANO | {"label": []}, r"found entities and label of entities, label, labels"),
        (DOCCANO | {"text": "项目"}, r"line 1: mark 2: offsets 2-4; the text has characters 0-2"),
        (
            DOCCANO | {"relations": [{"from_id": 11, "to_id": 99, "type": "record"}]},
            r"at 99, which is no mark; marks here are 11, 12",
        ),
        (
            DOCCANO | {"relations": [{"from_id": 11, "to_id": 12, "type": "is"}]},
            r"a link of kind 'is'; links are record, part_of",
        ),
        (DOCCANO | {"relations": [{"from_id": 12, "to_id": 11, "type": "record"}]}, r"links lead from a name to its values"),
        (DOCCANO | {"relations": []}, r"record 1 has no value"),
        (
            DOCCANO | {"entities": [{"id": 1, "label": "DATE", "start_offset": 0, "end_offset": 2}]},
            r"label 'DATE' is unknown; labels are",
        ),
        (DOCCANO | {"entities": [[0, 3, "TARGET"], [2, 4, "TARGET"]], "relations": []}, r"'7个' overlaps TARGET '项目7'"),
        (
            DOCCANO | {"entities": [{"label": "TARGET", "start_offset": "2", "end_offset": 4}]},
            r"'start_offset' is '2'; int is expected",
        ),
        (DOCCANO | {"id": "../a"}, r"a name becomes a file name"),
        ([], r"found \[\]; each line is one JSON object"),
    ],
)
def test_doccano_refusals(tmp_path: Path, report: object, message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        read(lines(tmp_path / "a.jsonl", report))


def test_a_half_written_line_and_a_repeated_name_are_refused(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", DOCCANO, DOCCANO)
    with pytest.raises(AnnotationError, match=r"line 2: report '5' comes a second time \(first in .*line 1\)"):
        read(path)
    path.write_text(json.dumps(DOCCANO)[:-5], encoding="utf-8")
    with pytest.raises(AnnotationError, match=r"a.jsonl: line 1: no JSON at column"):
        read(path)


# ── Label Studio ─────────────────────────────────────────────────────────────────────────────────────────────────────


def task(**changes: Any) -> dict[str, Any]:
    """One annotated task, as a browser leaves it, with changes to the value's region."""
    name = {"id": "a", "type": "labels", "value": {"start": 0, "end": 2, "text": "项目", "labels": ["INDICATOR"]}}
    value = {"id": "b", "type": "labels", "value": {"start": 2, "end": 4, "text": "7个", "labels": ["TARGET"]} | changes}
    link = {"type": "relation", "from_id": "b", "to_id": "a", "direction": "left", "labels": []}
    return {"id": 3, "data": {"text": TEXT}, "annotations": [{"result": [name, value, link]}], "predictions": []}


def tasks(path: Path, *reports: object) -> Path:
    path.write_text(json.dumps(reports, ensure_ascii=False, indent=2), encoding="utf-8")
    return path


def test_label_studio_links_may_point_either_way_and_need_no_name(tmp_path: Path) -> None:
    assert read(tasks(tmp_path / "a.json", task())) == [parse("{I1|项目}{T1|7个}", "a-3")]


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (
            task(start=1, end=3),
            r"line 2, task 1, region 2: the text at 1-3 is '目7', the mark says '7个'; offsets count characters",
        ),
        (task(labels=["DATE"]), r"label 'DATE' is unknown"),
        (task(labels=[[]]), r"label \[\] is unknown"),
        (task(labels=["TARGET", "AMOUNT"]), r"2 labels; a mark has one"),
        (task(start=None), r"'start' is None; int is expected"),
        (task() | {"annotations": []}, r"0 annotations; one of each report is read"),
        (task() | {"annotations": [{"was_cancelled": True, "result": []}]}, r"0 annotations"),
        (without(task(), "data"), r"'data' is missing"),
        ({"id": 3, "text": TEXT, "label": []}, r"text without 'data', as in JSON-MIN; export as JSON"),
        (task() | {"annotations": [{"result": [{"type": "choices"}]}]}, r"type 'choices'; read are"),
    ],
)
def test_label_studio_refusals(tmp_path: Path, report: object, message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        read(tasks(tmp_path / "a.json", report))


@pytest.mark.parametrize(
    ("content", "message"),
    [("{}", r"is a list of tasks \(doccano's are named .jsonl\)"), ('[{"id": 1}', "the end of the file"), ("[", "no JSON")],
)
def test_label_studio_files_that_are_none(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(AnnotationError, match=message):
        list(label_studio._tasks(content, tmp_path / "a.json"))


def test_drafts_are_predictions_and_no_gold(tmp_path: Path) -> None:
    example = parse("{I1|项目}{T1|7个}", "r1")
    label_studio.write_drafts([Draft(example, (0.5, 0.9), "default 3")], tmp_path / "a.json")
    (written,) = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    prediction = written["predictions"][0]
    assert (prediction["model_version"], prediction["score"]) == ("default 3", 0.7)
    assert [region.get("score") for region in prediction["result"]] == [0.5, 0.9, None]
    assert read(tmp_path / "a.json", predictions=True) == [example]
    with pytest.raises(AnnotationError, match="'annotations' is missing"):
        read(tmp_path / "a.json")


# ── brat and what lies in folders ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("T1\tTARGET 2 4\t7 个\n", r"r1.ann: line 1: the text at 2-4 is '7个', the mark says '7 个'"),
        ("T1\tTARGET 0 1;2 4\t项 7个\n", r"line 1: found .*; read are lines of T \(a mark in one piece"),
        ("T1\tDATE 2 4\t7个\n", "label 'DATE' is unknown"),
        ("T1\tTARGET 2 4\t7个\n#1\tAnnotatorNotes T1\t真的吗\n", "line 2: a note '真的吗'; notes cannot be kept"),
        ("T1\tTARGET 2 4\t7个\nT1\tTARGET 2 4\t7个\n", "line 2: T1 comes a second time"),
    ],
)
def test_brat_refusals(tmp_path: Path, lines: str, message: str) -> None:
    (tmp_path / "r1.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "r1.ann").write_text(lines, encoding="utf-8")
    with pytest.raises(AnnotationError, match=message):
        read(tmp_path)


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(json.dumps(DOCCANO).encode() + b"\n" + "绩效".encode("gb18030"))
    with pytest.raises(AnnotationError, match=r"a.jsonl: line 2: not UTF-8 at byte \d+"):
        read(tmp_path / "a.jsonl")


def test_brat_files_come_in_pairs(tmp_path: Path) -> None:
    (tmp_path / "r1.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "r2.ann").write_text("", encoding="utf-8")
    with pytest.raises(AnnotationError, match=r"there is no r2.txt beside it"):
        read(tmp_path)


def test_what_is_no_annotation_is_refused(tmp_path: Path) -> None:
    for name, message in [
        ("a.csv", "kind '.csv' are not known"),
        ("missing", "there is no such"),
        ("a.spacy", "cannot be read as a DocBin"),
    ]:
        if name != "missing":
            (tmp_path / name).write_bytes(b"7")
        with pytest.raises(AnnotationError, match=message):
            read(tmp_path / name)
    with pytest.raises(AnnotationError, match="no annotated report here"):
        read(tmp_path)


def test_nothing_is_overwritten_or_half_written(tmp_path: Path) -> None:
    example = parse("{I1|项目}{A1,2|7个}", "r1")
    with pytest.raises(AnnotationError, match="links cannot say"):
        write([example], tmp_path / "out.jsonl", Format.DOCCANO)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "out.jsonl").write_text("mine", encoding="utf-8")
    with pytest.raises(AnnotationError, match="exists already"):
        write([parse("{T1|7个}", "r1")], tmp_path / "out.jsonl", Format.DOCCANO)
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == "mine"
