from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from extractor.errors import ExtractorError
from extractor.file_names import file_stem
from extractor.findings import Case
from extractor.output import from_dict, to_json
from extractor.papers import OVERVIEW, PAPERS, open_papers, written_anew
from extractor.papers.indicators import Progress, Standing, progress
from extractor.papers.layout import Grid, layout
from extractor.papers.marks import Mark, Marked
from extractor.papers.money import chart, execution, sums
from extractor.papers.overview import MOST_UNITS, Overview, overview_page
from extractor.papers.paper import Paper
from extractor.papers.pictures import GONE, Album, PagePicture, album
from extractor.papers.report import paper_page
from extractor.papers.template import money, share
from extractor.segment import outline
from extractor.subject import subject_of
from extractor.types import (
    Block,
    BlockKind,
    Cell,
    Document,
    Fact,
    Finding,
    Label,
    Mention,
    ModelInfo,
    Page,
    Quantity,
    Record,
    RecordKind,
    Result,
    Severity,
    Span,
)
from tests.results import MODEL, TEXT, number, one_record, paged, report

SCAN = Path(__file__).parent / "scans" / "page1.png"
EVIL = '<script>alert("1")</script><img src=x onerror=alert(2)>'


def page_of(result: Result, pictures: Album | None = None) -> str:
    return paper_page(Paper.of(result, pictures or Album()), overview=OVERVIEW)


def tree(page: str) -> html.HtmlElement:
    return html.document_fromstring(page)


def hrefs(page: html.HtmlElement) -> list[str]:
    return [str(one) for one in page.xpath("//@href | //@src")]


def with_blocks(result: Result) -> Result:
    """The same with a heading, a table of two cells and a paragraph."""
    first, second = TEXT.index("\n") + 1, TEXT.index("全年")
    third = TEXT.index("年初")
    cells = (Cell(0, 0, Span(first, second)), Cell(0, 1, Span(second, third - 1), 1, 2), Cell(1, 0, None))
    blocks = (
        Block(BlockKind.HEADING, Span(0, first - 1), 1),
        Block(BlockKind.TABLE, Span(first, third - 1), cells=cells),
        Block(BlockKind.PARAGRAPH, Span(third, len(TEXT) - 1)),
    )
    return replace(result, document=replace(result.document, blocks=blocks))


def scanned() -> tuple[Result, Album]:
    """The report as if its two pages had been read by OCR, with a picture of each."""
    result = paged(report())
    pages = tuple(replace(page, steps=("文字识别",)) for page in result.document.pages or ())
    pictures = tuple(PagePicture(page.number, page.width, page.height, "data:image/jpeg;base64,AA==") for page in pages)
    return replace(result, document=replace(result.document, pages=pages)), Album(pictures)


@pytest.mark.parametrize("result", [report(), paged(report()), with_blocks(report()), one_record("7个", {}, None)])
def test_every_link_leads_somewhere_and_nowhere_outside(result: Result) -> None:
    page = tree(page_of(result))
    ids = Counter(str(one) for one in page.xpath("//@id"))
    assert max(ids.values()) == 1
    assert {f"#{one}" for one in ids} | {"../index.html"} >= set(hrefs(page))


def test_pictures_bear_the_anchors_of_what_stands_on_them() -> None:
    page = tree(page_of(*scanned()))
    ids = {str(one) for one in page.xpath("//@id")}
    inside = {href for href in hrefs(page) if href.startswith("#")}
    assert {f"#{one}" for one in ids} >= inside
    assert {href for href in hrefs(page) if href[0] != "#"} == {"../index.html", "data:image/jpeg;base64,AA=="}
    assert "b2" in {href[1:] for row in page.xpath("//tr[@id='r1']") for href in hrefs(row)} | inside_of(page, "r1")
    assert [str(one) for one in page.xpath("//a[@id='b2']/@href")] == ["#r1"]
    assert page.xpath("//*[@class='cutting']")


def inside_of(page: html.HtmlElement, anchor: str) -> set[str]:
    return {str(one)[1:] for one in page.xpath(f"//*[@id='{anchor}']//@href")}


def test_highlights_lead_to_their_record_and_back() -> None:
    page = tree(page_of(report()))
    assert [str(one) for one in page.xpath("//a[@id='m2']/@href")] == ["#r1"]
    assert {"m1", "m2", "m5", "m6", "m7", "f1"} <= inside_of(page, "r1")
    assert "r1" in inside_of(page, "f1")
    assert "m7" in inside_of(page, "f1")
    assert page.xpath("//a[@id='m7']/following-sibling::a[1]/@href") == ["#f1"]


def test_a_finding_shows_its_sentence_with_the_operand_marked() -> None:
    finding = tree(page_of(report())).get_element_by_id("f1")
    assert "8 / 7 ≠ 115%" in finding.text_content()
    assert [mark.text_content() for mark in finding.iter("mark")] == ["一、项目绩效情况", "114.3%"]
    assert "全年签约产业项目8个，完成率114.3%，协议金额7.5亿元。" in finding.text_content()


def test_what_reports_say_is_text() -> None:
    text = EVIL + TEXT
    mentions = tuple(replace(one, span=Span(one.span.start + len(EVIL), one.span.end + len(EVIL))) for one in report().mentions)
    result = replace(report(f"{EVIL}.txt"), mentions=mentions, model=ModelInfo(EVIL, EVIL))
    records = tuple(replace(one, name=EVIL, reason=EVIL, level1=EVIL, weight=EVIL, score=EVIL) for one in result.records)
    findings = (replace(result.findings[0], message=EVIL, title=EVIL, rule=EVIL, spans=(Span(0, len(EVIL)),)),)
    result = replace(result, document=replace(result.document, text=text), records=records, findings=findings)
    result = replace(result, facts=(Fact("项目名称", Span(0, len(EVIL))),))
    paper = Paper.of(result, Album())
    overview = Overview()
    overview.add(paper, "papers/a.html")
    overview.fail(EVIL, EVIL)
    for page in (paper_page(paper), overview_page(overview)):
        parsed = tree(page)
        (script,) = parsed.iter("script")
        assert not list(parsed.iter("img"))
        assert EVIL in parsed.text_content()
        digest = b64encode(hashlib.sha256(str(script.text).encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in parsed.xpath("//meta[@http-equiv]/@content")[0]
        assert not parsed.xpath("//@onerror | //@onclick")


def shown_text(page: str) -> str:
    return "".join(tree(page).xpath("//div[@class='text']")[0].text_content().split())


@pytest.mark.parametrize("result", [report(), with_blocks(report())])
def test_the_whole_text_is_shown(result: Result) -> None:
    assert shown_text(page_of(result)) == "".join(TEXT.split())


@given(st.text("一（。\n\t 1", min_size=1, max_size=60))
def test_no_character_of_a_text_is_left_out_of_the_layout(text: str) -> None:
    document = Document("a.txt", "", text)
    shown = ""
    for piece in layout(document, outline(document)):
        spans = [cell.span for row in piece.rows for cell in row] if isinstance(piece, Grid) else [piece.span]
        shown += "".join(text[span.start : span.end] for span in spans if span is not None)
    assert "".join(shown.split()) == "".join(text.split())


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(1, 8))), st.integers(1, 19))
def test_marks_cut_a_text_and_every_anchor_comes_once(places: Sequence[tuple[int, int]], cut: int) -> None:
    text = "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸"
    marks = [Mark(Span(start, min(20, start + length)), f"m{k}") for k, (start, length) in enumerate(places)]
    marked = Marked(text, marks)
    runs = [*marked.runs(Span(0, cut)), *marked.runs(Span(cut, 20))]
    assert "".join(run.text for run in runs) == text
    assert sorted(anchor for run in runs for anchor in run.anchors) == sorted(mark.id for mark in marks)


def test_lines_with_tabs_are_a_table_without_its_empty_columns() -> None:
    document = Document("a.txt", "", "指标\t\t目标\n培训\t\t7期\n正文。")
    grid, line = layout(document, outline(document))
    assert isinstance(grid, Grid)
    assert [[cell.span and document.text[cell.span.start : cell.span.end] for cell in row] for row in grid.rows] == [
        ["指标", "目标"],
        ["培训", "7期"],
    ]
    assert not isinstance(line, Grid)


def test_columns_are_as_wide_as_their_cells_need() -> None:
    document = Document("a.txt", "", "指标\t7期\n" + "说明" * 200 + "\t\n")
    (grid,) = layout(document, outline(document))
    assert isinstance(grid, Grid)
    assert [cell.column_span for row in grid.rows for cell in row] == [1, 1, 2]
    assert sum(grid.widths) == pytest.approx(36)
    assert grid.widths[0] > grid.widths[1] > 10


def measured(target: str, wanted: Quantity | None, achieved: dict[str, Quantity], *, name: str = "") -> Progress:
    result = one_record(target, achieved, wanted)
    result = replace(result, records=(replace(result.records[0], name=name),))
    (found,) = (one for _, one in progress(Case(result, outline(result.document))))
    return found


@pytest.mark.parametrize(
    ("target", "wanted", "achieved", "name", "expected"),
    [
        ("7个", number("7", "个"), {"8个": number("8", "个")}, "项目", (Standing.MET, "1.14", False)),
        ("7个", number("7", "个"), {"7个": number("7", "个")}, "项目", (Standing.MET, "1.00", False)),
        ("7个", number("7", "个"), {"10个": number("10", "个")}, "项目", (Standing.OVER, "1.43", False)),
        ("7个", number("7", "个"), {"6个": number("6", "个")}, "项目", (Standing.UNDER, "0.86", False)),
        ("≤7个", number("7", "个", relation="<="), {"3个": number("3", "个")}, "项目", (Standing.MET, "0.43", True)),
        ("≤7个", number("7", "个", relation="<="), {"12个": number("12", "个")}, "项目", (Standing.UNDER, "1.71", True)),
        ("0起", number("0", "起"), {"0起": number("0", "起")}, "事故", (Standing.MET, None, True)),
        ("7个", number("7", "个"), {"7家": number("7", "家")}, "项目", (Standing.OPEN, None, False)),
        ("7个", number("7", "个"), {}, "项目", (Standing.OPEN, None, False)),
    ],
)
def test_how_far_an_indicator_came(
    target: str, wanted: Quantity, achieved: dict[str, Quantity], name: str, expected: tuple[Standing, str | None, bool]
) -> None:
    found = measured(target, wanted, achieved, name=name)
    reached = None if found.reached is None else f"{found.reached:.2f}"
    assert (found.standing, reached, found.is_ceiling) == expected


def test_a_bar_is_cut_where_it_gets_too_long() -> None:
    short, long = Progress(Standing.MET, Decimal("0.75")), Progress(Standing.OVER, Decimal("10.5"))
    assert (short.bar, short.is_cut, long.bar, long.is_cut) == (Decimal("0.5"), False, Decimal(1), True)


def funds(*amounts: tuple[str, str, str], rate: str = "") -> Case:
    """A report with sums of (role, words, yuan), and the execution rate that it states."""
    text, mentions, quantities, records = "", [], [], []
    for role, words, yuan in amounts:
        mentions.append(Mention(Label.AMOUNT, Span(len(text), len(text) + len(words))))
        records.append(Record(RecordKind.FUND, amounts=(len(mentions) - 1,), role=role, name=words))
        quantities.append(number(yuan, "元"))
        text += words + "，"
    if rate:
        mentions.append(Mention(Label.ACHIEVED, Span(len(text), len(text) + len(rate))))
        records.append(Record(RecordKind.PERFORMANCE, achieved=(len(mentions) - 1,), name="预算执行率"))
        quantities.append(number(rate.rstrip("%"), "%", kind="share"))
        text += rate
    document = Document("a.txt", "", text)
    return Case(Result(document, tuple(mentions), tuple(quantities), tuple(records), MODEL), outline(document))


BUDGET, MORE, PAID = ("budget", "预算10万元", "100000"), ("allocated", "下达16万元", "160000"), ("paid", "支出8万元", "80000")


def test_the_money_of_a_report() -> None:
    case = funds(PAID, BUDGET, BUDGET, ("other", "设备1万元", "10000"))
    found = list(sums(case))
    assert [(one.role, one.yuan) for one in chart(found)] == [("budget", Decimal(100000)), ("paid", Decimal(80000))]
    rate = execution(case, found)
    assert rate is not None
    assert (rate.stated, rate.computed, rate.words) == (None, Decimal("0.8"), "支出 ÷ 预算")


@pytest.mark.parametrize(
    ("case", "stated", "computed"),
    [
        (funds(BUDGET, PAID, rate="85%"), "0.85", "0.8"),
        (funds(rate="85%"), "0.85", "None"),
        (funds(BUDGET, MORE, ("paid", "支出12万元", "120000")), "None", "0.75"),  # of what was allocated after a supplement
        (funds(BUDGET, ("paid", "支出12万元", "120000")), "None", "1.2"),
        (funds(BUDGET, PAID, ("paid", "支出7万元", "70000"), rate="85%"), "0.85", "None"),  # which one, nobody can tell
    ],
)
def test_execution_as_stated_and_as_computed(case: Case, stated: str, computed: str) -> None:
    found = execution(case, list(sums(case)))
    assert found is not None
    assert (str(found.stated), str(found.computed)) == (stated, computed)


def test_no_execution_without_money() -> None:
    assert execution(funds(BUDGET), list(sums(funds(BUDGET)))) is None


@pytest.mark.parametrize(
    ("text", "title", "unit", "year"),
    [
        (
            "云山县水务局2022年度供水项目绩效自评报告\n一、概况\n",
            "云山县水务局2022年度供水项目绩效自评报告",
            "云山县水务局",
            2022,
        ),
        ("云山县水务局\n2022年度供水保障项目绩效自评报告\n", "2022年度供水保障项目绩效自评报告", "云山县水务局", 2022),
        ("云山县“清泉”建设项目\n支出绩效自评报告\n2021年", "云山县“清泉”建设项目支出绩效自评报告", None, 2021),
        ("情况如下。\n本年完成。\n云山县水务局\n2023年3月1日\n", "甲", "云山县水务局", 2023),
        ("没有别的", "甲", None, None),
    ],
)
def test_what_a_report_is_about(text: str, title: str, unit: str | None, year: int | None) -> None:
    found = subject_of(replace(report("目录\\甲.docx"), document=Document("目录\\甲.docx", "", text)))
    assert (found.title, found.unit, found.year) == (title, unit, year)


def test_a_form_says_itself_what_it_is_about() -> None:
    text = "供水保障\t云山县水务局\t2022\n"
    facts = (Fact("项目名称", Span(0, 4)), Fact("实施单位", Span(5, 11)), Fact("评价年度", Span(12, 16)))
    found = subject_of(replace(report(), document=Document("a.txt", "", text), facts=facts))
    assert (found.title, found.unit, found.year) == ("供水保障", "云山县水务局", 2022)


def scan_document() -> Document:
    content = SCAN.read_bytes()
    return Document(str(SCAN), hashlib.sha256(content).hexdigest(), "字", pages=(Page(1, 1.0, 1.0, ("文字识别",)),))


def test_pages_that_were_read_by_ocr_are_drawn() -> None:
    found = album(scan_document())
    assert [picture.number for picture in found.pictures] == [1]
    assert found.pictures[0].address.startswith("data:image/jpeg;base64,/9j/")
    assert found.pictures[0].width > 100


@pytest.mark.parametrize("change", [{"sha256": "0"}, {"source": "nowhere.png"}])
def test_no_pictures_of_another_file(change: dict[str, str]) -> None:
    found = album(replace(scan_document(), **change))  # type: ignore[arg-type]
    assert (found.pictures, found.missing) == ((), GONE)
    result = replace(report(), document=replace(report().document, pages=scan_document().pages))
    assert GONE in page_of(result, found)


def test_digital_reports_need_no_pictures() -> None:
    assert album(paged(report()).document) == Album()


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        ("报告/甲.docx", "甲"),
        ("C:\\报告\\甲.docx", "甲"),
        ("a<b>:c?.txt", "a_b__c_"),
        ("nul.txt", "_nul"),
        ("Com1.x.txt", "_Com1.x"),
        ("..", "_"),
        ("甲. .txt", "甲"),
        ("字" * 300 + ".txt", "字" * 60),
    ],
)
def test_names_that_every_system_can_write(source: str, stem: str) -> None:
    assert file_stem(source) == stem


def test_reports_of_one_name_have_papers_of_their_own(tmp_path: Path) -> None:
    with open_papers(tmp_path) as papers:
        for source in ("甲/a#1.txt", "乙/A#1.docx", "a#1 (2).txt"):
            papers.add(report(source))
    names = sorted(path.name for path in (tmp_path / PAPERS).iterdir())
    assert names == ["A#1 (2).html", "a#1 (2) (2).html", "a#1.html"]
    listed = {href for href in hrefs(tree((tmp_path / OVERVIEW).read_text(encoding="utf-8"))) if href.startswith(PAPERS)}
    assert {unquote(href) for href in listed} == {f"{PAPERS}/{name}" for name in names}


def test_papers_of_an_earlier_run_are_removed_and_nothing_else(tmp_path: Path) -> None:
    with open_papers(tmp_path) as papers:
        papers.add(report("旧.txt"))
    (tmp_path / PAPERS / "自己的.html").write_text("<html>", encoding="utf-8")
    with open_papers(tmp_path) as papers:
        papers.add(report("新.txt"))
    assert sorted(path.name for path in (tmp_path / PAPERS).iterdir()) == ["新.html", "自己的.html"]


def test_a_page_that_is_not_ours_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / OVERVIEW).write_text("<html>本单位主页</html>", encoding="utf-8")
    with pytest.raises(ExtractorError, match="不是本程序写出的"), open_papers(tmp_path):
        pass
    assert (tmp_path / OVERVIEW).read_text(encoding="utf-8") == "<html>本单位主页</html>"


@pytest.mark.parametrize("result", [report(), with_blocks(report()), paged(report()), scanned()[0]])
def test_papers_made_anew_are_the_same(tmp_path: Path, result: Result) -> None:
    with open_papers(tmp_path) as papers:
        papers.add(result)
        papers.fail("坏.pdf", "无法读取")
    first = [path.read_bytes() for path in (tmp_path / OVERVIEW, tmp_path / PAPERS / "报告.html")]
    (tmp_path / "results.jsonl").write_bytes(to_json(result) + b"\n")
    (tmp_path / "failed.jsonl").write_text(json.dumps({"source": "坏.pdf", "error": "无法读取"}) + "\n", encoding="utf-8")
    written_anew(tmp_path)
    assert [path.read_bytes() for path in (tmp_path / OVERVIEW, tmp_path / PAPERS / "报告.html")] == first


@pytest.mark.parametrize(
    ("results", "failed", "message"),
    [
        (None, None, "results.jsonl：无法打开"),
        (b'{"a": 1}\n', None, "results.jsonl：第 1 行不完整或已损坏"),
        (b"no json\n", None, "第 1 行"),
        (b"", b"[]\n", "failed.jsonl：第 1 行不完整或已损坏"),
    ],
)
def test_papers_are_made_of_our_own_results(tmp_path: Path, results: bytes | None, failed: bytes | None, message: str) -> None:
    for name, content in (("results.jsonl", results), ("failed.jsonl", failed)):
        if content is not None:
            (tmp_path / name).write_bytes(content)
    with pytest.raises(ExtractorError, match=message):
        written_anew(tmp_path)


def finding(severity: Severity, confidence: float) -> Finding:
    return Finding("r", severity, f"{severity}的说明", (0,), (6,), (), "标题", confidence)


def test_the_overview_counts_and_says_what_to_open_first() -> None:
    overview = Overview()
    severe = (finding(Severity.NOTICE, 0.9), finding(Severity.ERROR, 0.9), finding(Severity.ERROR, 0.95))
    for name, findings in (("轻", (finding(Severity.NOTICE, 1.0),)), ("重", severe), ("无", ())):
        overview.add(Paper.of(replace(report(f"{name}.txt"), findings=findings), Album()), f"papers/{name}.html")
    overview.fail("坏.pdf", "无法读取")
    assert (overview.n_read, overview.n_failed, overview.n_records, overview.severities.total()) == (3, 1, 12, 4)
    assert overview.standings == {Standing.MET: 6, Standing.RESULT: 3}
    assert [entry.source for entry in overview.entries] == ["重.txt", "轻.txt", "无.txt"]
    assert overview.entries[0].headline == "标题：error的说明"
    page = tree(overview_page(overview))
    assert [str(one) for one in page.xpath("//table[@class='first']//a/@href")] == ["papers/重.html", "papers/轻.html"]
    assert "无法读取" in page.get_element_by_id("failed").text_content()
    assert {href for href in hrefs(page) if href[0] == "#"} <= {f"#{one}" for one in page.xpath("//@id")}


def test_an_overview_of_nothing() -> None:
    page = tree(overview_page(Overview()))
    assert "没有发现疑点" in page.text_content()


def test_units_beyond_the_most_suspect_are_counted_only() -> None:
    overview = Overview()
    for k in range(MOST_UNITS + 2):
        document = replace(report().document, text="甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"[k] + "县水务局2022年\n" + TEXT)
        overview.add(Paper.of(replace(report(), document=document, findings=()), Album()), "papers/a.html")
    assert len(overview.busiest_units) == MOST_UNITS
    assert f"共 {MOST_UNITS + 2} 个" in tree(overview_page(overview)).get_element_by_id("units").text_content()


@pytest.mark.parametrize(
    ("value", "decimals", "shown"), [("0.99995", 2, "100%"), ("0.9974", 1, "99.7%"), ("1", 2, "100%"), ("0", 0, "0%")]
)
def test_shares(value: str, decimals: int, shown: str) -> None:
    assert share(Decimal(value), decimals) == shown


@pytest.mark.parametrize(
    ("yuan", "shown"), [("1565000000", "15.65亿元"), ("41623700", "4,162.37万元"), ("10000", "1万元"), ("9999.5", "9,999.5元")]
)
def test_money_in_the_unit_of_its_size(yuan: str, shown: str) -> None:
    assert money(Decimal(yuan)) == shown


def test_a_result_without_blocks_can_still_be_shown() -> None:
    output = json.loads(to_json(report()))
    del output["blocks"]  # as earlier versions wrote it
    assert re.search("签约产业项目", page_of(from_dict(output)))
