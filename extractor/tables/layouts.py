"""Head rows: where they are, how many they are, and what stands below them in each column of the grid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from extractor import quantity
from extractor.schema import LEVELS, VALUES, Column
from extractor.tables.grid import Grid, GridCell
from extractor.tables.headers import (
    LEVEL_WEIGHTS,
    column_of,
    column_of_path,
    fund_head,
    is_goal,
    is_group,
    is_known_extra,
    is_result,
)
from extractor.tables.types import Words
from extractor.tables.words import bare, head_text, is_amount
from extractor.types import Span

MOST_HEAD_ROWS = 4
SURE = 0.97  # that words stand under the right head, in a table with cells whose heads are all known
PER_UNKNOWN = 0.98  # for every head that is not known
WITHOUT_NAME = 0.8  # no head says which column names the indicators: it is the one before the targets
_YEAR = re.compile(r"(?:19|20)\d\d")
NO_HEAD = "（无列名）"


@dataclass(frozen=True, slots=True)
class IndicatorLayout:
    """``columns[c]`` is what the grid's column means, None for one that is kept as it is or belongs to no row."""

    body: int  # first row after the heads
    columns: tuple[Column | None, ...]
    heads: Mapping[Column, str]
    extras: Mapping[int, str]
    unknown: tuple[Span, ...] = ()
    confidence: float = SURE


@dataclass(frozen=True, slots=True)
class FundLayout:
    """``amounts[c]`` are the words that head the amounts of a column, ``others`` the columns of weight, score, rate, reason."""

    body: int
    amounts: Mapping[int, Words]
    others: Mapping[int, Column]
    unit: str | None = None
    confidence: float = SURE

    @property
    def has_points(self) -> bool:
        """Whether money is rated here, as only evaluations do."""
        return bool(self.others)


@dataclass(frozen=True, slots=True)
class GoalLayout:
    """``heads[c]`` are the words that rule the prose in a column."""

    body: int
    heads: Mapping[int, str] = field(default_factory=dict)


Layout = IndicatorLayout | FundLayout | GoalLayout


def layout_at(text: str, grid: Grid, row: int, year: int | None) -> Layout | None:
    """What the heads in a row announce; None where the row holds none.

    year: the report's year; of two columns of one meaning that of this year is taken.
    """
    own = [(cell, words) for cell in grid.own(row) if (words := head_text(text, cell.span))]
    if len(own) < 2 or any(is_amount(words) and not _YEAR.fullmatch(words) for _, words in own):
        return None  # heads state no numbers: 预算执行 | 预算执行率 | 100% | 96% is a row
    return _goals(own, row) or _indicators(text, grid, row, own, year) or _funds(text, grid, row, own)


# ── Goal blocks ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _goals(own: Sequence[tuple[GridCell, str]], row: int) -> GoalLayout | None:
    """预期目标 | 实际完成情况, beside nothing but words for the whole block."""
    results = [(cell, words) for cell, words in own if is_result(words)]
    goals = [(cell, words) for cell, words in own if is_goal(words)]
    if not results or not goals or not all("目标" in words or is_result(words) or cell.bottom > row + 1 for cell, words in own):
        return None
    heads = [goals[-1], results[-1]]
    if heads[0][0].column == heads[1][0].column:
        return None
    return GoalLayout(row + 1, {column: words for cell, words in heads for column in range(cell.column, cell.right)})


# ── Indicator tables ─────────────────────────────────────────────────────────────────────────────────────────────────


def _indicators(text: str, grid: Grid, row: int, own: Sequence[tuple[GridCell, str]], year: int | None) -> IndicatorLayout | None:
    known = {column_of(words) for _, words in own} - {None}
    n_heads = sum(_is_head(words) for _, words in own)
    if len(known) < 2 or 2 * n_heads < len(own):
        return None
    body = row + 1
    while body < grid.n_rows and body - row < MOST_HEAD_ROWS and _goes_on(text, grid, body):
        body += 1
    paths = [_path(text, grid, column, row, body) for column in range(grid.n_columns)]
    meanings = _meanings(grid, row, paths, year)
    _name_deepest(meanings, paths)
    found = {column for column in meanings if column is not None}
    if Column.INDICATOR not in found or not (found & {*VALUES} or found >= {Column.WEIGHT, Column.SCORE}):
        return None
    return _layout(grid, row, body, paths, meanings)


def _is_head(words: str) -> bool:
    return column_of(words) is not None or is_group(words) or is_known_extra(words)


def _goes_on(text: str, grid: Grid, row: int) -> bool:
    """Whether the head has another row: it holds nothing but heads."""
    own = [words for cell in grid.own(row) if cell.span is not None for words in [head_text(text, cell.span)]]
    return len(own) >= 2 and all(words and (column_of(words) is not None or is_group(words)) for words in own)


def _path(text: str, grid: Grid, column: int, top: int, bottom: int) -> list[tuple[GridCell, str]]:
    """The heads above a column, outermost first, groups only where nothing else stands there."""
    cells = dict.fromkeys(cell for row in range(top, bottom) if (cell := grid.fields[row][column]) is not None)
    heads = [(cell, words) for cell in cells if cell.row >= top and (words := head_text(text, cell.span))]
    named = [head for head in heads if not is_group(head[1])]
    return named or heads[-1:]


def _meanings(grid: Grid, row: int, paths: Sequence[Sequence[tuple[GridCell, str]]], year: int | None) -> list[Column | None]:
    """What every column means; of several heads that mean the same, one keeps the meaning."""
    meanings = [column_of_path([words for _, words in path]) for path in paths]
    _name_level_weights(meanings, paths)
    for meaning in {*meanings} - {None}:
        heads = list(dict.fromkeys(paths[at][-1] for at, found in enumerate(meanings) if found is meaning))
        named = [head for head in heads if not is_group(head[1])] or heads  # 绩效指标 may stand beside 指标名称
        chosen = next((head for head in named if year is not None and str(year) in head[1]), named[0])
        for at, found in enumerate(meanings):
            if found is meaning and paths[at][-1] != chosen:
                meanings[at] = None
    return meanings


def _name_level_weights(meanings: list[Column | None], paths: Sequence[Sequence[tuple[GridCell, str]]]) -> None:
    """Of several heads of weights, those right behind a level weigh that level; the last weighs the indicators."""
    weights = [at for at, meaning in enumerate(meanings) if meaning is Column.WEIGHT]
    for at in weights[:-1]:
        if at and paths[at][-1] != paths[weights[-1]][-1]:
            meanings[at] = LEVEL_WEIGHTS.get(meanings[at - 1], Column.WEIGHT)


def _name_deepest(meanings: list[Column | None], paths: Sequence[Sequence[tuple[GridCell, str]]]) -> None:
    """Call the deepest level the indicator; without any level, the unknown head that stands before the values."""
    levels = [level for level in LEVELS if level in meanings]
    if levels and Column.INDICATOR in meanings and meanings.index(Column.INDICATOR) < meanings.index(levels[0]):
        meanings[:] = [None if meaning is Column.INDICATOR else meaning for meaning in meanings]  # 绩效指标 beside them all
    if Column.INDICATOR in meanings and not {Column.LEVEL3, Column.LEVEL4} & {*levels}:
        return
    if levels:
        for at, meaning in enumerate(meanings):
            if meaning is levels[-1]:
                meanings[at] = Column.INDICATOR
            elif meaning is Column.INDICATOR:
                meanings[at] = None
        return
    values = [at for at, meaning in enumerate(meanings) if meaning in VALUES]
    before = [at for at in range(values[0]) if paths[at] and meanings[at] is None] if values else []
    before = [at for at in before if not is_known_extra(paths[at][-1][1])]
    if before:
        head = paths[before[-1]]
        meanings[:] = [Column.INDICATOR if paths[at] == head else meaning for at, meaning in enumerate(meanings)]


def _layout(
    grid: Grid, row: int, body: int, paths: Sequence[Sequence[tuple[GridCell, str]]], meanings: Sequence[Column | None]
) -> IndicatorLayout:
    heads: dict[Column, str] = {}
    extras: dict[int, str] = {}
    unknown: dict[Span, None] = {}
    guessed = False
    for column, (path, meaning) in enumerate(zip(paths, meanings, strict=True)):
        words = " ".join(words for _, words in path)
        last = path[-1] if path else None
        if meaning is not None:
            heads.setdefault(meaning, words)
            guessed = guessed or (meaning is Column.INDICATOR and last is not None and not _is_head(last[1]))
        elif last is None or not (is_group(last[1]) and last[0].bottom > body):
            extras[column] = words or NO_HEAD
            if last is not None and last[0].span is not None and not _is_head(last[1]):
                unknown[last[0].span] = None
    confidence = SURE * PER_UNKNOWN ** len(unknown) * (WITHOUT_NAME if guessed else 1.0)
    return IndicatorLayout(body, tuple(meanings), heads, extras, tuple(unknown), confidence)


# ── Funding blocks ───────────────────────────────────────────────────────────────────────────────────────────────────

FUND_COLUMNS = (Column.COMPLETION, Column.WEIGHT, Column.SCORE, Column.REASON)


def _funds(text: str, grid: Grid, row: int, own: Sequence[tuple[GridCell, str]]) -> FundLayout | None:
    amounts: dict[int, Words] = {}
    others: dict[int, Column] = {}
    unit = None
    for cell, words in own:
        unit = unit or quantity.head_unit(words)
        if fund_head(words) is not None and cell.span is not None and not _names_money(text, grid, cell):
            amounts |= dict.fromkeys(range(cell.column, cell.right), (cell.span,))
        elif (column := column_of(words)) in FUND_COLUMNS:
            others |= dict.fromkeys(range(cell.column, cell.right), column)
    n_heads = len({*amounts.values()})
    if n_heads < 2 and not (n_heads and Column.COMPLETION in others.values()):
        return None
    return FundLayout(row + 1, amounts, others, unit)


def _names_money(text: str, grid: Grid, head: GridCell) -> bool:
    """Whether a head stands beside the whole block or above its names (项目资金（万元）), not above amounts."""
    if head.column == 0 and head.bottom > head.row + 1:
        return True
    below = (grid.fields[row][head.column] for row in range(head.bottom, grid.n_rows))
    first = next((cell for cell in below if cell is not None and cell.span is not None), None)
    return first is not None and not is_amount(head_text(text, first.span))


def unknown_heads(text: str, layout: IndicatorLayout) -> Iterator[tuple[Span, str]]:
    """Heads that nobody knows, with their names."""
    return ((span, bare(head_text(text, span))) for span in layout.unknown)
