"""The commands of annotators, and what they compute: doubts, agreement, suggestions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result as Outcome

from extractor.annotations import load, load_all, parse, read
from extractor.annotations.agree import agree, as_found
from extractor.annotations.check import Kind, contradictions, cut_numbers, remarks, two_ways, values_alone
from extractor.annotations.drafts import Draft, draft_of
from extractor.annotations.suggest import candidate, suggest
from extractor.cli import app
from extractor.errors import AnnotationError
from extractor.types import Document, Label, Mention, ModelInfo, Origin, Record, RecordKind, Result, Span

Run = Callable[..., Outcome]
GOLD = "全年{I1|签约项目}{T1|7个}，\n实际{A1|8个}。"


def answer(text: str, source: str = "text") -> Result:
    """As if a model had read the text: every 7个 a sure target, every 8个 a doubtful result, both of one record."""
    mentions = tuple(
        Mention(label, Span(at, at + 2), confidence)
        for words, label, confidence in (("7个", Label.TARGET, 0.97), ("8个", Label.ACHIEVED, 0.6))
        if (at := text.find(words)) >= 0
    )
    records = tuple(Record(RecordKind.PERFORMANCE, targets=(k,)) for k in range(len(mentions)))
    return Result(Document(source, "", text), mentions, (None,) * len(mentions), records, ModelInfo("fake", "1"))


@dataclass(frozen=True)
class FakeEngine:
    def extract_text(self, text: str) -> Result:
        return answer(text)

    def extract_document(self, document: Document) -> Result:
        assert document.text != parse(GOLD).text, "the model need not read what is annotated already"
        return answer(document.text, document.source)


@pytest.fixture
def invoke() -> Run:
    def run(*args: object) -> Outcome:
        return CliRunner().invoke(app, ["annotations", *map(str, args)], obj=lambda model: FakeEngine())

    return run


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    folder = tmp_path / "marked"
    folder.mkdir()
    (folder / "r1.txt").write_bytes(GOLD.encode())
    return folder


# ── import and export ────────────────────────────────────────────────────────────────────────────────────────────────


def test_out_and_in_again(invoke: Run, marked: Path, tmp_path: Path) -> None:
    (marked / "r1.table.json").write_text("[]", encoding="utf-8")
    outcome = invoke("export", marked, tmp_path / "out.jsonl", "--format", "doccano")
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert "1 reports written" in outcome.stderr and "1 files *.table.json" in outcome.stderr
    outcome = invoke("import", tmp_path / "out.jsonl", "--into", tmp_path / "new")
    assert (outcome.exit_code, "1 reports added" in outcome.stderr) == (0, True)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["r1.txt"]
    assert (tmp_path / "new" / "r1.txt").read_bytes() == GOLD.encode()


def test_a_bad_report_keeps_all_others_out(invoke: Run, marked: Path, tmp_path: Path) -> None:
    good = {"name": "r2", "text": "7个", "entities": [[0, 2, "TARGET"]]}
    path = tmp_path / "a.jsonl"
    for bad, message in (
        (good | {"name": "r1"}, "'r1' is there already"),
        (good | {"name": "r3", "entities": [[0, 9, "TARGET"]]}, "line 2: mark 1: offsets 0-9"),
        (good | {"name": "r3", "text": "7个{}"}, "r3: line 1: stray brace near '7个{}'"),
        (good, "'r2' comes a second time"),
    ):
        path.write_text(f"{json.dumps(good)}\n{json.dumps(bad)}\n", encoding="utf-8")
        outcome = invoke("import", path, "--into", marked)
        assert (outcome.exit_code, outcome.stdout, outcome.stderr.count("\n")) == (1, "", 1)
        assert message in outcome.stderr
        assert [one.name for one in marked.iterdir()] == ["r1.txt"]


def test_a_text_enters_a_collection_once(invoke: Run, marked: Path, tmp_path: Path) -> None:
    text = parse(GOLD).text
    mark = [text.index("7个"), text.index("7个") + 2, "TARGET"]
    path = tmp_path / "a.jsonl"
    for reports, message in (
        ([{"name": "other", "text": text, "label": [mark]}], "other: the same text is in"),
        ([{"name": one, "text": "7个", "label": [[0, 2, "TARGET"]]} for one in ("x", "y")], "y: the same text is in report 'x'"),
    ):
        path.write_text("".join(f"{json.dumps(report)}\n" for report in reports), encoding="utf-8")
        outcome = invoke("import", path, "--into", marked)
        assert (outcome.exit_code, outcome.stderr.count("\n"), message in outcome.stderr) == (1, 1, True)
        assert [one.name for one in marked.iterdir()] == ["r1.txt"]


def test_reports_that_nobody_annotated_are_not_added(invoke: Run, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "r1.txt").write_text("签约7个。", encoding="utf-8")
    outcome = invoke("import", tmp_path / "plain", "--into", tmp_path / "new")
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (1, 1)
    assert "plain: not one mark in 1 reports" in outcome.stderr
    assert not (tmp_path / "new").exists()


def test_doubts_about_what_was_added_are_counted(invoke: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    shifted = {"name": "r1", "text": "项目15个", "label": [[3, 5, "TARGET"]]}
    empty = {"name": "r2", "text": "无。", "label": []}
    path.write_text(f"{json.dumps(shifted)}\n{json.dumps(empty)}\n", encoding="utf-8")
    outcome = invoke("import", path, "--into", tmp_path / "new")
    assert outcome.exit_code == 0
    assert (
        "doubtful in them: 1 cut number, 1 value without a name, 1 not one mark; `extractor annotations check" in outcome.stderr
    )
    said = invoke("check", tmp_path / "new", "--no-model").stdout.splitlines()
    assert said[-1] == "r2: not one mark: nothing is marked in the whole report; is it finished?"


def test_an_empty_collection_is_refused_by_every_command(invoke: Run, marked: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for args in (
        ["import", empty, "--into", marked],
        ["export", empty, tmp_path / "out", "--format", "brat"],
        ["check", empty],
        ["agree", empty, marked],
        ["suggest", empty, "--out", tmp_path / "out"],
    ):
        outcome = invoke(*args)
        assert (outcome.exit_code, outcome.stderr.count("\n")) == (1, 1), args
        assert "report here" in outcome.stderr
    assert not (tmp_path / "out").exists()


def test_two_files_of_one_name_are_refused(marked: Path) -> None:
    (marked / "r1.new.txt").write_bytes(GOLD.encode())
    with pytest.raises(AnnotationError, match=r"r1.txt: report 'r1' comes a second time"):
        load_all(marked)


# ── check ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{I1|投资}{T1|15}.65亿元", "'15' cuts the number '15.65亿元'"),
        ("{I1|投资}{T1|15.65}亿元", "cuts the number '15.65亿元'"),
        ("{I1|投资1}{T1|5个}", "INDICATOR '投资1' cuts the number '15'"),
        ("占{A1|71.4}%", "cuts the number '71.4%'"),
    ],
)
def test_marks_that_cut_a_number(text: str, words: str) -> None:
    assert words in next(cut_numbers(parse(text))).message


def test_whole_numbers_are_not_cut() -> None:
    assert not list(cut_numbers(parse("{I1|投资超10亿元项目}{T1|15.65亿元以上}、{T2|3-5家}")))


def test_values_alone() -> None:
    example = parse("{T1|7个}，{I2|项目}{T2|8个}，{T3|9个}，{A3|9个}")
    assert [remark.message[:12] for remark in values_alone(example)] == ["TARGET '7个' "]


def test_the_same_words_marked_two_ways() -> None:
    first = parse("新增{I1|城镇就业}{A1|30人}。新增{I2|城镇就业}{T2|30人}。", "r1")
    second = parse("\n{I1|新增城镇就业}{A1|30人}。{I2|签约}{A2|7个}", "r2")
    (remark,) = two_ways([first, second])
    assert (remark.report, remark.line, remark.kind) == ("r2", 2, Kind.TWO_WAYS)
    assert remark.message.endswith("in r1 line 1")


def test_a_sure_model_points_at_what_is_missing() -> None:
    example = parse("签约7个，{I1|投产}{A1|8个}")
    found = list(contradictions(example, answer(example.text).mentions))
    assert [(remark.kind, remark.line) for remark in found] == [(Kind.MISSED, 1)]
    relabelled = parse("{A1|7个}")
    assert [remark.kind for remark in contradictions(relabelled, answer("7个").mentions)] == [Kind.LABEL]


def test_rows_of_tables_are_not_missed() -> None:
    example = parse("签约7个，{I1|投产}{A1|8个}")
    in_table = [replace(mention, origin=Origin.TABLE) for mention in answer(example.text).mentions]
    assert not list(contradictions(example, in_table))


def test_without_a_model_nothing_is_missed() -> None:
    assert Kind.MISSED not in {remark.kind for remark in remarks([parse("签约7个，{I1|投产}{A1|8个}")], None)}


def test_check_names_broken_files_and_goes_on(invoke: Run, marked: Path) -> None:
    assert invoke("check", marked).exit_code == 0
    (marked / "r0.txt").write_text("甲\n{I1|签约{A1|8个}}", encoding="utf-8")
    (marked / "r2.txt").write_text("签约7个，{A1|8个}", encoding="utf-8")
    outcome = invoke("check", marked)
    assert outcome.exit_code == 1
    lines = outcome.stdout.splitlines()
    assert lines[0].startswith("r0: broken: ") and "r0.txt: line 2: stray brace" in lines[0]
    assert lines[1] == "r2: line 1: likely missed: nothing is marked where a model finds TARGET '7个' (97% sure)"
    assert lines[2].startswith("r2: line 1: value without a name")
    assert "2 reports checked: 1 broken" in outcome.stderr
    assert "not looked for" in invoke("check", marked, "--no-model").stderr


# ── agree ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_full_agreement() -> None:
    found = agree([parse(GOLD, "r1")], [parse(GOLD, "r1")])
    assert {name: count.f1 for name, count in found.scores.items() if count.tp} == dict.fromkeys(
        ("span", "span INDICATOR", "span TARGET", "span ACHIEVED", "link", "record"), 1.0
    )
    assert found.disagreements == ()


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("{I1|项目}{T1|7个}", "{I1|项目}{A1|7个}", [("label", "TARGET 7个", "ACHIEVED 7个")]),
        ("{I1|签约项目}{T1|7个}", "签约{I1|项目}{T1|7个}", [("border", "INDICATOR 签约项目", "INDICATOR 项目")]),
        ("{I1|项目}{T1|7个}和8个", "{I1|项目}{T1|7个}和{A1|8个}", [("missing", "", "ACHIEVED 8个")]),
        ("{I1|项目}{T1|7个}，{A2|8个}", "{I1|项目}{T1|7个}，{A1|8个}", [
            ("link", "", "INDICATOR 项目 – ACHIEVED 8个"),
            ("link", "", "TARGET 7个 – ACHIEVED 8个"),
        ]),
        ("{I1|项目}{T1|7个}，{I2<1|投资}{T2|8元}", "{I1|项目}{T1|7个}，{I2|投资}{T2|8元}", [
            ("parent", "INDICATOR 投资 – INDICATOR 项目", ""),
        ]),
    ],
)  # fmt: skip
def test_every_disagreement_is_told(first: str, second: str, told: list[tuple[str, str, str]]) -> None:
    found = agree([parse(first, "r1")], [parse(second, "r1")]).disagreements
    assert [(one.kind, one.first, one.second) for one in found] == told


def test_counts_are_the_same_from_either_side() -> None:
    first, second = parse("{I1|项目}{T1|7个}和8个", "r1"), parse("{I1|项目}{T1|7个}和{A1|8个}", "r1")
    assert agree([first], [second]).scores["link"].f1 == agree([second], [first]).scores["link"].f1 == 2 / 3


def test_an_annotation_in_the_shape_of_an_answer() -> None:
    mentions, records = as_found(parse("{I1|项目}{T1|7个}，{I2<1|投资}{M2|8元}"))
    assert mentions[0] == Mention(Label.INDICATOR, Span(0, 2))
    assert records[1] == Record(RecordKind.FUND, indicators=(2,), amounts=(3,), parent=0)


def test_agree_compares_only_the_same_text(invoke: Run, marked: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "r1.txt").write_bytes(GOLD.replace("实际", "其实").encode())
    outcome = invoke("agree", marked, other)
    assert (outcome.exit_code, "differ from character 10, line 2: '实际8个。' and '其实8个。'" in outcome.stderr) == (1, True)
    (other / "r1.txt").rename(other / "r2.txt")
    assert "no report of one name in both" in invoke("agree", marked, other).stderr


def test_agree_prints_figures_and_differences(invoke: Run, marked: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "r1.txt").write_bytes(GOLD.replace("{A1|8个}", "8个").encode())
    (other / "r2.txt").write_bytes(GOLD.encode())
    outcome = invoke("agree", marked, other)
    assert outcome.exit_code == 0
    assert outcome.stdout.splitlines()[-1] == "r1: line 2: missing: ACHIEVED 8个 | nothing"
    assert "not compared: r2" in outcome.stderr
    assert json.loads(invoke("agree", marked, other, "--json").stdout)["scores"]["span"] == {
        "f1": 0.8, "both": 2, "only_first": 1, "only_second": 0
    }  # fmt: skip


# ── suggest ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def of(name: str, text: str, *confidences: float) -> tuple[str, Draft]:
    return name, Draft(parse(text, name), confidences, "fake 1")


PROSE = "本项目按年度计划组织实施并通过验收，资金使用合规，群众反映良好，档案资料齐全。" * 20


def test_doubt_novelty_and_shortness_count() -> None:
    sure, doubtful = candidate(*of("sure", PROSE + "{T1|7个}", 0.99)), candidate(*of("doubtful", PROSE + "{T1|7个}", 0.5))
    strange = candidate(*of("strange", "".join(map(chr, range(0x4E00, 0x5200)))))
    long = candidate(*of("long", PROSE * 20 + "{T1|7个}", 0.5))
    assert [one.candidate.source for one in suggest([sure, long, doubtful], [PROSE], 1)] == ["doubtful"]
    assert [one.candidate.source for one in suggest([sure, strange], [PROSE], 1)] == ["strange"]


def test_what_one_suggestion_shows_is_no_longer_new() -> None:
    template = "".join(map(chr, range(0x4E00, 0x5200)))
    first, twin = candidate(*of("first", template)), candidate(*of("twin", template))
    other = candidate(*of("other", "".join(map(chr, range(0x6000, 0x6500)))))
    chosen = list(suggest([first, twin, other], [], 3))
    assert [one.candidate.source for one in chosen] == ["first", "other", "twin"]
    assert chosen[2].novelty == 0


def test_a_draft_holds_what_marks_can_hold() -> None:
    text = "项目\n甲7个，名称"
    mentions = (
        Mention(Label.INDICATOR, Span(0, 4), 0.9),  # across a line end
        Mention(Label.TARGET, Span(4, 6), 0.8),
        Mention(Label.INDICATOR, Span(7, 9), 0.7),  # in no record
    )
    record = Record(RecordKind.PERFORMANCE, indicators=(0,), targets=(1,))
    draft = draft_of(Result(Document("a", "", text), mentions, (None,) * 3, (record,), ModelInfo("fake", "1")), "r1")
    assert draft == Draft(parse("项目\n甲{T1|7个}，名称", "r1"), (0.8,), "fake 1")


def test_suggest_writes_drafts(invoke: Run, marked: Path, tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    (pool / "sub").mkdir(parents=True)
    for name, text in {
        "a.b.txt": "签约7个。",
        "sub/a-b.txt": "投产8个。",
        "c.txt": "{乙}8个",
        "empty.txt": "",
        "old.txt": parse(GOLD).text,
        "twin.txt": "签约7个。",
    }.items():
        (pool / name).write_bytes(text.encode())
    outcome = invoke("suggest", pool, "-n", 5, "--out", tmp_path / "out", "--annotated", marked)
    assert outcome.exit_code == 0, outcome.output
    assert len(outcome.stdout.splitlines()) == 4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a-b-2.txt",
        "a-b.txt",
        "label-studio.json",
        "label-studio.xml",
    ]
    assert load(tmp_path / "out" / "a-b.txt") == parse("签约{T1|7个}。", "a-b")
    assert {one.name for one in read(tmp_path / "out" / "label-studio.json", predictions=True)} == {"a-b", "a-b-2", "c"}
    for told in (
        "是空文件",
        "old.txt: annotated already",
        "twin.txt: the same text as",
        "not written with our marks: c: line 1: stray brace",
    ):
        assert told in outcome.stderr
