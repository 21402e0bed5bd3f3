"""Excel workbooks (.xlsx, .xlsm) by way of openpyxl: every sheet one table of what its cells show.

Formulas count by their saved value, and macros are never run. Comments, charts and text boxes are not read.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from extractor.errors import ReadError
from extractor.readers.number_formats import CHINESE_FORMATS, is_date, shown
from extractor.readers.package import check_package, damaged, members
from extractor.readers.parts import MAX_BYTES, check_size, compose
from extractor.readers.worksheets import MAX_FIELDS, MAX_MERGED, Budget, Merged, Place, Sheet, parts, problems
from extractor.types import Document, Problem

KIND, SUFFIX = "Excel 工作簿", ".xlsx"
MACROS = "xl/vbaProject.bin"
MAX_STYLES = 10 * 2**20  # of the file with the cells' styles, which openpyxl reads slowly
HAS_MACROS = "工作簿含有宏，宏没有运行也没有读取；只读取单元格中已保存的内容"


def read(content: bytes, name: str) -> Document:
    """Read a workbook; a sheet becomes a table, under the sheet's name where several sheets show something."""
    check_size(content, name, MAX_BYTES)
    check_package(content, name, kind=KIND, suffix=SUFFIX)
    _check_kind(content, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of extensions and validations, which do not concern us
        try:
            sheets, unread = _sheets(content)
        except Exception as error:  # damaged workbooks fail in openpyxl, lxml, zipfile or zlib, in too many ways to name
            raise ReadError(damaged(name, kind=KIND, suffix=SUFFIX)) from error
    told = [Problem("file", HAS_MACROS)] if MACROS in members(content) else []
    told += (Problem(f"sheet {title}", "是图表，未读取；请将其中的数据放入普通工作表") for title in unread)
    return compose(parts(sheets), content, name, problems=[*told, *problems(sheets)])


def _check_kind(content: bytes, name: str) -> None:
    """Refuse workbooks that openpyxl reads as if they were empty, or too slowly."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sizes = {file.filename: file.file_size for file in package.infolist()}
        if "xl/workbook.bin" in sizes:
            raise ReadError(f"{name}：是二进制工作簿（.xlsb）；请另存为 .xlsx")
        if "xl/workbook.xml" in sizes and b"http://purl.oclc.org/ooxml/" in package.open("xl/workbook.xml").read(4096):
            raise ReadError(f"{name}：是“Strict Open XML”格式的工作簿；请另存为普通的“Excel 工作簿（.xlsx）”")
    if sizes.get("xl/styles.xml", 0) > MAX_STYLES:
        raise ReadError(
            f"{name}：单元格样式有 {sizes['xl/styles.xml'] / 2**20:.0f} MB；最多读取 {MAX_STYLES // 2**20} MB，请另存为新的工作簿"
        )


def _sheets(content: bytes) -> tuple[list[Sheet], list[str]]:
    """All sheets, and the names of those that hold but a chart."""
    from openpyxl import load_workbook

    budget = Budget()
    with closing(load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)) as book:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            sheets = [_sheet(book, sheet, package, budget) for sheet in book.worksheets]
        return sheets, [chart.title for chart in book.chartsheets]


def _sheet(book: Any, sheet: Any, package: zipfile.ZipFile, budget: Budget) -> Sheet:
    with package.open(sheet._worksheet_path) as xml:  # openpyxl offers no public way to it
        frame = _frame(xml)
    found = Sheet(
        sheet.title,
        merged=frame.merged,
        is_hidden=sheet.sheet_state != "visible",
        hidden_rows=frame.hidden_rows,
        hidden_columns=frame.hidden_columns,
        uncalculated=frame.uncalculated,
    )
    errors: list[Place] = []
    sheet.reset_dimensions()  # many programs write wrong ones
    for row in sheet.iter_rows():
        cells = [cell for cell in row if cell.value is not None]
        if not cells:
            continue
        words = [_words(cell, book.epoch) for cell in cells]
        if not budget.has(words, len(row)):
            found.unread_from = cells[0].row - 1
            break
        for cell, said in zip(cells, words, strict=True):
            found.put(cell.row - 1, cell.column - 1, said)
        errors += ((cell.row - 1, cell.column - 1) for cell in cells if cell.data_type == "e")
    found.errors = errors
    return found


def _words(cell: Any, epoch: Any) -> str:
    """What a cell shows."""
    from openpyxl.utils.datetime import from_excel

    value = cell.value
    if isinstance(value, str) and cell.data_type != "s":
        return value  # an error
    style = CHINESE_FORMATS.get(cell.style_array.numFmtId) or cell.number_format
    if isinstance(value, (int, float)) and not isinstance(value, bool) and is_date(style):
        try:
            value = from_excel(value, epoch)
        except (OverflowError, ValueError):
            style = "General"
    return shown(value, style)


# ── What openpyxl does not tell of sheets that it does not load whole ────────────────────────────────────────────────


@dataclass(slots=True)
class _Frame:
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    uncalculated: list[Place] = field(default_factory=list)


def _frame(xml: Any) -> _Frame:
    """Merged cells, hidden rows and columns, and formulas without a saved value, of one pass over a sheet."""
    from lxml import etree
    from openpyxl.utils import range_boundaries

    frame = _Frame()
    row = -1
    events = etree.iterparse(xml, tag=("{*}row", "{*}col", "{*}mergeCell"), resolve_entities=False)
    for _, element in islice(events, MAX_FIELDS):
        tag = etree.QName(element).localname
        if tag == "row":
            row = int(element.get("r", row + 2)) - 1
            _row(element, row, frame)
        elif tag == "col" and _is_true(element.get("hidden")):
            frame.hidden_columns.update(range(int(element.get("min", 1)) - 1, min(int(element.get("max", 1)), 16384)))
        elif tag == "mergeCell" and len(frame.merged) <= MAX_MERGED:
            left, top, right, bottom = range_boundaries(element.get("ref"))
            frame.merged.append(Merged(top - 1, left - 1, bottom, right))
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return frame


def _row(element: Any, row: int, frame: _Frame) -> None:
    from openpyxl.utils.cell import coordinate_to_tuple

    if _is_true(element.get("hidden")):
        frame.hidden_rows.add(row)
    for column, cell in enumerate(element):
        if _is_uncalculated(cell):
            place = coordinate_to_tuple(cell.get("r"))[1] - 1 if cell.get("r") else column
            frame.uncalculated.append((row, place))


def _is_uncalculated(cell: Any) -> bool:
    """A formula without a saved value; a saved value may be an empty text."""
    if cell.find("{*}f") is None:
        return False
    return not cell.findtext("{*}v") and cell.get("t") != "str"


def _is_true(flag: str | None) -> bool:
    return flag in ("1", "true")
