"""Workbooks: made here with openpyxl and xlwt, and what becomes of them. Places and figures are fictitious."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from extractor import readers
from extractor.errors import ReadError, UnsupportedFormat
from extractor.readers import old_workbook, workbook, worksheets
from extractor.types import Document
from tests.test_readers import outline, page, read, table, words

MERGED = "sheet 自评表"


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def make_book(fill: Callable[[Any], None] | None = None, **cells: Any) -> bytes:
    """One sheet named 自评表 with cells by their names."""
    book = openpyxl.Workbook()
    book.active.title = "自评表"
    for place, value in cells.items():
        book.active[place] = value
    if fill:
        fill(book.active)
    return saved(book)


def repacked(content: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """The package with the bytes of every member changed, and members added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, member in more.items():
            new.writestr(name, member)
    return stream.getvalue()


def messages(document: Document) -> list[tuple[str, str]]:
    return [(problem.where, problem.message) for problem in document.problems]


def test_cells_merged_cells_and_what_numbers_show() -> None:
    def fill(sheet: Any) -> None:
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("C1:D1")
        for place, style in {"D2": "0.00%", "D3": 'yyyy"年"m"月"', "C3": '"≥"0"处"'}.items():
            sheet[place].number_format = style

    content = make_book(
        fill,
        A1="一级指标",
        B1="指标",
        C1="完成",
        A2="产出\n指标",
        B2="合格率",
        C2=95.5,
        D2=0.985,
        B3="工期",
        C3=46,
        D3=date(2023, 12, 31),
    )
    found = read(content, "a.xlsx")
    assert found.problems == ()
    assert table(found) == [
        (0, 0, 1, 1, "一级指标"),
        (0, 1, 1, 1, "指标"),
        (0, 2, 1, 2, "完成"),
        (1, 0, 2, 1, "产出 指标"),
        (1, 1, 1, 1, "合格率"),
        (1, 2, 1, 1, "95.5"),
        (1, 3, 1, 1, "98.50%"),
        (2, 1, 1, 1, "工期"),
        (2, 2, 1, 1, "≥46处"),
        (2, 3, 1, 1, "2023年12月"),
    ]


def test_formats_that_files_name_by_number_only() -> None:
    """57 is 2023年12月 to a Chinese Excel, and openpyxl does not know it."""
    content = make_book(lambda sheet: setattr(sheet["A1"], "number_format", "0.00"), A1=45291)
    dated = repacked(content, lambda name, data: data.replace(b'numFmtId="2"', b'numFmtId="57"') if "styles" in name else data)
    assert read(dated, "a.xlsx").text == "2023年12月"


def test_several_sheets_are_several_tables_under_their_names() -> None:
    book = openpyxl.Workbook()
    book.active.title = "项目一"
    book.active["B2"] = "修缮面积"
    book.create_sheet("空表")
    hidden = book.create_sheet("项目二")
    hidden["A1"], hidden.sheet_state = "巡查次数", "hidden"
    found = read(saved(book), "a.xlsx")
    assert outline(found) == [("heading", "项目一"), ("table", "修缮面积"), ("heading", "项目二"), ("table", "巡查次数")]
    assert messages(found) == [("sheet 项目二", "工作表是隐藏的，已读取；请核对是否应计入")]


def test_hidden_rows_and_columns_are_read_and_named() -> None:
    def fill(sheet: Any) -> None:
        for row in (2, 3, 5, 9):
            sheet.row_dimensions[row].hidden = True
        sheet.column_dimensions["B"].hidden = True

    found = read(make_book(fill, A1="指标", A2="里程", A3="座数", A5="桥梁", B1="公里"), "a.xlsx")
    assert found.text.split() == ["指标", "公里", "里程", "座数", "桥梁"]
    assert messages(found) == [
        (MERGED, "隐藏的第 2-3、5 行已读取；请核对是否应计入"),
        (MERGED, "隐藏的第 B 列已读取；请核对是否应计入"),
    ]


def test_formulas_count_by_their_saved_value() -> None:
    """openpyxl saves no values, so one is put in."""
    content = make_book(A1="得分", A2="=SUM(B1:B9)", A3="=1/0", A4="=B1")
    saved_values = {b"<f>SUM(B1:B9)</f><v />": b"<f>SUM(B1:B9)</f><v>96.5</v>", b"<f>1/0</f><v />": b"<f>1/0</f><v>#DIV/0!</v>"}

    def change(name: str, data: bytes) -> bytes:
        data = data.replace(b"<v></v>", b"<v />").replace(b"<v/>", b"<v />")
        for before, after in saved_values.items():
            data = data.replace(before, after)
        return data.replace(b'<c r="A3">', b'<c r="A3" t="e">')

    found = read(repacked(content, change), "a.xlsx")
    assert found.text == "得分\n96.5\n#DIV/0!"
    assert messages(found) == [
        (MERGED, "公式没有保存计算结果，未读取：A4；请在表格软件中打开、重新计算并保存"),
        (MERGED, "单元格显示为错误值，已原样保留：A3；请核对公式"),
    ]


def test_macros_are_named_and_never_read() -> None:
    content = repacked(make_book(A1="指标"), lambda _, data: data, **{workbook.MACROS: b"\0"})
    for name in ("a.xlsm", "a.xlsx"):
        assert messages(read(content, name)) == [("file", workbook.HAS_MACROS)]


def test_merged_cells_that_overlap_run_in_circles_or_hide_words() -> None:
    merges = b'<mergeCells count="4">%s</mergeCells>' % b"".join(
        b'<mergeCell ref="%s"/>' % place for place in (b"A1:B2", b"B2:C3", b"A1:B2", b"A3:XFD1048576")
    )
    content = make_book(A1="产出", B1="遮住", A2="产出", B2="又遮住", C2="数量", A3="备注", C3="末")
    found = read(
        repacked(
            content, lambda name, data: data.replace(b"</sheetData>", b"</sheetData>" + merges) if "sheet1" in name else data
        ),
        "a.xlsx",
    )
    assert table(found) == [(0, 0, 2, 2, "产出"), (0, 2, 1, 1, ""), (1, 2, 1, 1, "数量"), (2, 0, 1, 3, "备注")]
    assert messages(found) == [(MERGED, "被合并单元格遮住的内容未读取：B1、B2、C3；请取消合并后核对")]


def test_a_merged_cell_that_ends_before_it_begins_is_damage() -> None:
    merge = b'<mergeCells count="1"><mergeCell ref="D6:A2"/></mergeCells>'
    content = repacked(make_book(A1="指标"), lambda _, data: data.replace(b"</sheetData>", b"</sheetData>" + merge))
    with pytest.raises(ReadError, match=r"^a.xlsx：不是 Excel 工作簿或已损坏"):
        readers.read_bytes(content, name="a.xlsx")


def rows_of(rows: str) -> bytes:
    """A workbook whose sheet has these rows, as XML."""

    def change(name: str, data: bytes) -> bytes:
        if "sheet1" not in name:
            return data
        return data[: data.index(b"<sheetData>")] + f"<sheetData>{rows}</sheetData></worksheet>".encode()

    return repacked(make_book(A1="指标"), change)


def test_a_sheet_of_100_000_rows_is_read_in_part_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "Budget", partial(worksheets.Budget, cells=2000))
    content = rows_of("".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(1, 100_001)))
    begun = time.process_time()
    found = readers.read_bytes(content, name="a.xlsx")
    assert time.process_time() - begun < 20
    assert len(found.blocks[0].cells) == 2000
    assert [problem.message[: len("第 2001 行起未读取：")] for problem in found.problems] == ["第 2001 行起未读取："]


def test_cells_of_a_million_characters() -> None:
    """They are read as far as a document may hold them."""
    cell = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c></row>'
    found = readers.read_bytes(rows_of("".join(cell.format(row, "标" * 10**6) for row in range(1, 7))), name="a.xlsx")
    assert 4 * 10**6 < len(found.text) < readers.MAX_CHARACTERS
    assert found.problems[0].message.startswith("第 5 行起未读取：")


def test_cells_far_apart_and_wrong_dimensions() -> None:
    content = make_book(A1="首", XFD1048576="末")
    found = readers.read_bytes(content, name="a.xlsx")
    assert found.text == "首\t\n\t末"
    content = make_book(A1="首", B3="末")
    wrong = repacked(content, lambda name, data: data.replace(b'ref="A1:B3"', b'ref="A1"') if "sheet1" in name else data)
    assert read(wrong, "a.xlsx").text == found.text
    diagonal = make_book(None, **{f"{get_column_letter(at)}{at}": "格" for at in range(1, 1800)})
    assert readers.read_bytes(diagonal, name="a.xlsx").text.count("格") == 1799


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 cut off", "不是 Excel 工作簿或已损坏；需要完整的 .xlsx 文件"),
        (b"some words", "不是 Excel 工作簿或已损坏"),
        (make_book(A1="指标")[:-300], "不是 Excel 工作簿或已损坏"),
        (
            repacked(make_book(A1="指标"), lambda name, data: b"<broken" if "sheet1" in name else data),
            "不是 Excel 工作簿或已损坏",
        ),
        (
            repacked(make_book(A1="指标"), lambda _, data: data, **{"xl/workbook.bin": b"\0"}),
            "是二进制工作簿（.xlsb）；请另存为 .xlsx",
        ),
        (
            repacked(
                make_book(A1="指标"),
                lambda _, data: data.replace(
                    b"http://schemas.openxmlformats.org/spreadsheetml", b"http://purl.oclc.org/ooxml/spreadsheetml"
                ),
            ),
            "是“Strict Open XML”格式的工作簿；请另存为普通的",
        ),
        (make_book(), "没有文字；报告至少要有一个可见字符"),
    ],
    ids=["zip", "words", "cut", "broken", "binary", "strict", "empty"],
)
def test_what_is_no_workbook(content: bytes, message: str) -> None:
    with pytest.raises(ReadError, match=f"^a.xlsx：{message}"):
        readers.read_bytes(content, name="a.xlsx")


CELL = st.one_of(st.text("产出率95%.\t\n ", max_size=6), st.integers(-(10**6), 10**6), st.booleans(), st.none())


@settings(max_examples=25)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_every_cell_with_words_stands_in_its_place(rows: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    for row in [["首"] * 3, *rows]:
        book.active.append(row)
    found = read(saved(book), "a.xlsx")
    expected = {
        (row, column): " ".join(str(cell).upper().split() if isinstance(cell, bool) else str(cell).split())
        for row, cells in enumerate(rows, start=1)
        for column, cell in enumerate(cells)
        if cell is not None and str(cell).split()
    }
    shown = {(c.row, c.column): words(found, c.span) for c in found.blocks[0].cells if c.span and c.row}
    assert shown == expected


# Old workbooks


def make_old(fill: Callable[[Any], None]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    fill(book.add_sheet("自评表"))
    return saved(book)


def test_old_workbook() -> None:
    def fill(sheet: Any) -> None:
        sheet.write_merge(0, 1, 0, 0, "产出指标")
        sheet.write(0, 1, 0.985, xlwt.easyxf(num_format_str="0.0%"))
        sheet.write(1, 1, date(2023, 12, 31), xlwt.easyxf(num_format_str='yyyy"年"m"月"'))
        sheet.write(2, 0, True)
        sheet.write(2, 1, 15)
        sheet.row(2).hidden = True

    found = read(make_old(fill), "a.xls")
    assert table(found) == [
        (0, 0, 2, 1, "产出指标"),
        (0, 1, 1, 1, "98.5%"),
        (1, 1, 1, 1, "2023年12月"),
        (2, 0, 1, 1, "TRUE"),
        (2, 1, 1, 1, "15"),
    ]
    assert messages(found) == [(MERGED, "隐藏的第 3 行已读取；请核对是否应计入")]


def test_old_workbooks_that_cannot_be_read() -> None:
    content = make_old(lambda sheet: sheet.write(0, 0, "指标"))
    with pytest.raises(ReadError, match=r"^a.xls：不是 Excel 97-2003 工作簿或已损坏；需要完整的 .xls 文件"):
        readers.read_bytes(content[:1500], name="a.xls")
    with pytest.raises(ReadError, match=r"^a.xls：不是 Excel 97-2003 工作簿或已损坏"):
        readers.read_bytes("指标\t目标".encode(), name="a.xls")
    with pytest.raises(ReadError, match=r"^a.xls：大小为 21 MB；此类文件最多读取 20 MB"):
        readers.read_bytes(content + bytes(old_workbook.MAX_SIZE + 2**20 - len(content)), name="a.xls")


def test_content_decides_between_kinds_of_workbooks() -> None:
    old, new = make_old(lambda sheet: sheet.write(0, 0, "指标")), make_book(A1="指标")
    for content, name, kind in (
        (old, "a.xlsx", "Excel 97-2003 工作簿"),
        (new, "a.xls", "Excel 工作簿"),
        (new, "a.docx", "Excel 工作簿"),
    ):
        (problem,) = readers.read_bytes(content, name=name).problems
        assert problem.message.startswith(f"内容是 {kind}，后缀却是 ")
    (problem,) = read(page("<table><tr><td>指标<td>95%</table>").encode(), "a.xls").problems
    assert problem.message == "内容是 HTML 网页，后缀却是 .xls；已按 HTML 网页读取"
    with pytest.raises(UnsupportedFormat, match=r"^a.et：.*（内容是 Excel 97-2003 工作簿，请改为相应的后缀）"):
        readers.read_bytes(old, name="a.et")
