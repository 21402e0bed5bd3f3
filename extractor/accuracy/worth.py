"""Whether a value is worth the same: borders and spellings may differ where the number does not."""

from __future__ import annotations

from extractor import quantity
from extractor.building import Answer
from extractor.metrics import Scores
from extractor.quantity import QuantityError
from extractor.types import GoldMention, Mention, Quantity


def worth_scores(answer: Answer) -> Scores:
    """A value is right when a found one of its label touches it and both are the same number in the same unit.

    Number, unit, relation and kind are compared after normalisation: 约2 万元 equals 约20000元, but not 2万元.
    """
    text = answer.example.text
    gold = [one for one in answer.example.mentions if one.label.is_value]
    rest = [one for one in answer.mentions if one.label.is_value]
    n_found, right = len(rest), 0
    for one in gold:
        equal = next((other for other in rest if _same(text, one, other)), None)
        if equal:
            rest.remove(equal)
            right += 1
    return Scores(right, n_found - right, len(gold) - right)


def _same(text: str, gold: GoldMention, found: Mention) -> bool:
    return gold.label is found.label and gold.span.overlaps(found.span) and _worth(text, gold) == _worth(text, found)


def _worth(text: str, mention: GoldMention | Mention) -> Quantity | str:
    """The number of a value; its words where they cannot be read as one."""
    words = text[mention.span.start : mention.span.end]
    try:
        return quantity.parse(words)
    except QuantityError:
        return words
