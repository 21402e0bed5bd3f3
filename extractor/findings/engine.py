"""Asks every rule about a result, and counts the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import prod

from extractor.findings.case import Case
from extractor.findings.rule import Answer, Rule, Verdict
from extractor.segment import Outline
from extractor.types import Finding, Problem, Result, RuleCount, Severity

# A finding that more likely comes from our reading than from the report is not told; numbers that contradict each other
# deserve a look even so.
LEAST_CONFIDENCE = {Severity.ERROR: 0.0, Severity.WARNING: 0.2, Severity.NOTICE: 0.5}


def check(result: Result, outline: Outline, rules: Sequence[Rule]) -> Result:
    """The result with the findings of these rules, and how often each held, failed or could not tell.

    The mentions must be in text order. A rule that breaks becomes a problem; what the others say still stands.
    """
    case = Case(result, outline)
    findings: list[Finding] = []
    counts: list[RuleCount] = []
    problems: list[Problem] = []
    for rule in rules:
        try:
            answers = list(rule.check(case, rule.tolerance))
            failures = dict.fromkeys(answer for answer in answers if answer.verdict is Verdict.FAILS)
            told = [_finding(result, rule, answer) for answer in failures]
        except Exception as error:  # rules may come from others: one that breaks must not cost the report
            problems.append(Problem("file", f"规则“{rule.name}”出错（{type(error).__name__}：{error}），这一项没有检查"))
            continue
        found = [finding for finding in told if finding.confidence >= LEAST_CONFIDENCE[rule.severity]]
        findings += found
        counts.append(_count(rule, answers, len(found), len(told) - len(found)))
    return replace(result, findings=tuple(findings), checks=tuple(counts), problems=(*result.problems, *problems))


def _finding(result: Result, rule: Rule, answer: Answer) -> Finding:
    confidence = prod(float(result.records[record].confidence) for record in answer.records)
    return Finding(
        rule.name, rule.severity, answer.message, answer.records, answer.mentions, answer.spans, rule.title, confidence
    )


def _count(rule: Rule, answers: Iterable[Answer], n_fails: int, n_doubtful: int) -> RuleCount:
    verdicts = Counter(answer.verdict for answer in answers)
    return RuleCount(rule.name, rule.title, verdicts[Verdict.HOLDS], n_fails, verdicts[Verdict.UNKNOWN] + n_doubtful)
