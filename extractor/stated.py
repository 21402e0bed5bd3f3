"""What a result says of a record or of the whole report, beyond its single mentions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from extractor.types import Problem, Quantity, QuantityKind, Record, Result

FOUR_PLACES = Decimal("0.0001")
# What stands right before a percentage that says how much of a plan was reached: 完成率达 71.4%, 完成年度任务的88.2%.
COMPLETION_CUE = re.compile(r"(?:完成率[^\d，。；\n]{0,6}|(?:完成|占)[^，。；\n]{0,20}的)$")
CUE_LENGTH = 40


def indicator_text(result: Result, record: Record) -> str | None:
    """The indicator's fullest name; None where the report gives none."""
    return record.name or max((result.text_of(mention) for mention in record.indicators), key=len, default=None)


def distinct(result: Result, mentions: Iterable[int]) -> list[Quantity]:
    """The quantities of these mentions, each number and unit once, in the order given."""
    quantities = (result.quantities[mention] for mention in mentions)
    return list({(quantity.value, quantity.unit): quantity for quantity in quantities if quantity is not None}.values())


def stated_completion(result: Result, record: Record) -> int | None:
    """The position of the achieved mention that is a completion rate; None where the record states none.

    The result is in text order. A rate is taken for one when the record counts something else besides (not only a rise
    in percentage points), or when the words before it say so.
    """
    quantities = result.quantities
    others = [quantities[mention] for mention in (*record.targets, *record.achieved)]
    counted = any(quantity is not None and quantity.unit != "%" and quantity.kind is QuantityKind.LEVEL for quantity in others)
    for mention in record.achieved:
        quantity = quantities[mention]
        is_rate = quantity is not None and quantity.unit == "%" and quantity.kind is QuantityKind.SHARE
        if is_rate and not isinstance(_value(quantity), tuple) and (counted or _has_cue(result, mention)):
            return mention
    return None


def completion(result: Result, record: Record) -> tuple[Decimal | None, Decimal | None]:
    """(stated, computed) completion as ratios, 1 = the target exactly; None where the report or the numbers give none.

    Computed is achieved / target, half up to 4 places, where each is one single number, the units agree and the target
    is not 0. A difference to the target (比计划少2部) is no result of its own.
    """
    stated = stated_completion(result, record)
    said = None if stated is None else _value(result.quantities[stated])
    targets = distinct(result, record.targets)
    achieved = distinct(result, (mention for mention in record.achieved if mention != stated))
    if targets and all(target.kind is not QuantityKind.CHANGE for target in targets):
        achieved = [quantity for quantity in achieved if quantity.kind is not QuantityKind.CHANGE]
    return (
        said / 100 if isinstance(said, Decimal) else None,
        _ratio(achieved[0], targets[0]) if len(achieved) == len(targets) == 1 else None,
    )


def form_fact(result: Result, *names: str) -> str | None:
    """What the form at the head of a report says under the first of these names that it has; None where it has none."""
    said = {fact.name: result.document.text[fact.span.start : fact.span.end] for fact in reversed(result.facts)}
    return next((said[name] for name in names if name in said), None)


def all_problems(result: Result) -> tuple[Problem, ...]:
    """What the reader and the later steps could not understand, each once."""
    return tuple(dict.fromkeys((*result.document.problems, *result.problems)))


def _has_cue(result: Result, mention: int) -> bool:
    start = result.mentions[mention].span.start
    position = bisect_left(result.mentions, start, key=lambda other: other.span.start)
    before = result.mentions[position - 1].span.end if position else 0
    return COMPLETION_CUE.search(result.document.text[max(before, start - CUE_LENGTH) : start]) is not None


def _value(quantity: Quantity | None) -> Decimal | tuple[Decimal, Decimal] | None:
    return None if quantity is None else quantity.value


def _ratio(achieved: Quantity, target: Quantity) -> Decimal | None:
    if achieved.unit != target.unit or isinstance(achieved.value, tuple) or isinstance(target.value, tuple) or not target.value:
        return None
    return (achieved.value / target.value).quantize(FOUR_PLACES, ROUND_HALF_UP)
