from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from PIL import Image

from extractor.errors import OwnFile, PaperError
from extractor.readers import read
from extractor.readers.parts import digest
from extractor.types import Finding, Result, Severity
from extractor.workpaper import TEMPLATE, WorkPapers, contents, field_names
from tests.results import paged, report

Template = Callable[..., Path]


@pytest.fixture
def template(tmp_path: Path) -> Template:
    """Makes a template of paragraphs."""

    def made(*paragraphs: str) -> Path:
        document = docx.Document()
        for words in paragraphs:
            document.add_paragraph(words)
        document.save(str(tmp_path / "template.docx"))
        return tmp_path / "template.docx"

    return made


def paragraphs(path: Path) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]


def tables(path: Path) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(str(path)).tables]


def named(name: str) -> Result:
    """The small report with an indicator, a finding and a source of that name."""
    result = report(f"{name}.txt".replace("/", "_"))
    finding = Finding("r", Severity.ERROR, name, (0,), (6,), title=name, confidence=0.5)
    return replace(result, records=(replace(result.records[0], name=name), *result.records[1:]), findings=(finding,))


def test_the_paper_of_a_report(tmp_path: Path) -> None:
    path = WorkPapers(tmp_path / "底稿").write(paged(report("甲/报告.pdf")))
    assert path == tmp_path / "底稿" / "报告 审计工作底稿.docx"
    words = paragraphs(path)
    assert words[0] == "审计工作底稿"
    assert "绩效记录 3 条、资金记录 1 条" in words[2]
    assert "相符 2 处，不符 1 处，无法判断 3 处；列为疑点的 1 处" in words[2]
    head, funds, indicators, finding, _ = tables(path)
    assert head[4][:2] == ["来源文件", "甲/报告.pdf"]
    assert funds[1] == ["r3", "年初预算", "预算", "40万元", "400,000", "2", "40%"]
    assert indicators[1] == ["r1", "签约产业项目", "7个", "8个；114.3%", "114.29%", "", "", "f1", "1、2"]
    assert [row[1] for row in indicators] == ["指标", "签约产业项目", "总金额", "培训合格率"]
    assert finding[0] == ["f1", "警告：完成率不符", "可信度", "93%（低则可能是程序读错）"]
    assert finding[1][1] == "8 / 7 ≠ 115%"
    assert "“114.3%”（第2页）：全年签约产业项目8个" in finding[2][1]
    assert "第3页：no text" in words


def test_a_paper_stays_no_report_when_people_write_into_it(template: Template, tmp_path: Path) -> None:
    for number, one in enumerate([TEMPLATE, template("{{ 标题 }}")]):
        path = WorkPapers(tmp_path / str(number), one).write(report())
        document = docx.Document(str(path))
        document.add_paragraph("经核实，情况属实。")
        document.save(str(path))
        with pytest.raises(OwnFile, match="不是报告"):
            read(path)


def test_the_template_is_no_report_either() -> None:
    with pytest.raises(OwnFile, match="不是报告"):
        read(TEMPLATE)


def test_scans_are_shown_as_they_are(tmp_path: Path) -> None:
    scan = tmp_path / "扫描.png"
    Image.new("RGB", (400, 500), "white").save(scan)
    result = paged(report(str(scan)))
    pages = tuple(replace(page, steps=("文字识别",)) for page in result.document.pages or ())
    one_page = tuple(replace(box, page=1) for box in result.document.boxes)
    document = replace(result.document, pages=pages, boxes=one_page, sha256=digest(scan.read_bytes()))
    paths = [WorkPapers(tmp_path / "a").write(replace(result, document=document)), WorkPapers(tmp_path / "b").write(result)]
    pictures = [[name for name in ZipFile(path).namelist() if name.startswith("word/media/")] for path in paths]
    assert [len(names) for names in pictures] == [2, 0]  # the finding's two places; none where the file is another
    with ZipFile(paths[0]) as archive:
        strip = Image.open(BytesIO(archive.read(pictures[0][0])))
    assert (strip.width, strip.height < 100, any(strip.convert("L").histogram()[:200])) == (400, True, True)


def test_nothing_found_is_said(tmp_path: Path) -> None:
    empty = replace(report(), mentions=(), quantities=(), records=(), findings=(), problems=())
    path = WorkPapers(tmp_path).write(empty)
    assert {"报告中没有提取到资金记录。", "报告中没有提取到绩效记录。", "没有发现数字不符之处。", "无。"} <= set(paragraphs(path))


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "<w:p/>&amp;&lt;",
        "{{ 7 * 7 }}",
        "{% for x in y %}",
        "{_{ a }_} {_% %_} {#x#}",
        '=HYPERLINK("http://a.invalid")',
        "DDEAUTO c:\\\\cmd.exe",
        "]]>'\"",
        "甲{%tr endfor %}乙",
    ],
)
def test_text_stays_text(name: str, tmp_path: Path) -> None:
    path = WorkPapers(tmp_path).write(named(name))
    _, _, indicators, finding, _ = tables(path)
    assert (indicators[1][1], finding[1][1]) == (name, name)
    with ZipFile(path) as archive:
        assert b"<script" not in archive.read("word/document.xml")
        assert not [part for part in archive.namelist() if "embeddings" in part]
        assert b"TargetMode" not in archive.read("word/_rels/document.xml.rels")


def test_characters_that_a_document_cannot_hold(tmp_path: Path) -> None:
    path = WorkPapers(tmp_path).write(named("\x00甲\x07\x0c\ud800乙"))
    assert tables(path)[2][1][1] == "甲乙"
    assert path.name == "_甲___乙 审计工作底稿.docx"


def test_papers_of_one_name_get_numbers(tmp_path: Path) -> None:
    papers = WorkPapers(tmp_path)
    names = [papers.write(report(source)).name for source in ("甲/报告.pdf", "乙/报告.docx", "丙/a:b?.txt", "..")]
    assert names == [f"{stem} 审计工作底稿.docx" for stem in ("报告", "报告 (2)", "a_b_", "_")]


def test_an_office_has_a_template_of_its_own(template: Template, tmp_path: Path) -> None:
    own = template(
        "{{ 报告 }}：{{ 指标表 | length }} 条", "{%p for 行 in 指标表 %}", "{{ 行.指标 }} {{ 行.完成率计算 }}", "{%p endfor %}"
    )
    assert paragraphs(WorkPapers(tmp_path / "out", own).write(report())) == [
        "报告：3 条",
        "签约产业项目 114.29%",
        "总金额 107.14%",
        "培训合格率 ",
    ]


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("{{ 项目 }}", "模板中有不认识的名称.*项目"),
        ("{{ 报告", "模板中的标记写错"),
        ("{% if 报告 %}", "模板中的标记写错"),
        ("{{ 报告.__class__.__mro__ }}", "模板中有不允许的操作"),
        ("{{ 指标表.append(1) }}", "模板中有不允许的操作"),
        ("{{ 1 / 0 }}", "不能用作模板（division by zero）"),
    ],
)
def test_a_wrong_template_is_told(mark: str, told: str, template: Template, tmp_path: Path) -> None:
    with pytest.raises(PaperError, match=told):
        WorkPapers(tmp_path / "out", template(mark)).write(report())
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_template(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_text("no")
    for name in ("a.docx", "missing.docx"):
        with pytest.raises(PaperError, match=f"{name}：不能用作模板"):
            WorkPapers(tmp_path, tmp_path / name).write(report())


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PaperError, match="写入失败"):
        WorkPapers(tmp_path / "file").write(report())


def test_every_name_is_documented() -> None:
    known = dict(field_names())
    offered = contents(report(), "extractor")
    assert set(offered) <= set(known)
    rows = {f"{table}.{key}" for table in ("指标表", "疑点表") for key in offered[table][0]} - {"指标表.疑点号", "疑点表.证据"}
    assert rows <= set(known)
    documented = (Path(__file__).parent.parent / "docs" / "workpaper.md").read_text(encoding="utf-8")
    assert [name for name in known if f"`{name.rpartition('.')[2]}`" not in documented] == []


def test_what_people_wrote_is_never_overwritten(tmp_path: Path) -> None:
    path = WorkPapers(tmp_path).write(report())
    path.write_bytes(b"notes")
    with pytest.raises(PaperError, match="没有覆盖"):
        WorkPapers(tmp_path).write(report())
    assert path.read_bytes() == b"notes"
