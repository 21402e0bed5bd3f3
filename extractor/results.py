"""Results that a run wrote, read back one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from extractor.errors import ResultsError, reason
from extractor.output import from_dict
from extractor.types import Result

T = TypeVar("T")
RESULTS, FAILED = "results.jsonl", "failed.jsonl"


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read, and why."""

    source: str
    error: str


def read_results(folder: Path) -> Iterator[Result]:
    """The results of a run, in the order in which they were written; one at a time is in memory.

    Raises ResultsError where the folder holds none, or a line of them is damaged.
    """
    yield from _read(folder / RESULTS, from_dict)


def read_failed(folder: Path) -> Iterator[Failed]:
    """The files that a run could not read. Raises ResultsError as `read_results` does."""
    yield from _read(folder / FAILED, lambda line: Failed(line["source"], line["error"]))


def _read(path: Path, value_of: Callable[[Any], T]) -> Iterator[T]:
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                yield _value(line, value_of, path, number)
    except OSError as error:
        hint = "请给出 extractor run --out 写入结果的文件夹"
        raise ResultsError(f"{path}：无法打开（{reason(error)}）；{hint}") from error
    except UnicodeDecodeError as error:
        raise ResultsError(f"{path}：不是 UTF-8 文本，文件已损坏；请重新运行 extractor run") from error


def _value(line: str, value_of: Callable[[Any], T], path: Path, number: int) -> T:
    try:
        return value_of(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ResultsError(f"{path}：第 {number} 行不完整或已损坏（{reason(error)}）；请重新运行 extractor run") from error
