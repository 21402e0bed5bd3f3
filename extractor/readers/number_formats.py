"""Values of cells as a spreadsheet shows them: number formats such as ``0.00%``, ``#,##0.00`` and ``yyyy"年"m"月"``.

Colours, conditions and widths are passed over. Whole numbers are never shortened to powers of ten, which narrow columns do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from extractor.readers.numbering import chinese

Value = str | bool | int | float | date | time | timedelta

GENERAL = "General"
GENERAL_WIDTH = 11  # characters that the format General gives to a fraction, its sign not counted
MIN_DECIMALS = 2  # that it gets all the same: cents count
MAX_DECIMALS = 15  # that formats may ask for; spreadsheets keep no more digits
HUGE = 10**15  # numbers from here on are shown by all their digits
EXACT = Context(prec=60)
# What format numbers mean in a Chinese Excel; files name them by their number only.
CHINESE_FORMATS = {
    14: "yyyy/m/d",
    22: "yyyy/m/d h:mm",
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m/d/yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    **dict.fromkeys((34, 55), '上午/下午h"时"mm"分"'),
    **dict.fromkeys((35, 56), '上午/下午h"时"mm"分"ss"秒"'),
}
WEEKDAYS = "一二三四五六日"
DIGITS = "〇一二三四五六七八九"

_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?|[\\!].) | (?P<width>[_*].) | \[(?P<elapsed>h+|m+|s+)\] | \[\$(?P<currency>[^\]-]*)[^\]]*\]
    | (?P<numerals>\[DBNum1\]) | (?P<bracket>\[[^\]]*\]) | (?P<general>General|G/通用格式) | (?P<noon>AM/PM|A/P|上午/下午)
    | (?P<date>y+|m+|d+|h+|s+(?:\.0+)?|a{3,4}|e+(?![+-])) | (?P<exponent>E[+-]) | (?P<place>[0#?.,%@]) | (?P<end>;)
    | (?P<plain>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SILENT = ("width", "bracket")
_GENERAL_KINDS = ("literal", "general", "place")

Token = tuple[str, str]  # kind, a group of _TOKEN, and its words
Section = tuple[Token, ...]
_POINT, _COMMA = ("place", "."), ("place", ",")


def shown(value: Value, number_format: str) -> str:
    """The words in the cell. Numbers with a format of dates must have been made dates before (`is_date`)."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if number_format == GENERAL and isinstance(value, (str, int)):
        return str(value)  # most cells
    sections = _sections(number_format)
    if isinstance(value, str):
        return _text(value, sections)
    if isinstance(value, (int, float)):
        return _number(value, sections)
    if not any(kind in ("date", "elapsed") for kind, _ in sections[0]):
        sections = _sections(_natural(value))
    return _date(value, sections[0])


@lru_cache(maxsize=1024)
def is_date(number_format: str) -> bool:
    """Whether numbers with this format are dates or times."""
    return any(kind in ("date", "elapsed", "noon") for kind, _ in _sections(number_format)[0])


@lru_cache(maxsize=1024)
def _sections(number_format: str) -> tuple[Section, ...]:
    """The tokens for positive numbers, negative ones, zero and text, as far as the format has them."""
    sections: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(number_format or GENERAL):
        kind, words = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "end":
            sections.append([])
        elif kind == "quoted":
            sections[-1].append(("literal", words.strip('"') if words.startswith('"') else words[1:]))
        elif kind in ("plain", "currency"):
            sections[-1].append(("literal", words))
        elif kind not in _SILENT:
            sections[-1].append((kind, words))
    return tuple(map(tuple, sections))


def _text(value: str, sections: Sequence[Section]) -> str:
    section = sections[3] if len(sections) > 3 else sections[0]
    if not any(token == ("place", "@") for token in section):
        return value
    return "".join(value if kind == "place" else words for kind, words in section if kind in ("literal", "place"))


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _number(value: int | float, sections: Sequence[Section]) -> str:
    if isinstance(value, float) and value - value != 0:  # infinite or no number
        return str(value)
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")  # as many digits as spreadsheets keep
    if abs(exact) >= HUGE:
        return format(exact, "f") if isinstance(value, int) else f"{value:.15g}"
    if exact == 0 and len(sections) > 2:
        return _in_section(exact, sections[2])
    if exact < 0 and len(sections) > 1:
        return _in_section(-exact, sections[1])
    words = _in_section(abs(exact), sections[0])
    return f"-{words}" if exact < 0 and any(mark in "123456789" for mark in words) else words


def _in_section(value: Decimal, section: Section) -> str:
    """A number of at least 0 in its section."""
    kinds = [kind for kind, _ in section]
    places = [words for kind, words in section if kind == "place"]
    if "exponent" in kinds:
        decimals = section[: kinds.index("exponent")].count(("place", "0")) - 1
        return f"{float(value):.{min(max(decimals, 0), MAX_DECIMALS)}E}"
    if ("literal", "/") in section:  # fractions
        return _general(value)
    if "general" in kinds or "@" in places:
        return "".join(words if kind == "literal" else _general(value) for kind, words in section if kind in _GENERAL_KINDS)
    if not set(places) & {*"0#?"}:
        return "".join(words for kind, words in section if kind == "literal" or words == "%")
    return _placed(value, section)


def _general(value: Decimal) -> str:
    if value == value.to_integral_value():
        return format(value.quantize(Decimal(1)), "f")
    if value < Decimal("0.0001"):
        return f"{value:.6g}"
    room = max(GENERAL_WIDTH - len(str(int(value))) - 1, MIN_DECIMALS)
    return format(value.quantize(Decimal(1).scaleb(-room), ROUND_HALF_UP), "f").rstrip("0").rstrip(".")


def _placed(value: Decimal, section: Section) -> str:
    """Digits in the places 0, # and ?, from the decimal point outwards, with the literals between them."""
    last = max(at for at, token in enumerate(section) if _is_place(token))
    point = section.index(_POINT) if _POINT in section else last + 1
    whole, fraction = list(section[:point]), section[point + 1 : last + 1]
    rest = list(section[max(point + (_POINT in section), last + 1) :])
    scale = 2 * min(section.count(("place", "%")), 2)
    for side, at in ((whole, -1), (rest, 0)):  # commas at the end of the digits divide by thousands
        while side and side[at] == _COMMA:
            side.pop(at)
            scale -= 3
    places = [words for kind, words in fraction if _is_place((kind, words))][:MAX_DECIMALS]
    rounded = value.scaleb(scale).quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP, EXACT)
    digits, _, decimals = format(rounded, "f").partition(".")
    return _whole(digits.lstrip("0"), whole) + _decimals(decimals, places) + "".join(words for _, words in rest)


def _is_place(token: Token) -> bool:
    return token[0] == "place" and token[1] in "0#?"


def _whole(digits: str, tokens: Sequence[Token]) -> str:
    """Digits from the last place to the first, which takes all that are left."""
    grouped = _COMMA in tokens
    tokens = [token for token in tokens if token != _COMMA]
    first = next((at for at, token in enumerate(tokens) if _is_place(token)), None)
    if grouped:
        digits = digits.rjust(tokens.count(("place", "0")), "0")
        digits = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", digits)
        kept = [at for at, token in enumerate(tokens) if at == first or not _is_place(token)]
        tokens = [("place", "#") if at == first else tokens[at] for at in kept]
    words = ""
    for at in range(len(tokens) - 1, -1, -1):
        if not _is_place(tokens[at]):
            words = tokens[at][1] + words
            continue
        taken = digits if at == first else digits[-1:]
        digits = digits[: len(digits) - len(taken)]
        words = (taken or ("0" if tokens[at][1] == "0" else "")) + words
    return words


def _decimals(digits: str, places: Sequence[str]) -> str:
    while digits and places[len(digits) - 1] != "0" and digits[-1] == "0":
        digits = digits[:-1]
    return f".{digits}" if digits else ""


# ── Dates and times ──────────────────────────────────────────────────────────────────────────────────────────────────


def _natural(value: date | time | timedelta) -> str:
    """How a date is shown whose format is none of dates."""
    if isinstance(value, timedelta):
        return "[h]:mm:ss"
    if isinstance(value, time):
        return "h:mm:ss"
    has_time = isinstance(value, datetime) and value.time() != time()
    return "yyyy/m/d h:mm" if has_time else "yyyy/m/d"


def _date(value: date | time | timedelta, section: Section) -> str:
    moment = _moment(value)
    kinds = {kind for kind, _ in section}
    clock = _Clock(moment, value if isinstance(value, timedelta) else None, "noon" in kinds, "numerals" in kinds)
    tokens = [(kind, words.lower() if kind in ("date", "elapsed") else words) for kind, words in section]
    dated = ["", *(words for kind, words in tokens if kind in ("date", "elapsed")), ""]
    at = 0
    words = []
    for kind, word in tokens:
        if kind in ("date", "elapsed"):
            at += 1
            is_minute = word in ("m", "mm") and (dated[at - 1].startswith("h") or dated[at + 1].startswith("s"))
            words.append(clock.elapsed(word) if kind == "elapsed" else clock.part("n" * len(word) if is_minute else word))
        elif kind == "noon":
            words.append(clock.noon(word))
        elif kind in ("literal", "place"):
            words.append(word)
    return "".join(words)


def _moment(value: date | time | timedelta) -> datetime:
    if isinstance(value, timedelta):
        return datetime(1900, 1, 1) + value % timedelta(days=1)
    if isinstance(value, time):
        return datetime.combine(date(1900, 1, 1), value)
    return value if isinstance(value, datetime) else datetime.combine(value, time())


@dataclass(frozen=True, slots=True)
class _Clock:
    """A moment that says its parts: y year, m month, d day, h hour, n minute, s second, a weekday."""

    moment: datetime
    duration: timedelta | None
    is_half: bool  # hours to 12
    in_chinese: bool

    def part(self, word: str) -> str:
        letter, width = word[0], len(word)
        if letter in "ye":
            return self._year(short=letter == "y" and width < 3)
        if letter == "a":
            return ("星期" if width == 4 else "") + WEEKDAYS[self.moment.weekday()]
        if letter in "md" and width > 2:
            name = self.moment.strftime("%B" if letter == "m" else "%A")
            return name[:3] if width == 3 else name
        number = self._number(letter)
        return chinese(number) if self.in_chinese and number else f"{number:0{min(width, 2)}d}"

    def elapsed(self, word: str) -> str:
        duration = self.duration or timedelta(hours=self.moment.hour, minutes=self.moment.minute, seconds=self.moment.second)
        return f"{int(duration.total_seconds()) // {'h': 3600, 'm': 60, 's': 1}[word[0]]:0{min(len(word), 2)}d}"

    def noon(self, word: str) -> str:
        names = ("上午", "下午") if "午" in word else ("AM", "PM")
        return names[self.moment.hour >= 12]

    def _year(self, *, short: bool) -> str:
        year = f"{self.moment.year:04d}"[2 if short else 0 :]
        return "".join(DIGITS[int(digit)] for digit in year) if self.in_chinese else year

    def _number(self, letter: str) -> int:
        moment = self.moment
        hour = (moment.hour % 12 or 12) if self.is_half else moment.hour
        return {"m": moment.month, "d": moment.day, "h": hour, "n": moment.minute, "s": moment.second}[letter]
