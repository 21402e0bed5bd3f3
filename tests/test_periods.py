"""Period words against the report's own year."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.periods import calendar, find_periods, report_year
from extractor.types import Period, Span


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("青禾县水利局2022年度部门整体支出绩效自评报告\n2023年3月成立小组。2023年计划。", 2022),
        ("青禾县水利局２０２３年度项目支出绩效自评报告", 2023),
        ("青禾县水利局二〇二一年绩效自评报告", 2021),
        ("关于项目的说明。2020年建成，2021年运行，2021年验收。", 2021),
        ("没有年份的说明。", None),
    ],
)
def test_report_year(text: str, year: int | None) -> None:
    assert report_year(text) == year


@pytest.mark.parametrize(
    ("words", "period"),
    [
        ("2022年", days("2022-01-01", "2022-12-31")),
        ("本年", days("2022-01-01", "2022-12-31")),
        ("全年", days("2022-01-01", "2022-12-31")),
        ("上年同期", days("2021-01-01", "2021-12-31")),
        ("去年", days("2021-01-01", "2021-12-31")),
        ("上一年", days("2021-01-01", "2021-12-31")),
        ("明年", days("2023-01-01", "2023-12-31")),
        ("下一年度", days("2023-01-01", "2023-12-31")),
        ("1-9月", days("2022-01-01", "2022-09-30")),
        ("2023年1—2月", days("2023-01-01", "2023-02-28")),
        ("截至11月底", days("2022-01-01", "2022-11-30")),
        ("截至十一月底", days("2022-01-01", "2022-11-30")),
        ("十月至十二月", days("2022-10-01", "2022-12-31")),
        ("截至2022年十二月三十一日", days("2022-01-01", "2022-12-31")),
        ("截至2022年12月31日", days("2022-01-01", "2022-12-31")),
        ("上半年", days("2022-01-01", "2022-06-30")),
        ("前三季度", days("2022-01-01", "2022-09-30")),
        ("2023年一季度", days("2023-01-01", "2023-03-31")),
        ("2021年以来", days("2021-01-01", "2022-12-31")),
        ("2021—2023年", days("2021-01-01", "2023-12-31")),
        ("“十四五”期间", days("2021-01-01", "2025-12-31")),
        ("２０２１年", days("2021-01-01", "2021-12-31")),
    ],
)
def test_period_words(words: str, period: Period) -> None:
    text = f"说明：{words}完成"
    (found,) = find_periods(text, 2022)
    assert text[found.span.start : found.span.end].strip("“”") in words
    assert found.period == period


@pytest.mark.parametrize("words", ["截至13月底", "9-1月", "截至2月30日"])
def test_impossible_dates_are_passed_over(words: str) -> None:
    assert not [found for found in find_periods(words, 2022) if found.period.end.month not in (12,)]


@pytest.mark.parametrize(
    ("sentence", "value", "year"),
    [
        ("合格率由上年的4.6%降到2.8%", "4.6%", 2021),
        ("合格率由上年的4.6%降到2.8%", "2.8%", 2022),
        ("较上年下降0.3天", "下降0.3天", 2022),
        ("2023年计划修渠9公里", "9公里", 2023),
        ("全年修渠9公里", "9公里", 2022),
        ("修渠9公里", "9公里", 2022),
    ],
)
def test_value_takes_the_period_before_it(sentence: str, value: str, year: int) -> None:
    title = "青禾县水利局2022年度绩效自评报告\n"
    text = f"{title}{sentence}。"
    start = text.index(value)
    period = calendar(text).at(Span(start, start + len(value)), Span(len(title), len(text)))
    assert period == days(f"{year}-01-01", f"{year}-12-31")


@pytest.mark.parametrize(
    ("section", "year"),
    [(("五、下一步工作打算",), 2023), (("二、目标", "5.上年同口径数据"), 2021), (("三、绩效目标完成情况",), 2022)],
)
def test_headings_give_the_period_where_the_sentence_does_not(section: tuple[str, ...], year: int) -> None:
    text = "2022年度绩效自评报告\n修渠9公里。"
    start = text.index("9公里")
    period = calendar(text).at(Span(start, start + 3), Span(start - 2, len(text)), section)
    assert period is not None
    assert period.end.year == year


def test_without_a_year_there_is_no_period() -> None:
    assert calendar("修渠9公里。").at(Span(2, 5), Span(0, 6)) is None


@given(st.text(alphabet="2019年月日上半季度截至到底第一二十-—0 。", max_size=60))
def test_any_text_gives_ordered_periods_inside_it(text: str) -> None:
    found = list(find_periods(text, 2022))
    assert all(one.period.start <= one.period.end for one in found)
    assert all(one.span.end <= two.span.start for one, two in pairwise(found))
