"""A report's mentions with their surroundings: what the linker looks at before it compares any two of them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, pairwise

from extractor import quantity
from extractor.periods import CHANGE, Calendar, calendar
from extractor.quantity import QuantityError
from extractor.segment import Outline
from extractor.types import Label, Mention, Period, Quantity, QuantityKind, Span

ALIKE = 85  # partial ratio from which two names may mean the same

# What a name counts, by the words it ends with; the first class that fits holds.
NAME_CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("score", tuple("得分 自评 评分 总分 分值 评价分 评价结果 成绩".split())),
    ("share", tuple("率 比例 占比 比重 度 比 幅 增速 水平 覆盖面 合格 程度".split())),
    (
        "money",
        tuple(
            "资金 金额 预算 经费 支出 收入 额 投资 费 费用 补助 补贴 财政 款 成本 税收 产值 结余 结转 总值 余额 贷款 安排".split()
        ),
    ),
    (
        "people",
        tuple("人 人次 人数 人员 学生 教师 群众 农民 对象 儿童 老人 职工 劳动力 干部 就业 党员 志愿者 学员 培训".split()),
    ),
    ("time", tuple("时间 时限 时长 工期 天数 周期 用时 年限".split())),
    ("area", tuple("面积 土地 用地 田 林 绿化 校舍".split())),
)
UNIT_CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("share", tuple("% ％ ‰ 百分点 倍".split())),
    ("money", tuple("元 美元 欧元".split())),
    ("people", tuple("人次 人 名 位 人天 户".split())),
    ("score", ("分",)),
    ("time", tuple("天 日 小时 分钟 工作日 月 年 秒".split())),
    ("area", tuple("亩 平方米 公顷 平方公里 ㎡ m² 立方米 公里 千米 米".split())),
)
_CLASSES = ("none", "score", "share", "money", "people", "time", "area", "count")
CLASS_NUMBERS = {name: number for number, name in enumerate(_CLASSES)}

CUES: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "part": "其中|包括|含|分别为|主要是|分项|用于",
        "each": "均|都|全部|同为",
        "respectively": "分别|依次|各",
        "goal": "目标|计划|任务|要求|应|拟|预期|指标值|标准|力争",
        "share_of": "占|完成率|完成了?(?:年度|全年|年初|计划|目标|任务)|为(?:年度|全年)?(?:目标|计划|任务)",
        "done": "实际|完成|达到|实现|为|共|累计",
        "past": "上年|去年|上一年|同期|前年|由|从|上届|上一",
        "than": "比|较|低于|高于|超过|超出|超|距|差|偏差",
        "next": "明年|下一?年|下一?步|次年|打算",
        "sum": "合计|总计|共计|共|总|全部",
        "former": "前者",
        "latter": "后者",
    }.items()
}
SECTIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("plan", "下一?步|打算|改进|建议|措施|下一?年|明年|今后|整改"),
        ("trouble", "问题|不足|偏离|偏差|原因|困难"),
        ("score", "结论|得分|自评结果|评价结果|评分|总体评价"),
        ("result", "完成|实现|产出|效益|成效|结果|满意度|业绩|履职|绩效分析|工作开展|开展情况"),
        ("goal", "目标|任务分解"),
        ("money", "资金|预算|支出|经费|执行|收支|收入"),
        ("head", "概况|基本情况|背景|概述|职责"),
    )
)
SECTION_NUMBERS = {name: number for number, (name, _) in enumerate(SECTIONS, 1)}
LIST_GAP = re.compile(r"\s*(?:[、和与及/,，]|以及|并|[（(][^（()）]{0,12}[)）]\s*[、和与及])\s*")
CLAUSE_END = re.compile(r"[，,；;。：:！？]")
SENTENCE_END = re.compile(r"[。；;！？]")
SHORT_LINE = 20  # a line shorter than this is a heading or ends its paragraph; a longer one without a stop runs on
ENUMERATOR = re.compile(r"^[\s（(]*(?:[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})[)）、.．\s]*")
IGNORED = re.compile(r"[\s“”\"'‘’（）()《》、，,·—-]+")


def class_of(words: str, classes: tuple[tuple[str, tuple[str, ...]], ...]) -> int:
    """The number of the first class one of whose words ends ``words``; 0 for none."""
    return next((CLASS_NUMBERS[name] for name, endings in classes if words.endswith(endings)), 0)


@dataclass(frozen=True, slots=True)
class Place:
    """A mention with what its surroundings say. Indices count from 0."""

    label: Label
    start: int
    end: int
    words: str
    core: str  # the words without blanks and brackets
    confidence: float
    paragraph: int
    sentence: int
    clause: int
    section: tuple[str, ...]
    section_class: int
    opening: str  # the first words of its paragraph
    kind: int  # what a name counts or a value's unit is
    quantity: Quantity | None
    is_change: bool
    period: Period | None
    year_offset: int  # the year a value speaks of, counted from the report's
    year_is_stated: bool
    list_at: int = 0  # position in an unbroken list of names or of values
    list_length: int = 1

    @property
    def is_value(self) -> bool:
        return self.label.is_value


@dataclass(frozen=True)
class Scene:
    """A report's mentions in text order, with their surroundings."""

    text: str
    places: tuple[Place, ...]

    @cached_property
    def names(self) -> list[int]:
        return [position for position, place in enumerate(self.places) if not place.is_value]

    @cached_property
    def values(self) -> list[int]:
        return [position for position, place in enumerate(self.places) if place.is_value]

    @cached_property
    def name_counts(self) -> Counter[str]:
        """How often each name stands in the report."""
        return Counter(self.places[position].core for position in self.names)

    @cached_property
    def own_values(self) -> dict[int, list[int]]:
        """The values between every name and the next one."""
        borders = [*self.names, len(self.places)]
        return {name: list(range(name + 1, following)) for name, following in pairwise(borders)}

    @cached_property
    def kin_values(self) -> dict[int, list[int]]:
        """The values after every name and after the names much like it, anywhere in the report."""
        from rapidfuzz import fuzz

        cores = {self.places[name].core for name in self.names}
        kin = {core: {other for other in cores if fuzz.partial_ratio(core, other) >= ALIKE} for core in cores}
        by_core: dict[str, list[int]] = {}
        for name in self.names:
            by_core.setdefault(self.places[name].core, []).extend(self.own_values[name])
        return {name: [value for core in kin[self.places[name].core] for value in by_core[core]] for name in self.names}

    @cached_property
    def partners(self) -> dict[int, int]:
        """For values listed after as many named ones (A 3个、B 5个，分别完成60%和50%): the name in the same place."""
        found: dict[int, int] = {}
        for value in self.values:
            place = self.places[value]
            first = value - place.list_at
            if place.list_length < 2:
                continue
            # A list right after a name is that name's own, no list of later rates; 分别 must announce it.
            if not first or not self.places[first - 1].is_value:
                continue
            lead = self.text[max(self.places[first - 1].end, self.places[first].start - 30) : self.places[first].start]
            if not CUES["respectively"].search(lead):
                continue
            named = [name for name in self.names[: bisect_left(self.names, first)] if self.own_values[name]]
            if len(named) >= place.list_length:
                found[value] = named[len(named) - place.list_length + place.list_at]
        return found

    def between(self, first: int, second: int) -> str:
        """The words between two mentions, in text order."""
        a, b = sorted((self.places[first], self.places[second]), key=lambda place: place.start)
        return self.text[a.end : b.start]

    def explains(self, pool: Iterable[int], value: int) -> bool:
        """Whether ``value`` is the rate, growth or difference of two values of ``pool``."""
        place = self.places[value]
        others = [self.places[other] for other in pool if other != value]
        return any(comes_of(place, x, y) for x, y in combinations(others, 2) if not x.is_change and not y.is_change)


def comes_of(value: Place, x: Place, y: Place) -> bool | None:
    """Whether ``value`` is the rate, growth or difference of the two others; None where it can be none of theirs."""
    if value.quantity is None or x.quantity is None or y.quantity is None or x.quantity.unit != y.quantity.unit:
        return None
    wanted = abs(float(value.quantity.low))
    slack = 0.51 * 10.0 ** -_decimals(value.words) * _scale(value)
    results = list(_results(float(x.quantity.low), float(y.quantity.low), value, x))
    return any(abs(result - wanted) <= slack for result in results) if results else None


def _decimals(words: str) -> int:
    match = re.search(r"[.．]([0-9０-９]+)", words)
    return len(match[1]) if match else 0


def _scale(place: Place) -> float:
    """What one unit of the written number is worth: 1e4 for 万元, 1e8 for 亿元."""
    return 1e8 if "亿" in place.words else 1e4 if "万" in place.words else 1.0


def _results(a: float, b: float, value: Place, operand: Place) -> Iterator[float]:
    """What ``value`` would be if it came of ``a`` and ``b``."""
    quantity_of, unit = value.quantity, operand.quantity.unit if operand.quantity is not None else ""
    if quantity_of is None:
        return
    is_share = any(sign in value.words for sign in "%％")
    if is_share and a and b:
        yield from (100 * a / b, 100 * b / a, 100 * abs(a / b - 1), 100 * abs(b / a - 1))
    if quantity_of.unit == unit or ("点" in value.words and any(sign in operand.words for sign in "%％")):
        yield abs(a - b)


def scene(text: str, mentions: Sequence[Mention], outline: Outline) -> Scene:
    """Describe every mention; mentions are in text order and do not overlap."""
    borders = _borders(text, outline)
    days = calendar(text)
    places = [_place(text, mention, outline, days, borders) for mention in mentions]
    runs = _lists(text, places)
    return Scene(text, tuple(replace(place, list_at=at, list_length=n) for place, (at, n) in zip(places, runs, strict=True)))


@dataclass(frozen=True, slots=True)
class Borders:
    """Where paragraphs, sentences and clauses begin; a line broken by a page's width begins none."""

    paragraphs: tuple[int, ...]
    sentences: tuple[int, ...]
    clauses: tuple[int, ...]


def _borders(text: str, outline: Outline) -> Borders:
    paragraphs = [0]
    for before, after in pairwise(outline.paragraphs):
        line = text[before.start : before.end].strip()
        same_section = outline.section_at(before.start) == outline.section_at(after.start)
        runs_on = same_section and len(line) >= SHORT_LINE and line[-1] not in "。；;：:！？!?"
        if not runs_on or text[before.end : after.start].count("\n") > 1:
            paragraphs.append(after.start)
    sentences = sorted({*paragraphs, *(match.end() for match in SENTENCE_END.finditer(text))})
    clauses = sorted({*paragraphs, *(match.end() for match in CLAUSE_END.finditer(text))})
    return Borders(tuple(paragraphs), tuple(sentences), tuple(clauses))


def _place(text: str, mention: Mention, outline: Outline, days: Calendar, borders: Borders) -> Place:
    span = mention.span
    words = text[span.start : span.end]
    sentence = bisect_right(borders.sentences, span.start) - 1
    paragraph = bisect_right(borders.paragraphs, span.start) - 1
    own = Span(borders.sentences[sentence], span.end)
    section = outline.section_at(span.start)
    found = _quantity(words) if mention.label.is_value else None
    period = days.at(span, own, section)
    first_line = borders.paragraphs[paragraph]
    return Place(
        label=mention.label,
        start=span.start,
        end=span.end,
        words=words,
        core=IGNORED.sub("", words),
        confidence=mention.confidence,
        paragraph=paragraph,
        sentence=sentence,
        clause=bisect_right(borders.clauses, span.start),
        section=section,
        section_class=section_class(section),
        opening=text[first_line : min(first_line + 16, span.start)].strip(),
        kind=_unit_class(words, found) if mention.label.is_value else class_of(words, NAME_CLASSES),
        quantity=found,
        is_change=(found is not None and found.kind is QuantityKind.CHANGE) or CHANGE.match(words) is not None,
        period=period,
        year_offset=0 if period is None or days.year is None else max(-3, min(3, period.end.year - days.year)),
        year_is_stated=days.stated(span, own) is not None,
    )


def section_class(section: Sequence[str]) -> int:
    """What the headings announce, the innermost first; 0 where none is known."""
    for title in reversed(section):
        for name, pattern in SECTIONS:
            if pattern.search(title):
                return SECTION_NUMBERS[name]
    return 0


def _quantity(words: str) -> Quantity | None:
    try:
        return quantity.parse(words)
    except QuantityError:
        return None


def _unit_class(words: str, found: Quantity | None) -> int:
    unit = found.unit if found is not None and found.unit else words
    return class_of(unit.rstrip("以上下内左右余多"), UNIT_CLASSES) or CLASS_NUMBERS["count"]


def _lists(text: str, places: Sequence[Place]) -> list[tuple[int, int]]:
    """(position, length) of every mention in its list: mentions of one sort parted by nothing but 、 or 和."""
    runs: list[list[int]] = []
    for position, place in enumerate(places):
        previous = places[position - 1] if position else None
        if (
            previous is not None
            and previous.is_value == place.is_value
            and LIST_GAP.fullmatch(text, previous.end, place.start) is not None
        ):
            runs[-1].append(position)
        else:
            runs.append([position])
    return [(at, len(run)) for run in runs for at in range(len(run))]
