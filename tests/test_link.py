"""Mentions → records, with a small model fitted on inline reports and a few annotated ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from extractor import link_training
from extractor.annotations import load, parse
from extractor.errors import ModelError
from extractor.link import STEPS, LinkModel, as_table, clusters, joint_rows, link
from extractor.link_features import CLAIMS, Atom, atom_view, may_join, pair_features, value_rows
from extractor.link_scene import Scene, scene
from extractor.link_training import LinkConfig, annexed, disturbed, fit, study
from extractor.metrics import Scores, found_groups, gold_groups, link_scores, record_scores
from extractor.schema import fund_role
from extractor.segment import outline
from extractor.trees import from_sklearn
from extractor.types import Document, Example, Label, Mention, Record, RecordKind

REPORTS = Path(__file__).parent.parent / "annotations" / "reports"
LEARNED = ("r101", "r102", "r105", "r405", "r505", "r603", "r905", "r906", "r201", "r205")
QUICK = LinkConfig(copies=0, rounds=40, folds=2)

TITLE = "青禾县水利局2022年度绩效自评报告\n"
GOALS = "二、绩效目标\n{I1|新修渠道}{T1|8公里}；{I2|培训管水员}{T2|60人次}；{I3|群众满意度}{T3|≥90%}。\n"
RESULTS = (
    "三、绩效目标完成情况\n全年{I1|新修渠道}{A1|9.2公里}，完成目标的{A1|115%}；{I2|培训管水员}{A2|66人次}。"
    "{I3|群众满意度}{A3|93.5%}。\n"
)
MONEY = "一、资金情况\n{I1|年初预算}{M1|120万元}，{I2|实际支出}{M2|114万元}，{I3|预算执行率}{A3|95%}。\n"


@pytest.fixture(scope="module")
def model() -> LinkModel:
    return fit([load(REPORTS / f"{name}.txt") for name in LEARNED], QUICK)


def mentions_of(example: Example) -> list[Mention]:
    return [Mention(mention.label, mention.span) for mention in example.mentions]


def records_of(example: Example, model: LinkModel) -> list[Record]:
    return link(example.text, mentions_of(example), outline(Document(example.name, "", example.text)), model)


def view_of(marked: str) -> Scene:
    example = parse(marked)
    return scene(example.text, mentions_of(example), outline(Document("", "", example.text)))


@pytest.mark.parametrize(
    "marked",
    [
        MONEY,
        RESULTS,
        "一、完成情况\n{I1|种植行道树}目标{T1|300棵}，实际完成{A1|310棵}，完成率{A1|103.33%}。\n",
        "一、完成情况\n{I1|渠道完好率}、{I2|闸门完好率}分别为{A1|97.8%}和{A2|99.1%}。\n",
        "一、完成情况\n{I1|渠道完好率}和{I2|闸门完好率}均达到{A1,2|100%}。\n",
        GOALS + RESULTS,
    ],
)
def test_records(marked: str, model: LinkModel) -> None:
    example = parse(TITLE + marked)
    found = records_of(example, model)
    assert set(found_groups(mentions_of(example), found)) == set(gold_groups(example))


def test_fields_of_a_record(model: LinkModel) -> None:
    example = parse(TITLE + MONEY)
    budget, paid, rate = records_of(example, model)
    assert (budget.kind, budget.role, budget.name) == (RecordKind.FUND, "budget", "年初预算")
    assert (paid.role, paid.amounts) == ("paid", (3,))
    assert (rate.kind, rate.role, rate.section) == (RecordKind.PERFORMANCE, None, ("一、资金情况",))
    assert rate.period is not None
    assert (rate.period.start.year, rate.period.end.year) == (2022, 2022)
    assert all(0.0 < record.confidence <= 1.0 for record in (budget, paid, rate))


def test_part_names_its_whole(model: LinkModel) -> None:
    marked = TITLE + "一、资金情况\n全年{I1|支出}{M1|100万元}，其中{I2<1|渠道维修支出}{M2|70万元}、{I3<1|巡查支出}{M3|30万元}。\n"
    whole, *parts = records_of(parse(marked), model)
    assert whole.parent is None
    assert [part.parent for part in parts] == [0, 0]


def test_a_name_without_value_is_in_no_record_and_every_value_is_in_one(model: LinkModel) -> None:
    example = load(REPORTS / "r904.txt")
    mentions = mentions_of(example)
    for chance in map(random.Random, range(3)):
        kept = sorted(chance.sample(mentions, len(mentions) * 2 // 3), key=lambda mention: mention.span)
        records = link(example.text, kept, outline(Document("", "", example.text)), model)
        values = [position for position, mention in enumerate(kept) if mention.label.is_value]
        assert sorted({value for record in records for value in record.values}) == values
        for record in records:
            assert record.values
            assert not (record.amounts and (record.targets or record.achieved))


def test_nothing_to_link(model: LinkModel) -> None:
    view = outline(Document("", "", "无。"))
    assert link("无。", [], view, model) == []
    assert link("无。", [Mention(Label.INDICATOR, parse("{I1|无}{A1|1}").mentions[0].span)], view, model) == []


def test_unseen_reports(model: LinkModel) -> None:
    examples = [load(REPORTS / f"{name}.txt") for name in ("r904", "r911")]
    total_links = total_records = Scores()
    for example in examples:
        mentions, records = mentions_of(example), records_of(example, model)
        total_links += link_scores(example, mentions, records)
        total_records += record_scores(example, mentions, records)
    assert (total_links.f1 or 0.0) > 0.95
    assert (total_records.f1 or 0.0) > 0.9


def test_a_saved_model_links_as_before(model: LinkModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".npz"}
    example = load(REPORTS / "r904.txt")
    assert records_of(example, LinkModel.load(tmp_path)) == records_of(example, model)


def _without_settings(directory: Path) -> None:
    (directory / "linker.json").unlink()


def _of_another_version(directory: Path) -> None:
    path = directory / "linker.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"version": 1', '"version": 999'), encoding="utf-8")


def _with_a_broken_array(directory: Path) -> None:
    (directory / "linker.npz").write_bytes(b"no archive")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_without_settings, "no readable linker"),
        (_of_another_version, "version 999"),
        (_with_a_broken_array, "no readable linker"),
    ],
)
def test_a_spoilt_model_is_refused(spoil: Callable[[Path], None], message: str, model: LinkModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    spoil(tmp_path)
    with pytest.raises(ModelError, match=message):
        LinkModel.load(tmp_path)


def marked_words(example: Example) -> list[tuple[str, str, tuple[int, ...]]]:
    return sorted((one.label, example.text[one.span.start : one.span.end], one.records) for one in example.mentions)


def test_a_chapter_of_goals_becomes_an_annex() -> None:
    example = parse(TITLE + GOALS + RESULTS)
    moved = annexed(example, outline(Document("", "", example.text)))
    assert moved.text.endswith("附件：绩效目标\n新修渠道8公里；培训管水员60人次；群众满意度≥90%。\n")
    assert marked_words(moved) == marked_words(example)
    assert [one.span for one in moved.mentions] == sorted(one.span for one in moved.mentions)
    assert outline(Document("", "", moved.text)).section_at(moved.mentions[-1].span.start) == ("附件：绩效目标",)


def test_a_report_without_a_chapter_of_goals_has_no_annex() -> None:
    example = parse(TITLE + RESULTS + "四、问题\n无。\n")
    assert annexed(example, outline(Document("", "", example.text))) is example


def test_results_go_with_the_goals_they_are_nearest_to() -> None:
    """One result alone could be that of either year; three that are each nearer to the goals of this year tell."""
    text = (
        "一、三年目标\n{I1|新修渠道}{T1|24公里}，{I2|培训管水员}{T2|180人次}，{I3|改造泵站}{T3|9座}。\n"
        "二、当年目标\n{I4|新修渠道}{T4|8公里}，{I5|培训管水员}{T5|60人次}，{I6|改造泵站}{T6|3座}。\n"
        "三、完成情况\n{I4|新修渠道}{A4|8.2公里}，{I5|培训管水员}{A5|66人次}，{I6|改造泵站}{A6|3座}。\n"
    )
    example = parse(text)
    one = study(example, outline(Document("", "", example.text)))
    views = [atom_view(one.view, atom, at) for at, atom in enumerate(one.atoms)]
    pairs = [(a, b) for b in range(6, 9) for a in range(6)]
    rows = [pair_features(one.view, views[a], views[b]) for a, b in pairs]
    told = joint_rows(views, rows, pairs, as_table(pairs, np.full(len(pairs), 0.1), len(views)))
    of_pair = dict(zip(pairs, told, strict=True))
    assert of_pair[0, 6]["nearer_places"] == 0 and of_pair[3, 6]["nearer_places"] == 1
    assert of_pair[3, 6]["contests"] == 3
    assert of_pair[3, 6]["nearer_by_b"] > 1 > of_pair[0, 6]["nearer_by_b"]


def test_two_processes_learn_what_one_does(model: LinkModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_training, "MANY", 1)
    apart = fit([load(REPORTS / f"{name}.txt") for name in LEARNED], QUICK)
    for part in STEPS:
        one, other = getattr(model, part), getattr(apart, part)
        assert one.features == other.features
        for name, array in one.forest.arrays().items():
            assert np.array_equal(array, other.forest.arrays()[name])


def test_fitting_needs_right_and_wrong_rows() -> None:
    with pytest.raises(ValueError, match="right and wrong"):
        fit([parse("{I1|修渠}{A1|9公里}。")], QUICK)


def test_exported_trees_agree_with_scikit_learn() -> None:
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(2500, 5)).round(1)
    right = (rows[:, 0] * rows[:, 1] > rows[:, 2]).astype(bool)
    with threadpool_limits(1):
        trees = HistGradientBoostingClassifier(max_iter=20, early_stopping=False, random_state=0).fit(rows, right)
    np.testing.assert_allclose(from_sklearn(trees).probability(rows), trees.predict_proba(rows)[:, 1], atol=1e-9)


def test_money_never_joins_a_performance_value() -> None:
    view = view_of("{I1|宣传经费}{M1|5万元}，{I2|宣传经费}{A2|5次}，{I3|宣传经费}{M3|6万元}。")
    money, other, more = Atom(0, (1,)), Atom(2, (3,)), Atom(4, (5,))
    assert not may_join(view, money, other)
    assert may_join(view, money, more)


def test_values_of_a_later_list_belong_to_the_names_in_the_same_places() -> None:
    view = view_of("{I1|修渠}{A1|9公里}，{I2|种树}{A2|300棵}，分别完成任务的{A1|90%}和{A2|75%}。")
    assert view.partners == {4: 0, 5: 2}
    plain = view_of("{I1|修渠}{A1|9公里}，{I2|培训}{A2|3期}、{A2|75人次}。")
    assert plain.partners == {}


def test_arithmetic_explains_rates_growth_and_differences() -> None:
    view = view_of("{I1|修渠}{T1|8公里}，实际{A1|9.2公里}，完成率{A1|115%}，多{A1|1.2公里}，{A1|增长15.0%}，{A1|42%}。")
    assert [view.explains(view.own_values[0], value) for value in (3, 4, 5, 6)] == [True, True, True, False]


def test_results_tell_by_their_differences_which_list_of_goals_they_are_measured_by() -> None:
    view = view_of(
        "一、绩效目标\n（一）三年目标\n{I1|修渠}{T1|24公里}，{I2|种树}{T2|900棵}。\n（二）年度目标\n{I3|修渠}{T3|8公里}，{I4|种树}{T4|300棵}。\n"
        "二、完成情况\n{I3|修渠}{A3|7公里}，比目标{A3|少1公里}；{I4|种树}{A4|310棵}。\n"
    )
    atoms = [Atom(0, (1,)), Atom(2, (3,)), Atom(4, (5,)), Atom(6, (7,)), Atom(8, (9, 10)), Atom(11, (12,))]
    views = [atom_view(view, atom, at) for at, atom in enumerate(atoms)]
    pairs = [(0, 4), (2, 4), (1, 5), (3, 5)]
    first = [pair_features(view, views[a], views[b]) for a, b in pairs]
    assert [(row["agrees"], row["disagrees"]) for row in first] == [(0, 1), (1, 0), (0, 0), (0, 0)]
    rows = joint_rows(views, first, pairs, as_table(pairs, np.full(len(pairs), 0.6), len(views)))
    assert [row["votes"] for row in rows] == [1, 2, 1, 2]
    assert [row["votes_ahead"] > 0 for row in rows] == [False, True, False, True]


def test_rows_compare_the_claims_of_rivals() -> None:
    view = view_of("{I1|修渠}、{I2|种树}分别为{A1|9公里}和{A2|300棵}。")
    first, second = value_rows(view, 2)
    assert (first["paired"], first["other_paired"], second["paired"], second["other_paired"]) == (1.0, 0.0, 0.0, 1.0)
    assert set(first) >= {f"other_{claim}" for claim in CLAIMS}


def test_atoms_that_cannot_be_one_record_are_never_together() -> None:
    table = np.array([[0.0, 0.9, 0.0], [0.9, 0.0, 0.9], [0.0, 0.9, 0.0]])
    assert clusters(table, [(0, 1), (1, 2)]) in ([[0, 1], [2]], [[0], [1, 2]])
    assert clusters(table, [(0, 1), (0, 2), (1, 2)]) in ([[0, 1, 2]], [[0, 1], [2]], [[0], [1, 2]])


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("年末结转", "carried-over"),
        ("实际支出", "paid"),
        ("到位资金", "allocated"),
        ("全年预算数", "budget"),
        ("固定资产", "other"),
    ],
)
def test_fund_roles(name: str, role: str) -> None:
    assert fund_role([name]) == role


def test_gold_groups_survive_a_study() -> None:
    example = parse(TITLE + GOALS + RESULTS)
    seen = study(example, outline(Document("", "", example.text)))
    assert [seen.records(atom) for atom in seen.atoms] == [{1}, {2}, {3}, {1}, {2}, {3}]


def test_disturbed_reports_keep_order_and_text() -> None:
    example = load(REPORTS / "r904.txt")
    config = LinkConfig(drop_rate=0.2, add_rate=0.3, move_rate=0.3)
    rough = disturbed(example, config, random.Random(1))
    spans = [mention.span for mention in rough.mentions]
    assert rough.text == example.text
    assert all(one.end <= two.start for one, two in pairwise(spans))
    assert any(not mention.records for mention in rough.mentions)
    assert rough == disturbed(example, config, random.Random(1))


def test_a_very_long_report_is_linked_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from extractor import link as module

    monkeypatch.setattr(module, "MOST_MENTIONS", 6)
    chapters = enumerate("一二三四五六七", start=1)
    marked = "".join(f"第{number}章 项目\n{{I{k}|新建泵站}}{{T{k}|{k}座}}。\n" for k, number in chapters)
    example = parse(marked)
    mentions = [Mention(mention.label, mention.span) for mention in example.mentions]
    ranges = module.parts(mentions, outline(Document("", "", example.text)))
    assert [k for part in ranges for k in part] == list(range(len(mentions)))
    assert all(len(part) <= 6 for part in ranges)


def test_positions_move_behind_those_of_earlier_parts() -> None:
    record = Record(RecordKind.PERFORMANCE, indicators=(0,), targets=(1,), achieved=(2,), parent=1)
    there = record.moved((10).__add__, (4).__add__)
    assert there == Record(RecordKind.PERFORMANCE, indicators=(10,), targets=(11,), achieved=(12,), parent=5)
