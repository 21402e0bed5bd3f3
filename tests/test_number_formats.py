"""Number formats: what a cell shows, by the words that a spreadsheet program shows for the same value and format."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.readers.number_formats import CHINESE_FORMATS, Value, is_date, shown

ACCOUNTING = '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '
DAY, MOMENT = datetime(2023, 12, 21), datetime(2023, 2, 3, 14, 5, 9)


@pytest.mark.parametrize(
    ("value", "number_format", "words"),
    [
        (0.985, "0.00%", "98.50%"),
        (0.985, "0%", "99%"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (1000, "#,##0", "1,000"),
        (0, "#,##0", "0"),
        (12, "#,##0000", "0,012"),
        (12, "0.0", "12.0"),
        (2.5, "0.0#", "2.5"),
        (5, "#.##", "5"),
        (0.5, "#.##", ".5"),
        (7, "000", "007"),
        (-5.5, "0.0", "-5.5"),
        (-0.001, "0.00", "0.00"),
        (-5.5, "0.00_);(0.00)", "(5.50)"),
        (-1234, "#,##0;[Red]-#,##0", "-1,234"),
        (0, ACCOUNTING, "-"),
        (1234.5, ACCOUNTING, "1,234.50"),
        ("无", ACCOUNTING, "无"),
        (0, "0;-0;;@", ""),
        (123456, '0!.0,"万"', "12.3万"),
        (1_000_000, "#,##0,", "1,000"),
        (46, '"≥"0"处"', "≥46处"),
        (12.3, "[$¥-804]#,##0.00", "¥12.30"),
        (13800001234, "000-0000-0000", "138-0000-1234"),
        (12345, "0.00E+00", "1.23E+04"),
        (1.5, "# ?/?", "1.5"),
        (5, "@", "5"),
        (0.1 + 0.2, "General", "0.3"),
        (1 / 3, "General", "0.333333333"),
        (123456789012, "General", "123456789012"),
        (12.5, 'G/通用格式"万元"', "12.5万元"),
        (True, "General", "TRUE"),
        ("x", '"共"@', "共x"),
        (DAY, 'yyyy"年"m"月"', "2023年12月"),
        (DAY, "yyyy年mm月dd日;@", "2023年12月21日"),
        (DAY, "[DBNum1][$-804]yyyy年m月d日", "二〇二三年十二月二十一日"),
        (DAY, "mmm-yy", "Dec-23"),
        (DAY, "aaaa", "星期四"),
        (DAY, "General", "2023/12/21"),
        (date(2023, 1, 2), "yyyy-mm-dd", "2023-01-02"),
        (MOMENT, "yyyy/m/d h:mm", "2023/2/3 14:05"),
        (MOMENT, "h:mm:ss AM/PM", "2:05:09 PM"),
        (MOMENT, "上午/下午h时mm分", "下午2时05分"),
        (MOMENT, "0", "2023/2/3 14:05"),
        (time(8, 5), "hh:mm", "08:05"),
        (timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
    ],
)
def test_what_the_cell_shows(value: Value, number_format: str, words: str) -> None:
    assert shown(value, number_format) == words


@pytest.mark.parametrize(
    ("number_format", "dated"),
    [
        ("yyyy-m-d", True),
        ("[h]:mm", True),
        ("0.00", False),
        ('0"日"', False),
        ("[Red]0.0", False),
        ("General", False),
        ("0.0E+0", False),
    ],
)
def test_which_formats_are_dates(number_format: str, dated: bool) -> None:
    assert is_date(number_format) is dated


def test_formats_known_by_number_are_dates() -> None:
    assert all(map(is_date, CHINESE_FORMATS.values()))
    assert shown(DAY, CHINESE_FORMATS[57]) == "2023年12月"


@given(st.decimals(-(10**9), 10**9, places=2))
def test_two_decimals_say_the_exact_value(value: Decimal) -> None:
    for number_format in ("0.00", "#,##0.00", "General"):
        assert Decimal(shown(float(value), number_format).replace(",", "")) == value


VALUES = st.one_of(st.floats(), st.integers(), st.booleans(), st.datetimes(), st.timedeltas(), st.text(max_size=5))


@settings(max_examples=300)
@given(VALUES, st.text('0#?.,%@ymdhsae/[];"\\_*E+-AMP', max_size=12))
def test_any_format_shows_something_for_any_value(value: Value, number_format: str) -> None:
    assert isinstance(shown(value, number_format), str)
