"""The papers of a run in its folder: papers/NAME.html for every report, index.html over all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from urllib.parse import quote

from extractor.errors import ExtractorError
from extractor.output import from_dict
from extractor.papers.overview import Overview, overview_page
from extractor.papers.paper import Paper
from extractor.papers.pictures import album
from extractor.papers.report import paper_page
from extractor.papers.template import GENERATOR
from extractor.types import Result

OVERVIEW, PAPERS = "index.html", "papers"
HEAD = 1000  # bytes of a page in which its maker's name stands
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')  # in names of files, on Windows or anywhere
RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|COM\d|LPT\d)(?:\.|$)", re.IGNORECASE)
LONGEST_NAME = 60  # characters: 180 bytes, and Windows' paths are short


@dataclass
class Papers:
    """The papers being written; made by `open_papers`."""

    folder: Path
    overview: Overview = field(default_factory=Overview)
    _names: set[str] = field(default_factory=set)

    def add(self, result: Result) -> None:
        """Write the page of one report."""
        paper = Paper.of(result, album(result.document))
        name = self._name(result.document.source)
        _write(self.folder / PAPERS / name, paper_page(paper, overview=OVERVIEW))
        self.overview.add(paper, f"{PAPERS}/{quote(name)}")

    def fail(self, source: str, error: str) -> None:
        """Note a file that could not be read at all."""
        self.overview.fail(source, error)

    def finish(self) -> None:
        """Write the overview."""
        _write(self.folder / OVERVIEW, overview_page(self.overview))

    def _name(self, source: str) -> str:
        """The report's own name where it is free, else with a number; letters' case makes no difference on Windows."""
        stem = file_stem(source)
        number = 1
        name = stem
        while name.casefold() in self._names:
            number += 1
            name = f"{stem} ({number})"
        self._names.add(name.casefold())
        return f"{name}.html"


@contextmanager
def open_papers(folder: Path) -> Iterator[Papers]:
    """Make room for papers in ``folder``: those of an earlier run are removed, other files stay.

    The overview is written at the end, also when the block is left by an exception. Raises ExtractorError where the folder
    cannot be written.
    """
    try:
        (folder / PAPERS).mkdir(parents=True, exist_ok=True)
        for old in [*(folder / PAPERS).glob("*.html"), folder / OVERVIEW]:
            if _is_ours(old):
                old.unlink()
    except OSError as error:
        raise ExtractorError(f"{folder}：不能在这里写入（{error.strerror}）；请另选一个文件夹") from error
    papers = Papers(folder)
    try:
        yield papers
    finally:
        papers.finish()


def written_anew(folder: Path, results: Path, failed: Path) -> Overview:
    """Make the papers of a run anew from what it wrote.

    Raises ExtractorError where the results are missing or none of ours.
    """
    if not results.is_file():
        raise ExtractorError(f"{results}：没有这个文件；请给出 extractor run 写过结果的文件夹")
    with open_papers(folder) as papers:
        for number, line in _lines(results):
            try:
                result = from_dict(json.loads(line))
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise ExtractorError(
                    f"{results}：第 {number} 行不是本程序写出的结果（{type(error).__name__}：{error}）；请重新运行 extractor run"
                ) from error
            papers.add(result)
        for number, line in _lines(failed) if failed.is_file() else ():
            try:
                one = json.loads(line)
                papers.fail(one["source"], one["error"])
            except (ValueError, KeyError, TypeError) as error:
                raise ExtractorError(f"{failed}：第 {number} 行不是本程序写出的内容；请重新运行 extractor run") from error
        return papers.overview


def file_stem(source: str) -> str:
    """A name for a report's page: its file's own without the suffix, as every system can write it."""
    stem = FORBIDDEN.sub("_", PurePath(source.replace("\\", "/")).stem)[:LONGEST_NAME].strip(" .")
    return f"_{stem}" if not stem or RESERVED.match(stem) else stem


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as stream:
        yield from enumerate(stream, start=1)


def _is_ours(page: Path) -> bool:
    if not page.is_file():
        return False
    with page.open("rb") as stream:
        return f'content="{GENERATOR}'.encode() in stream.read(HEAD)


def _write(path: Path, text: str) -> None:
    """Halves of characters, which no file can hold, become question marks."""
    path.write_bytes(text.encode("utf-8", errors="replace"))
