"""Tables flattened into text: every form gives its rows back, the account always closes, and prose stays prose."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractor.schema import Column
from extractor.tables.flattened import recognise
from extractor.tables.types import LeftOut, TableRows
from extractor.tables.words import cell_text
from extractor.types import Block, BlockKind, Cell, Document, Span

HEADS = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")
COLUMNS = tuple(map(Column, "level1 level2 indicator target achieved weight score reason".split()))
Row = tuple[str, str, str, str, str, str, str, str]
ROWS: tuple[Row, ...] = (
    ("产出指标", "数量指标", "修缮石桥数量", "12座", "12座", "10", "10", ""),
    ("产出指标", "数量指标", "疏浚河道长度", "≥36公里", "33.5公里", "10", "9.3", "汛期提前，两段河道停工"),
    ("产出指标", "质量指标", "单元工程合格率", "100%", "100%", "15", "15", ""),
    ("产出指标", "时效指标", "项目按期完工率", "≥95%", "96.2%", "10", "10", ""),
    ("产出指标", "成本指标", "每公里疏浚成本", "≤18万元", "17.4万元", "5", "5", ""),
    ("效益指标", "社会效益指标", "受益人口", "3.2万人", "3.28万人", "20", "20", ""),
    ("效益指标", "可持续影响指标", "河道长效管护机制", "健全", "健全", "10", "9", ""),
    ("满意度指标", "服务对象满意度指标", "沿河居民满意度", "≥90%", "93.1%", "20", "20", ""),
)
BEFORE = "青砚县水务局对2023年度河道整治项目开展了绩效自评。全年修缮石桥12座，疏浚河道33.5公里。\n\n项目支出绩效自评表\n\n"
AFTER = "\n\n二、存在的问题\n\n部分河段两岸道路狭窄，机械进场困难，疏浚河道比计划少2.5公里。下一步将提前安排枯水期施工。\n"


def once(rows: Sequence[Row]) -> list[list[str]]:
    """Rows as merged cells leave them: a level stands in its first row only."""
    shown: list[list[str]] = []
    before: Sequence[str] = ("", "")
    for row in rows:
        same1 = row[0] == before[0]
        same2 = same1 and row[1] == before[1]
        shown.append(["" if same1 else row[0], "" if same2 else row[1], *row[2:]])
        before = row[:2]
    return shown


def tabs(rows: Sequence[Row]) -> str:
    return "\n".join("\t".join(cells) for cells in [list(HEADS), *once(rows)])


def tabs_lost(rows: Sequence[Row]) -> str:
    """Tabs at both ends of lines are lost, and with them the empty cells there."""
    return "\n".join("\t".join(cells).strip("\t") for cells in [list(HEADS), *once(rows)])


def bars(rows: Sequence[Row]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [list(HEADS), ["---"] * len(HEADS), *once(rows)])


def lines(rows: Sequence[Row]) -> str:
    """One cell per line; empty cells leave nothing."""
    return "\n".join(cell for cells in [list(HEADS), *once(rows)] for cell in cells if cell)


def spaced_lines(rows: Sequence[Row]) -> str:
    return "\n\n".join(cell for cells in [list(HEADS), *once(rows)] for cell in cells if cell)


def broken_lines(rows: Sequence[Row]) -> str:
    """One cell per line, heads and levels broken by narrow columns."""
    heads = [
        "一级",
        "指标",
        "二级",
        "指标",
        "三级指标",
        "年度",
        "指标值",
        "实际",
        "完成值",
        "分值",
        "得分",
        "偏差原因分析",
        "及改进措施",
    ]
    levels = [[cell.replace("指标", "\n指标") for cell in cells[:2]] + cells[2:] for cells in once(rows)]
    return "\n".join([*heads, *(cell for cells in levels for cell in cells if cell)])


def led(rows: Sequence[Row]) -> str:
    """Every cell begins with a tab; blank lines part rows."""
    return "\n\n".join("\n".join("\t" + cell for cell in cells) for cells in [list(HEADS), *once(rows)])


def wide(rows: Sequence[Row]) -> str:
    return "\n".join("   ".join(cell or "　" for cell in cells) for cells in [list(HEADS), *once(rows)])


def blanks(rows: Sequence[Row]) -> str:
    return "\n".join(" ".join(cell for cell in cells if cell) for cells in [list(HEADS), *once(rows)])


def paragraph(rows: Sequence[Row]) -> str:
    return " ".join(cell for cells in [list(HEADS), *once(rows)] for cell in cells if cell)


def markup(rows: Sequence[Row]) -> str:
    return "\n".join("\t".join(f"<p>{cell or '&nbsp;'}</p>" for cell in cells) for cells in [list(HEADS), *once(rows)])


FORMS: tuple[Callable[[Sequence[Row]], str], ...] = (
    tabs,
    tabs_lost,
    bars,
    lines,
    spaced_lines,
    broken_lines,
    led,
    wide,
    blanks,
    paragraph,
    markup,
)


def tables_of(text: str) -> list[TableRows]:
    return recognise(Document("report.txt", "", text))


def read(text: str) -> list[tuple[str, ...]]:
    return [
        tuple("".join(cell_text(text, row.words(column)).split()) for column in COLUMNS)
        for table in tables_of(text)
        for row in table.indicators
    ]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_form_gives_its_rows_back(form: Callable[[Sequence[Row]], str]) -> None:
    text = BEFORE + form(ROWS) + AFTER
    assert read(text) == list(ROWS)
    assert all(row.confidence > 0.7 for table in tables_of(text) for row in table.indicators)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_prose_around_a_table_is_not_swallowed(form: Callable[[Sequence[Row]], str]) -> None:
    text = BEFORE + form(ROWS) + AFTER
    (table,) = tables_of(text)
    assert table.span.start >= len(BEFORE)
    assert table.span.end <= len(text) - len(AFTER)


@pytest.mark.parametrize("form", [tabs, lines, led, wide, blanks], ids=lambda form: form.__name__)
def test_heads_repeated_on_another_page(form: Callable[[Sequence[Row]], str]) -> None:
    text = BEFORE + form(ROWS[:4]) + "\n\n— 5 —\n\n" + form(ROWS[4:]) + AFTER
    (table,) = tables_of(text)
    assert read(text) == list(ROWS)
    assert LeftOut.REPEATED_HEAD in {row.why for row in table.left}


@pytest.mark.parametrize(
    ("total", "parts"),
    [("总分\t\t\t\t\t100\t98.3\t", "\t"), ("合计\n100\n98.3", "\n"), ("合  计   100   98.3", "   ")],
)
def test_totals(total: str, parts: str) -> None:
    form = {"\t": tabs, "\n": lines, "   ": wide}[parts]
    text = BEFORE + form(ROWS) + "\n" + total + AFTER
    (table,) = tables_of(text)
    (found,) = table.totals
    assert (cell_text(text, found.weight), cell_text(text, found.score)) == ("100", "98.3")
    assert read(text) == list(ROWS)


def test_weights_may_stand_before_the_values_and_rows_may_be_numbered() -> None:
    heads = "序号\t一级指标\t二级指标\t三级指标\t权重\t目标值\t完成值\t自评得分"
    rows = [
        "1\t产出指标\t数量指标\t补种行道树\t40\t800株\t812株\t40",
        "2\t\t\t更换路灯\t30\t120盏\t96盏\t24",
        "3\t效益指标\t社会效益指标\t亮灯率\t30\t≥98%\t98.4%\t30",
    ]
    text = "\n".join([heads, *rows])
    assert read(text)[1] == ("产出指标", "数量指标", "更换路灯", "120盏", "96盏", "30", "24", "")


def test_two_head_rows_with_the_weight_of_every_level() -> None:
    text = (
        "一级指标\t\t二级指标\t\t三级指标\t\t预期值\t实现值\t自评分数\t未达标原因分析\t评分标准\n"
        "名称\t权重(%)\t名称\t权重(%)\t名称\t权重(%)\t\t\t\t\t\n"
        "产出\t60\t数量指标\t30\t发放种苗\t30\t5万株\t5.2万株\t30\t\t按比例得分\n"
        "\t\t质量指标\t30\t种苗成活率\t30\t≥90%\t84%\t28\t春旱影响\t\n"
        "效益\t40\t社会效益指标\t40\t带动农户\t40\t300户\t318户\t40\t\t\n"
        "合计\t100\t\t100\t\t100\t\t\t98\t\t\n"
    )
    (table,) = tables_of(text)
    assert read(text)[1] == ("产出", "质量指标", "种苗成活率", "≥90%", "84%", "30", "28", "春旱影响")
    assert cell_text(text, table.indicators[0].words(Column.LEVEL1_WEIGHT)) == "60"
    assert [(head, cell_text(text, words)) for head, words in table.indicators[0].extras] == [("评分标准", "按比例得分")]


def test_funds_facts_and_goals_of_a_form_in_lines_with_tabs() -> None:
    text = (
        "项目名称\t河道整治\t\t主管部门\t青砚县水务局\n"
        "项目资金（万元）\t\t年初预算数\t全年预算数\t全年执行数\t分值\t执行率\t得分\n"
        "\t年度资金总额\t500.00\t480.00\t456.00\t10\t95%\t9.5\n"
        "年度总体目标\t预期目标\t\t\t实际完成情况\n"
        "\t修缮石桥12座，疏浚河道36公里。\t\t\t修缮石桥12座，疏浚河道33.5公里。\n"
    ) + tabs(ROWS)
    form, table = tables_of(text)
    assert [fact.name for fact in form.facts] == ["项目名称", "主管部门"]
    assert [cell_text(text, (amount.cell,)) for amount in form.funds[0].amounts] == ["500.00", "480.00", "456.00"]
    assert len(form.prose) == 2
    assert len(table.indicators) == len(ROWS)


def test_an_unknown_head_is_kept_and_reported() -> None:
    text = "\n".join(line + "\t" + ("云雾" if not at else "甲") for at, line in enumerate(tabs(ROWS).split("\n")))
    (table,) = tables_of(text)
    assert "“云雾”" in table.problems[0].message
    assert [head for head, _ in table.indicators[0].extras] == ["云雾"]
    assert read(text) == list(ROWS)


def test_heads_without_rows_are_left_alone_with_a_problem() -> None:
    text = BEFORE + "\t".join(HEADS) + "\n\n" + "本表由各单位另行报送，县财政局汇总后公开。" + AFTER
    (table,) = tables_of(text)
    assert not table.is_form
    assert {row.why for row in table.left} == {LeftOut.UNSURE}
    assert "请核对原文" in table.problems[0].message


def test_tables_with_cells_are_left_to_the_readers() -> None:
    text = tabs(ROWS)
    block = Block(BlockKind.TABLE, Span(0, len(text)), cells=(Cell(0, 0, Span(0, 4)),))
    assert recognise(Document("report.docx", "", text, blocks=(block,))) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        BEFORE + AFTER,
        "一级指标、二级指标和三级指标的分值、得分见附表。产出指标得分48分，效益指标得分29分。",
        "（一）产出指标\n\n1.数量指标\n\n修缮石桥12座，得10分。\n\n2.质量指标\n\n合格率100%，得15分。",
        "指标值\n完成值\n分值\n得分",
        "姓名\t年龄\t单位\n张三\t35\t水务局\n",
    ],
)
def test_prose_is_no_table(text: str) -> None:
    assert tables_of(text) == []


# ── The account ──────────────────────────────────────────────────────────────────────────────────────────────────────

SHUFFLES = ("remove", "repeat", "swap", "split", "blank", "break")


def mutated(text: str, seed: int, n_times: int) -> str:
    """Pieces of a text removed, repeated, shifted, split, and parted by other blanks."""
    chance = random.Random(seed)
    parts = text.replace("\n", " \n ").replace("\t", " \t ").split(" ")
    for _ in range(n_times):
        at = chance.randrange(len(parts))
        match chance.choice(SHUFFLES):
            case "remove" if len(parts) > 1:
                del parts[at]
            case "repeat":
                parts.insert(at, parts[at])
            case "swap":
                other = chance.randrange(len(parts))
                parts[at], parts[other] = parts[other], parts[at]
            case "split":
                half = len(parts[at]) // 2
                parts[at : at + 1] = [parts[at][:half], parts[at][half:]]
            case "blank":
                parts.insert(at, "")
            case _:
                parts.insert(at, chance.choice(("\n", "\t", "\n\t", "　", "|")))
    return " ".join(parts)


def words_of(table: TableRows) -> Iterator[Span]:
    for row in table.indicators:
        yield from (span for words in row.cells.values() for span in words)
        yield from (span for _, words in row.extras for span in words)
    for total in table.totals:
        yield from (*total.weight, *total.score)


@settings(max_examples=60)
@given(form=st.sampled_from(FORMS), seed=st.integers(0, 2**32), n_times=st.integers(0, 40))
@example(form=lines, seed=0, n_times=0)
def test_the_account_closes_whatever_happens_to_the_pieces(form: Callable[[Sequence[Row]], str], seed: int, n_times: int) -> None:
    """`TableRows` refuses a row that is missing or counted twice; words stand inside their table and tables apart."""
    text = mutated(BEFORE + form(ROWS) + AFTER, seed, n_times)
    tables = tables_of(text)
    for table in tables:
        assert 0 <= table.span.start < table.span.end <= len(text)
        assert all(table.span.contains(span) for span in words_of(table))
        assert all(text[span.start : span.end].strip() == text[span.start : span.end] for span in words_of(table))
        assert all(0 < row.confidence <= 1 for row in table.indicators)
    assert not any(one.span.overlaps(other.span) for one, other in pairwise(tables))


@settings(max_examples=30)
@given(text=st.text(alphabet="一二三级指标值完成分得产出数量\t\n |　0123456789%元", max_size=300))
def test_any_text_is_survived(text: str) -> None:
    tables_of(text)
    tables_of("\t".join(HEADS) + "\n" + text)
