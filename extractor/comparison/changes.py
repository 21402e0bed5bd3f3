"""What became of a number from one year to the next, in words and as a number."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from extractor.comparison.matching import Pair
from extractor.quantity import render
from extractor.types import Quantity

FOUR_PLACES = Decimal("0.0001")
POINTS = {"%": "百分点"}  # the unit of a difference, where it is not that of the numbers


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two numbers in their base unit (of rates in percentage points), and as a share of the first.

    ``ratio`` is None where the first is 0, or a rate.
    """

    difference: Decimal
    ratio: Decimal | None
    unit: str

    def words(self, up: str, down: str) -> str:
        """The change in words; ``up`` and ``down`` are the verbs."""
        if not self.difference:
            return "不变"
        size = render(Quantity(abs(self.difference), self.unit))
        share = "" if self.ratio is None else f"（{self.ratio * 100:+.2f}%）"
        return f"{up if self.difference > 0 else down}{size}{share}"


def change(before: Quantity | None, after: Quantity | None) -> Change | None:
    """None where one is missing, is a range, or they count different things."""
    if before is None or after is None or before.unit != after.unit or before.kind is not after.kind:
        return None
    if isinstance(before.value, tuple) or isinstance(after.value, tuple):
        return None
    difference = after.value - before.value
    is_rate = before.unit == "%"
    ratio = None if is_rate or not before.value else (difference / abs(before.value)).quantize(FOUR_PLACES)
    return Change(difference, ratio, POINTS.get(before.unit, before.unit))


def target_words(pair: Pair) -> str | None:
    """Whether the target was raised or lowered, and whether that makes it harder to reach."""
    if pair.before is None or pair.after is None or not (pair.before.cells["目标值"] and pair.after.cells["目标值"]):
        return None
    found = change(pair.before.target, pair.after.target)
    if found is None:
        return _why(pair.before.target, pair.after.target)
    words = found.words("提高", "降低")
    if not found.difference:
        return words
    is_easier = (found.difference > 0) == pair.after.is_ceiling
    return f"{words}，要求{'放宽' if is_easier else '从严'}"


def value_words(pair: Pair, title: str, up: str, down: str) -> str | None:
    """What became of the results (``title`` 实现值) or the money (资金金额)."""
    if pair.before is None or pair.after is None or not (pair.before.cells[title] and pair.after.cells[title]):
        return None
    before, after = (pair.before.achieved, pair.after.achieved) if title == "实现值" else (pair.before.amount, pair.after.amount)
    found = change(before, after)
    return _why(before, after) if found is None else found.words(up, down)


def _why(before: Quantity | None, after: Quantity | None) -> str:
    if before is None or after is None:
        return "无法比较：不是单一数值"
    if before.unit != after.unit:
        return f"无法比较：单位不同（{before.unit or '无'}、{after.unit or '无'}）"
    return "无法比较：一处是增减，一处是水平" if before.kind is not after.kind else "无法比较：有区间"


def remarks(pair: Pair) -> tuple[str, ...]:
    """What an auditor should ask about the pair."""
    if pair.before is None or pair.after is None:
        return ()
    before, after = pair.before, pair.after
    asked = []
    moved = change(before.target, after.target)
    is_ceiling = after.is_ceiling
    reached = change(before.achieved, after.target)
    # Rates are planned with a margin every year: 95% after 97% is no lower goal.
    if reached is not None and reached.unit not in POINTS.values() and _is_worse(reached, is_ceiling):
        asked.append("本期目标宽于前期实绩" if is_ceiling else "本期目标低于前期实绩")
    if moved is not None and _is_worse(moved, is_ceiling):
        missed = change(before.target, before.achieved)
        asked.append("前期未完成，本期目标下调" if missed is not None and _is_worse(missed, is_ceiling) else "目标放宽")
    return tuple(asked)


def _is_worse(change: Change, is_ceiling: bool) -> bool:
    return change.difference > 0 if is_ceiling else change.difference < 0
