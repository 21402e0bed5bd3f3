"""Our inline marks ↔ examples.

A mark is ``{`` label letter, record numbers, optional ``<parent``, ``|``, the marked words, ``}``; without the marks the
text is the report again, character for character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from extractor.annotations import validity
from extractor.errors import AnnotationError
from extractor.types import Example, GoldMention, Label, Span

LETTERS = {"I": Label.INDICATOR, "T": Label.TARGET, "A": Label.ACHIEVED, "M": Label.AMOUNT}
NUMBER = "[1-9][0-9]{0,4}"  # of a record
MARK = re.compile(rf"\{{([ITAM])({NUMBER}(?:,{NUMBER})*)(?:<({NUMBER}))?\|([^{{}}|]+)\}}")


def parse(marked: str, name: str = "report", *, where: str | None = None) -> Example:
    """Read one marked report; messages call it ``where``, or else by its name.

    Raises AnnotationError, naming the report and the line, where the marks break the guidelines.
    """
    pieces: list[str] = []
    mentions: list[GoldMention] = []
    at = length = 0
    for mark in MARK.finditer(marked):
        plain = marked[at : mark.start()]
        letter, numbers, parent, words = mark.groups()
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
    example = Example(name, "".join(pieces), tuple(mentions))
    _check_braces(example.text, where or name)
    validity.check(example, where or name)
    return example


def render(example: Example) -> str:
    """Write an example back as marked text; the inverse of `parse`.

    Raises AnnotationError where the report's own words hold what our marks are made of.
    """
    _check_braces(example.text, example.name)
    letters = {label: letter for letter, label in LETTERS.items()}
    pieces: list[str] = []
    at = 0
    for mention in example.mentions:
        numbers = ",".join(map(str, mention.records))
        parent = "" if mention.parent is None else f"<{mention.parent}"
        words = example.text[mention.span.start : mention.span.end]
        if "|" in words:
            line = validity.line_of(example.text, mention.span.start)
            raise AnnotationError(f"{example.name}: line {line}: a bar in {words!r}; our marks cannot hold words with |")
        pieces += example.text[at : mention.span.start], f"{{{letters[mention.label]}{numbers}{parent}|{words}}}"
        at = mention.span.end
    pieces.append(example.text[at:])
    return "".join(pieces)


def without_marks(marked: str) -> str:
    """The report of a marked text, broken marks left as they are."""
    return MARK.sub(r"\4", marked)


def load(path: Path) -> Example:
    """Read one marked UTF-8 file; the example is named by the file's stem."""
    return parse(text_of(path), name_of(path), where=str(path))


def read(path: Path) -> Iterator[tuple[str, Example]]:
    """The marked report, or those of a folder by name, each with its place."""
    for file in files_in(path, ".txt") if path.is_dir() else [path]:
        yield str(file), load(file)


def write(examples: Sequence[Example], folder: Path) -> None:
    """Write one marked file per report into a new folder."""
    folder.mkdir()
    for example in examples:
        (folder / f"{example.name}.txt").write_bytes(render(example).encode())


def files_in(folder: Path, suffix: str) -> list[Path]:
    """What has that suffix in a folder, by name; Windows and some editors write it in capitals."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() == suffix)
    except OSError as error:
        raise AnnotationError(f"{folder}: the folder cannot be read ({error.strerror})") from error


def name_of(path: Path) -> str:
    """A report's name: its file's, up to the first dot."""
    return path.name.split(".")[0]


def text_of(path: Path) -> str:
    """The characters of a UTF-8 file, line ends as they are."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise AnnotationError(f"{path}: line {line}: not UTF-8 at byte {error.start}; annotations are UTF-8 text") from error
    except OSError as error:
        raise AnnotationError(f"{path}: cannot be read ({error.strerror})") from error


def _check_braces(text: str, where: str) -> None:
    stray = re.search(r"[{}]", text)
    if stray:
        near = text[max(0, stray.start() - 12) : stray.start() + 12]
        raise AnnotationError(
            f"{where}: line {validity.line_of(text, stray.start())}: stray brace near {near!r}; "
            "a mark is {I1|words}, {T1|…}, {A1|…} or {M1|…}, marks never nest, and the report's own words hold no braces"
        )
