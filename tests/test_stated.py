from __future__ import annotations

from decimal import Decimal

import pytest

from extractor.stated import completion
from extractor.types import Quantity, Relation, Result
from tests.results import number, one_record

LEVEL, SHARE = number("8", "个"), number("88.2", "%", kind="share")


@pytest.mark.parametrize(
    ("result", "stated", "computed"),
    [
        (one_record("7个", {"8个": LEVEL}, number("7", "个")), None, "1.1429"),
        (one_record("16个", {"8个": LEVEL}, number("16", "个")), None, "0.5"),
        # half up, not half even: 1 / 32 = 0.03125
        (one_record("32个", {"1个": number("1", "个")}, number("32", "个")), None, "0.0313"),
        (one_record("7家", {"8个": LEVEL}, number("7", "家")), None, None),
        (one_record("0个", {"8个": LEVEL}, number("0", "个")), None, None),
        (one_record("若干", {"8个": LEVEL}, None), None, None),
        (one_record("7个", {"8个": LEVEL, "9个": number("9", "个")}, number("7", "个")), None, None),
        (one_record("7个", {"8个": LEVEL, "8 个": LEVEL}, number("7", "个")), None, "1.1429"),
        (one_record("10个", {"8个": LEVEL, "少2个": number("-2", "个", kind="change")}, number("10", "个")), None, "0.8"),
        # a percentage beside a counted target is a completion rate
        (one_record("8200万美元", {"88.2%": SHARE}, number("82000000", "美元")), "0.882", None),
        # a rise in percentage points beside it is no count
        (
            one_record(
                "92%",
                {"93.4%": number("93.4", "%", kind="share"), "提高1.2个百分点": number("1.2", "百分点", kind="change")},
                number("92", "%", kind="share"),
            ),
            None,
            "1.0152",
        ),
        # beside a target in per cent only the words tell
        (one_record("95%", {"88.2%": SHARE}, number("95", "%", kind="share")), None, "0.9284"),
        (one_record("95%", {"88.2%": SHARE}, number("95", "%", kind="share"), between="，完成年度任务的"), "0.882", None),
        (one_record("7个", {"增长8%": number("8", "%", kind="change")}, number("7", "个")), None, None),
    ],
)
def test_completion(result: Result, stated: str | None, computed: str | None) -> None:
    assert result.to_dict()["records"][0]["completion"] == {"stated": stated, "computed": computed}


def test_a_range_has_no_completion() -> None:
    result = one_record("3-5个", {"8个": LEVEL}, Quantity((Decimal(3), Decimal(5)), "个", Relation.RANGE))
    assert completion(result, result.records[0]) == (None, None)
    assert result.to_dict()["records"][0]["target"][0]["quantity"]["value"] == "3..5"
