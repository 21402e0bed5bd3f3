"""Results → files that people and programs open: workbooks, web pages, JSON Lines, CSV, and Parquet for `extractor query`.

Everything is written as it comes, so memory stays flat however many reports there are.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from io import BufferedWriter
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TypeVar

from extractor.dataset import PARQUET, Dataset, Source, dataset_files
from extractor.errors import ExtractorError, reason
from extractor.output import encoded
from extractor.papers import PAPERS, Papers, earlier_papers, open_papers
from extractor.results import FAILED, RESULTS
from extractor.sheet import COLUMNS, Cell, place_text
from extractor.spreadsheet import FORMULA_STARTS, ILLEGAL
from extractor.stated import all_problems
from extractor.types import Result
from extractor.workbook import Book, FindingBook

CSV = "records.csv"
XLSX, FINDINGS = "records.xlsx", "findings.xlsx"
B = TypeVar("B", Book, FindingBook)


@dataclass
class Export:
    """Open output files of one run; made by `open_folder`."""

    folder: Path
    _results: BufferedWriter
    _failed: BufferedWriter
    _csv: IO[str]
    _book: Book
    _finding_book: FindingBook
    _dataset: Dataset
    _papers: Papers
    n_records: int = field(default=0, init=False)

    def add(self, result: Result) -> None:
        """Write one result everywhere."""
        source = Source.of(result)
        _write_line(self._results, encoded(source.out))
        records, findings = source.record_rows, source.finding_rows
        csv.writer(self._csv).writerows([csv_cell(cell) for cell in row.cells] for row in records)
        self._csv.flush()
        self._book.add(records, findings)
        self._finding_book.add(findings, result.checks)
        self._dataset.add(source)
        try:
            self._papers.add(source.result)
        except (OSError, ExtractorError):
            raise
        except Exception as error:  # whatever one report does to its page, the others are still to be read
            self._book.add_unread((result.document.source, "网页", f"网页未能生成（{reason(error)}），其余结果不受影响"))
        self.n_records += len(records)
        for problem in all_problems(result):
            self._book.add_unread((result.document.source, place_text(problem.where), problem.message))

    def fail(self, source: str, error: str) -> None:
        """Note a file that could not be read at all."""
        line = json.dumps({"source": source, "error": error}, ensure_ascii=False)
        _write_line(self._failed, line.encode("utf-8", errors="backslashreplace"))
        self._book.add_unread((source, "整个文件", error))
        self._dataset.fail(source, error)
        self._papers.fail(source, error)


@contextmanager
def open_folder(folder: Path) -> Iterator[Export]:
    """Open all output files in ``folder``, made where missing; older ones are replaced, all or, where that fails, none.

    Workbooks and Parquet files are written at the end, also when the block is left by an exception, so that work done is kept.
    Raises ExtractorError where the folder or a file in it cannot be written.
    """
    with ExitStack() as stack:
        try:
            # Before the work rather than after it, and before anything of an earlier run is touched.
            prove_writable(folder, (folder / name for name in (RESULTS, FAILED, CSV, XLSX, FINDINGS)))
            prove_writable(folder / PARQUET, dataset_files(folder / PARQUET))
            prove_writable(folder / PAPERS, earlier_papers(folder))
            (folder / XLSX).unlink(missing_ok=True)
            (folder / FINDINGS).unlink(missing_ok=True)
            results = stack.enter_context((folder / RESULTS).open("wb"))
            failed = stack.enter_context((folder / FAILED).open("wb"))
            # The mark at the start (BOM) tells Excel that the file is UTF-8.
            table = stack.enter_context((folder / CSV).open("w", encoding="utf-8-sig", newline=""))
            dataset = Dataset(folder / PARQUET)
        except OSError as error:
            hint = "请关闭正在打开其中文件的程序，或另选一个文件夹"
            raise ExtractorError(f"{folder}：不能在这里写入（{error.strerror}）；{hint}") from error
        csv.writer(table).writerow([column.title for column in COLUMNS])
        stack.callback(dataset.save)
        book = stack.enter_context(_saved(Book(), folder / XLSX))
        finding_book = stack.enter_context(_saved(FindingBook(), folder / FINDINGS))
        papers = stack.enter_context(open_papers(folder))
        yield Export(folder, results, failed, table, book, finding_book, dataset, papers)


def prove_writable(folder: Path, files: Iterable[Path]) -> None:
    """Make the folder where it is missing; raises OSError where one of these files, or a new one, cannot be written there.

    Nothing is changed. On Windows it fails for a file that a spreadsheet program holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    TemporaryFile(dir=folder).close()
    for file in files:
        if file.exists():
            file.open("r+b").close()


def write(results: Iterable[Result], folder: Path) -> int:
    """Write all results into ``folder`` one by one and return the number of records."""
    with open_folder(folder) as export:
        for result in results:
            export.add(result)
        return export.n_records


def csv_cell(value: Cell) -> str:
    """The value as text; words that a spreadsheet program would take for a formula get an apostrophe in front."""
    if isinstance(value, Decimal):
        return format(value, "f")
    text = "" if value is None else ILLEGAL.sub("", value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _saved(book: B, path: Path) -> AbstractContextManager[B]:
    @contextmanager
    def saving() -> Iterator[B]:
        try:
            yield book
        finally:
            book.save(path)

    return saving()


def _write_line(file: BufferedWriter, line: bytes) -> None:
    file.write(line + b"\n")
    file.flush()  # a reader, or a broken run, finds whole lines
