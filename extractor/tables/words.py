"""Words of cells and heads, free of the blanks and line breaks that narrow columns force on them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from extractor import quantity
from extractor.schema import STROKES
from extractor.tables.types import Words
from extractor.types import Span

CAPTION = 60  # characters above a table in which its unit may be declared
SHORT_PROSE = 14  # characters; something shorter with punctuation is a list of names rather than a sentence
LONGEST_HEAD = 60  # characters; more is no head
LONGEST_CELL = 2000  # characters of a value, name or reason that we carry on
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef（）()%％“”"
_BETWEEN = re.compile(rf"(?<=[{_CJK}])\s+|\s+(?=[{_CJK}])")
_BRACKETS = re.compile(r"[（(【\[〔][^（()）】\]〕]*[)）】\]〕]")
_AMOUNT = re.compile(
    r"[-－]?\s*(?:[0-9]{1,3}(?:[ \u00a0][0-9]{3})+(?:\.[0-9]+)?|[0-9０-９][0-9０-９,，.．]*)\s*(?:[万亿]?元|%|％)?"
)
_MARKS = re.compile(r"[^\w%‰≥≤=<>]|_")


def stripped(text: str, span: Span | None) -> Span | None:
    """The span without blanks at its ends; None where nothing else is in it."""
    if span is None:
        return None
    words = text[span.start : span.end]
    kept = words.strip()
    if not kept:
        return None
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, start + len(kept))


def cell_text(text: str, words: Iterable[Span]) -> str:
    """The words on one line: blanks between Chinese characters are line breaks of a narrow column and go."""
    joined = " ".join(text[span.start : span.end] for span in words)
    return _BETWEEN.sub("", " ".join(joined.split()))


def head_text(text: str, span: Span | None) -> str:
    """The words of a cell that may be a head; empty where the cell is empty or holds more than a head does."""
    if span is None or len(span) > LONGEST_HEAD:
        return ""
    return cell_text(text, (span,))


def bare(words: str) -> str:
    """A head's name to look up: half width, without blanks, brackets with their content, and punctuation."""
    plain = unicodedata.normalize("NFKC", words)
    return _MARKS.sub("", outside_brackets(plain)) or _MARKS.sub("", plain)


def outside_brackets(words: str) -> str:
    return _BRACKETS.sub("", words)


def is_empty(words: str) -> bool:
    """Whether a cell says nothing: blank, or a stroke."""
    compact = "".join(words.split())
    return not compact or compact in STROKES


def is_blank(text: str, words: Words) -> bool:
    """Whether a cell says nothing, without looking at more of it than it takes to tell."""
    return sum(map(len, words)) <= LONGEST_HEAD and is_empty("".join(text[span.start : span.end] for span in words))


def is_prose(words: str) -> bool:
    """Whether the words of a cell or of a remark are a sentence rather than a name."""
    return len(words) > SHORT_PROSE and any(mark in words for mark in "。；，、,;：:")


def unit_above(text: str, start: int) -> str | None:
    """The unit that is declared above a table (单位：万元)."""
    return quantity.head_unit(text[max(0, start - CAPTION) : start])


def is_amount(words: str) -> bool:
    """Whether the words are one number, with a unit of money or a percent sign at most."""
    return _AMOUNT.fullmatch(words) is not None


def said(text: str, words: Words) -> str | None:
    """The words of a cell on one line; None where it says nothing."""
    written = cell_text(text, words)
    return None if is_empty(written) else written
