"""Tables written inline for tests: one string a row, | between cells, << for merged with the left, ^^ with the one above."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.readers.parts import DraftCell, compose, table_part
from extractor.readers.parts import Part as ReaderPart
from extractor.types import BlockKind, Document

LEFT, ABOVE = "<<", "^^"


def drafts(rows: Sequence[str]) -> list[DraftCell]:
    """The cells of a table; marks of merging make the cell that they continue wider or taller."""
    fields = [[field.strip() for field in row.split("|")] for row in rows]
    found = []
    for row, line in enumerate(fields):
        for column, words in enumerate(line):
            if words in (LEFT, ABOVE):
                continue
            right = column + 1
            while right < len(line) and line[right] == LEFT:
                right += 1
            bottom = row + 1
            while bottom < len(fields) and column < len(fields[bottom]) and fields[bottom][column] == ABOVE:
                bottom += 1
            found.append(DraftCell(row, column, words, bottom - row, right - column))
    return found


def report(*blocks: str | Sequence[str] | list[DraftCell]) -> Document:
    """A document of paragraphs (strings) and tables (rows as above, or cells)."""
    parts = []
    for block in blocks:
        if isinstance(block, str):
            parts.append(ReaderPart(BlockKind.PARAGRAPH, block))
        else:
            cells = [cell if isinstance(cell, DraftCell) else None for cell in block]
            made = [cell for cell in cells if cell is not None]
            parts.append(table_part(made or drafts([row for row in block if isinstance(row, str)])))
    return compose(parts, b"", "report")


FORM = (
    "项目支出绩效自评表 | << | << | << | << | << | << | << | <<",
    "（2022年度） | << | << | << | << | << | << | << | <<",
    "项目名称 | << | 清河县农村饮水工程 | << | << | << | << | << | <<",
    "主管部门 | << | 清河县水利局 | << | << | 实施单位 | << | 清河县水利工程站 | <<",
    "项目资金（万元） | << |  | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分",
    "^^ | << | 年度资金总额 | 120 | 150.5 | 149.2 | 10 | 99.14% | 9.91",
    "^^ | << | 其中：当年财政拨款 | 120 | 140 | 139 | — | — | —",
    "^^ | << | 上年结转资金 |  | 10.5 | 10.2 | — | — | —",
    "^^ | << | 其他资金 |  |  |  | — | — | —",
    "年度总体目标 | 预期目标 | << | << | << | 实际完成情况 | << | << | <<",
    "^^ | 新建泵站3座，改造渠道12公里。 | << | << | << | 新建泵站3座，改造渠道12.6公里。 | << | << | <<",
    "绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施",
    "^^ | 产出指标(50分) | 数量指标 | 新建泵站 | ≥3座 | 3 | 10 | 10 | ",
    "^^ | ^^ | ^^ | 改造渠道长度（公里） | 12 | 12.6 | 10 | 10 | ",
    "^^ | ^^ | 质量指标 | 验收合格率 | 100% | 100 | 10 | 10 | /",
    "^^ | ^^ | 时效指标 | 完工时间 | 2022年12月底前 | 2023年1月 | 20 | 18 | 雨季影响工期，2023年1月补完。",
    "^^ | 效益指标(40分) | 社会效益指标 | 受益群众 | 约1.2万人 | 1.3万人 | 40 | 40 | ",
    "总分 | << | << | << | << | << | 100 | 97.91 | ",
)
