"""Checks over records: small marked reports, and what the rules say of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.annotations import load_all, parse
from extractor.errors import RulesError
from extractor.findings import BUILT_IN, HOLDS, UNKNOWN, Answer, Case, Rule, Verdict, check, chosen, fails, registry, rule
from extractor.findings.interval import Interval, point, printed, ratio, total
from extractor.gold import gold_report, gold_result
from extractor.quantity import parse as quantity
from extractor.segment import outline
from extractor.types import Example, Finding, Origin, Record, RecordKind, Result, Severity, Span, TableAccount

ROOT = Path(__file__).parent.parent
TITLE = "青泽市2022年度公路养护项目绩效自评报告\n\n"
RULES = {rule.name: rule for rule in BUILT_IN}


def checked(marked: str, *names: str) -> Result:
    """The marked report after these rules, or all."""
    return check(*gold_result(parse(TITLE + marked)), [RULES[name] for name in names] or BUILT_IN)


def verdicts(marked: str, name: str) -> tuple[int, int, int]:
    """How often the rule holds, fails and cannot tell."""
    (count,) = checked(marked, name).checks
    return count.n_holds, count.n_fails, count.n_unknown


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


# ── What a printed number may stand for ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("70%", "69.5", "71"),  # rounded, or cut off
        ("69.6%", "69.55", "69.7"),
        ("18个", "18", "18"),
        ("15.65亿元", "1564500000", "1565500000"),
        ("1,180万元", "11795000", "11805000"),
        ("9,860.00万元", "98599950", "98600050"),
        ("28公里", "27.5", "28.5"),
        ("30余次", "30", "40"),
        ("超过100个", "100", "200"),
        ("近50个", "40", "60"),
        ("3-5家", "3", "5"),
        ("下降6.2%", "-6.3", "-6.15"),
    ],
)
def test_intervals(words: str, low: str, high: str) -> None:
    assert printed(quantity(words)) == Interval(Decimal(low), Decimal(high))


@given(st.decimals(0, 10**6, places=4), st.integers(0, 3))
def test_what_rounds_or_cuts_off_to_the_printed_rate_is_in_its_interval(value: Decimal, places: int) -> None:
    for rounding in ("ROUND_HALF_UP", "ROUND_DOWN"):
        words = f"{value.quantize(Decimal(1).scaleb(-places), rounding)}%"
        assert printed(quantity(words)).meets(point(value))


numbers = st.decimals(-(10**9), 10**9, places=3)
intervals = st.tuples(numbers, numbers).map(lambda pair: Interval(min(pair), max(pair)))


@given(intervals, intervals, st.data())
def test_arithmetic_keeps_every_possible_result(a: Interval, b: Interval, data: st.DataObject) -> None:
    x, y = data.draw(st.decimals(a.low, a.high, places=3)), data.draw(st.decimals(b.low, b.high, places=3))
    assert (a + b).meets(point(x + y))
    assert (a - b).meets(point(x - y))
    assert (a * b).meets(point(x * y))
    assert a.meets(b) == b.meets(a)
    quotient = ratio(a, b)
    assert quotient is None or quotient.widened(Decimal("1e-20")).meets(point(x / y * 100))


def test_an_interval_is_never_empty() -> None:
    with pytest.raises(ValueError, match="empty interval"):
        Interval(Decimal(2), Decimal(1))
    assert total([]) == point(Decimal(0))


# ── Rates ────────────────────────────────────────────────────────────────────────────────────────────────────────────

RATE = "计划{I1|整治边坡}{T1|23处}，实际{I1|整治边坡}{A1|16处}，完成率{A1|%s}。"


@pytest.mark.parametrize("rate", ["70%", "69%", "69.57%", "69.5%", "69.6%", "69.56%", "约70%"])
def test_rounding_is_no_finding(rate: str) -> None:
    assert verdicts(RATE % rate, "completion-rate") == (1, 0, 0)


@pytest.mark.parametrize("rate", ["71%", "96.57%", "69.7%", "75.65%"])
def test_a_wrong_completion_rate(rate: str) -> None:
    finding = only(checked(RATE % rate, "completion-rate"))
    assert finding.message == f"“整治边坡”：16处 ÷ 23处 = 69.57%，报告写的是 {rate}"
    assert (finding.severity, finding.records, len(finding.mentions)) == (Severity.ERROR, (0,), 3)


def test_less_may_be_better() -> None:
    text = "{I1|单位成本}控制在{T1|100元以内}，实际{I1|单位成本}{A1|80元}，完成率{A1|125%}。"
    assert verdicts(text, "completion-rate") == (1, 0, 0)
    assert verdicts(text.replace("125%", "130%"), "completion-rate") == (0, 0, 1)


def test_a_unit_wrong_by_a_power_of_ten_is_proposed() -> None:
    text = "{I1|完成投资}计划{T1|20.0万元}，实际{I1|完成投资}{A1|12.4亿元}，完成率{A1|62.00%}。"
    assert "“20.0万元”按 20亿元 计算则相符" in only(checked(text, "completion-rate")).message


def test_equal_numbers_in_different_units() -> None:
    text = "{I1|利用外资}目标{T1|2000万美元}，实际{I1|利用外资}{A1|2136万元}，完成率{A1|106.8%}。"
    assert "单位不同" in only(checked(text, "completion-rate")).message


def test_a_difference_to_the_target() -> None:
    text = "计划{I1|加装电梯}{T1|6部}，实际{I1|加装电梯}{A1|4部}，比计划{A1|少%s部}。"
    assert verdicts(text % 2, "difference-to-target") == (1, 0, 0)
    assert verdicts(text % 3, "difference-to-target") == (0, 1, 0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{I1|年初预算}{M1|200万元}，{I2|实际支出}{M2|150万元}，{I3|执行率}{A3|75%}。", (1, 0, 0)),
        ("{I1|年初预算}{M1|200万元}，{I2|实际支出}{M2|150万元}，{I3|执行率}{A3|85%}。", (0, 1, 0)),
        ("{I1|年初预算}{M1|1860万元}，{I2|实际支出}{M2|1860万元}，{I3|执行率}{A3|100%}。", (1, 0, 0)),
        ("{I1|年初预算}{M1|200万元}。\n三、支出情况\n全年{I2|支出}{M2|150万元}，{I3|执行率}{A3|85%}。", (0, 1, 0)),
        ("全年{I2|支出}{M2|150万元}，{I3|执行率}{A3|85%}。", (0, 0, 1)),
        ("{I1|年初预算}{M1|200万元}，追加{I4|补助}{M4|50万元}。全年{I2|支出}{M2|150万元}，{I3|执行率}{A3|60%}。", (1, 0, 0)),
        ("{I1|到位资金}{M1|90万元}，{I2|支付资金}{M2|45万元}，占到位资金的{A3|50%}。", (1, 0, 0)),
        # several budgets in one sentence, one of them raised to another
        ("{I1|年初预算}{M1|200万元}，{I4|调整后预算}{M4|250万元}，{I2|支出}{M2|150万元}，{I3|执行率}{A3|60%}。", (1, 0, 0)),
        ("{I1|年初预算}{M1|200万元}，{I4|调整后预算}{M4|250万元}，{I2|支出}{M2|150万元}，{I3|执行率}{A3|65%}。", (0, 1, 0)),
        # a rate of a part, whose own budget is not told
        ("{I1|年初预算}{M1|200万元}。\n全年{I2|支出}{M2|150万元}。{I4<1|培训经费}{M4|30万元}，{I3|执行率}{A3|90%}。", (0, 0, 1)),
        ("{I1|预算}{M1|200万元}。\n{I2|市级支出}{M2|40万元}，{I3|市级支出率}{A3|90%}。", (0, 0, 1)),
        # a rate that no money has, though what it is of is not told
        ("全年{I2|支出}{M2|150万元}，{I3|执行率}{A3|885%}。", (0, 1, 0)),
        # named as all of the money, or as what was spent of a sum
        ("{I1|预算}{M1|200万元}。\n合计{I2|支出}{M2|150万元}，{I3|综合执行率}{A3|85%}。", (0, 1, 0)),
        ("{I2|公用经费开支}{M2|31.84万元}，占{I1|预算数}{M1|35.4万元}的{A3|89.94%}。", (1, 0, 0)),
        ("{I2|公用经费开支}{M2|31.84万元}，占{I1|预算数}{M1|38.4万元}的{A3|89.94%}。", (0, 1, 0)),
        # the sum of this part is named a little differently
        ("{I1|镇乡自筹}{M1|350万元}。\n{I2|自筹到位}{M2|202万元}，{I3|自筹资金到位率}{A3|57.71%}。", (1, 0, 0)),
        ("{I1|镇乡自筹}{M1|350万元}。\n{I2|自筹到位}{M2|202万元}，{I3|自筹资金到位率}{A3|58.71%}。", (0, 1, 0)),
        # the budget is told by the difference
        ("{I1|总投资}{M1|960万元}。\n{I2|资金到位}{M2|836万元}，较计划少14万元，{I3|到位率}{A3|98.35%}。", (0, 0, 1)),
    ],
)
def test_execution_rates(text: str, found: tuple[int, int, int]) -> None:
    assert verdicts(text, "execution-rate") == found


# ── Sums ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

SUM = "{I1|项目支出}{M1|%s}，其中：{I2<1|设备费}{M2|20万元}、{I3<1|材料费}{M3|30.5万元}、{I4<1|劳务费}{M4|%s}%s。"


@pytest.mark.parametrize(
    ("whole", "part", "rest", "found"),
    [
        ("60万元", "9.5万元", "", (1, 0, 0)),
        ("60.4万元", "9.5万元", "", (1, 0, 0)),  # 20 and 60.4 are printed to different digits
        ("52万元", "9.5万元", "", (0, 1, 0)),  # the parts are more than the whole
        ("63万元", "9.5万元", "", (0, 1, 0)),
        ("63万元", "9.5万元", "等", (0, 0, 1)),  # a list that says it is not complete
        ("100万元", "9.5万元", "", (0, 0, 1)),  # too far off to be a complete list
        ("80万元", "29.5元", "", (0, 1, 0)),  # a unit that was left out
    ],
)
def test_sums(whole: str, part: str, rest: str, found: tuple[int, int, int]) -> None:
    assert verdicts(SUM % (whole, part, rest), "sum-of-parts") == found


def test_a_whole_may_be_divided_twice() -> None:
    text = "{I1|零售额}{A1|93亿元}，其中{I2<1|线上}{A2|28亿元}，{I3<1|城镇}{A3|71亿元}、{I4<1|乡村}{A4|22亿元}。"
    assert verdicts(text, "sum-of-parts") == (1, 0, 0)


LIST = "{I1|支出}{M1|%s}，具体为：\n①{I2<1|设备费}{M2|200.4万元}；\n②{I3<1|材料费}{M3|300.5万元}；\n③{I4<1|劳务费}{M4|%s}。"


def test_a_list_over_several_lines() -> None:
    assert verdicts(LIST % ("600.4万元", "99.5万元"), "sum-of-parts") == (1, 0, 0)
    assert verdicts(LIST % ("650.4万元", "99.5万元"), "sum-of-parts") == (0, 1, 0)


def test_what_is_said_after_a_list_does_not_open_it() -> None:
    text = "{I1|支出}{M1|500万元}。其中{I2<1|基本支出}{M2|300万元}；{I3<1|项目支出}{M3|150万元}，主要用于培训。"
    assert verdicts(text, "sum-of-parts") == (0, 1, 0)


def test_parts_of_a_part_are_no_strangers_in_a_list() -> None:
    text = "{I1|支出}{M1|500万元}，其中{I2<1|基本支出}{M2|300万元}（{I4<2|人员}{M4|200万元}），{I3<1|项目支出}{M3|%s}。"
    assert verdicts(text % "200万元", "sum-of-parts") == (1, 0, 0)
    assert verdicts(text % "250万元", "sum-of-parts") == (0, 1, 0)


def test_one_wrong_digit_explains_an_open_list() -> None:
    text = "{I1|支出}{M1|641.2万元}，其中{I2<1|采购}{M2|%s}、{I3<1|仓储}{M3|82.6万元}、{I4<1|运输}{M4|35.2万元}。"
    finding = only(checked(text % "323.4万元", "sum-of-parts"))
    assert finding.message.endswith("疑有一位数字写错或多写")
    assert verdicts(text % "314.9万元", "sum-of-parts") == (0, 0, 1)  # may be an incomplete list


def test_a_list_that_tells_how_many_parts_it_has_is_complete() -> None:
    text = "{I1|支出}{M1|%s}，由三部分组成：{I2<1|设备}{M2|20万元}、{I3<1|材料}{M3|30万元}、{I4<1|劳务}{M4|10万元}。"
    assert verdicts(text % "60万元", "sum-of-parts") == (1, 0, 0)
    assert verdicts(text % "90万元", "sum-of-parts") == (0, 1, 0)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("中央补助", "县级配套", (0, 1, 0)),
        ("中央补助", "省级补助", (0, 0, 1)),  # what is given here is not told
        ("设备购置", "县级配套", (0, 0, 1)),
    ],
)
def test_sources_from_above_and_here_are_all_sources(first: str, last: str, found: tuple[int, int, int]) -> None:
    text = f"{{I1|预算}}{{M1|90万元}}，其中{{I2<1|{first}}}{{M2|40万元}}、{{I3<1|{last}}}{{M3|30万元}}。"
    assert verdicts(text, "sum-of-parts") == found


def test_a_digit_written_twice_explains_a_rough_list() -> None:
    text = "{I1|支出}{M1|%s}，其中{I2<1|采购}{M2|36万元}、{I3<1|仓储}{M3|12万元}。"
    assert only(checked(text % "448万元", "sum-of-parts")).message.endswith("疑有一位数字写错或多写")
    assert verdicts(text % "539万元", "sum-of-parts") == (0, 0, 1)  # may be an incomplete list


# ── Growth, shares, repeats ──────────────────────────────────────────────────────────────────────────────────────────


def test_growth() -> None:
    text = "{I1|投诉件}由2021年的{A2|37件}降到{A1|11件}，{A1|下降%s}。"
    assert verdicts(text % "70.27%", "growth") == (1, 0, 0)
    assert verdicts(text % "60.27%", "growth") == (0, 1, 0)


def test_what_is_of_another_unit_may_stand_between() -> None:
    text = "全年{I1|签约}{A1|68个}，{I3<1|协议投资}{A3|412.6亿元}，较2021年的{A2|57个}{A1|增长%s}。"
    assert verdicts(text % "19.3%", "growth") == (1, 0, 0)
    assert verdicts(text % "29.3%", "growth") == (0, 1, 0)


def test_a_share_of_the_total_that_is_named() -> None:
    text = "{I1|签约金额}{A1|68.5亿元}。四个{I2<1|项目投资}{A2|43.5亿元}，占全部签约额的{A2|%s}。"
    assert verdicts(text % "63.5%", "share-of-whole") == (1, 0, 0)
    assert verdicts(text % "36.5%", "share-of-whole") == (0, 1, 0)


def test_a_share() -> None:
    text = "共{I1|培训学员}{A1|200人}，其中{I2<1|女学员}{A2|50人}，占总数的{A2|%s}。"
    assert verdicts(text % "25%", "share-of-whole") == (1, 0, 0)
    assert verdicts(text % "35%", "share-of-whole") == (0, 1, 0)


def test_a_rate_of_counts() -> None:
    text = "开工{I1|小区}{A1|18个}，{I2|完工小区}{A2|15个}，{I3|完工率}{A3|%s}。"
    assert verdicts(text % "83.33%", "rate-of-counts") == (1, 0, 0)
    assert verdicts(text % "88.33%", "rate-of-counts") == (0, 1, 0)


def test_a_part_that_is_more_than_its_whole() -> None:
    text = "下发{I1|图斑}{A1|23个}，{I2|整改图斑}{A2|50个}，{I3|整改率}{A3|%s}。"
    assert verdicts(text % "86.96%", "rate-of-counts") == (0, 1, 0)
    assert verdicts(text % "100%", "rate-of-counts") == (0, 0, 1)  # may be of those of other years, too


def test_a_count_with_a_digit_written_twice() -> None:
    text = "收集{I1|问题}{A1|%s}，{I2|已解决问题}{A2|33个}，{I3|解决率}{A3|89.2%%}。"
    assert verdicts(text % "37个", "rate-of-counts") == (1, 0, 0)
    assert verdicts(text % "337个", "rate-of-counts") == (0, 1, 0)
    assert verdicts(text % "937个", "rate-of-counts") == (0, 0, 1)  # may be a rate of other counts


def test_more_than_all() -> None:
    assert verdicts("{I1|纠纷化解率}达到{A1|886%}。", "percent-over-100") == (0, 1, 0)
    assert verdicts("{I1|群众满意度}达到{A1|102%}。", "percent-over-100") == (0, 1, 0)
    assert verdicts("{I1|产值利用强度}达到{A1|102%}。", "percent-over-100") == (0, 0, 0)


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ("186.4亿元", (1, 0, 0)),
        ("186亿元", (1, 0, 0)),
        ("约190亿元", (1, 0, 0)),
        ("168.4亿元", (0, 1, 0)),
        ("6.4亿元", (0, 0, 1)),  # how far it is over its target
    ],
)
def test_the_same_result_twice(second: str, found: tuple[int, int, int]) -> None:
    text = (
        f"{{I1|营业收入}}目标{{T1|180亿元}}。实际{{I1|营业收入}}{{A1|186.4亿元}}。\n二、效益\n{{I1|营业收入}}为{{A1|{second}}}。"
    )
    assert verdicts(text, "stated-twice") == found


def test_a_target_that_was_read_as_a_result_is_no_contradiction() -> None:
    text = "年初绩效目标为：{I1|下乡服务}{A1|48次}。\n二、完成情况\n{I1|下乡服务}{A1|45次}。"
    assert verdicts(text, "stated-twice") == (0, 0, 1)
    text = "目标为{I1|下乡服务}{T1|48次}。\n二、结果\n{I1|下乡服务}{A1|45次}。年初安排的{A1|48次}没有做完。"
    assert verdicts(text, "stated-twice") == (0, 0, 1)
    text = "目标为{I1|下乡服务}{T1|48次}。\n二、结果\n{I1|下乡服务}{A1|45次}。已完成{I1|下乡服务}{A1|48次}。"
    assert verdicts(text, "stated-twice") == (0, 1, 0)


def test_planned_and_spent_money_of_one_name_are_no_contradiction() -> None:
    text = "安排{I1|贴息}{M1|1,420万元}。\n二、支出\n支出{I1|贴息}{M1|%s}。"
    assert verdicts(text % "1,365.2万元", "stated-twice") == (0, 0, 1)
    assert verdicts(text % "1,420亿元", "stated-twice") == (0, 1, 0)  # but a slip in the unit is one


# ── Goals, units, wording, periods, completeness ─────────────────────────────────────────────────────────────────────


def test_far_over_the_target_and_its_tolerance(tmp_path: Path) -> None:
    text = "计划{I1|服务企业}{T1|30家}，实际{I1|服务企业}{A1|66家}。"
    assert verdicts(text, "far-over-target") == (0, 1, 0)
    settings = tmp_path / "rules.toml"
    settings.write_text("[far-over-target]\ntolerance = 1.5\n", encoding="utf-8")
    assert not check(*gold_result(parse(TITLE + text)), chosen(settings, [RULES["far-over-target"]])).findings


def test_missed_with_and_without_a_reason() -> None:
    text = "计划{I1|加装电梯}{T1|6部}，实际{I1|加装电梯}{A1|4部}"
    assert verdicts(f"{text}。", "missed-without-reason") == (0, 1, 0)
    assert verdicts(f"{text}，主要是个别住户意见不统一。", "missed-without-reason") == (1, 0, 0)
    assert verdicts(f"{text}。\n五、存在问题\n加装电梯受雨季影响进度滞后。", "missed-without-reason") == (1, 0, 0)


def test_a_plan_below_the_result() -> None:
    text = "全年{I1|进出口额}{A1|95亿元}。\n六、下一步打算\n2023年{I2|进出口额}力争达到{T2|90亿元}。"
    assert verdicts(text, "plan-below-result") == (0, 1, 0)
    assert verdicts(text.replace("进出口额", "改造厕所"), "plan-below-result") == (0, 0, 1)


def test_a_result_of_another_size() -> None:
    text = "目标{I1|供气能力}{T1|12万立方米}，实际{I1|供气能力}{A1|12.5立方米}。"
    assert "12.5万立方米" in only(checked(text, "unit-power")).message


def test_yuan_among_sums_of_ten_thousands() -> None:
    text = "{I1|补助资金}{M1|150万元}，其中{I2<1|中央补助}{M2|50万元}、{I3<1|省级补助}{M3|30万元}、{I4<1|市级配套}{M4|70元}。"
    assert only(checked(text, "unit-of-money")).mentions == (7,)


def test_claimed_success() -> None:
    text = "{I1|签约项目}目标{T1|20个}，全年超额完成{A1|15个}。"
    finding = only(checked(text, "claimed-success"))
    assert [f"{TITLE}签约项目目标20个，全年超额完成15个。"[span.start : span.end] for span in finding.spans] == ["超额完成"]
    assert verdicts(text.replace("15个", "25个"), "claimed-success") == (0, 0, 0)


def test_a_claim_that_all_was_met() -> None:
    text = "各项绩效目标均已完成。\n二、产出\n计划{I1|签约项目}{T1|20个}，实际{I1|签约项目}{A1|15个}。"
    assert verdicts(text, "all-met") == (0, 1, 0)
    assert verdicts(text.replace("均已完成", "除签约外均已完成"), "all-met") == (0, 0, 0)


def test_a_year_that_cannot_be() -> None:
    text = "截至{}年12月31日，{{I1|实际支出}}{{M1|150万元}}。2022年工作有序，2022年任务完成。"
    assert verdicts(text.format(2022), "year-of-result") == (1, 0, 0)
    assert verdicts(text.format(2023), "year-of-result") == (0, 0, 1)
    assert verdicts(text.format(2032), "year-of-result") == (0, 1, 0)


def test_a_target_without_a_result() -> None:
    assert verdicts("计划{I1|培训}{T1|200人}。", "target-without-result") == (0, 1, 0)
    assert verdicts("五、下一步打算\n2023年计划{I1|培训}{T1|200人}。", "target-without-result") == (0, 0, 0)


# ── Scores of tables ─────────────────────────────────────────────────────────────────────────────────────────────────


def table(*rows: tuple[str, str, str], prose: str = "", name: str = "") -> Result:
    """A report with rows of (marked target and result, weight, score) as records of a table."""
    marked = "\n".join(f"{{I{k}|指标{k}{name}}}：{row}" for k, (row, _, _) in enumerate(rows, 1)) + prose
    result, view = gold_result(parse(TITLE + marked.replace("#", "")))
    records: list[Record] = list(result.records)
    for k, (_, weight, score) in enumerate(rows):
        records[k] = replace(records[k], origin=Origin.TABLE, weight=weight, score=score)
    return check(replace(result, records=tuple(records)), view, BUILT_IN)


def failed(result: Result) -> set[str]:
    return {finding.rule for finding in result.findings}


def test_scores_of_rows() -> None:
    assert "full-score-missed" in failed(table(("目标{T1|15100人次}，实际{A1|0人次}", "4", "4")))
    assert "full-score-missed" in failed(table(("目标{T1|20处}", "4", "4")))
    assert "full-score-missed" not in failed(table(("目标{T1|20处}，实际{A1|21处}", "4", "4")))
    assert "score-over-weight" in failed(table(("目标{T1|20处}，实际{A1|21处}", "4", "5")))


def test_scores_by_proportion_where_the_report_says_so() -> None:
    row = ("目标{T1|20处}，实际{A1|15处}", "4", "3.8")
    assert "score-by-proportion" not in failed(table(row))
    assert "score-by-proportion" in failed(table(row, prose="\n未完成的按比例计分。"))
    assert "score-by-proportion" not in failed(table((row[0], "4", "3"), prose="\n未完成的按比例计分。"))


def test_weights_and_scores_add_up() -> None:
    def rows(last: str, score: str) -> list[tuple[str, str, str]]:
        marks = [f"目标{{T{k}|2处}}，实际{{A{k}|2处}}" for k in range(1, 6)]
        return [*((mark, "20", "19") for mark in marks[:-1]), (marks[-1], last, score)]

    total_score = "\n{I9|自评得分}{A9|95分}。"
    assert not failed(table(*rows("20", "19"), prose=total_score)) & {"weights-add-up", "scores-add-up"}
    assert "weights-add-up" in failed(table(*rows("15", "14"), prose=total_score))
    assert "scores-add-up" in failed(table(*rows("20", "16"), prose=total_score))


def in_tables(result: Result, *accounts: TableAccount) -> set[str]:
    """What fails where the rows of a result are divided evenly among these tables."""
    n_rows = len(result.records) // len(accounts)
    records = tuple(replace(one, row=(k // n_rows, k % n_rows + 1)) for k, one in enumerate(result.records))
    return failed(check(replace(result, records=records, tables=accounts, findings=()), outline(result.document), BUILT_IN))


def account(n_rows: int, weight: str | None = None, score: str | None = None) -> TableAccount:
    rows = tuple(range(1, n_rows + 1))
    return TableAccount(Span(0, 1), n_rows + 1, rows, ((0, "表头"),), weight, score)


def test_each_table_adds_up_for_itself() -> None:
    rows = [(f"目标{{T{k}|2处}}，实际{{A{k}|2处}}", "20", "19") for k in range(1, 11)]
    assert not in_tables(table(*rows), account(5), account(5)) & {"weights-add-up", "scores-add-up"}
    assert "scores-add-up" in in_tables(table(*rows), account(5, "100", "95"), account(5, "100", "97"))
    assert "weights-add-up" in in_tables(table(*rows), account(5, "110"), account(5))


def test_the_points_of_the_execution_rate_may_stand_outside_of_the_table() -> None:
    rows = [(f"目标{{T{k}|2处}}，实际{{A{k}|2处}}", "18", "17") for k in range(1, 6)]
    assert not in_tables(table(*rows), account(5, "100", "94.5")) & {"weights-add-up", "scores-add-up"}
    assert "scores-add-up" in in_tables(table(*rows), account(5, "100", "96"))


def test_a_group_adds_up_to_the_points_in_its_name() -> None:
    rows = [(f"目标{{T{k}|2处}}，实际{{A{k}|2处}}", "20", "19") for k in range(1, 6)]
    result = table(*rows)
    grouped = (replace(one, level1=f"产出指标（{40 if k < 2 else 50}分）") for k, one in enumerate(result.records))
    assert "weights-add-up" in in_tables(replace(result, records=tuple(grouped)), account(5))


def test_a_row_of_money_and_its_rate() -> None:
    result = table(("{M1|200万元}", "", ""), ("{M2|150万元}", "10", "9.5"))
    for rate, found in (("75%", set()), ("85.00", {"table-execution"})):
        records = [replace(one, row=(0, 1)) for one in result.records]
        records[1] = replace(records[1], extras=(("执行率", rate),))
        told = check(replace(result, records=tuple(records), findings=()), outline(result.document), BUILT_IN)
        assert failed(told) & {"table-execution"} == found
        assert "execution-score" in failed(told)


def test_a_row_and_the_prose_that_was_connected_with_it() -> None:
    result = table(("目标{T1|20处}，实际{A1|21处}", "4", "4"), prose="\n{I9|指标1个数}{A9|24处}。")
    assert "table-against-prose" not in failed(result)
    row, prose = result.records
    told = check(replace(result, records=(replace(row, related=(1,)), prose)), outline(result.document), BUILT_IN)
    assert "table-against-prose" in failed(told)


# ── The rules as a whole ─────────────────────────────────────────────────────────────────────────────────────────────


def test_confidence_comes_from_the_records_behind() -> None:
    result, view = gold_result(parse(TITLE + RATE % "75%"))
    doubtful = replace(result, records=tuple(replace(record, confidence=0.4) for record in result.records))
    assert only(check(doubtful, view, [RULES["completion-rate"]])).confidence == pytest.approx(0.4)


def test_what_was_hardly_read_right_is_no_notice() -> None:
    result, view = gold_result(parse(TITLE + "计划{I1|培训}{T1|200人}。"))
    doubtful = replace(result, records=(replace(result.records[0], confidence=0.3),))
    (count,) = (found := check(doubtful, view, [RULES["target-without-result"]])).checks
    assert (found.findings, count.n_fails, count.n_unknown) == ((), 0, 1)


def test_a_rule_that_breaks_costs_nothing_else() -> None:
    @rule("broken", Severity.ERROR, "坏", "坏的规则。")
    def broken(case: Case, tolerance: Decimal) -> Iterator[Answer]:
        yield HOLDS
        raise KeyError("x")

    result = check(*gold_result(parse(TITLE + RATE % "75%")), [broken, RULES["completion-rate"]])
    assert [finding.rule for finding in result.findings] == ["completion-rate"]
    assert "规则“broken”出错" in result.problems[0].message


def test_answers_are_counted_and_findings_told_once() -> None:
    @rule("own", Severity.NOTICE, "自有", "自有规则。")
    def own(case: Case, tolerance: Decimal) -> Iterator[Answer]:
        yield from (HOLDS, HOLDS, UNKNOWN, fails("不对。", [0]), fails("不对。", [0]))

    (count,) = (result := check(*gold_result(parse(TITLE + RATE % "70%")), [own])).checks
    assert (count.n_holds, count.n_fails, count.n_unknown, len(result.findings)) == (2, 1, 1, 1)


def test_every_rule_is_documented_and_named_once() -> None:
    assert len(RULES) == len(BUILT_IN)
    assert all(one.title and one.explanation.endswith("。") for one in BUILT_IN)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[completion]\non = false", "没有名为“completion”的规则"),
        ("[completion-rates]\non = false", "是否指 completion-rate？"),
        ("[completion-rate]\noff = true", "“off”无法识别；可写 on、tolerance、severity"),
        ("[completion-rate]\non = 0", "on 不能是 0；应为 true 或 false"),
        ("[completion-rate]\ntolerance = -1", "应为 0 至 100 的数"),
        ("[completion-rate]\ntolerance = nan", "应为 0 至 100 的数"),
        ("[completion-rate]\nseverity = 'bad'", "应为 error、warning、notice"),
        ("on = false", "“on”不在任何规则之下"),
        ("[completion-rate", "不是有效的 TOML"),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RulesError, match=message):
        chosen(path, BUILT_IN)


def test_settings_that_are_missing(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="不能读取"):
        chosen(tmp_path / "none.toml", BUILT_IN)


def test_settings(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("[growth]\non = false\n[completion-rate]\ntolerance = 0.1\nseverity = 'notice'\n", encoding="utf-8")
    rules = {one.name: one for one in chosen(path, BUILT_IN)}
    assert set(RULES) - set(rules) == {"growth"}
    assert (rules["completion-rate"].tolerance, rules["completion-rate"].severity) == (Decimal("0.1"), Severity.NOTICE)
    assert not check(*gold_result(parse(TITLE + RATE % "75%")), [rules["completion-rate"]]).findings


@rule("house-rule", Severity.NOTICE, "本局规则", "本局自有的检查。")
def house_rule(case: Case, tolerance: Decimal) -> Iterator[Answer]:
    yield Answer(Verdict.HOLDS)


def installed(monkeypatch: pytest.MonkeyPatch, value: str) -> tuple[Rule, ...]:
    entry = EntryPoint("house", value, registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry] if group == registry.GROUP else [])
    return registry.available()


def test_rules_of_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed(monkeypatch, f"{__name__}:house_rule") == (*BUILT_IN, house_rule)


@pytest.mark.parametrize(
    ("value", "message"),
    [(f"{__name__}:TITLE", "不是规则"), ("no_such_package:rule", "不能载入"), (f"{__name__}:none", "不能载入")],
)
def test_packages_that_offer_no_rule(monkeypatch: pytest.MonkeyPatch, value: str, message: str) -> None:
    with pytest.raises(RulesError, match=message):
        installed(monkeypatch, value)


# ── Whole reports ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_known_contradictions_are_found_and_nothing_else() -> None:
    """The contradictions of these annotated reports are known; everything else in them adds up."""
    planted = {
        "r104": "98%",
        "r109": "18,907万元",
        "r203": "88.33%",
        "r213": "35.84 万美元",
        "r311": "68.00%",
        "r314": "3860亿元",
        "r402": "92.22%",
        "r508": "98.9分",
        "r610": "1,043.6万元",
        "r710": "168.4亿元",
    }
    examples = [one for one in load_all(ROOT / "annotations" / "reports") if one.name in planted or one.name.startswith("r11")]
    found: dict[str, list[str]] = {}
    for example in examples:
        result = check(*gold_result(example), BUILT_IN)
        for finding in result.findings:
            if finding.severity is not Severity.NOTICE:
                found.setdefault(example.name, []).extend(result.text_of(mention) for mention in finding.mentions)
    assert set(found) == {*planted, "r115"}
    assert all(words in found[name] for name, words in planted.items())


def test_full_points_for_a_row_that_states_nothing() -> None:
    result = table(("目标{T1|20处}，实际{A1|21处}", "4", "4"), ("目标{T2|5处}，实际{A2|5处}", "4", "4"))
    first, second = (replace(one, row=(0, k)) for k, one in enumerate(result.records))
    empty = replace(second, targets=(), achieved=())
    told = {"empty": empty, "with a standard": replace(empty, extras=(("评分标准", "按规定检查的得满分"),))}
    found = {
        name: "full-score-missed" in failed(check(replace(result, records=(first, row)), outline(result.document), BUILT_IN))
        for name, row in told.items()
    }
    assert found == {"empty": True, "with a standard": False}


@pytest.mark.parametrize(("target", "result", "is_told"), [("15.65亿元", "15.65亿元", True), ("15亿元", "15亿元", False)])
def test_a_target_that_was_set_to_its_result_afterwards(target: str, result: str, is_told: bool) -> None:
    """A number of many digits tells which prose a row is about, whatever both call it."""
    prose = f"\n{{I9|签约总金额}}目标{{T9|7亿元以上}}，完成{{A9|{result}}}。"
    assert (
        "table-against-prose" in failed(table((f"目标{{T1|{target}}}，实际{{A1|{result}}}", "4", "4"), prose=prose))
    ) == is_told


# ── Tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def five_rows(weight: str = "20", score: str = "20", last: str | None = None) -> Result:
    """Five rows that reach their targets, with these points; the last one with a score of its own."""
    scores = [score] * 4 + [last or score]
    return table(*((f"目标{{T{k}|2处}}，实际{{A{k}|2处}}", weight, points) for k, points in enumerate(scores, 1)))


def as_money(result: Result, position: int, **cells: object) -> Result:
    """The result with a record as one of money, in the table's row of that number."""
    records = list(result.records)
    records[position] = replace(records[position], kind=RecordKind.FUND, **cells)  # type: ignore[arg-type]
    return replace(result, records=tuple(records))


def test_the_points_of_money_count_and_its_parts_have_none() -> None:
    rows = table(*((f"目标{{T{k}|2处}}，实际{{A{k}|2处}}", "20", "19") for k in range(1, 7)))
    result = as_money(as_money(rows, 0, weight="—", score="—"), 1, weight="20", score="19")
    assert not in_tables(result, account(6, "100", "95")) & {"weights-add-up", "scores-add-up"}
    assert {"weights-add-up", "scores-add-up"} <= in_tables(result, account(6, "120", "98"))


def test_pages_of_one_table_add_up_together() -> None:
    rows = [(f"目标{{T{k}|2处}}，实际{{A{k}|2处}}", "10", "9.5") for k in range(1, 11)]
    assert not in_tables(table(*rows), account(5), account(5, "100", "95")) & {"weights-add-up", "scores-add-up"}
    assert "scores-add-up" in in_tables(table(*rows), account(5), account(5, "100", "97"))


def test_printed_decimals_of_many_scores_do_not_hide_half_a_point() -> None:
    rows = [(f"目标{{T{k}|2处}}，实际{{A{k}|2处}}", "10", "9.5") for k in range(1, 11)]
    assert "scores-add-up" not in in_tables(table(*rows), account(10, "100", "95.2"))
    assert "scores-add-up" in in_tables(table(*rows), account(10, "100", "95.5"))


def test_a_group_adds_up_to_the_points_beside_it() -> None:
    for beside, is_told in (("100", False), ("90", True)):
        result = five_rows()
        records = [replace(one, level1="产出指标") for one in result.records]
        records[0] = replace(records[0], extras=(("权重", beside),))
        assert ("weights-add-up" in in_tables(replace(result, records=tuple(records)), account(5))) == is_told


@pytest.mark.parametrize(("target", "result", "is_told"), [("20处", "未开展", True), ("20处", "无", True), ("无", "无", False)])
def test_full_points_for_what_was_not_done(target: str, result: str, is_told: bool) -> None:
    rows = [("维修道路", target, result), *((f"养护路段{k}", f"{k}处", f"{k}处") for k in range(3, 7))]
    head = "一级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分\n"
    text = TITLE + head + "\n".join(f"产出指标\t{name}\t{plan}\t{done}\t20\t20" for name, plan, done in rows)
    told = check(*gold_report(Example("report", text, ())), BUILT_IN)
    assert len(told.records) == len(rows)
    assert ("full-score-missed" in failed(told)) == is_told


def test_a_column_of_reasons_may_say_nothing() -> None:
    for reason, is_told in (("无", True), ("/", True), ("设备到货较晚", False)):
        result = table(("目标{T1|20处}，实际{A1|15处}", "4", "3"))
        records = (replace(result.records[0], reason=reason),)
        told = check(replace(result, records=records, findings=()), outline(result.document), BUILT_IN)
        assert ("missed-without-reason" in failed(told)) == is_told


def test_fewer_points_than_the_declared_proportion() -> None:
    row = "目标{T1|20处}，实际{A1|15处}"
    assert "score-by-proportion" in failed(table((row, "4", "2.5"), prose="\n未完成的按比例计分。"))
    assert "score-by-proportion" not in failed(table((row, "4", "2.5")))


def test_points_by_proportion_are_the_rule_where_the_others_follow_it() -> None:
    rows = [(f"目标{{T{k}|20处}}，实际{{A{k}|15处}}", "4", "3") for k in range(1, 4)]
    assert "score-by-proportion" not in failed(table(*rows))
    assert "score-by-proportion" in failed(table(*rows[:2], (rows[2][0], "4", "3.8")))


@pytest.mark.parametrize(
    ("rate", "score", "is_told"),
    [("92.3%", "9.2", False), ("92.3%", "9", False), ("92.3%", "8", True), ("92.3%", "9.8", True), ("55%", "0", False)],
)
def test_the_points_of_the_rate_of_what_was_spent(rate: str, score: str, is_told: bool) -> None:
    result = as_money(table(("{M1|150万元}", "10", score)), 0, extras=(("执行率", rate),), row=(0, 1))
    assert ("execution-score" in failed(check(result, outline(result.document), BUILT_IN))) == is_told


@pytest.mark.parametrize(("rate", "is_told"), [("95%", False), ("94.7%", False), ("100%", True), ("90%", True)])
def test_a_column_of_completion_rates(rate: str, is_told: bool) -> None:
    result = table(("目标{T1|95%}，实际{A1|90%}", "4", "3.8"))
    record = replace(result.records[0], extras=(("指标完成率", rate),))
    told = check(replace(result, records=(record,), findings=()), outline(result.document), BUILT_IN)
    assert ("completion-rate" in failed(told)) == is_told


@pytest.mark.parametrize(("rest", "is_told"), [("50万元", False), ("70万元", True)])
def test_the_rows_below_a_sum_of_money_are_all_its_parts(rest: str, is_told: bool) -> None:
    marked = f"{{I1|资金总额}}{{M1|150万元}}\n{{I2<1|财政拨款}}{{M2|100万元}}\n{{I3<1|其他资金}}{{M3|{rest}}}"
    result, view = gold_result(parse(TITLE + marked))
    records = tuple(replace(one, origin=Origin.TABLE, row=(0, k)) for k, one in enumerate(result.records))
    assert ("sum-of-parts" in failed(check(replace(result, records=records), view, BUILT_IN))) == is_told


def test_points_may_be_the_mean_of_those_of_several_projects() -> None:
    text = "{I1|自评总分}{A1|%s分}，其中{I2<1|渠道项目}{A2|92.6分}、{I3<1|泵站项目}{A3|95.1分}。"
    assert verdicts(text % "93.85", "sum-of-parts")[1] == 0
    assert verdicts(text % "91.85", "sum-of-parts")[1] == 1


def test_a_cost_a_power_of_ten_away() -> None:
    row = "目标{T1|%s}，实际{A1|%s}"
    assert "unit-power" in failed(table((row % ("不超过3.2万元", "3.1元"), "4", "4"), name="单价"))
    assert "unit-power" not in failed(table((row % ("不超过900件", "1件"), "4", "4"), name="投诉量"))


def test_a_result_without_a_target() -> None:
    assert "result-without-target" in failed(table(("实际{A1|20处}", "4", "4")))
    assert "result-without-target" not in failed(table(("目标{T1|20处}，实际{A1|20处}", "4", "4")))


def test_numbers_as_exact_as_one_another_are_not_cut_off() -> None:
    text = "{I1|受益人口}{T1|5.6万人}。\n\n第二部分{I1|受益人口}目标为{T1|%s}。"
    assert verdicts(text % "5.7万人", "target-stated-twice")[1] == 1
    assert verdicts(text % "5.65万人", "target-stated-twice")[1] == 0


@pytest.mark.parametrize("told", ["压到", "核定为", "降为", "自加压力定在"])
def test_a_target_that_openly_takes_the_place_of_another_is_no_contradiction(told: str) -> None:
    text = "青禾县文旅局2023年度绩效自评报告\n一、绩效目标\n{I1|举办节会}{T1|12场}。\n二、调整\n4月会议将{I1|节会}%s{T1|9场}。\n"
    assert verdicts(text % told, "target-stated-twice")[1] == 0
    assert verdicts(text % "的目标是", "target-stated-twice")[1] == 1
