"""Funding blocks flattened into text: amounts below 年初预算数, 全年预算数, 全年执行数 …, one cell a line or between blanks.

Empty cells are lost, so a row may have fewer cells than there are heads. Its cells stand in the order of the heads, a share
below 执行率, and the rate is that of two of the amounts; a row that this leaves open is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from extractor import quantity
from extractor.quantity import QuantityError
from extractor.schema import Column
from extractor.tables.headers import column_of, fact_of, fund_head, fund_item, is_goal, is_result
from extractor.tables.layouts import FUND_COLUMNS
from extractor.tables.pieces import Atom
from extractor.tables.types import FundAmount, FundRow, LeftOut, LeftRow, Prose, TableRows, Words
from extractor.tables.words import is_amount, is_empty, unit_above
from extractor.types import Span

MOST_PARTS = 3  # that a narrow column breaks a head or a name into
LONGEST_NAME = 20  # characters of a name of money
QUALIFIER = 3  # characters before the rest of a broken head: 全年, 调整后
FEWEST_AMOUNTS = 2  # heads of amounts that a block has at least
MOST_HEADS = 10
SURE = 0.9  # of a row whose cells fit their heads
ROUNDING = Decimal("0.6")  # percentage points by which a stated rate may differ from that of the amounts
_CHAPTER = re.compile(r"第?[一二三四五六七八九十]+[、章.．]|[（(][一二三四五六七八九十]+[)）]|\d+[.、．]")
_NAME = re.compile(r"其中|资金|拨款|收入|支出|总额|合计|结转|预算|债券|补助|本级|中央|省级|市级|县级|自筹|贷款|基金")


@dataclass(frozen=True, slots=True)
class _Head:
    words: Words
    column: Column | None  # None of an amount
    role: str | None = None


def fund_blocks(text: str, found: Sequence[Atom]) -> Iterator[TableRows]:
    """Funding blocks among atoms, in text order."""
    at = 0
    while at < len(found):
        heads, end = _heads(found, at)
        if sum(head.column is None for head in heads) < FEWEST_AMOUNTS:
            at = max(end, at + 1)
            continue
        block, at = _block(text, found, at, end, heads)
        if block is not None:
            yield block


def _heads(found: Sequence[Atom], at: int) -> tuple[list[_Head], int]:
    """The heads that begin at an atom, side by side, and where they end."""
    heads: list[_Head] = []
    while len(heads) < MOST_HEADS and (read := _head(found, at)) is not None:
        head, at = read
        heads.append(head)
    return heads, at


def _head(found: Sequence[Atom], at: int) -> tuple[_Head, int] | None:
    words = ""
    for end in range(at + 1, min(at + MOST_PARTS, len(found)) + 1):
        if len(words) + len(found[end - 1].words) > LONGEST_NAME:
            return None
        words += found[end - 1].words
        spans = tuple(atom.span for atom in found[at:end])
        column = column_of(words)
        if column in FUND_COLUMNS:
            return _Head(spans, column), end
        if (role := fund_head(words)) is not None:
            broken = end - at > 1 and fund_head(found[end - 1].words) is not None
            return (_Head(spans, None, role), end) if not broken or len(words) - len(found[end - 1].words) <= QUALIFIER else None
    return None


def _block(text: str, found: Sequence[Atom], at: int, begin: int, heads: Sequence[_Head]) -> tuple[TableRows | None, int]:
    start = found[at].span.start
    unit = unit_above(text, start)
    left = [LeftRow(0, LeftOut.HEAD)]
    funds: list[FundRow] = []
    prose: list[Prose] = []
    end = begin
    while (name := _name(found, end)) is not None:
        cells_end = _cells_end(found, name, len(heads))
        row = _row(text, found, (end, name, cells_end), heads, unit)
        number = len(funds) + len(left)
        funds += [FundRow(number, *row, SURE)] if row else []
        if row is None and any(not is_empty(cell.words) for cell in found[name:cells_end]):
            left.append(LeftRow(number, LeftOut.UNSURE))
            prose.append(Prose(Span(found[end].span.start, found[cells_end - 1].span.end)))
        elif row is None:
            left.append(LeftRow(number, LeftOut.NO_AMOUNT))
        end = cells_end
    if not funds:
        return None, begin
    span, n_rows = Span(start, found[end - 1].span.end), len(funds) + len(left)
    return TableRows(span, n_rows, funds=tuple(funds), left=tuple(left), prose=tuple(prose)), end


def _name(found: Sequence[Atom], at: int) -> int | None:
    """Where the name of money that begins at an atom ends: before amounts, or at its line's end."""
    words = ""
    for end in range(at + 1, min(at + MOST_PARTS, len(found)) + 1):
        own = found[end - 1].words
        if len(words) + len(own) > LONGEST_NAME or _is_cell(own):
            return None
        words += own
        if fact_of(words) is not None or is_goal(words) or is_result(words):
            return None
        has_cells = end < len(found) and _is_cell(found[end].words)
        is_alone = end == len(found) or found[end].on_new_line
        if (has_cells and _NAME.search(words)) or (is_alone and _names_nothing_else(words)):
            return end
    return None


def _names_nothing_else(words: str) -> bool:
    """Whether words without an amount are a row of the block rather than a title below it."""
    return _CHAPTER.match(words) is None and (fund_item(words) or words.endswith(("：", ":")))


def _cells_end(found: Sequence[Atom], at: int, most: int) -> int:
    end = at
    while end < len(found) and end - at < most and _is_cell(found[end].words):
        end += 1
    return end


def _is_cell(words: str) -> bool:
    return len(words) <= LONGEST_NAME and (is_amount(words) or is_empty(words))


def _row(
    text: str, found: Sequence[Atom], place: tuple[int, int, int], heads: Sequence[_Head], unit: str | None
) -> tuple[Words, tuple[FundAmount, ...], dict[Column, Words]] | None:
    """Name, amounts and other cells of a row; None where it has none, or where nobody knows which they are.

    place: where the name begins, where its cells begin, and where they end.
    """
    begin, first, end = place
    cells = found[first:end]
    under = _columns([cell.words for cell in cells], heads)
    if under is None:
        return None
    amounts = tuple(
        FundAmount(cell.span, heads[at].words, unit)
        for cell, at in zip(cells, under, strict=True)
        if heads[at].column is None and not is_empty(cell.words)
    )
    others: dict[Column, Words] = {
        column: (cell.span,)
        for cell, at in zip(cells, under, strict=True)
        if (column := heads[at].column) is not None and not is_empty(cell.words)
    }
    return (tuple(atom.span for atom in found[begin:first]), amounts, others) if amounts else None


def _columns(cells: Sequence[str], heads: Sequence[_Head]) -> tuple[int, ...] | None:
    """The heads of cells; None where two ways fit equally well and put the amounts under different heads."""
    if not cells:
        return None
    fits = sorted(((_fit(cells, heads, under), under) for under in combinations(range(len(heads)), len(cells))), reverse=True)
    best, under = fits[0]
    rivals = [other for worth, other in fits[1:] if worth == best]
    if best < 0 or any(_amounts(cells, heads, other) != _amounts(cells, heads, under) for other in rivals):
        return None
    return under


def _amounts(cells: Sequence[str], heads: Sequence[_Head], under: Sequence[int]) -> list[tuple[int, int]]:
    pairs = enumerate(under)
    return [(cell, at) for cell, at in pairs if heads[at].column is None and not is_empty(cells[cell])]


def _fit(cells: Sequence[str], heads: Sequence[_Head], under: Sequence[int]) -> float:
    worth = sum(_cell_fit(cell, heads[at]) for cell, at in zip(cells, under, strict=True))
    stated = {(heads[at].column, heads[at].role): _decimal(cell) for cell, at in zip(cells, under, strict=True)}
    rate = stated.get((Column.COMPLETION, None))
    paid = stated.get((None, "paid"))
    budgets = [_decimal(cell) for cell, at in zip(cells, under, strict=True) if heads[at].role == "budget"]
    if rate is not None and paid is not None and budgets and budgets[-1]:
        worth += 2.0 if abs(100 * paid / budgets[-1] - rate) <= ROUNDING else -1.0
    return worth


def _cell_fit(words: str, head: _Head) -> float:
    if is_empty(words):
        return 0.1
    is_share = words.endswith(("%", "％"))
    if head.column is None:
        return -5.0 if is_share else 1.0
    if head.column is Column.COMPLETION:
        return 2.0 if is_share else 0.2
    number = _decimal(words)
    return 0.5 if head.column in (Column.WEIGHT, Column.SCORE) and not is_share and number is not None and number <= 100 else -2.0


def _decimal(words: str) -> Decimal | None:
    try:
        return quantity.parse(words).low
    except QuantityError:
        return None
