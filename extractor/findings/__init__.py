"""Checks over records: the places where a report's numbers do not hold.

A rule is one function. It looks at a report (`Case`) and answers, place by place, that something holds, that it does not, or
that it cannot tell. One family of rules is one module. Rules of others are found through the entry point group ``GROUP``.
"""

from __future__ import annotations

from extractor.findings.case import Case
from extractor.findings.engine import check
from extractor.findings.registry import BUILT_IN, GROUP, available
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, Rule, Verdict, fails, rule
from extractor.findings.settings import chosen

__all__ = [
    "BUILT_IN",
    "GROUP",
    "HOLDS",
    "UNKNOWN",
    "Answer",
    "Case",
    "Rule",
    "Verdict",
    "available",
    "check",
    "chosen",
    "fails",
    "rule",
]
