"""Rows of a form in which each value stands right beside its name: facts, and amounts of money."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor import quantity
from extractor.tables.grid import Grid, GridCell
from extractor.tables.headers import fact_of, fund_item
from extractor.tables.layouts import SURE
from extractor.tables.types import FundAmount, FundRow, Words
from extractor.tables.words import LONGEST_HEAD, head_text, is_amount
from extractor.types import Fact, Span

YEAR_FACT = "评价年度"
LONGEST_FACTS = 200  # characters of a cell that may hold several facts with their names
_INLINE_FACT = re.compile(r"([\u4e00-\u9fff（）()]{2,12})\s*[:：]\s*([^\s:：]{2,60})")
_FORM_YEAR = re.compile(r"[（(]\s*((?:19|20)\d\d)\s*年?度?\s*[)）]")


def facts_beside_names(text: str, grid: Grid, row: int) -> list[Fact] | None:
    """项目名称 | 某某工程 | 主管部门 | 某某局; None where no cell of the row names a fact."""
    cells = grid.cells(row)
    found: list[Fact] = []
    is_named = False
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        words = head_text(text, cell.span)
        fact = fact_of(words) if words and cell.row == row else None
        if fact is None:
            continue
        is_named = True
        value = following.span if following is not None else None
        if fact and value is not None and fact_of(head_text(text, value)) is None:
            found.append(Fact(fact, value))
    return found if is_named else None


def facts_within(text: str, own: Sequence[GridCell], *, is_title: bool) -> list[Fact] | None:
    """实施单位：某某局 in one cell, and in a title the form's year; None where there is neither."""
    found: list[Fact] = []
    is_named = False
    for cell in own:
        if cell.span is None:
            continue
        start = cell.span.start
        words = text[start : min(cell.span.end, start + LONGEST_FACTS)]
        for match in _INLINE_FACT.finditer(words):
            fact = fact_of(match[1])
            is_named = is_named or fact is not None
            if fact:
                found.append(Fact(fact, Span(start + match.start(2), start + match.end(2))))
        year = _FORM_YEAR.search(words)
        if year and is_title and len(words) <= LONGEST_HEAD:
            found.append(Fact(YEAR_FACT, Span(start + year.start(1), start + year.end(1))))
    return found if found or is_named else None


def amounts_beside_names(text: str, grid: Grid, row: int, unit: str | None) -> FundRow | None:
    """资金使用情况 | 实际支出金额 | 市本级 | 120.5; None where no amount stands beside a name of money.

    unit: of money, where the names declare none.
    """
    path: list[Span] = []
    found: list[tuple[Words, Span]] = []
    for cell in grid.cells(row):
        words = head_text(text, cell.span)
        if cell.span is not None and not is_amount(words):
            path.append(cell.span)
            continue
        if cell.span is not None and any(fund_item(head_text(text, span)) for span in path):
            found.append((tuple(path), cell.span))
        path = path[:-1]
    if not found:
        return None
    # One record per amount: its names are its own, not those of the row.
    common = tuple(span for span in found[0][0] if all(span in names for names, _ in found))
    amounts = tuple(
        FundAmount(amount, tuple(span for span in names if span not in common), _unit_of(text, names) or unit)
        for names, amount in found
    )
    return FundRow(row, common, amounts, {}, SURE)


def _unit_of(text: str, names: Words) -> str | None:
    """The unit that the names declare, the innermost first."""
    stated = (quantity.head_unit(head_text(text, span)) for span in reversed(names))
    return next((unit for unit in stated if unit), None)
