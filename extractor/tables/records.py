"""`TableRows` → mentions with their quantities, records, and an account of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from extractor import quantity
from extractor.periods import find_periods, report_year, whole_year
from extractor.quantity import QuantityError
from extractor.schema import LEVELS, OTHER_ROLE, Column
from extractor.tables.cells import Value, relation_of, shared_unit, too_long, value_in_name, values
from extractor.tables.headers import fund_head, item_role
from extractor.tables.pairs import YEAR_FACT
from extractor.tables.types import FundAmount, FundRow, IndicatorRow, TableRows, Words
from extractor.tables.words import LONGEST_CELL, cell_text, is_empty, said
from extractor.types import (
    Document,
    Fact,
    Label,
    Mention,
    Origin,
    Period,
    Problem,
    Quantity,
    Record,
    RecordKind,
    Span,
    TableAccount,
)

Section = Callable[[int], tuple[str, ...]]  # the headings in force at an offset
SUMS = ("总额", "合计", "总计", "资金总数")
PARTS_JOIN = "·"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the tables of a document say; positions in records count in these mentions and records."""

    mentions: tuple[Mention, ...]
    quantities: tuple[Quantity | None, ...]
    records: tuple[Record, ...]
    facts: tuple[Fact, ...]
    accounts: tuple[TableAccount, ...]
    problems: tuple[Problem, ...]


def read(document: Document, tables: Sequence[TableRows], section_at: Section) -> Reading:
    """Make the records of all tables. Mentions never overlap; a merged cell is one mention of several records."""
    drafts = _Drafts(document.text)
    year = report_year(document.text)
    for number, table in enumerate(tables):
        year = _form_year(document.text, table) or year  # of a form in several tables only the first states it
        section = section_at(table.span.start)
        for row in table.indicators:
            drafts.indicator(row, _period(row, year), section, (number, row.number))
        drafts.funds(table, None if year is None else whole_year(year), section, number)
    return Reading(
        tuple(drafts.mentions),
        tuple(drafts.quantities),
        tuple(drafts.records),
        tuple(fact for table in tables for fact in table.facts),
        tuple(_account(document.text, table) for table in tables),
        tuple(problem for table in tables for problem in table.problems) + tuple(drafts.problems),
    )


def _account(text: str, table: TableRows) -> TableAccount:
    totals = table.totals[-1:]
    return TableAccount(
        table.span,
        table.n_rows,
        tuple(sorted(row.number for rows in (table.indicators, table.funds) for row in rows)),
        tuple((row.number, str(row.why)) for row in table.left),
        next((said(text, total.weight) for total in totals), None),
        next((said(text, total.score) for total in totals), None),
    )


def _form_year(text: str, table: TableRows) -> int | None:
    """The year that the table's own head states."""
    for fact in table.facts:
        digits = text[fact.span.start : fact.span.end].strip()[:4]
        if fact.name == YEAR_FACT and digits.isdecimal() and len(digits) == 4:
            return int(digits)
    return None


def _period(row: IndicatorRow, year: int | None) -> Period | None:
    """The period that the heads of the values name, else the report's year."""
    if year is None:
        return None
    for column in (Column.ACHIEVED, Column.TARGET):
        named = next(find_periods(row.heads.get(column, ""), year), None)
        if named is not None:
            return named.period
    return whole_year(year)


@dataclass(slots=True)
class _Drafts:
    """Mentions and records as they come; a span is one mention, whatever rows it is true of."""

    text: str
    mentions: list[Mention] = field(default_factory=list)
    quantities: list[Quantity | None] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    places: dict[Span, int] = field(default_factory=dict)

    # ── Indicators ───────────────────────────────────────────────────────────────────────────────────────────────────

    def indicator(self, row: IndicatorRow, period: Period | None, section: tuple[str, ...], place: tuple[int, int]) -> None:
        named = row.words(Column.INDICATOR)
        name = self._said(named)
        targets, achieved = self._values(row, name or "")
        if not targets and (parted := value_in_name(self.text, named)) is not None:
            named, targets = (parted[0],), [parted[1]]
        self.records.append(
            Record(
                kind=RecordKind.PERFORMANCE,
                indicators=self._names(named, row.confidence),
                targets=self._mentions(Label.TARGET, targets, row.confidence),
                achieved=self._mentions(Label.ACHIEVED, achieved, row.confidence),
                name=name,
                level1=self._said(row.words(Column.LEVEL1)),
                level2=self._said(row.words(Column.LEVEL2)),
                weight=self._said(row.words(Column.WEIGHT)),
                score=self._said(row.words(Column.SCORE)),
                reason=self._said(row.words(Column.REASON)),
                period=period,
                section=section,
                origin=Origin.TABLE,
                confidence=row.confidence,
                row=place,
                extras=tuple(self._extras(row)),
            )
        )

    def _values(self, row: IndicatorRow, name: str) -> tuple[list[Value], list[Value]]:
        """Targets and achieved values; units come from their own column, the head, the name, or the other value."""
        own = self._said(row.words(Column.UNIT))
        relation = relation_of(cell_text(self.text, row.words(Column.RELATION)))
        found = {}
        for column in (Column.TARGET, Column.ACHIEVED):
            unit = own or quantity.head_unit(row.heads.get(column, "")) or quantity.head_unit(name)
            words = tuple(span for span in row.words(column) if span not in row.words(Column.INDICATOR))
            bound = relation if column is Column.TARGET else ""
            found[column] = values(self.text, self._bounded(words), unit=unit, relation=bound)
        targets = shared_unit(found[Column.TARGET], found[Column.ACHIEVED], name)
        achieved = shared_unit(found[Column.ACHIEVED], targets, name)
        return targets, [*achieved, *self._rate(row, [*targets, *achieved])]

    def _rate(self, row: IndicatorRow, others: Sequence[Value]) -> list[Value]:
        """The completion rate as stated; beside values that are rates themselves it would be taken for one of them."""
        is_counted = any(value.quantity is not None and value.quantity.unit not in ("", "%") for value in others)
        if not is_counted:
            return []
        return [value for value in values(self.text, row.words(Column.COMPLETION), unit="%") if value.quantity is not None]

    def _extras(self, row: IndicatorRow) -> Iterable[tuple[str, str]]:
        """Columns that no field of a record is for, by their heads."""
        others = (Column.COMPLETION, Column.LEVEL1_WEIGHT, Column.LEVEL2_WEIGHT, Column.RELATION, Column.UNIT, *LEVELS[2:])
        known = [(row.heads.get(column, str(column)), row.words(column)) for column in others]
        for head, words in (*known, *row.extras):
            written = self._said(words)
            if written is not None and words != row.words(Column.INDICATOR):
                yield head, written

    # ── Money ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def funds(self, table: TableRows, period: Period | None, section: tuple[str, ...], number: int) -> None:
        """One record for each amount; rows after that of the whole sum are parts of it."""
        wholes: dict[Words, int] = {}
        for row in table.funds:
            item = self._path(row.item)
            is_whole = any(word in item for word in SUMS)
            wholes = {} if is_whole else wholes
            for amount in row.amounts:
                parent = None if is_whole or not row.item else wholes.get(amount.head)
                position = len(self.records)
                self._amount(row, amount, Record(RecordKind.FUND, parent=parent, period=period, section=section), number)
                if is_whole:
                    wholes[amount.head] = position
        if any(amount.unit is None and not self._names_unit(amount.cell) for row in table.funds for amount in row.amounts):
            where = f"characters {table.span.start}-{table.span.end}"
            self.problems.append(Problem(where, "资金金额没有注明单位，未换算；表头或表前应写明“单位：万元”或“单位：元”"))

    def _path(self, words: Words) -> str:
        """The names of money, outermost first."""
        return PARTS_JOIN.join(name for span in words if (name := self._said((span,))))

    def _names_unit(self, span: Span) -> bool:
        read = _parsed(self.text[span.start : span.end], None)
        return read is not None and read.unit != ""

    def _amount(self, row: FundRow, amount: FundAmount, draft: Record, number: int) -> None:
        is_last = amount is row.amounts[-1]  # 执行数 stands last; what is rated is how much was spent
        read = _parsed(self.text[amount.cell.start : amount.cell.end], amount.unit)
        rate = self._said(row.words(Column.COMPLETION)) if is_last else None
        self.records.append(
            Record(
                kind=draft.kind,
                indicators=self._names((*row.item, *amount.head), row.confidence),
                amounts=self._mentions(Label.AMOUNT, [Value(amount.cell, read)], row.confidence),
                parent=draft.parent,
                name=self._path((*row.item, *amount.head)) or None,
                role=_role(self.text, row, amount),
                weight=self._said(row.words(Column.WEIGHT)) if is_last else None,
                score=self._said(row.words(Column.SCORE)) if is_last else None,
                reason=self._said(row.words(Column.REASON)) if is_last else None,
                period=draft.period,
                section=draft.section,
                origin=Origin.TABLE,
                confidence=row.confidence,
                row=(number, row.number),
                extras=(("执行率", rate),) if rate else (),
            )
        )

    # ── Mentions ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _said(self, words: Words) -> str | None:
        """A cell's words; of one that is too long its beginning, and a problem."""
        return said(self.text, self._bounded(words))

    def _bounded(self, words: Words) -> Words:
        """The words of a cell, cut where they are more than a cell may hold."""
        if not too_long(words):
            return words
        first = words[0]
        where = f"characters {first.start}-{words[-1].end}"
        problem = Problem(where, f"单元格有 {sum(map(len, words)):,} 个字符，只取前 {LONGEST_CELL} 个；请核对原文")
        if problem not in self.problems:
            self.problems.append(problem)
        return (Span(first.start, min(first.end, first.start + LONGEST_CELL)),)

    def _names(self, words: Words, confidence: float) -> tuple[int, ...]:
        named = [span for span in words if not is_empty(self.text[span.start : span.end][:LONGEST_CELL])]
        return self._mentions(Label.INDICATOR, [Value(span) for span in named and self._bounded(tuple(named))], confidence)

    def _mentions(self, label: Label, found: Iterable[Value], confidence: float) -> tuple[int, ...]:
        positions = []
        for value in found:
            if value.span not in self.places:
                self.places[value.span] = len(self.mentions)
                self.mentions.append(Mention(label, value.span, confidence, Origin.TABLE))
                self.quantities.append(value.quantity)
            positions.append(self.places[value.span])
        return tuple(dict.fromkeys(positions))


def _parsed(words: str, unit: str | None) -> Quantity | None:
    try:
        return quantity.parse(words, head_unit=unit)
    except QuantityError:
        return None


def _role(text: str, row: FundRow, amount: FundAmount) -> str:
    """What an amount means: as its column says, else as the names beside it do, the innermost first."""
    head = cell_text(text, amount.head)
    if (role := fund_head(head)) is not None:
        return role
    names = [cell_text(text, (span,)) for span in (*row.item, *amount.head)]
    return item_role(names) if names else OTHER_ROLE
