"""One report as a page: what it says of itself, its findings, its money, its indicators, and its text with every place marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from extractor.finding_sheet import operands
from extractor.findings import BUILT_IN, Case
from extractor.output import all_problems, completion, in_text_order, indicator_text, page_finder, stated_completion
from extractor.papers.indicators import COMPARED, LONGEST_BAR, STANDINGS, Progress, Standing, progress
from extractor.papers.layout import Grid, Line, layout
from extractor.papers.marks import Mark, Marked, Run
from extractor.papers.money import Execution, Sum, chart, execution, sums
from extractor.papers.pictures import Album
from extractor.papers.subject import Subject, subject_of
from extractor.papers.template import page
from extractor.segment import outline
from extractor.sheet import ORIGINS, ROLES, SEVERITIES, home_finder, one_line, place_text
from extractor.types import Box, Finding, Label, Record, RecordKind, Result, RuleCount, Severity, Span

EXPLANATIONS = {rule.name: rule.explanation for rule in BUILT_IN}
LABELS = {Label.INDICATOR: "指标", Label.TARGET: "目标值", Label.ACHIEVED: "实现值", Label.AMOUNT: "资金金额"}
GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
GROUPS = (
    ("有目标的指标", (Standing.MET, Standing.OVER, Standing.UNDER, Standing.OPEN)),
    ("只有实绩的事项", (Standing.RESULT,)),
    ("以后年度的计划", (Standing.PLAN,)),
)
MARGIN = 2.0  # points between characters and the frame drawn around them
STRIP = (150.0, 14.0)  # points shown of a page to the sides of an operand, and above and below
MOST_CUTTINGS = 6  # of one finding


@dataclass(frozen=True, slots=True)
class Value:
    """Words of the report and the anchors of the places where they stand."""

    words: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One record as the page shows it; ``flags`` are (anchor, words, severity) of its findings."""

    id: str
    name: Value | None
    parent: str | None
    record: Record
    progress: Progress | None
    targets: tuple[Value, ...]
    achieved: tuple[Value, ...]
    amounts: tuple[Value, ...]
    stated: Value | None
    computed: Decimal | None
    page: int | None
    flags: tuple[tuple[str, str, str], ...]

    @property
    def role(self) -> str:
        return ROLES.get(self.record.role or "", "其他")

    @property
    def levels(self) -> str:
        return " › ".join(level for level in (self.record.level1, self.record.level2) if level)

    @property
    def sources(self) -> str:
        return ORIGINS[self.record.origin]


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence or table row (its cells) with the operands in it; ``place`` is the anchor of the first, ``page`` its page."""

    cells: tuple[tuple[Run, ...], ...]
    place: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Cutting:
    """A strip of a page's picture around ``frames``; all bounds are (left, top, width, height) in points."""

    page: int
    view: tuple[float, float, float, float]
    frames: tuple[tuple[float, float, float, float], ...]
    place: str


@dataclass(frozen=True, slots=True)
class Concern:
    """One finding with its evidence."""

    number: int
    finding: Finding
    explanation: str
    anchor: str
    records: tuple[tuple[str, str], ...]  # (anchor, name)
    quotes: tuple[Quote, ...]
    cuttings: tuple[Cutting, ...]


@dataclass(frozen=True)
class Paper:
    """Everything that the page of one report shows. The result is in text order."""

    case: Case
    album: Album

    @classmethod
    def of(cls, result: Result, album: Album) -> Paper:
        ordered = in_text_order(result)
        return cls(Case(ordered, outline(ordered.document)), album)

    @property
    def result(self) -> Result:
        return self.case.result

    @cached_property
    def subject(self) -> Subject:
        return subject_of(self.result)

    @cached_property
    def progress(self) -> dict[int, Progress]:
        return dict(progress(self.case))

    @cached_property
    def standings(self) -> Counter[Standing]:
        return Counter(one.standing for one in self.progress.values())

    @cached_property
    def sums(self) -> list[Sum]:
        return list(sums(self.case))

    @property
    def chart(self) -> list[Sum]:
        return chart(self.sums)

    @cached_property
    def execution(self) -> Execution | None:
        return execution(self.case, self.sums)

    @cached_property
    def severities(self) -> Counter[Severity]:
        return Counter(finding.severity for finding in self.result.findings)

    @cached_property
    def order(self) -> list[int]:
        """The findings, the gravest and surest first."""
        findings = self.result.findings
        return sorted(range(len(findings)), key=lambda k: (GRAVITY[findings[k].severity], -findings[k].confidence, k))

    @cached_property
    def numbers(self) -> dict[int, int]:
        """The number, from 1, under which the page shows each finding."""
        return {finding: number for number, finding in enumerate(self.order, start=1)}

    @cached_property
    def boxes_of(self) -> Callable[[Span], list[Box]]:
        return page_finder(self.result.document)

    @cached_property
    def pictured(self) -> frozenset[int]:
        return frozenset(picture.number for picture in self.album.pictures)

    def page_of(self, span: Span) -> int | None:
        boxes = self.boxes_of(span)
        return boxes[0].page if boxes else None

    def place(self, mention: int) -> str:
        """The anchor of a mention: on its page's picture where there is one, else in the text."""
        on_picture = self.page_of(self.result.mentions[mention].span) in self.pictured
        return f"{'b' if on_picture else 'm'}{mention + 1}"

    @cached_property
    def flags_of_mention(self) -> dict[int, tuple[tuple[str, str, str], ...]]:
        return self._flags(lambda finding: finding.mentions)

    @cached_property
    def flags_of_record(self) -> dict[int, tuple[tuple[str, str, str], ...]]:
        return self._flags(lambda finding: finding.records)

    def _flags(self, about: Callable[[Finding], Sequence[int]]) -> dict[int, tuple[tuple[str, str, str], ...]]:
        found: dict[int, tuple[tuple[str, str, str], ...]] = {}
        for position in self.order:
            for one in about(self.result.findings[position]):
                found[one] = (*found.get(one, ()), self._flag(position))
        return found

    def _flag(self, finding: int) -> tuple[str, str, str]:
        return (f"f{finding + 1}", f"疑点{self.numbers[finding]}", str(self.result.findings[finding].severity))

    def values(self, mentions: Iterable[int]) -> tuple[Value, ...]:
        """Each words once, with all the places where they stand."""
        places: dict[str, tuple[str, ...]] = {}
        for mention in mentions:
            words = one_line(self.result.text_of(mention))
            places[words] = (*places.get(words, ()), self.place(mention))
        return tuple(Value(words, found) for words, found in places.items())

    def rows(self) -> Iterator[Row]:
        """All records, in text order."""
        for position, record in enumerate(self.result.records):
            name, parent = indicator_text(self.result, record), record.parent
            stated = stated_completion(self.result, record)
            spans = sorted(self.result.mentions[one].span for one in record.mentions)
            yield Row(
                id=f"r{position + 1}",
                name=None if name is None else Value(name, tuple(map(self.place, record.indicators))),
                parent=None if parent is None else indicator_text(self.result, self.result.records[parent]),
                record=record,
                progress=self.progress.get(position),
                targets=self.values(record.targets),
                achieved=self.values(one for one in record.achieved if one != stated),
                amounts=self.values(record.amounts),
                stated=None if stated is None else self.values([stated])[0],
                computed=completion(self.result, record)[1],
                page=self.page_of(spans[0]) if spans else None,
                flags=self.flags_of_record.get(position, ()),
            )

    def groups(self) -> Iterator[tuple[str, list[Row]]]:
        """The records of performance under their headings; no heading without rows."""
        rows = [row for row in self.rows() if row.progress is not None]
        for title, standings in GROUPS:
            if here := [row for row in rows if row.progress is not None and row.progress.standing in standings]:
                yield title, here

    def funds(self) -> list[Row]:
        """The records of money."""
        return [row for row in self.rows() if row.record.kind is RecordKind.FUND]

    def concerns(self) -> Iterator[Concern]:
        """The findings, the gravest first."""
        homes_of = home_finder(self.result)
        for position in self.order:
            finding = self.result.findings[position]
            spans = operands(self.result, finding)
            names = [(f"r{k + 1}", self.case.name(k).strip("“”")) for k in finding.records]
            yield Concern(
                self.numbers[position],
                finding,
                EXPLANATIONS.get(finding.rule, ""),
                f"f{position + 1}",
                tuple(names),
                tuple(self._quotes(position, spans, homes_of)),
                tuple(self._cuttings(position, spans))[:MOST_CUTTINGS],
            )

    @cached_property
    def _mention_at(self) -> dict[Span, int]:
        return {mention.span: position for position, mention in enumerate(self.result.mentions)}

    def _place_of(self, finding: int, span: Span) -> str:
        mention = self._mention_at.get(span)
        return _span_id(finding, span) if mention is None else f"m{mention + 1}"

    def _quotes(self, finding: int, spans: Sequence[Span], homes_of: Callable[[Span], list[Span]]) -> Iterator[Quote]:
        text = self.result.document.text
        by_home: dict[tuple[Span, ...], list[Span]] = {}
        for span in spans:
            by_home.setdefault(tuple(homes_of(span)) or (span,), []).append(span)
        for homes, within in by_home.items():
            marked = Marked(text, [Mark(span, "", "", ("operand",), "") for span in within])
            cells = [cell for home in homes for cell in _cells(text, home)]
            yield Quote(
                tuple(tuple(marked.runs(cell)) for cell in cells), self._place_of(finding, within[0]), self.page_of(within[0])
            )

    def _cuttings(self, finding: int, spans: Sequence[Span]) -> Iterator[Cutting]:
        """Strips of the pictures; operands on one line share theirs."""
        pictures = {picture.number: picture for picture in self.album.pictures}
        shown: list[Box] = []
        for span in spans:
            boxes = [box for box in self.boxes_of(span) if box.page in pictures]
            if not boxes or any(_same_line(boxes[0], box) for box in shown):
                continue
            picture = pictures[boxes[0].page]
            line = [[box for box in self.boxes_of(one) if _same_line(boxes[0], box)] for one in spans]
            shown += [box for within in line for box in within]
            mention = self._mention_at.get(span)
            frames = [_frame(within) for within in line if within]
            left, top = max(0.0, min(f[0] for f in frames) - STRIP[0]), max(0.0, min(f[1] for f in frames) - STRIP[1])
            right = min(picture.width, max(f[0] + f[2] for f in frames) + STRIP[0])
            bottom = min(picture.height, max(f[1] + f[3] for f in frames) + STRIP[1])
            place = _span_id(finding, span) if mention is None else f"b{mention + 1}"
            yield Cutting(boxes[0].page, (left, top, right - left, bottom - top), tuple(frames), place)

    def marks(self) -> Iterator[Mark]:
        """Every place of the text that leads somewhere: mentions, what else findings rest on, facts."""
        rows = self.result.records
        for position, mention in enumerate(self.result.mentions):
            owners = self.case.owners.get(position, ())
            name = indicator_text(self.result, rows[owners[0]]) if owners else None
            kinds = (str(mention.label).lower(), *(("suspect",) if position in self.flags_of_mention else ()))
            title = f"{LABELS[mention.label]}{'：' + name if name else ''}（可信度 {mention.confidence:.0%}）"
            yield Mark(
                mention.span,
                f"m{position + 1}",
                f"r{owners[0] + 1}" if owners else "",
                kinds,
                title,
                " ".join(f"r{owner + 1}" for owner in owners),
                self.flags_of_mention.get(position, ()),
                rank=2,
            )
        for position, finding in enumerate(self.result.findings):
            for span in finding.spans:
                if span not in self._mention_at:
                    flag = self._flag(position)
                    yield Mark(span, _span_id(position, span), flag[0], ("suspect",), finding.title, "", (flag,), rank=1)
        for number, fact in enumerate(self.result.facts, start=1):
            yield Mark(fact.span, f"i{number}", f"i{number}-told", ("fact",), fact.name)

    def flow(self) -> Iterator[tuple[Line | Grid, object]]:
        """The text piece by piece: a line with its runs, or a table with rows of (cell, runs)."""
        document = self.result.document
        marked = Marked(document.text, list(self.marks()))
        for piece in layout(document, self.case.outline):
            if isinstance(piece, Line):
                yield piece, list(marked.runs(piece.span))
            else:
                yield piece, [[(cell, list(marked.runs(cell.span)) if cell.span else []) for cell in row] for row in piece.rows]

    def patches(self, page: int) -> Iterator[tuple[Mark, tuple[float, float, float, float], bool]]:
        """The marks on a page's picture: (mark, frame, whether it bears the anchor)."""
        for mark, mention in zip(self.marks(), self.result.mentions, strict=False):
            frames = [_frame(line) for line in _by_line(box for box in self.boxes_of(mention.span) if box.page == page)]
            for number, frame in enumerate(frames):
                yield mark, frame, number == 0

    def facts(self) -> Iterator[tuple[str, Value, str]]:
        """(name, words, anchor) of what the form's head says."""
        text = self.result.document.text
        for number, fact in enumerate(self.result.facts, start=1):
            yield fact.name, Value(one_line(text[fact.span.start : fact.span.end]), (f"i{number}",)), f"i{number}-told"

    def asked(self) -> list[RuleCount]:
        """The rules that had something to say, those that fail first."""
        asked = [check for check in self.result.checks if check.n_holds or check.n_fails or check.n_unknown]
        return sorted(asked, key=lambda check: not check.n_fails)

    def problems(self) -> list[tuple[str, str]]:
        return [(place_text(problem.where), problem.message) for problem in all_problems(self.result)]


def _span_id(finding: int, span: Span) -> str:
    return f"s{finding + 1}-{span.start}"


def _cells(text: str, home: Span) -> Iterator[Span]:
    """The stretches between tabs that hold more than blanks."""
    at = home.start
    for words in text[home.start : home.end].split("\t"):
        if words.strip():
            yield Span(at, at + len(words))
        at += len(words) + 1


def _frame(boxes: Sequence[Box]) -> tuple[float, float, float, float]:
    """(left, top, width, height) around boxes."""
    left, top = min(box.bounds[0] for box in boxes) - MARGIN, min(box.bounds[1] for box in boxes) - MARGIN
    right, bottom = max(box.bounds[2] for box in boxes) + MARGIN, max(box.bounds[3] for box in boxes) + MARGIN
    return left, top, right - left, bottom - top


def _by_line(boxes: Iterable[Box]) -> Iterator[list[Box]]:
    """Boxes that follow each other on one line, together."""
    line: list[Box] = []
    for box in boxes:
        if line and not _same_line(line[-1], box):
            yield line
            line = []
        line.append(box)
    if line:
        yield line


def _same_line(one: Box, other: Box) -> bool:
    """Whether two boxes stand on one page beside each other."""
    middle = (other.bounds[1] + other.bounds[3]) / 2
    return one.page == other.page and one.bounds[1] < middle < one.bounds[3]


def paper_page(paper: Paper, *, overview: str = "") -> str:
    """The page of one report; ``overview`` is the overview's file name, one folder up, where there is one."""
    return page(
        "paper.html.j2",
        "paper.js",
        paper=paper,
        overview=overview,
        pictured=sum(1 for one in paper.result.document.pages or () if one.steps),
        compared=sum(paper.standings[standing] for standing in COMPARED),
        compared_standings=COMPARED,
        standings=STANDINGS,
        told=COMPARED[:3],
        severities=SEVERITIES,
        roles=ROLES,
        explanations=EXPLANATIONS,
        target_at=1 / LONGEST_BAR,
    )
