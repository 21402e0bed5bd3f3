from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from extractor.comparison import COLUMNS, Pair, pairs, row, status, write, year_report
from extractor.comparison.entries import name_key
from extractor.comparison.matching import likeness
from extractor.periods import whole_year
from extractor.quantity import parse
from extractor.types import Document, Label, Mention, Quantity, Record, RecordKind, Result, Span
from tests.results import MODEL

LABELS = {"目标": Label.TARGET, "实际": Label.ACHIEVED, "资金": Label.AMOUNT}


def year(number: int, *lines: str, project: str = "图书馆免费开放", section: str = "一、产出") -> Result:
    """A report of a year: each line is a record, its name and its values as ``名称 目标7个 实际8个 资金3万元``."""
    text = f"{number}年{project}项目绩效自评报告\n"
    mentions: list[Mention] = []
    quantities: list[Quantity | None] = []
    records: list[Record] = []
    for line in lines:
        name, *values = line.split()
        positions: dict[Label, list[int]] = {label: [] for label in Label}
        for label, words in [(Label.INDICATOR, name), *((LABELS[value[:2]], value[2:]) for value in values)]:
            positions[label].append(len(mentions))
            mentions.append(Mention(label, Span(len(text), len(text) + len(words)), 0.9))
            quantities.append(parse(words) if label.is_value else None)
            text += f"{words} "
        text += "\n"
        record = Record(
            RecordKind.FUND if positions[Label.AMOUNT] else RecordKind.PERFORMANCE,
            indicators=tuple(positions[Label.INDICATOR]),
            targets=tuple(positions[Label.TARGET]),
            achieved=tuple(positions[Label.ACHIEVED]),
            amounts=tuple(positions[Label.AMOUNT]),
            name=name,
            section=(section,),
            period=whole_year(number),
            confidence=0.9,
        )
        records.append(record)
    document = Document(f"{project}{number}.txt", "", text)
    return Result(document, tuple(mentions), tuple(quantities), tuple(records), MODEL)


def compared(before: Result | list[Result], after: Result | list[Result]) -> list[Pair]:
    sides = [[year_report(one) for one in (side if isinstance(side, list) else [side])] for side in (before, after)]
    return list(pairs(*sides))


def names(found: list[Pair]) -> list[tuple[str | None, str | None]]:
    sides = [(pair.before, pair.after) for pair in found]
    return [(before.name if before else None, after.name if after else None) for before, after in sides]


def cells(pair: Pair) -> dict[str, object]:
    return {column.title: cell for column, cell in zip(COLUMNS, row(pair).cells, strict=True)}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("新增藏书 目标6000册", "新增藏书 目标5500册", "降低500册（-8.33%），要求放宽"),
        ("新增藏书 目标6000册", "新增藏书 目标6600册", "提高600册（+10.00%），要求从严"),
        ("新增藏书 目标6000册", "新增藏书 目标6000册", "不变"),
        ("新增藏书 目标6000册", "新增藏书 目标0.6万册", "不变"),
        ("读者满意度 目标95%以上", "读者满意度 目标93%以上", "降低2个百分点，要求放宽"),
        ("事故发生率 目标不超过3%", "事故发生率 目标不超过5%", "提高2个百分点，要求放宽"),
        ("单位成本 目标200元", "单位成本 目标180元", "降低20元（-10.00%），要求从严"),
        ("新增藏书 目标6000册", "新增藏书 目标6000种", "无法比较：单位不同（册、种）"),
        ("新增藏书 目标5-7册", "新增藏书 目标6册", "无法比较：有区间"),
        ("新增藏书 目标5册 目标7册", "新增藏书 目标6册", "无法比较：不是单一数值"),
        ("新增藏书 目标6000册", "新增藏书 实际6000册", None),
    ],
)
def test_targets_raised_or_lowered(before: str, after: str, told: str | None) -> None:
    (pair,) = compared(year(2022, before), year(2023, after))
    assert cells(pair)["目标变化"] == told


def test_results_and_money() -> None:
    done, paid = compared(
        year(2022, "新增藏书 目标6000册 实际6240册", "实际支出 资金80万元"),
        year(2023, "新增藏书 目标6000册 实际5200册 实际增长3%", "实际支出 资金90万元"),
    )
    shown = cells(done)
    assert (shown["前期实现"], shown["本期实现"], shown["实现变化"]) == ("6240册", "5200册；增长3%", "减少1040册（-16.67%）")
    assert (shown["前期完成率"], shown["可信度"], shown["匹配"]) == (Decimal("1.04"), Decimal("0.9"), "名称相同")
    assert shown["须关注"] == "本期目标低于前期实绩"
    shown = cells(paid)
    assert (shown["资金变化"], shown["资金差数"], shown["资金变动率"]) == ("增加10万元（+12.50%）", 100000, Decimal("0.125"))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("培训 目标100人 实际80人", "培训 目标90人", "前期未完成，本期目标下调"),
        ("培训 目标100人 实际120人", "培训 目标90人", "本期目标低于前期实绩；目标放宽"),
        ("培训 目标100人 实际120人", "培训 目标130人", None),
        ("合格率 目标95% 实际97%", "合格率 目标95%", None),  # a margin, no lower goal
        ("成本 目标100元 实际90元", "成本 目标110元", "本期目标宽于前期实绩；目标放宽"),
    ],
)
def test_what_to_look_at(before: str, after: str, told: str | None) -> None:
    (pair,) = compared(year(2022, before), year(2023, after))
    assert cells(pair)["须关注"] == told


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2022年新增藏书数量", "2023年度新增藏书", True),
        ("全年接待读者", "接待读者", True),
        ("（1）读者满意度", "读者满意度", True),
        ("农村公路建设里程", "建设农村公路里程", True),
        ("公共图书馆接待读者人次", "图书馆接待读者人次", True),
        ("合格率", "不合格率", False),
        ("农村小学生营养餐覆盖率", "农村中学生营养餐覆盖率", False),
        ("一季度接待游客人次", "二季度接待游客人次", False),
        ("县级配套资金", "配套资金", False),
        ("资金发放率", "资金发放及时率", False),
        ("读者满意度", "群众满意度", False),
        ("馆内读者满意度", "读者满意度", False),  # too much left out
    ],
)
def test_which_names_are_the_same(one: str, other: str, same: bool) -> None:
    assert (likeness(name_key(one), name_key(other)) > 0) is same
    assert likeness(name_key(one), name_key(other)) == likeness(name_key(other), name_key(one))


def test_unit_and_section_choose_among_equal_names() -> None:
    before = year(2022, "完成数 目标7个", "完成数 目标9场")
    after = year(2023, "完成数 目标10场", "完成数 目标8个")
    assert [cells(pair)["目标变化"] for pair in compared(before, after)] == [
        "提高1个（+14.29%），要求从严",
        "提高1场（+11.11%），要求从严",
    ]
    two = year(2023, "培训 目标10人")
    other = replace(two.records[0], section=("二、效益",))
    (pair, alone) = compared(year(2022, "培训 目标8人", section="（二）效益"), replace(two, records=(two.records[0], other)))
    assert pair.after is not None and pair.after.heading == "效益"
    assert (alone.before, status(alone)) == (None, "仅本期有")


def test_what_only_one_year_has() -> None:
    found = compared(year(2022, "新增藏书 目标6000册", "流动服务 目标48次"), year(2023, "新增藏书 目标6册", "讲座 目标5场"))
    assert names(found) == [("新增藏书", "新增藏书"), ("流动服务", None), (None, "讲座")]
    assert [status(pair) for pair in found] == ["两期都有", "仅前期有", "仅本期有"]


def test_other_years_are_not_compared() -> None:
    result = year(2022, "新增藏书 目标6000册", "新增藏书 目标7000册")
    next_year = replace(result.records[1], period=whole_year(2023))
    report = year_report(replace(result, records=(result.records[0], next_year)))
    assert ([entry.name for entry in report.entries], report.n_other, report.year) == (["新增藏书"], 1, 2022)


def test_records_are_compared_within_their_project() -> None:
    before = [year(2022, "满意度 目标90%", project=name) for name in ("农村公路养护", "图书馆免费开放")]
    after = [year(2023, "满意度 目标95%", project=name) for name in ("图书馆免费开放", "城市绿化")]
    found = compared(before, after)
    sources = [tuple(entry.cells["来源文件"] for entry in pair.entries) for pair in found]
    assert sources == [("图书馆免费开放2022.txt", "图书馆免费开放2023.txt"), ("农村公路养护2022.txt",), ("城市绿化2023.txt",)]


def test_the_workbook(tmp_path: Path) -> None:
    before, after = year(2022, "=1+1 目标6000册"), year(2023, "=1+1 目标6500册")
    write(compared(before, after), [year_report(before)], [year_report(after)], tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["年度比较", "报告", "说明"]
    sheet = book["年度比较"]
    shown = {header.value: cell for header, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (shown["指标"].value, shown["指标"].data_type) == ("=1+1", "s")
    assert (shown["目标差数"].value, shown["目标变化"].value) == (500, "提高500册（+8.33%），要求从严")
    assert [cell.value for cell in book["报告"][3]] == ["本期", "图书馆免费开放2023.txt", None, 2023, 1, 0]
