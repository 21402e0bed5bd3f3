"""The accuracy report in words: Chinese names of everything measured, and the sentences that come before any table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean

from extractor.accuracy import baseline
from extractor.accuracy.learning import Fold
from extractor.accuracy.measure import WANTED, Accuracy, Comparison, Trusted
from extractor.accuracy.mistakes import Kind
from extractor.sampling import Difference, Interval
from extractor.types import Label

FEW = 10  # reports; below, intervals say little

LABELS = {Label.INDICATOR: "指标", Label.TARGET: "目标值", Label.ACHIEVED: "实现值", Label.AMOUNT: "资金金额"}
MEASURES = {
    "span": "全部标注",
    **{f"span {label}": f"　{name}" for label, name in LABELS.items()},
    "value": "全部数值（目标值、实现值、资金金额）",
    "worth": "数值换算后相等",
    "link": "指标与数值的对应",
    "pair": "同一记录的任意两处",
    "record": "整条记录",
    "parent": "上级指标",
}
KINDS = {
    Kind.MISSED: ("漏标", "应当标出，没有找到"),
    Kind.SURPLUS: ("多标", "不应标出，却找到了"),
    Kind.BORDER: ("边界不对", "找到了，但多划或少划了字"),
    Kind.LABEL: ("类别不对", "找到了，但目标值、实现值、资金金额、指标认错"),
    Kind.LINK: ("归错记录", "找到了，但放进了别的记录"),
}
GROUPINGS = {
    "label": "按类别（记录按其第一个数值）",
    "section": "按所在章节（最外层标题）",
    "source": "按文字来源",
    "length": "按报告长度（字）",
    "unit": "按计量单位",
}
GROUPS = {
    **{str(label): name for label, name in LABELS.items()},
    "plan": "打算与建议",
    "trouble": "问题与偏差",
    "score": "结论与得分",
    "result": "完成情况与成效",
    "goal": "绩效目标",
    "money": "资金情况",
    "head": "基本情况",
    "other": "其他标题",
    "ocr": "扫描识别（扫描件或有识别错误的痕迹）",
    "clean": "电子原文",
    "under 2000": "2000 以下",
    "2000 to 3000": "2000–3000",
    "3000 to 4000": "3000–4000",
    "over 4000": "4000 以上",
    "percent": "百分比",
    "time": "时间",
    "measure": "长度、面积、重量等",
    "count": "个、家、人次等计数",
}
UNIT_GROUPS = {"money": "金额", "score": "得分"}  # these words also name sections
NERVALUATE = {
    "strict": "边界和类别都对（strict）",
    "exact": "边界对，不论类别（exact）",
    "partial": "边界部分对算一半（partial）",
    "ent_type": "类别对，有重叠即可（ent_type）",
}


def group_name(grouping: str, group: str) -> str:
    """What a group of a grouping is called."""
    return UNIT_GROUPS.get(group, GROUPS[group]) if grouping == "unit" else GROUPS.get(group, group)


def other_name(other: str) -> str:
    """What a compared system is called."""
    return "只用规则、不用模型" if other == baseline.NAME else f"模型 {other}"


def warnings(accuracy: Accuracy) -> Iterator[str]:
    """What must be known before any figure is believed."""
    if accuracy.learned:
        yield (
            f"这 {len(accuracy.reports)} 份报告中有 {len(accuracy.learned)} 份是这个模型学习过的，下列数字因此偏高，"
            "不能说明它读新报告时的水平。"
        )
    if len(accuracy.reports) < FEW:
        yield f"只有 {len(accuracy.reports)} 份报告，数字的偶然性很大；请至少用 {FEW} 份报告来衡量。"


def sentences(accuracy: Accuracy) -> Iterator[str]:
    """The conclusions for a reader who knows no machine learning, the most important first."""
    yield from _found(accuracy)
    yield _edits(accuracy)
    if accuracy.trusted:
        yield from _trust(accuracy.trusted)
    for comparison in accuracy.comparisons:
        yield _compared(comparison)


def _found(accuracy: Accuracy) -> Iterator[str]:
    value, worth, record = (accuracy.measure(name) for name in ("value", "worth", "record"))
    if value.scores.recall is not None:
        yield f"每 100 个应当找到的数值，找到并且完全正确的有 {per_hundred(value.scores.recall)} 个{_range(value.recall, '个')}。"
    if value.scores.precision is not None:
        yield f"每 100 个找出来的数值，有 {per_hundred(1 - value.scores.precision)} 个不对或不该找。"
    if worth.scores.recall is not None:
        yield f"只看数值本身、不计较多划少划一个字，每 100 个数值有 {per_hundred(worth.scores.recall)} 个换算后与正确答案相等。"
    if record.scores.recall is not None:
        yield (
            f"每 100 条应有的记录，指标、目标值、实现值、资金金额一处不差的有 {per_hundred(record.scores.recall)} 条"
            f"{_range(record.recall, '条')}。"
        )


def _edits(accuracy: Accuracy) -> str:
    total = sum(accuracy.edits.values())
    parts = "、".join(f"{KINDS[kind][0]} {n} 处" for kind, n in accuracy.edits.items())
    return f"程序读完之后，人还要改 {total} 处，平均每份报告 {total / max(1, len(accuracy.reports)):.1f} 处：{parts}。"


def _trust(trusted: Trusted) -> Iterator[str]:
    records = trusted.records
    if records.error is not None:
        yield f"程序给每条记录一个可信度。它说的可信度与实际的正确率平均相差 {100 * records.error:.1f} 个百分点。"
    if records.wrong_in_least_certain is not None:
        yield f"可信度最低的十分之一记录里，集中了全部错误记录的 {per_hundred(records.wrong_in_least_certain)}%。"
    if records.n and records.to_review < 1:
        yield f"要让不再复核的记录每 100 条有 {WANTED * 100:.0f} 条正确，需要人工复核可信度最低的 {percent(records.to_review)}。"
    elif records.n:
        yield f"要让不再复核的记录每 100 条有 {WANTED * 100:.0f} 条正确，目前仍须复核全部记录。"


def cross_validated(folds: Sequence[Fold]) -> str:
    """What the folds show together."""
    records = [fold.record for fold in folds]
    return (
        f"把报告分成 {len(folds)} 组，轮流用其余各组训练、用这一组衡量，共 {sum(fold.measured for fold in folds)} 份。"
        f"整条记录的综合得分（F1）平均 {percent(mean(records))}，最低 {percent(min(records))}，最高 {percent(max(records))}："
        "相差越小，这个水平越不取决于碰巧选了哪些报告。"
    )


def _compared(comparison: Comparison) -> str:
    ours, theirs = comparison.f1["record"]
    name = other_name(comparison.other)
    if ours is None or theirs is None:
        return f"与“{name}”相比：没有可以比较的记录。"
    told = verdict(comparison.differences["record"])
    return f"与“{name}”相比，整条记录的综合得分（F1）是 {percent(ours)} 对 {percent(theirs)}：{told}。"


def verdict(difference: Difference | None) -> str:
    """What a paired comparison allows to be said."""
    if difference is None:
        return "报告太少，无法判断"
    if difference.is_better:
        return "更好，不是偶然"
    if difference.is_worse:
        return "更差，不是偶然"
    return "差别在偶然范围之内"


def per_hundred(share: float) -> str:
    """A share as a whole number of 100; only a true 0 or 1 becomes 0 or 100."""
    nearest = round(100 * share)
    if 0 < share < 1:
        nearest = min(max(nearest, 1), 99)
    return str(nearest)


def percent(share: float | None) -> str:
    """One decimal; a dash for what cannot be divided."""
    return "–" if share is None else f"{100 * share:.1f}%"


def _range(interval: Interval | None, classifier: str) -> str:
    if interval is None:
        return ""
    return f"（换一批同类报告，大约在 {per_hundred(interval.low)} 到 {per_hundred(interval.high)} {classifier}之间）"
