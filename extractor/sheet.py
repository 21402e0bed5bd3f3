"""What one record looks like as a row of the auditor's sheet: the columns, and the cells they hold."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Generic, TypeVar

from extractor.places import page_finder
from extractor.stated import completion, distinct, indicator_text, stated_completion
from extractor.text_order import in_text_order
from extractor.types import Block, BlockKind, Box, Origin, Period, Quantity, Record, RecordKind, Relation, Result, Severity, Span

Cell = str | Decimal | None
F = TypeVar("F")  # what a column's cells are made of

KINDS = {RecordKind.PERFORMANCE: "绩效", RecordKind.FUND: "资金"}
ROLES = {"budget": "预算", "allocated": "下达/到位", "paid": "支出", "carried-over": "结转"}
ORIGINS = {Origin.MODEL: "正文", Origin.TEXT: "正文", Origin.RULE: "规则", Origin.TABLE: "表格"}
SEVERITIES = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTICE: "提示"}
BOUNDS = {
    Relation.EQUAL: None,
    Relation.AT_LEAST: "≥",
    Relation.MORE: ">",
    Relation.AT_MOST: "≤",
    Relation.LESS: "<",
    Relation.ABOUT: "约",
    Relation.RANGE: "区间",
}
# Confidences: below the first a record must be checked against the report, below the second it should be.
LOW, DOUBTFUL = Decimal("0.5"), Decimal("0.8")
PLACES = {"file": "文件", "page": "网页"}
SEPARATOR = "；"
LONGEST_SENTENCE = 400  # characters; a paragraph without a full stop is cut around its value
SENTENCE_END = re.compile(r"[。！？!?]+[”’）)」』]*")
BREAK = re.compile(r"\s*\n\s*")
BLANKS = re.compile(r"[ \t\u3000\u00a0]+")


@dataclass(frozen=True, slots=True)
class Facts:
    """One record with what its row needs of the whole result, which is in text order."""

    result: Result
    position: int
    boxes_of: Callable[[Span], list[Box]]
    sentence_of: Callable[[Span], str]

    @property
    def record(self) -> Record:
        return self.result.records[self.position]

    @property
    def spans(self) -> list[Span]:
        """Where the record's values stand, in text order; its names where it has no value."""
        places = self.record.values or self.record.indicators
        return sorted({self.result.mentions[mention].span for mention in places})


@dataclass(frozen=True, slots=True)
class Column(Generic[F]):
    """One column: its header, what it holds (a sentence for the legend), its cells, and how a spreadsheet shows them.

    ``unit_of`` is set where numbers carry a unit (a percentage is shown with its sign), ``ratio`` where 1 means 100 %,
    ``linked`` where the cell leads to the other sheet (from a record to its findings, and back).
    """

    title: str
    meaning: str
    value: Callable[[F], Cell]
    widest: int = 16  # half-width characters
    ratio: bool = False
    unit_of: Callable[[F], Cell] | None = None
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one record in the order of `COLUMNS`, and beside each number the unit it is shown with."""

    cells: tuple[Cell, ...]
    units: tuple[Cell, ...]
    confidence: float


def rows(result: Result) -> Iterator[Row]:
    """One row per record, in text order."""
    result = in_text_order(result)
    boxes_of, sentence_of = page_finder(result.document), sentence_finder(result)
    for position in range(len(result.records)):
        facts = Facts(result, position, boxes_of, sentence_of)
        yield Row(
            tuple(column.value(facts) for column in COLUMNS),
            tuple(column.unit_of(facts) if column.unit_of else None for column in COLUMNS),
            facts.record.confidence,
        )


def titled(columns: Sequence[Column[F]], row: Row) -> dict[str, Cell]:
    """The cells of a row by the titles of their columns."""
    return {column.title: cell for column, cell in zip(columns, row.cells, strict=True)}


def titled_text(columns: Sequence[Column[F]], row: Row) -> dict[str, str]:
    """The same as people read it."""
    return {column.title: cell_text(cell, ratio=column.ratio) for column, cell in zip(columns, row.cells, strict=True)}


def cell_text(value: Cell, *, ratio: bool = False) -> str:
    """The value as people read it: ratios as percentages."""
    if isinstance(value, Decimal):
        return f"{(value * 100).normalize():f}%" if ratio else format(value, ",f")
    return value or ""


def trust(confidence: float) -> str:
    """How far to trust a probability: ``"low"``, ``"doubtful"``, or ``""`` for one that is neither."""
    return "low" if confidence < LOW else "doubtful" if confidence < DOUBTFUL else ""


def place_text(where: str) -> str:
    """A problem's place as people read it: pages and characters count from 1, the last one included."""
    if match := re.fullmatch(r"page (\d+)", where):
        return f"第{match[1]}页"
    if match := re.fullmatch(r"characters (\d+)-(\d+)", where):
        return f"第{int(match[1]) + 1}至{match[2]}字"
    return PLACES.get(where, where)


def sentence_finder(result: Result) -> Callable[[Span], str]:
    """A function from a span to the sentence, table row or line it stands in, on one line."""
    text, homes_of = result.document.text, home_finder(result)
    return lambda span: " | ".join(one_line(text[home.start : home.end]) for home in homes_of(span))


def home_finder(result: Result) -> Callable[[Span], list[Span]]:
    """A function from a span to the sentence or line it stands in, or to the cells of its table row."""
    text, blocks = result.document.text, result.document.blocks
    starts = [block.span.start for block in blocks]

    @cache  # cells are put in order once, and only where a row is asked for
    def row_finder(at: int) -> Callable[[Span], list[Span]]:
        return _row_finder(blocks[at])

    def homes_of(span: Span) -> list[Span]:
        at = bisect_right(starts, span.start) - 1
        block = blocks[at] if at >= 0 and blocks[at].span.contains(span) else None
        if block is not None and block.kind is BlockKind.TABLE and block.cells:
            return row_finder(at)(span)
        # Inside a paragraph a line break is only where the page was full; without paragraphs lines are all there is.
        home = block.span if block is not None and block.kind is not BlockKind.TABLE else _line(text, span)
        return [_sentence(text, home, span)]

    return homes_of


def _row_finder(block: Block) -> Callable[[Span], list[Span]]:
    """A function from a span within a table to the cells of its row; none where it lies in no cell."""
    cells = sorted((cell.span, cell.row) for cell in block.cells if cell.span is not None)
    starts = [span.start for span, _ in cells]
    rows: dict[int, list[Span]] = {}
    for cell in block.cells:
        if cell.span is not None:
            rows.setdefault(cell.row, []).append(cell.span)

    def row_of(span: Span) -> list[Span]:
        first = max(0, bisect_right(starts, span.start) - 1)
        return next((rows[row] for home, row in cells[first : first + 2] if home.overlaps(span)), [])

    return row_of


def _line(text: str, span: Span) -> Span:
    end = text.find("\n", span.end)
    return Span(text.rfind("\n", 0, span.start) + 1, len(text) if end < 0 else end)


def _sentence(text: str, home: Span, span: Span) -> Span:
    ends = [match.end() for match in SENTENCE_END.finditer(text, home.start, home.end)]
    start = max((end for end in ends if end <= span.start), default=home.start)
    end = min((end for end in ends if end >= span.end), default=home.end)
    margin = max(0, (LONGEST_SENTENCE - len(span)) // 2)
    return (
        Span(start, end)
        if end - start <= LONGEST_SENTENCE
        else Span(max(start, span.start - margin), min(end, span.end + margin))
    )


def one_line(text: str) -> str:
    """The words without line breaks, and with single blanks."""
    return BLANKS.sub(" ", BREAK.sub("", text)).strip()


def joined(words: Iterable[str | None], separator: str = SEPARATOR) -> str | None:
    """The words, each once, on one line; None where there are none."""
    return separator.join(dict.fromkeys(word for word in words if word)) or None


def _words(facts: Facts, mentions: Sequence[int]) -> Cell:
    return joined(facts.result.text_of(mention) for mention in mentions)


def _numbers(quantities: Sequence[Quantity]) -> Cell:
    """A number where there is one, else all of them as text: a sum over the column never counts a value twice."""
    values = {quantity.value for quantity in quantities}
    if len(values) == 1 and isinstance(only := quantities[0].value, Decimal):
        return only
    return joined(quantity.value_text().replace("..", "～") for quantity in quantities)


def _target(facts: Facts) -> list[Quantity]:
    return distinct(facts.result, facts.record.targets)


def _achieved(facts: Facts) -> list[Quantity]:
    stated = stated_completion(facts.result, facts.record)  # it has a column of its own
    return distinct(facts.result, (mention for mention in facts.record.achieved if mention != stated))


def _yuan(facts: Facts) -> Cell:
    return _numbers([quantity for quantity in distinct(facts.result, facts.record.amounts) if quantity.unit == "元"])


def _units(quantities: Sequence[Quantity]) -> Cell:
    return joined(quantity.unit for quantity in quantities)


def _bounds(quantities: Sequence[Quantity]) -> Cell:
    return joined(BOUNDS[quantity.relation] for quantity in quantities)


def _parent(facts: Facts) -> Cell:
    parent = facts.record.parent
    return None if parent is None else indicator_text(facts.result, facts.result.records[parent])


def _pages(facts: Facts) -> Cell:
    return pages_of(facts.spans, facts.boxes_of)


def pages_of(spans: Iterable[Span], boxes_of: Callable[[Span], list[Box]]) -> Cell:
    """The pages on which spans begin: a number where it is one."""
    pages = sorted({boxes[0].page for span in spans if (boxes := boxes_of(span))})
    return Decimal(pages[0]) if len(pages) == 1 else joined(map(str, pages), "、")


def _period(period: Period | None) -> Cell:
    if period is None:
        return None
    start, end = period.start, period.end
    if (start.year, start.month, start.day, end.month, end.day) == (end.year, 1, 1, 12, 31):
        return f"{start.year}年"
    return f"{start.isoformat()} 至 {end.isoformat()}"


def _findings(facts: Facts) -> Cell:
    about = (finding for finding in facts.result.findings if facts.position in finding.records)
    return joined(f"{SEVERITIES[finding.severity]}：{finding.message}" for finding in about)


def _sources(facts: Facts) -> Cell:
    return joined((ORIGINS[source] for source in facts.record.sources(facts.result.mentions)), "、")


def _number_or_text(text: str | None) -> Cell:
    return Decimal(text) if text and re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text) else text


def _proposals(facts: Facts) -> Cell:
    proposals = (facts.result.mentions[mention].proposal for mention in facts.record.mentions)
    return joined((f"{one.original} → {one.text}：{one.reason}" for one in proposals if one is not None), "；")


COLUMNS: tuple[Column[Facts], ...] = (
    Column("来源文件", "报告文件的路径。", lambda f: f.result.document.source, 28),
    Column("页码", "数值所在页；纯文本和 Word 文件没有页码。", _pages, 7),
    Column("记录号", "该文件内的记录编号，与 results.jsonl 中的 id 一致。", lambda f: f"r{f.position + 1}", 8),
    Column("类型", "绩效（目标与实现）或资金。", lambda f: KINDS[f.record.kind], 7),
    Column("指标", "指标或资金项目的名称；报告没有写明时为空。", lambda f: indicator_text(f.result, f.record), 30),
    Column("上级指标", "该指标从属的指标（“其中”项）。", _parent, 24),
    Column("目标值", "报告原文写的目标。", lambda f: _words(f, f.record.targets), 18),
    Column("目标条件", "≥、≤、约、区间等；空白表示恰好等于。", lambda f: _bounds(_target(f)), 9),
    Column("目标数值", "换算到基本单位的目标数。", lambda f: _numbers(_target(f)), 16, unit_of=lambda f: _units(_target(f))),
    Column("目标单位", "目标数值的基本单位（万元、亿元已换算为元）。", lambda f: _units(_target(f)), 9),
    Column("实现值", "报告原文写的实际完成情况。", lambda f: _words(f, f.record.achieved), 18),
    Column("实现条件", "同“目标条件”。", lambda f: _bounds(_achieved(f)), 9),
    Column(
        "实现数值",
        "换算到基本单位的实现数；增减变动带正负号。",
        lambda f: _numbers(_achieved(f)),
        16,
        unit_of=lambda f: _units(_achieved(f)),
    ),
    Column("实现单位", "实现数值的基本单位。", lambda f: _units(_achieved(f)), 9),
    Column("完成率（报告所述）", "报告自己写出的完成率。", lambda f: completion(f.result, f.record)[0], 12, ratio=True),
    Column(
        "完成率（计算）",
        "实现数值除以目标数值；单位不同或任一数值不唯一时为空。",
        lambda f: completion(f.result, f.record)[1],
        12,
        ratio=True,
    ),
    Column("资金金额", "报告原文写的金额。", lambda f: _words(f, f.record.amounts), 18),
    Column("金额（元）", "换算为元的金额；外币不换算，此处为空。", _yuan, 20),
    Column("资金性质", "预算、下达/到位、支出、结转。", lambda f: f.record.role and ROLES.get(f.record.role, f.record.role), 11),
    Column("一级指标", "指标表中的一级指标。", lambda f: f.record.level1, 14),
    Column("二级指标", "指标表中的二级指标。", lambda f: f.record.level2, 14),
    Column("分值", "指标表中的分值（权重）。", lambda f: _number_or_text(f.record.weight), 7),
    Column("得分", "指标表中的自评得分。", lambda f: _number_or_text(f.record.score), 7),
    Column("偏差原因", "指标表中的偏差原因及改进措施。", lambda f: f.record.reason, 30),
    Column("期间", "数值所属的年度或起止日期。", lambda f: _period(f.record.period), 14),
    Column("章节", "记录所在的各级标题。", lambda f: joined(f.record.section, " › "), 30),
    Column("原文所在句", "数值所在的句子或表格行，供核对。", lambda f: joined(map(f.sentence_of, f.spans), " …… "), 60),
    Column("疑点", "程序发现的需要核对之处；点击跳到“疑点”页。", _findings, 36, linked=True),
    Column(
        "可信度",
        "整条记录正确的估计概率，不是证明。",
        lambda f: Decimal(str(round(float(f.record.confidence), 4))),
        9,
        ratio=True,
    ),
    Column("来源", "记录取自正文、表格，或两处一致。", _sources, 9),
    Column("疑似误读", "扫描件中疑似认错的数字和建议的读法；数值未作更改。", _proposals, 30),
)
