"""Which rules are asked, and how strictly: a small TOML file, one table per rule.

[far-over-target]
on = false

[completion-rate]
tolerance = 0.005      # half a percent beyond rounding
severity = "warning"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from extractor.errors import RulesError
from extractor.findings.rule import Rule
from extractor.types import Severity

KEYS = ("on", "tolerance", "severity")
MOST = Decimal(100)  # times; a larger tolerance is a slip


def chosen(path: Path, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules as the file wants them. Raises RulesError, one sentence, where it cannot be read or says what is unknown."""
    known = {rule.name: rule for rule in rules}
    wishes = _tables(path)
    for name in wishes:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"是否指 {near[0]}？" if near else ""
            raise RulesError(f"{path}：没有名为“{name}”的规则；{hint}可用的规则：{'、'.join(known)}")
    changed = (_changed(path, rule, wishes.get(rule.name, {})) for rule in rules)
    return tuple(rule for rule in changed if rule is not None)


def _tables(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        raise RulesError(f"{path}：不能读取（{error.strerror}）；应为一个 TOML 文件") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(
            f"{path}：不是有效的 TOML（{error}）；每条规则一段，如 [completion-rate] 下写 tolerance = 0.005"
        ) from error
    for name, table in content.items():
        if not isinstance(table, dict):
            raise RulesError(f"{path}：“{name}”不在任何规则之下；应先写规则名，如 [completion-rate]")
    return content


def _changed(path: Path, rule: Rule, wishes: Mapping[str, Any]) -> Rule | None:
    """The rule with its wishes; None where it is switched off."""
    for key, value in wishes.items():
        if key not in KEYS:
            raise RulesError(f"{path}：[{rule.name}] 中的“{key}”无法识别；可写 {'、'.join(KEYS)}")
        if not _is_allowed(key, value):
            allowed = {"on": "true 或 false", "tolerance": f"0 至 {MOST} 的数", "severity": "、".join(Severity)}[key]
            raise RulesError(f"{path}：[{rule.name}] 的 {key} 不能是 {value!r}；应为 {allowed}")
    if not wishes.get("on", True):
        return None
    tolerance, severity = wishes.get("tolerance", rule.tolerance), wishes.get("severity", rule.severity)
    return replace(rule, tolerance=Decimal(tolerance), severity=Severity(severity))


def _is_allowed(key: str, value: object) -> bool:
    if key == "on":
        return isinstance(value, bool)
    if key == "severity":
        return isinstance(value, str) and value in list(Severity)
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return is_number and (number := Decimal(str(value))).is_finite() and 0 <= number <= MOST
