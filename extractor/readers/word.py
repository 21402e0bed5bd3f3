"""Word documents (.docx): paragraphs and tables in the order of the body, then headers and footers.

Tracked deletions and hidden words are dropped, tracked insertions kept. Foot- and endnotes and comments are not read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from extractor.errors import ReadError
from extractor.readers.numbering import Numbering, W, numbering, value
from extractor.readers.package import check_package, damaged
from extractor.readers.parts import MAX_BYTES, DraftCell, Part, check_size, compose, one_line, printable, table_part
from extractor.types import BlockKind, Document

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

MAX_SPAN = 100  # columns that one cell may claim
KIND, SUFFIX = "Word 文档", ".docx"

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
DROPPED = frozenset(f"{W}{tag}" for tag in ("del", "moveFrom", "pPr", "rPr", "tblPr", "tcPr", "trPr", "rt"))
WORDS = {f"{W}tab": "\t", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
SYMBOLS = {"A3": "≤", "B0": "°", "B1": "±", "B3": "≥", "B4": "×", "B9": "≠", "BB": "≈"}  # of the font Symbol
HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)


def read(content: bytes, name: str) -> Document:
    """Read a document; text boxes follow the paragraph or table that they hang on."""
    check_size(content, name, MAX_BYTES)
    check_package(content, name, kind=KIND, suffix=SUFFIX)
    document = _open(content, name)
    return compose(_parts(document), content, name)


def _open(content: bytes, name: str) -> WordDocument:
    from docx import Document as open_word

    try:
        return open_word(io.BytesIO(content))
    except Exception as error:  # damaged packages fail in the library, in lxml, zipfile or zlib, in too many ways to name
        if "depth" in str(error).lower():
            raise ReadError(f"{name}：表格嵌套过深，无法读取；请取消嵌套后另存为 .docx") from error
        raise ReadError(damaged(name, kind=KIND, suffix=SUFFIX)) from error


def _parts(document: WordDocument) -> Iterator[Part]:
    styles = _styles(document)
    lists = numbering(_related(document, "/numbering"))
    for element in _children(document.element.body, f"{W}p", f"{W}tbl"):
        boxes: list[Any] = []
        if element.tag == f"{W}tbl":
            tables = [element]
            for table in tables:  # grows while it is read: a table may hold another
                yield table_part(_cells(table, lists, styles, boxes, tables))
        else:
            yield _paragraph(element, lists, styles, boxes)
        yield from _text_boxes(boxes)
    yield from _headers(document)


def _paragraph(element: Any, lists: Numbering, styles: dict[str, _Style], boxes: list[Any]) -> Part:
    number = _number(element, lists, styles)  # empty paragraphs count too
    text = _words(element, boxes).strip(" \t\n\u3000")
    if not text:
        return Part(BlockKind.PARAGRAPH, "")
    text = number + text
    level = _heading_level(element, styles)
    return Part(BlockKind.PARAGRAPH if level is None else BlockKind.HEADING, text, level)


def _words(paragraph: Any, boxes: list[Any]) -> str:
    """Visible words of a paragraph; text boxes on the way are put into ``boxes``."""
    words: list[str] = []
    stack = [paragraph]
    while stack:
        element = stack.pop()
        tag = element.tag
        if tag == f"{W}txbxContent":
            boxes.append(element)
        elif tag in (f"{W}t", f"{M}t"):
            words.append(element.text or "")
        elif tag == f"{W}br":
            words.append("\n" if element.get(f"{W}type", "textWrapping") == "textWrapping" else "")
        elif tag == f"{W}sym":
            words.append(_symbol(element))
        elif tag in WORDS:
            words.append(WORDS[tag])
        elif tag not in DROPPED and not _is_hidden(element):
            stack += reversed(_chosen(element))
    return printable("".join(words)).replace("\u00a0", " ")


def _chosen(element: Any) -> list[Any]:
    """What is inside, of alternatives only one: Word writes a text box twice, for itself and for older programs."""
    if element.tag != f"{MC}AlternateContent":
        return [child for child in element if isinstance(child.tag, str)]
    choice = element.find(f"{MC}Choice")
    choice = choice if choice is not None else element.find(f"{MC}Fallback")
    return [] if choice is None else list(choice)


def _is_hidden(element: Any) -> bool:
    if element.tag != f"{W}r":
        return False
    vanish = element.find(f"{W}rPr/{W}vanish")
    return vanish is not None and vanish.get(f"{W}val", "true") not in ("0", "false", "off")


def _symbol(element: Any) -> str:
    if element.get(f"{W}font", "").lower() != "symbol":
        return ""
    return SYMBOLS.get(element.get(f"{W}char", "").upper()[-2:], "")


def _children(container: Any, *tags: str) -> Iterator[Any]:
    """Outermost elements of the given tags in document order, whatever wraps them (content controls, insertions)."""
    stack = list(reversed(_chosen(container)))
    while stack:
        element = stack.pop()
        if element.tag in tags:
            yield element
        elif element.tag not in DROPPED and element.tag != f"{W}txbxContent":
            stack += reversed(_chosen(element))


def _lines(container: Any, boxes: list[Any]) -> str:
    """All paragraphs of a container, those of tables inside too, one a line."""
    lines = (_words(paragraph, boxes).strip() for paragraph in _children(container, f"{W}p"))
    return "\n".join(line for line in lines if line)


def _cells(table: Any, lists: Numbering, styles: dict[str, _Style], boxes: list[Any], tables: list[Any]) -> list[DraftCell]:
    """Cells on the table's grid; a cell that continues the one above only makes that one taller.

    Tables inside a cell are put into ``tables``, but for those of a single row or column, which are words of the cell.
    """
    drafts: list[DraftCell] = []
    above: dict[int, int] = {}  # column → position in drafts of the cell that may grow downwards
    rows = [row for row in _children(table, f"{W}tr") if row.find(f"{W}trPr/{W}del") is None]
    for number, row in enumerate(rows):
        column = _small(value(row, "trPr/gridBefore"), 0)
        for cell in _children(row, f"{W}tc"):
            width = max(_small(value(cell, "tcPr/gridSpan"), 1), 1)
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            continues = merge is not None and merge.get(f"{W}val", "continue") == "continue"
            if continues and column in above:
                grown = drafts[above[column]]
                drafts[above[column]] = DraftCell(grown.row, column, grown.text, number - grown.row + 1, grown.column_span)
            else:
                above.pop(column, None)
                if merge is not None:
                    above[column] = len(drafts)
                drafts.append(DraftCell(number, column, _cell_text(cell, lists, styles, boxes, tables), 1, width))
            column += width
    return drafts


def _cell_text(cell: Any, lists: Numbering, styles: dict[str, _Style], boxes: list[Any], tables: list[Any]) -> str:
    words: list[str] = []
    for element in _children(cell, f"{W}p", f"{W}tbl"):
        if element.tag == f"{W}p":
            words.append(_paragraph(element, lists, styles, boxes).text)
        elif _has_grid(element):
            tables.append(element)
        else:
            words += (_cell_text(inner, lists, styles, boxes, tables) for inner in _children(element, f"{W}tc"))
    return one_line(" ".join(words))


def _has_grid(table: Any) -> bool:
    """Whether a table has several rows, one of them of several cells."""
    rows = list(_children(table, f"{W}tr"))
    return len(rows) > 1 and any(sum(1 for _ in _children(row, f"{W}tc")) > 1 for row in rows)


def _text_boxes(boxes: list[Any]) -> Iterator[Part]:
    for box in boxes:  # grows while it is read: a text box may hold another
        yield Part(BlockKind.TEXT_BOX, _lines(box, boxes))


def _headers(document: WordDocument) -> Iterator[Part]:
    """Headers and footers of all sections, each wording once."""
    seen: set[str] = set()
    related = document.part.rels.values()
    parts = {
        relation.target_part.partname: relation.target_part
        for relation in related
        if not relation.is_external and relation.reltype.endswith(("/header", "/footer"))
    }
    for _, part in sorted(parts.items()):
        boxes: list[Any] = []
        text = "\n".join(filter(None, [_lines(part.element, boxes), *(box.text for box in _text_boxes(boxes))]))
        if text not in seen:
            seen.add(text)
            yield Part(BlockKind.HEADER, text)


class _Style:
    """What a paragraph style says of headings and lists; its base style speaks where it is silent."""

    def __init__(self, element: Any) -> None:
        self.base = value(element, "basedOn") or ""
        self.properties = element.find(f"{W}pPr")
        name = HEADING.fullmatch(value(element, "name") or "")
        self.level = int(name[1]) if name else None


def _styles(document: WordDocument) -> dict[str, _Style]:
    root = _related(document, "/styles")
    if root is None:
        return {}
    return {element.get(f"{W}styleId", ""): _Style(element) for element in root.iter(f"{W}style")}


def _related(document: WordDocument, kind: str) -> Any | None:
    """Root of a related XML file, such as the styles; None where the document has none."""
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(kind):
            return getattr(relation.target_part, "element", None)
    return None


def _properties(paragraph: Any, styles: dict[str, _Style]) -> Iterator[tuple[Any, int | None]]:
    """Paragraph properties from the nearest to the most general, each with the level that its style's name gives."""
    direct = paragraph.find(f"{W}pPr")
    yield direct, None
    style = styles.get(value(direct, "pStyle") or "")
    for _ in range(len(styles)):  # bounded, since broken files have circles
        if style is None:
            return
        yield style.properties, style.level
        style = styles.get(style.base)


def _heading_level(paragraph: Any, styles: dict[str, _Style]) -> int | None:
    """1 to 9 for headings, by outline level or by the name of the style."""
    for properties, level in _properties(paragraph, styles):
        outline = value(properties, "outlineLvl")
        if outline is not None:
            depth = _small(outline, 9)
            return depth + 1 if depth < 9 else None
        if level is not None:
            return level
    return None


def _number(paragraph: Any, lists: Numbering, styles: dict[str, _Style]) -> str:
    """The automatic number before the words; counting goes on at every call."""
    list_id = depth = None
    for properties, _ in _properties(paragraph, styles):
        list_id = list_id if list_id is not None else value(properties, "numPr/numId")
        depth = depth if depth is not None else value(properties, "numPr/ilvl")
        if list_id is not None:
            return lists.next(list_id, _small(depth, 0))
    return ""


def _small(text: str | None, default: int) -> int:
    """Tolerates what is no number, and bounds what is."""
    return min(int(text), MAX_SPAN) if text and re.fullmatch(r"[0-9]{1,6}", text) else default
