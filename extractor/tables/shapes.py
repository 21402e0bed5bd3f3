"""How well words fit a column of an indicator table by their looks: numbers, values, names of levels, sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from extractor.schema import (
    LEVEL1_NAMES,
    LEVEL2_NAMES,
    NAME_ENDINGS,
    NOTHING_WORDS,
    QUALITY_WORDS,
    REASON_CUES,
    RELATION_SIGNS,
    RULE_CUES,
    Column,
)
from extractor.tables.headers import is_group, is_note, is_total
from extractor.tables.runs import Aside
from extractor.tables.words import bare, is_empty

NEVER = -8.0  # of words that cannot stand in a column
LONG = 200  # characters; shapes of longer words are those of their beginning
MOST_POINTS = 100
_MARKUP = re.compile(r"<[^<>]{0,200}>|&nbsp;|&#160;")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_POINTS = re.compile(r"(-?\d[\d,]*(?:\.\d+)?)(?:分|%)?")
_LEVEL_POINTS = re.compile(r"(\d+(?:\.\d+)?)\s*分|[(（](\d+(?:\.\d+)?)%?[)）]")
_REL = (
    r"(?:[≥≤<>=~≧≦⩾⩽]|[<>]=|不低于|不少于|不超过|不高于|大于等于|小于等于|大于|小于|约|近|超过|达到|控制在|至少|增长|下降|提高)*"
)
_VALUE = re.compile(rf"{_REL}-?\d[\d,]*(?:\.\d+)?([^\d]{{0,14}})((?:\d[\d,]*(?:\.\d+)?[^\d]{{0,6}})*)")
_BARE_SIGN = re.compile(r"[≥≤<>=~≧≦]+")
_STOPS = re.compile(r"[。；;！？]")
_CHAPTER = re.compile(r"(?:第?[一二三四五六七八九十]+[、章节.]|[(（][一二三四五六七八九十]+[)）])")
_CJK = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Shape:
    """What words look like. ``value`` is how much they look like a number with its unit, from 0 to 1."""

    words: str
    level1: bool = False
    level2: bool = False
    number: Decimal | None = None  # words that are nothing else
    points: Decimal | None = None  # number, or number of points or percents
    value: float = 0.0
    unit: str = ""
    size: Decimal | None = None  # of the first number of a value
    stroke: bool = False
    total: bool = False
    n_chinese: int = 0

    @property
    def named(self) -> bool:
        return self.level1 or self.level2


def shape(written: str) -> Shape:
    """The shape of words as written."""
    return _shape(written[: 2 * LONG])


@lru_cache(maxsize=65536)
def _shape(written: str) -> Shape:
    plain = unicodedata.normalize("NFKC", _MARKUP.sub("", written))[:LONG]
    words = "".join(plain.split())
    if is_empty(words):
        return Shape(words, stroke=True)
    points = _POINTS.fullmatch(words)
    value, unit = _value(words)
    first = _NUMBER.search(words) if value else None
    return Shape(
        words,
        level_name(words) in LEVEL1_NAMES,
        level_name(words) in LEVEL2_NAMES,
        _decimal(words) if _NUMBER.fullmatch(words) else None,
        _decimal(points[1]) if points else None,
        value,
        unit,
        _decimal(first[0]) if first else None,
        False,
        len(words) <= 20 and is_total(words),
        len(_CJK.findall(words)),
    )


def level_name(words: str) -> str:
    """产出指标（50分） → 产出; empty where words cannot be a name."""
    if words[:1] in "(（[【":
        return ""
    return re.sub(r"\d+分?$", "", bare(words)).removesuffix("指标") if len(words) <= 30 else ""


def level_points(written: str) -> Decimal | None:
    """The points that a level's name states: 50 of 产出指标（50分）."""
    match = _LEVEL_POINTS.search(unicodedata.normalize("NFKC", written))
    return Decimal(match[1] or match[2]) if match else None


def _decimal(words: str) -> Decimal:
    return Decimal(words.replace(",", ""))


def _value(words: str) -> tuple[float, str]:
    """How much words look like a value, and its unit: 26320户, ≤7.2万元/公里, 2023年12月底前, 1小时35分."""
    match = _VALUE.fullmatch(words)
    if match is None:
        return 0.0, ""
    tail = match[1] if not match[2] else ""
    if len(tail) >= 4 and tail.endswith(NAME_ENDINGS):
        return 0.0, ""
    strength = 1.0 if len(tail) <= 4 else 0.7 if len(tail) <= 8 else 0.2
    return strength, re.sub(r"(?:以上|以下|以内|左右|及以上)$", "", tail)


# ── One column each ──────────────────────────────────────────────────────────────────────────────────────────────────

Row = Mapping[Column, Shape]  # what the row holds already, left of the words


def fit(words: Shape, meaning: Column | Aside, row: Row) -> float:
    """How well words stand under a column, given the words left of them; good fits are positive, impossible ones `NEVER`."""
    if not words.words:
        return _EMPTY_FITS.get(meaning, 0.3)
    if words.total and meaning is not Aside.GROUP:
        return NEVER
    return _FITS[meaning](words, row)


_EMPTY_FITS: dict[Column | Aside, float] = {
    Column.INDICATOR: -0.6,
    Column.TARGET: -0.6,
    Column.ACHIEVED: -0.6,
    Column.WEIGHT: -1.5,
    Column.SCORE: -1.5,
}


def _level1(words: Shape, row: Row) -> float:
    worth = _level(words, known=words.level1, other=words.level2)
    return worth - (1.0 if words.level1 and words.level2 else 0.0)  # 成本指标 mostly stands below 产出指标


def _level2(words: Shape, row: Row) -> float:
    return _level(words, known=words.level2, other=words.level1)


def _level(words: Shape, *, known: bool, other: bool) -> float:
    if known:
        return 2.0
    if other:
        return -1.0
    if words.stroke:
        return 0.2
    if words.value or not words.n_chinese:
        return NEVER
    return -0.8 - 0.2 * max(len(words.words) - 6, 0)


def _indicator(words: Shape, row: Row) -> float:
    if words.points is not None or _BARE_SIGN.fullmatch(words.words) or words.words == "指标":
        return NEVER
    if words.stroke:
        return -0.6
    if words.level1 and not words.level2:
        return -2.5
    if words.level2:
        return -0.6 if words.words.endswith("指标") else 0.4
    if words.value >= 0.7:
        return -2.0
    worth = 1.0 if words.n_chinese >= 2 else 0.0
    worth -= 1.5 if words.words.startswith(("指标", "标")) and len(words.words) > 4 else 0.0  # the rest of a broken level
    worth += 0.4 if words.words.endswith(NAME_ENDINGS) else 0.0
    worth -= 1.5 * len(_STOPS.findall(words.words)) + 0.05 * max(len(words.words) - 24, 0)
    return worth - (0.6 if any(cue in words.words for cue in REASON_CUES) and "，" in words.words.replace(",", "，") else 0.0)


def _target(words: Shape, row: Row) -> float:
    if words.level1 or (words.level2 and words.words.endswith("指标")):
        return -4.0
    if _BARE_SIGN.fullmatch(words.words):
        return -3.0
    if words.stroke:
        return 0.2
    if words.number is not None:
        return 0.8
    if words.value:
        return 0.5 + words.value
    worth = 0.4 if any(word in words.words for word in QUALITY_WORDS) else -0.4
    worth -= 0.5 if words.words.endswith(NAME_ENDINGS) and not any(mark.isdigit() for mark in words.words) else 0.0
    return worth - 0.06 * max(len(words.words) - 10, 0)


def _achieved(words: Shape, row: Row) -> float:
    target = row.get(Column.TARGET)
    worth = _target(words, row)
    if target is None:
        return worth
    if target.words == words.words and not words.stroke:
        return max(worth, 0.3) + 0.8
    if target.unit and target.unit == words.unit:
        return worth + 0.8
    return worth


def _weight(words: Shape, row: Row) -> float:
    if words.stroke:
        return -0.2
    if words.points is None:
        return NEVER
    if not 0 <= words.points <= MOST_POINTS:
        return -5.0
    return (1.6 if words.number is not None else 1.0) - (1.0 if words.points > 40 or words.points == 0 else 0.0)


def _score(words: Shape, row: Row) -> float:
    weight = row.get(Column.WEIGHT)
    if words.stroke:
        return -0.2
    if words.points is None or words.points < 0 or words.points > MOST_POINTS:
        return NEVER
    worth = 1.6 if words.number is not None else 1.0
    if weight is None or weight.points is None:
        return worth
    if words.points > weight.points:
        return -5.0
    return worth + (0.3 if words.points == weight.points else 0.0)


def _reason(words: Shape, row: Row) -> float:
    if words.stroke or words.words in NOTHING_WORDS:
        return 0.4
    if words.named or words.points is not None:
        return -5.0
    worth = -2.0 if words.value >= 0.7 else 0.0
    worth += _telling(words.words)
    return worth + (1.0 if _falls_short(row) else -0.6) - len(words.words) / LONG


@lru_cache(maxsize=4096)
def _telling(words: str) -> float:
    """Whether words give reasons, or rather state rules of scoring or begin a remark or a chapter."""
    worth = 0.4 if any(cue in words for cue in REASON_CUES) else 0.0
    worth -= 2.0 if any(cue in words for cue in RULE_CUES) and len(words) > 20 else 0.0
    return worth - (2.0 if is_note(words) or _CHAPTER.match(words) else 0.0)


def _falls_short(row: Row) -> bool:
    """Whether a row calls for a reason: points were lost, or the result differs from the target."""
    weight, score = (row[column].points if column in row else None for column in (Column.WEIGHT, Column.SCORE))
    if weight is not None and score is not None and score < weight:
        return True
    target, achieved = row.get(Column.TARGET), row.get(Column.ACHIEVED)
    if target is None or achieved is None or target.size is None or achieved.size is None:
        return False
    same = target.unit == achieved.unit or achieved.size == 0
    return same and (target.size > achieved.size or ("≤" in target.words and target.size < achieved.size))


def _other(words: Shape, row: Row) -> float:
    if words.named:
        return -4.0
    if any(cue in words.words for cue in RULE_CUES):
        return 0.6
    reason = row.get(Column.REASON)
    if (
        (reason is None or not reason.words or reason.stroke)
        and _falls_short(row)
        and any(cue in words.words for cue in REASON_CUES)
    ):
        return -1.0  # the row calls for a reason, and these words give one
    return 0.1 - (0.4 if words.value else 0.0)


def _group(words: Shape, row: Row) -> float:
    return 0.5 if words.total or is_group(words.words) else NEVER


def _serial(words: Shape, row: Row) -> float:
    return 1.0 if words.number is not None and words.number == words.number.to_integral_value() else NEVER


def _level_weight(words: Shape, row: Row) -> float:
    if words.points is not None:
        return 0.5 if 0 < words.points <= MOST_POINTS else -3.0
    return 0.2 if "权重" in words.words else -3.0


def _completion(words: Shape, row: Row) -> float:
    return 0.8 if words.points is not None or words.stroke else -3.0


def _unit(words: Shape, row: Row) -> float:
    return 0.6 if len(words.words) <= 6 and not any(mark.isdigit() for mark in words.words) and not words.named else -4.0


def _relation(words: Shape, row: Row) -> float:
    return 0.8 if words.words in RELATION_SIGNS or words.words in ("=", "定性", "正向", "反向", "定量") else -4.0


_FITS: dict[Column | Aside, Callable[[Shape, Row], float]] = {
    Column.LEVEL1: _level1,
    Column.LEVEL2: _level2,
    Column.LEVEL3: _level2,
    Column.LEVEL4: _level2,
    Column.INDICATOR: _indicator,
    Column.RELATION: _relation,
    Column.TARGET: _target,
    Column.UNIT: _unit,
    Column.ACHIEVED: _achieved,
    Column.COMPLETION: _completion,
    Column.LEVEL1_WEIGHT: _level_weight,
    Column.LEVEL2_WEIGHT: _level_weight,
    Column.WEIGHT: _weight,
    Column.SCORE: _score,
    Column.REASON: _reason,
    Aside.GROUP: _group,
    Aside.SERIAL: _serial,
    Aside.OTHER: _other,
}
