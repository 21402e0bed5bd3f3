"""Totals against their parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, groupby

from extractor.findings.case import Case
from extractor.findings.interval import Interval, ratio, total
from extractor.findings.powers import Slip, slip
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.terms import NO_ADDENDS
from extractor.findings.words import amount_words
from extractor.types import Label, Severity

PARTIAL = re.compile(
    r"等|主要|主导|(?<!不含)其余|(?<!无)其他(?!展会)|余下|剩余|另有|之一|部分|重点|最[多高大低]|再往后|典型|例如|比如|其次|还有|居前|前[二三四五六2-6]位"
)
COMPLETE = re.compile(r"组成|构成|具体为|具体是|分为|[两三四五六]部分|分用途|按用途")
FAR = Decimal("0.3")
ITEM = re.compile(r"[\s；;：:，,]*\n+\s*(?=[①-⑳]|[（(]?\d{1,2}[）).、．]|[-—·•●])")  # a line break before an item of a list
LEAST_PARTS = 2
NEARLY = Decimal("0.92")  # parts of less than this share of the total are no list that claims to be complete
MOST_PARTS = 12  # of a list whose every run is tried


@dataclass(frozen=True, slots=True)
class Family:
    """A stated total and the parts that may add up to it; positions of mentions, all in one unit."""

    record: int
    stated: int
    parts: tuple[int, ...]
    claimed: Interval


@rule(
    "sum-of-parts",
    Severity.ERROR,
    "合计与分项之和不符",
    "“其中”各项、各地区、各月份之和应等于合计；分项只列一部分的（等、主要、其余）不比较，但分项之和不应超过合计。",
)
def sum_of_parts(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    for whole in sorted(case.children):
        for label in (Label.AMOUNT, Label.ACHIEVED, Label.TARGET):
            for family in _families(case, whole, label, tolerance):
                yield _compared(case, family)


def _families(case: Case, whole: int, label: Label, tolerance: Decimal) -> Iterator[Family]:
    for stated in _numbers(case, whole, label):
        unit = case.unit(stated)
        values = [_numbers(case, child, label, unit) for child in case.children[whole]]
        parts = sorted({numbers[0] for numbers in values if len(numbers) == 1} - {stated})
        if len(parts) >= LEAST_PARTS and unit not in ("%", "‰"):
            yield Family(whole, stated, tuple(parts), case.interval(stated).widened(tolerance))


def _numbers(case: Case, position: int, label: Label, unit: str | None = None) -> list[int]:
    record = case.records[position]
    if label is Label.ACHIEVED:
        return [mention for mention in case.results(record) if unit in (None, case.unit(mention))]
    return case.distinct(case.levels(record.amounts if label is Label.AMOUNT else record.targets, unit))


def _compared(case: Case, family: Family) -> Answer:
    parts = _with_neighbours(case, family)
    if any(_sum(case, run).meets(family.claimed) for run in _runs(parts)):
        return HOLDS
    own = _own_list(case, family)
    if own is None or len(parts) > len(family.parts) or not all(_adds(case, part) for part in (family.stated, *own)):
        return UNKNOWN
    found, mistake = _sum(case, own), _slip(case, family, own)
    too_much = family.claimed.below(found)
    if not too_much and _explained(case, family, found):
        return UNKNOWN
    least = family.claimed.low * (FAR if _is_complete(case, family, own) else NEARLY)
    too_little = _claims_all(case, family.stated, own) and found.high >= least
    if not (too_much or too_little or mistake):
        return UNKNOWN
    words = " + ".join(case.words(part) for part in own)
    sum_words = amount_words(found, case.unit(family.stated))
    message = f"{case.name(family.record)}：{words} = {sum_words}，报告写的合计是 {case.words(family.stated)}"
    records = [family.record, *(case.owners[part][0] for part in own)]
    return fails(message + (f"；{mistake.proposal(case)}" if mistake else ""), records, (family.stated, *own))


def _explained(case: Case, family: Family, found: Interval) -> bool:
    """Whether a percentage beside the list is just the share of these parts in the total: they are not all."""
    share = ratio(found, family.claimed)
    near = case.levels(case.within(case.sentence(case.span(family.parts[-1]).start)), "%")
    return share is not None and any(case.interval(rate).meets(share) for rate in near)


def _sum(case: Case, parts: Sequence[int]) -> Interval:
    return total(case.interval(part) for part in parts)


def _runs(parts: Sequence[int]) -> Iterator[Sequence[int]]:
    """All the parts, and every unbroken run of them: a whole is often divided twice, by source and by use."""
    yield parts
    if len(parts) <= MOST_PARTS:
        for start, end in combinations(range(len(parts) + 1), 2):
            if end - start >= LEAST_PARTS:
                yield parts[start:end]


def _with_neighbours(case: Case, family: Family) -> list[int]:
    """The parts and whatever of their kind and unit stands between them: one of the list whose link was missed."""
    between = range(family.parts[0], family.parts[-1] + 1)
    labels = {case.result.mentions[part].label for part in family.parts}
    unit = case.unit(family.stated)
    return [
        mention
        for mention in case.levels(between, unit)
        if mention != family.stated and case.result.mentions[mention].label in labels
    ]


def _own_list(case: Case, family: Family) -> list[int] | None:
    """The parts that stand in one breath with the total: in its sentence, or in the next; None where fewer than two do."""
    runs = groupby(family.parts, key=lambda part: case.sentence(case.span(part).start).start)
    return next((found for _, run in runs if _one_breath(case, family.stated, found := list(run))), None)


def _one_breath(case: Case, stated: int, parts: Sequence[int]) -> bool:
    first, last = min(stated, *parts), max(stated, *parts)
    between = case.text[case.span(first).end : case.span(last).start]
    is_list = not re.sub(ITEM, "", between).count("\n")
    return len(parts) >= LEAST_PARTS and is_list and len(re.findall("[。！？]", between)) <= 1


def _adds(case: Case, mention: int) -> bool:
    """Whether the name is of something that adds up: no average, no best, no stage that the same things pass (开工, 投产)."""
    name = case.records[case.owners[mention][0]].name or ""
    return not any(word in name for word in NO_ADDENDS)


def _claims_all(case: Case, stated: int, parts: Sequence[int]) -> bool:
    """Whether nothing in the sentences says that these are not all parts."""
    start = case.sentence(case.span(min(stated, *parts)).start).start
    end = case.sentence(case.span(max(stated, *parts)).start).end
    return PARTIAL.search(case.text[start:end]) is None


def _is_complete(case: Case, family: Family, parts: Sequence[int]) -> bool:
    """Whether the words, or the names of the parts, say that these are all parts."""
    names = [case.records[case.owners[part][0]].name or "" for part in parts]
    if all(any(name.endswith(word) for name in names) for word in ("基本支出", "项目支出")):
        return True
    first, last = case.span(min(family.stated, *parts)), case.span(max(family.stated, *parts))
    return COMPLETE.search(case.text[case.sentence(first.start).start : last.end + 12]) is not None


def _slip(case: Case, family: Family, parts: Sequence[int]) -> Slip | None:
    """A slip of one part, or of the total, that makes the sum agree, and not because the part then hardly counts."""

    def agrees(values: dict[int, Interval]) -> bool:
        addends = [values[part] for part in parts]
        whole = values[family.stated]
        counts = all(addend.low > whole.high - whole.low for addend in addends)
        return counts and total(addends).meets(whole)

    return slip(case, (family.stated, *parts), agrees)


RULES = (sum_of_parts,)
