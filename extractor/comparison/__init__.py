"""Two years of the same unit: the same indicators found in both, and what became of their numbers."""

from __future__ import annotations

from extractor.comparison.entries import YearReport, year_report
from extractor.comparison.matching import Pair, pairs
from extractor.comparison.sheet import COLUMNS, ONLY_AFTER, ONLY_BEFORE, SHORT_COLUMNS, row, status, write

__all__ = [
    "COLUMNS",
    "ONLY_AFTER",
    "ONLY_BEFORE",
    "SHORT_COLUMNS",
    "Pair",
    "YearReport",
    "pairs",
    "row",
    "status",
    "write",
    "year_report",
]
