"""Readers: files made here, in memory, and what becomes of them. Places and figures are fictitious."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extractor import readers
from extractor.errors import ReadError, UnsupportedFormat
from extractor.readers import html, numbering, package, parts, plain
from extractor.types import Block, BlockKind, Document, Span

SENTENCE = "云岭县教育局组织实施农村学校办学条件改善项目，全年预算安排资金用于校舍改造和设备购置。"
REPORT = "一、项目概况\r\n2022年下达资金15.65亿元，完成率98.5%。\r\n"
CHINESE = st.text(alphabet="项目资金预算完成率不低于年月日一二、（）。，0123456789.%abc", min_size=1, max_size=60)

Marks = list[tuple[float, float, str]]  # x, y from the top, words
Rules = Sequence[tuple[float, float, float, float]]  # x, y from the top, x, y


def check(document: Document) -> None:
    """What holds for every document: blocks in text order without overlap, everything inside the text and not blank."""
    text = document.text
    assert text.strip()
    text.encode()
    for spans in ([block.span for block in document.blocks], [box.span for box in document.boxes]):
        assert all(before.end <= after.start for before, after in pairwise(spans))
        assert all(span.end <= len(text) for span in spans)
    for block in document.blocks:
        assert words(document, block.span).strip()
        assert (block.level is not None) == (block.kind is BlockKind.HEADING)
        assert block.kind is BlockKind.TABLE or not block.cells
        check_cells(document, block)
    for box in document.boxes:
        assert "\n" not in words(document, box.span)
        assert document.pages
        page = document.pages[box.page - 1]
        assert page.number == box.page
        left, top, right, bottom = box.bounds
        assert left < right and top < bottom


def check_cells(document: Document, block: Block) -> None:
    places = [(cell.row, cell.column) for cell in block.cells]
    assert places == sorted(set(places))
    spans = [cell.span for cell in block.cells if cell.span]
    assert spans == sorted(spans)
    assert all(block.span.contains(span) for span in spans)
    assert not any("\n" in words(document, span) or "\t" in words(document, span) for span in spans)
    assert all(cell.row_span >= 1 and cell.column_span >= 1 for cell in block.cells)


def words(document: Document, span: Span) -> str:
    return document.text[span.start : span.end]


def outline(document: Document) -> list[tuple[str, str]]:
    return [(block.kind.value, words(document, block.span)) for block in document.blocks]


def table(document: Document) -> list[tuple[int, int, int, int, str]]:
    """Row, column, row span, column span and words of the cells of the first table."""
    (first, *_) = [block for block in document.blocks if block.kind is BlockKind.TABLE]
    return [(c.row, c.column, c.row_span, c.column_span, words(document, c.span) if c.span else "") for c in first.cells]


def read(content: bytes, name: str) -> Document:
    document = readers.read_bytes(content, name=name)
    check(document)
    assert document.source == name
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert readers.read_bytes(content, name=name) == document
    return document


# Plain text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [REPORT, SENTENCE, REPORT * 200, "预算", "完成率98.5%", "abc 123", "12", "2022\r\n"])
def test_text_is_decoded_and_unchanged(encoding: str, text: str) -> None:
    assert read(text.encode(encoding), "a.txt").text == text


def test_marked_utf_16_be() -> None:
    assert read(b"\xfe\xff" + REPORT.encode("utf-16-be"), "a.md").text == REPORT


@given(CHINESE.filter(str.strip))
def test_utf_8_and_gb18030_are_told_apart(text: str) -> None:
    assert plain.decode(text.encode(), "a.txt") == text
    assert plain.decode(("项目资金预算完成情况" + text).encode("gb18030"), "a.txt") == "项目资金预算完成情况" + text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "是空文件；报告至少要有一个可见字符"),
        (b"\xef\xbb\xbf \r\n\t", "没有文字；报告至少要有一个可见字符"),
        (b"\xff\xfeabc", "字节顺序标记表明编码是 utf-16-le，内容却不是"),
        (bytes(range(128, 256)) * 3, "不是已知编码的文字；可读取的编码：UTF-8、GB18030、UTF-16"),
        (b"\x00\x01\x02\x03" * 50, "不是已知编码的文字"),
        (b"9" * (parts.MAX_CHARACTERS + 1), "有 5,000,001 个字符；最多读取 5,000,000 个字符"),
        (b"9" * (50 * 2**20), "大小为 50 MB；此类文件最多读取 20 MB"),
    ],
    ids=["empty", "blank", "false mark", "noise", "binary", "long", "huge"],
)
def test_text_that_cannot_be_read(content: bytes, message: str) -> None:
    with pytest.raises(ReadError, match=rf"^a.txt：.*{message}"):
        readers.read_bytes(content, name="a.txt")


def test_read_text() -> None:
    document = readers.read_text(REPORT)
    check(document)
    assert (document.source, document.text) == ("text", REPORT)
    with pytest.raises(ReadError, match=r"^text：位置 2 处是半个字符"):
        readers.read_text("预算\ud800")


# Which reader


def test_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "报告.TXT"
    path.write_text(REPORT, encoding="utf-8", newline="")
    assert readers.read(path).text == REPORT
    with pytest.raises(ReadError, match="：不是文件；"):
        readers.read(tmp_path)
    with pytest.raises(ReadError, match=r"none.txt：无法打开（文件不存在）；") as caught:
        readers.read(tmp_path / "none.txt")
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(ReadError, match="：无法打开（路径含有不允许的字符）；"):
        readers.read(Path("a\0.txt"))


def test_unknown_suffix() -> None:
    kinds = ".txt、.md、.html、.htm、.docx、.xlsx、.xlsm、.xls、.pdf、.png、.*、.webp"
    with pytest.raises(UnsupportedFormat, match=f"a.xyz：无法读取后缀为 .xyz 的文件；可读取的格式：{kinds}$"):
        readers.read_bytes(b"abc", name="a.xyz")
    with pytest.raises(UnsupportedFormat, match=r"a.doc：.*（内容是 Word 文档，请改为相应的后缀）"):
        readers.read_bytes(make_word("预算"), name="a.doc")
    with pytest.raises(UnsupportedFormat, match=r"a.doc：.*（内容是旧版或加密的 Office 文件，请另存为不加密的 .docx 或 .xlsx）"):
        readers.read_bytes(package.OLE + bytes(600), name="a.doc")
    with pytest.raises(UnsupportedFormat, match=r"^a.gif：内容是图片（GIF），无法读取；可读取的格式"):
        readers.read_bytes(b"GIF89a", name="a.gif")
    with pytest.raises(UnsupportedFormat, match=r"^report：无法读取没有后缀的文件；可读取的格式"):
        readers.read_bytes(b"abc", name="report")


def test_content_decides_against_the_suffix() -> None:
    document = readers.read_bytes(make_pdf([prose([SENTENCE])]), name="a.txt")
    check(document)
    assert [problem.message for problem in document.problems] == ["内容是 PDF 文件，后缀却是 .txt；已按 PDF 文件读取"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"GIF89a", "内容是图片（GIF），不是 Word 文档；可读取的格式"),
        (package.OLE + bytes(600), "是旧版 Office 文件.*请另存为 .docx"),
        (package.OLE + bytes(600) + package.ENCRYPTED, "文件有密码保护；请取消密码后另存"),
        (b"PK\x03\x04 cut off", "不是 Word 文档或已损坏"),
        (b"some words", "不是 Word 文档或已损坏"),
    ],
)
def test_what_is_no_word_document(content: bytes, message: str) -> None:
    with pytest.raises(ReadError, match=rf"^a.docx：{message}"):
        readers.read_bytes(content, name="a.docx")


# Word


def make_word(*paragraphs: str, body: str = "") -> bytes:
    """A Word document of paragraphs, then of raw XML."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if body:
        raw = parse_xml(f"<w:body {nsdecls('w')} {SHAPES}>{body}</w:body>")
        for element in list(raw):
            document.element.body.insert_element_before(element, "w:sectPr")
    return saved(document)


SHAPES = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_word_in_document_order() -> None:
    document = docx.Document()
    document.add_heading("项目概况", level=2)
    document.add_paragraph("资金\u00a0到位。").add_run("第二句。").add_break()
    grid = document.add_table(rows=3, cols=3)
    for row, texts in enumerate(["指标 目标 完成", "数量 4个 5个", "质量  100%"]):
        for cell, text in zip(grid.rows[row].cells, texts.split(" "), strict=True):
            cell.text = text
    grid.cell(1, 2).add_paragraph("台次")
    document.add_paragraph("结论。")
    document.sections[0].header.paragraphs[0].text = "云岭县自评"
    document.sections[0].footer.paragraphs[0].text = "第1页"
    found = read(saved(document), "a.docx")
    assert outline(found) == [
        ("heading", "项目概况"),
        ("paragraph", "资金 到位。第二句。"),
        ("table", "指标\t目标\t完成\n数量\t4个\t5个 台次\n质量\t\t100%"),
        ("paragraph", "结论。"),
        ("header", "第1页"),
        ("header", "云岭县自评"),
    ]
    assert found.blocks[0].level == 2
    assert table(found)[7] == (2, 1, 1, 1, "")


def test_word_merged_and_nested_cells() -> None:
    document = docx.Document()
    grid = document.add_table(rows=3, cols=3)
    grid.cell(0, 0).merge(grid.cell(1, 0)).text = "产出"
    grid.cell(0, 1).merge(grid.cell(0, 2)).text = "指标"
    grid.cell(1, 1).text = "数量"
    inner = grid.cell(2, 2).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "内", "表"
    found = read(saved(document), "a.docx")
    assert table(found)[:4] == [(0, 0, 2, 1, "产出"), (0, 1, 1, 2, "指标"), (1, 1, 1, 1, "数量"), (1, 2, 1, 1, "")]
    assert table(found)[-1] == (2, 2, 1, 1, "内 表")


def test_word_tables_in_the_cells_of_a_table() -> None:
    """A table that lays out the page gives way to those inside it, whatever their depth."""
    document = docx.Document()
    frame = document.add_table(rows=1, cols=1).cell(0, 0)
    frame.text = "附表"
    inner = frame.add_table(rows=2, cols=2)
    for cell, text in zip([cell for row in inner.rows for cell in row.cells], ["指标", "目标", "里程", ""], strict=True):
        cell.text = text
    innermost = inner.cell(1, 1).add_table(rows=2, cols=2)
    innermost.cell(0, 0).text = "一期"
    found = read(saved(document), "a.docx")
    assert outline(found) == [("table", "附表"), ("table", "指标\t目标\n里程\t"), ("table", "一期\t\n\t")]
    deep = make_word(
        body="<w:tbl><w:tr><w:tc><w:p/>" * 60 + "</w:tc></w:tr></w:tbl>" * 60 + "<w:p><w:r><w:t>末</w:t></w:r></w:p>"
    )
    assert read(deep, "a.docx").text == "末"
    with zipfile.ZipFile(io.BytesIO(deep)) as files:
        xml = files.read("word/document.xml").replace(b"<w:tbl>", b"<w:tbl>" * 1000)
    with zipfile.ZipFile(io.BytesIO(deep)) as files, zipfile.ZipFile(stream := io.BytesIO(), "w") as new:
        for name in files.namelist():
            new.writestr(name, xml if name == "word/document.xml" else files.read(name))
    with pytest.raises(ReadError, match=r"^a.docx：表格嵌套过深，无法读取；请取消嵌套后另存为 .docx"):
        readers.read_bytes(stream.getvalue(), name="a.docx")


def test_word_revisions_hidden_words_and_symbols() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    body = (
        "<w:p>" + run.format("预算") + "<w:del><w:r><w:delText>旧</w:delText></w:r></w:del>"
        "<w:ins>" + run.format("新") + "</w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>"
        '<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>' + run.format("95%") + "<w:r><w:noBreakHyphen/></w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p>" + run.format("控件") + "</w:p></w:sdtContent></w:sdt>"
    )
    assert read(make_word(body=body), "a.docx").text == "预算新≥95%-\n控件"


def test_word_text_box_is_read_once_and_apart() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框内</w:t></w:r></w:p><w:p><w:r><w:t>两段</w:t></w:r></w:p></w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>前</w:t></w:r><w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r><w:r><w:t>后</w:t></w:r></w:p>"
    )
    found = read(make_word(body=body), "a.docx")
    assert outline(found) == [("paragraph", "前后"), ("text box", "框内\n两段")]


def test_word_numbers_and_outline_levels() -> None:
    document = docx.Document()
    root = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, style, text in [(0, "chineseCounting", "%1、"), (1, "japaneseCounting", "（%2）"), (2, "decimal", "%3.")]
    )
    root.append(parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for depth, text in [(0, "概况"), (1, "资金"), (2, "5万元"), (2, "到位"), (1, "产出"), (2, "数量"), (0, "结论")]:
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        number = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="77"/></w:numPr>'
        properties.append(parse_xml(number))
        if depth < 2:
            properties.append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="{depth}"/>'))
    found = read(saved(document), "a.docx")
    assert found.text.split("\n") == ["一、概况", "（一）资金", "1. 5万元", "2. 到位", "（二）产出", "1. 数量", "二、结论"]
    assert [block.level for block in found.blocks] == [1, 2, None, None, 2, None, 1]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (21, "二十一"),
        (110, "一百一十"),
        (105, "一百零五"),
        (10**9, "1000000000"),
    ],
)
def test_chinese_numbers(number: int, text: str) -> None:
    assert numbering.chinese(number) == text


def test_word_zip_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("word/document.xml", bytes(package.MAX_XML + 2**20))
    with pytest.raises(ReadError, match=r"^a.docx：解压后有 101 MB；最多读取 100 MB"):
        readers.read_bytes(stream.getvalue(), name="a.docx")
    monkeypatch.setattr(package, "MAX_UNPACKED", 1000)
    with pytest.raises(ReadError, match=r"^a.docx：解压后有"):
        readers.read_bytes(make_word("预算"), name="a.docx")


def test_word_without_text_and_without_parts() -> None:
    with pytest.raises(ReadError, match=r"^a.docx：没有文字"):
        readers.read_bytes(make_word(), name="a.docx")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("word/document.xml", "<broken")
    with pytest.raises(ReadError, match=r"^a.docx：不是 Word 文档或已损坏"):
        readers.read_bytes(stream.getvalue(), name="a.docx")


@settings(max_examples=15, deadline=None)
@given(st.lists(CHINESE, min_size=1, max_size=5), st.lists(st.lists(CHINESE, min_size=2, max_size=2), max_size=3))
def test_word_keeps_words_and_order(paragraphs: list[str], rows: list[list[str]]) -> None:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        grid = document.add_table(rows=len(rows), cols=2)
        for row, texts in enumerate(rows):
            grid.cell(row, 0).text, grid.cell(row, 1).text = texts
    expected = [*paragraphs, *("\t".join(row) for row in rows)]
    assert read(saved(document), "a.docx").text == "\n".join(expected)


# HTML


def page(body: str, head: str = '<meta charset="utf-8">') -> str:
    return f"<!DOCTYPE html><html><head><title>题</title>{head}</head><body>{body}</body></html>"


def test_html_blocks() -> None:
    body = """<h2>一、<b>概况</b></h2><script>no()</script><style>p{}</style><p>&nbsp;&nbsp;预算
        资金&ge;<i>5</i>&nbsp;万元<br>换行</p>散<div>内<p style="display:none">隐</p>外</div><del>删</del><!-- 注 -->尾"""
    assert outline(read(page(body).encode(), "a.html")) == [
        ("heading", "一、概况"),
        ("paragraph", "预算资金≥5 万元\n换行"),
        ("paragraph", "散"),
        ("paragraph", "内"),
        ("paragraph", "外"),
        ("paragraph", "尾"),
    ]


def test_html_spans_are_laid_out_and_capped() -> None:
    body = """<table><caption>表一</caption><tr><th rowspan="2">产出</th><th colspan=2>指标</th></tr><tr><td>数<p>量</p></td>
        <td></td></tr><tr><td colspan="1000000000">合计</td><td rowspan="999999999" colspan="x">末</td></tr></table>"""
    found = read(page(body).encode(), "a.htm")
    assert found.text == "表一\n产出\t指标\n数 量\t\n合计\t末"
    assert table(found) == [
        (0, 0, 2, 1, "产出"),
        (0, 1, 1, 2, "指标"),
        (1, 1, 1, 1, "数 量"),
        (1, 2, 1, 1, ""),
        (2, 0, 1, html.MAX_SPAN, "合计"),
        (2, html.MAX_SPAN, 1, 1, "末"),
    ]


def test_html_nested_tables() -> None:
    shallow = "<table><tr><td>外<table><tr><td>甲<td>乙</table></td></tr></table>"
    assert outline(read(page(shallow).encode(), "a.html")) == [("paragraph", "外"), ("table", "甲\t乙")]
    deep = "<p>首</p>" + "<table><tr><td>层" * 1000 + "底" + "</td></tr></table>" * 1000
    found = read(page(deep).encode(), "a.html")
    assert found.text.startswith("首\n层\n层")
    assert [problem.message for problem in found.problems] == [html.TOO_DEEP]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("GBK", "gb18030"), ("utf-8", "gb18030"), ("gbk", "utf-8-sig"), ("x", "utf-16")],
)
def test_html_charsets(declared: str, encoding: str) -> None:
    text = page(f"<p>{SENTENCE}</p>", f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">')
    assert read(text.encode(encoding), "a.html").text == SENTENCE


@pytest.mark.parametrize("content", ["<p></p>", page(""), "<!-- 注 -->", page("<script>x</script>")])
def test_html_without_text(content: str) -> None:
    with pytest.raises(ReadError, match=r"^a.html：没有(文字|可读取的 HTML 内容)；"):
        readers.read_bytes(content.encode(), name="a.html")


SOUP = "<p> </p> <table> </table> <tr> <td> <td/rowspan=3> </td> <h1> </h1> <br> <li> <caption> <del/> 字 &".split()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(SOUP)))
def test_html_soup(pieces: list[str]) -> None:
    """Whatever the tags, nothing visible is lost."""
    document = read("".join([*pieces, "终"]).encode(), "a.html")
    assert document.text.count("字") == pieces.count("字")


# PDF


SONG, LATIN = "STSong-Light", "Helvetica"


def make_pdf(
    pages: list[Marks],
    *,
    size: tuple[float, float] = (595, 842),
    encrypt: Any = None,
    turn: int = 0,
    rules: Rules = (),
    font: str = SONG,
) -> bytes:
    """Pages of words in 12 points; ``turn`` rotates the drawing anticlockwise, ``rules`` are strokes on every page.

    The Chinese font is not embedded: its boxes are known everywhere, its ink only where the machine has such a font.
    """
    pdfmetrics.registerFont(UnicodeCIDFont(SONG))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=size, invariant=1, encrypt=encrypt)
    for marks in pages:
        canvas.setFont(font, 12)
        canvas.rect(20, 20, 5, 5)
        canvas.translate(0, size[1])
        if turn:
            canvas.translate(300, -400)
            canvas.rotate(turn)
        for x0, y0, x1, y1 in rules:
            canvas.line(x0, -y0, x1, -y1)
        for x, y, text in marks:
            canvas.drawString(x, -y, text)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def prose(paragraphs: list[str], *, left: float = 90, top: float = 110, width: int = 34) -> Marks:
    """Paragraphs of Chinese text, the first line indented by two characters of 12 points."""
    marks: Marks = []
    y = top
    for paragraph in paragraphs:
        x, room = left + 24, width - 2
        while paragraph:
            marks.append((x, y, paragraph[:room]))
            paragraph, x, room, y = paragraph[room:], left, width, y + 22
    return marks


def turned(content: bytes, degrees: int) -> bytes:
    stream = io.BytesIO()
    pdf = pypdfium2.PdfDocument(content)
    for number in range(len(pdf)):
        pdf[number].set_rotation(degrees)
    pdf.save(stream)
    pdf.close()
    return stream.getvalue()


def long(characters: int) -> str:
    return (SENTENCE * 9)[: characters - 1] + "。"


def test_pdf_paragraph_runs_over_the_page() -> None:
    last = long(80) + (SENTENCE * 2)[:12] + "资金123456"  # 32 + 34 + 34: a full last line that ends within a number
    first = prose(["一、项目概况", long(90), "（一）资金情况", last])
    assert first[-1][2].endswith("123456") and len(first[-1][2]) >= 33
    second: Marks = [(90, 110, "789元，占预算的98.5%。"), *prose(["二、绩效", long(50)], top=132)]
    head, feet = (220, 50, "云岭县绩效自评报告"), [(280, 810, f"- {number} -") for number in (1, 2)]
    found = read(make_pdf([[head, *first, feet[0]], [head, *second, feet[1]]]), "a.pdf")
    assert outline(found) == [
        ("header", "云岭县绩效自评报告"),
        ("paragraph", "一、项目概况"),
        ("paragraph", long(90)),
        ("paragraph", "（一）资金情况"),
        ("paragraph", last + "789元，占预算的98.5%。"),
        ("header", "- 1 -"),
        ("header", "云岭县绩效自评报告"),
        ("paragraph", "二、绩效"),
        ("paragraph", long(50)),
        ("header", "- 2 -"),
    ]
    assert found.pages and [(p.number, p.width, p.height) for p in found.pages] == [(1, 595, 842), (2, 595, 842)]


@pytest.mark.parametrize("number", ["- 3 -", "第3页 共9页", "3/9", "3", "— 3 —", "Page 3 of 9"])
def test_pdf_lone_page_numbers(number: str) -> None:
    found = read(make_pdf([[*prose([long(50)]), (280, 810, number)]]), "a.pdf")
    assert outline(found) == [("paragraph", long(50)), ("header", number)]


def test_pdf_latin_words_and_broken_lines() -> None:
    lines = [
        "The report of Yunling county for the year 2022",
        "is complete: 15 schools were rebuilt, and 1,2",
        "34 pupils moved in at once.",
    ]
    marks: Marks = [(90, 110 + 22 * number, line) for number, line in enumerate(lines)]
    expected = (
        "The report of Yunling county for the year 2022 is complete: 15 schools were rebuilt, and 1,234 pupils moved in at once."
    )
    assert read(make_pdf([marks]), "a.pdf").text == expected


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_pdf_turned_pages(degrees: int) -> None:
    """Text and boxes of a turned page: the box of every line is where the rendered page is dark."""
    upright = make_pdf([prose([long(90), "完成15.65亿元。"])])
    content = turned(upright, degrees)
    found = read(content, "a.pdf")
    assert found.text == readers.read_bytes(upright, name="a.pdf").text
    content = turned(make_pdf([[(90, 110, "15.65"), (90, 132, "2048")]], font=LATIN), degrees)
    check_ink(content, read(content, "a.pdf"))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_pdf_turned_text(degrees: int) -> None:
    content = make_pdf([[(-80, 0, "Budget"), (-80, 22, "15.65 paid"), (-80, 44, "third line")]], turn=degrees, font=LATIN)
    found = read(content, "a.pdf")
    assert found.text.split() == ["Budget", "15.65", "paid", "third", "line"]
    check_ink(content, found)


def check_ink(content: bytes, document: Document) -> None:
    """Every box covers ink of the rendered page, and beside the boxes there is but the little square in the corner."""
    pdf = pypdfium2.PdfDocument(content)
    picture = pdf[0].render(scale=1).to_pil().convert("L")
    pdf.close()
    for box in document.boxes:
        left, top, right, bottom = (round(edge) for edge in box.bounds)
        assert picture.crop((left, top, right, bottom)).getextrema()[0] < 220
        picture.paste(255, (left - 1, top - 1, right + 1, bottom + 1))
    dark = picture.point(lambda value: 255 * (value < 200)).getbbox()
    assert dark and dark[2] - dark[0] < 10 and dark[3] - dark[1] < 10


def test_pdf_two_columns() -> None:
    left, right = [long(60), long(70)], ["右" + long(59), long(80)]
    marks = [(230.0, 70.0, "项目支出绩效自评报告"), *prose(left, left=60, width=16), *prose(right, left=320, top=116, width=16)]
    assert read(make_pdf([marks]), "a.pdf").text.split("\n") == ["项目支出绩效自评报告", *left, *right]


def test_pdf_table() -> None:
    rows = [
        ["指标名称", "目标值", "完成值"],
        ["改造面积", "9200平方米", "9486平方米"],
        ["运动场", "", "4个"],
        ["合格率", "100%", "98%"],
    ]
    marks: Marks = [
        (x, 170 + 24 * row, text) for row, texts in enumerate(rows) for x, text in zip((90, 260, 400), texts, strict=True)
    ]
    found = read(make_pdf([[*prose([long(60)]), *marks, *prose([long(50)], top=290)]]), "a.pdf")
    assert [kind for kind, _ in outline(found)] == ["paragraph", "table", "paragraph"]
    assert outline(found)[1][1].split("\n")[0] == "指标名称\t目标值\t完成值"
    assert [(row, column, text) for row, column, _, _, text in table(found)] == [
        (row, column, text) for row, texts in enumerate(rows) for column, text in enumerate(texts) if text
    ]


def test_pdf_ruled_table() -> None:
    """Rules make the cells: words wrap inside, a cell spans rows or columns, and no text outside is drawn in."""
    level = [(90, 200, 400), (150, 230, 400), (90, 270, 400), (90, 300, 400)]  # from x at y to x
    upright = [(90, 200, 300), (150, 200, 300), (250, 230, 300), (400, 200, 300)]  # x from y to y
    rules = [(x0, y, x1, y) for x0, y, x1 in level] + [(x, y0, x, y1) for x, y0, y1 in upright]
    cells: Marks = [
        (92, 240, "产出"),
        (152, 215, "指标及完成情况"),
        (152, 245, "改造校舍"),
        (152, 262, "面积"),
        (252, 253, "9200平方米"),
    ]
    content = make_pdf([[*prose([long(60)]), *cells, (152, 290, "合计"), *prose(["以上。"], top=330)]], rules=rules)
    found = read(content, "a.pdf")
    assert [kind for kind, _ in outline(found)] == ["paragraph", "table", "paragraph"]
    assert table(found) == [
        (0, 0, 2, 1, "产出"),
        (0, 1, 1, 2, "指标及完成情况"),
        (1, 1, 1, 1, "改造校舍面积"),
        (1, 2, 1, 1, "9200平方米"),
        (2, 0, 1, 1, ""),
        (2, 1, 1, 1, "合计"),
        (2, 2, 1, 1, ""),
    ]
    for degrees in (90, 180, 270):
        assert table(read(turned(content, degrees), "a.pdf")) == table(found)


def test_pdf_table_that_is_open_at_its_sides() -> None:
    rules = [(90, y, 400, y) for y in (200, 230, 260)] + [(x, 200, x, 260) for x in (150, 250)]
    rows = ["指标 目标 完成".split(), "校舍 5栋 6栋".split()]
    cells: Marks = [(x, 220 + 30 * row, text) for row in range(2) for x, text in zip((95, 160, 260), rows[row], strict=True)]
    found = read(make_pdf([[*cells, (95, 300, "以上。")]], rules=rules), "a.pdf")
    assert table(found) == [(row, column, 1, 1, rows[row][column]) for row in range(2) for column in range(3)]


def test_pdf_pages_without_text() -> None:
    found = read(make_pdf([prose([SENTENCE]), []]), "a.pdf")
    told = "该页没有可辨认的文字，未读取"
    assert [(problem.where, problem.message) for problem in found.problems] == [("page 2", told)]
    with pytest.raises(ReadError, match=rf"^a.pdf：共 2 页，均未读到文字；首个有问题的是第 1 页：{told}"):
        readers.read_bytes(make_pdf([[], []]), name="a.pdf")


def test_pdf_that_cannot_be_opened() -> None:
    content = make_pdf([prose([SENTENCE])])
    for broken in (content[: len(content) // 3], b"%PDF-1.4 nothing", b"no PDF at all"):
        with pytest.raises(ReadError, match=r"^a.pdf：不是 PDF 文件或已损坏"):
            readers.read_bytes(broken, name="a.pdf")
    with pytest.raises(ReadError, match=r"^a.pdf：文件有密码保护；请取消密码后另存"):
        readers.read_bytes(make_pdf([prose([SENTENCE])], encrypt=StandardEncryption("geheim")), name="a.pdf")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.tuples(st.floats(0, 560), st.floats(20, 840), CHINESE), max_size=12), min_size=1, max_size=3))
def test_pdf_any_layout(pages: list[Marks]) -> None:
    """Whatever stands wherever, the document is sound."""
    read(make_pdf([[(100, 400, "预算"), *marks] for marks in pages]), "a.pdf")


def test_only_readers_load_the_libraries() -> None:
    """Importing the readers stays instant: the heavy libraries come with the first file of their kind."""
    code = "import sys, extractor.readers; print(sorted({'lxml', 'docx', 'pypdfium2', 'charset_normalizer'} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    assert answer.stdout == "[]\n"
