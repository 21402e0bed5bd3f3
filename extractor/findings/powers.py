"""Slips that explain a contradiction: a power of ten (万元 for 亿元, 元 for 万元), or one wrong digit.

One is proposed when it makes the arithmetic agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from extractor import quantity as grammar
from extractor.findings.case import Case
from extractor.findings.interval import Interval
from extractor.quantity import QuantityError, render
from extractor.types import Quantity, QuantityKind

POWERS = (4, -4, 8, -8, 3, -3, 1, -1, 2, -2)  # by how often they are met: 万, 亿, 千, a digit too many
PLAIN_KINDS = (QuantityKind.LEVEL, QuantityKind.SCORE)
DIGIT = re.compile(r"\d")
DOUBLED = re.compile(r"(\d)\1")
INSIDE = re.compile(r"[\d.,]\s?$")
LEAST_DIGITS = 3
Agrees = Callable[[dict[int, Interval]], bool]


@dataclass(frozen=True, slots=True)
class Slip:
    """Read as ``reading``, this mention makes the numbers agree."""

    mention: int
    reading: str
    is_power: bool = True

    def proposal(self, case: Case) -> str:
        cause = "疑为单位或小数点错误" if self.is_power else "疑有一位数字写错或多写"
        return f"“{case.words(self.mention)}”按 {self.reading} 计算则相符，{cause}"


def mistake(case: Case, mentions: Iterable[int], agrees: Agrees) -> Slip | None:
    """A power of ten, or else one digit, that makes the numbers agree."""
    known = tuple(mentions)
    return slip(case, known, agrees) or misprint(case, known, agrees)


def slip(case: Case, mentions: Iterable[int], agrees: Agrees) -> Slip | None:
    """The first power of ten of one mention that makes ``agrees`` true of the intervals of all; None where none does.

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
                return Slip(mention, _reading(quantity, power))
    return None


def misprint(case: Case, mentions: Iterable[int], agrees: Agrees) -> Slip | None:
    """The first mention that makes ``agrees`` true with one digit changed; None where none does."""
    return _first(case, mentions, agrees, _misprints)


def doubled(case: Case, mentions: Iterable[int], agrees: Agrees) -> Slip | None:
    """The first mention that makes ``agrees`` true with one of two equal digits only; so few numbers are tried that it is
    hardly chance, however roughly they are printed.
    """
    return _first(case, mentions, agrees, _undoubled)


def _first(case: Case, mentions: Iterable[int], agrees: Agrees, others: Callable[[str], Iterable[str]]) -> Slip | None:
    known = list(dict.fromkeys(mentions))
    plain = {mention: case.interval(mention) for mention in known}
    for mention in known:
        for words in others(case.words(mention)):
            read = _parsed(words)
            if read is not None and agrees({**plain, mention: case.meant_by(mention, read)}):
                return Slip(mention, words, is_power=False)
    return None


def _misprints(words: str) -> Iterator[str]:
    """The words with one of two equal digits only, or with another digit.

    Of a number of one or two digits too many others are a misprint away.
    """
    yield from _undoubled(words)
    places = list(DIGIT.finditer(words))
    for place in places if len(places) >= LEAST_DIGITS else ():
        is_first = not INSIDE.search(words[: place.start()])
        digits = set("123456789" if is_first else "0123456789") - {place[0]}
        yield from (words[: place.start()] + digit + words[place.end() :] for digit in sorted(digits))


def _undoubled(words: str) -> Iterator[str]:
    """The words without one of two equal digits that stand side by side: 998% → 98%."""
    for place in DOUBLED.finditer(words):
        yield words[: place.start()] + words[place.start() + 1 :]


def _parsed(words: str) -> Quantity | None:
    try:
        return grammar.parse(words)
    except QuantityError:
        return None


def _reading(quantity: Quantity, power: int) -> str:
    """The quantity with more zeros, in words."""

    def moved(value: Decimal) -> Decimal:
        return value.scaleb(power)

    value = quantity.value
    return render(replace(quantity, value=moved(value) if isinstance(value, Decimal) else (moved(value[0]), moved(value[1]))))
