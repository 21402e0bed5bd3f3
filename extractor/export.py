"""Results → files that people and programs open: results.jsonl, records.csv, records.xlsx, failed.jsonl.

Everything is written as it comes, so memory stays flat however many reports there are.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from io import BufferedWriter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from unicodedata import east_asian_width

from extractor.errors import ExtractorError
from extractor.output import all_problems, to_json
from extractor.sheet import COLUMNS, Cell, Row, place_text, rows
from extractor.types import Result

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

RESULTS, CSV, XLSX, FAILED = "results.jsonl", "records.csv", "records.xlsx", "failed.jsonl"
LONGEST_CELL = 32_767  # characters; Excel's limit
ROWS_PER_SHEET = 1_048_575  # Excel's limit less the header
EXACT_DIGITS = 15  # a spreadsheet number holds no more; longer ones stay text
SAMPLE = 200  # rows that are looked at before the column widths are set
NARROWEST = 6
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML 1.0 cannot hold
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

LOW, DOUBTFUL = Decimal("0.5"), Decimal("0.8")
LOW_COLOUR, DOUBTFUL_COLOUR, HEADER_COLOUR = "F8CBAD", "FFF2CC", "D9E1F2"
NOTES = (
    ("颜色", f"可信度低于 {LOW:.0%}：橙色，须逐条核对原文。", LOW_COLOUR),
    ("颜色", f"可信度在 {LOW:.0%} 与 {DOUBTFUL:.0%} 之间：黄色，建议核对。", DOUBTFUL_COLOUR),
    ("数字", "单元格中的数字可直接求和、筛选；同一记录有几个不同数值时以“；”隔开并作为文字保存，不参与求和。", None),
    ("数字", "单位为 % 的数值按百分数保存：95% 存为 95，显示为 95%；完成率和可信度存为比例：显示 95%，存为 0.95。", None),
    ("范围", "本表由程序自动提取，只反映报告的文字，不证明其真实；“未读文件”一页列出没有读到的文件和内容。", None),
)
FAILED_COLUMNS = ("来源文件", "范围", "原因")


@dataclass
class Export:
    """Open output files of one run; made by `open_folder`."""

    folder: Path
    _results: BufferedWriter
    _failed: BufferedWriter
    _csv: IO[str]
    _book: Book
    n_records: int = field(default=0, init=False)

    def add(self, result: Result) -> None:
        """Write one result everywhere."""
        _write_line(self._results, to_json(result))
        table = csv.writer(self._csv)
        for row in rows(result):
            table.writerow([csv_cell(cell) for cell in row.cells])
            self._book.add(row)
            self.n_records += 1
        self._csv.flush()
        for problem in all_problems(result):
            self._book.add_unread((result.document.source, place_text(problem.where), problem.message))

    def fail(self, source: str, error: str) -> None:
        """Note a file that could not be read at all."""
        line = json.dumps({"source": source, "error": error}, ensure_ascii=False)
        _write_line(self._failed, line.encode("utf-8", errors="backslashreplace"))
        self._book.add_unread((source, "整个文件", error))


@contextmanager
def open_folder(folder: Path) -> Iterator[Export]:
    """Open all output files in ``folder``, made where missing; older ones are replaced.

    The workbook is written at the end, also when the block is left by an exception, so that work done is kept.
    Raises ExtractorError where the folder or a file in it cannot be written.
    """
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Before the work rather than after it: on Windows this fails while a spreadsheet program holds the file.
            (folder / XLSX).unlink(missing_ok=True)
            results = stack.enter_context((folder / RESULTS).open("wb"))
            failed = stack.enter_context((folder / FAILED).open("wb"))
            # The mark at the start (BOM) tells Excel that the file is UTF-8.
            table = stack.enter_context((folder / CSV).open("w", encoding="utf-8-sig", newline=""))
        except OSError as error:
            hint = "请关闭正在打开其中文件的程序，或另选一个文件夹"
            raise ExtractorError(f"{folder}：不能在这里写入（{error.strerror}）；{hint}") from error
        csv.writer(table).writerow([column.title for column in COLUMNS])
        yield Export(folder, results, failed, table, stack.enter_context(_saved(Book(), folder / XLSX)))


def write(results: Iterable[Result], folder: Path) -> int:
    """Write all results into ``folder`` one by one and return the number of records."""
    with open_folder(folder) as export:
        for result in results:
            export.add(result)
        return export.n_records


class Book:
    """The workbook being written, row by row: records (on further sheets when one is full), unread files, legend."""

    def __init__(self, *, rows_per_sheet: int = ROWS_PER_SHEET) -> None:
        from openpyxl import Workbook

        self._book: Workbook = Workbook(write_only=True)
        self._styles = Styles(self._book)
        self._rows_per_sheet = rows_per_sheet
        self._sheets: list[Any] = []
        self._rows_here = 0
        self._waiting: list[Row] = []
        self._widths: list[int] | None = None
        self._unread: Any = None
        self._n_unread = 0

    def add(self, row: Row) -> None:
        """Add one record. The first ones wait: column widths stand before the rows in the file."""
        if self._widths is None and len(self._waiting) < SAMPLE:
            self._waiting.append(row)
            return
        self._flush()
        self._append(row)

    def add_unread(self, row: Sequence[str]) -> None:
        """Add a file, or a part of one, that was not read."""
        self._start_unread()
        if self._n_unread < ROWS_PER_SHEET:  # the file failed.jsonl holds them all
            self._unread.append([self._styles.cell(self._unread, text) for text in row])
            self._n_unread += 1

    def save(self, path: Path) -> None:
        """Write the workbook. Raises ExtractorError where the file cannot be written."""
        self._flush()
        self._finish_sheet()
        self._add_legend()
        self._start_unread()
        try:
            self._book.save(path)
        except OSError as error:
            hint = "请在其他程序中关闭它，再运行一次"
            raise ExtractorError(f"{path}：写入失败（{error.strerror}）；{hint}") from error

    def _flush(self) -> None:
        if self._widths is None:
            self._widths = column_widths([row.cells for row in self._waiting])
            self._start_sheet()
            for row in self._waiting:
                self._append(row)
            self._waiting.clear()

    def _append(self, row: Row) -> None:
        if self._rows_here == self._rows_per_sheet:
            self._finish_sheet()
            self._start_sheet()
        sheet = self._sheets[-1]
        sheet.append(
            [
                None if cell is None else self._styles.cell(sheet, cell, ratio=column.ratio, unit=unit)
                for cell, column, unit in zip(row.cells, COLUMNS, row.units, strict=True)
            ]
        )
        self._rows_here += 1

    def _start_sheet(self) -> None:
        title = "记录" if not self._sheets else f"记录 ({len(self._sheets) + 1})"
        header = [column.title for column in COLUMNS]
        self._sheets.append(self._new_sheet(title, header, self._widths or (), at=len(self._sheets)))
        self._rows_here = 0

    def _start_unread(self) -> None:
        if self._unread is None:
            self._unread = self._new_sheet("未读文件", FAILED_COLUMNS, (48, 16, 90))

    def _finish_sheet(self) -> None:
        """Filter and colours of the sheet being written: they need to know its last row."""
        from openpyxl.formatting.rule import FormulaRule
        from openpyxl.styles import PatternFill
        from openpyxl.utils import get_column_letter

        sheet, last = self._sheets[-1], get_column_letter(len(COLUMNS))
        sheet.auto_filter.ref = f"A1:{last}{self._rows_here + 1}"
        confidence = get_column_letter([column.title for column in COLUMNS].index("可信度") + 1)
        for limit, colour in ((LOW, LOW_COLOUR), (DOUBTFUL, DOUBTFUL_COLOUR)):
            rule = FormulaRule([f"${confidence}2<{limit}"], stopIfTrue=True, fill=PatternFill("solid", bgColor=colour))
            sheet.conditional_formatting.add(f"A2:{last}{max(2, self._rows_here + 1)}", rule)

    def _new_sheet(self, title: str, header: Sequence[str], widths: Sequence[int], *, at: int | None = None) -> Any:
        from openpyxl.utils import get_column_letter

        sheet = self._book.create_sheet(title, at)
        sheet.freeze_panes = "A2"
        sheet.print_title_rows = "1:1"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0  # as many pages high as it takes, one page wide
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        for number, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.append([self._styles.cell(sheet, title, header=True) for title in header])
        return sheet

    def _add_legend(self) -> None:
        sheet = self._new_sheet("说明", ("项目", "含义"), (22, 90), at=len(self._sheets))
        for column in COLUMNS:
            sheet.append([self._styles.cell(sheet, column.title), self._styles.cell(sheet, column.meaning)])
        for name, meaning, colour in NOTES:
            sheet.append([self._styles.cell(sheet, name), self._styles.cell(sheet, meaning, colour=colour)])


class Styles:
    """Cells of one workbook. Looking a style up is slow, so each kind is made once and its number reused."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._known: dict[tuple[str, bool, str | None, bool], Any] = {}

    def cell(
        self,
        sheet: Any,
        value: str | Decimal,
        *,
        header: bool = False,
        colour: str | None = None,
        ratio: bool = False,
        unit: Cell = None,
    ) -> WriteOnlyCell:
        """A cell that shows ``value`` and nothing else: text never becomes a formula."""
        from openpyxl.cell import WriteOnlyCell

        shown = excel_cell(value)
        cell = WriteOnlyCell(sheet, shown)
        is_text = isinstance(shown, str)
        if is_text:
            cell.data_type = "s"
        number_format = "General" if isinstance(shown, str) else number_format_of(shown, ratio=ratio, unit=unit)
        quoted = is_text and not header and str(shown).startswith(FORMULA_STARTS)
        key = (number_format, header, colour, quoted)
        if key in self._known:
            cell._style = self._known[key]
        else:
            self._known[key] = _styled(cell, *key)
        return cell


def excel_cell(value: str | Decimal) -> str | Decimal:
    """The value as a spreadsheet can hold it: legal characters, at most 32 767 of them, numbers of at most 15 digits."""
    if isinstance(value, Decimal):
        return value if value.is_finite() and len(value.normalize().as_tuple().digits) <= EXACT_DIGITS else format(value, "f")
    text = ILLEGAL.sub("", value)
    # Excel counts UTF-16 units: characters outside the basic plane count twice.
    if len(text) + sum(character > "\uffff" for character in text) <= LONGEST_CELL:
        return text
    return text.encode("utf-16-le")[: 2 * (LONGEST_CELL - 1)].decode("utf-16-le", errors="ignore") + "…"


def csv_cell(value: Cell) -> str:
    """The value as text; words that a spreadsheet program would take for a formula get an apostrophe in front."""
    if isinstance(value, Decimal):
        return format(value, "f")
    text = "" if value is None else ILLEGAL.sub("", value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def cell_text(value: Cell, *, ratio: bool = False) -> str:
    """The value as people read it: ratios as percentages."""
    if isinstance(value, Decimal):
        return f"{(value * 100).normalize():f}%" if ratio else format(value, ",f")
    return value or ""


def number_format_of(value: Decimal, *, ratio: bool = False, unit: Cell = None) -> str:
    """Excel's format for a number: as many decimals as it has, at most six; ratios as percentages."""
    shown = value * 100 if ratio else value
    exponent = shown.normalize().as_tuple().exponent
    decimals = min(6, max(0, -exponent)) if isinstance(exponent, int) else 0
    point = "." + "0" * decimals if decimals else ""
    if ratio:
        return f"0{point}%"
    # The quoted sign is only shown: 95 stays 95 and is read as 95%.
    return f'0{point}"%"' if unit == "%" else f"#,##0{point}"


def text_width(text: str) -> int:
    """Columns of a terminal or sheet that the widest line needs: Chinese characters take two."""
    return max((sum(2 if east_asian_width(c) in "WF" else 1 for c in line) for line in text.split("\n")), default=0)


def column_widths(sample: Sequence[Sequence[Cell]]) -> list[int]:
    """A width per column: as wide as its sample needs, between its header and its own limit."""
    widths = []
    for column, cells in zip(COLUMNS, zip(*sample, strict=True) if sample else [()] * len(COLUMNS), strict=True):
        header = text_width(column.title) + 3  # room for the filter's arrow
        widest = max((_cell_width(cell) for cell in cells), default=0) + 1
        widths.append(max(NARROWEST, min(header, column.widest + 3), min(widest, column.widest)))
    return widths


def _cell_width(cell: Cell) -> int:
    return text_width(f"{cell:,}" if isinstance(cell, Decimal) else cell or "")


def _styled(cell: Any, number_format: str, header: bool, colour: str | None, quoted: bool) -> Any:
    from openpyxl.styles import Alignment, Font, PatternFill

    fill = HEADER_COLOUR if header else colour
    cell.number_format = number_format
    cell.alignment = Alignment(vertical="center" if header else "top", wrap_text=True)
    if header:
        cell.font = Font(name="Calibri", size=11, bold=True)
    if fill:
        cell.fill = PatternFill("solid", fgColor=fill)
    if quoted:
        cell.quotePrefix = True  # stays text when somebody edits the cell
    return cell._style


def _saved(book: Book, path: Path) -> AbstractContextManager[Book]:
    @contextmanager
    def saving() -> Iterator[Book]:
        try:
            yield book
        finally:
            book.save(path)

    return saving()


def _write_line(file: BufferedWriter, line: bytes) -> None:
    file.write(line + b"\n")
    file.flush()  # a reader, or a broken run, finds whole lines
