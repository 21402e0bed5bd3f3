"""What a working paper can say of one result: Chinese names that a template uses, and the words or rows behind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from extractor.file_names import file_stem
from extractor.finding_sheet import FINDING_COLUMNS, Facts, finding_rows
from extractor.places import page_finder
from extractor.sheet import COLUMNS, Column, Row, cell_text, joined, pages_of, place_text, rows, sentence_finder, titled_text
from extractor.stated import all_problems, form_fact
from extractor.subject import subject_of
from extractor.text_order import in_text_order
from extractor.types import RecordKind, Result, Span

NOT_A_NAME = re.compile(r"\W")
# Names for one value each, with what they hold; those of lists follow.
NAMES = {
    "报告": "报告的文件名，不含后缀",
    "标题": "报告的标题",
    "来源文件": "报告文件的路径",
    "校验码": "报告文件的 SHA-256",
    "页数": "报告的页数；纯文本和 Word 文件没有",
    "年度": "报告年度",
    "项目名称": "报告表头所写的项目名称；没有则为空",
    "被审计单位": "表头所写的实施单位或主管部门，没有则取自标题或落款；都没有则为空",
    "相符": "检查中相符的次数",
    "不符": "检查中不符的次数",
    "无法判断": "检查中无法判断的次数",
    "程序": "程序和模型的版本",
}
LISTS = {
    "指标表": "绩效记录，每条一行，列与 records.xlsx 相同（列名去掉括号），另有“疑点号”",
    "资金表": "资金记录，列同上",
    "疑点表": "疑点，每处一行，列与 findings.xlsx 相同，另有“证据”：每处有“文字”“页码”“原文”“图”（扫描页的截图）",
    "规则表": "各条规则：规则、相符、不符、无法判断",
    "未读表": "未能读懂之处：位置、原因",
}


def no_picture(_: Sequence[Span]) -> None:
    """What shows no cut-outs."""


def contents(result: Result, program: str, picture_of: Callable[[Sequence[Span]], object] = no_picture) -> dict[str, Any]:
    """Everything that a template may name: `NAMES` as text, `LISTS` as lists of dictionaries of text.

    ``picture_of`` gives what stands for a cut-out of the page, false where there is none.
    """
    result = in_text_order(result)
    document, checks, subject = result.document, result.checks, subject_of(result)
    findings_of: dict[int, list[str]] = {}
    for number, finding in enumerate(result.findings, start=1):
        for record in finding.records:
            findings_of.setdefault(record, []).append(f"f{number}")
    records = [
        (record.kind, _named(COLUMNS, row) | {"疑点号": joined(findings_of.get(position, ()), "、") or ""})
        for position, (record, row) in enumerate(zip(result.records, rows(result), strict=True))
    ]
    return {
        "报告": file_stem(document.source),
        "标题": subject.title,
        "来源文件": document.source,
        "校验码": document.sha256,
        "页数": "" if document.pages is None else str(len(document.pages)),
        "年度": str(subject.year or ""),
        "项目名称": form_fact(result, "项目名称") or "",
        "被审计单位": subject.unit or "",
        "相符": str(sum(check.n_holds for check in checks)),
        "不符": str(sum(check.n_fails for check in checks)),
        "无法判断": str(sum(check.n_unknown for check in checks)),
        "程序": f"{program}，模型 {result.model.name} {result.model.version}",
        "指标表": [row for kind, row in records if kind is RecordKind.PERFORMANCE],
        "资金表": [row for kind, row in records if kind is RecordKind.FUND],
        "疑点表": list(_findings(result, picture_of)),
        "规则表": [
            {"规则": one.title or one.rule, "相符": str(one.n_holds), "不符": str(one.n_fails), "无法判断": str(one.n_unknown)}
            for one in checks
        ],
        "未读表": [{"位置": place_text(one.where), "原因": one.message} for one in all_problems(result)],
    }


def field_names() -> Iterator[tuple[str, str]]:
    """Every name that a template may use, rows' columns as 表.列, and what it holds."""
    yield from NAMES.items()
    for name, meaning in LISTS.items():
        yield name, meaning
    for name, columns in (("指标表", COLUMNS), ("疑点表", FINDING_COLUMNS)):
        yield from ((f"{name}.{_key(column.title)}", column.meaning) for column in columns)


def _findings(result: Result, picture_of: Callable[[Sequence[Span]], object]) -> Iterator[dict[str, Any]]:
    boxes_of, sentence_of = page_finder(result.document), sentence_finder(result)
    for number, found in enumerate(finding_rows(result)):
        spans = Facts(result, number, boxes_of, sentence_of).spans
        evidence: dict[str, list[Span]] = {}
        for span in spans:
            evidence.setdefault(sentence_of(span), []).append(span)
        yield _named(FINDING_COLUMNS, found.row) | {
            "证据": [
                {
                    "文字": joined((result.document.text[span.start : span.end] for span in here), "、") or "",
                    "页码": cell_text(pages_of(here, boxes_of)),
                    "原文": sentence,
                    "图": picture_of(here),
                }
                for sentence, here in evidence.items()
            ]
        }


def _named(columns: Sequence[Column[Any]], row: Row) -> dict[str, Any]:
    return {_key(title): words for title, words in titled_text(columns, row).items()}


def _key(title: str) -> str:
    """A column's title as a template can write it: 完成率（计算） → 完成率计算."""
    return NOT_A_NAME.sub("", title)
