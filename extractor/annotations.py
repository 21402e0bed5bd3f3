"""Annotated reports: our inline marks ↔ examples.

A mark is ``{`` label letter, record numbers, optional ``<parent``, ``|``, the marked words, ``}``; without the marks the
text is the report again, character for character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.errors import AnnotationError
from extractor.types import Example, GoldMention, Label, Span

LETTERS = {"I": Label.INDICATOR, "T": Label.TARGET, "A": Label.ACHIEVED, "M": Label.AMOUNT}
MARK = re.compile(r"\{([ITAM])(\d+(?:,\d+)*)(?:<(\d+))?\|([^{}|]+)\}")
NUMBER = re.compile(r"[0-9０-９零〇一二三四五六七八九十百千万亿两半壹贰叁肆伍陆柒捌玖拾佰仟]")


def parse(marked: str, name: str = "report") -> Example:
    """Read one marked report.

    Raises AnnotationError, naming the report and the line, where the marks break the guidelines.
    """
    pieces: list[str] = []
    mentions: list[GoldMention] = []
    at = length = 0
    for mark in MARK.finditer(marked):
        plain = marked[at : mark.start()]
        letter, numbers, parent, words = mark.groups()
        _check_words(letter, words, parent, _line(name, marked, mark.start()))
        start = length + len(plain)
        mentions.append(
            GoldMention(
                LETTERS[letter],
                Span(start, start + len(words)),
                tuple(int(number) for number in numbers.split(",")),
                int(parent) if parent else None,
            )
        )
        pieces += plain, words
        length = start + len(words)
        at = mark.end()
    pieces.append(marked[at:])
    text = "".join(pieces)
    stray = re.search(r"[{}]", text)
    if stray:
        near = text[max(0, stray.start() - 12) : stray.start() + 12]
        raise AnnotationError(f"{name}: stray brace near {near!r}; a mark is {{I1|words}}, {{T1|…}}, {{A1|…}} or {{M1|…}}")
    example = Example(name, text, tuple(mentions))
    _check_records(example)
    return example


def render(example: Example) -> str:
    """Write an example back as marked text; the inverse of `parse`."""
    letters = {label: letter for letter, label in LETTERS.items()}
    pieces: list[str] = []
    at = 0
    for mention in example.mentions:
        numbers = ",".join(map(str, mention.records))
        parent = "" if mention.parent is None else f"<{mention.parent}"
        words = example.text[mention.span.start : mention.span.end]
        pieces += example.text[at : mention.span.start], f"{{{letters[mention.label]}{numbers}{parent}|{words}}}"
        at = mention.span.end
    pieces.append(example.text[at:])
    return "".join(pieces)


def load(path: Path) -> Example:
    """Read one marked UTF-8 file; the example is named by the file's stem."""
    try:
        return parse(path.read_bytes().decode("utf-8"), path.name.split(".")[0])
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path}: not UTF-8 at byte {error.start}; annotated reports are UTF-8 text") from error


def load_all(folder: Path) -> list[Example]:
    """Read every ``*.txt`` of a folder, by name."""
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise AnnotationError(f"{folder}: no annotated report (*.txt) here")
    return [load(path) for path in paths]


def held_out_names(path: Path) -> frozenset[str]:
    """The fixed list of reports that are only measured: one name a line."""
    return frozenset(path.read_text(encoding="utf-8").split())


def split(examples: Iterable[Example], held_out: frozenset[str]) -> tuple[list[Example], list[Example]]:
    """(to learn from, to measure on); by report, never by sentence."""
    learned: list[Example] = []
    measured: list[Example] = []
    for example in examples:
        (measured if example.name in held_out else learned).append(example)
    return learned, measured


def _check_words(letter: str, words: str, parent: str | None, where: str) -> None:
    if words != words.strip():
        raise AnnotationError(f"{where}: blank at the edge of {words!r}; marks begin and end with a visible character")
    if "\n" in words:
        raise AnnotationError(f"{where}: line break inside {words!r}; a mark stays within one line")
    if letter != "I" and not NUMBER.search(words):
        raise AnnotationError(f"{where}: value {words!r} holds no number; T, A and M mark numbers")
    if parent and letter != "I":
        raise AnnotationError(f"{where}: {words!r} names parent {parent}; only an indicator (I) names a parent")


def _check_records(example: Example) -> None:
    members = example.members()
    for number, positions in members.items():
        labels = {example.mentions[position].label for position in positions}
        if labels == {Label.INDICATOR}:
            raise AnnotationError(f"{example.name}: record {number} has no value; it needs a T, A or M mark")
        if Label.AMOUNT in labels and labels & {Label.TARGET, Label.ACHIEVED}:
            raise AnnotationError(f"{example.name}: record {number} mixes AMOUNT with TARGET or ACHIEVED")
    for mention in example.mentions:
        if mention.parent is not None and mention.parent not in members:
            raise AnnotationError(
                f"{example.name}: record {mention.records[0]} names parent {mention.parent}, which does not exist"
            )


def _line(name: str, marked: str, offset: int) -> str:
    return f"{name}: line {marked.count(chr(10), 0, offset) + 1}"


def walk(paths: Iterable[Path]) -> Iterator[Example]:
    """Examples of files and folders, in the order given."""
    for path in paths:
        yield from load_all(path) if path.is_dir() else [load(path)]
