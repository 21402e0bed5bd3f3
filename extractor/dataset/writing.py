"""A run's tables as Parquet files, which `extractor query` and other programs read.

Rows go to disk as they come; DuckDB makes Parquet of them at the end, in little memory however many there are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BufferedWriter
from pathlib import Path

from extractor.dataset.fields import ALL_TABLES, FAILED, NUMBER, TABLES, Field, Source, Table
from extractor.errors import ResultsError, reason

PARQUET = "parquet"  # the folder of the files within that of a run
ROWS_PER_GROUP = 8_192  # few: a group waits in memory, and a row of `reports` holds a whole text
SMALLEST_LINE = 16 * 2**20  # bytes; as long as DuckDB lets a line of JSON be unless told
MEMORY = "512MB"


class Dataset:
    """The tables of one run being written into ``folder``, made where missing; older ones are removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._n_results = 0
        self._longest_line = SMALLEST_LINE
        folder.mkdir(parents=True, exist_ok=True)
        for table in ALL_TABLES:
            parquet_of(folder, table).unlink(missing_ok=True)
        self._files: dict[str, BufferedWriter] = {table.name: rows_of(folder, table).open("wb") for table in ALL_TABLES}

    def add(self, source: Source) -> None:
        """Add the rows of one result."""
        self._n_results += 1
        for table in TABLES:
            for row in table.rows(source, self._n_results):
                self._write(table, row)

    def fail(self, source: str, error: str) -> None:
        """Add a file that could not be read at all."""
        self._write(FAILED, {"source": source, "error": error})

    def save(self) -> None:
        """Make Parquet files of all rows. Raises ResultsError where that is not possible, a full disk for example."""
        import duckdb

        for file in self._files.values():
            file.close()
        try:
            with duckdb.connect(config={"threads": 1, "memory_limit": MEMORY, "temp_directory": ""}) as connection:
                for table in ALL_TABLES:
                    connection.execute(self._statement(table))
                    rows_of(self._folder, table).unlink()
        except (duckdb.Error, OSError) as error:
            raise ResultsError(f"{self._folder}：Parquet 文件写入失败（{reason(error)}）；其他结果文件不受影响") from error

    def _write(self, table: Table, row: Mapping[str, object]) -> None:
        # Half a surrogate pair has no place in Parquet, and none in UTF-8.
        line = json.dumps(row, ensure_ascii=False).encode("utf-8", errors="replace") + b"\n"
        self._longest_line = max(self._longest_line, len(line) + 1)
        self._files[table.name].write(line)

    def _statement(self, table: Table) -> str:
        columns = ", ".join(f"{field.name}: '{'VARCHAR' if field.type == NUMBER else field.type}'" for field in table.fields)
        source = (
            f"read_json({quoted(rows_of(self._folder, table))}, format='newline_delimited', columns={{{columns}}}, "
            f"maximum_object_size={self._longest_line})"
        )
        target = quoted(parquet_of(self._folder, table))
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP}"
        return f"COPY (SELECT {', '.join(map(_read, table.fields))} FROM {source}) TO {target} ({options})"


def quoted(path: Path) -> str:
    """A path as SQL writes it, on Windows too."""
    return "'" + path.as_posix().replace("'", "''") + "'"


def parquet_of(folder: Path, table: Table) -> Path:
    """Where a table stands."""
    return folder / f"{table.name}.parquet"


def rows_of(folder: Path, table: Table) -> Path:
    """Where the rows of a table wait until they become Parquet."""
    return folder / f"{table.name}.jsonl"


def dataset_files(folder: Path) -> list[Path]:
    """All files that a dataset in ``folder`` replaces."""
    return [of(folder, table) for table in ALL_TABLES for of in (parquet_of, rows_of)]


def _read(field: Field) -> str:
    return f'TRY_CAST("{field.name}" AS {field.type}) AS "{field.name}"' if field.type == NUMBER else f'"{field.name}"'
