"""What a generated table says, free of how it is laid out: rows with values, points and reasons, and the blocks above."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from random import Random

from benchmarks.generated.vocabulary import (
    COST,
    EMPTY_REASONS,
    FIELDS,
    GOALS,
    LEVEL1,
    PLACES,
    QUALITATIVE,
    REASONS,
    SYNONYMS,
    Field,
)

COLUMNS = ("level1", "level2", "indicator", "target", "achieved", "weight", "score", "reason")
POINTS = ((50, 40, 10), (60, 30, 10), (40, 40, 20), (50, 30, 20))  # of the first levels, without a funding block
POINTS_WITH_FUNDS = (50, 30, 10)  # beside 10 for the rate of what was spent


@dataclass(frozen=True)
class Row:
    """One indicator, each column as the table writes it; None where it writes nothing."""

    level1: str
    level2: str
    indicator: str
    target: str
    achieved: str
    weight: str
    score: str
    reason: str | None
    unit: str = ""
    relation: str = ""
    reached: float | None = None  # of its target, less than 1 where it is missed; None where it is told in words
    completion: str = ""  # what a column of completion rates says; where empty, a rough rate by the score

    def gold(self) -> dict[str, str | None]:
        return {name: value for name, value in asdict(self).items() if name in COLUMNS}


@dataclass(frozen=True)
class Form:
    """``style`` names what is special about the form: which blocks and columns it has and how values are written."""

    seed: int
    year: int
    project: str
    body: str
    department: str
    rows: tuple[Row, ...]
    funds: tuple[tuple[str, ...], ...]  # name, first budget, last budget, paid, points, rate, score
    goals: tuple[str, str]
    style: frozenset[str]
    prose: tuple[str, ...] = ("现将项目绩效自评情况填报如下。",)  # paragraphs above the table, marked as annotations are
    added: tuple[Row, ...] = ()  # the rows whose points the totals add up, where they are others than those shown

    def gold(self) -> list[dict[str, str | None]]:
        """The indicator rows by `COLUMNS`; columns that the style leaves out are None."""
        lost = {name for name, style in (("reason", "no reasons"), ("level2", "two levels")) if style in self.style}
        return [{name: None if name in lost else value for name, value in row.gold().items()} for row in self.rows]


STYLES = {  # what a form may be like → how often
    "funds": 0.5,
    "facts": 0.5,
    "goals": 0.4,
    "two levels": 0.1,
    "no reasons": 0.1,
    "number column": 0.25,
    "completion column": 0.2,
    "remark column": 0.2,
    "unit column": 0.12,
    "relation column": 0.1,
    "unit in name": 0.1,
    "value in name": 0.08,
    "points in level": 0.12,
    "level weight column": 0.1,
    "group head": 0.3,
    "side head": 0.2,
    "stacked heads": 0.2,
    "levels repeated": 0.2,
    "levels blank": 0.15,
    "page break": 0.35,
    "break without head": 0.3,
    "total": 0.5,
    "note": 0.3,
    "signature": 0.15,
    "title row": 0.3,
    "commas": 0.3,
    "half points": 0.2,
    "several values": 0.15,
    "blank rows": 0.15,
    "past column": 0.1,
    "strokes": 0.1,
    "torn row": 0.15,
    "subtotals": 0.12,
    "no head": 0.0,  # asked for only
}


def make_form(seed: int, also: Iterable[str] = ()) -> Form:
    """The form of a seed, always the same. also: styles that it has whatever the seed says."""
    random = Random(seed)
    style = frozenset(name for name, share in STYLES.items() if random.random() < share) | {*also}
    if "unit in name" in style or "relation column" in style:
        style -= {"value in name", "unit in name"} if "relation column" in style else {"value in name", "unit column"}
    field, place, year = random.choice(FIELDS), random.choice(PLACES), random.randint(2019, 2024)
    rows = _rows(random, field, year, style)
    first, second = rows[0].indicator, rows[-1].indicator
    goals = random.choice(GOALS)
    return Form(
        seed,
        year,
        random.choice(field.projects),
        f"{place}{field.body}",
        f"{place}{random.choice(['财政局', '人民政府', field.body])}",
        tuple(rows),
        _funds(random),
        (goals[0].format(first=first, second=second), goals[1].format(first=first, second=second)),
        style,
    )


def _rows(random: Random, field: Field, year: int, style: frozenset[str]) -> list[Row]:
    points = POINTS_WITH_FUNDS if "funds" in style else random.choice(POINTS)
    rows: list[Row] = []
    for (level1, seconds), group in zip(LEVEL1.items(), points, strict=True):
        drawn = [
            (level2, name)
            for level2 in seconds
            if level2 in field.indicators
            for name in _some(random, field.indicators[level2].split(" "))
        ]
        shares = _shares(random, group, len(drawn), half="half points" in style)
        shown = random.choice(SYNONYMS[level1]) + (f"（{group}分）" if "points in level" in style else "")
        seconds_shown = {level2: random.choice(SYNONYMS[level2]) for level2 in seconds}
        for (level2, name), weight in zip(drawn, shares, strict=True):
            rows.append(_row(random, (shown, seconds_shown[level2]), level2, name, weight, year, style))
    return rows


def _some(random: Random, names: list[str]) -> list[str]:
    """One to three of them, in their order."""
    kept = random.sample(range(len(names)), min(len(names), random.choice((1, 1, 2, 2, 3))))
    return [names[at] for at in sorted(kept)]


def _shares(random: Random, points: int, n: int, *, half: bool) -> list[str]:
    """Points that add up to the group's, as even as forms make them."""
    steps = 2 * points if half and n < points else points
    shares = [steps // n + (at < steps % n) for at in range(n)]
    if n > 1 and shares[0] > 2 and random.random() < 0.5:
        shares[0], shares[-1] = shares[0] - 1, shares[-1] + 1
    return [_plain(share / 2 if steps != points else share) for share in shares]


def _row(random: Random, levels: tuple[str, str], level2: str, entry: str, weight: str, year: int, style: frozenset[str]) -> Row:
    name, unit, span = (*entry.split(":"), "", "")[:3]
    row = Row(*levels, name, "", "", weight, weight, None)
    if not unit:
        row = _in_words(random, row, year)
    else:
        row = _in_numbers(random, row, unit, span, level2 == COST or ("下降" not in name and "上限" in name), style)
    if "strokes" in style and random.random() < 0.15:
        return replace(row, achieved="/", score="0", reason="未开展", reached=None)
    if row.score == row.weight:
        return replace(row, reason=random.choice(EMPTY_REASONS) or None)
    return replace(row, reason=random.choice(REASONS))


def _in_words(random: Random, row: Row, year: int) -> Row:
    kind = next(ending for ending in QUALITATIVE if row.indicator.endswith(ending))
    target, achieved = random.choice(QUALITATIVE[kind])
    return replace(row, target=target.format(year=year), achieved=achieved.format(year=year), relation="定性", unit="")


def _in_numbers(random: Random, row: Row, unit: str, span: str, at_most: bool, style: frozenset[str]) -> Row:
    low, high = map(float, span.split("-"))
    decimals = 1 if "." in span else 0
    target = round(random.uniform(low, high), decimals)
    better = random.random() < 0.8
    factor = 1 + random.uniform(0, 0.12) * (1 if better != at_most else -1)
    places = decimals if unit not in ("%", "‰") else random.choice((0, 1, 2))
    achieved = round(target * factor, places)
    if unit == "%":
        achieved = min(achieved, 100)
    row = replace(row, reached=(target / achieved if at_most and achieved else achieved / target))
    if not better and achieved != target:
        row = replace(row, score=_plain(round(float(row.weight) * random.uniform(0.6, 0.95), 1)))
    bound = (
        random.choice(("≤", "≤", "不超过"))
        if at_most
        else random.choice(("≥", "≥", "", "", "不低于", "约" if unit != "%" else ""))
    )
    commas = "commas" in style
    said, done = _number(target, decimals, commas), _number(achieved, places, commas)
    if "unit in name" in style and unit not in ("%", "‰"):
        return replace(row, indicator=f"{row.indicator}（{unit}）", target=bound + said, achieved=done)
    if "relation column" in style or "unit column" in style:
        parted = "relation column" in style
        shown = unit if "unit column" not in style else ""
        sign = {"不低于": "≥", "不超过": "≤", "约": "=", "": "="}.get(bound, bound)
        return replace(
            row, target=said + shown if parted else bound + said + shown, achieved=done + shown, unit=unit, relation=sign
        )
    if "value in name" in style and unit not in ("%", "‰") and random.random() < 0.5:
        return replace(
            row, indicator=f"{row.indicator}{said}{unit}", target=random.choice(("100%", said + unit)), achieved=done + unit
        )
    if "several values" in style and unit not in ("%", "‰") and random.random() < 0.4:
        parts = [
            f"{random.choice(('上半年', '一期', '城区'))}{said}{unit}",
            f"{random.choice(('下半年', '二期', '乡镇'))}{done}{unit}",
        ]
        mark = random.choice(("；", "，", "、"))
        return replace(row, target=mark.join(parts), achieved=mark.join(reversed(parts)))
    return replace(row, target=bound + said + unit, achieved=done + unit)


def _funds(random: Random) -> tuple[tuple[str, ...], ...]:
    parts = [random.randint(0, 40000) / 100 if random.random() < chance else 0.0 for chance in (1.0, 0.4, 0.3)]
    rate = random.uniform(0.85, 1)
    names = ("其中：财政拨款", "上年结转资金", "其他资金")
    paid = [round(part * rate, 2) for part in parts]
    total = _fund("年度资金总额", sum(parts), sum(paid), "10")
    return (total, *(_fund(name, part, spent, "—") for name, part, spent in zip(names, parts, paid, strict=True)))


def _fund(name: str, budget: float, paid: float, points: str) -> tuple[str, ...]:
    rate = paid / budget if budget else 0.0
    score = _plain(round(10 * rate, 1)) if points == "10" else "—"
    return name, _plain(round(budget, 2)), _plain(round(budget, 2)), _plain(round(paid, 2)), points, f"{rate:.1%}", score


def _number(value: float, decimals: int, commas: bool) -> str:
    return f"{value:,.{decimals}f}" if commas else f"{value:.{decimals}f}"


def _plain(value: float) -> str:
    return f"{value:g}" if value < 10**5 else f"{value:.2f}"
