"""What every annotated report must keep, whatever format it comes in. All refusals are AnnotationErrors.

``where`` is the place in the source (a file, a line of it), which begins every message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from extractor.errors import AnnotationError
from extractor.types import Example, GoldMention, Label, Span

NUMBER = re.compile(r"[0-9０-９零〇一二三四五六七八九十百千万亿两半壹贰叁肆伍陆柒捌玖拾佰仟]")
HALF = re.compile(r"[\ud800-\udfff]")  # of a character: no encoding writes it
# A name becomes a file name, and what follows a dot would be taken for the file's kind.
NAME = re.compile(r"[^\\/:*?\"<>|.\s\x00-\x1f](?:[^\\/:*?\"<>|.\x00-\x1f]*[^\\/:*?\"<>|.\s\x00-\x1f])?")
DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)  # Windows has no files of these names
LONGEST_NAME = 240  # bytes; file systems take 255, and a suffix follows
NUMBERS = range(1, 100_000)  # of records

Kind = TypeVar("Kind")


def field(holder: object, key: str, kind: type[Kind], where: str) -> Kind:
    """``holder[key]``, refused where it is missing or of another kind (true and false are no numbers)."""
    value = _value(holder, key, where)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise AnnotationError(f"{where}: '{key}' is {value!r:.60}; {kind.__name__} is expected")
    return value


def identity(holder: object, key: str, where: str) -> int | str:
    """``holder[key]`` as an id: a whole number or words."""
    value = _value(holder, key, where)
    if not isinstance(value, int | str) or isinstance(value, bool):
        raise AnnotationError(f"{where}: '{key}' is {value!r:.60}; a whole number or words are expected")
    return value


def _value(holder: object, key: str, where: str) -> object:
    if not isinstance(holder, Mapping):
        raise AnnotationError(f"{where}: found {holder!r:.60}; an object with '{key}' is expected")
    if key not in holder:
        raise AnnotationError(f"{where}: '{key}' is missing; found {', '.join(map(str, holder)) or 'nothing'}")
    return holder[key]


def name_in(holder: Mapping[str, object], key: str, otherwise: str, where: str) -> str:
    """The report's name of that key; ``otherwise`` where there is no such key."""
    return str(identity(holder, key, where)) if key in holder else otherwise


def record_numbers(numbers: Sequence[object], where: str) -> tuple[int, ...]:
    """The numbers of a mark's records."""
    found = tuple(number for number in numbers if type(number) is int and number in NUMBERS)
    if not found or len(set(found)) < len(numbers):
        raise AnnotationError(
            f"{where}: belongs to records {list(numbers)!r:.60}; "
            f"a mark names each of its records once, by whole numbers from {NUMBERS[0]} to {NUMBERS[-1]}"
        )
    return found


def label_of(name: object, where: str) -> Label:
    """The label of that name."""
    if not isinstance(name, str) or name not in set(Label):
        raise AnnotationError(f"{where}: label {name!r:.60} is unknown; labels are {', '.join(Label)}")
    return Label(name)


def span_of(text: str, start: int, end: int, surface: str | None, where: str) -> Span:
    """The span, once it is known to lie in the text and, where the format says so, to hold just these words."""
    if not 0 <= start < end <= len(text):
        raise AnnotationError(f"{where}: offsets {start}-{end}; the text has characters 0-{len(text)} and a mark at least one")
    if surface is not None and text[start:end] != surface:
        raise AnnotationError(
            f"{where}: the text at {start}-{end} is {text[start:end]!r:.60}, the mark says {surface!r:.60}; "
            "offsets count characters (an emoji is one, a Windows line end two)"
        )
    return Span(start, end)


def check(example: Example, where: str) -> None:
    """Refuse an example that breaks the guidelines of annotation."""
    _check_name(example.name, where)
    if half := HALF.search(example.text):
        raise AnnotationError(
            f"{where}: line {line_of(example.text, half.start())} of the text: half a character ({half[0]!r}); "
            "a text consists of whole Unicode characters"
        )
    for before, mention in pairwise(example.mentions):
        if mention.span.start < before.span.end:
            raise AnnotationError(
                f"{_line(example, mention, where)}: {_words(example, mention)} overlaps {_words(example, before)} "
                "or stands before it; marks never overlap"
            )
    for mention in example.mentions:
        _check_mention(example, mention, _line(example, mention, where))
    _check_records(example, where)


def _check_name(name: str, where: str) -> None:
    if not NAME.fullmatch(name) or HALF.search(name) or DEVICE.fullmatch(name) or len(name.encode()) > LONGEST_NAME:
        raise AnnotationError(
            f"{where}: a report named {name!r:.80}; a name becomes a file name: at most {LONGEST_NAME} bytes of UTF-8, "
            'no dots, outer blanks or \\ / : * ? " < > |, and none that Windows keeps, such as CON'
        )


def _check_mention(example: Example, mention: GoldMention, where: str) -> None:
    words = example.text[mention.span.start : mention.span.end]
    if words != words.strip():
        raise AnnotationError(f"{where}: blank at the edge of {words!r}; marks begin and end with a visible character")
    if "\n" in words or "\r" in words:
        raise AnnotationError(f"{where}: line break inside {words!r}; a mark stays within one line")
    if mention.label.is_value and not NUMBER.search(words):
        raise AnnotationError(f"{where}: value {words!r} holds no number; T, A and M mark numbers")
    if mention.label.is_value and mention.parent is not None:
        raise AnnotationError(f"{where}: {words!r} names parent {mention.parent}; only an indicator (I) names a parent")
    record_numbers(mention.records, f"{where}: {words!r}")


def _check_records(example: Example, where: str) -> None:
    members = example.members()
    for number, positions in members.items():
        labels = {example.mentions[position].label for position in positions}
        place = _line(example, example.mentions[positions[0]], where)
        if labels == {Label.INDICATOR}:
            words = _words(example, example.mentions[positions[0]])
            raise AnnotationError(f"{place}: record {number} has no value; {words} needs a T, A or M mark in its record")
        if Label.AMOUNT in labels and labels & {Label.TARGET, Label.ACHIEVED}:
            raise AnnotationError(f"{place}: record {number} mixes AMOUNT with TARGET or ACHIEVED; a record holds one of both")
    for mention in example.mentions:
        if mention.parent is not None and (type(mention.parent) is not int or mention.parent not in members):
            raise AnnotationError(
                f"{_line(example, mention, where)}: record {mention.records[0]} names parent "
                f"{mention.parent}, which does not exist"
            )
    _check_wholes(example, where)


def _check_wholes(example: Example, where: str) -> None:
    """Refuse a record that is a part of itself, be it by way of others."""
    wholes: dict[int, set[int]] = {}
    parts = [(mention, mention.parent) for mention in example.mentions if mention.parent is not None]
    for mention, parent in parts:
        for number in mention.records:
            wholes.setdefault(number, set()).add(parent)
    for mention, parent in parts:
        reached: set[int] = set()
        waiting = {parent}
        while waiting:
            reached |= waiting
            waiting = {whole for number in waiting for whole in wholes.get(number, ())} - reached
        if within := reached.intersection(mention.records):
            raise AnnotationError(
                f"{_line(example, mention, where)}: {_words(example, mention)} names parent {parent}, "
                f"so that record {min(within)} would be a part of itself"
            )


def line_of(text: str, offset: int) -> int:
    """The number of the line, from 1, that a character stands in."""
    return text.count("\n", 0, offset) + 1


def _line(example: Example, mention: GoldMention, where: str) -> str:
    return f"{where}: line {line_of(example.text, mention.span.start)} of the text"


def _words(example: Example, mention: GoldMention) -> str:
    return f"{mention.label} {example.text[mention.span.start : mention.span.end]!r}"
