"""Quantities: borders as the guidelines want them, exact values, and the way back."""

from __future__ import annotations

import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from timeit import timeit

import cn2an  # type: ignore[import-untyped, unused-ignore]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.annotations import held_out_names, load
from extractor.quantity import QuantityError, find, head_unit, parse, render
from extractor.types import Label, Quantity, QuantityKind, Relation, slices

ANNOTATIONS = Path(__file__).parent.parent / "annotations"
LEVEL, CHANGE, SHARE, SCORE = QuantityKind.LEVEL, QuantityKind.CHANGE, QuantityKind.SHARE, QuantityKind.SCORE


def preferred(text: str) -> list[str]:
    return slices(text, [candidate.span for candidate in find(text) if candidate.preferred])


# ── find ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

CANONICAL = """
至少 15 个|7亿元以上|30余次|30多家|近 10 个百分点|3-5家|３－５家|9 大类 46 项|9大类46项|86户214人|同比增长7.3%|下降 6.2%
提高近10个百分点|三次|1:3.5|15.3‰|九成以上|九成五|壹佰贰拾万元|2,100元/平方米|500元/人·学期|每平方米2,100元以内
每公里每年5,200元以内|每千人4批次|2,385.4 亿元|5,28O万元|l,204人|10万元至20万元|日均不少于85吨|≥ 98%|不超过５天
1.1万余亩|12.6 例/10万|34.2μg/m³|约46TB|千分之二点四|三分之二|近半|320 台（套）|3.42万卷（件）次|204.00万无
12 345.6 万元|1亿2000万元|52小时35分|减少了3.5%|0.1次/10万公顷以下|户均2万元|1∶1.15以内
"""


@pytest.mark.parametrize("words", CANONICAL.replace("\n", "|").strip("|").split("|"))
def test_find_sets_the_border_of_the_guidelines(words: str) -> None:
    assert preferred(f"本项目已完成{words}，情况良好。") == [words]


@pytest.mark.parametrize(
    "text",
    """2023年完成了 3月6日召开 2021-2023年 2022年1月至12月 财〔2023〕6号
    第3次会议 第三方 1.项目概况 （1）项目 一是加强 2023.3.5 PM2.5浓度 H7N9病例
    二〇二三年 十二月三十一日""".split(),
)
def test_dates_ordinals_and_headings_are_no_candidates(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("，仅完成12.5%。", ["12.5%"]),
        ("共引进12家企业", ["12家"]),
        ("新增12家", ["12家"]),
        ("签约3198户", ["3198户"]),
        ("均高于90%的目标", ["90%"]),
        ("由5%提高到8%", ["5%", "8%"]),
        ("指标得分１２分", ["１２分"]),
        ("建设12个村民小组活动室", ["12个"]),
        ("二期2.5亿元", ["二期", "2.5亿元"]),
    ],
)
def test_words_outside_a_value(text: str, words: list[str]) -> None:
    assert preferred(text) == words


def test_doubtful_borders_are_offered_too() -> None:
    text = "同比下降35.71%"
    assert slices(text, [candidate.span for candidate in find(text)]) == ["同比下降35.71%", "下降35.71%", "35.71%"]


def test_recall_on_the_annotated_reports() -> None:
    held_out = held_out_names(ANNOTATIONS / "heldout.txt")
    gold = found = best = 0
    for path in sorted(ANNOTATIONS.glob("reports/r*.txt")):
        if path.stem in held_out:
            continue
        example = load(path)
        borders = {candidate.span: candidate.preferred for candidate in find(example.text)}
        values = [mention.span for mention in example.mentions if mention.label is not Label.INDICATOR]
        gold += len(values)
        found += sum(span in borders for span in values)
        best += sum(borders.get(span, False) for span in values)
    assert found / gold >= 0.997
    assert best / gold >= 0.985


HOSTILE = [
    "1",
    "同比",
    " ",
    "l",
    "一",
    "1,",
    "1 ",
    "12.",
    "a",
    "2021、",
    "百分之",
    "每",
    "1-",
    "（1",
    "1亿",
    "\n",
    "1/",
    "约1",
    "1 111",
    "1:1",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_find_takes_linear_time(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        # timeit holds back the garbage collector, whose round over all that other tests left took longer than the search.
        return timeit(lambda: find(text), timer=time.process_time, number=1)

    # Eight times the text takes 8 times as long if linear and 64 times if quadratic.
    assert seconds(16_000) < 24 * max(seconds(2_000), 0.01)


@given(
    st.text(
        alphabet="0123456789,.，．% lO一二十百万亿半点分之成余多约近每年月日个项元/·:：-—至（）()〔第同比增长下降A\n", max_size=60
    )
)
def test_find_gives_ordered_spans_that_each_come_once(text: str) -> None:
    spans = [candidate.span for candidate in find(text)]
    assert spans == sorted(set(spans), key=lambda span: (span.start, -span.end))
    assert all(words == words.strip() and "\n" not in words for words in slices(text, spans))


# ── parse ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "value", "unit", "relation", "kind"),
    [
        ("2,385.4 亿元", "238540000000", "元", "=", LEVEL),
        ("26418万美元", "264180000", "美元", "=", LEVEL),
        ("2.4万标箱", "24000", "标箱", "=", LEVEL),
        ("1,236台次", "1236", "台次", "=", LEVEL),
        ("３．６万亩", "36000", "亩", "=", LEVEL),
        ("5,28O万元", "52800000", "元", "=", LEVEL),
        ("l,204人", "1204", "人", "=", LEVEL),
        ("204.00万无", "2040000", "元", "=", LEVEL),
        ("1亿2000万元", "120000000", "元", "=", LEVEL),
        ("壹佰贰拾万元", "1200000", "元", "=", LEVEL),
        ("一千五百五十六万余元", "15560000", "元", ">", LEVEL),
        ("两次", "2", "次", "=", LEVEL),
        ("半年", "0.5", "年", "=", LEVEL),
        ("30余次", "30", "次", ">", LEVEL),
        ("30多家", "30", "家", ">", LEVEL),
        ("7亿元以上", "700000000", "元", ">=", LEVEL),
        ("不足5天", "5", "天", "<", LEVEL),
        ("每平方米2,100元以内", "2100", "元/平方米", "<=", LEVEL),
        ("每公里每年5,200元", "5200", "元/公里·年", "=", LEVEL),
        ("日均不少于85吨", "85", "吨/日", ">=", LEVEL),
        ("500元/人·学期", "500", "元/人·学期", "=", LEVEL),
        ("12.6 例/10万", "12.6", "例/10万", "=", LEVEL),
        ("9 大类 46 项", "46", "项", "=", LEVEL),
        ("52小时35分", "3155", "分钟", "=", LEVEL),
        ("1:3.5", "3.5", "比", "=", LEVEL),
        ("3-5家", "3..5", "家", "range", LEVEL),
        ("3-5万元", "30000..50000", "元", "range", LEVEL),
        ("10万元至20万元", "100000..200000", "元", "range", LEVEL),
        ("≥98％", "98", "%", ">=", SHARE),
        ("15.3‰", "15.3", "‰", "=", SHARE),
        ("九成以上", "90", "%", ">=", SHARE),
        ("九成五", "95", "%", "=", SHARE),
        ("近半", "50", "%", "~", SHARE),
        ("三分之一", "33.3333", "%", "=", SHARE),
        ("百分之九十二点四", "92.4", "%", "=", SHARE),
        ("万分之三点一", "3.1", "‱", "=", SHARE),
        ("96.5分", "96.5", "分", "=", SCORE),
        ("增长3.7%", "3.7", "%", "=", CHANGE),
        ("同比下降 6.2%", "-6.2", "%", "=", CHANGE),
        ("比计划少2部", "-2", "部", "=", CHANGE),
        ("提高近10个百分点", "10", "百分点", "~", CHANGE),
        ("下降5%以上", "-5", "%", "<=", CHANGE),
        ("下降5至8%", "-8..-5", "%", "range", CHANGE),
    ],
)
def test_parse(words: str, value: str, unit: str, relation: str, kind: QuantityKind) -> None:
    quantity = parse(words)
    assert (quantity.value_text(), quantity.unit, quantity.relation, quantity.kind) == (value, unit, relation, kind)
    assert quantity.text == words


@pytest.mark.parametrize(
    ("words", "head", "value", "unit"),
    [
        ("35.6", "万元", "356000", "元"),
        ("35.6元", "万元", "35.6", "元"),
        ("3万", "万元", "30000", "元"),
        ("98", "%", "98", "%"),
        ("3-5", "万元", "30000..50000", "元"),
    ],
)
def test_the_table_head_gives_the_unit_that_the_words_lack(words: str, head: str, value: str, unit: str) -> None:
    quantity = parse(words, head_unit=head)
    assert (quantity.value_text(), quantity.unit) == (value, unit)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "^“”中没有数；"),
        ("完成较好", "^“完成较好”中没有数；"),
        ("1.2.3", "^“1.2.3”中“1.2”之后是“.3”；"),
        ("0:3", "^“0:3”是与零相比"),
        ("9" * 99, "长 99 个字符；一个数值最多 80 个字符"),
    ],
)
def test_what_is_no_quantity(words: str, reason: str) -> None:
    with pytest.raises(QuantityError, match=reason):
        parse(words)


@given(st.text(alphabet="0123456789.,%lO一二十百万亿半点分之成余多约近每个元/·:-—至不超过下降", max_size=30))
def test_any_words_give_a_quantity_or_a_quantity_error(words: str) -> None:
    with suppress(QuantityError):
        assert parse(words).low.is_finite()


@given(st.integers(1, 10**12 - 1), st.sampled_from(["low", "up"]))
def test_chinese_numerals_agree_with_cn2an(number: int, style: str) -> None:
    assert parse(cn2an.an2cn(number, style) + "元").value == number


# ── Both ways ────────────────────────────────────────────────────────────────────────────────────────────────────────

UNITS = {
    LEVEL: [
        "元",
        "美元",
        "个",
        "人次",
        "公里",
        "平方米",
        "亩",
        "标箱",
        "台(套)",
        "微克/立方米",
        "元/人·学期",
        "张/万人",
        "例/10万",
        "天",
        "TB",
        "",
    ],
    SHARE: ["%", "‰", "‱"],
    SCORE: ["分"],
    CHANGE: ["%", "百分点", "元", "部", "分", "个"],
}


@st.composite
def quantities(draw: st.DrawFn) -> Quantity:
    kind = draw(st.sampled_from(QuantityKind))
    unit = draw(st.sampled_from(UNITS[kind]))
    relation = draw(st.sampled_from(Relation))
    numbers = st.decimals(-(10**6), 10**13, places=4)
    if relation is Relation.RANGE:
        low, high = sorted(draw(st.tuples(numbers, numbers)))
        return Quantity((low, high), unit, relation, kind)
    return Quantity(draw(numbers), unit, relation, kind)


@given(quantities())
def test_parse_inverts_render(quantity: Quantity) -> None:
    assert parse(render(quantity)) == quantity


@given(st.decimals(0, 10**6, places=2))
def test_parse_inverts_render_of_ratios(value: Decimal) -> None:
    quantity = Quantity(value, "比")
    assert parse(render(quantity)) == quantity


@given(quantities())
def test_find_covers_what_render_writes(quantity: Quantity) -> None:
    words = render(quantity)
    text = f"本项目已完成{words}，情况良好。"
    assert words in slices(text, [candidate.span for candidate in find(text)])


FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
BOUNDS = {
    "": "=",
    "约": "~",
    "近": "~",
    "不低于": ">=",
    "至少": ">=",
    "≥": ">=",
    "超": ">",
    "超过": ">",
    "不超过": "<=",
    "≤": "<=",
    "不足": "<",
}


@given(
    st.sampled_from(sorted(BOUNDS)),
    st.decimals(0, 10**6, places=2),
    st.sampled_from([("", 0), ("万", 4), ("亿", 8), ("万亿", 12)]),
    st.sampled_from(["元", "亩", "人次", "件", "公里"]),
    st.sampled_from(["", " "]),
    st.booleans(),
)
def test_wordings(bound: str, number: Decimal, scale: tuple[str, int], unit: str, blank: str, wide: bool) -> None:
    figures = str(number).translate(FULL_WIDTH) if wide else f"{number:,}"
    quantity = parse(f"{bound}{blank}{figures}{blank}{scale[0]}{unit}")
    assert quantity == Quantity(number * 10 ** scale[1], unit, Relation(BOUNDS[bound]))


# ── Table heads ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("单位：万元", "万元"),
        ("金额单位：万元", "万元"),
        ("单位: 人民币万元", "万元"),
        ("项目资金（万元）", "万元"),
        ("（%）", "%"),
        ("执行率（％）", "%"),
        ("单位成本(元/平方米)", "元/平方米"),
        ("培训人数（人次）", "人次"),
        ("单位名称：某局", None),
        ("（一）", None),
        ("（12万元）", None),
        ("年度指标值", None),
    ],
)
def test_head_unit(text: str, unit: str | None) -> None:
    assert head_unit(text) == unit
