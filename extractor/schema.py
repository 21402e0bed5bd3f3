"""Names that reports use for the same thing, as data."""

from __future__ import annotations

# Roles of fund records. A name has the role whose word it ends with or holds; earlier roles win.
FUND_ROLES: dict[str, tuple[str, ...]] = {
    "carried-over": tuple("结转 结余 剩余 未支出 未使用 未核销 未拨付 沉淀 滚存".split()),
    "paid": tuple("支出 执行数 支付 使用 发放 核销 付款 兑付 列支 报销 用于 花费 决算".split()),
    "allocated": tuple("到位 下达 拨付 拨入 拨款 收到 划拨 安排 补助 投入 配套 自筹 追加 调增 调减".split()),
    "budget": tuple("预算 概算 总投资 资金 经费 专项".split()),
}
OTHER_ROLE = "other"
