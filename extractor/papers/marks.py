"""Words of a text that lead somewhere, and the text cut at their borders."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.papers.paper import Flag
from extractor.types import Span


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of the text: ``id`` is their own anchor, ``href`` the one they lead to; empty where there is none.

    ``kinds`` are CSS classes, ``records`` the anchors of the records behind it, between blanks. Where marks overlap, the one
    of the highest ``rank`` leads.
    """

    span: Span
    id: str = ""
    href: str = ""
    kinds: tuple[str, ...] = ()
    title: str = ""
    records: str = ""
    flags: tuple[Flag, ...] = ()
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text under the same marks. ``anchors`` are ids of marks that begin here, the marks of ``flags`` end here."""

    text: str
    mark: Mark | None = None
    kinds: str = ""
    anchors: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()


class Marked:
    """A text with its marks, handed out stretch by stretch; every anchor is given once."""

    def __init__(self, text: str, marks: Sequence[Mark]) -> None:
        self._text = text
        self._pieces = list(_pieces(sorted(marks, key=lambda mark: mark.span)))
        self._starts = [span.start for span, _ in self._pieces]
        self._anchored = {""}

    def runs(self, span: Span) -> Iterator[Run]:
        """The stretches of a span, in order."""
        at = span.start
        first = max(0, bisect_left(self._starts, span.start) - 1)  # the piece before may reach into the span
        for piece, marks in self._pieces[first : bisect_left(self._starts, span.end)]:
            start, end = max(piece.start, span.start), min(piece.end, span.end)
            if start >= end:
                continue
            if at < start:
                yield Run(self._text[at:start])
            yield self._run(start, end, marks)
            at = end
        if at < span.end:
            yield Run(self._text[at : span.end])

    def _run(self, start: int, end: int, marks: Sequence[Mark]) -> Run:
        leading = max(marks, key=lambda mark: mark.rank)
        new = tuple(mark.id for mark in marks if mark.id not in self._anchored)
        self._anchored.update(new)
        kinds = " ".join(dict.fromkeys(kind for mark in marks for kind in mark.kinds))
        flags = tuple(dict.fromkeys(flag for mark in marks if mark.span.end == end for flag in mark.flags))
        return Run(self._text[start:end], leading, kinds, new, flags)


def _pieces(marks: Sequence[Mark]) -> Iterator[tuple[Span, tuple[Mark, ...]]]:
    """The marked stretches between two borders with the marks that cover them, in text order."""
    borders = sorted({border for mark in marks for border in (mark.span.start, mark.span.end)})
    active: list[Mark] = []
    waiting = iter(marks)
    coming = next(waiting, None)
    for start, end in pairwise(borders):
        active = [mark for mark in active if mark.span.end > start]
        while coming is not None and coming.span.start <= start:
            active.append(coming)
            coming = next(waiting, None)
        if active:
            yield Span(start, end), tuple(active)
