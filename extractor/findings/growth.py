"""Growth against this year's and last year's value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extractor.findings.case import Case
from extractor.findings.interval import Interval, point, ratio
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.words import amount_words, percent_words
from extractor.types import RecordKind, Severity

BASE = re.compile(r"(?:由|从|上年|去年|上一年|前年|同期|(?P<year>(?:19|20)\d\d)年)[^，。；]{0,12}$")
OTHER_BASE = re.compile(r"环比|年均|翻|少|差|比预期|计划|目标|任务|可比|不变价|倍|力争|预计|其中")


@rule(
    "growth",
    Severity.ERROR,
    "增减幅度不符",
    "报告写出的同比增减应等于本年数与上年数之差（写成百分比的应再除以上年数）。",
)
def growth(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for position, record in enumerate(case.records):
        if record.kind is RecordKind.PERFORMANCE:
            for change in case.changes(record.achieved):
                yield from _growth(case, position, change, tolerance)


def _growth(case: Case, position: int, change: int, tolerance: Decimal) -> Iterator[Answer]:
    record = case.records[position]
    present = [mention for mention in case.results(record) if mention != change]
    sentence = case.sentence(case.span(change).start)
    bases = [base for base in case.levels(case.within(sentence)) if base not in present and _is_base(case, position, base)]
    stated = case.interval(change).widened(tolerance)
    pairs = [(a, b) for a in present for b in bases if case.unit(a) == case.unit(b)]
    if not pairs or OTHER_BASE.search(case.clause_before(change) + case.words(change)):
        return
    if any(_explains(case, change, stated, a, b) for a, b in pairs):
        yield HOLDS
    elif (direct := next((pair for pair in pairs if _directly(case, pair, change)), None)) is not None:
        yield _wrong(case, position, direct, change)
    else:
        yield UNKNOWN


def _is_base(case: Case, position: int, base: int) -> bool:
    """Whether a number of the sentence is last year's: the words before it say so."""
    words = BASE.search(case.before(base))
    is_own_year = words is not None and words["year"] == str(case.calendar.year)
    return words is not None and not is_own_year and position not in case.owners.get(base, ())


def _explains(case: Case, change: int, stated: Interval, present: int, base: int) -> bool:
    now, then = case.interval(present), case.interval(base)
    difference = now - then
    relative = ratio(difference, then)
    sizes = (stated, point(Decimal(0)) - stated)
    # Words may leave the direction to the verb outside the number, so the sign is not compared.
    absolute = case.unit(change) in (case.unit(present), "百分点")
    return any(
        (relative is not None and case.unit(change) == "%" and size.meets(relative)) or (absolute and size.meets(difference))
        for size in sizes
    )


def _directly(case: Case, pair: tuple[int, int], change: int) -> bool:
    """Whether no other value of their unit, and no other change, stands between them, and the change can be of them at all."""
    among = sorted((*pair, change))
    units = (case.unit(pair[0]), case.unit(change))
    values = [one for one in range(among[0], among[-1] + 1) if case.quantity(one) is not None and case.unit(one) in units]
    comparable = case.unit(change) in ("%", "百分点", case.unit(pair[0]))
    return values == among and comparable and change == among[-1]


def _wrong(case: Case, position: int, pair: tuple[int, int], change: int) -> Answer:
    present, base = pair
    now, then = case.interval(present), case.interval(base)
    relative = ratio(now - then, then)
    if relative is None:
        return UNKNOWN
    absolute = case.unit(change) != "%"
    found = amount_words(now - then, case.unit(present)) if absolute else percent_words(relative)
    message = (
        f"{case.name(position)}：由 {case.words(base)} 到 {case.words(present)}，变化为 {found}，报告写的是“{case.words(change)}”"
    )
    return fails(message, [position, *case.owners.get(base, ())], (present, base, change))


RULES = (growth,)
