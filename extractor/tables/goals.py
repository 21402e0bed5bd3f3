"""Goal blocks flattened into text: prose under 预期目标 and 实际完成情况 whose cells nothing but line breaks or blanks part.

Which words are goals and which results is told by items that are numbered anew, by what the second half says of itself
(目标1完成情况), and by how much the halves are alike: results name what the goals name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.tables.headers import is_goal, is_result
from extractor.tables.pieces import Atom
from extractor.tables.reading import left_alone
from extractor.tables.types import LeftOut, LeftRow, Prose, TableRows
from extractor.tables.words import SHORT_PROSE, is_empty, is_prose
from extractor.types import Problem, Span

MOST_PARTS = 4  # that a narrow column breaks a head into
LONGEST_HEAD = 14  # characters
LONGEST_BLOCK = 6000  # characters of goals and results together
MOST_ITEMS = 80
ALIKE = 0.5  # of two halves, each item at its best; 2 where every item stands in the other half, too
_YEAR = re.compile(r"(?:19|20)\d\d\s*年?度?")
_ENDS = "。；;！：:"
_CHAPTER = re.compile(r"第?[一二三四五六七八九十]+[、章.．]|[（(][一二三四五六七八九十]+[)）]")
_NUMBER = re.compile(
    r"(?:目标|任务|指标)?\s*([0-9０-９]{1,2}|[一二三四五六七八九十]|[①-⑳]|[（(][0-9]{1,2}[)）])\s*(?:[、.．:：]|完成情况)?"
)
_MARKED = re.compile(r"(?:目标|任务|指标)|.*?[、.．:：①-⑳）)]")
_RESULT = re.compile(r"(?:(?:目标|任务|指标)?\s*[0-9０-９一二三四五六七八九十]{0,2}\s*(?:的|实际)?完成情况|已完成|实际完成)")


@dataclass(frozen=True, slots=True)
class _Heads:
    """Atoms ``start`` to ``end`` (excluded) name the goals and, up to ``end``, the results."""

    start: int
    end: int
    goal: str
    result: str


def goal_blocks(text: str, found: Sequence[Atom], *, followed: bool) -> Iterator[TableRows]:
    """Goal blocks among atoms, in text order.

    followed: whether an indicator table begins where the atoms end, as it does below the goal block of a form.
    """
    at = 0
    while at < len(found):
        heads = _heads(found, at) if followed or at == 0 or found[at].on_new_line else None
        if heads is None:
            at += 1
            continue
        end = _end(text, found, heads.end, followed=followed)
        block = _block(text, found, heads, end) if end is not None else None
        if block is not None:
            yield block
        at = end if block is not None and end is not None else heads.end


def _heads(found: Sequence[Atom], at: int) -> _Heads | None:
    """预期目标 right before 实际完成情况; of several names of goals the last is that of the cell."""
    end = _joined(found, at, is_goal)
    if end is None:
        return None
    begin = at
    while (following := _joined(found, end, is_goal)) is not None:
        begin, end = end, following
    last = _joined(found, end, is_result)
    if last is None:
        return None
    goal, result = ("".join(atom.words for atom in found[first:stop]) for first, stop in ((begin, end), (end, last)))
    return _Heads(at, last, goal, result)


def _joined(found: Sequence[Atom], at: int, named: Callable[[str], bool]) -> int | None:
    """Where the head that begins at an atom ends; None where none does."""
    words = ""
    for end in range(at + 1, min(at + MOST_PARTS, len(found)) + 1):
        if len(words) + len(found[end - 1].words) > LONGEST_HEAD:
            return None
        words += found[end - 1].words
        if named(words):
            return end
    return None


def _end(text: str, found: Sequence[Atom], begin: int, *, followed: bool) -> int | None:
    """Where the prose of a block ends: at a title, or at the table below it; None where neither comes soon."""
    starts = [at for at in range(begin, len(found)) if found[at].on_new_line]
    for at, following in pairwise([*starts, len(found)]):
        line = text[found[at].span.start : found[following - 1].span.end]
        if found[at].span.start - found[begin].span.start > LONGEST_BLOCK:
            return None
        if (
            at > begin
            and not is_prose(line)
            and (_CHAPTER.match(line) or not (followed or _YEAR.fullmatch(line) or is_empty(line)))
        ):
            return at
    return len(found) if found[-1].span.end - found[begin - 1].span.end <= LONGEST_BLOCK else None


def _block(text: str, found: Sequence[Atom], heads: _Heads, end: int) -> TableRows | None:
    items = _items(found, heads.end, end)
    if len(items) < 2 or not is_prose(text[items[0].start : items[-1].end]):
        return None
    whole = Span(found[heads.start].span.start, items[-1].end)
    cells = [_cells(text, heads, group) for group in _years(text, items)]
    if any(group is None for group in cells):
        where = f"characters {whole.start}-{whole.end}"
        problem = Problem(where, "总体目标与实际完成情况连在一起，分不清从哪里起是完成情况；请核对原文，或提供带表格的原文件")
        return left_alone(Span(whole.start, found[heads.end - 1].span.end), 1, LeftOut.UNSURE, (problem,))
    prose = tuple(one for group in cells for one in group or ())
    left = (LeftRow(0, LeftOut.HEAD), *(LeftRow(1 + row, LeftOut.GOAL) for row in range(len(cells))))
    return TableRows(whole, len(left), left=left, prose=prose)


def _years(text: str, items: Sequence[Span]) -> list[list[Span]]:
    """The items of each row: a form over several years names the year before the goals and results of each."""
    groups: list[list[Span]] = []
    for item in items:
        if _YEAR.fullmatch(text[item.start : item.end]):
            groups.append([])
        elif not groups:
            groups = [[item]]
        else:
            groups[-1].append(item)
    return [group for group in groups if group]


def _cells(text: str, heads: _Heads, items: Sequence[Span]) -> list[Prose] | None:
    """The prose of one row under its heads; None where nothing tells where the results begin."""
    words = [text[item.start : item.end] for item in items]
    cut = boundary(words) if len(items) > 1 else 1
    if cut is None:
        return None
    halves = ((heads.goal, items[:cut]), (heads.result, items[cut:]))
    return [
        Prose(item, head) for head, half in halves for item in _unbroken(text, half) if not is_empty(text[item.start : item.end])
    ]


def _items(found: Sequence[Atom], begin: int, end: int) -> list[Span]:
    """Lines, or where all stands in one line the words between blanks."""
    by_lines = any(atom.on_new_line for atom in found[begin + 1 : end])
    items: list[Span] = []
    for atom in found[begin:end]:
        if (items and not (atom.on_new_line if by_lines else atom.gap)) or (items and by_lines and not atom.on_new_line):
            items[-1] = Span(items[-1].start, atom.span.end)
        else:
            items.append(atom.span)
    return items


def _unbroken(text: str, items: Sequence[Span]) -> Iterator[Span]:
    """Items, a line that breaks one off put together with the next."""
    open_item: Span | None = None
    for item in items:
        ended = open_item is None or text[open_item.end - 1] in _ENDS or _number(text[item.start : item.end]) is not None
        if open_item is not None and ended:
            yield open_item
        open_item = item if open_item is None or ended else Span(open_item.start, item.end)
    if open_item is not None:
        yield open_item


def boundary(items: Sequence[str]) -> int | None:
    """The first item that is a result; None where nothing tells."""
    if not 2 <= len(items) <= MOST_ITEMS:
        return None
    cue = next((at for at, words in enumerate(items) if at and _RESULT.match(words)), None)
    if cue is not None and not _RESULT.match(items[0]):
        return cue
    if len(items) == 2:
        return 1
    numbers = [_number(words) for words in items]
    anew = [at for at, number in enumerate(numbers) if at and number is not None and number == numbers[0]]
    if len(anew) == 1:
        return anew[0]
    worth, best = max((_alike(items, cut), -cut) for cut in anew or range(1, len(items)))
    return -best if worth >= ALIKE else None


def _number(words: str) -> str | None:
    """1 of 目标1：……, 1、…… and 1.……; None where an item bears no number."""
    match = _NUMBER.match(words)
    return match[1] if match and _MARKED.match(match[0]) else None


def _alike(items: Sequence[str], cut: int) -> float:
    """How much of each half stands in the other: 0 to 2."""
    pairs = [{words[at : at + 2] for at in range(len(words) - 1)} for words in items]
    halves = (pairs[:cut], pairs[cut:])
    worths = [
        sum(max(_shared(own, other) for other in others) for own in half) / len(half) for half, others in (halves, halves[::-1])
    ]
    return sum(worths)


def _shared(own: set[str], other: set[str]) -> float:
    return len(own & other) / min(len(own), len(other)) if min(len(own), len(other)) >= SHORT_PROSE // 2 else 0.0
