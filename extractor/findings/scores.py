"""Scores of single rows of an indicator table against weights and results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extractor.findings.case import Case
from extractor.findings.goals import missed, says_something
from extractor.findings.interval import HALF, HUNDRED, Interval, point, ratio
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.terms import TOTAL_SCORES
from extractor.findings.words import TWO_PLACES, middle
from extractor.types import Origin, Record, Severity

NUMBER = re.compile(r"\s*(\d+(?:\.(\d+))?)\s*[分%]?\s*")
NOT_DONE = re.compile(
    r"(?:暂|尚)?[未没]有?(?:开展|实施|启动|完成|执行|进行|建设|实现|达标|达成|达到|开工|采购)(?:工作|任务|目标)?"
)
NONE = ("无", "没有", "零")
TWENTIETH = Decimal("0.05")
LEAST_EVIDENCE = 2  # rows of missed targets scored by proportion from which that is the report's own rule
PROPORTIONAL = re.compile(
    r"(?:按|依)(?:照)?(?:完成)?比例|[实现完成]{2}值\s*[/÷／]\s*[^，。；\n]{0,12}(?:值|目标)|完成率\s*[×*xX]\s*(?:分值|权重|指标权重)"
)


def points(text: str | None) -> Interval | None:
    """What a cell of points stands for; None where it is empty or no number."""
    match = NUMBER.fullmatch(text or "")
    if match is None:
        return None
    value, half = Decimal(match[1]), Decimal(5).scaleb(-len(match[2] or "") - 1)
    return Interval(value - half, value + half) if match[2] else point(value)


def rounded(text: str | None, *, whole: bool = False) -> Interval | None:
    """What computed points stand for: rounded to a tenth even where no decimal shows, or to whole points."""
    found, slack = points(text), HALF if whole else TWENTIETH
    return found + Interval(-slack, slack) if found is not None else None


def rows_of(case: Case) -> list[int]:
    """The rows of indicator tables that are no totals."""
    return [
        position
        for position, record in enumerate(case.records)
        if record.origin is Origin.TABLE and not (record.name or "").endswith(TOTAL_SCORES)
    ]


@rule("score-over-weight", Severity.ERROR, "得分超过分值", "一个指标的得分不能超过它的分值（权重）。")
def score_over_weight(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position in rows_of(case):
        record = case.records[position]
        weight, score = points(record.weight), points(record.score)
        if weight is not None and score is not None:
            over = weight.widened(tolerance).below(score)
            message = f"{case.name(position)}：得分 {record.score} 超过分值 {record.weight}"
            yield fails(message, [position], record.mentions) if over else HOLDS


@rule("full-score-missed", Severity.ERROR, "未完成而得满分", "没有实现值、实现值为零或低于目标值的指标不应得满分。")
def full_score_missed(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position in rows_of(case):
        record = case.records[position]
        weight, score = points(record.weight), points(record.score)
        if weight is None or score is None or weight.high <= 0 or score.below(weight):
            continue
        fault = _fault(case, record)
        if fault is None:
            yield HOLDS if record.targets and record.achieved else UNKNOWN
        else:
            yield fails(f"{case.name(position)}：{fault}，却得满分 {record.score}", [position], record.mentions)


def _fault(case: Case, record: Record) -> str | None:
    """What a full score does not fit; None where nothing speaks against it, or nobody can tell."""
    if not record.achieved:
        words = "、".join(case.words(mention) for mention in record.targets)
        if record.targets:
            return f"目标值 {words} 没有实现值"
        # A row that tells how it is scored (评分标准) needs no values.
        return (
            "没有目标值和实现值"
            if not record.extras and not says_something(record.reason) and _states_results(case, record)
            else None
        )
    targets, results = case.distinct(case.levels(record.targets)), case.results(record)
    wants_some = len(targets) == 1 and case.interval(targets[0]).low > 0 and not case.may_be_ceiling(record)
    for words in map(case.words, record.achieved):
        if NOT_DONE.fullmatch(words) or (wants_some and words in NONE):
            return f"实现值写的是“{words}”"
    if len(targets) != 1 or len(results) != 1 or case.unit(targets[0]) not in (case.unit(results[0]), ""):
        return None
    if missed(case, record, results[0], targets[0]):
        return f"实现值 {case.words(results[0])} 未达到目标值 {case.words(targets[0])}"
    return None


def _states_results(case: Case, row: Record) -> bool:
    """Whether other rows of the table state results, so that a row without any has left them out."""
    return any(
        other.achieved for other in case.records if other.row and row.row and other.row[0] == row.row[0] and other is not row
    )


@rule(
    "score-by-proportion",
    Severity.WARNING,
    "得分与完成情况不符",
    "未完成的指标按比例计分的（报告写明，或其他未完成的指标都如此），得分应等于分值乘以完成率。",
)
def score_by_proportion(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    rows = rows_of(case)
    whole = not any("." in (case.records[position].score or "") for position in rows)
    found = ((position, _expected_and_given(case, position, whole=whole)) for position in rows)
    compared = [(position, *both) for position, both in found if both is not None]
    as_expected = [given.widened(tolerance).meets(expected) for _, expected, given in compared]
    is_rule = PROPORTIONAL.search(case.text) is not None or sum(as_expected) >= max(LEAST_EVIDENCE, len(as_expected) - 1)
    for (position, expected, _), holds in zip(compared, as_expected, strict=True):
        if holds:
            yield HOLDS
        elif is_rule:
            due, score = middle(expected).quantize(TWO_PLACES), case.records[position].score
            message = f"{case.name(position)}：按完成比例应得 {due} 分，实得 {score} 分"
            yield fails(message, [position], case.records[position].mentions)
        else:
            yield UNKNOWN


def _expected_and_given(case: Case, position: int, *, whole: bool) -> tuple[Interval, Interval] | None:
    record = case.records[position]
    expected, given = _expected(case, record), rounded(record.score, whole=whole)
    weight = points(record.weight)
    if given is None or weight is None or not given.below(weight):
        return None  # full points are another rule's
    return (expected, given) if expected is not None else None


def _expected(case: Case, record: Record) -> Interval | None:
    """The weight's share that the result is of its target; None for results that reach it, or that cannot be compared."""
    weight = points(record.weight)
    targets, results = case.distinct(case.levels(record.targets)), case.results(record)
    if weight is None or len(targets) != 1 or len(results) != 1 or case.unit(targets[0]) != case.unit(results[0]):
        return None
    if case.may_be_ceiling(record) or not missed(case, record, results[0], targets[0]):
        return None
    share = ratio(case.interval(results[0]), case.interval(targets[0]))
    return weight * share / point(HUNDRED) if share is not None else None


RULES = (score_over_weight, full_score_missed, score_by_proportion)
