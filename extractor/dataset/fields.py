"""What the tables of a run hold: their columns, with the words that explain them and how a row is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from extractor.finding_sheet import FINDING_COLUMNS, FindingRow, finding_rows
from extractor.output import to_dict
from extractor.sheet import COLUMNS, Cell, Row, rows, titled
from extractor.stated import form_fact
from extractor.subject import Subject, subject_of
from extractor.text_order import in_text_order
from extractor.types import Result

NUMBER = "DECIMAL(38, 10)"  # exact; a number that does not fit is left empty, its words stay


@dataclass(frozen=True)
class Source:
    """One result, in text order, in the forms that the files of a run are made of; each form is made once."""

    result: Result

    @classmethod
    def of(cls, result: Result) -> Source:
        return cls(in_text_order(result))

    @cached_property
    def out(self) -> dict[str, Any]:
        """As the contract writes it."""
        return to_dict(self.result)

    @cached_property
    def record_rows(self) -> list[Row]:
        return list(rows(self.result))

    @cached_property
    def finding_rows(self) -> list[FindingRow]:
        return list(finding_rows(self.result))

    @cached_property
    def subject(self) -> Subject:
        """What the report is about."""
        return subject_of(self.result)

    @cached_property
    def records(self) -> list[Mapping[str, Cell]]:
        """What the sheet 记录 shows of each record, by the titles of its columns."""
        return [titled(COLUMNS, row) for row in self.record_rows]

    @cached_property
    def findings(self) -> list[Mapping[str, Cell]]:
        """What the sheet 疑点 shows of each finding."""
        return [titled(FINDING_COLUMNS, found.row) for found in self.finding_rows]


@dataclass(frozen=True, slots=True)
class Part:
    """What one row is made of: the ``position``-th of its kind in the ``number``-th result of a run, counted from 1."""

    source: Source
    number: int
    position: int
    out: Mapping[str, Any]  # as the contract writes it


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name, DuckDB's type, what it holds (Chinese, for people), and its value as JSON writes it."""

    name: str
    type: str
    meaning: str
    value: Callable[[Part], object]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what a row of it is, where the contract lists what rows are made of (None: the result itself), its columns."""

    name: str
    meaning: str
    listed: str | None
    fields: tuple[Field, ...]

    def rows(self, source: Source, number: int) -> Iterator[dict[str, object]]:
        """The rows of the ``number``-th result of a run, ready for JSON."""
        parts = [source.out] if self.listed is None else source.out[self.listed]
        for position, out in enumerate(parts):
            part = Part(source, number, position, out)
            yield {field.name: field.value(part) for field in self.fields}


# ── How values are made ──────────────────────────────────────────────────────────────────────────────────────────────


def _own(name: str, type: str, meaning: str, key: str | None = None) -> Field:
    """A column that holds what the contract says under its own name, or under ``key``."""
    return Field(name, type, meaning, lambda part: part.out[key or name])


def _shown(name: str, type: str, meaning: str, title: str, sheet: str = "records") -> Field:
    """A column that holds what the workbook shows under ``title``; where a number is wanted, nothing in place of words."""

    def value(part: Part) -> str | None:
        cell = getattr(part.source, sheet)[part.position][title]
        if isinstance(cell, Decimal):
            return format(cell, "f")
        return cell if type == "VARCHAR" else None

    return Field(name, type, meaning, value)


def _count(name: str, meaning: str) -> Field:
    return Field(f"n_{name}", "BIGINT", meaning, lambda part: len(part.out[name]))


def _relation(key: str) -> Callable[[Part], str | None]:
    """How the values under a key bound what they speak of, where all say the same."""

    def relation(part: Part) -> str | None:
        found = {value["quantity"]["relation"] for value in part.out[key] if value["quantity"]}
        return found.pop() if len(found) == 1 else None

    return relation


def _quantity(name: str, type: str, meaning: str, of: Callable[[Any], object]) -> Field:
    """A column that holds something of a mention's number; nothing where it is none."""

    def value(part: Part) -> str | None:
        quantity = part.source.result.quantities[part.position]
        found = None if quantity is None else of(quantity)
        return None if found is None else format(found, "f") if isinstance(found, Decimal) else str(found)

    return Field(name, type, meaning, value)


# ── The tables ───────────────────────────────────────────────────────────────────────────────────────────────────────

REPORT = Field("report", "BIGINT", "报告编号（各表相同，可用来连接）", lambda part: part.number)
SOURCE = Field("source", "VARCHAR", "报告文件", lambda part: part.source.out["source"])
ID = _own("id", "VARCHAR", "在该报告内的编号")
CONFIDENCE = _own("confidence", "DOUBLE", "可信度，0 至 1")

TABLES: tuple[Table, ...] = (
    Table(
        "reports",
        "报告，每份一行",
        None,
        (
            REPORT,
            SOURCE,
            _own("sha256", "VARCHAR", "文件的 SHA-256"),
            Field("title", "VARCHAR", "报告标题", lambda part: part.source.subject.title),
            Field("year", "BIGINT", "报告年度", lambda part: part.source.subject.year),
            Field("organisation", "VARCHAR", "单位（取自表头、标题或落款）", lambda part: part.source.subject.unit),
            Field("project", "VARCHAR", "项目名称（取自表头）", lambda part: form_fact(part.source.result, "项目名称")),
            _own("pages", "BIGINT", "页数"),
            _count("mentions", "标出的名称和数值数"),
            _count("records", "记录数"),
            _count("findings", "疑点数"),
            _count("problems", "未能读懂之处"),
            _own("text", "VARCHAR", "全文"),
        ),
    ),
    Table(
        "records",
        "记录，每条一行",
        "records",
        (
            REPORT,
            SOURCE,
            ID,
            _own("kind", "VARCHAR", "performance 绩效，fund 资金"),
            _shown("indicator", "VARCHAR", "指标或资金项目", "指标"),
            _shown("parent", "VARCHAR", "上级指标", "上级指标"),
            _shown("target", "VARCHAR", "目标值（原文）", "目标值"),
            _shown("target_value", NUMBER, "目标数值（基本单位，不唯一时为空）", "目标数值"),
            _shown("target_unit", "VARCHAR", "目标单位", "目标单位"),
            Field("target_relation", "VARCHAR", "目标条件：= >= > <= < ~ range", _relation("target")),
            _shown("achieved", "VARCHAR", "实现值（原文）", "实现值"),
            _shown("achieved_value", NUMBER, "实现数值（基本单位，不唯一时为空）", "实现数值"),
            _shown("achieved_unit", "VARCHAR", "实现单位", "实现单位"),
            Field("achieved_relation", "VARCHAR", "实现条件", _relation("achieved")),
            _shown("completion_stated", NUMBER, "报告写出的完成率，1 为 100%", "完成率（报告所述）"),
            _shown("completion_computed", NUMBER, "计算的完成率，1 为 100%", "完成率（计算）"),
            _shown("amount", "VARCHAR", "资金金额（原文）", "资金金额"),
            _shown("amount_yuan", NUMBER, "资金金额（元）", "金额（元）"),
            _own("role", "VARCHAR", "资金性质：budget 预算，allocated 下达/到位，paid 支出，carried-over 结转"),
            _own("level1", "VARCHAR", "一级指标"),
            _own("level2", "VARCHAR", "二级指标"),
            _shown("weight", NUMBER, "分值", "分值"),
            _shown("score", NUMBER, "得分", "得分"),
            _own("reason", "VARCHAR", "偏差原因"),
            Field("period_start", "DATE", "期间的第一天", lambda part: part.out["period"] and part.out["period"]["start"]),
            Field("period_end", "DATE", "期间的最后一天", lambda part: part.out["period"] and part.out["period"]["end"]),
            _shown("section", "VARCHAR", "章节", "章节"),
            _own("origin", "VARCHAR", "text 正文，table 表格"),
            _shown("page", "BIGINT", "页码（跨页时为空）", "页码"),
            _shown("sentence", "VARCHAR", "原文所在句或表格行", "原文所在句"),
            CONFIDENCE,
        ),
    ),
    Table(
        "mentions",
        "标出的名称和数值，每处一行",
        "mentions",
        (
            REPORT,
            SOURCE,
            ID,
            _own("label", "VARCHAR", "INDICATOR 指标，TARGET 目标值，ACHIEVED 实现值，AMOUNT 资金金额"),
            _own("text", "VARCHAR", "原文"),
            Field("proposal", "VARCHAR", "疑似误读时建议的读法", lambda part: (part.out["proposal"] or {}).get("text")),
            _own("first", "BIGINT", "全文中第一个字的位置（从 0 数）", "start"),
            _own("past", "BIGINT", "最后一个字之后的位置", "end"),
            _quantity("low", NUMBER, "数值（区间的下限）", lambda quantity: quantity.low),
            _quantity("high", NUMBER, "数值（区间的上限）", lambda quantity: quantity.high),
            _quantity("unit", "VARCHAR", "基本单位", lambda quantity: quantity.unit),
            _quantity("relation", "VARCHAR", "条件：= >= > <= < ~ range", lambda quantity: quantity.relation),
            _quantity(
                "quantity_kind", "VARCHAR", "level 水平，change 变化，share 比率，score 得分", lambda quantity: quantity.kind
            ),
            _own("origin", "VARCHAR", "model 模型，rule 规则，table 表格"),
            _own("page", "BIGINT", "页码"),
            CONFIDENCE,
        ),
    ),
    Table(
        "findings",
        "疑点，每处一行",
        "findings",
        (
            REPORT,
            SOURCE,
            ID,
            _own("severity", "VARCHAR", "error 错误，warning 警告，notice 提示"),
            _own("rule", "VARCHAR", "规则名"),
            _shown("title", "VARCHAR", "规则", "规则", "findings"),
            _own("message", "VARCHAR", "说明"),
            _own("records", "VARCHAR[]", "所涉记录的编号"),
            _own("mentions", "VARCHAR[]", "所涉提及的编号"),
            _shown("words", "VARCHAR", "所涉数值和文字", "数值", "findings"),
            _shown("page", "BIGINT", "页码（跨页时为空）", "页码", "findings"),
            _shown("sentence", "VARCHAR", "原文所在句或表格行", "原文所在句", "findings"),
            CONFIDENCE,
        ),
    ),
    Table(
        "checks",
        "检查，每份报告每条规则一行",
        "checks",
        (
            REPORT,
            SOURCE,
            _own("rule", "VARCHAR", "规则名"),
            _own("title", "VARCHAR", "规则"),
            _own("holds", "BIGINT", "相符的次数"),
            _own("fails", "BIGINT", "不符的次数"),
            _own("unknown", "BIGINT", "无法判断的次数"),
        ),
    ),
    Table(
        "problems",
        "未能读懂之处，每处一行",
        "problems",
        (REPORT, SOURCE, _own("place", "VARCHAR", "位置", "where"), _own("message", "VARCHAR", "原因")),
    ),
)
# Files that could not be read at all are no results.
FAILED = Table(
    "failed",
    "没有读成的文件，每个一行",
    None,
    (_own("source", "VARCHAR", "文件"), _own("error", "VARCHAR", "原因")),
)
ALL_TABLES = (*TABLES, FAILED)
