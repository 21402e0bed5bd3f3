"""Generated forms whose numbers agree, and prose that tells what their tables say: what contradictions are planted into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from benchmarks.generated.forms import Form, Row

BOUND = re.compile(r"^(?:≥|≤|不低于|不超过|约)")
VALUE = re.compile(r"([\d,.]+)([^\d；，、]*)")  # one number and its unit
DECLARED = "未完成年度指标值的，按完成比例计分；完成的得满分。"
ALL_MET = "年初确定的各项绩效指标均已完成。"
SOME_MISSED = "大部分任务按计划推进，少数任务进度偏慢，资金使用规范。"
LEVEL_POINTS = re.compile(r"（\d+分）")
N_TOLD = 3  # rows that the prose tells, too
CENT = Decimal("0.01")


def consistent(form: Form) -> Form:
    """The form with points in proportion to what was reached, the same rates in all columns, and prose that agrees."""
    rows = tuple(replace(_consistent(row), level1=_level1(form, row.level1)) for row in form.rows)
    goals = (form.goals[0], ALL_MET if _all_met(rows) else SOME_MISSED)
    agreed = replace(form, rows=rows, goals=goals)
    return replace(agreed, prose=tuple(_prose(agreed)))


def _level1(form: Form, name: str) -> str:
    """A level's name; points in it are those of its rows."""
    weight = sum((Decimal(row.weight) for row in form.rows if row.level1 == name), Decimal(0))
    bare = LEVEL_POINTS.sub("", name)
    return bare if bare == name else f"{bare}（{points(weight)}分）"


def _all_met(rows: Iterable[Row]) -> bool:
    return all(row.score == row.weight for row in rows)


def _consistent(row: Row) -> Row:
    if row.reached is None:
        return replace(row, completion="" if row.score == row.weight else "0%")
    rate = f"{row.reached:.1%}"
    if row.score == row.weight:
        return replace(row, completion=rate)
    score = (Decimal(row.weight) * Decimal(row.reached)).quantize(CENT, ROUND_HALF_UP)
    if is_single(row) and score < Decimal(row.weight):
        return replace(row, score=points(score), completion=rate)
    return replace(row, achieved=BOUND.sub("", row.target), score=row.weight, reached=1.0, reason=None, completion="100%")


def points(value: Decimal) -> str:
    """Points as tables print them, without needless zeros."""
    return f"{value.normalize():f}"


def is_single(row: Row) -> bool:
    """Whether target and result are one number each."""
    return all(VALUE.fullmatch(BOUND.sub("", words)) for words in (row.target, row.achieved))


def is_plain(row: Row) -> bool:
    """Whether target and result are one number each in the same unit, which stands beside them."""
    if not is_single(row) or row.reached is None:
        return False
    units = {VALUE.fullmatch(BOUND.sub("", words))[2] for words in (row.target, row.achieved)}  # type: ignore[index]
    return len(units) == 1 and "" not in units


def total_score(form: Form) -> Decimal:
    """The points of all rows and of the rate of what was spent."""
    spent = Decimal(form.funds[0][-1]) if "funds" in form.style else Decimal(0)
    return sum((Decimal(row.score) for row in form.rows), spent)


def _prose(form: Form) -> Iterator[str]:
    """Paragraphs: the total, now and then how points are given and that all was met, and what some rows say."""
    random = Random(form.seed + 2_000_000)
    yield f"按照绩效管理要求开展了自评，{{I1|自评得分}}{{A1|{points(total_score(form))}分}}。"
    if random.random() < 0.5:
        yield DECLARED
    if _all_met(form.rows):
        yield ALL_MET
    told = [row for row in form.rows if is_plain(row) and not row.relation]
    for number, row in enumerate(random.sample(told, min(N_TOLD, len(told))), start=2):
        values = f"{{I{number}|{row.indicator}}}年初目标为{{T{number}|{row.target}}}，实际达到{{A{number}|{row.achieved}}}"
        yield f"{values}{'' if row.score == row.weight else '，主要是前期准备时间较长'}。"
