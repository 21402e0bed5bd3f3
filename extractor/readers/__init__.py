"""Readers: from a file, its bytes or a text to a Document.

The content decides how a file is read where it bears a signature (PDF, Word), else its suffix does. A file whose suffix
says otherwise than its signature is read all the same, and the document's problems say so.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path, PurePath

from extractor.errors import ReadError, UnsupportedFormat
from extractor.readers import html, pdf, plain, word
from extractor.readers.parts import MAX_BYTES, MAX_CHARACTERS, MAX_TEXT_BYTES, check_text, digest
from extractor.types import Document, Problem

__all__ = ["KINDS", "MAX_BYTES", "MAX_CHARACTERS", "MAX_TEXT_BYTES", "Reader", "read", "read_bytes", "read_text"]

Reader = Callable[[bytes, str], Document]  # (content, name)

KINDS: dict[str, Reader] = {
    ".txt": plain.read,
    ".md": plain.read,
    ".html": html.read,
    ".htm": html.read,
    ".docx": word.read,
    ".pdf": pdf.read,
}

NAMES: dict[Reader, str] = {plain.read: "a text", html.read: "a web page", word.read: "a Word document", pdf.read: "a PDF"}

# What begins like this is none of ours, whatever its name says.
FOREIGN = {
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG\r\n\x1a\n": "a PNG picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"GIF8": "a GIF picture",
    b"{\\rtf": "a rich text file",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
}


def read(path: Path) -> Document:
    """Read a file.

    Raises UnsupportedFormat where its suffix is none of KINDS, ReadError where it cannot be opened or read.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise ReadError(f"{path}: is not a file; give the files of a folder one by one")
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)  # bounded, since a file may grow while it is read
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise ReadError(f"{path}: cannot be opened: {getattr(error, 'strerror', None) or error}") from error
    return read_bytes(content, name=str(path))


def read_bytes(content: bytes, *, name: str) -> Document:
    """Read a file's bytes; ``name`` gives the suffix and stands in messages and in ``Document.source``."""
    suffix = PurePath(name).suffix.lower()
    told = _by_signature(content, name)
    if suffix not in KINDS:
        kind = f"'{suffix}'" if suffix else "a file without suffix"
        hint = f" (its content is that of {NAMES[told]}: rename it)" if told else ""
        raise UnsupportedFormat(f"{name}: cannot read {kind}{hint}; known: {', '.join(KINDS)}")
    if not content:
        raise ReadError(f"{name}: is empty; a report with at least one visible character is needed")
    reader = told or KINDS[suffix]
    document = reader(content, name)
    if reader is KINDS[suffix]:
        return document
    problem = Problem("file", f"is {NAMES[reader]} by content, named {suffix}; it was read as {NAMES[reader]}")
    return replace(document, problems=(problem, *document.problems))


def read_text(text: str, *, name: str = "text") -> Document:
    """A document of a text that is already decoded; it stays unchanged. Its sha256 is that of its UTF-8 bytes."""
    check_text(text, name)
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise ReadError(f"{name}: character {error.start} is half of a pair; whole Unicode characters are needed") from error
    return Document(name, digest(content), text)


def _by_signature(content: bytes, name: str) -> Reader | None:
    """The reader that a file's first bytes call for; None where they tell nothing."""
    for signature, kind in FOREIGN.items():
        if content.startswith(signature):
            raise UnsupportedFormat(f"{name}: is {kind} by content; known: {', '.join(KINDS)}")
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return pdf.read
    if content.startswith(word.OLE) or _is_word(content):
        return word.read
    return None


def _is_word(content: bytes) -> bool:
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            return any(name.startswith("word/") for name in package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
