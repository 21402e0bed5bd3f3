"""One report in prose and table: the pipeline with gold mentions in the place of a tagger."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from extractor.tables import Reading, joined, read, recognise
from extractor.types import (
    Document,
    Label,
    Mention,
    ModelInfo,
    Origin,
    Period,
    Quantity,
    Record,
    RecordKind,
    Result,
    Span,
)
from tests.grids import report

TABLE = (
    "一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分",
    "产出指标 | 数量指标 | 新建泵站数量 | ≥3座 | 3座 | 60 | 60",
    " | 质量指标 | 验收合格率 | 100% | 98% | 40 | 39",
)


def stated(document: Document, name: str, value: str, number: str, unit: str, label: Label = Label.ACHIEVED) -> Result:
    """A result of the prose alone: one record with a name and a value that stand in the text."""
    start, at = document.text.index(name), document.text.index(value)
    mentions = (Mention(Label.INDICATOR, Span(start, start + len(name))), Mention(label, Span(at, at + len(value))))
    if label is Label.AMOUNT:
        record = Record(RecordKind.FUND, (0,), amounts=(1,), name=name)
    else:
        record = Record(RecordKind.PERFORMANCE, (0,), achieved=(1,), name=name)
    return Result(document, mentions, (None, Quantity(Decimal(number), unit)), (record,), ModelInfo("", ""))


def tables(document: Document) -> Reading:
    return read(document, recognise(document), lambda offset: ())


def test_a_row_and_prose_that_agree_are_one_record() -> None:
    document = report("全年新建泵站3座。", TABLE)
    result = joined(stated(document, "新建泵站", "3座", "3", "座"), tables(document))
    assert [(r.name, r.weight, [str(s) for s in r.sources(result.mentions)]) for r in result.records] == [
        ("新建泵站数量", "60", ["text", "table"]),
        ("验收合格率", "40", ["table"]),
    ]
    assert [result.text_of(m) for m in result.records[0].achieved] == ["3座", "3座"]
    assert result.records[0].origin is Origin.TABLE
    assert result.to_dict()["records"][0]["sources"] == ["text", "table"]


def test_a_row_and_prose_that_differ_stay_apart_and_connected() -> None:
    document = report("验收合格率达到95%。", TABLE)
    result = joined(stated(document, "验收合格率", "95%", "95", "%"), tables(document))
    assert [(r.name, r.related) for r in result.records] == [("验收合格率", (2,)), ("新建泵站数量", ()), ("验收合格率", (0,))]
    assert [record["related"] for record in result.to_dict()["records"]] == [["r3"], [], ["r1"]]


def test_another_indicator_with_the_same_value_stays_apart() -> None:
    document = report("全年维修校舍3座。", TABLE)
    result = joined(stated(document, "维修校舍", "3座", "3", "座"), tables(document))
    assert [(r.name, r.related) for r in result.records] == [("维修校舍", ()), ("新建泵站数量", ()), ("验收合格率", ())]


def test_the_same_indicator_of_another_year_stays_apart() -> None:
    document = report("清河县2022年度绩效自评报告", "2023年新建泵站3座。", TABLE)
    prose = stated(document, "新建泵站", "3座", "3", "座")
    (record,) = prose.records
    own = tables(document).records[0].period
    assert own is not None
    next_year = Period(own.start.replace(year=2023), own.end.replace(year=2023))
    result = joined(replace(prose, records=(replace(record, period=next_year),)), tables(document))
    assert [(len(r.achieved), r.related) for r in result.records] == [(1, ()), (1, ()), (1, ())]


def test_money_that_prose_and_table_state_is_one_record() -> None:
    document = report("全年支出9.5万元。", ["项目 | 预算数（万元） | 执行数（万元） | 执行率", "合计 | 10 | 9.5 | 95%"])
    prose = stated(document, "支出", "9.5万元", "95000", "元", Label.AMOUNT)
    prose = replace(prose, records=(replace(prose.records[0], role="paid"),))
    result = joined(prose, tables(document))
    assert [(r.role, len(r.amounts)) for r in result.records] == [("budget", 1), ("paid", 2)]


def test_parents_follow_a_record_that_went_into_a_row() -> None:
    document = report("新建泵站3座，其中大型泵站1座。", TABLE)
    prose = stated(document, "新建泵站", "3座", "3", "座")
    part = Record(RecordKind.PERFORMANCE, name="大型泵站", parent=0)
    result = joined(replace(prose, records=(*prose.records, part)), tables(document))
    assert [(r.name, r.parent) for r in result.records] == [("大型泵站", 1), ("新建泵站数量", None), ("验收合格率", None)]
