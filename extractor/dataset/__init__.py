"""The tables of a run: written as Parquet files, asked in SQL."""

from __future__ import annotations

from extractor.dataset.fields import ALL_TABLES, Source
from extractor.dataset.query import Answer, asked
from extractor.dataset.writing import PARQUET, Dataset, dataset_files

__all__ = ["ALL_TABLES", "PARQUET", "Answer", "Dataset", "Source", "asked", "dataset_files"]
