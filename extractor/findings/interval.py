"""What a printed number may stand for: exact intervals, and arithmetic that never rounds inwards.

``70%`` stands for everything that is written so: 0.6957 rounded, 0.704 rounded or 0.7099 cut off. A rule holds when the
interval that the report states and the one that follows from its other numbers meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from extractor.quantity import LOOKALIKES, MEASURES
from extractor.types import Quantity, QuantityKind, Relation

DOWN, UP = Context(prec=60, rounding=ROUND_FLOOR), Context(prec=60, rounding=ROUND_CEILING)
HUNDRED = Decimal(100)
HALF, ONE = Decimal("0.5"), Decimal(1)
LOOSE = Decimal("0.1")  # how far off 约, 近, 超, 余 may be where the digits tell less
NUMBER = re.compile(r"[0-9]+(?:\.([0-9]+))?")
OPEN_ABOVE, OPEN_BELOW = (Relation.AT_LEAST, Relation.MORE), (Relation.AT_MOST, Relation.LESS)


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from ``low`` to ``high``, both included."""

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"empty interval [{self.low}, {self.high}]")

    def meets(self, other: Interval) -> bool:
        return self.low <= other.high and other.low <= self.high

    def below(self, other: Interval) -> bool:
        """Whether every number here is less than every number there."""
        return self.high < other.low

    def widened(self, relative: Decimal) -> Interval:
        """Wider by this share of the larger bound on both sides."""
        margin = UP.multiply(max(abs(self.low), abs(self.high)), relative)
        return Interval(DOWN.subtract(self.low, margin), UP.add(self.high, margin))

    def scaled(self, power: int) -> Interval:
        """Times ten to this power."""
        return Interval(self.low.scaleb(power), self.high.scaleb(power))

    def __add__(self, other: Interval) -> Interval:
        return Interval(DOWN.add(self.low, other.low), UP.add(self.high, other.high))

    def __sub__(self, other: Interval) -> Interval:
        return Interval(DOWN.subtract(self.low, other.high), UP.subtract(self.high, other.low))

    def __mul__(self, other: Interval) -> Interval:
        corners = [(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(DOWN.multiply(a, b) for a, b in corners), max(UP.multiply(a, b) for a, b in corners))

    def __truediv__(self, other: Interval) -> Interval:
        """The quotient. Raises ZeroDivisionError where the divisor may be 0."""
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError(f"division by [{other.low}, {other.high}]")
        corners = [(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(DOWN.divide(a, b) for a, b in corners), max(UP.divide(a, b) for a, b in corners))


def point(value: Decimal) -> Interval:
    return Interval(value, value)


def total(parts: Iterable[Interval]) -> Interval:
    """The sum; 0 of none."""
    found = point(Decimal(0))
    for part in parts:
        found += part
    return found


def ratio(part: Interval, whole: Interval) -> Interval | None:
    """The quotient as a percentage; None where the whole may be 0."""
    if whole.low <= 0 <= whole.high:
        return None
    return part / whole * point(Decimal(100))


def printed(quantity: Quantity) -> Interval:
    """What the words may stand for. A rate may have been cut off instead of rounded, too."""
    low, high = quantity.low, quantity.high
    step = last_place(quantity)
    if quantity.relation in (Relation.EQUAL, Relation.RANGE):
        below = DOWN.multiply(step, HALF)
        is_rate = quantity.unit in ("%", "‰", "百分点")
        above = below if not is_rate or quantity.relation is Relation.RANGE else step
        # A fall is printed without its sign: what was cut off lies further from 0.
        return Interval(low - above, high + below) if high < 0 else Interval(low - below, high + above)
    slack = max(rough_place(quantity), UP.multiply(abs(low), LOOSE))
    if quantity.relation in OPEN_ABOVE:
        return Interval(low, high + slack)
    if quantity.relation in OPEN_BELOW:
        return Interval(low - slack, high)
    return Interval(low - slack, high + slack)


def planned(quantity: Quantity) -> Interval:
    """What a target stands for: exactly the number that was set, with a bound (不低于) the bound itself."""
    if quantity.relation is Relation.ABOUT:
        return printed(quantity)
    return Interval(quantity.low, quantity.high)


def last_place(quantity: Quantity) -> Decimal:
    """What one more in the last printed digit is worth, in the base unit; 0 where the number is exact by its nature.

    Whole things that are counted are exact (18 个), and so is money to the yuan; 18 公里 and 18 万个 are not.
    """
    found = _number(quantity.text)
    if found is None:
        return ONE if quantity.kind is QuantityKind.SHARE else Decimal(0)
    number, decimals = found
    factor = _power_of_ten(max(abs(quantity.low), abs(quantity.high)), number)
    counted = quantity.unit not in MEASURES and quantity.kind in (QuantityKind.LEVEL, QuantityKind.CHANGE)
    if counted and quantity.unit not in ("%", "百分点") and not decimals and factor == 1:
        return Decimal(0)
    return factor.scaleb(-decimals)


def rough_place(quantity: Quantity) -> Decimal:
    """What one more in the last digit that is not 0 is worth: 100 for 约 300, 10 for 30 余."""
    value = max(abs(quantity.low), abs(quantity.high)).normalize(UP)
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(exponent) if value and isinstance(exponent, int) else Decimal(0)


def _number(words: str) -> tuple[Decimal, int] | None:
    """The last number as it is printed, without its scale, and how many decimals it shows."""
    plain = unicodedata.normalize("NFKC", words).translate({ord(look): digit for look, digit in LOOKALIKES.items()})
    matches = list(NUMBER.finditer(re.sub(r"(?<=\d)[\s,]+(?=\d{3})", "", plain)))
    if not matches:
        return None
    return Decimal(matches[-1][0]), len(matches[-1][1] or "")


def _power_of_ten(value: Decimal, number: Decimal) -> Decimal:
    """What the printed number is multiplied by to give the value; 1 where that is no power of ten."""
    if not number or not value:
        return ONE
    quotient = UP.divide(value, number)
    factor = ONE.scaleb(quotient.adjusted())
    return factor if quotient == factor else ONE
