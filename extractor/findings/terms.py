"""Words that the rules go by, as data."""

from __future__ import annotations

from collections.abc import Set

from extractor.types import Relation

# What the names of money rates end with, and of the sums that they compare.
MONEY_RATES = tuple(
    "执行率 支出率 支付率 到位率 使用率 拨付率 执行进度 支出进度 支付进度 支出完成率 下达率 发放率 兑付率".split()
)
# Rates of all the money that a report is about; what is used is measured by what arrived, which often is not told.
PLAIN_RATES = frozenset(
    scope + rate
    for scope in ("", *"预算 资金 综合 整体预算 总体 部门预算 整体 全年预算 项目资金 专项资金".split())
    for rate in MONEY_RATES
    if rate != "使用率"
)
BUDGETED = tuple(
    "预算 预算数 预算资金 预算额 概算 总投资 计划投资 指标 年初预算数 全年预算数 预算安排 安排资金 安排 批复".split()
)
FUNDS = tuple("资金 经费 专项 补助资金".split())
RECEIVED = tuple("到位 到位资金 到位数 下达 下达资金 拨付 拨付资金 收到 拨入 到账".split())
SPENT = tuple("支出 执行 执行数 支付 使用 支出数 决算 决算数 开支 支付资金 使用资金 支出资金 列支 完成支付 实际支出".split())
# Words for money that arrived, and before a budget that was changed in the year.
ARRIVED = tuple("到位 拨付 收到 到账 拨入".split())
ADJUSTED = tuple("调整为 调整后 调整到 追加后 增加到 合计 总额 共计".split())
# Names of what does not add up to a whole: averages, extremes, and stages that the same things pass one after the other.
NO_ADDENDS = tuple("平均 人均 最高 最低 最大 率 开工 投产 履约 竣工 完工 达产 验收 以上 以下 在建 续建 日均 同比 上年".split())
# Rates of a whole that cannot be more than all of it.
AT_MOST_ALL = tuple(
    (
        "满意度 合格率 优良率 达标率 及时率 覆盖率 普及率 知晓率 通过率 入学率 巩固率 出勤率 完好率 准确率 办结率 回访率 "
        "正常运行率 中标率 公开率 落实率 整改率 签订率 签约率 处置率 处理率 及格率 参与率 使用率 规范率 有效率 治愈率 "
        "存活率 成活率 保存率 化解率 采纳率 结案率 解决率 安置率"
    ).split()
)
# What the name of a report's whole score ends with.
TOTAL_SCORES = tuple("总分 总得分 合计 总计 自评得分 自评总分 自评分 综合得分 评价得分 最终得分 自评总得分".split())
# What may be the better the less there is of it, though its target is a bare number.
LESS_IS_BETTER = tuple(
    (
        "成本 造价 单价 费用 补助 投入 时间 时限 时长 天数 事故 投诉 发生率 死亡率 差错率 漏报率 失业率 浓度 消耗 能耗 涨幅 "
        "负债率 漏损率 案件 上访 信访量 投诉量 降幅 返贫 工期 用时 受灾率 损失 违约率 不良率 药占比 卫生材料费 投入比"
    ).split()
)
# One-off works: less of them next year is no lower goal.
WORKS = tuple("改造 新建 建设 建成 修缮 更新 维修 安排 化解 处置 治理 拆除 购置 安装 完成 新增".split())


def may_be_ceiling(bounds: Set[Relation], name: str | None) -> bool:
    """Whether less may be better, by how targets bound what they speak of and by the name: an upper bound, or a bare number
    for what is named as a cost, a time or a harm.
    """
    if bounds & {Relation.AT_LEAST, Relation.MORE}:
        return False
    return bool(bounds & {Relation.AT_MOST, Relation.LESS}) or (name or "").endswith(LESS_IS_BETTER)
