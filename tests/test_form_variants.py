"""Forms as budget offices fill them in, each with several things that stand in the way at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from extractor.schema import Column
from extractor.tables import recognise
from extractor.tables.types import LeftOut, TableRows
from extractor.tables.words import cell_text
from extractor.types import Document
from tests.grids import report

COLUMNS = tuple(map(Column, "level1 level2 indicator target achieved weight score".split()))
Row = tuple[str, ...]


def indicators(text: str, tables: Sequence[TableRows]) -> list[Row]:
    return [tuple(cell_text(text, row.words(column)) for column in COLUMNS) for table in tables for row in table.indicators]


def rows_of(document: Document) -> list[Row]:
    return indicators(document.text, recognise(document))


def text(words: str) -> Document:
    return Document("report.txt", "", words)


def test_a_department_as_a_whole() -> None:
    """Main tasks with money above, levels with their points, rules of scoring, sources, and the total at the bottom."""
    document = report(
        "附件2：青禾县档案馆部门整体支出绩效自评表",
        (
            "部门（单位）名称 | << | 青禾县档案馆 | << | << | << | << | << | << | <<",
            "年度主要任务 | 任务名称 | 主要内容 | << | 预算数（万元） | << | << | 执行数（万元） | << | <<",
            "^^ | 馆藏数字化 | 扫描民国档案 | << | 86.5 | << | << | 86.5 | << | <<",
            "^^ | 库房改造 | 恒温恒湿设备更新 | << | 40 | << | << | 38.2 | << | <<",
            "年度总体目标 | 预期目标 | << | << | << | 目标实际完成情况 | << | << | << | <<",
            "^^ | 扫描档案20万页，更新设备6台。 | << | << | << | 扫描档案21.3万页，更新设备6台。 | << | << | << | <<",
            "绩效指标 | 一级指标 | 二级指标 | 三级指标 | 分值 | 年度指标值 | 实际完成值 | 评分标准 | 得分 | 数据来源",
            "^^ | 产出指标（60分） | 数量指标 | 扫描档案页数 | 20 | ≥20万页 | 21.3万页 | 每少1万页扣1分。 | 20 | 验收单",
            "^^ | ^^ | ^^ | 更新设备 | 20 | 6台 | 6台 | 按完成比例得分。 | 20 | /",
            "^^ | ^^ | 质量指标 | 扫描差错率 | 20 | ≤0.3% | 0.42% | 超过目标值不得分。 | 12 | 抽检表",
            "^^ | 效益指标（30分） | 社会效益指标 | 查档人次 | 30 | 1200人次 | 1386人次 | 同上 | 30 | 登记簿",
            "^^ | 满意度指标（10分） | 服务对象满意度指标 | 查档群众满意度 | 10 | ≥95% | / | 未开展调查不得分。 | 0 | /",
            "总分 | << | << | << | 100 | << | << | << | 82 | <<",
        ),
    )
    first, second = ("产出指标（60分）", "数量指标"), ("产出指标（60分）", "质量指标")
    assert rows_of(document) == [
        (*first, "扫描档案页数", "≥20万页", "21.3万页", "20", "20"),
        (*first, "更新设备", "6台", "6台", "20", "20"),
        (*second, "扫描差错率", "≤0.3%", "0.42%", "20", "12"),
        ("效益指标（30分）", "社会效益指标", "查档人次", "1200人次", "1386人次", "30", "30"),
        ("满意度指标（10分）", "服务对象满意度指标", "查档群众满意度", "≥95%", "/", "10", "0"),
    ]
    (table,) = recognise(document)
    assert [cell_text(document.text, table.totals[0].weight), cell_text(document.text, table.totals[0].score)] == ["100", "82"]
    assert {prose.head for prose in table.prose} == {"预期目标", "目标实际完成情况"}


SANITATION = (
    ("产出指标", "数量指标", "清运生活垃圾", "3.6万吨", "3.71万吨", "15", "15"),
    ("产出指标", "数量指标", "新增果皮箱", "240个", "/", "10", "0"),
    ("产出指标", "质量指标", "道路保洁达标率", "≥96%", "96.8%", "15", "15"),
    ("产出指标", "时效指标", "清运及时率", "100%", "100%", "10", "10"),
    ("效益指标", "社会效益指标", "垃圾投诉下降率", "≥10%", "6.4%", "30", "19.2"),
    ("满意度指标", "服务对象满意度指标", "居民满意度", "≥90%", "91.5%", "20", "20"),
)


def test_one_cell_a_line_with_rates_reasons_and_lost_cells() -> None:
    """Empty cells and those below merged ones are lost; a rate stands between values and points, remarks at the end."""
    heads = "一级指标 二级指标 三级指标 年度指标值 实际完成值 完成率 分值 得分 偏差原因分析及改进措施 备注".split()
    rates = ("103%", "0%", "100.8%", "100%", "64%", "101.7%")
    reasons = {1: "厂家供货延误，次年3月安装到位。", 4: "旱季扬尘投诉增多，将加密洒水。"}
    cells: list[str] = []
    above = ("", "")
    for at, (level1, level2, *values, weight, score) in enumerate(SANITATION):
        cells += [level1] * (level1 != above[0]) + [level2] * ((level1, level2) != above)
        cells += [*values, rates[at], weight, score, *([reasons[at]] if at in reasons else [])]
        above = (level1, level2)
    words = "\n".join([*heads, *cells, "总分", "100", "79.2"])
    document = text(
        f"三、自评结果\n云溪镇环卫所自评得分79.2分，等级为中。\n\n环卫保洁项目绩效自评表\n{words}\n\n四、下一步打算\n加强调度。"
    )
    assert rows_of(document) == list(SANITATION)


def test_heads_in_two_rows_repeated_on_the_next_page_between_tabs() -> None:
    heads = ["绩效指标\t\t\t完成情况\t\t评分\t\t备注", "一级指标\t二级指标\t三级指标\t目标值\t实际值\t分值\t得分\t"]
    body = ["\t".join((*row, "")) for row in SANITATION]
    shown = [*heads, *body[:3], "环卫保洁项目绩效自评表（续）", *heads, *body[3:], "合计\t\t\t\t\t100\t79.2\t"]
    assert rows_of(text("附件：\n环卫保洁项目绩效自评表\n" + "\n".join(shown) + "\n")) == list(SANITATION)


def test_names_with_numbers_and_what_a_form_had_room_for() -> None:
    document = report(
        (
            "一级指标 | 二级指标 | 三级指标 | 指标值 | 完成值 | 分值 | 得分",
            "产出指标 | 数量指标 | 指标1：修复渡槽 | 4座 | 4座 | 50 | 50",
            "^^ | ^^ | 指标2： |  |  |  | ",
            "^^ | ^^ | …… |  |  |  | ",
            "^^ | 质量指标 | 指标1：渡槽渗漏处理率 | ≥98% | 98.6% | 50 | 50",
            "^^ | 时效指标 | 指标1： |  |  |  | ",
        )
    )
    first = ("产出指标", "数量指标", "指标1：修复渡槽", "4座", "4座", "50", "50")
    assert rows_of(document) == [first, ("产出指标", "质量指标", "指标1：渡槽渗漏处理率", "≥98%", "98.6%", "50", "50")]
    assert [row.number for row in recognise(document)[0].left if row.why is LeftOut.NO_CONTENT] == [2, 3, 5]


def test_a_table_without_a_head_but_with_rules_of_scoring() -> None:
    rows = []
    before = ("", "")
    for level1, level2, *values, weight, score in SANITATION:
        shown = ["^^" if level1 == before[0] else level1, "^^" if (level1, level2) == before else level2]
        rows.append(" | ".join([*shown, *values, "达到目标值得满分，否则按比例扣分。", weight, score]))
        before = (level1, level2)
    assert rows_of(report("环卫保洁项目绩效自评表", rows, "以上自评结果已在网站公开。")) == list(SANITATION)


FERRY = (
    ("产出指标", "数量指标", "渡船检修艘次", "24艘次", "24艘次", "40", "40"),
    ("产出指标", "质量指标", "检修合格率", "100%", "100%", "30", "30"),
    ("效益指标", "社会效益指标", "渡口安全责任事故", "0起", "0起", "20", "20"),
    ("满意度指标", "服务对象满意度指标", "乘客满意度", "≥92%", "90.7%", "10", "9.4"),
)


@pytest.mark.parametrize("mark", ["\t", "\n", " "])
def test_several_forms_in_one_report(mark: str) -> None:
    heads = "一级指标 二级指标 三级指标 年度指标值 实际完成值 分值 得分".split()

    def form(rows: Sequence[Row], total: str) -> str:
        return "\n".join(mark.join(cells) for cells in [heads, *rows, ("总分", "100", total)])

    document = text(
        "南浦县2023年度项目支出绩效自评报告\n\n一、总体情况\n全县共开展2个项目自评，平均得分89.3分。\n\n"
        f"附件1：环卫保洁项目支出绩效自评表\n{form(SANITATION, '79.2')}\n注：完成率超过150%的按150%计。\n\n"
        f"附件2：渡口渡船检修项目支出绩效自评表\n{form(FERRY, '99.4')}\n\n填表人：沈一舟    联系电话：0000-1234567\n"
    )
    tables = recognise(document)
    assert indicators(document.text, tables) == [*SANITATION, *FERRY]
    assert [cell_text(document.text, table.totals[0].score) for table in tables if table.totals] == ["79.2", "99.4"]


def test_a_form_of_money_goals_and_indicators_between_blanks() -> None:
    """A line a row; what is empty leaves no trace, and the name of the block of money stands in its first row."""
    words = """项目支出绩效自评表
（2023年度）
项目名称 渡口渡船检修
主管部门 南浦县交通运输局 实施单位 南浦县航运中心
项目资金（万元） 年初预算数 全年预算数 全年执行数 分值 执行率 得分
年度资金总额 60 58.5 58.5 10 100% 10
其中：当年财政拨款 60 58.5 58.5 — 100% —
上年结转资金 — —
年度总体目标 预期目标 实际完成情况
全年检修渡船24艘次，确保渡运安全。 全年检修渡船24艘次，未发生责任事故。
一级指标 二级指标 三级指标 年度指标值 实际完成值 分值 得分 偏差原因分析及改进措施
产出指标 数量指标 渡船检修艘次 24艘次 24艘次 40 40
质量指标 检修合格率 100% 100% 20 20
效益指标 社会效益指标 渡口安全责任事故 0起 0起 20 20 无
满意度指标 服务对象满意度指标 乘客满意度 ≥92% 90.7% 10 9.4 候船设施陈旧，已列入下年度改造计划
总分 100 99.4
"""
    document = text(f"{words}\n二、存在的问题\n部分渡口候船设施陈旧，乘客满意度为90.7%，低于92%的目标。\n")
    tables = recognise(document)
    expected = [FERRY[0], (*FERRY[1][:5], "20", "20"), *FERRY[2:]]
    assert indicators(document.text, tables) == expected
    amounts = [[cell_text(document.text, (one.cell,)) for one in row.amounts] for table in tables for row in table.funds]
    assert amounts == [["60", "58.5", "58.5"]] * 2
    goals = [(one.head, cell_text(document.text, (one.span,))) for table in tables for one in table.prose]
    assert goals == [
        ("预期目标", "全年检修渡船24艘次，确保渡运安全。"),
        ("实际完成情况", "全年检修渡船24艘次，未发生责任事故。"),
    ]
