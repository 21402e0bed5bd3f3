"""What heads mean: columns of indicator tables and funding blocks, goal blocks, and the facts of a form's head."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from extractor.schema import (
    COLUMN_ENDINGS,
    COLUMN_NAMES,
    COLUMN_PARTS,
    FACT_NAMES,
    FUND_HEADS,
    FUND_ITEM_ROLES,
    FUND_ITEMS,
    GOAL_HEADS,
    GROUP_HEADS,
    HEAD_QUALIFIERS,
    LEVELS,
    NAME_LEAVES,
    NOTE_NAMES,
    OTHER_COLUMNS,
    OTHER_FACTS,
    PAST_HEADS,
    RESULT_HEADS,
    SUBTOTAL_NAMES,
    TOTAL_NAMES,
    Column,
    fund_role,
)
from extractor.tables.words import bare

_COLUMNS = {name: column for column, names in COLUMN_NAMES.items() for name in names}
_FACTS = {name: fact for fact, names in FACT_NAMES.items() for name in names}
_ENUMERATOR = re.compile(r"^(?:[0-9]{1,2}|[A-Z]|[①-⑳])(?=[\u4e00-\u9fff])")
_YEAR = re.compile(r"^(?:19|20)[0-9]{2}年?度?")
_QUALIFIERS = re.compile(rf"^(?:{'|'.join(sorted(HEAD_QUALIFIERS, key=len, reverse=True))}|(?:19|20)\d\d年?度?)")
LEVEL_WEIGHTS: dict[Column | None, Column] = {Column.LEVEL1: Column.LEVEL1_WEIGHT, Column.LEVEL2: Column.LEVEL2_WEIGHT}
_PLAN = re.compile("计划|预期|预计|应|目标值|设定")


@lru_cache(maxsize=4096)
def _names(words: str) -> tuple[str, ...]:
    """The head's bare name, and what is left of it as qualifiers are taken off one by one."""
    name = _ENUMERATOR.sub("", bare(words))
    names = [name]
    while (match := _QUALIFIERS.match(name)) and match.end() < len(name):
        name = name[match.end() :]
        names.append(name)
    return tuple(names)


def column_of(words: str) -> Column | None:
    """The column that one head means; None where it is unknown, of another time, or known to mean none of them."""
    names = _names(words)
    if any(past in names[0] for past in PAST_HEADS):
        return None
    for name in names:
        if name in _COLUMNS:
            return _COLUMNS[name]
    return _by_parts(names[-1])


def is_exact(words: str) -> bool:
    """Whether a head is one of the names that we know, and not only holds or ends with one."""
    return any(name in _COLUMNS or name in GROUP_HEADS for name in _names(words))


def _by_parts(name: str) -> Column | None:
    for column, parts in COLUMN_PARTS:
        if any(part in name for part in parts):
            return column
    if any(word in name for word in OTHER_COLUMNS):
        return None
    for column, endings in COLUMN_ENDINGS:
        if name.endswith(endings):
            return Column.TARGET if column is Column.ACHIEVED and _PLAN.search(name) else column
    return None


def column_of_path(path: Sequence[str]) -> Column | None:
    """The column that stacked heads mean, outermost first: 一级指标 › 权重 is the weight of the first level."""
    if not path:
        return None
    leaf, above = path[-1], column_of_path(path[:-1])
    own = column_of(leaf)
    if above in LEVELS and (own is Column.WEIGHT or (own in (None, Column.INDICATOR) and bare(leaf) in NAME_LEAVES)):
        return LEVEL_WEIGHTS.get(above, Column.WEIGHT) if own is Column.WEIGHT else above
    return above if own is None or (own is Column.INDICATOR and above is not None) else own


def is_group(words: str) -> bool:
    """Whether a head only stands above or beside others (绩效指标)."""
    return any(name in GROUP_HEADS for name in _names(words))


def is_known_extra(words: str) -> bool:
    """Whether a column without a meaning for records is one that we know (备注, 评分标准)."""
    return any(word in bare(words) for word in (*OTHER_COLUMNS, *PAST_HEADS))


def fund_head(words: str) -> str | None:
    """The role of the amounts under a head of a funding block; None where it heads none."""
    name = bare(words)
    if column_of(words) in (Column.COMPLETION, Column.REASON, Column.WEIGHT, Column.SCORE) or len(name) > 14:
        return None
    return next((role for role, parts in FUND_HEADS if any(part in name for part in parts)), None)


def fund_item(words: str) -> bool:
    """Whether the words name money whose amount may stand beside them."""
    name = bare(words)
    return len(name) <= 20 and any(part in name for part in FUND_ITEMS)


def item_role(names: Sequence[str]) -> str:
    """The role of an amount by the names beside it, the innermost first."""
    for name in reversed(names):
        for role, parts in FUND_ITEM_ROLES:
            if any(part in name for part in parts):
                return role
    return next((role for name in reversed(names) if (role := fund_role([name])) != "other"), "other")


def is_goal(words: str) -> bool:
    return any(name in GOAL_HEADS for name in _names(words))


def is_result(words: str) -> bool:
    return any(name in RESULT_HEADS for name in _names(words))


def fact_of(words: str) -> str | None:
    """The fact that a form fills in beside these words; an empty string for one that we do not keep."""
    name = bare(words)
    return _FACTS.get(name) or ("" if name in OTHER_FACTS else None)


def is_total(words: str) -> bool:
    return any(name in TOTAL_NAMES for name in _names(words))


def is_subtotal(words: str) -> bool:
    """Whether a row adds up a part of the table only."""
    return any(name in SUBTOTAL_NAMES for name in _names(words))


def is_note(words: str) -> bool:
    """Whether a row that begins so remarks on the table instead of belonging to it."""
    name = bare(words[:LONGEST_NOTE_NAME])
    return name in NOTE_NAMES or _NOTE.match(words) is not None


LONGEST_NOTE_NAME = 20
_NOTE = re.compile(rf"\s*(?:{'|'.join(sorted(NOTE_NAMES, key=len, reverse=True))})\s*\d?\s*[:：.、]")
