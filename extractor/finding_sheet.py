"""What one finding looks like as a row: the columns of the sheet 疑点, and the cells they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from extractor.places import page_finder
from extractor.sheet import SEVERITIES, Cell, Column, Row, joined, pages_of, sentence_finder
from extractor.text_order import in_text_order
from extractor.types import Box, Finding, Result, Span


@dataclass(frozen=True, slots=True)
class Facts:
    """One finding with what its row needs of the whole result, which is in text order."""

    result: Result
    number: int
    boxes_of: Callable[[Span], list[Box]]
    sentence_of: Callable[[Span], str]

    @property
    def finding(self) -> Finding:
        return self.result.findings[self.number]

    @property
    def spans(self) -> list[Span]:
        return operands(self.result, self.finding)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """The cells of one finding, and the records it is about as positions among the result's rows."""

    row: Row
    records: tuple[int, ...]


def operands(result: Result, finding: Finding) -> list[Span]:
    """Where a finding's operands stand, in text order; the values of its records where it has none."""
    own = [result.mentions[mention].span for mention in finding.mentions] + list(finding.spans)
    if not own:
        own = [result.mentions[one].span for record in finding.records for one in result.records[record].mentions]
    return sorted(set(own))


def finding_rows(result: Result) -> Iterator[FindingRow]:
    """One row per finding, in text order."""
    result = in_text_order(result)
    boxes_of, sentence_of = page_finder(result.document), sentence_finder(result)
    for number, finding in enumerate(result.findings):
        facts = Facts(result, number, boxes_of, sentence_of)
        cells = tuple(column.value(facts) for column in FINDING_COLUMNS)
        yield FindingRow(Row(cells, (None,) * len(cells), finding.confidence), finding.records)


def _words(facts: Facts) -> Cell:
    return joined(facts.result.document.text[span.start : span.end] for span in facts.spans)


FINDING_COLUMNS: tuple[Column[Facts], ...] = (
    Column("来源文件", "报告文件的路径。", lambda f: f.result.document.source, 28),
    Column("页码", "所涉数值所在页；纯文本和 Word 文件没有页码。", lambda f: pages_of(f.spans, f.boxes_of), 7),
    Column("疑点号", "该文件内的疑点编号，与 results.jsonl 中的 id 一致。", lambda f: f"f{f.number + 1}", 8),
    Column("严重程度", "错误：数字对不上；警告：须核对；提示：供参考。", lambda f: SEVERITIES[f.finding.severity], 9),
    Column("规则", "检查的内容。", lambda f: f.finding.title or f.finding.rule, 20),
    Column("说明", "哪里不符，以及程序的推测。", lambda f: f.finding.message, 60),
    Column(
        "记录号",
        "所涉记录在“记录”页的编号，点击跳到第一条。",
        lambda f: joined((f"r{record + 1}" for record in f.finding.records), "、"),
        14,
        linked=True,
    ),
    Column("数值", "所涉数值和文字的原文。", _words, 30),
    Column("原文所在句", "这些数值所在的句子或表格行，供核对。", lambda f: joined(map(f.sentence_of, f.spans), " …… "), 60),
    Column(
        "可信度",
        "所依据的记录全部读对的估计概率：低则可能是程序读错，高则可能是报告有误。",
        lambda f: Decimal(str(round(float(f.finding.confidence), 4))),
        9,
        ratio=True,
    ),
    Column("规则名", "在规则设置文件中使用的名称。", lambda f: f.finding.rule, 22),
)
