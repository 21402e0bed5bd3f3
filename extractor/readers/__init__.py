"""Readers: from a file, its bytes or a text to a Document.

The content decides how a file is read where it bears a signature (PDF, Word, Excel, pictures), else its suffix does. A file
whose suffix says otherwise than its signature is read all the same, and the document's problems say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath

from extractor.errors import OwnFile, ReadError, UnsupportedFormat
from extractor.readers import html, images, old_workbook, pdf, plain, word, workbook
from extractor.readers.own import is_own
from extractor.readers.package import OLE, members
from extractor.readers.parts import MAX_BYTES, MAX_CHARACTERS, MAX_TEXT_BYTES, check_text, digest
from extractor.readers.scans import Shown
from extractor.types import Document, Problem

__all__ = [
    "KINDS",
    "MAX_BYTES",
    "MAX_CHARACTERS",
    "MAX_TEXT_BYTES",
    "Reader",
    "Shown",
    "content_as_read",
    "content_of",
    "read",
    "read_bytes",
    "read_text",
    "shown_page",
]

Reader = Callable[[bytes, str], Document]  # (content, name)

KINDS: dict[str, Reader] = {
    ".txt": plain.read,
    ".md": plain.read,
    ".html": html.read,
    ".htm": html.read,
    ".docx": word.read,
    ".xlsx": workbook.read,
    ".xlsm": workbook.read,
    ".xls": old_workbook.read,
    ".pdf": pdf.read,
    ".png": images.read,
    ".jpg": images.read,
    ".jpeg": images.read,
    ".tif": images.read,
    ".tiff": images.read,
    ".bmp": images.read,
    ".webp": images.read,
}

NAMES: dict[Reader, str] = {
    plain.read: "TXT 或 MD 文本",
    html.read: "HTML 网页",
    word.read: word.KIND,
    workbook.read: workbook.KIND,
    old_workbook.read: old_workbook.KIND,
    pdf.read: "PDF 文件",
    images.read: "图片",
}
SHOW: dict[Reader | None, Callable[[bytes, str, int], Shown]] = {pdf.read: pdf.shown, images.read: images.shown}
READABLE = f"可读取的格式：{'、'.join(KINDS)}"

PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*")  # JPEG, PNG and TIFF; WebP is told apart below

# What begins like this is none of ours, whatever its name says.
FOREIGN = {
    b"GIF8": "图片（GIF）",
    b"{\\rtf": "富文本（RTF）",
    b"Rar!": "压缩包（RAR）",
    b"7z\xbc\xaf\x27\x1c": "压缩包（7z）",
}

# Web systems export pages with a table under the name of a workbook.
WORKBOOKS = (".xls", ".xlsx", ".xlsm")
PAGE = re.compile(rb"<(?:html|table|!doctype html)\b", re.IGNORECASE)

# Why a file does not open; the system's own words, for what is not listed, may be in any language.
REASONS: dict[type[Exception], str] = {
    FileNotFoundError: "文件不存在",
    PermissionError: "没有读取权限，或文件正被其他程序占用",
    ValueError: "路径含有不允许的字符",  # such as a NUL
}


def read(path: Path) -> Document:
    """Read a file.

    Raises UnsupportedFormat where its suffix is none of KINDS, ReadError where it cannot be opened or read.
    """
    return read_bytes(content_of(path), name=str(path))


def content_of(path: Path) -> bytes:
    """A file's bytes, at most one more than any reader takes. Raises ReadError where it cannot be opened."""
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise ReadError(f"{path}：不是文件；请逐个指定文件夹中的文件")
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)  # bounded, since a file may grow while it is read
    except (OSError, ValueError) as error:
        raise ReadError(f"{path}：无法打开（{_reason(error)}）；请检查路径和读取权限") from error


def content_as_read(document: Document) -> bytes | None:
    """The bytes of the file that a document was read from; None where it is gone, or another one by now."""
    try:
        content = content_of(Path(document.source))
    except ReadError:
        return None
    return content if digest(content) == document.sha256 else None


def read_bytes(content: bytes, *, name: str) -> Document:
    """Read a file's bytes; ``name`` gives the suffix and stands in messages and in ``Document.source``."""
    suffix = PurePath(name).suffix.lower()
    told = _by_signature(content, name)
    if suffix not in KINDS:
        kind = f"后缀为 {suffix} 的文件" if suffix else "没有后缀的文件"
        raise UnsupportedFormat(f"{name}：无法读取{kind}{_hint(content, told)}；{READABLE}")
    if not content:
        raise ReadError(f"{name}：是空文件；报告至少要有一个可见字符")
    if is_own(content):
        raise OwnFile(f"{name}：是本程序写出的文件（底稿、表格或网页），不是报告，没有读取")
    reader = told or KINDS[suffix]
    document = reader(content, name)
    if reader is KINDS[suffix]:
        return document
    problem = Problem("file", f"内容是 {NAMES[reader]}，后缀却是 {suffix}；已按 {NAMES[reader]}读取")
    return replace(document, problems=(problem, *document.problems))


def shown_page(content: bytes, *, name: str, number: int) -> Shown:
    """A page of a PDF or picture file as a picture; ``number`` counts from 1.

    Raises UnsupportedFormat where files of its kind have no pages, ReadError where it has no such page.
    """
    reader = _by_signature(content, name) or KINDS.get(PurePath(name).suffix.lower())
    if reader not in SHOW:
        raise UnsupportedFormat(f"{name}：此类文件没有页面图像；可显示 PDF 和图片文件的页面")
    return SHOW[reader](content, name, number)


def read_text(text: str, *, name: str = "text") -> Document:
    """A document of a text that is already decoded; it stays unchanged. Its sha256 is that of its UTF-8 bytes."""
    check_text(text, name)
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise ReadError(f"{name}：位置 {error.start} 处是半个字符；需要完整的 Unicode 字符") from error
    return Document(name, digest(content), text)


def _reason(error: OSError | ValueError) -> str:
    known = (words for kind, words in REASONS.items() if isinstance(error, kind))
    return next(known, None) or getattr(error, "strerror", None) or str(error)


def _hint(content: bytes, told: Reader | None) -> str:
    """What to do with a file of unknown suffix whose content is known."""
    if told is word.read and content.startswith(OLE):
        return "（内容是旧版或加密的 Office 文件，请另存为不加密的 .docx 或 .xlsx）"
    return f"（内容是 {NAMES[told]}，请改为相应的后缀）" if told else ""


def _by_signature(content: bytes, name: str) -> Reader | None:
    """The reader that a file's first bytes call for; None where they tell nothing."""
    suffix = PurePath(name).suffix.lower()
    for signature, kind in FOREIGN.items():
        if content.startswith(signature):
            claimed = KINDS.get(suffix)
            verdict = f"不是 {NAMES[claimed]}" if claimed else "无法读取"
            raise UnsupportedFormat(f"{name}：内容是{kind}，{verdict}；{READABLE}")
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return pdf.read
    if content.startswith(PICTURES) or (content[:4], content[8:12]) == (b"RIFF", b"WEBP"):
        return images.read
    if content.startswith(OLE):
        return old_workbook.read if suffix == ".xls" or old_workbook.is_old_workbook(content) else word.read
    if suffix in WORKBOOKS and PAGE.search(content[:4096]):
        return html.read
    folders = {member.partition("/")[0] for member in members(content)}
    return word.read if "word" in folders else workbook.read if "xl" in folders else None
