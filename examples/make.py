"""Makes the three example reports beside it: python examples/make.py. Places, bodies and figures are invented.

Needs python-docx and reportlab. The PDF embeds a Chinese font of the machine where one of FONTS is installed, and
otherwise names a standard one that the PDF viewer has to bring along.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FONTS = (
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/arphic/uming.ttc"),
    Path("C:/Windows/Fonts/simsun.ttc"),
)
STANDARD_FONT = "STSong-Light"

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 1


Part = str | Heading | Rows

LIBRARY: tuple[Part, ...] = (
    Heading("松岭县图书馆2023年度免费开放专项资金绩效自评报告", 0),
    "根据《松岭县财政局关于开展2023年度项目支出绩效自评工作的通知》要求，我馆对2023年度公共图书馆免费开放专项资金的使用和绩效情况进行了自评，现将有关情况报告如下。",
    Heading("一、项目基本情况"),
    "松岭县图书馆为公益一类事业单位，核定编制12人，设有总服务台、少儿阅览室、地方文献室等6个窗口。免费开放专项资金主要用于图书购置、阅读推广、分馆运行和设备维护。",
    Heading("（一）资金安排和使用情况", 2),
    "2023年，项目年初预算85万元，其中中央补助资金50万元、县级配套资金35万元。截至12月31日，到位资金85万元，资金到位率100%；实际支出81.6万元，预算执行率96%，年末结转3.4万元。",
    Heading("（二）绩效目标", 2),
    "年初设定的绩效目标为：全年接待读者不少于18万人次，新增藏书6000册，举办阅读推广活动60场，流动图书车下乡服务48次，读者满意度达到95%以上。",
    Heading("二、绩效目标完成情况"),
    Heading("（一）产出情况", 2),
    "全年接待读者20.3万人次，比上年增长12.8%；外借图书31.5万册次。新增藏书6240册，其中少儿图书2180册，完成年度计划的104%。"
    "举办阅读推广活动66场，参加活动的群众达9800余人次。流动图书车下乡服务45次，比计划少3次，主要原因是7月份强降雨造成部分村道中断。",
    "新建乡镇分馆2个，实现全县14个乡镇分馆全覆盖。培训基层图书管理员36人，培训合格率100%。",
    Heading("（二）效益情况", 2),
    "新办读者证4120个，有效读者证持有量达到2.6万个。少儿阅览室全年开放310天，周末日均接待小读者240人次。"
    "问卷调查显示，读者满意度为97.2%，较目标高2.2个百分点。",
    Heading("三、存在的问题"),
    "一是流动服务受天气影响较大，年初安排的48次下乡服务没有全部完成；二是数字资源利用率偏低，全年数字资源访问量8.7万次，未达到10万次的预期。",
    Heading("四、下一步工作打算"),
    "2024年，计划新增藏书6500册，举办阅读推广活动70场以上，数字资源访问量力争达到12万次，同时把下乡服务的时间调整到汛期之外。",
    Heading("五、自评结论"),
    "对照年初绩效目标逐项打分，本项目自评得分95.5分，自评等级为“优”。",
    "松岭县图书馆\n2024年3月15日",
)

ROADS: tuple[Part, ...] = (
    Heading("青泽市农村公路养护工程2022年度绩效自评报告", 0),
    "为加强财政资金管理，提高资金使用效益，青泽市公路事务中心按照市财政局的统一部署，成立自评工作小组，对2022年度农村公路养护工程项目开展绩效自评。",
    Heading("一、项目概况"),
    Heading("（一）项目内容", 2),
    "项目涉及全市9个镇的县道、乡道和村道，主要内容为路面修复、危桥改造、安全防护设施安装和日常养护。项目于2022年3月开工，11月底完工。",
    Heading("（二）项目资金", 2),
    "项目预算总投资2,460万元，其中省级补助资金1500万元，市级财政安排960万元。截至2022年底，资金全部到位，累计支付2312.4万元，资金支付率94%，结余147.6万元按规定交回财政。",
    Heading("二、绩效目标"),
    "1.数量目标：修复破损路面120公里，改造危桥8座，安装波形护栏35公里。2.质量目标：工程验收合格率100%。"
    "3.成本目标：路面修复单位成本控制在12万元/公里以内。4.满意度目标：沿线群众满意度不低于90%。",
    Heading("三、绩效完成情况"),
    "2022年，共修复破损路面126.5公里，超额完成年度任务；改造危桥7座，完成率87.5%，另1座因管线迁改延期至2023年实施；安装波形护栏35.2公里。"
    "已完工项目全部通过交工验收，工程验收合格率达到100%。路面修复单位成本为11.3万元/公里。",
    "项目实施后，农村公路优良路率由81%提高到86.4%，提高5.4个百分点；通客车建制村比例稳定在100%。"
    "项目吸纳沿线群众就近务工430余人，发放劳务报酬618万元。沿线群众满意度为93.6%。",
    "主要指标的完成情况见下表。",
    (
        ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因"),
        ("产出指标", "数量指标", "修复破损路面", "120公里", "126.5公里", "20", "20", ""),
        ("产出指标", "数量指标", "改造危桥", "8座", "7座", "20", "17.5", "1座因管线迁改延期"),
        ("产出指标", "质量指标", "工程验收合格率", "100%", "100%", "15", "15", ""),
        ("产出指标", "成本指标", "路面修复单位成本", "≤12万元/公里", "11.3万元/公里", "15", "15", ""),
        ("效益指标", "社会效益指标", "农村公路优良路率", "≥85%", "86.4%", "20", "20", ""),
        ("满意度指标", "服务对象满意度", "沿线群众满意度", "≥90%", "93.6%", "10", "10", ""),
    ),
    Heading("四、存在问题和改进措施"),
    "个别项目前期勘察不够深入，管线迁改与主体工程衔接不紧，影响了危桥改造进度。下一步将把管线调查列为立项前置条件，确保剩余1座危桥在2023年6月底前完工。",
    Heading("五、自评结果"),
    "综合评价，项目自评得分97.5分。",
    "青泽市公路事务中心\n2023年4月10日",
)

CLINICS: tuple[Part, ...] = (
    Heading("云栖区卫生健康局2023年度基本公共卫生服务项目绩效自评报告", 0),
    "按照云栖区财政局关于项目支出绩效自评的要求，我局组织辖区基层医疗卫生机构，对2023年度基本公共卫生服务项目进行了全面自评。现将结果报告如下。",
    Heading("一、项目概况"),
    "2023年，全区共有社区卫生服务中心7个、乡镇卫生院5个、村卫生室83个承担基本公共卫生服务。项目面向全体常住居民，人均补助标准为89元。",
    "项目预算资金3,827万元，其中中央资金1913.5万元、省级资金1148.1万元、区级资金765.4万元。全年到位资金3827万元，实际支出3788.7万元，预算执行率99%。",
    Heading("二、绩效目标设定情况"),
    "年度绩效目标：居民电子健康档案建档率达到92%以上，高血压患者管理人数3.2万人，2型糖尿病患者管理人数1.1万人，"
    "65岁及以上老年人健康管理率不低于65%，适龄儿童国家免疫规划疫苗接种率90%以上，开展健康教育讲座480场。",
    Heading("三、绩效目标完成情况"),
    Heading("（一）数量指标", 2),
    "截至2023年12月底，管理高血压患者33850人，完成年度目标的105.8%；管理2型糖尿病患者11420人。"
    "开展健康教育讲座512场，发放宣传资料14.6万份，受益群众3.8万人次。为65岁及以上老年人免费体检2.74万人。",
    Heading("（二）质量指标", 2),
    "居民电子健康档案建档率93.4%，较上年提高1.2个百分点。高血压患者规范管理率76.5%，2型糖尿病患者规范管理率75.1%，均超过省定标准。"
    "65岁及以上老年人健康管理率为68.3%。适龄儿童国家免疫规划疫苗接种率达98.7%。传染病报告及时率、突发公共卫生事件报告率均达到100%。",
    Heading("（三）效益指标", 2),
    "居民健康素养水平提高到31.6%，比上年提高2.4个百分点。基层医疗卫生机构诊疗人次占比达到57%。",
    Heading("（四）满意度指标", 2),
    "委托第三方对1200名服务对象开展电话回访，服务对象满意度为91.8%，目标值为85%；基层医务人员满意度88.2%。",
    Heading("四、存在的主要问题"),
    "一是村卫生室人员年龄结构偏大，信息系统操作不熟练；二是流动人口管理难度大，健康档案动态使用率仅为58.9%，低于65%的目标。",
    Heading("五、有关建议"),
    "2024年，拟投入区级资金120万元更新村卫生室信息设备，举办村医培训班6期，力争健康档案动态使用率达到68%。",
    Heading("六、自评结论"),
    "项目自评得分97.1分，等次为优秀。",
    "云栖区卫生健康局\n2024年4月2日",
)


def plain_text(parts: tuple[Part, ...]) -> str:
    """The report as lines; a table as rows with tabs."""
    lines: list[str] = []
    for part in parts:
        if isinstance(part, tuple):
            lines += ("\t".join(row) for row in part)
        else:
            lines.append(part.text if isinstance(part, Heading) else part)
    return "\n".join(lines) + "\n"


def write_word(parts: tuple[Part, ...], path: Path, *, header: str) -> None:
    """A Word file with heading styles, a running header and real tables."""
    from docx import Document
    from docx.oxml.ns import qn

    document = Document()
    normal = document.styles["Normal"]
    normal.font.name = "宋体"
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    document.sections[0].header.paragraphs[0].text = header
    for part in parts:
        if isinstance(part, Heading):
            document.add_heading(part.text, part.level)
        elif isinstance(part, str):
            for line in part.split("\n"):
                document.add_paragraph(line)
        else:
            table = document.add_table(len(part), len(part[0]), style="Table Grid")
            for cells, words in zip(table.rows, part, strict=True):
                for cell, word in zip(cells.cells, words, strict=True):
                    cell.text = word
    document.save(str(path))


def write_pdf(parts: tuple[Part, ...], path: Path, *, header: str) -> None:
    """A PDF with a running header and page numbers; tables are not supported."""
    from reportlab.lib.enums import TA_CENTER
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

    font = register_font()
    width, height = A4
    prose = ParagraphStyle("prose", fontName=font, fontSize=13, leading=23, firstLineIndent=26, wordWrap="CJK")
    styles = {
        0: ParagraphStyle("title", prose, fontSize=17, leading=32, firstLineIndent=0, alignment=TA_CENTER, spaceAfter=10),
        1: ParagraphStyle("chapter", prose, fontSize=14, leading=26, spaceBefore=6),
        2: ParagraphStyle("section", prose),
    }

    def furnish(canvas: Canvas, _: object) -> None:
        canvas.setFont(font, 9)
        canvas.drawString(72, height - 45, header)
        canvas.drawCentredString(width / 2, 40, f"- {canvas.getPageNumber()} -")

    story = [
        Paragraph(part.text, styles[part.level]) if isinstance(part, Heading) else Paragraph(line, prose)
        for part in parts
        if not isinstance(part, tuple)
        for line in ([""] if isinstance(part, Heading) else part.split("\n"))
    ]
    template = BaseDocTemplate(str(path), pagesize=A4, title=header, invariant=1)  # the same bytes every time
    template.addPageTemplates(PageTemplate("page", [Frame(72, 60, width - 144, height - 125)], onPage=furnish))
    template.build(story)


def register_font() -> str:
    """The name of a font that has Chinese characters."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    for path in FONTS:
        if path.exists():
            pdfmetrics.registerFont(TTFont("Chinese", str(path), subfontIndex=0))
            return "Chinese"
    pdfmetrics.registerFont(UnicodeCIDFont(STANDARD_FONT))
    return STANDARD_FONT


if __name__ == "__main__":
    (HERE / "松岭县图书馆免费开放.txt").write_text(plain_text(LIBRARY), encoding="utf-8", newline="\n")
    write_word(ROADS, HERE / "青泽市农村公路养护.docx", header="青泽市公路事务中心  绩效自评报告")
    write_pdf(CLINICS, HERE / "云栖区基本公共卫生.pdf", header="云栖区基本公共卫生服务项目绩效自评报告")
