"""Names that reports use for the same thing, as data."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

# Roles of fund records. A name has the role whose word it ends with or holds; earlier roles win.
FUND_ROLES: dict[str, tuple[str, ...]] = {
    "carried-over": tuple("结转 结余 剩余 未支出 未使用 未核销 未拨付 沉淀 滚存".split()),
    "paid": tuple("支出 执行数 支付 使用 发放 核销 付款 兑付 列支 报销 用于 花费 决算".split()),
    "allocated": tuple("到位 下达 拨付 拨入 拨款 收到 划拨 安排 补助 投入 配套 自筹 追加 调增 调减".split()),
    "budget": tuple("预算 概算 总投资 资金 经费 专项".split()),
}
OTHER_ROLE = "other"


def fund_role(names: Sequence[str]) -> str:
    """The role of a fund record by its names, `OTHER_ROLE` where none tells."""
    for role, words in FUND_ROLES.items():
        if any(word in name for name in names for word in words):
            return role
    return OTHER_ROLE


# ── Indicator tables ─────────────────────────────────────────────────────────────────────────────────────────────────


class Column(StrEnum):
    """What a column of an indicator table or of a funding block holds."""

    LEVEL1 = "level1"
    LEVEL2 = "level2"
    LEVEL3 = "level3"
    LEVEL4 = "level4"
    INDICATOR = "indicator"  # the deepest level, whatever it is called
    RELATION = "relation"  # ≥, ≤, =, 定性: the bound of a target whose number stands in a column of its own
    TARGET = "target"
    UNIT = "unit"
    ACHIEVED = "achieved"
    COMPLETION = "completion"
    LEVEL1_WEIGHT = "level1 weight"
    LEVEL2_WEIGHT = "level2 weight"
    WEIGHT = "weight"
    SCORE = "score"
    REASON = "reason"


LEVELS = (Column.LEVEL1, Column.LEVEL2, Column.LEVEL3, Column.LEVEL4)
VALUES = (Column.TARGET, Column.ACHIEVED)
POINTS = (Column.LEVEL1_WEIGHT, Column.LEVEL2_WEIGHT, Column.WEIGHT, Column.SCORE)

# Words before a head's name that only say when or whose: 全年实际完成值, 评价年度预期值, 2022年目标值, 单位自评得分.
HEAD_QUALIFIERS = tuple("评价年度 本年度 年度 全年 本年 当年 今年 年初 年末 年底 截至 单位 部门 项目 本项目 各项".split())
# Heads with these words speak of another time than the report's; their columns are kept apart.
PAST_HEADS = tuple("上年 上一年 去年 前年 历史 基期 往年 近三年".split())
# Names of columns without qualifiers, blanks and brackets.
COLUMN_NAMES: dict[Column, tuple[str, ...]] = {
    Column.LEVEL1: tuple("一级指标 一级 一级指标名称 指标类别 指标大类 一级目标".split()),
    Column.LEVEL2: tuple("二级指标 二级 二级指标名称 指标分类 指标类型 二级目标".split()),
    Column.LEVEL3: tuple("三级指标 三级 三级指标名称 三级指标内容 具体指标 三级目标".split()),
    Column.LEVEL4: tuple("四级指标 四级 四级指标名称".split()),
    Column.INDICATOR: tuple(
        "指标 指标名称 绩效指标 绩效指标名称 指标内容 评价指标 考核指标 指标项 指标项目 明细指标 名称 工作任务 任务 任务名称 "
        "主要任务 工作内容 绩效内容 绩效指标内容 评价内容 考核内容".split()
    ),
    Column.RELATION: tuple("指标性质 性质 符号 运算符 运算符号 计算符号 指标符号 比较符 比较符号 指标方向 目标符号".split()),
    Column.TARGET: tuple(
        "指标值 目标值 绩效目标值 预期值 预期目标值 预期指标值 绩效指标值 计划值 计划数 计划完成值 计划完成数 计划完成情况 "
        "计划目标值 计划指标值 目标数 目标指标值 设定目标值 设定目标 设定值 设定指标值 目标 绩效目标 预期目标 预期完成值 "
        "预计完成值 预期数 预定目标 预定值 目标任务 任务目标 计划任务 绩效标准 绩效标准值 指标目标值 指标目标 计划 标准值 "
        "应完成值 应完成数 考核值 考核目标 目标完成值 任务数 任务量 申报指标值 批复指标值 设定的目标值 设定的指标值".split()
    ),
    Column.UNIT: tuple("度量单位 计量单位 单位 指标值单位 指标单位 数值单位 目标值单位".split()),
    Column.ACHIEVED: tuple(
        "实际完成值 实际值 完成值 实际完成 实际完成数 实际完成情况 完成情况 完成数 实现值 实际实现值 实际达成值 达成值 "
        "实际完成指标值 指标完成情况 指标完成值 指标实际完成值 指标实现值 实际完成结果 完成结果 实际情况 实际数 实际绩效值 "
        "实际达到值 目标完成情况 目标实现情况 绩效目标完成情况 绩效完成情况 指标完成结果 实现情况 自评完成值 达成情况 完成量 "
        "执行值 实际执行值 实际指标值 完成指标值".split()
    ),
    Column.COMPLETION: tuple(
        "完成率 完成比例 完成程度 完成百分比 实现程度 指标完成率 目标完成率 完成进度 完成度 执行率 预算执行率 支出率 执行进度 "
        "资金执行率 预算完成率 到位率 资金到位率 实现率 达成率".split()
    ),
    Column.WEIGHT: tuple(
        "分值 权重 标准分 标准分值 指标分值 分值权重 权重分值 满分 权重分 分数 指标权重 权重值 赋分 分配分值 基准分 基础分 "
        "设定分值 满分值 标准分数 权重系数".split()
    ),
    Column.SCORE: tuple(
        "得分 自评得分 自评分 自评分数 评分 评价得分 实际得分 自评分值 最终得分 打分 指标得分 评价分 评价分数 自评 考核得分 "
        "自评评分 得分数".split()
    ),
    Column.REASON: tuple("原因 原因分析 原因说明 差异说明 偏差说明 改进措施".split()),
}
# What other heads hold or end with; earlier ones win.
COLUMN_PARTS: tuple[tuple[Column, tuple[str, ...]], ...] = (
    (Column.REASON, tuple("偏差 原因 未完成 未达标 改进措施 整改措施 偏离".split())),
)
COLUMN_ENDINGS: tuple[tuple[Column, tuple[str, ...]], ...] = (
    (Column.COMPLETION, ("完成率", "执行率", "完成比例", "实现率")),
    (Column.TARGET, ("指标值", "目标值", "预期值", "计划值", "计划数", "目标数")),
    (Column.ACHIEVED, ("完成值", "实际值", "实现值", "完成情况", "完成数", "达成值", "实际数")),
    (Column.SCORE, ("得分", "自评分")),
    (Column.WEIGHT, ("分值", "权重")),
)
# Columns that we know and keep as they are.
OTHER_COLUMNS = tuple(
    "序号 编号 备注 标准 说明 材料 佐证 依据 来源 方法 公式 细则 解释 释义 科室 责任 得分率 扣分 属性 时间 时限 证明 上年 去年 "
    "编码 代码 级次 地区 附件 是否 复核 审核".split()
)
# Words that stand above several columns without meaning a column.
GROUP_HEADS = tuple("绩效指标 评价指标 指标 指标体系 绩效指标完成情况 年度绩效指标 绩效目标 项目绩效指标 指标评分表".split())
# Under the head of a level: 一级指标 › 名称, 权重.
NAME_LEAVES = ("名称", "指标名称", "内容")

# Rows that add up the points, and remarks below or between the rows, by their first words.
TOTAL_NAMES = tuple("合计 总分 总计 总得分 小计 合计得分 总分值 得分合计 分值合计 合计分值 自评总分 综合得分".split())
SUBTOTAL_NAMES = ("小计",)  # of a part of the table
NOTE_NAMES = tuple(
    "注 备注 说明 填表人 填报人 填表说明 联系人 审核人 审核 项目负责人 财务负责人 负责人 评价结论 自评结论 存在问题 存在的问题 "
    "主要问题 其他需要说明的问题 其他说明 总体评价 下一步 改进措施 评价等级 自评等级 填表日期 填报日期 评价人员 绩效结论 "
    "问题及原因 有关建议 说明事项".split()
)
# What an empty cell is filled with, blanks taken away; and what the blank form prints for names.
STROKES = frozenset("/ \\ - -- --- — —— 一 ― – － ／ * … …… ... ······ N/A n/a 不适用 〃".split())
BLANK_NAMES = r"(?:指标\s*\d{0,2}\s*[:：]?|[.…·]+)"

# ── Funding blocks, goal blocks and the head of a form ───────────────────────────────────────────────────────────────

# Columns of a funding block by what their heads hold; earlier roles win, and a role is what the amount below means.
FUND_HEADS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("carried-over", tuple("结转数 结余数 结转结余 结余资金 结转资金 剩余".split())),
    ("paid", tuple("执行数 支出数 支出金额 实际支出 决算数 支付数 全年支出 执行金额 使用数 支出".split())),
    ("allocated", tuple("到位数 到位资金 实际到位 下达数 下达资金 拨付数 到位金额 资金到位".split())),
    ("budget", tuple("预算数 预算金额 年初预算 调整预算 调整后预算 全年预算 年度预算 预算安排 预算资金 计划数 预算".split())),
)
# Names of money in forms that put each amount right beside its name.
FUND_ITEMS = tuple(
    "资金总额 预算数 执行数 财政拨款 财政资金 其他资金 上年结转 结转资金 预算计划安排 计划安排 实际支出 支出金额 分配下达 "
    "资金到位 预算金额 预算安排 决算数 总投资 自筹资金 单位资金 中央补助 地方资金 年度资金 到位资金 下达资金".split()
)
FUND_ITEM_ROLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("budget", ("预算计划安排", "计划安排", "预算安排", "资金总额")),
    ("allocated", ("分配下达",)),
)
# The goal block: prose under these heads. The first say what was planned, the others what came of it.
GOAL_HEADS = tuple(
    "预期目标 设定目标 目标 总体目标 绩效目标 预期总体目标 设定绩效目标 总体绩效目标 预期绩效目标 目标内容 工作目标".split()
)
RESULT_HEADS = tuple(
    "实际完成情况 目标完成情况 完成情况 总体目标完成情况 绩效目标完成情况 目标实际完成情况 总体完成情况 目标实现情况 "
    "总体目标实际完成情况 总体目标实现情况 实际完成目标情况".split()
)
# What the head of a form says of the whole report.
FACT_NAMES: dict[str, tuple[str, ...]] = {
    "项目名称": tuple("项目名称 专项名称 政策名称 项目政策名称 专项资金名称 转移支付名称 评价项目名称".split()),
    "主管部门": tuple("主管部门 主管单位 项目主管部门 省级主管部门 主管部门及代码 预算部门 业务主管部门".split()),
    "实施单位": tuple(
        "实施单位 项目单位 项目实施单位 资金使用单位 填报单位 单位名称 部门名称 预算单位 用款单位 评价单位 部门单位名称 "
        "具体实施单位 项目承担单位 填报部门 预算执行单位 自评单位".split()
    ),
    "评价年度": tuple("评价年度 年度 预算年度 项目年度 自评年度 所属年度 绩效年度".split()),
}
OTHER_FACTS = tuple(
    "联系人 联系电话 联系方式 电话 联系邮箱 项目负责人 负责人 项目类型 项目级次 项目属性 项目类别 资金来源 起止时间 实施期限 "
    "项目期限 "
    "填报日期 填报时间 项目编码 项目代码 实施文件依据 资金性质 项目起止时间 项目周期 评价金额 报表编号 归口科室 填报人 实施期 "
    "项目分类 "
    "项目概况 基本情况 项目基本情况 立项依据 是否公开".split()
)

# ── Values in cells ──────────────────────────────────────────────────────────────────────────────────────────────────

# What stands in a column of its own before the number; other words there (定性, 正向) bound nothing.
RELATION_SIGNS = {
    **{sign: sign for sign in "≥ ≤ > < ≧ ≦ ⩾ ⩽ ＞ ＜ >= <= ＞= ＜= 不低于 不少于 不超过 不高于 约".split()},
    "大于等于": "≥",
    "小于等于": "≤",
    "大于": ">",
    "小于": "<",
    "大于或等于": "≥",
    "小于或等于": "≤",
}
UNIT_WORDS = {"百分比": "%", "百分数": "%", "百分号": "%"}
GRADE_UNITS = frozenset("级 等 版 号 档".split())  # 达到2级 is a grade, no amount
RATE_NAMES = ("率", "占比", "比例", "比重")  # their bare numbers from 1 to 100 are percentages

# ── Tables flattened into text ───────────────────────────────────────────────────────────────────────────────────────

# The closed vocabulary of indicator levels, without 指标 at their end: what tells rows apart where no lines are drawn.
LEVEL1_NAMES = frozenset(
    "产出 效益 满意度 决策 过程 投入 管理 成本 效果 预算执行 约束性 项目决策 项目管理 项目过程 项目产出 项目绩效 项目效益 "
    "项目效果 履职效能 履职效益 管理效率 可持续性 社会满意度 社会公众满意度 公众满意度 影响力 "
    "整体绩效 共性 个性 部门决策 部门管理 运行成本".split()
)
LEVEL2_NAMES = frozenset(
    "数量 质量 时效 成本 经济效益 社会效益 生态效益 环境效益 可持续影响 可持续发展 服务对象满意度 社会公众满意度 满意度 "
    "受益对象满意度 受益群众满意度 社会公众或服务对象满意度 服务对象或社会公众满意度 公众满意度 "
    "产出数量 产出质量 产出时效 产出成本 项目效益 经济成本 社会成本 生态环境成本 项目立项 "
    "绩效目标 资金投入 资金管理 "
    "组织实施 资金落实 业务管理 财务管理 事项管理 预算执行率 预算执行 预算编制 预算管理 资产管理 人员管理 采购管理 重点工作履行 "
    "履职完成 能力建设 社会公众 服务对象 部门履职目标 政府采购 信息公开 绩效管理 目标管理 社会效应".split()
)
# Ends of indicators' names; words after a number that are no unit but go on with a name (65岁以上老年人…管理率).
NAME_ENDINGS = tuple("率 数 量 度 人数 次数 面积 成本 情况 占比 比例 比重 规模 总额 水平 标准 时间 时限 天数 机制".split())
# What a reason says, and what the rules of scoring say, which stand in columns beside each other.
REASON_CUES = tuple(
    "因 影响 未 停止 推迟 取消 延期 滞后 不足 不产生 结转 较低 偏低 不够 调整 暂缓 困难 下年 受 导致 由于 统一安排 改进 "
    "加强".split()
)
RULE_CUES = tuple("得分 扣分 满分 赋分 权重 分别按照 计分 评分 得满分 分档".split())
NOTHING_WORDS = frozenset("无 没有 无偏差 已完成 无。".split())
# Values in words: targets and results that no number states.
QUALITY_WORDS = tuple(
    "提升 提高 完成 保障 健全 合格 达标 合规 良好 增长 下降 改善 有效 显著 明显 应保尽保 优 长期 持续 及时 完善 规范".split()
)
# Heads of columns that remark on a row: its reason where the table has no column of reasons.
NOTE_HEADS = ("备注", "说明")
SERIAL_HEADS = frozenset("序号 编号".split())
