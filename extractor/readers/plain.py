"""Plain text: the decoded file is the document's text, unchanged but for the byte order mark."""

from __future__ import annotations

import codecs

from extractor.errors import ReadError
from extractor.readers.parts import MAX_TEXT_BYTES, check_size, check_text, digest
from extractor.types import Document

ACCEPTED = "可读取的编码：UTF-8、GB18030、UTF-16"
ENCODINGS = ("gb18030", "utf_16_le", "utf_16_be")  # what is tried where a file is not UTF-8
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf_16_le", codecs.BOM_UTF16_BE: "utf_16_be"}
SAMPLE = 20_000  # characters that are judged to tell the encodings apart
PLAUSIBLE = 0.7  # share of everyday characters that a right decoding has at least; wrong ones measured stay below 0.5


def read(content: bytes, name: str) -> Document:
    """Decode a text file. Blocks stay empty: a text has no more structure than its lines."""
    check_size(content, name, MAX_TEXT_BYTES)
    text = decode(content, name)
    check_text(text, name)
    return Document(name, digest(content), text)


def decode(content: bytes, name: str) -> str:
    """The characters of a text file.

    A byte order mark decides; then strict UTF-8, which other encodings hardly ever satisfy by accident; then the guess of
    charset-normalizer, which short texts deceive, so that it is only believed where it yields everyday characters.
    """
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return _decode_marked(content[len(mark) :], encoding, name)
    text = _strict(content, "utf-8")
    if text is not None and "\0" not in text:
        return text
    candidates = {encoding: _strict(content, encoding) for encoding in ENCODINGS}
    readings = {encoding: text for encoding, text in candidates.items() if text and _plausibility(text) >= PLAUSIBLE}
    if not readings:
        raise ReadError(f"{name}：内容不是已知编码的文字；{ACCEPTED}")
    if len(readings) == 1:
        return readings.popitem()[1]
    return readings.get(_guess(content, tuple(readings))) or max(readings.values(), key=_plausibility)


def _decode_marked(content: bytes, encoding: str, name: str) -> str:
    text = _strict(content, encoding)
    if text is None or "\0" in text:
        raise ReadError(f"{name}：字节顺序标记表明编码是 {encoding.replace('_', '-')}，内容却不是；{ACCEPTED}")
    return text


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _guess(content: bytes, encodings: tuple[str, ...]) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content, cp_isolation=list(encodings)).best()
    return best.encoding if best else ""


def _plausibility(text: str) -> float:
    """Share of the first visible characters that reports are made of; 0 where a NUL shows that it is no text."""
    if "\0" in text:
        return 0.0
    sample = "".join(text[: SAMPLE * 2].split())[:SAMPLE]
    return sum(map(_everyday, sample)) / len(sample) if sample else 1.0


def _everyday(character: str) -> bool:
    """Printable ASCII, or among the symbols and the 3755 frequent characters of GB 2312, which are its first 40 rows."""
    if character.isascii():
        return character.isprintable()
    try:
        lead = character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return lead <= 0xD7
