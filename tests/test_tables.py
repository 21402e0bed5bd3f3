"""Tables with cells → records: heads by meaning, merged cells, sections of a form, values in cells."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import pytest

from extractor.readers.parts import DraftCell
from extractor.schema import Column
from extractor.segment import outline
from extractor.tables import Reading, read, recognise, understood
from extractor.tables.cells import values
from extractor.tables.headers import column_of, column_of_path
from extractor.types import Document, Label, Quantity, Record, RecordKind, Relation, Span
from tests.grids import FORM, report

HEAD = "一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分"


def reading(document: Document) -> Reading:
    return read(document, recognise(document), lambda offset: ())


def words(document: Document, found: Reading, mentions: Sequence[int]) -> list[str]:
    return [document.text[found.mentions[m].span.start : found.mentions[m].span.end] for m in mentions]


def rows(*table: str) -> list[tuple[str | None, str | None, str | None, list[str], list[str], str | None, str | None]]:
    document = report(table)
    found = reading(document)
    return [
        (r.level1, r.level2, r.name, words(document, found, r.targets), words(document, found, r.achieved), r.weight, r.score)
        for r in found.records
        if r.kind is RecordKind.PERFORMANCE
    ]


def only_quantities(*table: str) -> list[tuple[Quantity | None, ...]]:
    found = reading(report(table))
    return [tuple(found.quantities[m] for m in record.values) for record in found.records]


def quantity(value: str, unit: str, relation: Relation = Relation.EQUAL) -> tuple[Decimal, str, Relation]:
    return Decimal(value), unit, relation


def plain(read: Quantity | None) -> object:
    return None if read is None else (read.value, read.unit, read.relation)


# ── Heads ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("head", "column"),
    [
        ("年度指标值", Column.TARGET),
        ("2022年目标值", Column.TARGET),
        ("年初设定目标值", Column.TARGET),
        ("评价年度预期值", Column.TARGET),
        ("计划完成值", Column.TARGET),
        ("指标值（包含数字及文字描述）", Column.TARGET),
        ("全年实际完成值", Column.ACHIEVED),
        ("评价年度实现值", Column.ACHIEVED),
        ("完成 情况", Column.ACHIEVED),
        ("分值（权重）", Column.WEIGHT),
        ("标准分", Column.WEIGHT),
        ("单位自评得分", Column.SCORE),
        ("未达标原因分析", Column.REASON),
        ("偏差原因分析及\n改进措施", Column.REASON),
        ("度量单位", Column.UNIT),
        ("指标性质", Column.RELATION),
        ("指标完成率", Column.COMPLETION),
        ("评分标准", None),
        ("上年完成值", None),
        ("天气", None),
    ],
)
def test_heads_by_meaning(head: str, column: Column | None) -> None:
    assert column_of(head) is column


@pytest.mark.parametrize(
    ("path", "column"),
    [
        (("一级指标", "名称"), Column.LEVEL1),
        (("一级指标", "权重(%)"), Column.LEVEL1_WEIGHT),
        (("三级指标", "权重(%)"), Column.WEIGHT),
        (("评价指标", "二级指标", "名称"), Column.LEVEL2),
        (("年度指标值", "定量"), Column.TARGET),
    ],
)
def test_stacked_heads(path: tuple[str, ...], column: Column) -> None:
    assert column_of_path(path) is column


def test_an_unknown_head_is_a_problem_and_its_column_is_kept() -> None:
    found = reading(report(["三级指标 | 指标值 | 完成值 | 天气", "新建泵站 | 3座 | 3座 | 晴"]))
    assert [record.extras for record in found.records] == [(("天气", "晴"),)]
    assert [problem.message for problem in found.problems] == [
        "表格列“天气”含义不明，已原样保留；可识别的列有指标、指标值、完成值、分值、得分、原因等"
    ]


# ── The form ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_indicators_of_the_form() -> None:
    assert rows(*FORM) == [
        ("产出指标(50分)", "数量指标", "新建泵站", ["≥3座"], ["3"], "10", "10"),
        ("产出指标(50分)", "数量指标", "改造渠道长度（公里）", ["12"], ["12.6"], "10", "10"),
        ("产出指标(50分)", "质量指标", "验收合格率", ["100%"], ["100"], "10", "10"),
        ("产出指标(50分)", "时效指标", "完工时间", ["2022年12月底前"], ["2023年1月"], "20", "18"),
        ("效益指标(40分)", "社会效益指标", "受益群众", ["约1.2万人"], ["1.3万人"], "40", "40"),
    ]


def test_numbers_take_the_unit_of_their_row() -> None:
    found = reading(report(FORM))
    shown = [tuple(plain(found.quantities[m]) for m in r.values) for r in found.records if r.kind is RecordKind.PERFORMANCE]
    assert shown == [
        (quantity("3", "座", Relation.AT_LEAST), quantity("3", "座")),
        (quantity("12", "公里"), quantity("12.6", "公里")),
        (quantity("100", "%"), quantity("100", "%")),
        (None, None),
        (quantity("12000", "人", Relation.ABOUT), quantity("13000", "人")),
    ]


def test_the_funding_block_of_the_form() -> None:
    found = reading(report(FORM))
    funds = [record for record in found.records if record.kind is RecordKind.FUND]

    def shown(record: Record) -> tuple[object, ...]:
        read = found.quantities[record.amounts[0]]
        parent = None if record.parent is None else found.records[record.parent].name
        return record.name, record.role, read and read.value, read and read.unit, record.score, parent

    assert [shown(record) for record in funds] == [
        ("年度资金总额·年初预算数", "budget", Decimal(1200000), "元", None, None),
        ("年度资金总额·全年预算数", "budget", Decimal(1505000), "元", None, None),
        ("年度资金总额·全年执行数", "paid", Decimal(1492000), "元", "9.91", None),
        ("其中：当年财政拨款·年初预算数", "budget", Decimal(1200000), "元", None, "年度资金总额·年初预算数"),
        ("其中：当年财政拨款·全年预算数", "budget", Decimal(1400000), "元", None, "年度资金总额·全年预算数"),
        ("其中：当年财政拨款·全年执行数", "paid", Decimal(1390000), "元", None, "年度资金总额·全年执行数"),
        ("上年结转资金·全年预算数", "budget", Decimal(105000), "元", None, "年度资金总额·全年预算数"),
        ("上年结转资金·全年执行数", "paid", Decimal(102000), "元", None, "年度资金总额·全年执行数"),
    ]
    assert funds[2].extras == (("执行率", "99.14%"),)


def test_the_head_of_the_form() -> None:
    document = report(FORM)
    facts = [(fact.name, document.text[fact.span.start : fact.span.end]) for fact in reading(document).facts]
    assert facts == [
        ("评价年度", "2022"),
        ("项目名称", "清河县农村饮水工程"),
        ("主管部门", "清河县水利局"),
        ("实施单位", "清河县水利工程站"),
    ]


def test_the_account_of_the_form() -> None:
    account = reading(report(FORM)).accounts[0]
    assert (account.n_rows, account.recorded) == (18, (5, 6, 7, 12, 13, 14, 15, 16))
    assert account.left == (
        (0, "表名"),
        (1, "基本信息"),
        (2, "基本信息"),
        (3, "基本信息"),
        (4, "表头"),
        (8, "没有填写金额"),
        (9, "表头"),
        (10, "总体目标，按正文处理"),
        (11, "表头"),
        (17, "合计行"),
    )
    assert (account.weight, account.score) == ("100", "97.91")


def test_only_the_goals_of_the_form_are_prose() -> None:
    document = report("一、项目概况", FORM)
    view = outline(document, understood(recognise(document)))
    prose = [document.text[span.start : span.end] for span in view.paragraphs]
    assert prose == ["一、项目概况", "新建泵站3座，改造渠道12公里。", "新建泵站3座，改造渠道12.6公里。"]
    goal, result = (document.text.index(words) for words in prose[1:])
    assert (view.section_at(goal), view.section_at(result)) == (("预期目标",), ("实际完成情况",))


# ── Shapes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_blank_levels_are_those_of_the_row_above_until_a_higher_one_changes() -> None:
    found = rows(
        HEAD,
        "产出 | 数量 | 建桥 | 3座 | 3座 | 20 | 20",
        " |  | 修路 | 5公里 | 5公里 | 20 | 20",
        "效益 |  | 受益 | 9人 | 9人 | 20 | 20",
    )
    assert [row[:3] for row in found] == [("产出", "数量", "建桥"), ("产出", "数量", "修路"), ("效益", None, "受益")]


def test_heads_of_three_rows_with_weights_of_every_level() -> None:
    document = report(
        [
            "评价指标 | << | << | << | << | << | 评价年度预期值 | 评价年度实现值 | 自评分数",
            "一级指标 | << | 二级指标 | << | 三级指标 | << | ^^ | ^^ | ^^",
            "名称 | 权重(%) | 名称 | 权重(%) | 名称 | 权重(%) | ^^ | ^^ | ^^",
            "决策 | 20 | 资金管理 | 12 | 资金支出率 | 12 | / | / | 11.96",
            "产出 | 80 | 数量指标 | 8 | 举办活动场次 | 8 | 24场 | 25场 | 8",
        ]
    )
    found = reading(document)
    assert [(r.level1, r.level2, r.name, r.weight, r.score, len(r.values)) for r in found.records] == [
        ("决策", "资金管理", "资金支出率", "12", "11.96", 0),
        ("产出", "数量指标", "举办活动场次", "8", "8", 2),
    ]
    assert found.records[0].extras == (("一级指标 权重(%)", "20"), ("二级指标 权重(%)", "12"))
    assert [why for _, why in found.accounts[0].left] == ["表头"] * 3


def test_bound_and_unit_in_columns_of_their_own() -> None:
    document = report(
        ["三级指标 | 指标性质 | 指标值 | 度量单位 | 完成值", "参保人数 | ≥ | 1.2 | 万人 | 1.3", "服务质量 | 定性 | 优 | | 良"]
    )
    found = reading(document)
    assert [[plain(found.quantities[m]) for m in r.values] for r in found.records] == [
        [quantity("12000", "人", Relation.AT_LEAST), quantity("13000", "人")],
        [None, None],
    ]


def test_a_sign_and_its_number_under_one_head() -> None:
    found = only_quantities("三级指标 | 指标值 | << | 完成值", "合格率 | ≥ | 90% | 95%")
    assert [[plain(one) for one in values] for values in found] == [[quantity("90", "%", Relation.AT_LEAST), quantity("95", "%")]]


def test_a_row_about_the_budget_is_no_head_of_a_funding_block() -> None:
    found = rows(HEAD, "预算执行 | 预算执行 | 预算执行率 | 100% | 96.2% | 10 | 9.6", "产出 | 数量 | 建桥 | 3座 | 3座 | 20 | 20")
    assert [row[2] for row in found] == ["预算执行率", "建桥"]


def test_points_that_rows_share_stand_once() -> None:
    table = ("三级指标 | 指标值 | 完成值 | 分值", "建桥 | 100% | 100% | 20", "修路 | ^^ | 90% | ^^")
    assert [(row[2], row[3], row[5]) for row in rows(*table)] == [("建桥", ["100%"], "20"), ("修路", ["100%"], None)]


def test_the_column_of_the_reports_year_is_taken() -> None:
    document = report(
        "清河县2022年度绩效自评报告",
        ["指标名称 | 2021年完成值 | 2022年目标值 | 2022年完成值", "建桥 | 1座 | 3座 | 2座"],
    )
    found = reading(document)
    assert [words(document, found, record.values) for record in found.records] == [["3座", "2座"]]
    assert found.records[0].extras == (("2021年完成值", "1座"),)
    assert found.records[0].period is not None and found.records[0].period.end.year == 2022


def test_a_table_goes_on_after_the_page_with_or_without_its_head() -> None:
    first = (HEAD, "产出 | 数量 | 建桥 | 3座 | 3座 | 20 | 20")
    second = (" |  | 植树 | 9棵 | 9棵 | 10 | 9", HEAD, "效益 | 社会 | 受益 | 5人 | 5人 | 50 | 50")
    found = reading(report(first, second))
    assert [(r.level1, r.level2, r.name) for r in found.records] == [
        ("产出", "数量", "建桥"),
        ("产出", "数量", "植树"),
        ("效益", "社会", "受益"),
    ]
    assert [account.left for account in found.accounts] == [((0, "表头"),), ((1, "重复的表头"),)]


def test_a_paragraph_ends_a_table() -> None:
    found = reading(report((HEAD, "产出 | 数量 | 建桥 | 3座 | 3座 | 20 | 20"), "附表：", ("甲 | 乙 | 丙 | 1 | 2 | 3 | 4",)))
    assert [account.recorded for account in found.accounts] == [(1,), ()]


def test_two_projects_in_one_table() -> None:
    head = "一级指标 | 三级指标 | 指标值 | 完成值"
    table = ("项目名称 | 甲工程 | 主管部门 | 水利局", head, "产出 | 建桥 | 3座 | 3座", "项目名称 | 乙工程 | 主管部门 | 农业局")
    document = report((*table, head, "产出 | 修路 | 5公里 | 5公里"))
    found = reading(document)
    assert [record.name for record in found.records] == ["建桥", "修路"]
    assert [document.text[fact.span.start : fact.span.end] for fact in found.facts] == ["甲工程", "水利局", "乙工程", "农业局"]


def test_amounts_beside_their_names() -> None:
    document = report(
        "金额单位：万元",
        [
            "基本情况 | 项目名称 | 口岸管理费 | 评价年度 | 2023 | |",
            "资金情况 | 资金安排情况 | 预算计划安排 | 290.5 | | |",
            "^^ | 资金使用情况 | 实际支出金额 | 市本级 | 280 | 转移支付至下级 | 10",
        ],
    )
    found = reading(document)
    assert [(r.name, r.role, [found.quantities[m].value for m in r.amounts if found.quantities[m]]) for r in found.records] == [  # type: ignore[union-attr]
        ("资金情况·资金安排情况·预算计划安排", "budget", [Decimal(2905000)]),
        ("资金情况·资金使用情况·实际支出金额·市本级", "paid", [Decimal(2800000)]),
        ("资金情况·资金使用情况·实际支出金额·转移支付至下级", "paid", [Decimal(100000)]),
    ]


def test_amounts_without_a_unit_are_a_problem() -> None:
    found = reading(report(["项目名称 | 预算数 | 执行数 | 执行率", "甲 | 10 | 9 | 90%"]))
    assert [problem.message for problem in found.problems] == [
        "资金金额没有注明单位，未换算；表头或表前应写明“单位：万元”或“单位：元”"
    ]


def test_other_tables_are_left_alone() -> None:
    document = report(["镇街 | 户数 | 面积", "甲镇 | 12 | 33.5亩"])
    tables = recognise(document)
    assert understood(tables) == []
    assert read(document, tables, lambda offset: ()).accounts[0].left == (
        (0, "不是指标、资金或基本信息"),
        (1, "不是指标、资金或基本信息"),
    )


# ── Values in cells ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("≥90%", [("≥90%", quantity("90", "%", Relation.AT_LEAST))]),
        ("约40万条", [("约40万条", quantity("400000", "条", Relation.ABOUT))]),
        ("0", [("0", quantity("0", ""))]),
        ("≥100百分比", [("≥100百分比", quantity("100", "%", Relation.AT_LEAST))]),
        ("15.65\n亿元", [("15.65\n亿元", quantity("1565000000", "元"))]),
        ("完成率达到95%", [("完成率达到95%", quantity("95", "%"))]),
        ("8个，协议金额7.5亿元", [("8个", quantity("8", "个")), ("7.5亿元", quantity("750000000", "元"))]),
        ("/", []),
        (" — ", []),
        ("", []),
        ("2023年12月底前", [("2023年12月底前", None)]),
        ("2022.12", [("2022.12", None)]),
        ("有效提升", [("有效提升", None)]),
        ("优于2级标准", [("优于2级标准", None)]),
        ("增长（待任务下达后修正）", [("增长（待任务下达后修正）", None)]),
    ],
)
def test_values_of_a_cell(cell: str, found: list[tuple[str, object]]) -> None:
    spans = (Span(0, len(cell)),) if cell.strip() else ()
    assert [(cell[v.span.start : v.span.end], plain(v.quantity)) for v in values(cell, spans)] == found


@pytest.mark.parametrize(
    ("target", "achieved", "unit"),
    [("≥50个", "50", "个"), ("95%", "0.98", ""), ("≤5%", "3", "%"), ("1,200人次", "1,260", "人次")],
)
def test_a_bare_number_takes_the_unit_of_the_other_value(target: str, achieved: str, unit: str) -> None:
    ((_, read),) = only_quantities("三级指标 | 指标值 | 完成值", f"某事 | {target} | {achieved}")
    assert read is not None and read.unit == unit


def test_the_completion_rate_is_a_value_beside_counts_only() -> None:
    table = ("三级指标 | 指标值 | 完成值 | 完成率", "建桥 | 3座 | 2座 | 66.7%", "合格率 | 90% | 95% | 105.6%")
    assert [row[4] for row in rows(*table)] == [["2座", "66.7%"], ["95%"]]


def test_a_count_in_the_indicators_own_name_is_the_target_where_the_table_states_none() -> None:
    table = (HEAD, "产出 | 数量 | 签约产业项目8个 | | 9个 | 10 | 10", "产出 | 数量 | 修桥3座 | 100% | 3座 | 10 | 10")
    document = report(table)
    found = reading(document)
    first, second = found.records
    assert (words(document, found, first.indicators), words(document, found, first.targets)) == (["签约产业项目"], ["8个"])
    assert first.name == "签约产业项目8个"
    assert words(document, found, second.targets) == ["100%"]


@pytest.mark.parametrize("name", ["完成年限3年", "服务65岁以上老人", "2个", "评定等级达到2级"])
def test_other_numbers_in_names_are_no_targets(name: str) -> None:
    (record,) = reading(report((HEAD, f"产出 | 数量 | {name} | / | 3个 | 10 | 10"))).records
    assert record.targets == ()


def test_a_row_torn_by_the_end_of_a_page_is_one_row() -> None:
    heads = HEAD + " | 偏差原因"
    first = (heads, "产出 | 数量 | 修缮小型水 | 12座 | 11座 | 10 | 9 | 汛期提前，")
    rest = " | | 库大坝数量 | | | | | 一座停工"
    following = "效益 | 社会 | 受益人口 | 3万人 | 3万人 | 10 | 10 | "
    for second in ((rest, following), (heads, rest, following)):
        found = reading(report(first, second))
        assert [(record.name, record.reason) for record in found.records] == [
            ("修缮小型水库大坝数量", "汛期提前，一座停工"),
            ("受益人口", None),
        ]
        assert "上一行的续行，已并入上一行" in {why for account in found.accounts for _, why in account.left}


def test_a_page_that_begins_with_a_row_of_its_own() -> None:
    found = reading(report((HEAD, "产出 | 数量 | 修桥 | 2座 | 2座 | 10 | 10"), (" | | 修路 | 3公里 | 3公里 | | ",)))
    assert [record.name for record in found.records] == ["修桥", "修路"]


def test_subtotals_are_no_total_of_the_table() -> None:
    table = (
        HEAD,
        "产出 | 数量 | 修桥 | 2座 | 2座 | 60 | 60",
        "小计 | << | << | << | << | 60 | 60",
        "效益 | 社会 | 受益人口 | 3万人 | 3万人 | 40 | 38",
        "合计 | << | << | << | << | 100 | 98",
        "小计 | << | << | << | << | 40 | 38",
    )
    found = reading(report(table))
    assert len(found.records) == 2
    assert (found.accounts[0].weight, found.accounts[0].score) == ("100", "98")


HEADLESS = (
    "产出指标 | 数量指标 | 修桥 | 2座 | 2座 | 30 | 30 | ",
    "^^ | ^^ | 修路长度 | ≥3公里 | 3.1公里 | 20 | 20 | 无",
    "^^ | 质量指标 | 验收合格率 | 100% | 98% | 20 | 18 | 一段返工",
    "效益指标 | 社会效益指标 | 受益人口 | 3万人 | 3.2万人 | 30 | 30 | ",
    "合计 | << | << | << | << | 100 | 98 | ",
)


def test_a_table_without_a_head_whose_points_add_up() -> None:
    found = reading(report(HEADLESS))
    assert [(r.level1, r.level2, r.name, r.weight, r.score, r.reason) for r in found.records] == [
        ("产出指标", "数量指标", "修桥", "30", "30", None),
        ("产出指标", "数量指标", "修路长度", "20", "20", "无"),
        ("产出指标", "质量指标", "验收合格率", "20", "18", "一段返工"),
        ("效益指标", "社会效益指标", "受益人口", "30", "30", None),
    ]
    assert all(0.7 < record.confidence < 0.9 for record in found.records)
    assert found.problems == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [("| 20 | 20 |", "| 15 | 15 |"), ("| 18 |", "| 28 |"), ("98% |", "98% | 97% |"), ("指标", "方面")],
    ids=["points that make 95", "a score above its weight", "a column too many", "levels unnamed"],
)
def test_a_table_without_a_head_that_is_not_clear_is_left_alone(old: str, new: str) -> None:
    found = reading(report(tuple(row.replace(old, new) for row in HEADLESS)))
    assert not found.records
    assert len(found.problems) == (old != "指标")
    assert all("没有表头" in problem.message for problem in found.problems)


def test_what_a_blank_form_prints_is_no_name() -> None:
    assert rows("三级指标 | 指标值 | 完成值", "指标1： |  | ", "…… |  | ", "指标2：建桥 | 3座 | 3座") == [
        (None, None, "指标2：建桥", ["3座"], ["3座"], None, None)
    ]


# ── Bad input ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_of_one_cell() -> None:
    assert reading(report(["三级指标"])).accounts[0].left == ((0, "不是指标、资金或基本信息"),)


def test_a_cell_of_a_million_characters() -> None:
    huge = "很" * 1_000_000
    found = reading(report([HEAD, f"产出 | 数量 | {huge} | {huge} | 3座 | 20 | 20"]))
    (record,) = found.records
    assert (len(record.name or ""), len(record.targets), record.score) == (2000, 1, "20")
    assert {problem.message for problem in found.problems} == {"单元格有 1,000,000 个字符，只取前 2000 个；请核对原文"}


def test_merged_cells_that_overlap() -> None:
    cells = [DraftCell(row, column, f"甲{row}{column}", 90, 90) for row in range(30) for column in range(30)]
    account = reading(report(cells)).accounts[0]
    assert account.n_rows == 30


def test_two_cells_in_one_place_are_a_problem() -> None:
    cells = [DraftCell(0, 0, "甲"), DraftCell(0, 0, "乙"), DraftCell(1, 0, "丙")]
    assert "位置相同" in reading(report(cells)).problems[0].message


def test_a_table_of_too_many_fields_is_left_alone() -> None:
    cells = [DraftCell(row, row, "1座") for row in range(1500)]
    found = reading(report(cells))
    assert {why for _, why in found.accounts[0].left} == {"表格过大，未处理"}
    assert "表格过大（1500 行）" in found.problems[0].message


def test_mentions_never_overlap() -> None:
    found = reading(report(FORM, FORM))
    spans = sorted(mention.span for mention in found.mentions)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert {mention.label for mention in found.mentions} == set(Label)
