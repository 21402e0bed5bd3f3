"""The text of a report, and the pictures of its pages, with every place marked that something was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extractor.papers.evidence import Frame, by_line, frame
from extractor.papers.layout import Grid, GridCell, Line, layout
from extractor.papers.marks import Mark, Marked, Run
from extractor.papers.paper import Paper, span_anchor
from extractor.stated import indicator_text
from extractor.types import Label

LABELS = {Label.INDICATOR: "指标", Label.TARGET: "目标值", Label.ACHIEVED: "实现值", Label.AMOUNT: "资金金额"}
Shown = tuple[Line, list[Run]] | tuple[Grid, list[list[tuple[GridCell, list[Run]]]]]


@dataclass(frozen=True, slots=True)
class Patch:
    """A marked place on a page's picture; ``id`` is empty on the further lines of one mention."""

    mark: Mark
    id: str
    frame: Frame


def flow(paper: Paper) -> Iterator[Shown]:
    """The text piece by piece: a line with its runs, or a table with the runs of every cell."""
    document = paper.result.document
    marked = Marked(document.text, list(marks(paper)))
    for piece in layout(document, paper.case.outline):
        if isinstance(piece, Line):
            yield piece, list(marked.runs(piece.span))
        else:
            yield piece, [[(cell, list(marked.runs(cell.span)) if cell.span else []) for cell in row] for row in piece.rows]


def marks(paper: Paper) -> Iterator[Mark]:
    """Every place of the text that leads somewhere: mentions first, then what else findings rest on, and facts."""
    for position in range(len(paper.result.mentions)):
        yield _mark(paper, position)
    for position, finding in enumerate(paper.result.findings):
        for span in dict.fromkeys(finding.spans):
            if span not in paper.mention_at:
                flag = paper.flag(position)
                yield Mark(span, span_anchor(position, span), flag.anchor, ("suspect",), finding.title, flags=(flag,), rank=1)
    for number, fact in enumerate(paper.result.facts, start=1):
        yield Mark(fact.span, f"i{number}", f"i{number}-told", ("fact",), fact.name)


def _mark(paper: Paper, position: int) -> Mark:
    mention = paper.result.mentions[position]
    owners = paper.case.owners.get(position, ())
    name = indicator_text(paper.result, paper.result.records[owners[0]]) if owners else None
    flags = paper.flags_of_mention.get(position, ())
    return Mark(
        mention.span,
        f"m{position + 1}",
        f"r{owners[0] + 1}" if owners else "",
        (mention.label.lower(), *(("suspect",) if flags else ())),
        f"{LABELS[mention.label]}{'：' + name if name else ''}（可信度 {mention.confidence:.0%}）",
        " ".join(f"r{owner + 1}" for owner in owners),
        flags,
        rank=2,
    )


def patches(paper: Paper, page: int) -> Iterator[Patch]:
    """The mentions on a page's picture."""
    for position, mention in enumerate(paper.result.mentions):
        lines = list(by_line(box for box in paper.boxes_of(mention.span) if box.page == page))
        if not lines:
            continue
        mark = _mark(paper, position)
        anchor = f"b{position + 1}" if paper.page_of(mention.span) == page else ""
        for number, boxes in enumerate(lines):
            yield Patch(mark, "" if number else anchor, frame(boxes))
