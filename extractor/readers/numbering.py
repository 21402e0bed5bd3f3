"""Automatic numbers of Word paragraphs ("一、", "（二）", "1."), which stand in no paragraph's words but decide sections."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LEVELS = 9  # Word's depth of lists
CLOSING = "、）)：。．】］"  # after these no blank is needed to keep a number and the words apart
DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Level:
    """How one depth of a list counts: ``text`` is Word's pattern, such as ``（%1）``."""

    start: int = 1
    style: str = "decimal"
    text: str = ""


@dataclass(slots=True)
class Numbering:
    """The lists of one document, counting as its paragraphs pass; made for one document and thrown away with it."""

    levels: dict[str, dict[int, Level]]  # by list definition
    definitions: dict[str, str]  # list → its definition; lists of one definition count on from each other
    restarts: dict[str, dict[int, int]]  # list → level → number it starts again from
    counters: dict[str, dict[int, int]] = field(default_factory=dict)

    def next(self, list_id: str, depth: int) -> str:
        """Count a paragraph and give its number as printed, ready to stand before the words; "" where it shows none."""
        definition = self.definitions.get(list_id)
        if definition is None or not 0 <= depth < LEVELS:
            return ""
        levels = self.levels.get(definition, {})
        counter = self.counters.setdefault(definition, {})
        for level, start in self.restarts.pop(list_id, {}).items():
            counter[level] = start - 1
        counter[depth] = counter.get(depth, levels.get(depth, Level()).start - 1) + 1
        for deeper in [level for level in counter if level > depth]:
            del counter[deeper]
        return _render(levels, counter, depth)


def numbering(element: Any | None) -> Numbering:
    """Read the root of ``numbering.xml``; None (a document without lists) gives a Numbering that shows nothing."""
    if element is None:
        return Numbering({}, {}, {})
    levels: dict[str, dict[int, Level]] = {}
    for abstract in element.iter(f"{W}abstractNum"):
        depths = {_integer(level.get(f"{W}ilvl"), 0): _level(level) for level in abstract.iter(f"{W}lvl")}
        levels[abstract.get(f"{W}abstractNumId", "")] = depths
    definitions: dict[str, str] = {}
    restarts: dict[str, dict[int, int]] = {}
    for number in element.iter(f"{W}num"):
        list_id = number.get(f"{W}numId", "")
        definitions[list_id] = value(number, "abstractNumId") or ""
        restarts[list_id] = {
            _integer(override.get(f"{W}ilvl"), 0): _integer(value(override, "startOverride"), 1)
            for override in number.iter(f"{W}lvlOverride")
            if override.find(f"{W}startOverride") is not None
        }
    return Numbering(levels, definitions, restarts)


def value(element: Any | None, path: str) -> str | None:
    """The ``w:val`` of an element below, by its names; None where it is missing."""
    if element is None:
        return None
    found = element.find("/".join(W + step for step in path.split("/")))
    return None if found is None else found.get(f"{W}val")


def chinese(number: int) -> str:
    """``12`` → ``"十二"``, up to 9999; larger numbers stay digits."""
    if not 0 < number < 10_000:
        return str(number)
    words = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            words += DIGITS[digit] + name
        elif words and not words.endswith("零") and number % unit:
            words += "零"
    return words.removeprefix("一") if 10 <= number < 20 else words


def _circled(number: int) -> str:
    return chr(0x245F + number) if 1 <= number <= 20 else str(number)


STYLES: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalFullWidth": lambda number: str(number).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)}),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "japaneseCounting": chinese,  # what WPS writes for 一、二、三
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "ideographDigital": chinese,
}


def _render(levels: dict[int, Level], counter: dict[int, int], depth: int) -> str:
    shown = levels.get(depth)
    if shown is None or "%" not in shown.text:
        return ""

    def number(match: re.Match[str]) -> str:
        level = int(match[1]) - 1
        definition = levels.get(level, Level())
        return STYLES[definition.style](counter.get(level, definition.start))

    if any(levels.get(int(level) - 1, Level()).style not in STYLES for level in re.findall(r"%([1-9])", shown.text)):
        return ""
    text = re.sub(r"%([1-9])", number, shown.text)
    return text if text.endswith(tuple(CLOSING)) else f"{text} "  # "1." before "5万元" must not become "1.5万元"


def _level(element: Any) -> Level:
    return Level(_integer(value(element, "start"), 1), value(element, "numFmt") or "decimal", value(element, "lvlText") or "")


def _integer(text: str | None, default: int) -> int:
    """Tolerates what is no number: a broken list must not cost the report."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,6}", text) else default
