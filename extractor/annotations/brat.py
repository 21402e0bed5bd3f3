"""brat's standoff format ↔ examples: a folder with ``NAME.txt`` and ``NAME.ann`` for every report.

Read and written are text-bound marks (``T``), relations (``R``) and, for the numbers of records, notes on marks (``#``).
Offsets count characters, Windows line ends as two; the words in the third column are compared with them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Hashable, Iterator, Sequence
from pathlib import Path

from extractor.annotations.links import PART_OF, RECORD, Arrow, Marked, example_of, heads, links, note, numbers_of
from extractor.annotations.marks import files_in, name_of, text_of
from extractor.annotations.validity import label_of, span_of
from extractor.errors import AnnotationError
from extractor.types import Example, Label

MARK = re.compile(r"(T[0-9]+)\t(\S+) ([0-9]{1,9}) ([0-9]{1,9})\t(.*)", re.DOTALL)
RELATION = re.compile(r"(R[0-9]+)\t(\S+) Arg1:(\S+) Arg2:(\S+)\s*")
NOTE = re.compile(r"#[0-9]+\tAnnotatorNotes (T[0-9]+)\t(.*)", re.DOTALL)
NAMES = "annotation.conf"  # what brat itself reads from the folder: which labels and relations there are
ALLOWED = "T (a mark in one piece: label, start, end), R (relation) and # (a note on a mark)"


def read(folder: Path) -> Iterator[tuple[str, Example]]:
    """The reports of a folder by name, each with its place."""
    texts = {path.stem: path for path in files_in(folder, ".txt")}
    for path in files_in(folder, ".ann"):
        if path.stem not in texts:
            raise AnnotationError(f"{path}: there is no {path.stem}.txt beside it; brat keeps text and marks in two files")
        yield str(path), _example(name_of(path), text_of(texts.pop(path.stem)), text_of(path), path)
    if texts:
        path = min(texts.values())
        raise AnnotationError(f"{path}: there is no {path.stem}.ann beside it; brat keeps text and marks in two files")


def write(examples: Sequence[Example], folder: Path) -> None:
    """Write both files of every report, and brat's settings, into a new folder."""
    folder.mkdir()
    (folder / NAMES).write_text(_settings(), encoding="utf-8", newline="\n")
    for example in examples:
        (folder / f"{example.name}.txt").write_bytes(example.text.encode())
        (folder / f"{example.name}.ann").write_bytes("".join(f"{line}\n" for line in _lines(example)).encode())


def _lines(example: Example) -> Iterator[str]:
    for k, mention in enumerate(example.mentions, 1):
        words = example.text[mention.span.start : mention.span.end]
        yield f"T{k}\t{mention.label} {mention.span.start} {mention.span.end}\t{words}"
    for k, link in enumerate(links(example), 1):
        yield f"R{k}\t{link.kind} Arg1:T{link.source + 1} Arg2:T{link.target + 1}"
    for k, (head, numbers) in enumerate(sorted(heads(example).items()), 1):
        yield f"#{k}\tAnnotatorNotes T{head + 1}\t{note(numbers)}"


def _settings() -> str:
    anything = "|".join(Label)
    sources = {RECORD: anything, PART_OF: Label.INDICATOR}
    relations = "\n".join(
        f"{kind}{which}\tArg1:{source}, Arg2:{anything}" for kind, source in sources.items() for which in ("", "-2")
    )
    labels = "\n".join(Label)
    return f"[entities]\n{labels}\n\n[relations]\n{relations}\n\n[events]\n\n[attributes]\n"


def _example(name: str, text: str, lines: str, path: Path) -> Example:
    marks: dict[Hashable, Marked] = {}
    numbers: dict[Hashable, Sequence[int]] = {}
    arrows: dict[str, Arrow] = {}
    noted: dict[str, str] = {}  # marks with a note, and where it stands
    for number, line in enumerate(lines.split("\n"), 1):  # splitlines would also cut at characters of the texts
        where = f"{path}: line {number}"
        if match := MARK.fullmatch(line.removesuffix("\r")):
            one, label, start, end, surface = match.groups()
            _check_new(one, marks, where)
            marks[one] = label_of(label, where), span_of(text, int(start), int(end), surface, where)
        elif match := RELATION.fullmatch(line):
            _check_new(match[1], arrows, where)
            arrows[match[1]] = (where, match[3], match[4], match[2])
        elif match := NOTE.fullmatch(line.removesuffix("\r")):
            if match[1] in noted:
                raise AnnotationError(f"{where}: a second note on {match[1]} (first in {noted[match[1]]}); a mark has one")
            noted[match[1]] = where
            numbers[match[1]] = numbers_of(match[2], where)
        elif line.strip():
            raise AnnotationError(f"{where}: found {line!r:.60}; read are lines of {ALLOWED}")
    for one, where in noted.items():
        if one not in marks:
            raise AnnotationError(f"{where}: a note on {one}, which is no mark; notes belong to marks")
    return example_of((name, text), marks, arrows.values(), numbers, str(path))


def _check_new(one: str, found: Container[Hashable], where: str) -> None:
    if one in found:
        raise AnnotationError(f"{where}: {one} comes a second time; each mark and each link has its own number")
