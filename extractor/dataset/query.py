"""Questions in SQL to the tables of a run: they read these tables, and nothing else on the machine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.dataset.fields import ALL_TABLES
from extractor.dataset.writing import PARQUET, parquet_of, quoted
from extractor.errors import ResultsError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS_AT_ONCE = 1_000
NAMES = "、".join(table.name for table in ALL_TABLES)
ALLOWED = f"只能用一条 SELECT 语句查询本次结果的表（{NAMES}）"
# What DuckDB's messages begin with or say, and what it means for who asks; the first that fits is told.
MEANINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"Table with name (?P<name>.+?) does not exist", "没有名为“{name}”的表；可查询的表：" + NAMES),
        (
            r'(?:Referenced|does not have a) column (?:named )?"(?P<name>[^"]+)"',
            "没有名为“{name}”的列；省略查询语句可列出全部表和列",
        ),
        (r"Function with name (?P<name>\S+) does not exist", "没有名为“{name}”的函数"),
        (r"syntax error at or near \"(?P<name>[^\"]*)\"", "语法有误，在“{name}”附近"),
        (r"^Parser Error", "语法有误"),
        (r'^Binder Error: Ambiguous reference to column name "(?P<name>[^"]+)"', "几个表都有列“{name}”，请写成“表.{name}”"),
        (r'column "(?P<name>[^"]+)" must appear in the GROUP BY', "用了汇总函数时，列“{name}”须写进 GROUP BY"),
        (r"^Binder Error: No function matches .*?'(?P<name>\w+)\(", "函数“{name}”不能用于这类值，数字须用数值列"),
        (r"^Permission Error", "不能读写其他文件；" + ALLOWED),
        (r"^Conversion Error|^Invalid Input Error|^Out of Range Error", "有的值不能这样换算或计算"),
        (r"^Out of Memory Error", "所需内存过多；请增加条件或减少列"),
    )
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gives: names of columns, and rows as they are read. Values are str, int, Decimal, date, list …"""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def asked(folder: Path, question: str) -> Iterator[Answer]:
    """Put a question in SQL to the tables of the run in ``folder``.

    Raises ResultsError, also while rows are read, where the folder holds no tables or the question is wrong or more than
    one SELECT.
    """
    import duckdb

    try:
        with _connected(folder / PARQUET) as connection:
            statements = connection.extract_statements(question)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise ResultsError(f"查询语句：{ALLOWED}")
            cursor = connection.execute(statements[0])
            yield Answer(tuple(_names(column[0] for column in cursor.description or ())), _rows(cursor))
    except duckdb.Error as error:
        raise ResultsError(f"查询语句：{_meaning(str(error))}") from error


def _connected(folder: Path) -> DuckDBPyConnection:
    """A database in memory that knows the tables of a run and can open no other file, nor the network."""
    import duckdb

    files = {table.name: parquet_of(folder.resolve(), table) for table in ALL_TABLES}
    missing = next((file for file in files.values() if not file.is_file()), None)
    if missing is not None:
        raise ResultsError(f"{missing}：没有此文件；请给出 extractor run --out 写入结果的文件夹，旧版本的结果须重新提取")
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,  # otherwise the name of a variable of ours would be a table
            "temp_directory": "",
        }
    )
    connection.execute(f"SET allowed_paths = [{', '.join(map(quoted, files.values()))}]")
    connection.execute("SET enable_external_access = false")
    for name, file in files.items():
        try:
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({quoted(file)})")
        except duckdb.Error as error:
            raise ResultsError(f"{file}：不是完整的 Parquet 文件，可能已损坏；请重新运行 extractor run") from error
    connection.execute("SET lock_configuration = true")
    return connection


def _names(columns: Iterable[str]) -> Iterator[str]:
    """The names of an answer's columns, each once: the second ``n`` is ``n_2``."""
    seen: Counter[str] = Counter()
    for column in columns:
        seen[column] += 1
        yield column if seen[column] == 1 else f"{column}_{seen[column]}"


def _rows(cursor: DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield from rows


def _meaning(said: str) -> str:
    for pattern, meaning in MEANINGS:
        if match := pattern.search(said):
            return meaning.format(**match.groupdict())
    return f"无法执行（{said.splitlines()[0]}）"
