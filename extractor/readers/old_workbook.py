"""Workbooks of Excel 97 to 2003 (.xls) by way of xlrd: every sheet one table of what its cells show."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from extractor.errors import ReadError
from extractor.readers.number_formats import CHINESE_FORMATS, Value, is_date, shown
from extractor.readers.package import ENCRYPTED, OLE, damaged
from extractor.readers.parts import check_size, compose
from extractor.readers.workbook import HAS_MACROS
from extractor.readers.worksheets import Budget, Merged, Place, Sheet, parts, problems
from extractor.types import Document, Problem

KIND, SUFFIX = "Excel 97-2003 工作簿", ".xls"
MAX_SIZE = 20 * 2**20  # the format knows 65,536 rows; xlrd loads a sheet whole
STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook\0", "Book\0"))
OTHER = "WordDocument".encode("utf-16-le")  # a Word document may hold a workbook
OPTIONS = {"formatting_info": True, "on_demand": True, "ragged_rows": True}
MACROS = "_VBA_PROJECT_CUR".encode("utf-16-le")


def is_old_workbook(content: bytes) -> bool:
    return content.startswith(OLE) and OTHER not in content and any(stream in content for stream in STREAMS)


def read(content: bytes, name: str) -> Document:
    """Read a workbook; a sheet becomes a table, under the sheet's name where several sheets show something."""
    check_size(content, name, MAX_SIZE)
    if content.startswith(OLE) and ENCRYPTED in content:
        raise ReadError(f"{name}：文件有密码保护；请取消密码后另存")
    sheets = _sheets(content, name)
    told = [Problem("file", HAS_MACROS)] if MACROS in content else []
    return compose(parts(sheets), content, name, problems=[*told, *problems(sheets)])


def _sheets(content: bytes, name: str) -> list[Sheet]:
    import xlrd

    budget = Budget()
    try:
        with xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), **OPTIONS) as book:
            return [_sheet(book, book.sheet_by_index(number), budget) for number in range(book.nsheets)]
    except Exception as error:  # damaged workbooks fail in xlrd in too many ways to name
        if "encrypt" in str(error).lower():
            raise ReadError(f"{name}：文件有密码保护；请取消密码后另存") from error
        raise ReadError(damaged(name, kind=KIND, suffix=SUFFIX)) from error


def _sheet(book: Any, sheet: Any, budget: Budget) -> Sheet:
    import xlrd

    found = Sheet(
        sheet.name,
        merged=[Merged(top, left, bottom, right) for top, bottom, left, right in sheet.merged_cells],
        is_hidden=sheet.visibility != 0,
        hidden_rows={row for row, info in sheet.rowinfo_map.items() if info.hidden},
        hidden_columns={column for column, info in sheet.colinfo_map.items() if info.hidden},
    )
    errors: list[Place] = []
    for row in range(sheet.nrows):
        cells = sheet.row(row)
        words = [_words(book, cell) for cell in cells]
        if not budget.has([said for said in words if said], len(cells)):
            found.unread_from = row
            break
        for column, (cell, said) in enumerate(zip(cells, words, strict=True)):
            found.put(row, column, said)
            if cell.ctype == xlrd.XL_CELL_ERROR:
                errors.append((row, column))
    found.errors = errors
    book.unload_sheet(sheet.number)
    return found


def _words(book: Any, cell: Any) -> str:
    """What a cell shows."""
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR!"))
    key = book.xf_list[cell.xf_index].format_key
    style = CHINESE_FORMATS.get(key) or book.format_map[key].format_str
    value: Value = bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value
    if isinstance(value, float) and is_date(style):
        value = _moment(value, book.datemode)
    return shown(value, style)


def _moment(serial: float, date_mode: int) -> datetime | float:
    import xlrd

    try:
        return xlrd.xldate_as_datetime(serial, date_mode)  # type: ignore[no-any-return]
    except (OverflowError, ValueError, xlrd.xldate.XLDateError):
        return serial
