"""Rows that the end of a page tears: what stands first on the next page goes on with the last row before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from extractor.schema import LEVELS, NAME_ENDINGS, VALUES, Column
from extractor.tables.headers import is_note
from extractor.tables.types import IndicatorRow, Words
from extractor.tables.words import is_blank
from extractor.types import Span

LONGEST_REST = 30  # characters of words under no column that may go on with a cell

Cells = Mapping[Column, Words]


def rest_of_row(text: str, cells: Cells, before: IndicatorRow | None) -> Cells | None:
    """The cells that go on with those of the row before; None where they are a row of their own.

    A row of its own has points, a level, or a name beside a value; the rest of a torn one has words only where the row before
    has words, too.
    """
    written = {column: words for column, words in cells.items() if not is_blank(text, words)}
    if before is None or not written or not _has_points(text, before):
        return None
    if {Column.WEIGHT, Column.SCORE, *LEVELS} & {*written} or (Column.INDICATOR in written and {*VALUES} & {*written}):
        return None
    return written if all(not is_blank(text, before.words(column)) for column in written) else None


def rest_of_cell(text: str, span: Span, before: IndicatorRow | None) -> Cells | None:
    """The same of words that stand under no column: the rest of a name or, where it does not end like one, of a reason."""
    words = text[span.start : span.end]
    if before is None or not _has_points(text, before) or len(words) > LONGEST_REST or len(words.split()) > 1:
        return None
    if is_note(words) or not any("\u4e00" <= mark <= "\u9fff" for mark in words):
        return None
    has_reason = not is_blank(text, before.words(Column.REASON))
    return {Column.REASON if has_reason and not words.endswith(NAME_ENDINGS) else Column.INDICATOR: (span,)}


def with_rest(before: IndicatorRow, rest: Cells) -> IndicatorRow:
    """The row with the rest of its cells."""
    return replace(before, cells={**before.cells, **{column: before.words(column) + words for column, words in rest.items()}})


def _has_points(text: str, row: IndicatorRow) -> bool:
    return not all(is_blank(text, row.words(column)) for column in (Column.WEIGHT, Column.SCORE))
