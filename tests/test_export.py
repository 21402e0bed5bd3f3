from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from extractor.errors import ExtractorError, OwnFile
from extractor.export import csv_cell, open_folder, write
from extractor.finding_sheet import finding_rows
from extractor.readers import read
from extractor.sheet import COLUMNS, cell_text, place_text, rows, trust
from extractor.spreadsheet import excel_cell, number_format_of, text_width
from extractor.types import Block, BlockKind, Cell, Document, Finding, Label, Mention, Record, RecordKind, Result, Severity, Span
from extractor.workbook import Book
from tests.results import TEXT, paged, report

TITLES = [column.title for column in COLUMNS]


def by_title(result: Result) -> list[dict[str, Any]]:
    return [dict(zip(TITLES, row.cells, strict=True)) for row in rows(result)]


def sheet_rows(sheet: Any) -> list[dict[str, Any]]:
    header, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in body]


@pytest.mark.parametrize(
    ("where", "shown"),
    [("page 12", "第12页"), ("characters 3-9", "第4至9字"), ("file", "文件"), ("page", "网页"), ("elsewhere", "elsewhere")],
)
def test_places_of_problems_are_told_in_chinese(where: str, shown: str) -> None:
    assert place_text(where) == shown


def test_the_rows_of_a_report() -> None:
    project, amount, budget, rate = by_title(report())
    shown = {title: cell for title, cell in project.items() if cell is not None}
    assert shown == {
        "来源文件": "报告.txt",
        "记录号": "r1",
        "类型": "绩效",
        "指标": "签约产业项目",
        "目标值": "7个",
        "目标数值": Decimal(7),
        "目标单位": "个",
        "实现值": "8个；114.3%",
        "实现数值": Decimal(8),
        "实现单位": "个",
        "完成率（报告所述）": Decimal("1.143"),
        "完成率（计算）": Decimal("1.1429"),
        "期间": "2022年",
        "章节": "一、项目绩效情况",
        "原文所在句": "计划签约产业项目7个，总金额7亿元以上。 …… 全年签约产业项目8个，完成率114.3%，协议金额7.5亿元。",
        "疑点": "警告：8 / 7 ≠ 115%",
        "可信度": Decimal("0.93"),
        "来源": "正文",
    }
    assert (amount["上级指标"], amount["目标条件"], amount["目标数值"]) == ("签约产业项目", "≥", Decimal(700000000))
    assert (budget["类型"], budget["资金性质"]) == ("资金", "预算")
    assert (budget["资金金额"], budget["金额（元）"]) == ("40万元", Decimal(400000))
    assert (rate["一级指标"], rate["分值"], rate["来源"]) == ("产出指标", Decimal(10), "表格")


def test_pages_of_a_row() -> None:
    assert [row["页码"] for row in by_title(paged(report()))] == ["1、2", "1、2", Decimal(2), Decimal(2)]


def table_result() -> Result:
    text = "指标\t目标\n厕所\n改造\t44座\n"
    cells = (Cell(0, 0, Span(0, 2)), Cell(0, 1, Span(3, 5)), Cell(1, 0, Span(6, 11)), Cell(1, 1, Span(12, 15)))
    document = Document("a.docx", "", text, blocks=(Block(BlockKind.TABLE, Span(0, 15), cells=cells),))
    record = Record(RecordKind.PERFORMANCE, targets=(0,))
    return Result(document, (Mention(Label.TARGET, Span(12, 15)),), (None,), (record,), report().model)


def test_the_sentence_of_a_table_cell_is_its_row() -> None:
    assert by_title(table_result())[0]["原文所在句"] == "厕所改造 | 44座"


def test_a_sentence_runs_over_the_line_breaks_of_its_paragraph() -> None:
    text = "前一句。共修复路面\n  120公里，按期完工。后一句。"
    start = text.index("120")
    document = Document("a.pdf", "", text, blocks=(Block(BlockKind.PARAGRAPH, Span(0, len(text))),))
    mention = Mention(Label.ACHIEVED, Span(start, start + 5))
    result = Result(document, (mention,), (None,), (Record(RecordKind.PERFORMANCE, achieved=(0,)),), report().model)
    assert by_title(result)[0]["原文所在句"] == "共修复路面120公里，按期完工。"


def test_files_of_a_run(tmp_path: Path) -> None:
    with open_folder(tmp_path / "new" / "out") as export:
        export.add(report("一.txt"))
        export.fail("坏.pdf", "无法读取")
        export.add(report("二.txt"))
    folder = tmp_path / "new" / "out"
    assert sorted(path.name for path in folder.iterdir()) == [
        "failed.jsonl",
        "findings.xlsx",
        "index.html",
        "papers",
        "parquet",
        "records.csv",
        "records.xlsx",
        "results.jsonl",
    ]
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["source"] for line in lines] == ["一.txt", "二.txt"]
    assert json.loads(lines[0]) == report("一.txt").to_dict()
    assert json.loads((folder / "failed.jsonl").read_text(encoding="utf-8")) == {"source": "坏.pdf", "error": "无法读取"}
    assert export.n_records == 8


def test_csv_opens_in_excel(tmp_path: Path) -> None:
    assert write([report()], tmp_path) == 4
    content = (tmp_path / "records.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [row["指标"] for row in table] == ["签约产业项目", "总金额", "年初预算", "培训合格率"]
    assert (table[1]["目标数值"], table[0]["完成率（计算）"]) == ("700000000", "1.1429")


def test_workbook(tmp_path: Path) -> None:
    write([report()], tmp_path)
    book = load_workbook(tmp_path / "records.xlsx")
    assert book.sheetnames == ["记录", "疑点", "说明", "未读文件"]
    sheet = book["记录"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:{sheet.cell(1, len(TITLES)).column_letter}5")
    assert [cell.value for cell in sheet[1]] == TITLES
    cells = dict(zip(TITLES, sheet[2], strict=True))
    assert (cells["实现数值"].value, cells["实现数值"].number_format) == (8, "#,##0")
    assert (cells["完成率（计算）"].value, cells["完成率（计算）"].number_format) == (1.1429, "0.00%")
    assert cells["原文所在句"].alignment.wrap_text
    rate = dict(zip(TITLES, sheet[5], strict=True))["实现数值"]
    assert (rate.value, rate.number_format) == (98, '0"%"')
    rules = [rule for rules in sheet.conditional_formatting for rule in rules.rules]
    assert [rule.formula[0].split("<")[1] for rule in rules] == ["0.5", "0.8"]
    assert {row["项目"] for row in sheet_rows(book["说明"])} >= set(TITLES)
    assert sheet_rows(book["未读文件"]) == [{"来源文件": "报告.txt", "范围": "第3页", "原因": "no text"}]


def test_widths_count_chinese_characters_twice(tmp_path: Path) -> None:
    write([report()], tmp_path)
    widths = load_workbook(tmp_path / "records.xlsx")["记录"].column_dimensions
    assert text_width("签约产业项目") == 12
    assert widths["E"].width >= 12
    assert all(6 <= widths[letter].width <= 63 for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_text_never_becomes_a_formula(name: str, tmp_path: Path) -> None:
    result = replace(report(), records=(replace(report().records[0], name=name),))
    write([result], tmp_path)
    cell = load_workbook(tmp_path / "records.xlsx")["记录"]["E2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (name, "s", True)
    row = next(csv.DictReader((tmp_path / "records.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert row["指标"] == f"'{name}"


def test_characters_that_a_workbook_cannot_hold(tmp_path: Path) -> None:
    name = "\x00甲\x0b乙\ud800\uffff" + "丙" * 40_000
    result = replace(report(), records=(replace(report().records[0], name=name),))
    write([result], tmp_path)
    shown = load_workbook(tmp_path / "records.xlsx")["记录"]["E2"].value
    assert shown == "甲乙" + "丙" * 32_764 + "…"
    assert "\x00" not in (tmp_path / "records.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a" * 32_767, "a" * 32_767),
        ("a" * 32_768, "a" * 32_766 + "…"),
        ("😀" * 20_000, "😀" * 16_383 + "…"),  # each counts as two
        (Decimal("123456789012345"), Decimal("123456789012345")),
        (Decimal("1234567890123456"), "1234567890123456"),  # would lose its last digit
    ],
)
def test_excel_cell(value: str | Decimal, shown: str | Decimal) -> None:
    assert excel_cell(value) == shown


@pytest.mark.parametrize(
    ("value", "ratio", "unit", "shown"),
    [
        ("7", False, "个", "#,##0"),
        ("7.50", False, "元", "#,##0.0"),
        ("1e3", False, "元", "#,##0"),
        ("95.5", False, "%", '0.0"%"'),
        ("1.1429", True, None, "0.00%"),
        ("1", True, None, "0%"),
    ],
)
def test_number_format(value: str, ratio: bool, unit: str | None, shown: str) -> None:
    assert number_format_of(Decimal(value), ratio=ratio, unit=unit) == shown


def test_csv_numbers_may_be_negative() -> None:
    assert (csv_cell(Decimal("-6.2")), csv_cell("-6.2%"), csv_cell(None)) == ("-6.2", "'-6.2%", "")


def test_cell_text() -> None:
    assert (cell_text(Decimal("1.1"), ratio=True), cell_text(Decimal("1500")), cell_text(None)) == ("110%", "1,500", "")


def test_trust() -> None:
    assert [trust(confidence) for confidence in (0.49, 0.5, 0.79, 0.8, 1.0)] == ["low", "doubtful", "doubtful", "", ""]


def test_a_full_sheet_continues_on_a_further_one(tmp_path: Path) -> None:
    book = Book(rows_per_sheet=3)
    for _ in range(2):
        book.add(list(rows(report())), list(finding_rows(report())))
    book.save(tmp_path / "a.xlsx")
    saved = load_workbook(tmp_path / "a.xlsx")
    assert saved.sheetnames == ["记录", "记录 (2)", "记录 (3)", "疑点", "说明", "未读文件"]
    assert [len(sheet_rows(saved[name])) for name in saved.sheetnames[:3]] == [3, 3, 2]


def test_results_are_taken_one_by_one(tmp_path: Path) -> None:
    written: list[int] = []

    def results() -> Iterator[Result]:
        for number in range(3):
            lines = (tmp_path / "results.jsonl").read_bytes().splitlines()
            written.append(len(lines))
            yield report(f"{number}.txt")

    write(results(), tmp_path)
    assert written == [0, 1, 2]


def test_work_done_is_kept_when_a_run_breaks_off(tmp_path: Path) -> None:
    def results() -> Iterator[Result]:
        yield report()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(results(), tmp_path)
    assert len(sheet_rows(load_workbook(tmp_path / "records.xlsx")["记录"])) == 4


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExtractorError, match="不能在这里写入"), open_folder(tmp_path / "file"):
        pass


def files_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "name",
    "results.jsonl failed.jsonl records.csv records.xlsx findings.xlsx parquet parquet/records.parquet index.html papers".split(),
)
def test_a_start_that_fails_costs_nothing_of_an_earlier_run(name: str, tmp_path: Path) -> None:
    write([report()], tmp_path)
    taken = tmp_path / name  # now by what cannot be written as that file or folder
    if taken.is_dir():
        taken.rename(tmp_path / "moved")
        taken.write_text("")
    else:
        taken.unlink()
        taken.mkdir()
    before = files_of(tmp_path)
    with pytest.raises(ExtractorError), open_folder(tmp_path):
        pass
    assert files_of(tmp_path) == before


def test_an_overview_of_somebody_else_costs_nothing_of_an_earlier_run(tmp_path: Path) -> None:
    write([report()], tmp_path)
    (tmp_path / "index.html").write_text("<p>目录</p>", encoding="utf-8")
    before = files_of(tmp_path)
    with pytest.raises(ExtractorError, match="不是本程序写出的"), open_folder(tmp_path):
        pass
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("name", ["records.xlsx", "findings.xlsx", "index.html", "papers/报告.html"])
def test_what_a_run_writes_is_no_report(name: str, tmp_path: Path) -> None:
    write([report()], tmp_path)
    with pytest.raises(OwnFile, match="不是报告"):
        read(tmp_path / name)


def test_no_records_at_all(tmp_path: Path) -> None:
    assert write([], tmp_path) == 0
    assert load_workbook(tmp_path / "records.xlsx").sheetnames == ["记录", "疑点", "说明", "未读文件"]
    assert TEXT not in (tmp_path / "records.csv").read_text(encoding="utf-8-sig")


def test_records_and_findings_lead_to_each_other(tmp_path: Path) -> None:
    book = Book(rows_per_sheet=3)
    for source in ("一.txt", "二.txt"):
        result = replace(report(source), findings=(Finding("r", Severity.ERROR, "=1+1", (3,), (6,), confidence=0.5),))
        book.add(list(rows(result)), list(finding_rows(result)))
    book.save(tmp_path / "a.xlsx")
    saved = load_workbook(tmp_path / "a.xlsx")
    links = {
        sheet.title: {cell.coordinate: cell.hyperlink.location for row in sheet for cell in row if cell.hyperlink}
        for sheet in saved
    }
    at = get_column_letter(TITLES.index("疑点") + 1)
    # Four records a report: the last of the first report opens the second sheet, that of the second ends the third.
    assert links["疑点"] == {"G2": "'记录 (2)'!A2", "G3": "'记录 (3)'!A3"}
    assert links["记录 (2)"] == {f"{at}2": "'疑点'!A2"}
    first = sheet_rows(saved["疑点"])[0]
    assert (first["说明"], first["记录号"], first["数值"], first["可信度"]) == ("=1+1", "r4", "114.3%", 0.5)
    assert saved["疑点"]["F2"].data_type == "s"


def test_findings_have_a_file_of_their_own(tmp_path: Path) -> None:
    write([report("一.txt"), report("二.txt")], tmp_path)
    saved = load_workbook(tmp_path / "findings.xlsx")
    assert [row["来源文件"] for row in sheet_rows(saved["疑点"])] == ["一.txt", "二.txt"]
    counted = sheet_rows(saved["规则统计"])
    assert counted == [{"规则": "完成率不符", "规则名": "completion-rate", "相符": 4, "不符": 2, "无法判断": 6}]
