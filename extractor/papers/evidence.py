"""The findings of a report with what they rest on: the sentences, and on scans the strips of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from extractor.finding_sheet import operands
from extractor.findings import BUILT_IN
from extractor.papers.marks import Mark, Marked, Run
from extractor.papers.paper import Flag, Paper, span_anchor
from extractor.sheet import home_finder
from extractor.stated import indicator_text
from extractor.types import Box, Finding, Span

EXPLANATIONS = {rule.name: rule.explanation for rule in BUILT_IN}
MARGIN = 2.0  # points between characters and the frame drawn around them
STRIP = (150.0, 9.0)  # points shown of a page to the sides of an operand, and above and below
MOST_CUTTINGS = 6  # of one finding

Frame = tuple[float, float, float, float]  # (left, top, width, height) in points


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, or the cells of a table row, with the operands in it; ``place`` is the anchor of the first."""

    cells: tuple[tuple[Run, ...], ...]
    place: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Cutting:
    """A strip of a page's picture, ``view``, with frames around the operands on one line."""

    page: int
    view: Frame
    frames: tuple[Frame, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Concern:
    """One finding with its evidence; ``records`` are (anchor, name)."""

    flag: Flag
    finding: Finding
    explanation: str
    records: tuple[tuple[str, str], ...]
    quotes: tuple[Quote, ...]
    cuttings: tuple[Cutting, ...]


def concerns(paper: Paper) -> Iterator[Concern]:
    """The findings, the gravest first."""
    homes_of = home_finder(paper.result)
    for position in paper.order:
        finding = paper.result.findings[position]
        spans = operands(paper.result, finding)
        yield Concern(
            paper.flag(position),
            finding,
            EXPLANATIONS.get(finding.rule, ""),
            tuple((f"r{record + 1}", _name(paper, record)) for record in finding.records),
            tuple(_quotes(paper, position, spans, homes_of)),
            tuple(islice(_cuttings(paper, position, spans), MOST_CUTTINGS)),
        )


def _name(paper: Paper, record: int) -> str:
    return indicator_text(paper.result, paper.result.records[record]) or "（未写明）"


def _quotes(paper: Paper, finding: int, spans: Sequence[Span], homes_of: Callable[[Span], list[Span]]) -> Iterator[Quote]:
    text = paper.result.document.text
    by_home: dict[tuple[Span, ...], list[Span]] = {}
    for span in spans:
        by_home.setdefault(tuple(homes_of(span)) or (span,), []).append(span)
    for homes, within in by_home.items():
        marked = Marked(text, [Mark(span) for span in within])
        cells = tuple(tuple(marked.runs(cell)) for home in homes for cell in _cells(text, home))
        yield Quote(cells, paper.place_in_text(finding, within[0]), paper.page_of(within[0]))


def _cells(text: str, home: Span) -> Iterator[Span]:
    """The stretches between tabs that hold more than blanks."""
    at = home.start
    for words in text[home.start : home.end].split("\t"):
        if words.strip():
            yield Span(at, at + len(words))
        at += len(words) + 1


def _cuttings(paper: Paper, finding: int, spans: Sequence[Span]) -> Iterator[Cutting]:
    """Strips of the pictures, operands on one line together."""
    pictures = {picture.number: picture for picture in paper.album.pictures}
    shown: list[Box] = []
    for span in spans:
        first = next((box for box in paper.boxes_of(span) if box.page in pictures), None)
        if first is None or any(same_line(first, box) for box in shown):
            continue
        line = [[box for box in paper.boxes_of(one) if same_line(first, box)] for one in spans]
        shown += [box for boxes in line for box in boxes]
        frames = tuple(frame(boxes) for boxes in line if boxes)
        picture = pictures[first.page]
        left, top = max(0.0, min(one[0] for one in frames) - STRIP[0]), max(0.0, min(one[1] for one in frames) - STRIP[1])
        right = min(picture.width, max(one[0] + one[2] for one in frames) + STRIP[0])
        bottom = min(picture.height, max(one[1] + one[3] for one in frames) + STRIP[1])
        mention = paper.mention_at.get(span)
        place = span_anchor(finding, span) if mention is None else paper.place(mention)
        yield Cutting(first.page, (left, top, right - left, bottom - top), frames, place)


def frame(boxes: Sequence[Box]) -> Frame:
    """The frame around boxes of one line."""
    left, top = min(box.bounds[0] for box in boxes) - MARGIN, min(box.bounds[1] for box in boxes) - MARGIN
    right, bottom = max(box.bounds[2] for box in boxes) + MARGIN, max(box.bounds[3] for box in boxes) + MARGIN
    return left, top, right - left, bottom - top


def by_line(boxes: Iterable[Box]) -> Iterator[list[Box]]:
    """Boxes that follow each other on one line, together."""
    line: list[Box] = []
    for box in boxes:
        if line and not same_line(line[-1], box):
            yield line
            line = []
        line.append(box)
    if line:
        yield line


def same_line(one: Box, other: Box) -> bool:
    """Whether two boxes stand on one page beside each other."""
    middle = (other.bounds[1] + other.bounds[3]) / 2
    return one.page == other.page and one.bounds[1] < middle < one.bounds[3]
