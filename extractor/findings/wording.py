"""Words that claim success where the numbers say otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extractor.findings.case import Case
from extractor.findings.goals import missed
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.types import RecordKind, Severity, Span

SUCCESS = re.compile(r"(?:超额(?:完成|实现)|圆满完成|(?<!未)全面完成|(?<!未)按期完成|顺利完成|全部达标)(?!率)")
NEGATED = re.compile(r"未|没有|不能|尚|除|仅|若|如|确保|力争|争取|将|要|拟|计划|为了?$")
ALL_MET = re.compile(
    r"(?<!未)(?<!部分)(?:(?:各项|全部|所有|年度)[^，。；、\n]{0,10}(?:指标|目标|任务)(?:值)?(?:[^，。；、\n未不]{0,6}))"
    r"(?:均|都|全部|全面|圆满|已)(?:已|达到|圆满|超额|如期|按期|全部|全面)*(?:完成|达到|实现|达标)"
)


@rule(
    "claimed-success",
    Severity.WARNING,
    "文字与数字不符",
    "同一句中写“超额完成”“圆满完成”等，而实现值低于目标值。",
)
def claimed_success(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, result, target in _shortfalls(case):
        sentence = case.sentence(case.span(result).start)
        for claim in SUCCESS.finditer(case.text, sentence.start, sentence.end):
            yield _claim(case, position, (result, target), Span(*claim.span()))


def _claim(case: Case, position: int, operands: tuple[int, int], claim: Span) -> Answer:
    """The claim is about the indicator only where no other name or value stands between them."""
    result, target = operands
    between = sorted((claim, case.span(result)))
    others = [one for one in case.between(between[0].end, between[1].start) if one not in (result, target)]
    strangers = [one for one in others if position not in case.owners.get(one, ())]
    clause = re.split("[，。；]", case.text[max(0, claim.start - 20) : claim.start])[-1]
    if strangers or NEGATED.search(clause) or re.search("[。；]", case.text[between[0].end : between[1].start]):
        return UNKNOWN
    words = case.text[claim.start : claim.end]
    message = f"{case.name(position)}：报告称“{words}”，但实现值 {case.words(result)} 未达到目标值 {case.words(target)}"
    return fails(message, [position], operands, [claim])


def _shortfalls(case: Case) -> Iterator[tuple[int, int, int]]:
    """(record, result, target) where the result falls short."""
    for position, record in enumerate(case.records):
        targets, results = case.distinct(case.levels(record.targets)), case.results(record)
        one_each = len(targets) == len(results) == 1 and case.unit(targets[0]) == case.unit(results[0])
        if one_each and record.kind is RecordKind.PERFORMANCE and missed(case, record, results[0], targets[0]):
            yield position, results[0], targets[0]


@rule(
    "all-met",
    Severity.WARNING,
    "称全部完成而有未完成的指标",
    "报告称各项指标均已完成，而有指标的实现值低于目标值。",
)
def all_met(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    claims = [Span(*match.span()) for match in ALL_MET.finditer(case.text) if not _is_limited(case, match)]
    if not claims:
        return
    short = list(_shortfalls(case))
    if not short:
        yield HOLDS
    for position, result, target in short:
        claim = claims[0]
        words = case.text[claim.start : claim.end]
        message = f"{case.name(position)}：实现值 {case.words(result)} 未达到目标值 {case.words(target)}，而报告称“{words}”"
        yield fails(message, [position], (result, target), [claim])


def _is_limited(case: Case, match: re.Match[str]) -> bool:
    """Whether the sentence takes something out (除…外), or only hopes."""
    sentence = case.sentence(match.start())
    before, after = case.text[sentence.start : match.start()], case.text[match.end() : sentence.end]
    return bool(NEGATED.search(before[-30:]) or re.search(r"除|但|未|仅|其中|率|基本", after[:30] + match[0]))


RULES = (claimed_success, all_met)
