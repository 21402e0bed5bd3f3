"""Cells of a spreadsheet: what one can hold, how it is shown, and that text stays text."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from extractor.sheet import Cell

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

LONGEST_CELL = 32_767  # characters; Excel's limit
EXACT_DIGITS = 15  # a spreadsheet number holds no more; longer ones stay text
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML 1.0 cannot hold
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEADER_COLOUR = "D9E1F2"


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


def lead(cell: WriteOnlyCell, place: str) -> None:
    """Make a cell a link to a place in its own workbook."""
    from openpyxl.worksheet.hyperlink import Hyperlink

    cell._hyperlink = Hyperlink(ref="", location=place)  # the setter takes addresses only; the sheet fills in ref
