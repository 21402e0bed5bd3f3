"""Hugging Face ``datasets`` ↔ examples: a saved dataset with one row per report.

Columns: ``name``, ``text`` and ``mentions``, a list of ``label``, ``start``, ``end``, ``text``, ``records`` and ``parent``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from extractor.annotations.validity import field, label_of, record_numbers, span_of
from extractor.errors import AnnotationError, reason
from extractor.types import Example, GoldMention


def read(folder: Path) -> Iterator[tuple[str, Example]]:
    """The reports of a dataset that ``save_to_disk`` wrote, each with its place."""
    _check_installed(folder)
    from datasets import Dataset

    try:
        rows = Dataset.load_from_disk(str(folder)).to_list()
    except Exception as error:  # pyarrow and json errors pass through unchanged
        raise AnnotationError(
            f"{folder}: cannot be read as a dataset ({reason(error)}); a folder that save_to_disk wrote is expected"
        ) from error
    for number, row in enumerate(rows, 1):
        where = f"{folder}: row {number}"
        text = field(row, "text", str, where)
        mentions = tuple(
            _mention(text, mention, f"{where}, mention {k}") for k, mention in enumerate(field(row, "mentions", list, where), 1)
        )
        yield where, Example(field(row, "name", str, where), text, mentions)


def write(examples: Sequence[Example], folder: Path) -> None:
    """Save a dataset into a new folder."""
    _check_installed(folder)
    from datasets import Dataset, Features, Value

    mention = {
        "label": Value("string"),
        "start": Value("int64"),
        "end": Value("int64"),
        "text": Value("string"),
        "records": [Value("int64")],
        "parent": Value("int64"),
    }
    features = Features({"name": Value("string"), "text": Value("string"), "mentions": [mention]})
    Dataset.from_list([_row(example) for example in examples], features=features).save_to_disk(str(folder))


def _check_installed(folder: Path) -> None:
    """Only the train extra brings ``datasets``."""
    try:
        import datasets  # noqa: F401
    except ImportError as error:
        raise AnnotationError(f"{folder}: saved datasets need the library datasets; pip install 'datasets>=3,<6'") from error


def _row(example: Example) -> dict[str, Any]:
    return {
        "name": example.name,
        "text": example.text,
        "mentions": [
            {
                "label": str(mention.label),
                "start": mention.span.start,
                "end": mention.span.end,
                "text": example.text[mention.span.start : mention.span.end],
                "records": list(mention.records),
                "parent": mention.parent,
            }
            for mention in example.mentions
        ],
    }


def _mention(text: str, row: Mapping[str, Any], where: str) -> GoldMention:
    start, end = field(row, "start", int, where), field(row, "end", int, where)
    return GoldMention(
        label_of(row.get("label"), where),
        span_of(text, start, end, field(row, "text", str, where), where),
        record_numbers(field(row, "records", list, where), where),
        row.get("parent"),
    )
