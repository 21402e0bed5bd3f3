"""Generated tables as files: Word, Excel, web page and PDF, with real merged cells and ruling lines, alone or amid a report."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from benchmarks.generated.layout import Cell, Page, Table

FONT = "STSong-Light"  # a standard font that PDF files name without bringing it along
FONT_SIZE = 9
PAGE_SIZE = (842, 1191)  # points: A3, so that a page of the form is a page of the file
NUMBER = re.compile(r"(\d{1,9})(\.\d{1,2})?(%?)")


@dataclass(frozen=True)
class Title:
    """A heading of the first level."""

    words: str


Story = Sequence[Title | str | Table]  # what a file holds from top to bottom; words are paragraphs


def alone(table: Table) -> Story:
    return Title(table.title), *table.prose, table


def word(story: Story) -> bytes:
    """A Word file; pages are tables right below one another, as programs that convert from PDF leave them."""
    from docx import Document
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = Document()
    for part in story:
        if isinstance(part, Title):
            document.add_heading(part.words, 1)
        elif isinstance(part, str):
            document.add_paragraph(part)
        else:
            for page in part.pages:
                xml = parse_xml(f"<w:tbl {nsdecls('w')}>{''.join(_word_rows(page))}</w:tbl>")
                document.element.body.insert_element_before(xml, "w:sectPr")
                document.add_paragraph()
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _word_rows(page: Page) -> Iterator[str]:
    """Rows of cells from left to right; what lies below a merged cell is a cell that goes on."""
    owners = {(row, cell.column): cell for cell in page.cells for row in range(cell.row, cell.row + cell.row_span)}
    for row in range(page.n_rows):
        cells = []
        column = 0
        while column < page.n_columns:
            cell = owners.get((row, column)) or Cell(row, column, "")
            merge = "" if cell.row_span == 1 else '<w:vMerge w:val="restart"/>' if cell.row == row else "<w:vMerge/>"
            span = f'<w:gridSpan w:val="{cell.column_span}"/>' if cell.column_span > 1 else ""
            lines = cell.text.split("\n") if cell.row == row else [""]
            words = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines)
            cells.append(f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{words}</w:tc>")
            column += cell.column_span
        yield f"<w:tr>{''.join(cells)}</w:tr>"


def excel(table: Table) -> bytes:
    """One sheet with nothing else, pages one below the other; numbers are numbers with a format that shows what the form says."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment

    book = Workbook()
    sheet = book.active
    sheet.title = "自评表"
    page = table.joined()
    for cell in page.cells:
        place = sheet.cell(cell.row + 1, cell.column + 1)
        place.value, place.number_format = _excel_value(cell.text)
        place.alignment = Alignment(wrap_text=True)
        if cell.row_span > 1 or cell.column_span > 1:
            ends = (cell.row + cell.row_span, cell.column + cell.column_span)
            sheet.merge_cells(start_row=cell.row + 1, start_column=cell.column + 1, end_row=ends[0], end_column=ends[1])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _excel_value(words: str) -> tuple[str | float | None, str]:
    match = NUMBER.fullmatch(words)
    if not match:
        return words or None, "General"
    decimals = len(match[2] or ".") - 1
    style = "0" + ("." + "0" * decimals if decimals else "") + match[3]
    value = float(match[1] + (match[2] or ""))
    return round(value / 100, 6) if match[3] else value, style


def web(story: Story) -> bytes:
    """A web page; pages of a table are one."""
    title = next((escape(part.words) for part in story if isinstance(part, Title)), "")
    body = "".join(
        f"<h2>{escape(part.words)}</h2>"
        if isinstance(part, Title)
        else f"<p>{escape(part)}</p>"
        if isinstance(part, str)
        else _web_table(part)
        for part in story
    )
    head = f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head>'
    return f"{head}<body>{body}</body></html>".encode()


def _web_table(table: Table) -> str:
    page = table.joined()
    rows: list[list[str]] = [[] for _ in range(page.n_rows)]
    for cell in page.cells:
        spans = "".join(
            f' {name}="{value}"' for name, value in (("rowspan", cell.row_span), ("colspan", cell.column_span)) if value > 1
        )
        rows[cell.row].append(f"<td{spans}>{escape(cell.text).replace(chr(10), '<br>')}</td>")
    return "<table>\n{}\n</table>".format("\n".join(f"<tr>{''.join(cells)}</tr>" for cells in rows))


def pdf(story: Story) -> bytes:
    """A PDF with ruled tables, one page of the form on each."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import KeepTogether, PageBreak, Paragraph, SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    style = ParagraphStyle("cell", fontName=FONT, fontSize=9, leading=12, wordWrap="CJK")
    title = ParagraphStyle("title", style, fontSize=15, leading=30)
    flow: list[Any] = []
    for part in story:
        if isinstance(part, Title):
            flow.append(Paragraph(escape(part.words), title))
        elif isinstance(part, str):
            flow.append(Paragraph(escape(part), style))
        else:
            first, *others = map(_ruled, part.pages)
            flow += [KeepTogether([first]), *(one for page in others for one in (PageBreak(), page))]
    stream = io.BytesIO()
    SimpleDocTemplate(
        stream, pagesize=PAGE_SIZE, leftMargin=50, rightMargin=50, topMargin=60, bottomMargin=60, invariant=1
    ).build(flow)
    return stream.getvalue()


def _ruled(page: Page) -> Any:
    from reportlab.platypus import Table as Ruled

    width = (PAGE_SIZE[0] - 112) / page.n_columns
    words = [[""] * page.n_columns for _ in range(page.n_rows)]
    looks: list[tuple[Any, ...]] = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    looks.append(("FONT", (0, 0), (-1, -1), FONT, FONT_SIZE, FONT_SIZE + 3))
    for cell in page.cells:
        words[cell.row][cell.column] = _wrapped(cell.text, cell.column_span * width - 14)
        if cell.row_span > 1 or cell.column_span > 1:
            end = (cell.column + cell.column_span - 1, cell.row + cell.row_span - 1)
            looks.append(("SPAN", (cell.column, cell.row), end))
    return Ruled(words, colWidths=[width] * page.n_columns, style=looks)


def _wrapped(words: str, width: float) -> str:
    """Lines no wider than a cell. Each ends in a blank: pdfium passes over a lone character whose font it does not have."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    lines = [""]
    for character in words:
        if character == "\n" or stringWidth(lines[-1] + character, FONT, FONT_SIZE) > width:
            lines.append("")
        lines[-1] += "" if character == "\n" else character
    return "\n".join(f"{line} " for line in lines if line)


WRITERS: dict[str, Callable[[Story], bytes]] = {".docx": word, ".html": web, ".pdf": pdf}
RENDERERS: dict[str, Callable[[Table], bytes]] = {
    ".docx": lambda table: word(alone(table)),
    ".xlsx": excel,
    ".html": lambda table: web(alone(table)),
    ".pdf": lambda table: pdf(alone(table)),
}
