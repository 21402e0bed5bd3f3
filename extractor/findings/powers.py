"""Slips by a power of ten: 万元 for 亿元, 元 for 万元. One is proposed when it makes the arithmetic agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from extractor.findings.case import Case
from extractor.findings.interval import Interval
from extractor.quantity import render
from extractor.types import Quantity, QuantityKind

POWERS = (4, -4, 8, -8, 3, -3, 1, -1, 2, -2)  # by how often they are met: 万, 亿, 千, a digit too many
PLAIN_KINDS = (QuantityKind.LEVEL, QuantityKind.SCORE)


@dataclass(frozen=True, slots=True)
class Slip:
    """Read with ``power`` more zeros, this mention makes the numbers agree."""

    mention: int
    power: int
    reading: str

    def proposal(self, case: Case) -> str:
        return f"“{case.words(self.mention)}”按 {self.reading} 计算则相符，疑为单位或小数点错误"


def slip(case: Case, mentions: Iterable[int], agrees: Callable[[dict[int, Interval]], bool]) -> Slip | None:
    """The first slip of one mention that makes ``agrees`` true of the intervals of all; None where none does or several do.

    Two mentions whose slips would do equally well (a ratio's two sides) are both right guesses: the one whose reading is
    nearer to the others' size cannot be told, so the later one, which states the result, is taken.
    """
    known = list(dict.fromkeys(mentions))
    plain = {mention: case.interval(mention) for mention in known}
    for power in POWERS:
        for mention in reversed(known):
            quantity = case.quantity(mention)
            if quantity is None or quantity.kind not in PLAIN_KINDS:
                continue
            if agrees({**plain, mention: plain[mention].scaled(power)}):
                return Slip(mention, power, _reading(quantity, power))
    return None


def _reading(quantity: Quantity, power: int) -> str:
    """The quantity with more zeros, in words."""

    def moved(value: Decimal) -> Decimal:
        return value.scaleb(power)

    value = quantity.value
    return render(replace(quantity, value=moved(value) if isinstance(value, Decimal) else (moved(value[0]), moved(value[1]))))
