"""The values that travel between the modules. All are frozen; none imports a third party."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Label(StrEnum):
    """What a mention is. The set is code; a model trained for another one is refused."""

    INDICATOR = "INDICATOR"
    TARGET = "TARGET"
    ACHIEVED = "ACHIEVED"
    AMOUNT = "AMOUNT"

    @property
    def is_value(self) -> bool:
        return self is not Label.INDICATOR


class Origin(StrEnum):
    """Where a mention or a record comes from."""

    MODEL = "model"
    RULE = "rule"
    TABLE = "table"
    TEXT = "text"


class RecordKind(StrEnum):
    PERFORMANCE = "performance"
    FUND = "fund"


class Relation(StrEnum):
    """How a quantity bounds what it speaks of."""

    EQUAL = "="
    AT_LEAST = ">="
    MORE = ">"
    AT_MOST = "<="
    LESS = "<"
    ABOUT = "~"
    RANGE = "range"


class QuantityKind(StrEnum):
    LEVEL = "level"  # so much of something
    CHANGE = "change"  # signed difference or growth
    SHARE = "share"  # rates and percentages
    SCORE = "score"  # points of an evaluation


class BlockKind(StrEnum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    TABLE = "table"
    HEADER = "header"  # running header or footer, page number: not part of the report's prose
    TEXT_BOX = "text box"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of characters, ``0 <= start < end``."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"empty or negative span [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell; ``span`` is None where the cell is empty. Rows and columns count from 0."""

    row: int
    column: int
    span: Span | None
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, table or running header, in text order; blocks never overlap.

    ``level`` is a heading's depth (1 = top), None elsewhere. ``cells`` is empty unless the block is a table.
    """

    kind: BlockKind
    span: Span
    level: int | None = None
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page; ``number`` counts from 1, sizes are points.

    ``steps`` are Chinese words for what was done to read a page that is a picture, in order; empty where its own text was read.
    """

    number: int
    width: float
    height: float
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """Where a run of characters stands: ``bounds`` is (left, top, right, bottom) in points from the page's top left.

    Boxes are in text order and each covers characters of one line. ``confidence`` is the OCR's in the least certain of
    them, in [0, 1]; None where the file itself says what the characters are.
    """

    span: Span
    page: int
    bounds: tuple[float, float, float, float]
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read or understood, and where."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """A report as one immutable string plus where its characters stand."""

    source: str
    sha256: str
    text: str
    blocks: tuple[Block, ...] = ()
    pages: tuple[Page, ...] | None = None
    boxes: tuple[Box, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A window the tagger sees: characters ``span`` are read, values in ``core`` are decided.

    ``section`` is the path of headings in force at the start of ``core``, outermost first.
    """

    span: Span
    core: Span
    section: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of the text that name an indicator or state a value. ``confidence`` is in [0, 1].

    ``proposal`` is there where OCR probably misread a value.
    """

    label: Label
    span: Span
    confidence: float = 1.0
    origin: Origin = Origin.MODEL
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact value in its base unit.

    ``value`` is a pair (low, high) for ``Relation.RANGE`` and a single number otherwise. ``text`` keeps the original words.
    """

    value: Decimal | tuple[Decimal, Decimal]
    unit: str
    relation: Relation = Relation.EQUAL
    kind: QuantityKind = QuantityKind.LEVEL
    text: str = field(default="", compare=False)

    @property
    def low(self) -> Decimal:
        return self.value[0] if isinstance(self.value, tuple) else self.value

    @property
    def high(self) -> Decimal:
        return self.value[1] if isinstance(self.value, tuple) else self.value

    def value_text(self) -> str:
        """The value as the plain decimal string of the output contract; ``"3..5"`` for a range."""
        if isinstance(self.value, tuple):
            return f"{_plain(self.value[0])}..{_plain(self.value[1])}"
        return _plain(self.value)


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a value of a scan should perhaps be read; it never replaces what was read.

    ``original`` are the words as OCR read them: those of the mention, or more where its number goes on beside them. ``reason``
    is Chinese. ``is_supported`` where other numbers of the report agree with the proposal and not with what was read.
    """

    original: str
    text: str
    reason: str
    quantity: Quantity
    is_supported: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both included."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the auditor's sheet. Integers are positions in the result's mentions, ``parent`` one in its records.

    ``confidence`` is the probability that the whole record is right.
    """

    kind: RecordKind
    indicators: tuple[int, ...] = ()
    targets: tuple[int, ...] = ()
    achieved: tuple[int, ...] = ()
    amounts: tuple[int, ...] = ()
    parent: int | None = None
    name: str | None = None  # the indicator's fullest name; None where the report gives none
    role: str | None = None  # what a fund record is: budget, allocated, paid, carried-over
    level1: str | None = None
    level2: str | None = None
    weight: str | None = None
    score: str | None = None
    reason: str | None = None
    period: Period | None = None
    section: tuple[str, ...] = ()
    origin: Origin = Origin.TEXT
    confidence: float = 1.0
    row: tuple[int, int] | None = None  # table (in the result's tables) and row that a table record was made of
    extras: tuple[tuple[str, str], ...] = ()  # (head, words) of the row's other columns
    related: tuple[int, ...] = ()  # records from the other source (table, prose) of the same indicator with other values

    @property
    def values(self) -> tuple[int, ...]:
        return (*self.targets, *self.achieved, *self.amounts)

    @property
    def mentions(self) -> tuple[int, ...]:
        return (*self.indicators, *self.values)

    def moved(self, mention: Callable[[int], int], record: Callable[[int], int]) -> Record:
        """The same record in another result; the functions tell the new positions of mentions and of records."""

        def each(positions: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(map(mention, positions))

        return replace(
            self,
            indicators=each(self.indicators),
            targets=each(self.targets),
            achieved=each(self.achieved),
            amounts=each(self.amounts),
            parent=None if self.parent is None else record(self.parent),
            related=tuple(sorted(map(record, self.related))),
        )

    def sources(self, mentions: Sequence[Mention]) -> tuple[Origin, ...]:
        """Where the record stands, given all mentions of the result; a row that the prose repeats stands in both."""
        origins = {mentions[position].origin is Origin.TABLE for position in self.mentions}
        return (Origin.TEXT, Origin.TABLE) if self.origin is Origin.TABLE and len(origins) == 2 else (self.origin,)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a form's head says of the whole report: 项目名称, 主管部门, 实施单位, 评价年度."""

    name: str
    span: Span  # of the words that the form fills in


@dataclass(frozen=True, slots=True)
class TableAccount:
    """What became of the rows of one table; ``left`` holds (row, why), rows count from 0.

    Raises ValueError where rows that became records and rows left out are not all rows.
    """

    span: Span
    n_rows: int
    recorded: tuple[int, ...] = ()
    left: tuple[tuple[int, str], ...] = ()
    weight: str | None = None  # the points that the table adds up itself
    score: str | None = None

    def __post_init__(self) -> None:
        if sorted([*self.recorded, *(row for row, _ in self.left)]) != list(range(self.n_rows)):
            raise ValueError(f"{len(self.recorded)} rows recorded and {len(self.left)} left out of {self.n_rows}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an auditor should look at; integers are positions in the result's records and mentions.

    ``spans`` are words of the text that it rests on and that are no mentions. ``title`` is the rule's name in Chinese.
    ``confidence`` is the probability that all the records behind it were read right: a low one says that rather we than
    the report may be wrong.
    """

    rule: str
    severity: Severity
    message: str
    records: tuple[int, ...] = ()
    mentions: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()
    title: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule held, failed, or could not be decided in one report."""

    rule: str
    title: str
    n_holds: int = 0
    n_fails: int = 0
    n_unknown: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Result:
    """Everything found in one document; ``quantities`` runs parallel to ``mentions`` (None where not a number)."""

    document: Document
    mentions: tuple[Mention, ...]
    quantities: tuple[Quantity | None, ...]
    records: tuple[Record, ...]
    model: ModelInfo
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    checks: tuple[RuleCount, ...] = ()
    facts: tuple[Fact, ...] = ()
    tables: tuple[TableAccount, ...] = ()

    def text_of(self, mention: int) -> str:
        span = self.mentions[mention].span
        return self.document.text[span.start : span.end]

    def to_dict(self) -> dict[str, Any]:
        """The result as the output contract writes it, ready for JSON; ids m1…, r1…, f1… in text order."""
        from extractor.output import to_dict  # the contract's writing knows these types, not the other way round

        return to_dict(self)


@dataclass(frozen=True, slots=True)
class GoldMention:
    """An annotated mention: ``records`` are the record numbers it belongs to, ``parent`` the record its record is a part of."""

    label: Label
    span: Span
    records: tuple[int, ...]
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """Gold: a report's text without marks, and its mentions in text order."""

    name: str
    text: str
    mentions: tuple[GoldMention, ...]

    def members(self) -> dict[int, list[int]]:
        """Positions in ``mentions`` of every record number, in text order."""
        records: dict[int, list[int]] = {}
        for position, mention in enumerate(self.mentions):
            for number in mention.records:
                records.setdefault(number, []).append(position)
        return records


def slices(text: str, spans: Sequence[Span]) -> list[str]:
    """The words of every span."""
    return [text[span.start : span.end] for span in spans]
