"""The folder of marked reports: reading all of it, dividing it, adding to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from extractor.annotations.marks import name_of, read, render
from extractor.errors import AnnotationError
from extractor.types import Example


def load_all(folder: Path) -> list[Example]:
    """Read every ``*.txt`` of a folder, by name; two files of one name are refused."""
    examples: dict[str, Example] = {}
    for where, example in read(folder):
        if example.name in examples:
            raise AnnotationError(
                f"{where}: report {example.name!r} comes a second time; what follows a file's first dot is no name"
            )
        examples[example.name] = example
    if not examples:
        raise AnnotationError(f"{folder}: no annotated report (*.txt) here")
    return list(examples.values())


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


def add(examples: Sequence[Example], folder: Path) -> None:
    """Add reports to a folder of marked ones, made where missing: all of them, or none.

    Raises AnnotationError where a report of that name is there already, or cannot be written with our marks.
    """
    present = {name_of(path): path for path in folder.glob("*.txt")} if folder.is_dir() else {}
    for example in examples:
        if example.name in present:
            raise AnnotationError(
                f"{present[example.name]}: report {example.name!r} is there already; rename it or take the old one away"
            )
    contents = {f"{example.name}.txt": render(example).encode() for example in examples}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".adding-") as drafts:
        for name, content in contents.items():
            (Path(drafts) / name).write_bytes(content)
        for name in contents:
            (Path(drafts) / name).rename(folder / name)


@contextmanager
def draft_of_path(path: Path) -> Iterator[Path]:
    """Where to write a new file or folder; it takes its place only when the block ends without an error."""
    if path.exists():
        raise AnnotationError(f"{path}: exists already; name a new file or folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as drafts:
        draft = Path(drafts) / path.name
        yield draft
        draft.rename(path)
