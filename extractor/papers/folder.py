"""The papers of a run in its folder: papers/NAME.html for every report, index.html over all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from extractor.errors import ExtractorError
from extractor.file_names import Names
from extractor.papers.overview import Overview, overview_page
from extractor.papers.paper import Paper
from extractor.papers.pictures import album
from extractor.papers.report import paper_page
from extractor.readers.own import HEAD, is_own
from extractor.results import read_failed, read_results
from extractor.types import Result

OVERVIEW, PAPERS = "index.html", "papers"


@dataclass
class Papers:
    """The papers being written; made by `open_papers`."""

    folder: Path
    names: Names
    overview: Overview = field(default_factory=Overview)

    def add(self, result: Result) -> None:
        """Write the page of one report."""
        paper = Paper.of(result, album(result.document))
        name = self.names.of(result.document.source, ".html")
        _write(self.folder / PAPERS / name, paper_page(paper, overview=OVERVIEW))
        self.overview.add(paper, f"{PAPERS}/{quote(name)}")

    def fail(self, source: str, error: str) -> None:
        """Note a file that could not be read at all."""
        self.overview.fail(source, error)

    def finish(self) -> None:
        """Write the overview."""
        _write(self.folder / OVERVIEW, overview_page(self.overview))


@contextmanager
def open_papers(folder: Path) -> Iterator[Papers]:
    """Make room for papers in ``folder``: those of an earlier run are removed, other files stay.

    The overview is written at the end, also when the block is left by an exception. Raises ExtractorError where the folder
    cannot be written.
    """
    try:
        earlier = earlier_papers(folder)
        (folder / PAPERS).mkdir(parents=True, exist_ok=True)
        for old in earlier:
            old.unlink()
        names = Names(path.name for path in (folder / PAPERS).iterdir())
    except OSError as error:
        raise ExtractorError(f"{folder}：不能在这里写入（{error.strerror}）；请另选一个文件夹") from error
    papers = Papers(folder, names)
    try:
        yield papers
    finally:
        papers.finish()


def earlier_papers(folder: Path) -> list[Path]:
    """The pages of an earlier run in ``folder``, its overview included.

    Raises ExtractorError where the overview's name is taken by a file that is none of ours.
    """
    overview = folder / OVERVIEW
    if overview.exists() and not _is_ours(overview):
        raise ExtractorError(f"{overview}：已有此文件，不是本程序写出的；请另选一个文件夹，以免覆盖")
    return [page for page in [*(folder / PAPERS).glob("*.html"), overview] if _is_ours(page)]


def written_anew(folder: Path) -> Overview:
    """Make the papers of a run anew from what it wrote.

    Raises ResultsError where the results are missing or damaged, before an older paper is touched.
    """
    for _ in read_results(folder):
        pass
    failed = list(read_failed(folder))
    with open_papers(folder) as papers:
        for result in read_results(folder):
            papers.add(result)
        for one in failed:
            papers.fail(one.source, one.error)
        return papers.overview


def _is_ours(page: Path) -> bool:
    if not page.is_file():
        return False
    with page.open("rb") as stream:
        return is_own(stream.read(HEAD))


def _write(path: Path, text: str) -> None:
    """Halves of characters, which no file can hold, become question marks."""
    path.write_bytes(text.encode("utf-8", errors="replace"))
