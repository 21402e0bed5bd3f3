"""Which days a value speaks of: period words resolved against the report's own year."""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from extractor.types import Period, Span

TITLE_LENGTH = 300  # characters in which a report states its title, and with it its year
EARLIEST, LATEST = 1990, 2099

# One character of the text stays one character, so that offsets hold.
_PLAIN = str.maketrans("０１２３４５６７８９－～〇零一二三四五六七八九", "0123456789-~00123456789")
_MONTH, _DAY = "(?:十[12]?|1?\\d)", "(?:[23]?十\\d?|[1-3]?\\d)"  # 十1月 is what becomes of 十一月
_DASH = "[-—–－~～至到]+"
_YEAR = r"(?P<year>(?:19|20)\d\d)\s?年度?"
_YEAR_IF_ANY = rf"(?:{_YEAR}(?:的)?)?"
_TITLE_YEAR = re.compile(rf"{_YEAR}(?=[^。；\n]{{0,60}}(?:自评|绩效|评价|决算|总结|报告))")
_ANY_YEAR = re.compile(_YEAR)

_QUARTERS = {"上半年": (1, 6), "下半年": (7, 12), "前3季度": (1, 9), "前2季度": (1, 6), "前半年": (1, 6)}
_RELATIVE_YEARS = {
    "前年": -2,
    "上年": -1,
    "去年": -1,
    "上1年": -1,
    "前1年": -1,
    "往年": -1,
    "本年": 0,
    "今年": 0,
    "当年": 0,
    "全年": 0,
    "年内": 0,
    "年末": 0,
    "年底": 0,
    "明年": 1,
    "次年": 1,
    "来年": 1,
    "下年": 1,
    "下1年": 1,
}
_FIVE_YEAR_PLANS = {"2": 2011, "3": 2016, "4": 2021, "5": 2026}

# A change is measured from the earlier period but speaks of the present one.
CHANGE = re.compile(
    r"\s*(?:同比|环比|年均|约|近|超)*\s*"
    r"(?:增|减|降|升|提高|提升|提前|下降|上升|上涨|回升|回落|压缩|压减|缩短|多|少|高|低|翻|持平)"
)
PLANS_AHEAD = re.compile(r"下一步|下步|打算|下1?年|明年|来年|今后|后续|改进")

_Build = Callable[[re.Match[str], int], Period | None]


@dataclass(frozen=True, slots=True)
class Expression:
    """Words that name a period."""

    span: Span
    period: Period


@dataclass(frozen=True, slots=True)
class Calendar:
    """The report's year and every period its text names, in text order; ``year`` is None where the text names none."""

    text: str
    year: int | None
    expressions: tuple[Expression, ...]

    def at(self, value: Span, sentence: Span, section: Sequence[str] = ()) -> Period | None:
        """The period of a value: the last one named before it in its sentence, else the one its innermost headings name."""
        if self.year is None:
            return None
        stated = self.stated(value, sentence)
        if stated is not None:
            return stated.period
        for title in reversed(section):
            named = next(find_periods(title, self.year), None)
            if named is not None:
                return named.period
            if PLANS_AHEAD.search(_plain(title)):
                return whole_year(self.year + 1)
        return whole_year(self.year)

    def stated(self, value: Span, sentence: Span) -> Expression | None:
        """The expression in force at ``value``, None where its sentence names no period before it.

        An earlier year governs only the level that directly follows it (由上年的4.6%降到2.8%), never a change from it.
        """
        position = bisect_left(self.expressions, value.start, key=lambda expression: expression.span.start)
        is_change = CHANGE.match(self.text, value.start) is not None
        for expression in reversed(self.expressions[:position]):
            if expression.span.start < sentence.start:
                break
            is_past = self.year is not None and expression.period.end.year < self.year
            between = self.text[expression.span.end : value.start]
            if is_past and (is_change or re.search(r"\d|[,，;；]", between)):
                continue
            return expression
        return None


def calendar(text: str) -> Calendar:
    """Read the report's year and all its period words."""
    year = report_year(text)
    return Calendar(text, year, () if year is None else tuple(find_periods(text, year)))


def report_year(text: str) -> int | None:
    """The year the report is about: that of its title, else the one it names most (the earlier of two equals)."""
    plain = _plain(text)
    title = _TITLE_YEAR.search(plain[:TITLE_LENGTH])
    if title:
        return int(title["year"])
    counts = Counter(int(match["year"]) for match in _ANY_YEAR.finditer(plain))
    return min(counts, key=lambda year: (-counts[year], year)) if counts else None


def find_periods(text: str, year: int) -> Iterator[Expression]:
    """Every period the text names, in text order; relative words count from ``year``. Impossible dates are passed over."""
    plain = _plain(text)
    for match in _ANY.finditer(plain):
        for pattern, build in EXPRESSIONS:
            found = pattern.fullmatch(match.group())
            if found:
                period = build(found, year)
                if period is not None:
                    yield Expression(Span(*match.span()), period)
                break


def whole_year(year: int) -> Period:
    """1 January to 31 December."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def _plain(text: str) -> str:
    return text.translate(_PLAIN)


def _number(words: str) -> int:
    """11 of 11 and 十1."""
    tens, ten, ones = words.rpartition("十")
    return 10 * int(tens or 1) + int(ones or 0) if ten else int(words)


def _months(year: int, first: int, last: int) -> Period | None:
    if not (EARLIEST <= year <= LATEST and 1 <= first <= last <= 12):
        return None
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def _own_year(match: re.Match[str], year: int) -> int:
    return int(match["year"] or year)


def _since(match: re.Match[str], year: int) -> Period | None:
    first = int(match["year"])
    return Period(date(first, 1, 1), date(year, 12, 31)) if first <= year else None


def _years(match: re.Match[str], year: int) -> Period | None:
    first, last = int(match["first"]), int(match["last"])
    return Period(date(first, 1, 1), date(last, 12, 31)) if first <= last else None


def _until_day(match: re.Match[str], year: int) -> Period | None:
    own, month, day = _own_year(match, year), _number(match["month"]), _number(match["day"])
    if not (1 <= month <= 12 and 1 <= day <= monthrange(own, month)[1]):
        return None
    return Period(date(own, 1, 1), date(own, month, day))


def _quarter(match: re.Match[str], year: int) -> Period | None:
    number = int(match["quarter"])
    return _months(_own_year(match, year), 3 * number - 2, 3 * number)


def _five_years(match: re.Match[str], year: int) -> Period | None:
    first = _FIVE_YEAR_PLANS[match["plan"]]
    return Period(date(first, 1, 1), date(first + 4, 12, 31))


# Chinese digits are read as Arabic ones here. Longer forms stand before the shorter ones they contain.
EXPRESSIONS: tuple[tuple[re.Pattern[str], _Build], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"{_YEAR}以来", _since),
        (rf"(?P<first>(?:19|20)\d\d)年?{_DASH}(?P<last>(?:19|20)\d\d)\s?年度?", _years),
        (
            rf"{_YEAR_IF_ANY}(?P<first>{_MONTH})月?{_DASH}(?P<last>{_MONTH})月份?",
            lambda match, year: _months(_own_year(match, year), _number(match["first"]), _number(match["last"])),
        ),
        (rf"截[至止]到?{_YEAR_IF_ANY}(?P<month>{_MONTH})月(?P<day>{_DAY})日", _until_day),
        (
            rf"截[至止]到?{_YEAR_IF_ANY}(?P<month>{_MONTH})月份?[底末]?",
            lambda match, year: _months(_own_year(match, year), 1, _number(match["month"])),
        ),
        (
            rf"{_YEAR_IF_ANY}(?P<half>{'|'.join(_QUARTERS)})",
            lambda match, year: _months(_own_year(match, year), *_QUARTERS[match["half"]]),
        ),
        (rf"{_YEAR_IF_ANY}第?(?P<quarter>[1-4])季度", _quarter),
        (
            rf"{_YEAR}(?P<month>{_MONTH})月份?(?!\d?\d日)",
            lambda match, year: _months(int(match["year"]), _number(match["month"]), _number(match["month"])),
        ),
        (rf"(?:截[至止]到?)?{_YEAR}[底末]?", lambda match, year: whole_year(int(match["year"]))),
        (
            rf"(?P<word>{'|'.join(_RELATIVE_YEARS)})(?:度|末|同期)*",
            lambda match, year: whole_year(year + _RELATIVE_YEARS[match["word"]]),
        ),
        (r"[“\"‘]?十(?P<plan>[2-5])5[”\"’]?(?:期间|时期)", _five_years),
    )
)
_GROUP_NAME = re.compile(r"\?P<[a-z]+>")
_ANY = re.compile("|".join(f"(?:{_GROUP_NAME.sub('?:', pattern.pattern)})" for pattern, _ in EXPRESSIONS))
