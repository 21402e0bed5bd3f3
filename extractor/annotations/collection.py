"""The folder of marked reports: reading all of it, dividing it, adding to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from extractor.annotations.marks import files_in, name_of, read, render, text_of, without_marks
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
    lines = text_of(path).removeprefix("\ufeff").splitlines()
    return frozenset(line.strip() for line in lines if line.strip())


def divide(examples: Sequence[Example], held_out: Path) -> tuple[list[Example], list[Example]]:
    """(to learn from, to measure on), by the list in a file.

    Raises AnnotationError where it names a report that is not there: under its right name that one would be learned from.
    """
    names = held_out_names(held_out)
    absent = sorted(names - {example.name for example in examples})
    if absent:
        raise AnnotationError(
            f"{held_out}: names {len(absent)} reports that are not in the collection ({', '.join(absent[:5])}); "
            "every line is the name of a report"
        )
    return split(examples, names)


def split(examples: Iterable[Example], held_out: frozenset[str]) -> tuple[list[Example], list[Example]]:
    """(to learn from, to measure on); by report, never by sentence."""
    learned: list[Example] = []
    measured: list[Example] = []
    for example in examples:
        (measured if example.name in held_out else learned).append(example)
    return learned, measured


def check_marked(examples: Sequence[Example], where: Path) -> None:
    """Refuse reports of which none bears a mark: they would teach that nothing is to be found in them."""
    if not any(example.mentions for example in examples):
        raise AnnotationError(f"{where}: not one mark in {len(examples)} reports; reports are annotated before they are added")


def add(examples: Sequence[Example], folder: Path) -> None:
    """Add reports to a folder of marked ones, made where missing: all of them, or none.

    Raises AnnotationError where a report of that name or with that text is there already or comes twice, or cannot be written
    with our marks.
    """
    if folder.exists() and not folder.is_dir():
        raise AnnotationError(f"{folder}: a file; marked reports are added to a folder")
    present = {name_of(path): path for path in files_in(folder, ".txt")} if folder.is_dir() else {}
    for example in examples:
        if example.name in present:
            raise AnnotationError(
                f"{present[example.name]}: report {example.name!r} is there already; rename it or take the old one away"
            )
    _check_texts(examples, present.values())
    contents = {f"{example.name}.txt": render(example).encode() for example in examples}
    with _made(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".adding-") as drafts:
        for name, content in contents.items():
            (Path(drafts) / name).write_bytes(content)
        for name in contents:
            (Path(drafts) / name).rename(folder / name)


def _check_texts(examples: Iterable[Example], present: Iterable[Path]) -> None:
    """Refuse a text that would stand twice: it might be learned from under one name and measured under the other."""
    places = {without_marks(text_of(path)): str(path) for path in present}
    for example in examples:
        if example.text in places:
            raise AnnotationError(
                f"{example.name}: the same text is in {places[example.text]} already; every report is added once, under one name"
            )
        places[example.text] = f"report {example.name!r}"


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """The folder is there, made with its parents where missing; what was made goes again if the block fails."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for one in missing:
            with suppress(OSError):
                one.rmdir()
        raise


def check_new(path: Path) -> None:
    """Refuse to write where something is."""
    if path.exists() or path.is_symlink():
        raise AnnotationError(f"{path}: exists already; name a new file or folder")


@contextmanager
def draft_of_path(path: Path) -> Iterator[Path]:
    """Where to write a new file or folder; it takes its place only when the block ends without an error."""
    check_new(path)
    with _made(path.parent), tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as drafts:
        draft = Path(drafts) / path.name
        yield draft
        draft.rename(path)
