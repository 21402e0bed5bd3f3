"""How computed numbers are shown in a message."""

from __future__ import annotations

from decimal import Decimal

from extractor.findings.interval import Interval
from extractor.quantity import render
from extractor.types import Quantity

TWO_PLACES = Decimal("0.01")


def middle(interval: Interval) -> Decimal:
    return (interval.low + interval.high) / 2


def percent_words(interval: Interval) -> str:
    """The middle of an interval of percentages, with at most two decimals."""
    rounded = middle(interval).quantize(TWO_PLACES)
    return f"{rounded.normalize():f}%" if rounded else "0%"


def amount_words(interval: Interval, unit: str) -> str:
    """The middle of an interval in its unit."""
    return render(Quantity(middle(interval), unit))
