"""Totals against their parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from extractor.findings.case import Case
from extractor.findings.interval import Interval, ratio, total
from extractor.findings.powers import DIGIT, Slip, doubled, misprint, slip
from extractor.findings.rule import HOLDS, UNKNOWN, Answer, fails, rule
from extractor.findings.terms import NO_ADDENDS
from extractor.findings.words import amount_words
from extractor.types import Label, Severity

PARTIAL = re.compile(  # among the parts
    r"等|主要|主导|(?<!不含)其余|(?<!无)其他(?!展会)|余下|剩余|另有|之一|(?<![一二两三四五六七八九十\d个])部分|重点|[较最][多高大低]|再往后|典型|例如|比如|其次|还有|"
    r"居前|前[二三四五六2-6]位"
)
PARTIAL_AFTER = re.compile(r"^[^，。；;\n]{0,12}等|^[^。\n]*(?:(?<!不含)其余|(?<!无)其他|余下|剩余|另有|还有)")  # and after them
COMPLETE = re.compile(r"组成|构成|具体为|具体是|分为|[两三四五六]部分|去向|分用途|按用途")
NUMBERED = r"(?=[①-⑳]|[（(]?\d{1,2}[）).、．]|[-—·•●]|第?[一二三四五六七八九十]+[是、]|其[中余])"
ITEM = re.compile(rf"[\s；;：:，,。]*\n+\s*{NUMBERED}|[。；;]\s*{NUMBERED}")  # where one item of a list ends and the next begins
STOP = re.compile(r"[。！？]")
POINTS = "分"
LEAST_PARTS = 2
EXACT, LEAST_DIGITS = 500, 4  # how exact a total must be printed for one wrong digit to be told from chance
SOURCES = (re.compile(r"中央|上级|省级?"), re.compile(r"本级|[市区县]级?|配套|自筹|地方"))  # who gives money, from above and here
HALF = Decimal("0.5")  # of the total, or sources of a list are missing
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
            nearest = _nearest(case, whole, stated, parts[0])
            yield Family(whole, nearest, tuple(parts), case.interval(nearest).widened(tolerance))


def _nearest(case: Case, whole: int, stated: int, part: int) -> int:
    """The total where it is stated next to its parts; it often stands in several places."""
    same = [one for one in case.records[whole].values if case.quantity(one) == case.quantity(stated)]
    return min(same, key=lambda one: abs(one - part))


def _numbers(case: Case, position: int, label: Label, unit: str | None = None) -> list[int]:
    record = case.records[position]
    if label is Label.ACHIEVED:
        return [mention for mention in case.results(record) if unit in (None, case.unit(mention))]
    return case.distinct(case.levels(record.amounts if label is Label.AMOUNT else record.targets, unit))


def _compared(case: Case, family: Family) -> Answer:
    return _in_column(case, family) if _is_column(case, family) else _in_prose(case, family)


def _is_column(case: Case, family: Family) -> bool:
    """Whether total and parts are sums of one table, and each row of its parts has one."""
    owners = [case.records[case.owners[one][0]] for one in (family.stated, *family.parts)]
    tables = {one.row[0] if one.row is not None else None for one in owners}
    whole = owners[0].row
    beside = [position for position, record in enumerate(case.records) if whole is not None and record.row == whole]
    rows = {case.records[child].row for position in beside for child in case.children.get(position, ())}
    return len(tables) == 1 and None not in tables and len(rows) == len(family.parts)


def _in_column(case: Case, family: Family) -> Answer:
    """The rows below a total are all its parts; parts of a part may stand among them."""
    if any(_sum(case, run).meets(family.claimed) for run in _runs(family.parts)):
        return HOLDS
    found = _sum(case, family.parts)
    is_near = found.high * 2 > family.claimed.low and found.low * 2 < family.claimed.high * 3
    return _told(case, family, family.parts, None) if is_near else UNKNOWN


def _in_prose(case: Case, family: Family) -> Answer:
    if any(_sum(case, run).meets(family.claimed) for run in _runs(_with_neighbours(case, family, family.parts))):
        return HOLDS
    listed = _own_list(case, family)
    if listed is not None and len(_with_neighbours(case, family, listed)) > len(listed):
        return UNKNOWN
    own = listed or family.parts
    if not all(_adds(case, part) for part in (family.stated, *own)):
        return UNKNOWN
    found = _sum(case, own)
    if found.meets(family.claimed):
        return HOLDS
    if _is_mean(case, family, own):
        return UNKNOWN
    cause = _slip(case, family, own)
    is_complete = listed is not None and _is_complete(case, family, own)
    # Parts that stand in several places, or far from their total, are compared only where a slip explains the difference.
    if cause is None and not (is_complete or (listed is not None and _beside(case, family, own))):
        return UNKNOWN
    too_much = family.claimed.below(found)
    if not too_much and _explained(case, family, found):
        return UNKNOWN
    least = Decimal(0) if is_complete else family.claimed.low * (HALF if _are_sources(case, own) else NEARLY)
    too_little = _claims_all(case, family.stated, own) and found.high >= least
    if not (too_much or too_little or cause):
        return UNKNOWN
    return _told(case, family, own, cause)


def _told(case: Case, family: Family, own: Sequence[int], cause: Slip | None) -> Answer:
    words = " + ".join(case.words(part) for part in own)
    sum_words = amount_words(_sum(case, own), case.unit(family.stated))
    message = f"{case.name(family.record)}：{words} = {sum_words}，报告写的合计是 {case.words(family.stated)}"
    records = [family.record, *(case.owners[part][0] for part in own)]
    return fails(message + (f"；{cause.proposal(case)}" if cause else ""), records, (family.stated, *own))


def _explained(case: Case, family: Family, found: Interval) -> bool:
    """Whether a percentage beside the list is just the share of these parts in the total: they are not all."""
    share = ratio(found, family.claimed)
    near = case.levels(case.within(case.sentence(case.span(family.parts[-1]).start)), "%")
    return share is not None and any(case.interval(rate).meets(share) for rate in near)


def _is_mean(case: Case, family: Family, parts: Sequence[int]) -> bool:
    """Whether points are the mean of those of several projects instead of their sum."""
    if case.unit(family.stated) != POINTS:
        return False
    means = Interval(family.claimed.low * len(parts), family.claimed.high * len(parts))
    return _sum(case, parts).meets(means)


def _sum(case: Case, parts: Sequence[int]) -> Interval:
    return total(case.interval(part) for part in parts)


def _runs(parts: Sequence[int]) -> Iterator[Sequence[int]]:
    """All the parts, and every unbroken run of them: a whole is often divided twice, by source and by use."""
    yield parts
    if len(parts) <= MOST_PARTS:
        for start, end in combinations(range(len(parts) + 1), 2):
            if end - start >= LEAST_PARTS:
                yield parts[start:end]


def _with_neighbours(case: Case, family: Family, parts: Sequence[int]) -> list[int]:
    """The parts and whatever of their kind and unit stands between them and is no part of one of them.

    It may be one of the list whose link was missed.
    """
    between = range(parts[0], parts[-1] + 1)
    labels = {case.result.mentions[part].label for part in parts}
    records = {owner for part in parts for owner in case.owners[part]}
    return [
        mention
        for mention in case.levels(between, case.unit(family.stated))
        if mention != family.stated
        and case.result.mentions[mention].label in labels
        and not any(case.records[owner].parent in records for owner in case.owners.get(mention, ()))
    ]


def _own_list(case: Case, family: Family) -> list[int] | None:
    """The run of parts that is one list: the first with the total beside it, else the only one; None where there is none."""
    runs: list[list[int]] = [[]]
    for part in family.parts:
        if runs[-1] and not _one_breath(case, runs[-1][-1], part, n_stops=0):
            runs.append([])
        runs[-1].append(part)
    lists = [run for run in runs if len(run) >= LEAST_PARTS]
    return next((run for run in lists if _beside(case, family, run)), lists[0] if len(lists) == 1 else None)


def _beside(case: Case, family: Family, run: Sequence[int]) -> bool:
    if family.stated < run[0]:
        return _one_breath(case, family.stated, run[0], n_stops=1)
    return family.stated < run[-1] or _one_breath(case, run[-1], family.stated, n_stops=1)


def _one_breath(case: Case, first: int, second: int, *, n_stops: int) -> bool:
    """Whether at most so many sentences end between two mentions, and no paragraph; the ends of a list's items do not count."""
    between = ITEM.sub("", case.text[case.span(first).end : case.span(second).start])
    return "\n" not in between and len(STOP.findall(between)) <= n_stops


def _adds(case: Case, mention: int) -> bool:
    """Whether the name is of something that adds up: no average, no best, no stage that the same things pass (开工, 投产)."""
    name = case.records[case.owners[mention][0]].name or ""
    return not any(word in name for word in NO_ADDENDS)


def _claims_all(case: Case, stated: int, parts: Sequence[int]) -> bool:
    """Whether nothing in the sentences says that these are not all parts."""
    start = case.sentence(case.span(min(stated, *parts)).start).start
    end = case.span(max(stated, *parts)).end
    rest = case.text[end : max(end, case.paragraph(end - 1).end)]
    return not PARTIAL.search(case.text[start:end]) and not PARTIAL_AFTER.search(rest)


def _is_complete(case: Case, family: Family, parts: Sequence[int]) -> bool:
    """Whether the words, or the names of the parts, say that these are all parts."""
    names = [case.records[case.owners[part][0]].name or "" for part in parts]
    if all(any(name.endswith(word) for name in names) for word in ("基本支出", "项目支出")):
        return True
    among = (family.stated, *parts) if _beside(case, family, parts) else parts
    first, last = case.span(min(among)), case.span(max(among))
    return COMPLETE.search(case.text[case.sentence(first.start).start : last.end + 12]) is not None


def _are_sources(case: Case, parts: Sequence[int]) -> bool:
    """Whether money is divided by who gives it, from above and here: such a list names them all."""
    names = [case.records[case.owners[part][0]].name or "" for part in parts]
    is_money = all(case.result.mentions[part].label is Label.AMOUNT for part in parts)
    each = all(any(source.search(name) for source in SOURCES) for name in names)
    return is_money and each and all(any(source.search(name) for name in names) for source in SOURCES)


def _slip(case: Case, family: Family, parts: Sequence[int]) -> Slip | None:
    """A slip of one part, or of the total, that makes the sum agree, and not because the part then hardly counts."""

    def agrees(values: dict[int, Interval]) -> bool:
        addends = [values[part] for part in parts]
        whole = values[family.stated]
        counts = all(addend.low > whole.high - whole.low for addend in addends)
        return counts and total(addends).meets(whole)

    mentions = (family.stated, *parts)
    by_power = slip(case, mentions, agrees)
    is_closed = _is_precise(case, family, parts) and _claims_all(case, family.stated, parts)
    return by_power or (misprint if is_closed else doubled)(case, mentions, agrees)


def _is_precise(case: Case, family: Family, parts: Sequence[int]) -> bool:
    """Whether the sum is printed so exactly that one wrong digit hardly makes it agree by chance."""
    found = _sum(case, parts)
    slack = found.high - found.low + family.claimed.high - family.claimed.low
    return slack * EXACT < found.high and len(DIGIT.findall(case.words(family.stated))) >= LEAST_DIGITS


RULES = (sum_of_parts,)
