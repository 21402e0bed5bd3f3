"""Which files to read of the files and folders that a user names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.export import CSV, FINDINGS, XLSX
from extractor.papers import OVERVIEW, PAPERS
from extractor.results import RESULTS

OFFICE_LOCK = "~$"  # what Word leaves beside a file that is open
WRITTEN = frozenset({XLSX, FINDINGS, CSV, OVERVIEW, PAPERS})  # beside its results by a run, of kinds that are read


def known_suffixes() -> tuple[str, ...]:
    """The suffixes of files that are read, with their dots, in lower case."""
    from extractor.readers import KINDS

    return tuple(KINDS)


def find_files(paths: Iterable[Path], *, without: Path) -> Iterator[Path]:
    """The files to read, each once: those named, and of folders those of a known kind, sorted, all levels deep.

    Hidden files, Office's lock files, everything in the folder ``without``, and what earlier runs wrote are left out of folders.
    """
    known, results = known_suffixes(), os.path.realpath(without)
    seen: set[str] = set()
    for path in paths:
        for file in _walk(path, known, results) if os.path.isdir(path) else [path]:
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                yield file


def _walk(folder: Path, known: tuple[str, ...], results: str) -> Iterator[Path]:
    closed: list[Path] = []  # folders that may not be listed: handed on as if files, so that they show up as failed
    for parent, folders, names in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        written = WRITTEN if RESULTS in names else frozenset()
        folders[:] = sorted(
            name
            for name in folders
            if name not in written and not name.startswith(".") and os.path.realpath(Path(parent) / name) != results
        )
        for name in sorted(names):
            if name not in written and name.lower().endswith(known) and not name.startswith((".", OFFICE_LOCK)):
                yield Path(parent) / name
    yield from closed
