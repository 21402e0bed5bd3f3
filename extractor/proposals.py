"""Numbers of a scan that OCR may have misread: another reading is proposed, never put in place.

A *slip* is a place where characters make no number, or one that is unlikely, and look like others that do (1O0, 95。6%,
3.5%0, 168方元); digits that OCR itself is unsure of may be others that look alike. What speaks for another reading is the
report's own arithmetic: that the rules over records hold with it and do not without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod

from extractor import quantity
from extractor.places import page_finder
from extractor.quantity import QuantityError
from extractor.types import Document, Mention, Problem, Proposal, Quantity, Record, Result, Span

Recheck = Callable[[Result], Result]  # asks the rules over records anew

AROUND = 24  # characters about a mention in which its number may go on
UNSURE = 0.9  # confidence of OCR under which a digit may be another one
MOST_TRIALS = 120  # of asking the rules for one report
EVIDENCE = frozenset(  # rules that compute one number of the report from others
    (
        "completion-rate difference-to-target execution-rate growth rate-of-counts share-of-whole stated-twice sum-of-parts "
        "table-against-prose target-stated-twice"
    ).split()
)
# What is left of a mention's confidence, by what speaks for the proposal.
REPAIRED = 0.9  # the number is understood as proposed, and the arithmetic agrees
DOUBTED = 0.6  # it looks like a slip
CONTRADICTED = 0.3  # the arithmetic speaks for the proposal and against what was read

RUN = re.compile(r"[0-9OoＯlI]+(?:[.,][0-9OoＯlI]+)*")
LOOKS_LIKE = str.maketrans("OoＯlI", "00011")
OPENING = r"[0-9]{1,2}[.．、）)]|(?:19|20)[0-9]{2}年"  # of a new sentence: 2.质量指标, 2023年
NO_UNIT = r"(?=[，。；、,;:：）)\s]|以上|以下|左右|$)"
SLIPS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(rf"(?<=[0-9])[。·•](?=[0-9])(?!{OPENING})"), ".", "在两个数字之间，疑为小数点"),
    (re.compile(r"(?<=[0-9])[，,](?=[0-9]{1,2}(?:[万亿元%％]|个百分点))"), ".", "之后不足三位数字，疑为小数点"),
    (re.compile(r"(?<=[0-9])方(?=[元亩吨人户平立千余]|多)"), "万", "在数字和单位之间，疑为“万”"),
    (re.compile(r"(?<=[0-9万千百])忆"), "亿", "在数字之后，疑为“亿”"),
    (re.compile(r"(?<=[万亿])[无兀儿](?![\u4e00-\u9fff])"), "元", "在“万”“亿”之后，疑为“元”"),
    (re.compile(r"(?<=[0-9])[%％][0oO](?![0-9%])"), "‰", "不成数，疑为“‰”"),
    (re.compile(rf"(?:(?<=[0-9])°|(?<=[0-9])[oO0]/[oO0]){NO_UNIT}"), "%", "之后没有单位，疑为“%”"),
    (re.compile(rf"(?:(?<=率[0-9]{{2}})|(?<=度[0-9]{{2}})|(?<=[0-9]\.[0-9]))00{NO_UNIT}"), "%", "之后没有单位，疑为“%”"),
)
CONFUSED = {
    "0": "689",
    "1": "47",
    "2": "37",
    "3": "825",
    "4": "18",
    "5": "63",
    "6": "580",
    "7": "12",
    "8": "3069",
    "9": "08",
}


@dataclass(frozen=True, slots=True)
class Slip:
    """Characters ``span`` of the text, what they may be, and why; ``needs_support`` where they make a number as they are."""

    span: Span
    instead: str
    reason: str
    needs_support: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A proposal for the mention at a position, before anything was asked of the rules."""

    mention: int
    proposal: Proposal
    needs_support: bool


def with_proposals(result: Result, recheck: Recheck) -> Result:
    """The result with a proposal in every value that was probably misread, and less confidence in it and its records.

    result: in text order, its rules not yet asked. Values of pages that were not read by OCR stay as they are.
    """
    if not any(box.confidence is not None for box in result.document.boxes):
        return result
    certainty = _certainty(result.document)
    readings = [
        reading
        for position, mention in enumerate(result.mentions)
        if mention.label.is_value and (sure := certainty(mention.span)) is not None
        for reading in _readings(result, position, sure)
    ]
    chosen = dict(_chosen(result, readings, recheck)) if readings else {}
    return _lowered(result, chosen) if chosen else result


def _certainty(document: Document) -> Callable[[Span], float | None]:
    """A function from a span to the OCR's confidence in its least certain character; None where none was needed."""
    boxes_of = page_finder(document)

    def of(span: Span) -> float | None:
        return min((box.confidence for box in boxes_of(span) if box.confidence is not None), default=None)

    return of


def _readings(result: Result, position: int, certainty: float) -> Iterator[Reading]:
    text, mention = result.document.text, result.mentions[position]
    slips = list(_slips(text, mention.span))
    if not slips and certainty < UNSURE:
        slips = list(_other_digits(text, mention.span))
    for slip in slips:
        proposal = _proposal(text, mention, slip)
        if proposal is not None and (proposal.quantity != result.quantities[position] or not slip.needs_support):
            yield Reading(position, proposal, slip.needs_support)


def _slips(text: str, span: Span) -> Iterator[Slip]:
    """Those in a mention's words or right beside them."""
    low, high = max(0, span.start - AROUND), min(len(text), span.end + AROUND)
    for match in RUN.finditer(text, low, high):
        instead = match[0].translate(LOOKS_LIKE)
        beside = Span(max(0, match.start() - 1), match.end() + 1).overlaps(span)
        if instead != match[0] and beside and re.search("[0-9]", match[0]) and not _in_word(text, match):
            odd = "、".join(dict.fromkeys(f"“{one}”" for one in match[0] if one.translate(LOOKS_LIKE) != one))
            yield Slip(Span(*match.span()), instead, f"{odd}在数字之中，疑为形近的数字")
    for pattern, instead, reason in SLIPS:
        for match in pattern.finditer(text, low, high):
            if match.start() <= span.end and match.end() >= span.start:
                yield Slip(Span(*match.span()), instead, f"“{match[0]}”{reason}")


def _in_word(text: str, match: re.Match[str]) -> bool:
    """Whether the run belongs to a Latin word or code (PM2.5, 5G, Q235)."""
    beside = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
    return bool(re.search("[A-Za-z]", beside))


def _other_digits(text: str, span: Span) -> Iterator[Slip]:
    """Look-alikes of every digit, and a decimal point that may have been lost; each needs the report's arithmetic."""
    number = re.search(r"[0-9]+(?:[.,][0-9]+)*", text[span.start : span.end])
    if number is None:
        return
    start = span.start + number.start()
    for at, digit in enumerate(number[0]):
        for other in CONFUSED.get(digit, ""):
            if at or other != "0":
                yield Slip(Span(start + at, start + at + 1), other, "字迹不清", True)
    if number[0].isdigit():
        for at in range(1, len(number[0])):
            yield Slip(Span(start + at, start + at + 1), f".{number[0][at]}", "字迹不清，小数点可能漏读", True)


def _proposal(text: str, mention: Mention, slip: Slip) -> Proposal | None:
    """The value that is there once the slip is mended; None where no value of that place is."""
    low = max(text.rfind("\n", 0, mention.span.start) + 1, mention.span.start - 2 * AROUND)
    high = min(len(text), max(mention.span.end, slip.span.end) + AROUND)
    mended = text[low : slip.span.start] + slip.instead + text[slip.span.end : high]
    more = len(slip.instead) - len(slip.span)
    place = Span(slip.span.start - low, slip.span.start - low + len(slip.instead))

    def unmended(offset: int) -> int:
        return low + offset - (more if offset >= place.end else 0)

    for candidate in quantity.find(mended):
        span = Span(unmended(candidate.span.start), unmended(candidate.span.end))
        if candidate.preferred and candidate.span.contains(place) and span.overlaps(_touched(mention.span)):
            words = mended[candidate.span.start : candidate.span.end]
            worth = _worth(words)
            return None if worth is None else Proposal(text[span.start : span.end], words, slip.reason, worth)
    return None


def _touched(span: Span) -> Span:
    return Span(max(0, span.start - 1), span.end + 1)


def _worth(words: str) -> Quantity | None:
    try:
        return quantity.parse(words)
    except QuantityError:
        return None


def _chosen(result: Result, readings: list[Reading], recheck: Recheck) -> Iterator[tuple[int, Proposal]]:
    """At most one proposal for each mention: what the arithmetic speaks for, else the first that needs no support."""
    own = _tally(recheck(result))
    n_trials = 0
    for position in dict.fromkeys(reading.mention for reading in readings):
        offered = [reading for reading in readings if reading.mention == position]
        supported = []
        n_trials += len(offered) + 1
        if n_trials <= MOST_TRIALS:
            without = own if any(one.needs_support for one in offered) else _tally(recheck(_valued(result, position, None)))
            for reading in offered:
                held, failed = _tally(recheck(_valued(result, position, reading.proposal.quantity)))
                if held > without[0] and failed < without[1] + (not reading.needs_support):
                    supported.append(replace(reading.proposal, is_supported=True))
        certain = [reading.proposal for reading in offered if not reading.needs_support]
        if len({one.quantity for one in supported}) == 1:
            told = supported[0]
            yield position, replace(told, reason=f"{told.reason}；按此读，与报告中其他数字相符")
        elif certain:
            yield position, certain[0]


def _valued(result: Result, position: int, worth: Quantity | None) -> Result:
    """The result as if a mention were worth something else."""
    quantities = (*result.quantities[:position], worth, *result.quantities[position + 1 :])
    return replace(result, quantities=quantities)


def _tally(result: Result) -> tuple[int, int]:
    """How often the report's arithmetic holds, and how often not."""
    counts = [count for count in result.checks if count.rule in EVIDENCE]
    return sum(count.n_holds for count in counts), sum(count.n_fails for count in counts)


def _lowered(result: Result, chosen: Mapping[int, Proposal]) -> Result:
    left = {position: _left(proposal, result.quantities[position]) for position, proposal in chosen.items()}

    def mention(position: int, one: Mention) -> Mention:
        proposal = chosen.get(position)
        return replace(one, proposal=proposal, confidence=one.confidence * left[position]) if proposal else one

    def record(one: Record) -> Record:
        return replace(one, confidence=one.confidence * prod(left.get(position, 1.0) for position in one.mentions))

    return replace(
        result,
        mentions=tuple(mention(position, one) for position, one in enumerate(result.mentions)),
        records=tuple(map(record, result.records)),
        problems=(*result.problems, *_problems(result, chosen)),
    )


def _left(proposal: Proposal, worth: Quantity | None) -> float:
    if not proposal.is_supported:
        return DOUBTED
    return REPAIRED if proposal.quantity == worth else CONTRADICTED


def _problems(result: Result, chosen: Mapping[int, Proposal]) -> Iterator[Problem]:
    """One for every place, though several mentions may touch it; what is supported goes first."""
    told: set[tuple[str, str, str]] = set()
    boxes_of = page_finder(result.document)
    for position, proposal in sorted(chosen.items(), key=lambda one: not one[1].is_supported):
        boxes = boxes_of(result.mentions[position].span)
        where = f"page {boxes[0].page}" if boxes else "file"
        if (place := (where, proposal.original, proposal.text)) not in told:
            told.add(place)
            yield Problem(where, f"“{proposal.original}”可能应为“{proposal.text}”：{proposal.reason}；未作更改，请对照原件")
