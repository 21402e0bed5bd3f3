"""The comparison of two years as rows: the columns, and the workbook that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from extractor.comparison.changes import change, remarks, target_words, value_words
from extractor.comparison.entries import Entry, YearReport
from extractor.comparison.matching import Pair
from extractor.sheet import Cell, Column, Row, cell_text, joined
from extractor.workbook import ROWS_PER_SHEET, Roll, Sheets

BOTH, ONLY_BEFORE, ONLY_AFTER = "两期都有", "仅前期有", "仅本期有"
REPORT_COLUMNS = ("期别", "报告", "单位", "年度", "比较的记录", "属于其他年度或没有名称而未比较的记录")


def status(pair: Pair) -> str:
    if pair.before is None:
        return ONLY_AFTER
    return ONLY_BEFORE if pair.after is None else BOTH


def row(pair: Pair) -> Row:
    """The cells of one pair; its confidence is that of the less certain record."""
    confidence = min(entry.record.confidence for entry in pair.entries)
    return Row(tuple(column.value(pair) for column in COLUMNS), (None,) * len(COLUMNS), confidence)


def write(pairs: Iterable[Pair], before: Sequence[YearReport], after: Sequence[YearReport], path: Path) -> None:
    """Write the comparison as a workbook. Raises ExtractorError where the file cannot be written."""
    sheets = Sheets()
    roll = Roll(sheets, "年度比较", COLUMNS, ROWS_PER_SHEET)
    for pair in pairs:
        roll.add(row(pair))
    roll.finish()
    reports = sheets.new("报告", REPORT_COLUMNS, (8, 60, 30, 8, 14, 30))
    for name, side in (("前期", before), ("本期", after)):
        for report in side:
            year = None if report.year is None else Decimal(report.year)
            sheets.append(
                reports, (name, report.source, report.unit, year, Decimal(len(report.entries)), Decimal(report.n_other))
            )
    legend = sheets.new("说明", ("列", "含义"), (22, 90))
    for column in COLUMNS:
        sheets.append(legend, (column.title, column.meaning))
    sheets.save(path)


def _of(pick: Callable[[Pair], Entry | None], title: str) -> Callable[[Pair], Cell]:
    """What the workbook of a run shows of one side."""

    def cell(pair: Pair) -> Cell:
        entry = pick(pair)
        return None if entry is None else entry.cells[title]

    return cell


def _before(pair: Pair) -> Entry | None:
    return pair.before


def _after(pair: Pair) -> Entry | None:
    return pair.after


def _name(pair: Pair) -> Cell:
    return joined((entry.name for entry in reversed(pair.entries)), " ← ")


def _match(pair: Pair) -> Cell:
    if pair.before is None or pair.after is None:
        return None
    return "名称相同" if pair.likeness == 100.0 else f"名称相近（{pair.likeness:.0f}%）"


def _difference(which: str, ratio: bool = False) -> Callable[[Pair], Cell]:
    def cell(pair: Pair) -> Cell:
        if pair.before is None or pair.after is None:
            return None
        found = change(getattr(pair.before, which), getattr(pair.after, which))
        return None if found is None else found.ratio if ratio else found.difference

    return cell


def _confidence(pair: Pair) -> Cell:
    return Decimal(str(round(min(float(entry.record.confidence) for entry in pair.entries), 4)))


def _both(title: str) -> Callable[[Pair], Cell]:
    """What both years say, in one cell; once where it is the same."""
    return lambda pair: joined((cell_text(entry.cells[title]) for entry in pair.entries), " → ")


def _place(entry: Entry | None) -> Cell:
    return None if entry is None else f"{entry.cells['来源文件']} {entry.cells['记录号']}"


COLUMNS: tuple[Column[Pair], ...] = (
    Column("指标", "指标或资金项目；两期名称不同的写作“本期 ← 前期”。", _name, 32),
    Column("类型", "绩效或资金。", lambda pair: pair.entries[0].cells["类型"], 7),
    Column("两期", f"{BOTH}、{ONLY_BEFORE}（可能取消）或{ONLY_AFTER}（可能新增）。", status, 10),
    Column("匹配", "按名称、单位和章节匹配；名称相近的请核对是否同一指标。", _match, 16),
    Column("前期目标", "前期报告的目标值。", _of(_before, "目标值"), 18),
    Column("本期目标", "本期报告的目标值。", _of(_after, "目标值"), 18),
    Column("目标变化", "提高或降低多少，要求从严还是放宽（越小越好的指标，提高即放宽）。", target_words, 28),
    Column("目标差数", "本期减前期，换算到基本单位；比率为百分点。", _difference("target"), 14),
    Column("前期实现", "前期报告的实现值。", _of(_before, "实现值"), 18),
    Column("本期实现", "本期报告的实现值。", _of(_after, "实现值"), 18),
    Column("实现变化", "实现值增减多少。", lambda pair: value_words(pair, "实现值", "增加", "减少"), 26),
    Column("实现差数", "本期减前期，换算到基本单位；比率为百分点。", _difference("achieved"), 14),
    Column("前期完成率", "前期实现值除以目标值。", _of(_before, "完成率（计算）"), 11, ratio=True),
    Column("本期完成率", "本期实现值除以目标值。", _of(_after, "完成率（计算）"), 11, ratio=True),
    Column("前期资金", "前期报告的金额。", _of(_before, "资金金额"), 18),
    Column("本期资金", "本期报告的金额。", _of(_after, "资金金额"), 18),
    Column("资金变化", "金额增减多少。", lambda pair: value_words(pair, "资金金额", "增加", "减少"), 26),
    Column("资金差数", "本期减前期，单位元；外币为其基本单位。", _difference("amount"), 18),
    Column("资金变动率", "差数除以前期金额。", _difference("amount", ratio=True), 11, ratio=True),
    Column("须关注", "目标放宽、低于前期实绩等，请核对原因。", lambda pair: joined(remarks(pair)), 26),
    Column("可信度", "两条记录中较低的可信度。", _confidence, 9, ratio=True),
    Column("前期章节", "前期记录所在的各级标题。", _of(_before, "章节"), 24),
    Column("本期章节", "本期记录所在的各级标题。", _of(_after, "章节"), 24),
    Column("前期原文", "前期数值所在的句子或表格行。", _of(_before, "原文所在句"), 50),
    Column("本期原文", "本期数值所在的句子或表格行。", _of(_after, "原文所在句"), 50),
    Column("前期出处", "前期报告文件和记录号。", lambda pair: _place(pair.before), 30),
    Column("本期出处", "本期报告文件和记录号。", lambda pair: _place(pair.after), 30),
)
# For a terminal, where there is no room for all.
SHORT_COLUMNS: tuple[Column[Pair], ...] = (
    COLUMNS[0],
    Column("目标", "两期的目标值。", _both("目标值")),
    Column("目标变化", "提高或降低多少。", target_words),
    Column("实现", "两期的实现值。", _both("实现值")),
    Column("实现变化", "实现值增减多少。", lambda pair: value_words(pair, "实现值", "增加", "减少")),
    Column("资金", "两期的金额。", _both("资金金额")),
    Column("资金变化", "金额增减多少。", lambda pair: value_words(pair, "资金金额", "增加", "减少")),
    Column("须关注", "请核对原因。", lambda pair: joined(remarks(pair))),
)
