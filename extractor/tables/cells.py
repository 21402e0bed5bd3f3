"""What the words of a value cell are worth: numbers with the unit they inherit, several values, or words that stay words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractor import quantity
from extractor.quantity import QuantityError
from extractor.schema import GRADE_UNITS, RATE_NAMES, RELATION_SIGNS, UNIT_WORDS
from extractor.tables.types import Words
from extractor.tables.words import LONGEST_CELL, is_empty
from extractor.types import Quantity, QuantityKind, Relation, Span

SHORT_VALUE = 30  # characters; of a longer cell with one number only the number is the value
SHORTEST_NAME = 2  # characters before a count
NOT_COUNTED = frozenset("年 月 日 岁 周岁 时 点 分".split())
_DATE = re.compile(r"(?:19|20)\d\d(?:[.-]\d{1,2}){1,2}|(?:19|20)\d\d年?")
_BARE_SIGN = re.compile(r"[^\d\s]{1,4}")


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a cell; ``quantity`` is None where it is stated in words only."""

    span: Span
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class View:
    """Words without the line breaks of a narrow cell, and where each character stands in the text."""

    words: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        return Span(self.offsets[start], self.offsets[end - 1] + 1)


def view(text: str, span: Span) -> View:
    """Blanks stay only between two digits, where they part two numbers."""
    marks = [(text[at], at) for at in range(span.start, span.end)]
    kept = [
        (mark, at)
        for position, (mark, at) in enumerate(marks)
        if not mark.isspace() or (_digit(marks, position - 1) and _digit(marks, position + 1))
    ]
    shown = "".join(mark for mark, _ in kept)
    offsets = [at for _, at in kept]
    for name, sign in UNIT_WORDS.items():
        if shown.endswith(name):
            shown = shown.removesuffix(name) + sign
            offsets = [*offsets[: len(shown) - 1], offsets[-1]]
    return View(shown, tuple(offsets))


def _digit(marks: Sequence[tuple[str, int]], position: int) -> bool:
    return 0 <= position < len(marks) and marks[position][0].isdigit()


def too_long(words: Words) -> bool:
    return sum(map(len, words)) > LONGEST_CELL


def values(text: str, words: Words, *, unit: str | None = None, relation: str = "") -> list[Value]:
    """The values of a cell in text order; none where it is empty, holds a stroke, or more than a cell can hold.

    unit: what a number without a unit counts. relation: what the table says of the bound in a column of its own.
    """
    if too_long(words):
        return []
    numbers = [span for span in words if not (len(words) > 1 and _BARE_SIGN.fullmatch(text[span.start : span.end]))]
    if len(numbers) == 1 < len(words):  # ≥ and 90% in two cells under one head
        relation = relation or relation_of("".join(text[span.start : span.end] for span in words if span not in numbers))
    return [value for span in numbers or words for value in _values(text, span, unit, relation)]


def value_in_name(text: str, words: Words) -> tuple[Span, Value] | None:
    """An indicator's name and the count that ends it (签约产业项目8个); None where none does."""
    if len(words) != 1 or too_long(words):
        return None
    shown = view(text, words[0])
    ends = [one.span for one in quantity.find(shown.words) if one.preferred and one.span.end == len(shown.words)]
    if len(ends) != 1 or ends[0].start < SHORTEST_NAME:
        return None
    read = _read(shown.words[ends[0].start :], None, "")
    if read is None or not read.unit or read.unit in NOT_COUNTED:
        return None
    return shown.span(0, ends[0].start), Value(shown.span(ends[0].start, ends[0].end), read)


def _values(text: str, span: Span, unit: str | None, relation: str) -> list[Value]:
    shown = view(text, span)
    if is_empty(shown.words):
        return []
    found = [] if _DATE.fullmatch(shown.words) else [one.span for one in quantity.find(shown.words) if one.preferred]
    if not found:
        return [Value(span)]
    if len(found) > 1:
        return [Value(shown.span(one.start, one.end), _read(shown.words[one.start : one.end], unit, relation)) for one in found]
    only = found[0]
    read = _read(shown.words[only.start : only.end], unit, relation)
    return [Value(span if len(shown.words) <= SHORT_VALUE else shown.span(only.start, only.end), read)]


def _read(words: str, unit: str | None, relation: str) -> Quantity | None:
    try:
        read = quantity.parse(words, head_unit=unit)
    except QuantityError:
        return None
    if read.unit in GRADE_UNITS or _DATE.fullmatch(words):
        return None
    sign = RELATION_SIGNS.get(relation)
    if sign and read.relation is Relation.EQUAL:
        return replace(quantity.parse(sign + words, head_unit=unit), text=words)
    return read


def relation_of(words: str) -> str:
    """The sign in a column of its own, an empty string where the words bound nothing."""
    compact = "".join(words.split())
    return compact if compact in RELATION_SIGNS else ""


# ── Units that stand elsewhere ───────────────────────────────────────────────────────────────────────────────────────


def shared_unit(found: Sequence[Value], others: Sequence[Value], name: str) -> list[Value]:
    """Give bare numbers the unit of the row's other value; those of a rate that is 1 to 100 are percentages."""
    stated = {value.quantity.unit for value in others if value.quantity is not None and value.quantity.unit}
    unit = stated.pop() if len(stated) == 1 else ""
    return [_with_unit(value, unit, others, name) for value in found]


def _with_unit(value: Value, unit: str, others: Sequence[Value], name: str) -> Value:
    read = value.quantity
    if read is None or read.unit:
        return value
    if unit == "%" and _is_fraction(read, others):
        return value  # 0.98 beside 95%: which of the two is meant nobody can tell
    if not unit and name.endswith(RATE_NAMES) and read.low > 1 and read.high <= 100:
        unit = "%"
    if not unit:
        return value
    kind = QuantityKind.SHARE if unit in quantity.SHARES else QuantityKind.SCORE if unit == "分" else read.kind
    return replace(value, quantity=replace(read, unit=unit, kind=kind if read.kind is QuantityKind.LEVEL else read.kind))


def _is_fraction(read: Quantity, others: Sequence[Value]) -> bool:
    large = any(value.quantity is not None and value.quantity.low >= 50 for value in others)
    return large and read.low > 0 and read.high <= 1
