"""Headings, sections, tables in text, and the windows that the tagger reads."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.segment import LONGEST_PASSAGE, Kind, outline, passages
from extractor.types import Block, BlockKind, Document, Span

REPORT = """青禾县水务局项目自评报告

一、项目概况
（一）绩效目标
1.数量目标：新建泵站3座。
2.质量目标。验收合格率100%。
二、完成情况
（一）产出
新建泵站4座。
1、河东泵站2座
主要经验
坚持党建引领。
"""
LONG = "施工按图进行，逐站验收，资料齐全，水利站每周巡查，发现问题当场整改，监理单位全程在场，群众代表参与监督，款项按进度支付"


def document(text: str) -> Document:
    return Document("report.txt", "", text)


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("3座", ("一、项目概况", "（一）绩效目标", "1.数量目标")),
        ("100%", ("一、项目概况", "（一）绩效目标", "2.质量目标")),
        ("4座", ("二、完成情况", "（一）产出")),
        ("2座", ("二、完成情况", "（一）产出")),  # a numbered item that states a value is no heading
        ("坚持", ("二、完成情况", "（一）产出", "主要经验")),
    ],
)
def test_section_paths(words: str, path: tuple[str, ...]) -> None:
    assert outline(document(REPORT)).section_at(REPORT.index(words)) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("4·绩效完成\n新建泵站4座。", ("4·绩效完成",)),  # as OCR reads 4．
        ("4.绩效完成\n4.1 数量：新建泵站4座。", ("4.绩效完成", "4.1 数量")),  # the number of a title is no value
        ("一、自评结论\n得分95分。\n附：2024年目标\n（一）产出\n4座", ("附：2024年目标", "（一）产出")),
        ("一、问题\n无。\n二、结论:\t新建4座，等级为优。\n指标\t5个\n", ("二、结论",)),
        ("<p>一、目标</p>\n<p>&nbsp;&nbsp;<strong>（一）产出。</strong>新建泵站4座。</p>", ("一、目标", "（一）产出")),
        ("　　一、目标\n　　产出指标：新建泵站4座。", ("一、目标", "产出指标")),
        ("壹、目标\n一座。\n贰、结果\n新建泵站4座。", ("贰、结果",)),
        ("【一】目标\n3座。\n【二】结果\n新建泵站4座。", ("【二】结果",)),
        ("【年度目标】\n一、产出\n3座。\n【做到了什么】\n一、产出\n新建泵站4座。", ("做到了什么", "一、产出")),
        ("一、目标\n【数量】新建泵站4座。", ("一、目标", "数量")),
        (f"年初目标：\n甲、产出。3座。{LONG}。\n成绩单：\n甲、产出。新建泵站4座。{LONG}。", ("成绩单：", "甲、产出")),
        ("〔目标〕3座。\n〔成绩〕新建泵站4座。", ("成绩",)),
        ("■ 新建泵站\n〔2023〕5号文批准。\n〔成绩〕新建泵站4座。", ("成绩",)),
        ("目标：3座。\n兑现：3座。\n目标：5座。\n兑现：新建泵站4座。", ("兑现",)),
        ("目标：6座。\n质量：3座。\n目标：7座。\n质量：新建泵站4座。", ("目标",)),  # it is a goal's quality
        ("目标：6座。\n县财政局：新建泵站4座。", ("目标",)),  # a label without a title's words that comes once
        ("第一问：要做什么？\n3座。\n第二问：做到了没有？\n新建泵站4座。", ("第二问：做到了没有",)),
        (f"一、目标\n3座。\n区财政局：\n新建泵站4座。{LONG}。", ("一、目标",)),  # a salutation is no heading
        ("年初想做什么\n新建泵站3座。\n年底做到了什么\n" + "全县上下一心。" * 9 + "建成泵站4座。", ("年底做到了什么",)),
        ("一、结果\n下一步怎么办\n" + "全县上下一心。" * 9 + "建成泵站4座。", ("一、结果", "下一步怎么办")),
        ("一、结果\n泵站4座\n渠道3条\n", ("一、结果",)),  # short lines alone are no titles
        ("第一部分 福利院\n项目一、养育经费\n支出4座。", ("第一部分 福利院", "项目一、养育经费")),
    ],
)
def test_more_headings(text: str, path: tuple[str, ...]) -> None:
    assert outline(document(text)).section_at(text.index("4座")) == path


def test_headings_within_one_paragraph() -> None:
    text = "一、资金使用绩效: (一) 资金支出: 1. 支出10万元。 (二) 完成绩效目标情况: 举办活动8场。"
    assert outline(document(text)).section_at(text.index("8场")) == ("一、资金使用绩效", "(二) 完成绩效目标情况")


def test_rows_are_no_prose_but_the_goal_block_is() -> None:
    text = (
        "年度总体目标\t预期目标\t实际完成情况\n"
        "\t新建泵站3座、改造渠道12公里。\t新建泵站4座、改造渠道13公里。\n"
        "一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\n"
        "产出指标\t数量指标\t新建泵站\t3座\t4座\n"
    )
    view = outline(document(text))
    assert view.prose_at(text.index("新建泵站3座"))
    assert view.section_at(text.index("12公里")) == ("预期目标",)
    assert view.section_at(text.index("13公里")) == ("实际完成情况",)
    assert not view.prose_at(text.index("数量指标"))


def test_a_cell_of_the_goal_block_stands_under_the_head_before_it() -> None:
    text = (
        "年度指标\t评价年度预期值\t分值\n"
        "年度预期总体目标\t新建泵站3座，改造渠道12公里，灌区常年有水。\n"
        "年度总体目标完成情况\t新建泵站4座，改造渠道13公里，灌区常年有水。\n"
    )
    view = outline(document(text))
    assert view.section_at(text.index("12公里")) == ("年度预期总体目标",)
    assert view.section_at(text.index("13公里")) == ("年度总体目标完成情况",)


def test_blocks_of_a_reader_are_kept() -> None:
    text = "第1页\n总体情况\n新建泵站3座。"
    blocks = (
        Block(BlockKind.HEADER, Span(0, 3)),
        Block(BlockKind.HEADING, Span(4, 8), level=1),
        Block(BlockKind.PARAGRAPH, Span(9, 16)),
    )
    view = outline(Document("report.docx", "", text, blocks))
    assert [part.kind for part in view.parts] == [Kind.ASIDE, Kind.HEADING, Kind.PROSE]
    assert view.section_at(10) == ("总体情况",)
    assert not view.prose_at(0)


def numbers(text: str) -> list[Span]:
    return [Span(*match.span()) for match in re.finditer("[0-9]+", text)]


reports = st.lists(
    st.text(alphabet="一、（二）。；，\n\t 新建泵站123座目标", min_size=1, max_size=500), min_size=1, max_size=4
).map("".join)


@given(reports)
def test_every_candidate_in_prose_is_decided_once(text: str) -> None:
    view = outline(document(text))
    windows = list(passages(document(text), view, numbers(text)))
    for span in numbers(text):
        n_windows = sum(window.core.start <= span.start < window.core.end for window in windows)
        assert n_windows == (1 if view.prose_at(span.start) else 0)


@given(reports)
def test_windows_fit_and_nothing_overlaps(text: str) -> None:
    view = outline(document(text))
    windows = list(passages(document(text), view, numbers(text)))
    assert all(window.span.contains(window.core) for window in windows)
    assert all(len(window.span) <= 2 * LONGEST_PASSAGE for window in windows)
    assert all(first.core.end <= second.core.start for first, second in pairwise(windows))
    assert all(first.span.end <= second.span.start for first, second in pairwise(view.parts))


def test_no_window_reads_on_into_another_chapter() -> None:
    text = "一、绩效目标\n新建泵站3座。改造渠道12公里。\n二、完成情况\n新建泵站4座。\n"
    windows = list(passages(document(text), outline(document(text)), numbers(text)))
    assert [text[window.core.start : window.core.end].count("座") for window in windows] == [1, 1]
    assert "12公里" not in text[windows[1].span.start : windows[1].span.end]


def test_sentences_without_numbers_are_not_read() -> None:
    text = "坚持党建引领。" * 500 + "新建泵站3座。"
    windows = list(passages(document(text), outline(document(text)), numbers(text)))
    assert len(windows) == 1
    assert len(windows[0].span) < 100


def test_a_sentence_longer_than_a_window_is_read_whole() -> None:
    text = "新建泵站" + "、".join(f"{k}号站{k}座" for k in range(400)) + "。"
    windows = list(passages(document(text), outline(document(text)), numbers(text)))
    assert windows[0].core.start == 0
    assert windows[-1].core.end == len(text)
    assert all(first.core.end == second.core.start for first, second in pairwise(windows))
