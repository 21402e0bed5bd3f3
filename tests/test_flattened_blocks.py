"""What stands above and around flattened tables: funding and goal blocks without tabs; tables without heads; torn rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from extractor.schema import Column
from extractor.segment import outline
from extractor.tables import read, recognise, understood
from extractor.tables.goals import boundary
from extractor.tables.types import LeftOut, TableRows
from extractor.tables.words import cell_text
from extractor.types import Document, RecordKind
from tests.test_flattened import AFTER, BEFORE, FORMS, ROWS, Row, blanks, lines, paragraph, tables_of, tabs
from tests.test_flattened import read as rows_of

JOINS = {"lines": "\n", "blanks": " "}
FUND_CELLS = (
    "项目资金（万元） 年初预算数 全年预算数 全年执行数 分值 执行率 得分",
    "年度资金总额 500.00 480.00 456.00 10 95% 9.5",
    "其中：财政拨款 480 460 436 — 94.78% —",
    "上年结转资金",
    "其他资金 20 20 20 — 100% —",
)


def amounts(text: str, table: TableRows) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (cell_text(text, row.item), [(cell_text(text, one.head), cell_text(text, (one.cell,))) for one in row.amounts])
        for row in table.funds
    ]


@pytest.mark.parametrize("form", JOINS)
def test_a_funding_block_one_cell_per_line_or_between_blanks(form: str) -> None:
    block = "\n".join(row.replace(" ", JOINS[form]) for row in FUND_CELLS)
    text = f"{BEFORE}{block}\n{lines(ROWS)}{AFTER}"
    funds, table = tables_of(text)
    heads = ("年初预算数", "全年预算数", "全年执行数")
    assert amounts(text, funds) == [
        ("年度资金总额", list(zip(heads, ("500.00", "480.00", "456.00"), strict=True))),
        ("其中：财政拨款", list(zip(heads, ("480", "460", "436"), strict=True))),
        ("其他资金", list(zip(heads, ("20", "20", "20"), strict=True))),
    ]
    assert [row.why for row in funds.left] == [LeftOut.HEAD, LeftOut.NO_AMOUNT]
    assert {amount.unit for row in funds.funds for amount in row.amounts} == {"万元"}
    assert cell_text(text, funds.funds[0].words(Column.SCORE)) == "9.5"
    assert len(table.indicators) == len(ROWS)


def test_roles_of_the_amounts() -> None:
    text = "\n".join(row.replace(" ", "\n") for row in FUND_CELLS)
    document = Document("report.txt", "", text)
    found = read(document, recognise(document), lambda offset: ())
    assert [record.role for record in found.records[:3]] == ["budget", "budget", "paid"]
    assert all(record.kind is RecordKind.FUND for record in found.records)


def test_amounts_whose_heads_nobody_knows_are_left_to_the_prose() -> None:
    """Two of three cells were lost, and nothing tells which."""
    text = "年初预算数\n全年预算数\n全年执行数\n资金总额\n500\n480\n456\n其他资金\n20\n"
    (table,) = tables_of(text)
    assert [row.why for row in table.left] == [LeftOut.HEAD, LeftOut.UNSURE]
    assert [text[prose.span.start : prose.span.end] for prose in table.prose] == ["其他资金\n20"]


@pytest.mark.parametrize(
    "text",
    [
        "全年执行数 4626.04万元，预算执行率 85%。其中，基本支出 431.15万元。",
        "一、预算情况\n年初预算数\n本年度没有安排。\n",
        "年初预算数、全年执行数见附表，分值10分，得分9.5分。",
    ],
)
def test_prose_about_money_is_no_block(text: str) -> None:
    assert tables_of(text) == []


# ── Goals ────────────────────────────────────────────────────────────────────────────────────────────────────────────

GOALS = ("目标1：修缮石桥12座，改善出行。", "目标2：疏浚河道36公里。")
RESULTS = ("目标1：修缮石桥11座，出行更便利。", "目标2：疏浚河道33.5公里。")


def heads_of_prose(text: str) -> list[tuple[str | None, str]]:
    document = Document("report.txt", "", text)
    parts = outline(document, understood(recognise(document))).parts
    return [(part.head, text[part.span.start : part.span.end]) for part in parts if part.head]


@pytest.mark.parametrize(
    ("goals", "results"),
    [
        (GOALS, RESULTS),
        (GOALS[:1], RESULTS[:1]),
        (GOALS, tuple(words.replace("：", "完成情况：") for words in RESULTS)),
        (("修缮石桥12座，改善出行。", "疏浚河道36公里。"), ("修缮石桥11座，出行改善。", "疏浚河道33.5公里，水流通畅。")),
        (("1.2022年修缮石桥5座。", "2.2023年修缮石桥7座。"), ("1.2022年修缮石桥5座。", "2.2023年修缮石桥6座。")),
        (("①修缮石桥12座。", "②疏浚河道36公里。", "③清淤塘坝8口。"), ("①修缮石桥11座。", "②疏浚河道33公里。")),
    ],
    ids=["numbered", "one each", "named", "alike", "years", "one fewer"],
)
@pytest.mark.parametrize(
    "heads", ["预期目标\n实际完成情况", "年度\n总体\n目标\n预期目标\n实际\n完成情况"], ids=["whole", "broken"]
)
def test_goals_and_results_one_cell_per_line(heads: str, goals: Sequence[str], results: Sequence[str]) -> None:
    """Targets are not read as results: the prose of each cell stands under its own head."""
    text = "\n".join([heads, *goals, *results, lines(ROWS)])
    assert heads_of_prose(text) == [*(("预期目标", words) for words in goals), *(("实际完成情况", words) for words in results)]


def test_goals_and_results_of_several_years() -> None:
    """As forms of whole departments have them: the year, its goals, its results, and years that are still to come."""
    rows = [
        "一、部门年度目标",
        "财年",
        "目标",
        "实际完成情况",
        "2022",
        *GOALS,
        *RESULTS,
        "2023",
        GOALS[1],
        "---",
        "二、重点任务",
        "任务",
    ]
    assert heads_of_prose("\n".join([*rows, lines(ROWS)])) == [
        *(("目标", words) for words in GOALS),
        *(("实际完成情况", words) for words in RESULTS),
        ("目标", GOALS[1]),
    ]


def test_a_goal_broken_over_lines_is_one_paragraph() -> None:
    text = "\n".join(["预期目标", "实际完成情况", "目标1：修缮石桥12座，", "改善出行。", *RESULTS[:1], lines(ROWS)])
    assert [words for _, words in heads_of_prose(text)] == ["目标1：修缮石桥12座，\n改善出行。", RESULTS[0]]


def test_goals_between_blanks() -> None:
    text = "\n".join(["年度总体目标 预期目标 实际完成情况", f"{GOALS[0]} {RESULTS[0]}", blanks(ROWS)])
    assert heads_of_prose(text) == [("预期目标", GOALS[0]), ("实际完成情况", RESULTS[0])]


def test_goals_without_a_table_below_end_at_the_next_chapter() -> None:
    text = "\n".join(["预期目标", "实际完成情况", GOALS[0], RESULTS[0], "二、存在的问题", "部分河段狭窄。"])
    assert heads_of_prose(text) == [("预期目标", GOALS[0]), ("实际完成情况", RESULTS[0])]


def test_halves_that_nothing_tells_apart_are_a_problem() -> None:
    prose = ["改善城乡面貌，提升品质。", "方便群众出行，减少拥堵。", "完善管护制度，明确责任。"]
    text = "\n".join(["预期目标", "实际完成情况", *prose, lines(ROWS)])
    assert boundary(prose) is None
    assert heads_of_prose(text) == []
    assert "分不清" in tables_of(text)[0].problems[0].message


# ── Tables without heads, subtotals, torn rows ───────────────────────────────────────────────────────────────────────


def without_head(form: Callable[[Sequence[Row]], str]) -> str:
    text = form(ROWS)
    start = text.index("产出")
    return text[text.rfind("\n", 0, start) + 1 :] if form not in (paragraph,) else text[start:]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_table_without_a_head_whose_points_add_up(form: Callable[[Sequence[Row]], str]) -> None:
    text = BEFORE + without_head(form) + AFTER
    assert rows_of(text) == list(ROWS)
    assert all(row.confidence < 0.85 for table in tables_of(text) for row in table.indicators)


@pytest.mark.parametrize("form", [tabs, lines, blanks, paragraph], ids=lambda form: form.__name__)
def test_a_table_without_a_head_whose_points_do_not_add_up_is_left_alone(form: Callable[[Sequence[Row]], str]) -> None:
    text = BEFORE + without_head(form).replace("20", "13") + AFTER
    (table,) = tables_of(text)
    assert not table.indicators
    assert "没有表头" in table.problems[0].message


@pytest.mark.parametrize("form", [tabs, lines, blanks], ids=lambda form: form.__name__)
def test_subtotals(form: Callable[[Sequence[Row]], str]) -> None:
    mark = "\t" if form is tabs else "\n" if form is lines else " "
    whole = form(ROWS)
    at = whole.index("效益指标")
    text = BEFORE + whole[:at] + f"小计{mark}50{mark}49.3\n" + whole[at:] + f"\n合计{mark}100{mark}98.3" + AFTER
    (table,) = tables_of(text)
    assert rows_of(text) == list(ROWS)
    assert [cell_text(text, total.weight) for total in table.totals] == ["100"]
    assert [row.why for row in table.left].count(LeftOut.TOTAL) == 2


@pytest.mark.parametrize("form", [tabs, lines], ids=lambda form: form.__name__)
def test_a_row_torn_by_the_end_of_a_page(form: Callable[[Sequence[Row]], str]) -> None:
    name = ROWS[3][2]
    heads, following = form(ROWS[4:]).split(ROWS[4][0], 1)
    rest = "\t\t工率\t\t\t\t\t" if form is tabs else "工率"
    pages = (form(ROWS[:4]).replace(name, name.removesuffix("工率")), f"{heads}{rest}\n{ROWS[4][0]}{following}")
    text = BEFORE + "\n".join(pages) + AFTER
    (table,) = tables_of(text)
    assert rows_of(text) == list(ROWS)
    assert LeftOut.TORN in {row.why for row in table.left}


def test_heads_of_points_below_a_head_of_their_own() -> None:
    """Of two head rows the second holds what stands below 绩效指标 and 评分情况."""
    heads = "绩效指标\t年度指标值\t实际完成值\t评分情况\t偏差原因\n一级指标\t二级指标\t三级指标\t分值\t得分\n"
    text = heads + tabs(ROWS).split("\n", 1)[1]
    (table,) = tables_of(text)
    assert rows_of(text) == list(ROWS)
    assert table.problems == ()


def test_a_head_with_a_sentence_in_brackets_is_a_head() -> None:
    heads, rest = tabs(ROWS).split("\n", 1)
    text = f"{heads}\t佐证材料（说明：能证明完成情况的材料均可，不必全部提供。）\n{rest}"
    tables_of(text)
    assert rows_of(text) == list(ROWS)


def test_a_goal_above_the_heads_is_none_of_them() -> None:
    """Sentences hold words that heads are known by (上年, 未完成, 标准)."""
    goals = ("河道标准化养护面积不低于上年水平。", "养护任务好于上年，按标准验收。")
    text = "\n".join(["年度总体目标\t预期目标\t实际完成情况", "\t".join(goals), tabs(ROWS)])
    assert [words for _, words in heads_of_prose(text)] == [*goals]
    assert rows_of(text) == list(ROWS)


def test_the_name_of_a_goal_between_that_of_its_block_and_the_goal() -> None:
    goal = "举办技能培训12期，培训农民600人次，建成示范基地3个，带动周边农户参与特色种植和深加工。"
    facts = "项目名称\t农民培训\t主管部门\t农业农村局\n实施单位\t农广校\t评价年度\t2023\n"
    text = f"{facts}绩效目标情况\t预期总体目标\t是否如期实现预期总体目标\t\t{goal}\n" + tabs(ROWS)
    assert ("预期总体目标", goal) in heads_of_prose(text)
