"""Web pages: block elements become paragraphs, h1 to h6 headings, innermost tables tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from extractor.errors import ReadError
from extractor.readers import plain
from extractor.readers.parts import MAX_TEXT_BYTES, DraftCell, Part, check_size, compose, one_line, printable, table_part
from extractor.types import BlockKind, Document, Problem

TOO_DEEP = "网页元素嵌套过深，最内层的内容未读取；请核对原文"
MAX_SPAN = 100  # rows or columns of one cell; larger claims are mistakes or malice
DROPPED = frozenset(["head", "script", "style", "template", "noscript", "iframe", "object", "svg", "select", "textarea", "del"])
HEADINGS = {f"h{level}": level for level in range(1, 7)}
# fmt: off
BLOCKS = frozenset(HEADINGS) | {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre",
    "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}
# fmt: on
CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
SOURCE_BREAK = re.compile(rf"(?<=[{CJK}])[ \t\r\f\x01]*\x01[ \t\r\f\x01]*(?=[{CJK}])")  # shows as nothing in Chinese print
CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5"}
CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)


def read(content: bytes, name: str) -> Document:
    """Read a page.

    Only innermost tables become TABLE blocks: one that holds further tables merely lays out the page.
    """
    from lxml import etree, html

    check_size(content, name, MAX_TEXT_BYTES)
    text = printable(_decode(content, name))
    if not text.strip():
        return compose((), content, name)
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise ReadError(f"{name}：没有可读取的 HTML 内容；需要有文字的网页") from error
    problems = []
    if any("epth" in entry.message for entry in parser.error_log):
        problems.append(Problem("page", TOO_DEEP))
    return compose(_parts(root), content, name, problems=problems)


def _decode(content: bytes, name: str) -> str:
    """By byte order mark, then by the page's own word, then as plain text."""
    declared = CHARSET.search(content[:4096])
    encoding = CHARSETS.get(declared[1].decode("ascii").lower()) if declared else None
    if encoding and not content.startswith(tuple(plain.MARKS)):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            pass  # the page's word is wrong; its bytes decide
    return plain.decode(content, name)


def _parts(root: Any) -> Iterator[Part]:
    """Blocks in document order. Walked with a stack, since pages may be nested deeper than Python calls."""
    words: list[str] = []
    kind, level = BlockKind.PARAGRAPH, None
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            words.append(node)
            continue
        tag, ends = node if isinstance(node, tuple) else (node.tag, False)
        if tag in BLOCKS:
            yield Part(kind, _text(words), level)
            words = []
            level = None if ends else HEADINGS.get(tag, level if tag == "p" else None)
            kind = BlockKind.PARAGRAPH if level is None else BlockKind.HEADING
        if ends:
            continue
        if tag == "table" and not _is_hidden(node) and next(node.iterdescendants("table"), None) is None:
            grid = [_outermost(row, "td", "th") for row in _outermost(node, "tr")]
            yield Part(BlockKind.PARAGRAPH, _outside(node, {cell for row in grid for cell in row}))
            yield table_part(_cells(grid))
        else:
            stack += _content(node)
    yield Part(kind, _text(words), level)


def _content(element: Any) -> list[Any]:
    """What an element holds, last first, as a stack wants it: words, elements and the element's own end."""
    if _is_hidden(element):
        return []
    if element.tag == "br":
        return ["\n"]
    nodes: list[Any] = [(element.tag, True)]
    for child in reversed(element):
        nodes.append(_source(child.tail))
        nodes.append(child)
    nodes.append(_source(element.text))
    return nodes


def _source(words: str | None) -> str:
    """Words of the source; its line ends are blanks to a browser, so they are marked apart from those of <br>."""
    return (words or "").replace("\n", "\x01")


def _text(words: list[str]) -> str:
    """Blanks as a browser shows them: runs become one, none at the edges, none where Chinese was wrapped in the source."""
    text = SOURCE_BREAK.sub("", "".join(words))
    text = re.sub(r"[ \t\r\f\x01\u00a0\u3000]+", " ", text)
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())


def _is_hidden(element: Any) -> bool:
    if element.tag in DROPPED or element.get("hidden") is not None:
        return True
    return re.search(r"display\s*:\s*none", element.get("style") or "") is not None


def _words(element: Any) -> str:
    """All visible words below an element, on one line."""
    words: list[str] = []
    stack: list[Any] = [element]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            words.append(node)
        elif isinstance(node, tuple):
            words.append(" " if node[0] in BLOCKS else "")
        else:
            words.append(" " if node.tag in BLOCKS else "")
            stack += _content(node)
    return one_line(_text(words))


def _outermost(element: Any, *tags: str) -> list[Any]:
    """The visible elements of the given tags below an element, but none inside another of them."""
    found: list[Any] = []
    stack = list(reversed(element))
    while stack:
        node = stack.pop()
        if _is_hidden(node):
            continue
        if node.tag in tags:
            found.append(node)
        else:
            stack += reversed(node)
    return found


def _outside(table: Any, cells: set[Any]) -> str:
    """Words of a table that stand in no cell: its caption, and what careless pages put between the rows."""
    words: list[str] = []
    stack: list[Any] = [table]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            words.append(node)
        elif isinstance(node, tuple):
            words.append("\n" if node[0] in BLOCKS else "")
        elif node not in cells:
            words.append("\n" if node.tag in BLOCKS else "")
            stack += _content(node)
    return _text(words)


def _cells(grid: list[list[Any]]) -> Iterator[DraftCell]:
    """Cells where row and column spans put them, as the HTML standard lays them out."""
    taken_until: dict[int, int] = {}  # column → first row that is free again
    for number, row in enumerate(grid):
        column = 0
        for cell in row:
            while taken_until.get(column, 0) > number:
                column += 1
            width = _span(cell.get("colspan"))
            height = min(_span(cell.get("rowspan")), len(grid) - number)
            taken_until.update(dict.fromkeys(range(column, column + width), number + height))
            yield DraftCell(number, column, _words(cell), height, width)
            column += width


def _span(value: str | None) -> int:
    """1 where a span is absent or no number; at most MAX_SPAN."""
    digits = re.fullmatch(r"\s*0*(\d+)\s*", value or "", re.ASCII)
    if not digits:
        return 1
    return MAX_SPAN if len(digits[1]) > 4 else min(max(int(digits[1]), 1), MAX_SPAN)
