"""Rows that hold sentences → prose under its head: goals and results of a goal block, remarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractor.tables.grid import GridCell
from extractor.tables.headers import is_goal, is_note, is_result
from extractor.tables.layouts import GoalLayout
from extractor.tables.types import Prose
from extractor.tables.words import head_text, is_prose
from extractor.types import Span


def goals_under_heads(text: str, own: Sequence[GridCell], layout: GoalLayout, *, lost_cells: bool) -> list[Prose]:
    """Cells below the heads of the goal block; a short cell beside them is a head of its own row."""
    heads = list(dict.fromkeys(layout.heads.values()))
    if lost_cells and len(own) == len(heads) and own[0].column < min(layout.heads):
        under = list(zip(own, heads, strict=True))
        side = None
    else:
        under = [(cell, layout.heads[cell.column]) for cell in own if cell.column in layout.heads]
        side = next((head_text(text, cell.span) for cell in own if cell.column not in layout.heads), None)
    return [Prose(cell.span, side or head) for cell, head in under if cell.span is not None]


def goals_beside_names(text: str, own: Sequence[GridCell]) -> list[Prose]:
    """A goal or result beside its name: 年度总体目标 | ……"""
    found = []
    head = None
    for cell in own:
        words = head_text(text, cell.span)
        if words and (is_goal(words) or is_result(words)):
            head = words
        elif cell.span is not None:
            found.append(Prose(cell.span, head))
    return found


def remarks(text: str, own: Sequence[GridCell]) -> list[Prose]:
    """The sentences of a row, under its first words where these announce a remark."""
    first = head_text(text, own[0].span)
    head = first if len(own) > 1 and is_note(first) else None
    return [Prose(span, head) for span in _prose(text, own)]


def sentences(text: str, own: Sequence[GridCell]) -> list[Prose]:
    """The sentences of a row, under the name of a goal that may stand between that of its block and the goal."""
    spans = list(_prose(text, own))
    names = (head_text(text, cell.span) for cell in own if cell.span not in spans)
    head = next((words for words in names if is_goal(words) or is_result(words)), None)
    return [Prose(span, head) for span in spans]


def _prose(text: str, own: Sequence[GridCell]) -> Iterator[Span]:
    """The cells that hold sentences."""
    for cell in own:
        if cell.span is not None and is_prose(text[cell.span.start : cell.span.end]):
            yield cell.span
