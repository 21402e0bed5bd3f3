"""The accuracy report on inline reports: every measure, and the page and the table that show them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("seqeval", reason="the train extra is not installed")

from lxml import html

from extractor.accuracy import page, wording
from extractor.accuracy.baseline import answer_by_rules
from extractor.accuracy.groups import grouped
from extractor.accuracy.learning import Fold, Point, load_curve, load_folds, to_json
from extractor.accuracy.measure import Accuracy, assess
from extractor.accuracy.mistakes import Kind, Mistake, mistakes
from extractor.accuracy.standards import nervaluate_kinds, seqeval_strict
from extractor.accuracy.table import table
from extractor.accuracy.worth import worth_scores
from extractor.annotations import parse
from extractor.building import Answer
from extractor.confidence import MENTION_FEATURES, RECORD_FEATURES, Calibration
from extractor.errors import AnnotationError
from extractor.metrics import Scores, span_scores
from extractor.types import Label, Mention, ModelInfo, Record, RecordKind, Span

REPORT = parse(
    "一、绩效目标\n{I1|新建泵站}{T1|不少于3座}。\n二、完成情况\n实际{I1|新建泵站}{A1|4座}，{I2|受益农户}{A2|2100户}。\n"
    "三、资金情况\n{I3|专项资金}{M3|120万元}。\n",
    "泵站",
)
INFO = ModelInfo("toy", "1")
CALIBRATION = Calibration((0.0, 1.0, *(0.0 for _ in MENTION_FEATURES[1:])), (2.0, *(0.0 for _ in RECORD_FEATURES)))


def right() -> Answer:
    """An answer without a mistake."""
    mentions = tuple(Mention(one.label, one.span, 0.9) for one in REPORT.mentions)
    records = (
        Record(RecordKind.PERFORMANCE, (0, 2), (1,), (3,)),
        Record(RecordKind.PERFORMANCE, (4,), (), (5,)),
        Record(RecordKind.FUND, (6,), amounts=(7,)),
    )
    return Answer(REPORT, mentions, records)


def wrong() -> Answer:
    """新建 missing from a name, a target called a result and alone, the sum of money missed, 实际 surplus."""
    mentions = list(right().mentions)
    first, last = mentions[0].span, mentions[1].span
    mentions[0] = replace(mentions[0], span=Span(first.start + 2, first.end))
    mentions[1] = Mention(Label.ACHIEVED, last, 0.4)
    actual = REPORT.text.index("实际")
    mentions = [*mentions[:7], Mention(Label.INDICATOR, Span(actual, actual + 2), 0.3)]
    records = (
        Record(RecordKind.PERFORMANCE, (0, 2), (), (3,)),
        Record(RecordKind.PERFORMANCE, (), (), (1,)),
        Record(RecordKind.PERFORMANCE, (4,), (), (5,)),
    )
    return Answer(REPORT, tuple(mentions), records)


def accuracy(
    *answers: Answer, seen: frozenset[str] = frozenset(), curve: Sequence[Point] = (), folds: Sequence[Fold] = ()
) -> Accuracy:
    others = {"rules only": [answer_by_rules(answer.example) for answer in answers]}
    return assess(INFO, answers, others, calibration=CALIBRATION, learned=seen, fitted=seen, curve=curve, folds=folds)


def test_no_mistake_is_no_edit() -> None:
    assert mistakes(right()) == []


def test_every_difference_is_one_edit() -> None:
    assert [(one.kind, words_of(one)) for one in mistakes(wrong())] == [
        (Kind.MISSED, "120万元"),
        (Kind.SURPLUS, "实际"),
        (Kind.BORDER, "新建泵站"),
        (Kind.LABEL, "不少于3座"),
        (Kind.LINK, "不少于3座"),
        (Kind.LINK, "专项资金"),
    ]


def words_of(mistake: Mistake) -> str:
    marked = mistake.gold or mistake.found
    assert marked is not None
    return mistake.text[marked.span.start : marked.span.end]


def test_a_mistake_shows_its_sentence_and_what_differs() -> None:
    lines = {one.kind: one.line() for one in mistakes(wrong())}
    assert lines[Kind.BORDER] == "泵站 border  INDICATOR 【新建泵站】不少于3座。 ⟦INDICATOR 泵站⟧"
    assert lines[Kind.LABEL].endswith("⟦ACHIEVED 不少于3座⟧")
    cut = next(page.pieces(one) for one in mistakes(wrong()) if one.kind is Kind.BORDER)
    assert cut == [("新建", "gold"), ("泵站", "both"), ("不少于3座。", "")]


@pytest.mark.parametrize(
    ("words", "scores"),
    [
        ("投入约2 万元", Scores(tp=1)),  # another border, the same number
        ("投入约2 万", Scores(fp=1, fn=1)),
        ("2 万元", Scores(fp=1, fn=1)),  # without 约 it is another number
    ],
)
def test_a_value_is_worth_its_number(words: str, scores: Scores) -> None:
    example = parse("{I1|修路}投入{M1|约2 万元}。")
    start = example.text.index(words)
    mention = Mention(Label.AMOUNT, Span(start, start + len(words)))
    assert worth_scores(Answer(example, (mention,), ())) == scores


def test_the_libraries_agree_with_our_counts() -> None:
    strict, kinds = seqeval_strict([wrong()]), nervaluate_kinds([wrong()])
    ours = span_scores(REPORT.mentions, wrong().mentions)
    assert (strict["micro avg"].precision, strict["micro avg"].recall) == (ours.precision, ours.recall)
    assert strict["TARGET"].recall == 0.0
    assert (kinds["strict"].f1, kinds["exact"].f1) == (ours.f1, 6 / 8)
    assert kinds["ent_type"].f1 == 6 / 8
    assert kinds["partial"].f1 == 6.5 / 8


def test_the_libraries_survive_nothing() -> None:
    empty = Answer(parse("无。"), (), ())
    assert seqeval_strict([empty]) == nervaluate_kinds([empty]) == {}


def test_groups_divide_mentions_and_records() -> None:
    groups = {grouping: {one.name: one for one in some} for grouping, some in grouped([right(), wrong()]).items()}
    assert groups["section"]["money"].spans == Scores(tp=3, fn=1)
    assert groups["section"]["goal"].spans == Scores(tp=2, fp=2, fn=2)
    assert groups["unit"]["money"].spans == Scores(tp=1, fn=1)
    assert groups["source"]["clean"].records == Scores(tp=4, fp=2, fn=2)
    for some in groups.values():
        assert all(wording.group_name(grouping, name) for grouping in groups for name in some)


def test_misread_digits_tell_a_scan() -> None:
    scanned = Answer(parse("2O23年{I1|修渠}{A1|12公里}。"), (), ())
    assert [one.name for one in grouped([scanned])["source"]] == ["ocr"]


def test_rules_alone_find_values_and_the_words_before() -> None:
    answer = answer_by_rules(REPORT)
    words = [(one.label, REPORT.text[one.span.start : one.span.end]) for one in answer.mentions]
    assert (Label.TARGET, "不少于3座") in words
    assert (Label.ACHIEVED, "2100户") in words
    assert (Label.AMOUNT, "120万元") in words
    assert (Label.INDICATOR, "受益农户") in words
    assert all(record.indicators and len(record.values) == 1 for record in answer.records)


def test_confidences_are_judged_by_a_fit_that_saw_none_of_the_reports() -> None:
    pair = [right(), wrong()] * 2
    unseen = accuracy(*pair).trusted
    assert unseen is not None and not unseen.refitted
    assert unseen.records.n == 12
    seen = accuracy(right(), wrong(), wrong(), right(), seen=frozenset(["泵站"])).trusted
    assert seen is not None and seen.refitted
    assert accuracy(right(), right(), seen=frozenset(["泵站"])).trusted is None  # nothing wrong to fit on


def test_a_twin_of_a_learned_report_flatters_as_that_does() -> None:
    twin = replace(right(), example=replace(REPORT, name="泵站-hard"))
    measured = accuracy(twin, seen=frozenset(["泵站"]))
    assert measured.learned == ("泵站-hard",)
    assert [group.name for group in measured.groups["source"]] == ["ocr"]
    assert accuracy(twin, seen=frozenset(["泵"])).learned == ()


def test_the_report_as_json() -> None:
    reported = json.loads(json.dumps(accuracy(right(), wrong()).to_dict()))
    assert reported["scores"]["record"]["right"] == 4
    assert reported["edits"] == {"missed": 1, "surplus": 1, "border": 1, "label": 1, "link": 2}
    assert reported["comparisons"][0]["other"] == "rules only"
    assert reported["mistakes"][0]["gold"]["text"] == "120万元"


def test_the_conclusions_come_in_words() -> None:
    said = "\n".join(wording.sentences(accuracy(*[right(), wrong()] * 3)))
    assert "每 100 个应当找到的数值，找到并且完全正确的有 75 个" in said
    assert "整条完全正确" not in said
    assert "人还要改 18 处，平均每份报告 3.0 处：漏标 3 处" in said
    assert "与“只用规则、不用模型”相比" in said


def test_figures_that_flatter_are_announced() -> None:
    warnings = list(wording.warnings(accuracy(right(), wrong(), seen=frozenset(["泵站"]))))
    assert "学习过" in warnings[0]
    assert "只有 2 份报告" in warnings[1]


@pytest.mark.parametrize(("share", "said"), [(0.0, "0"), (0.004, "1"), (0.946, "95"), (0.999, "99"), (1.0, "100")])
def test_almost_all_is_not_all(share: float, said: str) -> None:
    assert wording.per_hundred(share) == said


def test_the_page_stands_alone(tmp_path: Path) -> None:
    curve = [Point(50, 0.8, 0.7, 0.6), Point(100, 0.9, 0.8, 0.7)]
    page.write(accuracy(*[right(), wrong()] * 3, curve=curve), tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    tree = html.fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert not tree.xpath("//script | //link | //img | //@src | //@href")
    assert len(tree.xpath("//svg")) == 3
    assert tree.xpath("//div[@class='mistake']/mark[@class='gold']/text()").count("新建") == 3
    assert len(tree.xpath("//div[@class='mistake']")) == 18


def test_words_of_a_report_are_no_markup() -> None:
    example = parse("{I1|<b>修渠</b>}{A1|12公里}。")
    shown = page.page(accuracy(Answer(example, (), ()), right()))
    assert "&lt;b&gt;修渠" in shown and "<b>修渠" not in shown


def test_nothing_to_measure_still_gives_a_report() -> None:
    empty = accuracy(Answer(parse("没有数值。", "空"), (), ()))
    assert "准确性报告" in page.page(empty)
    assert "1 reports" in table(empty)


def test_the_table_for_a_terminal() -> None:
    lines = table(accuracy(right(), wrong())).splitlines()
    assert any(line.startswith("record") and line.endswith("4        2       2") for line in lines)
    assert "edits left: 1 missed, 1 surplus, 1 border, 1 label, 2 link" in lines


def test_a_learning_curve_is_read_by_size(tmp_path: Path) -> None:
    path = tmp_path / "curve.json"
    assert load_curve(path) == ()
    path.write_text(
        '[{"reports": 9, "span": 0.9, "link": 0.8, "record": 0.7}, {"reports": 3, "span": 0, "link": 0, "record": 0}]'
    )
    assert [point.reports for point in load_curve(path)] == [3, 9]


@pytest.mark.parametrize(
    ("read", "trained"),
    [(load_curve, [Point(3, 0.5, 0.4, 0.3), Point(9, 0.9, 0.8, 0.7)]), (load_folds, [Fold(1, 8, 2, 0.5, 0.4, 0.3)])],
)
def test_what_was_trained_is_read_as_it_was_written(
    read: Callable[[Path], tuple[Any, ...]], trained: list[Any], tmp_path: Path
) -> None:
    (tmp_path / "trained.json").write_text(to_json(trained[::-1]))
    assert read(tmp_path / "trained.json") == tuple(trained)


def test_folds_are_told_with_their_spread() -> None:
    shown = page.page(accuracy(right(), folds=[Fold(1, 8, 2, 0.9, 0.8, 0.7), Fold(2, 8, 2, 0.9, 0.8, 0.8)]))
    assert "把报告分成 2 组，轮流用其余各组训练、用这一组衡量，共 4 份" in shown
    assert "平均 75.0%，最低 70.0%，最高 80.0%" in shown
    assert "交叉验证" not in page.page(accuracy(right()))


@pytest.mark.parametrize("broken", ["{", "[1]", '[{"reports": 3}]', '[{"reports": 3, "f1": 1}]', '{"reports": 3}'])
def test_a_broken_learning_curve_is_refused(broken: str, tmp_path: Path) -> None:
    path = tmp_path / "curve.json"
    path.write_text(broken)
    with pytest.raises(AnnotationError, match=r"curve\.json: .*reports, span, link, record"):
        load_curve(path)
