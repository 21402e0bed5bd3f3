"""A report's money: its sums in order, and how much of the budget was spent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from extractor.findings import Case
from extractor.findings.terms import MONEY_RATES
from extractor.stated import distinct
from extractor.types import RecordKind

YUAN = "元"
ROLES = ("budget", "allocated", "paid", "carried-over")
MOST_BARS = 8
SPENDING_RATES = tuple(name for name in MONEY_RATES if name[:2] in ("执行", "支出", "支付"))
MOST_EXECUTED = Decimal(2)  # 200 %: what is more comes from sums that do not belong together


@dataclass(frozen=True, slots=True)
class Sum:
    """One amount of a fund record: positions of the record and the mention, and the amount in yuan."""

    record: int
    mention: int
    yuan: Decimal
    role: str | None
    is_part: bool


@dataclass(frozen=True, slots=True)
class Execution:
    """The share of the budget that was spent, 1 = all of it: as the report states it, and as its sums give it.

    At least one of the two is known. ``mention`` is where it is stated, ``words`` what was divided.
    """

    stated: Decimal | None = None
    mention: int | None = None
    computed: Decimal | None = None
    words: str = ""

    @property
    def rate(self) -> Decimal:
        """The stated one where there is one."""
        return self.stated if self.stated is not None else self.computed or Decimal(0)


def sums(case: Case) -> Iterator[Sum]:
    """The single amounts of this year's money, in text order; the same amount in the same role comes once."""
    seen = set()
    for position, record in enumerate(case.records):
        if record.kind is not RecordKind.FUND or case.is_later(record):
            continue
        amounts = [one for one in distinct(case.result, record.amounts) if one.unit == YUAN and isinstance(one.value, Decimal)]
        if len(amounts) != 1 or amounts[0].low <= 0 or (record.role, amounts[0].low) in seen:
            continue
        seen.add((record.role, amounts[0].low))
        mention = next(one for one in record.amounts if case.quantity(one) == amounts[0])
        yield Sum(position, mention, amounts[0].low, record.role, record.parent is not None)


def chart(found: list[Sum]) -> list[Sum]:
    """The sums that a small chart shows: by role, wholes before parts, the largest first."""
    known = [one for one in found if one.role in ROLES]
    wholes = [one for one in known if not one.is_part][:MOST_BARS]
    parts = sorted((one for one in known if one.is_part), key=lambda one: -one.yuan)[: MOST_BARS - len(wholes)]
    return sorted([*wholes, *parts], key=lambda one: (ROLES.index(one.role or ""), one.is_part, -one.yuan))


def execution(case: Case, found: list[Sum]) -> Execution | None:
    """The rate that the report states, and spent / budget where each is one sum; None where neither is known."""
    stated, mention = _stated(case) or (None, None)
    computed, words = _computed(found) or (None, "")
    return None if stated is None and computed is None else Execution(stated, mention, computed, words)


def _stated(case: Case) -> tuple[Decimal, int] | None:
    for record in case.records:
        if record.kind is RecordKind.PERFORMANCE and (record.name or "").endswith(SPENDING_RATES) and not case.is_later(record):
            for mention in record.achieved:
                quantity = case.quantity(mention)
                if quantity is not None and case.is_share(mention) and isinstance(quantity.value, Decimal):
                    return quantity.value / 100, mention
    return None


def _computed(found: list[Sum]) -> tuple[Decimal, str] | None:
    wholes = {role: [one.yuan for one in found if one.role == role and not one.is_part] for role in ROLES}
    paid = wholes["paid"]
    for role, words in (("budget", "支出 ÷ 预算"), ("allocated", "支出 ÷ 下达")):
        # Of more than the budget there must have been a supplement, which the allocated sum contains.
        if len(paid) == len(wholes[role]) == 1 and (paid[0] <= wholes[role][0] or role == "allocated" or not wholes["allocated"]):
            rate = paid[0] / wholes[role][0]
            return (rate, words) if rate <= MOST_EXECUTED else None
    return None
