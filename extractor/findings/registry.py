"""All rules: ours, and those that other installed packages offer."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from extractor.errors import RulesError
from extractor.findings import (
    completeness,
    execution,
    goals,
    growth,
    periods,
    rates,
    repeats,
    scores,
    shares,
    sums,
    totals,
    units,
    wording,
)
from extractor.findings.rule import Rule

GROUP = "jixiao_extractor.rules"
FAMILIES = (rates, execution, sums, growth, shares, repeats, units, scores, totals, goals, wording, periods, completeness)
BUILT_IN: tuple[Rule, ...] = tuple(rule for family in FAMILIES for rule in family.RULES)


def available() -> tuple[Rule, ...]:
    """Our rules and those of installed packages, by name.

    Raises RulesError where a package offers what is no rule, or a name that is taken.
    """
    rules = {rule.name: rule for rule in BUILT_IN}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        rule = _loaded(entry)
        if rule.name in rules:
            raise RulesError(f"{entry.value}：规则名“{rule.name}”已被占用；请换一个名称")
        rules[rule.name] = rule
    return tuple(rules.values())


def _loaded(entry: EntryPoint) -> Rule:
    try:
        rule = entry.load()
    except Exception as error:  # whatever another package's import may raise
        raise RulesError(
            f"{entry.value}：规则“{entry.name}”不能载入（{type(error).__name__}：{error}）；请更新或卸载提供它的软件包"
        ) from error
    if not isinstance(rule, Rule):
        raise RulesError(f"{entry.value}：规则“{entry.name}”不是规则；应为用 extractor.findings.rule 标注的函数")
    return rule
