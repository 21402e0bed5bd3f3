"""The workbook that auditors open: records, findings, legend, unread files, written row by row.

Rows are written as they come, so memory stays flat; only the first ones wait, because column widths stand before the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.errors import ExtractorError
from extractor.finding_sheet import FINDING_COLUMNS, FindingRow
from extractor.readers.own import WRITTEN_BY
from extractor.sheet import COLUMNS, DOUBTFUL, LOW, Cell, Column, Row
from extractor.spreadsheet import Styles, lead, text_width
from extractor.types import RuleCount

if TYPE_CHECKING:
    from openpyxl import Workbook

ROWS_PER_SHEET = 1_048_575  # Excel's limit less the header
SAMPLE = 200  # rows that are looked at before the column widths are set
NARROWEST = 6
LOW_COLOUR, DOUBTFUL_COLOUR = "F8CBAD", "FFF2CC"
NOTES = (
    ("颜色", f"可信度低于 {LOW:.0%}：橙色，须逐条核对原文。", LOW_COLOUR),
    ("颜色", f"可信度在 {LOW:.0%} 与 {DOUBTFUL:.0%} 之间：黄色，建议核对。", DOUBTFUL_COLOUR),
    ("数字", "单元格中的数字可直接求和、筛选；同一记录有几个不同数值时以“；”隔开并作为文字保存，不参与求和。", None),
    ("数字", "单位为 % 的数值按百分数保存：95% 存为 95，显示为 95%；完成率和可信度存为比例：显示 95%，存为 0.95。", None),
    ("范围", "本表由程序自动提取，只反映报告的文字，不证明其真实；“未读文件”一页列出没有读到的文件和内容。", None),
    (
        "疑点",
        "点击“记录”页的“疑点”或“疑点”页的“记录号”可在两页之间跳转；疑点须对照原文核实，可能是报告有误，也可能是程序读错。",
        None,
    ),
)
FAILED_COLUMNS = ("来源文件", "范围", "原因")
RULE_COLUMNS = ("规则", "规则名", "相符", "不符", "无法判断")
RECORDS, FINDINGS = "记录", "疑点"


class Roll:
    """A table of any length: it continues on further sheets of the book when one is full."""

    def __init__(self, book: Sheets, title: str, columns: Sequence[Column[Any]], rows_per_sheet: int) -> None:
        self._book = book
        self._title = title
        self._columns = columns
        self._rows_per_sheet = rows_per_sheet
        self._sheets: list[Any] = []
        self._rows_here = 0
        self._waiting: list[tuple[Row, str | None]] = []
        self._widths: list[int] | None = None
        self.n_rows = 0

    def add(self, row: Row, link: str | None = None) -> None:
        """Add one row; ``link`` is where the cell of the linked column leads. The first rows wait for the widths."""
        self.n_rows += 1
        if self._widths is None and len(self._waiting) < SAMPLE:
            self._waiting.append((row, link))
            return
        self._flush()
        self._append(row, link)

    def place(self, number: int) -> str:
        """Where row ``number``, from 0, stands or will stand."""
        sheet, row = divmod(number, self._rows_per_sheet)
        return f"'{self._sheet_title(sheet)}'!A{row + 2}"

    def finish(self) -> None:
        """Write what waits, and end the last sheet."""
        self._flush()
        self._finish_sheet()

    def _flush(self) -> None:
        if self._widths is None:
            self._widths = column_widths(self._columns, [row.cells for row, _ in self._waiting])
            self._start_sheet()
            for row, link in self._waiting:
                self._append(row, link)
            self._waiting.clear()

    def _append(self, row: Row, link: str | None) -> None:
        if self._rows_here == self._rows_per_sheet:
            self._finish_sheet()
            self._start_sheet()
        sheet = self._sheets[-1]
        cells = [
            None if cell is None else self._book.styles.cell(sheet, cell, ratio=column.ratio, unit=unit)
            for cell, column, unit in zip(row.cells, self._columns, row.units, strict=True)
        ]
        for cell, column in zip(cells, self._columns, strict=True):
            if cell is not None and column.linked and link is not None:
                lead(cell, link)
        sheet.append(cells)
        self._rows_here += 1

    def _sheet_title(self, number: int) -> str:
        return self._title if not number else f"{self._title} ({number + 1})"

    def _start_sheet(self) -> None:
        header = [column.title for column in self._columns]
        self._sheets.append(self._book.new(self._sheet_title(len(self._sheets)), header, self._widths or (), after=self._sheets))
        self._rows_here = 0

    def _finish_sheet(self) -> None:
        """Filter and colours of the sheet being written: they need to know its last row."""
        from openpyxl.formatting.rule import FormulaRule
        from openpyxl.styles import PatternFill
        from openpyxl.utils import get_column_letter

        sheet, last = self._sheets[-1], get_column_letter(len(self._columns))
        sheet.auto_filter.ref = f"A1:{last}{self._rows_here + 1}"
        confidence = get_column_letter([column.title for column in self._columns].index("可信度") + 1)
        for limit, colour in ((LOW, LOW_COLOUR), (DOUBTFUL, DOUBTFUL_COLOUR)):
            rule = FormulaRule([f"${confidence}2<{limit}"], stopIfTrue=True, fill=PatternFill("solid", bgColor=colour))
            sheet.conditional_formatting.add(f"A2:{last}{max(2, self._rows_here + 1)}", rule)


class Sheets:
    """The sheets of one workbook, in the order in which they are to stand."""

    def __init__(self) -> None:
        from openpyxl import Workbook

        self._book: Workbook = Workbook(write_only=True)
        self._book.properties.category = WRITTEN_BY
        self.styles = Styles(self._book)

    def new(self, title: str, header: Sequence[str], widths: Sequence[int], *, after: Sequence[Any] = ()) -> Any:
        """A new sheet with its header: behind the last of ``after``, or at the end."""
        from openpyxl.utils import get_column_letter

        sheet = self._book.create_sheet(title, self._book.index(after[-1]) + 1 if after else None)
        sheet.freeze_panes = "A2"
        sheet.print_title_rows = "1:1"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0  # as many pages high as it takes, one page wide
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        for number, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        self.append(sheet, header, header=True)
        return sheet

    def append(self, sheet: Any, row: Sequence[Cell], *, header: bool = False, colour: str | None = None) -> None:
        """Write one row of plain cells."""
        cells = [None if cell is None else self.styles.cell(sheet, cell, header=header, colour=colour) for cell in row]
        sheet.append(cells)

    def save(self, path: Path) -> None:
        """Write the file. Raises ExtractorError where it cannot be written."""
        try:
            self._book.save(path)
        except OSError as error:
            hint = "请在其他程序中关闭它，再运行一次"
            raise ExtractorError(f"{path}：写入失败（{error.strerror}）；{hint}") from error


class Book:
    """records.xlsx being written: records and findings that lead to each other, legend, unread files."""

    def __init__(self, *, rows_per_sheet: int = ROWS_PER_SHEET) -> None:
        self._sheets = Sheets()
        self._records = Roll(self._sheets, RECORDS, COLUMNS, rows_per_sheet)
        self._findings = Roll(self._sheets, FINDINGS, FINDING_COLUMNS, rows_per_sheet)
        self._unread: list[Sequence[str]] = []

    def add(self, records: Sequence[Row], findings: Sequence[FindingRow] = ()) -> None:
        """Add the rows of one result."""
        first_record, first_finding = self._records.n_rows, self._findings.n_rows
        of_record: dict[int, int] = {}
        for number, finding in enumerate(findings):
            for record in finding.records:
                of_record.setdefault(record, number)
        for number, row in enumerate(records):
            known = of_record.get(number)
            self._records.add(row, None if known is None else self._findings.place(first_finding + known))
        for finding in findings:
            link = self._records.place(first_record + finding.records[0]) if finding.records else None
            self._findings.add(finding.row, link)

    def add_unread(self, row: Sequence[str]) -> None:
        """Add a file, or a part of one, that was not read."""
        if len(self._unread) < ROWS_PER_SHEET:  # the file failed.jsonl holds them all
            self._unread.append(row)

    def save(self, path: Path) -> None:
        """Write the workbook. Raises ExtractorError where the file cannot be written."""
        self._records.finish()
        self._findings.finish()
        self._add_legend()
        unread = self._sheets.new("未读文件", FAILED_COLUMNS, (48, 16, 90))
        for row in self._unread:
            self._sheets.append(unread, row)
        self._sheets.save(path)

    def _add_legend(self) -> None:
        sheet = self._sheets.new("说明", ("项目", "含义"), (22, 90))
        meanings = [(column.title, column.meaning) for column in COLUMNS]
        meanings += [(f"{FINDINGS}：{column.title}", column.meaning) for column in FINDING_COLUMNS]
        for row in meanings:
            self._sheets.append(sheet, row)
        for name, meaning, colour in NOTES:
            sheet.append([self._sheets.styles.cell(sheet, name), self._sheets.styles.cell(sheet, meaning, colour=colour)])


class FindingBook:
    """findings.xlsx being written: all findings of a run, and how often each rule held, failed or could not tell."""

    def __init__(self) -> None:
        self._sheets = Sheets()
        self._findings = Roll(self._sheets, FINDINGS, FINDING_COLUMNS, ROWS_PER_SHEET)
        self._counts: dict[tuple[str, str], list[int]] = {}

    def add(self, findings: Sequence[FindingRow], checks: Sequence[RuleCount]) -> None:
        """Add what was found in one result."""
        for finding in findings:
            self._findings.add(finding.row)
        for check in checks:
            counts = self._counts.setdefault((check.title, check.rule), [0, 0, 0])
            for at, count in enumerate((check.n_holds, check.n_fails, check.n_unknown)):
                counts[at] += count

    def save(self, path: Path) -> None:
        """Write the workbook. Raises ExtractorError where the file cannot be written."""
        self._findings.finish()
        sheet = self._sheets.new("规则统计", RULE_COLUMNS, (28, 28, 10, 10, 12))
        for (title, rule), counts in self._counts.items():
            self._sheets.append(sheet, (title, rule, *map(Decimal, counts)))
        self._sheets.save(path)


def column_widths(columns: Sequence[Column[Any]], sample: Sequence[Sequence[Cell]]) -> list[int]:
    """A width per column: as wide as its sample needs, between its header and its own limit."""
    widths = []
    for column, cells in zip(columns, zip(*sample, strict=True) if sample else [()] * len(columns), strict=True):
        header = text_width(column.title) + 3  # room for the filter's arrow
        widest = max((_cell_width(cell) for cell in cells), default=0) + 1
        widths.append(max(NARROWEST, min(header, column.widest + 3), min(widest, column.widest)))
    return widths


def _cell_width(cell: Cell) -> int:
    return text_width(f"{cell:,}" if isinstance(cell, Decimal) else cell or "")
