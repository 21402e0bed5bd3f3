"""Runs of heads in flattened text: 一级指标 二级指标 三级指标 年度指标值 …, and the columns that they announce."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from extractor.schema import LEVELS, NAME_LEAVES, NOTE_HEADS, SERIAL_HEADS, VALUES, Column
from extractor.tables.headers import LEVEL_WEIGHTS, column_of, is_exact, is_group, is_known_extra
from extractor.tables.pieces import TABS, Atom
from extractor.tables.words import LONGEST_HEAD, bare, outside_brackets
from extractor.types import Span

MOST_PARTS = 6  # that a narrow column breaks a head into
LONGEST_PIECE = 12  # characters of a part of a broken head
LONGEST_PART = 40  # characters of a word that may be a head; some hold a remark in brackets
HEAD_TAIL = re.compile(r"(?:分析|说明|及|和|与|改进|整改|措施|原因|拟采取的|采取|情况|的)+")
FEWEST_HEADS = 4  # that a line of prose does not hold by accident
_LINES = re.compile(r"[\n\r]")
_LETTER = re.compile(r"[^\W\d_]")


class Aside(Enum):
    """Columns that hold no part of a record."""

    GROUP = "words beside the whole table"
    SERIAL = "numbers of rows"
    OTHER = "a column that is kept as it is"


@dataclass(frozen=True, slots=True)
class Slot:
    """One column of a flattened table and its head."""

    meaning: Column | Aside
    head: str


@dataclass(frozen=True, slots=True)
class Run:
    """Heads beside each other: atoms ``start`` to ``end`` (excluded), and the columns in the order of the table."""

    start: int
    end: int
    slots: tuple[Slot, ...]
    gaps: tuple[str, ...] = ()  # between the heads
    unknown: tuple[Span, ...] = ()

    @property
    def meanings(self) -> frozenset[Column]:
        return frozenset(slot.meaning for slot in self.slots if isinstance(slot.meaning, Column))


@dataclass(frozen=True, slots=True)
class _Unit:
    """Atoms that are one word or, in lines with tabs, one field."""

    start: int
    end: int
    words: str
    gap: str


def runs(atoms: Sequence[Atom]) -> list[Run]:
    """All runs of heads that announce an indicator table, in text order."""
    units = list(_units(atoms))
    worth, steps = _chains(units)
    found: list[Run] = []
    at = 0
    while at < len(units):
        run = _run(units, steps, at, atoms) if worth[at] > 1 else None
        if run is not None:
            found.append(run)
        at = next((position for position in range(at, len(units)) if run and units[position].start >= run.end), at + 1)
    return found


def _units(atoms: Sequence[Atom]) -> Iterator[_Unit]:
    """Join the atoms of a field where tabs or bars part the fields of a line."""
    begin = 0
    while begin < len(atoms):
        end = begin + 1
        while end < len(atoms) and not atoms[end].on_new_line:
            end += 1
        inner = [atom.gap for atom in atoms[begin + 1 : end]]
        fielded = sum(bool(TABS.search(gap)) for gap in inner) >= 2
        start = begin
        for position in range(begin + 1, end + 1):
            if position == end or not fielded or TABS.search(atoms[position].gap):
                yield _Unit(start, position, "".join(atom.words for atom in atoms[start:position]), atoms[start].gap)
                start = position
        begin = end


def _chains(units: Sequence[_Unit]) -> tuple[list[float], list[int]]:
    """For every unit the worth of the best chain of heads that begins there, and where its first head ends (0 for none).

    A head earns a point for every part that it explains, less a half; unknown words between heads cost one.
    """
    worth = [0.0] * (len(units) + 2)
    steps = [0] * (len(units) + 1)
    for at in range(len(units) - 1, -1, -1):
        for end in _joins(units, at):
            earned = end - at - _price(tuple(unit.words for unit in units[at:end]))
            if earned + worth[end] > worth[at]:
                worth[at], steps[at] = earned + worth[end], end
    return worth, steps


def _joins(units: Sequence[_Unit], at: int) -> Iterator[int]:
    """Where a head that begins at a unit may end: its parts stand on lines of their own or between blanks."""
    length = 0
    for end in range(at + 1, min(at + MOST_PARTS, len(units)) + 1):
        gap = units[end - 1].gap
        length += len(units[end - 1].words)
        if end > at + 1 and len(units[end - 1].words) > LONGEST_PIECE:
            return
        if length > LONGEST_HEAD or (end > at + 1 and TABS.search(_LINES.split(gap)[-1])):
            return
        yield end


@lru_cache(maxsize=16384)
def _price(parts: tuple[str, ...]) -> float:
    """What a head costs by how well it is known; more than it can earn where it is not."""
    words = "".join(parts)
    if not _LETTER.search(parts[0]):
        return 99.0  # the points of the row above a repeated head
    if len(parts) == 1:
        known = len(bare(words)) <= LONGEST_PART and _is_head(words)
        return (0.5 if is_exact(words) else 0.7) if known else 99.0
    if is_exact(words):
        return 0.5
    if not _is_head(words):
        return 99.0
    column = column_of(words)
    alike = column is not None and all(column_of(part) is column or HEAD_TAIL.fullmatch(part) for part in parts)
    return 0.8 if alike or not any(map(_is_head, parts)) else 99.0


def _is_head(words: str) -> bool:
    if any(mark in outside_brackets(words) for mark in "。；"):  # a remark in brackets may be a sentence
        return False
    if len(words) > LONGEST_HEAD and len(bare(words)) > LONGEST_PART:
        return False
    return column_of(words) is not None or is_group(words) or is_known_extra(words)


def _run(units: Sequence[_Unit], steps: Sequence[int], at: int, atoms: Sequence[Atom]) -> Run | None:
    heads: list[tuple[str, int]] = []  # words, unit
    unknown: dict[str, Span] = {}
    begin = at
    while at < len(units):
        if steps[at]:
            heads.append(("".join(unit.words for unit in units[at : steps[at]]), at))
            at = steps[at]
        elif _is_bridge(units, steps, begin, at):
            heads.append((units[at].words, at))
            unknown[units[at].words] = Span(atoms[units[at].start].span.start, atoms[units[at].end - 1].span.end)
            at += 1
        else:
            break
    heads = _without_title(heads, units)
    first = units[heads[0][1]].start
    heads = _without_groups(heads)
    slots = slots_of([words for words, _ in heads])
    if slots is None:
        return None
    gaps = tuple(units[unit].gap for _, unit in heads[1:])
    kept = {slot.head for slot in slots}
    return Run(first, units[at - 1].end, slots, gaps, tuple(span for words, span in unknown.items() if words in kept))


def _without_title(heads: list[tuple[str, int]], units: Sequence[_Unit]) -> list[tuple[str, int]]:
    """Leave out titles in lines above the heads, which end with the name of a column (绩效目标完成情况)."""
    while len(heads) > 1 and not _is_first_head(heads[0][0]) and _LINES.search(units[heads[1][1]].gap):
        heads = heads[1:]
    return heads


def _without_groups(heads: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Leave out heads in a row above the others that stand over several of them (完成情况 above 目标值 and 实际值)."""
    first = next((at for at, (words, _) in enumerate(heads) if column_of(words) in LEVELS), 0)
    below = slots_of([words for words, _ in heads[first:]]) or ()
    named = {slot.meaning for slot in below} & {*VALUES, Column.WEIGHT, Column.SCORE}
    groups = [at for at, (words, _) in enumerate(heads[:first]) if column_of(words) in named]
    if not groups or groups != [*range(groups[0], groups[-1] + 1)]:
        return heads
    return [*heads[: groups[0]], *heads[first:], *heads[groups[-1] + 1 : first]]


def _is_first_head(words: str) -> bool:
    return is_exact(words) or bare(words) in SERIAL_HEADS


def _is_bridge(units: Sequence[_Unit], steps: Sequence[int], begin: int, at: int) -> bool:
    """Whether unknown words are a head, too: heads go on after them, or they stand in the line of fields with heads."""
    unit = units[at]
    if at == begin or len(unit.words) > LONGEST_PART or any(mark in unit.words for mark in "。；≥≤"):
        return False
    if any(mark.isdigit() for mark in unit.words) or bool(_LINES.search(unit.gap)) != bool(_LINES.search(units[at - 1].gap)):
        return False
    if TABS.search(unit.gap) and not _LINES.search(unit.gap):
        return True
    following = steps[at + 1] if at + 1 < len(units) else 0
    return bool(following and steps[following])


def slots_of(heads: Sequence[str]) -> tuple[Slot, ...] | None:
    """The columns that heads announce; None where they announce no indicator table."""
    named = _named(_without_leaves(heads))
    meanings = {slot.meaning for slot in named}
    if len(named) < FEWEST_HEADS or Column.INDICATOR not in meanings or not meanings & {*VALUES}:
        return None
    return tuple(named)


def _without_leaves(heads: Sequence[str]) -> list[tuple[Column | Aside, str]]:
    """Meanings of heads; the leaves 名称, 权重 below the heads of levels become columns of weights beside them."""
    first = next((at for at, head in enumerate(heads) if bare(head) in NAME_LEAVES and _is_leaf(heads, at)), len(heads))
    found = [(_meaning(head), head) for head in heads[:first]]
    if first == len(heads):
        return found
    weights = {Column.LEVEL1: Column.LEVEL1_WEIGHT, Column.LEVEL2: Column.LEVEL2_WEIGHT, Column.LEVEL3: Column.WEIGHT}
    spread: list[tuple[Column | Aside, str]] = []
    for meaning, head in found:
        spread.append((meaning, head))
        if isinstance(meaning, Column) and meaning in weights:
            spread.append((weights[meaning], heads[first + 1]))
    return spread


def _is_leaf(heads: Sequence[str], at: int) -> bool:
    return at + 1 < len(heads) and column_of(heads[at + 1]) is Column.WEIGHT and at > 0


def _meaning(head: str) -> Column | Aside:
    name = bare(head)
    if name in SERIAL_HEADS:
        return Aside.SERIAL
    column = column_of(head)
    if column is None:
        return Aside.GROUP if is_group(head) else Aside.OTHER
    return column


def _named(found: Sequence[tuple[Column | Aside, str]]) -> list[Slot]:
    """Name the deepest level the indicator, a remark the reason, and keep one column of each meaning."""
    found = _level_weights(found)
    columns = [meaning for meaning, _ in found]
    levels = [level for level in LEVELS if level in columns]
    first_level = min((columns.index(level) for level in levels), default=len(columns))
    slots: dict[Column | int, Slot] = {}
    for at, (meaning, head) in enumerate(found):
        named = _renamed(meaning, head, columns, levels, before=at < first_level)
        if isinstance(named, Column) and named in slots:
            continue
        slots[named if isinstance(named, Column) else at] = Slot(named, head)
    return _levels_first(_points_stacked(list(slots.values())))


def _level_weights(found: Sequence[tuple[Column | Aside, str]]) -> list[tuple[Column | Aside, str]]:
    """Of several heads of weights, those right behind a level weigh that level; the last weighs the indicators."""
    weights = [at for at, (meaning, _) in enumerate(found) if meaning is Column.WEIGHT]
    named = list(found)
    if len(weights) > 1 and all(is_group(head) for _, head in (found[weights[0] - 1], found[weights[0] + 1])):
        named[weights[0]] = (Column.LEVEL1_WEIGHT, found[weights[0]][1])  # 绩效指标 above the levels on both sides of it
    for at in weights[:-1]:
        level = found[at - 1][0] if at else None
        if isinstance(level, Column) and level in LEVEL_WEIGHTS:
            named[at] = (LEVEL_WEIGHTS[level], found[at][1])
    return named


def _points_stacked(slots: list[Slot]) -> list[Slot]:
    """Heads of points in a row below the others take the place of the unknown head above them (评分情况)."""
    n_late = next((at for at, slot in enumerate(reversed(slots)) if slot.meaning not in (Column.WEIGHT, Column.SCORE)), 0)
    late, above = slots[len(slots) - n_late :], slots[: len(slots) - n_late]
    groups = [at for at, slot in enumerate(above) if slot.meaning is Aside.OTHER and at and not is_known_extra(slot.head)]
    if not late or not groups or groups[-1] == len(above) - 1:
        return slots
    return [*above[: groups[-1]], *late, *above[groups[-1] + 1 :]]


def _renamed(
    meaning: Column | Aside, head: str, columns: Sequence[Column | Aside], levels: Sequence[Column], *, before: bool
) -> Column | Aside:
    own = Column.INDICATOR in columns[columns.index(levels[-1]) :] if levels else True
    if levels and before and (meaning in (Column.INDICATOR, Aside.GROUP) or is_group(head)):
        return Column.LEVEL1 if Column.LEVEL1 not in levels and len(levels) > 1 else Aside.GROUP
    if levels and meaning is levels[-1] and (not own or Column.LEVEL3 in levels):
        return Column.INDICATOR
    if meaning is Column.INDICATOR and Column.LEVEL3 in levels:
        return Aside.OTHER
    if not levels and meaning is Aside.GROUP and Column.INDICATOR not in columns:
        return Column.INDICATOR
    if Column.REASON not in columns and any(name in head for name in NOTE_HEADS):
        return Column.REASON
    return meaning


def _levels_first(slots: list[Slot]) -> list[Slot]:
    """Levels whose heads stand in a row below the others belong before the values."""
    deep = {*LEVELS, Column.INDICATOR, Column.LEVEL1_WEIGHT, Column.LEVEL2_WEIGHT}
    first = next((at for at, slot in enumerate(slots) if slot.meaning in VALUES), len(slots))
    late = [slot for slot in slots[first:] if slot.meaning in deep]
    if late and late[-1].meaning is Column.INDICATOR:
        late += [slot for slot in slots[slots.index(late[-1]) + 1 :][:1] if slot.meaning is Column.WEIGHT]
    if not late or any(slot.meaning in deep - {Column.LEVEL1_WEIGHT} for slot in slots[:first]):
        return slots
    rest = [slot for slot in slots if slot not in late]
    weight = next((slot for slot in rest if slot.meaning is Column.LEVEL1_WEIGHT), None)
    if weight is not None and late[0].meaning is Column.LEVEL1:
        rest.remove(weight)
        late.insert(1, weight)
    begin = next((at + 1 for at, slot in enumerate(rest) if slot.meaning is Aside.SERIAL), 0)
    return [*rest[:begin], *late, *rest[begin:]]
