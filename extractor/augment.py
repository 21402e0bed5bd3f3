"""Training variety that costs nothing: the same report with other figures, widths, blanks and scanning slips.

Every change is a list of edits that never cross the border of a mention, so the gold marks move with the text.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace

from extractor.types import Example, GoldMention, Span

Edit = tuple[int, int, str]  # replace [start, end) by the string

NUMBER = re.compile(
    r"(?<![0-9A-Za-z.〔\[【（(第])[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|(?<![0-9A-Za-z.〔\[【第])[0-9]+(?:\.[0-9]+)?"
)
FIXED_AFTER = re.compile(r"\s?[年月日号〕\]】、.．）)届周季起强级时点期—]")
TO_FULL = {chr(code): chr(code + 0xFEE0) for code in range(ord("0"), ord("9") + 1)} | {"%": "％", ".": "．"}
TO_HALF = {"，": ",", "；": ";", "：": ":", "（": "(", "）": ")", "％": "%"}
# What OCR made of a character on scan twins of our reports (benchmarks/twins.py lists it), any of the string. Digits read as
# other digits are left out: other figures come by themselves.
LOOK_ALIKES = {
    "0": "O",
    "1": "l",
    ".": "。·",
    "．": "·",
    ",": ".，",
    "，": ".、,",
    "。": "，.",
    "；": ":",
    ";": ":",
    "：": ";",
    "—": "一-",
    "%": "°",
    "《": "（",
    "〔": "（",
    "〕": "）",
    "元": "兀无芜",
    "万": "方",
    "亿": "忆",
    "人": "入",
    "大": "太",
    "未": "末",
    "末": "未",
    "已": "己",
    "日": "曰",
    "场": "埸",
    "科": "料",
    "住": "注",
    "供": "共",
    "中": "币",
}
OVERLOOKED = frozenset("。、，,；》”")  # small marks that OCR passes over
COUNTERS = (("家", "户"), ("个", "处"), ("场", "次"), ("人次", "人"), ("项", "个"), ("台", "套"))


def varied(example: Example, dice: random.Random) -> Example:
    """One random variant of an example; the same words stay the same kind of mention."""
    for chance, change in CHANGES:
        if dice.random() < chance:
            example = rewrite(example, change(example.text, dice))
    return example


def rewrite(example: Example, edits: Iterator[Edit] | list[Edit]) -> Example:
    """Apply edits in text order; those that cross the border of a mention are left out."""
    starts = [mention.span.start for mention in example.mentions]
    ends = [mention.span.end for mention in example.mentions]
    pieces: list[str] = []
    at = 0
    shifts: list[tuple[int, int]] = []  # (end of an edited place, total shift after it)
    shift = 0
    for start, end, words in edits:
        crosses = bisect_right(starts, start) != bisect_right(starts, end - 1) or bisect_right(ends, start) != bisect_right(
            ends, end - 1
        )
        swallows = not words and bisect_left(starts, start) < bisect_left(starts, end)
        if start < at or crosses or (swallows and _is_whole(example, start, end)) or "\n" in words:
            continue
        pieces += example.text[at:start], words
        shift += len(words) - (end - start)
        shifts.append((end, shift))
        at = end
    pieces.append(example.text[at:])
    places = [place for place, _ in shifts]

    def moved(offset: int) -> int:
        position = bisect_right(places, offset)
        return offset + (shifts[position - 1][1] if position else 0)

    mentions = tuple(_moved(mention, moved) for mention in example.mentions)
    return Example(example.name, "".join(pieces), mentions)


def _is_whole(example: Example, start: int, end: int) -> bool:
    """Whether nothing would be left of some mention."""
    return any(start <= mention.span.start and mention.span.end <= end for mention in example.mentions)


def _moved(mention: GoldMention, moved: Callable[[int], int]) -> GoldMention:
    return replace(mention, span=Span(moved(mention.span.start), moved(mention.span.end)))


def _other_figures(text: str, dice: random.Random) -> Iterator[Edit]:
    for match in NUMBER.finditer(text):
        if dice.random() < 0.6 and not FIXED_AFTER.match(text, match.end()) and match.group() != "100":
            yield match.start(), match.end(), _figure_like(match.group(), dice)


def _figure_like(digits: str, dice: random.Random) -> str:
    """Another figure of about the same shape: as many digits, commas and decimals, sometimes one more or less."""
    drawn = [
        str(dice.randrange(1 if k == 0 and len(digits) > 1 else 0, 10)) if digit.isdigit() else digit
        for k, digit in enumerate(digits)
    ]
    figure = "".join(drawn)
    if digits.isdigit() and len(digits) < 4:
        figure = str(int(figure) or 1)
    if "," in figure and dice.random() < 0.3:
        return figure.replace(",", "")
    return figure


def _mapped(table: dict[str, str], rate: float) -> Callable[[str, random.Random], Iterator[Edit]]:
    def edits(text: str, dice: random.Random) -> Iterator[Edit]:
        for k, character in enumerate(text):
            if character in table and dice.random() < rate:
                yield k, k + 1, table[character]

    return edits


def _misread(text: str, dice: random.Random) -> Iterator[Edit]:
    for k, character in enumerate(text):
        if character in LOOK_ALIKES and dice.random() < 0.03:
            yield k, k + 1, dice.choice(LOOK_ALIKES[character])


def _overlooked(text: str, dice: random.Random) -> Iterator[Edit]:
    """Small marks go, most of them at the ends of paragraphs, where nothing stands beside them."""
    for k, character in enumerate(text):
        if character in OVERLOOKED and dice.random() < (0.3 if text[k + 1 : k + 2] in ("", "\n") else 0.02):
            yield k, k + 1, ""


def _full_width_digits(text: str, dice: random.Random) -> Iterator[Edit]:
    for match in re.finditer(r"[0-9][0-9.]*%?", text):
        yield match.start(), match.end(), "".join(TO_FULL.get(character, character) for character in match.group())


def _blank_before_units(text: str, dice: random.Random) -> Iterator[Edit]:
    for match in re.finditer(r"(?<=[0-9])(?=[万亿元个家次人%吨户场项台])", text):
        if dice.random() < 0.5:
            yield match.start(), match.end(), " "


def _blanks_lost(text: str, dice: random.Random) -> Iterator[Edit]:
    for match in re.finditer(r"(?<=[^\n]) +(?=[^\n])", text):
        yield match.start(), match.end(), ""


def _other_body(text: str, dice: random.Random) -> Iterator[Edit]:
    """县 reports become 市 or 区 reports, in every place at once."""
    target = dice.choice("市县区")
    source = max("市县区", key=lambda kind: text.count(f"全{kind}") + text.count(f"我{kind}"))
    for match in re.finditer(f"[全我本]{source}", text):
        yield match.start(), match.end(), match.group()[0] + target


def _other_counters(text: str, dice: random.Random) -> Iterator[Edit]:
    first, second = dice.choice(COUNTERS)
    for match in re.finditer(f"(?<=[0-9]){first}(?![一-鿿]?次)", text):
        yield match.start(), match.end(), second


CHANGES: tuple[tuple[float, Callable[[str, random.Random], Iterator[Edit]]], ...] = (
    (0.8, _other_figures),
    (0.3, _other_body),
    (0.15, _other_counters),
    (0.25, _mapped(TO_HALF, 1.0)),
    (0.10, _full_width_digits),
    (0.10, _blank_before_units),
    (0.15, _blanks_lost),
    (0.15, _misread),
    (0.10, _overlooked),
)
