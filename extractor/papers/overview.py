"""A whole run on one page: what was read, how far indicators and budgets came, what was found, what to open first."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from extractor.papers.indicators import COMPARED, STANDINGS, Standing
from extractor.papers.paper import GRAVITY, Paper
from extractor.papers.template import page
from extractor.sheet import SEVERITIES
from extractor.stated import all_problems
from extractor.subject import Subject
from extractor.types import Severity

WEIGHTS = {Severity.ERROR: 10, Severity.WARNING: 4, Severity.NOTICE: 1}
MOST_LISTED = 2000  # reports; those to open first are kept, memory and page stay small
MOST_FAILED = 500
FIRST = 10  # reports to open first
MOST_UNITS = 20
UNKNOWN_UNIT = "（未写明单位）"
LONGEST_MESSAGE = 120
# Execution rates by their lower ends.
STEPS = (
    (Decimal("0"), "＜50%"),
    (Decimal("0.5"), "50%～"),
    (Decimal("0.7"), "70%～"),
    (Decimal("0.8"), "80%～"),
    (Decimal("0.9"), "90%～"),
    (Decimal("0.95"), "95%～"),
    (Decimal("0.99995"), "100%"),
    (Decimal("1.00005"), "＞100%"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One report in the list; ``attention`` says how much it deserves to be opened."""

    paper: str  # the page's address, relative to the overview
    source: str
    subject: Subject
    n_records: int
    standings: tuple[int, ...]  # of COMPARED
    severities: tuple[int, ...]  # errors, warnings, notices
    execution: Decimal | None
    attention: float
    headline: str
    n_problems: int


@dataclass
class UnitCount:
    """What was found in the reports of one unit."""

    n_reports: int = 0
    severities: Counter[Severity] = field(default_factory=Counter)
    standings: Counter[Standing] = field(default_factory=Counter)

    @property
    def n_findings(self) -> int:
        return self.severities.total()

    @property
    def n_compared(self) -> int:
        return sum(self.standings[standing] for standing in COMPARED)


@dataclass
class RuleTotal:
    """The answers of one rule over the run."""

    title: str
    n_holds: int = 0
    n_fails: int = 0
    n_unknown: int = 0
    n_reports: int = 0  # in which it fails


@dataclass
class Overview:
    """The counts of a run, filled report by report."""

    n_read: int = 0
    n_failed: int = 0
    n_partly: int = 0
    n_records: int = 0
    severities: Counter[Severity] = field(default_factory=Counter)
    standings: Counter[Standing] = field(default_factory=Counter)
    executions: Counter[str] = field(default_factory=Counter)
    rules: dict[str, RuleTotal] = field(default_factory=dict)
    units: dict[str, UnitCount] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)
    _entries: list[tuple[float, int, Entry]] = field(default_factory=list)  # a heap: the least deserving first

    def add(self, paper: Paper, address: str) -> None:
        """Count one report; ``address`` is that of its page."""
        entry = _entry(paper, address)
        self.n_read += 1
        self.n_partly += bool(entry.n_problems)
        self.n_records += entry.n_records
        self.severities.update(paper.severities)
        self.standings.update(paper.standings)
        if entry.execution is not None:
            self.executions[next(words for low, words in reversed(STEPS) if entry.execution >= low)] += 1
        unit = self.units.setdefault(entry.subject.unit or UNKNOWN_UNIT, UnitCount())
        unit.n_reports += 1
        unit.severities.update(paper.severities)
        unit.standings.update(paper.standings)
        for check in paper.result.checks:
            total = self.rules.setdefault(check.rule, RuleTotal(check.title or check.rule))
            total.n_holds += check.n_holds
            total.n_fails += check.n_fails
            total.n_unknown += check.n_unknown
            total.n_reports += bool(check.n_fails)
        push = heapq.heappush if len(self._entries) < MOST_LISTED else heapq.heappushpop
        push(self._entries, (entry.attention, -self.n_read, entry))

    def fail(self, source: str, error: str) -> None:
        """Note a file that could not be read."""
        self.n_failed += 1
        if len(self.failed) < MOST_FAILED:
            self.failed.append((source, error))

    @property
    def entries(self) -> list[Entry]:
        """The reports, those to open first at the front."""
        return [entry for _, _, entry in sorted(self._entries, key=lambda kept: kept[:2], reverse=True)]

    @property
    def failing_rules(self) -> list[RuleTotal]:
        return sorted((rule for rule in self.rules.values() if rule.n_fails), key=lambda rule: -rule.n_fails)

    @property
    def busiest_units(self) -> list[tuple[str, UnitCount]]:
        """The units with most findings."""
        ranked = sorted(self.units.items(), key=lambda item: (-_gravity(item[1]), -item[1].n_findings, item[0]))
        return ranked[:MOST_UNITS]

    def steps(self) -> Iterator[tuple[str, int]]:
        """The execution rates: (step, reports)."""
        for _, words in STEPS:
            yield words, self.executions[words]


def overview_page(overview: Overview) -> str:
    """The page of a run."""
    entries = overview.entries
    return page(
        "overview.html.j2",
        "overview.js",
        overview=overview,
        entries=entries,
        first=[entry for entry in entries[:FIRST] if entry.attention],
        compared=sum(overview.standings[standing] for standing in COMPARED),
        compared_standings=COMPARED,
        standings=STANDINGS,
        severities=SEVERITIES,
        n_units=len(overview.units),
    )


def _gravity(unit: UnitCount) -> int:
    return sum(WEIGHTS[severity] * count for severity, count in unit.severities.items())


def _entry(paper: Paper, address: str) -> Entry:
    result, findings = paper.result, paper.result.findings
    worst = findings[paper.order[0]] if findings else None
    headline = f"{worst.title or worst.rule}：{worst.message}" if worst else ""
    return Entry(
        address,
        result.document.source,
        paper.subject,
        len(result.records),
        tuple(paper.standings[standing] for standing in COMPARED),
        tuple(paper.severities[severity] for severity in GRAVITY),
        paper.execution.rate if paper.execution else None,
        sum(WEIGHTS[finding.severity] * finding.confidence for finding in findings),
        headline if len(headline) <= LONGEST_MESSAGE else headline[: LONGEST_MESSAGE - 1] + "…",
        len(all_problems(result)),
    )
