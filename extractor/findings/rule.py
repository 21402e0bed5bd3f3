"""What a rule is: a named question to a report, and its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from extractor.findings.case import Case
from extractor.types import Severity, Span


class Verdict(StrEnum):
    """What a rule says of one place; a rule that does not apply says nothing."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"  # the numbers needed are missing, or not certain to be the right ones


@dataclass(frozen=True, slots=True)
class Answer:
    """One verdict and what it rests on: positions in the result's records and mentions, and words of the text besides.

    ``message`` is a Chinese sentence; it is needed where the verdict is FAILS.
    """

    verdict: Verdict
    message: str = ""
    records: tuple[int, ...] = ()
    mentions: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()


HOLDS, UNKNOWN = Answer(Verdict.HOLDS), Answer(Verdict.UNKNOWN)
Check = Callable[[Case, Decimal], Iterable[Answer]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A question to every report.

    ``check`` gets the report and the tolerance: by which share a number may miss the one that follows from the others,
    beyond rounding (0.01 = 1 %). ``title`` and ``explanation`` are Chinese.
    """

    name: str
    severity: Severity
    title: str
    explanation: str
    check: Check
    tolerance: Decimal = Decimal(0)


def rule(name: str, severity: Severity, title: str, explanation: str, *, tolerance: str = "0") -> Callable[[Check], Rule]:
    """Make a function a rule."""

    def made(check: Check) -> Rule:
        return Rule(name, severity, title, explanation, check, Decimal(tolerance))

    return made


def fails(message: str, records: Iterable[int | None], mentions: Iterable[int] = (), spans: Iterable[Span] = ()) -> Answer:
    """A finding; each record and mention is named once, in text order."""
    known = sorted({record for record in records if record is not None})
    return Answer(Verdict.FAILS, message, tuple(known), tuple(sorted(set(mentions))), tuple(sorted(set(spans))))
