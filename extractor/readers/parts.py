"""What every reader makes first: parts of a text, whose place is not yet known, and how they become a document."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from extractor.errors import ReadError
from extractor.types import Block, BlockKind, Box, Cell, Document, Page, Problem, Span

MAX_CHARACTERS = 5_000_000  # of one document's text: about 5000 printed pages, a hundred times the longest report
MAX_BYTES = 200 * 2**20  # of a .docx or .pdf, which may carry pictures
MAX_PAGES = 5000  # of a .pdf or .tiff
MAX_TEXT_BYTES = 20 * 2**20  # of a .txt, .md or .html: 5 million characters in the widest encoding


@dataclass(frozen=True, slots=True)
class Part:
    """A block before its place in the text is known: the spans of cells and boxes count from its own start."""

    kind: BlockKind
    text: str
    level: int | None = None
    cells: tuple[Cell, ...] = ()
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftCell:
    """A table cell with its words; ``boxes`` count from the start of the words."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
    boxes: tuple[Box, ...] = ()


def table_part(drafts: Iterable[DraftCell]) -> Part:
    """Write cells row by row, a tab between cells and a line end between rows; a merged cell is written once."""
    pieces: list[str] = []
    cells: list[Cell] = []
    boxes: list[Box] = []
    at = 0
    row: int | None = None
    for draft in sorted(drafts, key=lambda draft: (draft.row, draft.column)):
        separator = "" if row is None else "\t" if row == draft.row else "\n"
        at += len(separator)
        span = Span(at, at + len(draft.text)) if draft.text else None
        cells.append(Cell(draft.row, draft.column, span, draft.row_span, draft.column_span))
        boxes += (moved(box, at) for box in draft.boxes)
        pieces += separator, draft.text
        at += len(draft.text)
        row = draft.row
    return Part(BlockKind.TABLE, "".join(pieces), cells=tuple(cells), boxes=tuple(boxes))


def compose(
    parts: Iterable[Part],
    content: bytes,
    name: str,
    *,
    pages: tuple[Page, ...] | None = None,
    problems: Iterable[Problem] = (),
) -> Document:
    """Join parts with line ends into a document; blank parts are left out.

    Raises ReadError where no part holds a visible character, or the text is longer than MAX_CHARACTERS.
    """
    pieces: list[str] = []
    blocks: list[Block] = []
    boxes: list[Box] = []
    at = 0
    for part in parts:
        if not part.text.strip():
            continue
        cells = tuple(replace(cell, span=cell.span and _shift(cell.span, at)) for cell in part.cells)
        blocks.append(Block(part.kind, Span(at, at + len(part.text)), part.level, cells))
        boxes += (moved(box, at) for box in part.boxes)
        pieces.append(part.text)
        at += len(part.text) + 1
    text = "\n".join(pieces)
    check_text(text, name)
    return Document(name, digest(content), text, tuple(blocks), pages, tuple(boxes), tuple(problems))


def check_text(text: str, name: str) -> None:
    """Refuse a text without a visible character or one that is too long, before anything slow is done with it."""
    if len(text) > MAX_CHARACTERS:
        raise ReadError(f"{name}：有 {len(text):,} 个字符；最多读取 {MAX_CHARACTERS:,} 个字符，请拆分文件")
    if not text or text.isspace():
        raise ReadError(f"{name}：没有文字；报告至少要有一个可见字符")


def check_size(content: bytes, name: str, limit: int) -> None:
    """Refuse a file that is larger than its kind may be."""
    if len(content) > limit:
        raise ReadError(f"{name}：大小为 {len(content) / 2**20:.0f} MB；此类文件最多读取 {limit // 2**20} MB")


def digest(content: bytes) -> str:
    """SHA-256 of the file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def one_line(text: str) -> str:
    """Words of a cell on one line: its paragraphs and tabs become blanks, so that rows and cells stay apart."""
    return " ".join(text.split())


def printable(text: str) -> str:
    """Without the control characters that no output format carries; tabs and line ends stay."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "", text)


def moved(box: Box, by: int) -> Box:
    return replace(box, span=_shift(box.span, by))


def _shift(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
