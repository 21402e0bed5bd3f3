"""The command line: parse, call, print, exit status. Nothing prints but this module, `annotating`,
`reviewing` and what they share.

What programs read goes to standard output, what people read to standard error. People here are Chinese auditors; the
sentences of library errors stay as the library gives them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor import __version__
from extractor.annotating import commands
from extractor.errors import ExtractorError, OwnFile
from extractor.files import find_files, known_suffixes
from extractor.options import Engine, ModelOption, RulesOption, chosen_engine
from extractor.reviewing import compare, query, workpaper
from extractor.terminal import errors_shown, printable, progress, say
from extractor.types import Result

if TYPE_CHECKING:
    from rich.table import Table

    from extractor.export import Export

FAILURES_SHOWN = 10
TRUST_STYLES = {"low": "bold red", "doubtful": "yellow", "": ""}
FINDING_TABLE_COLUMNS = ("严重程度", "规则", "说明", "记录号", "可信度")
TABLE_COLUMNS = ("类型", "指标", "目标值", "实现值", "资金金额", "完成率（计算）", "期间", "可信度")


@dataclass
class Tally:
    """Counts of one run."""

    n_done: int = 0
    n_records: int = 0
    n_findings: int = 0
    n_partly: int = 0
    n_own: int = 0  # files that this program wrote itself: they are listed as unread, and are no failure
    failed: list[tuple[str, str]] = field(default_factory=list)  # (source, error)


app = typer.Typer(
    name="extractor",
    help="从预算绩效自评报告中提取指标、目标值、实现值和资金金额。全部在本机完成，不联网。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(commands)
for command in (workpaper, query, compare):
    app.command()(command)


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    from extractor.pipeline import model_info

    typer.echo(f"extractor {__version__}")
    try:
        info = model_info()
    except ExtractorError as error:
        typer.echo(f"model: none ({error})", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"model {info.name} {info.version}")
    raise typer.Exit()


@app.callback()
def main(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="显示程序和模型的版本。")
    ] = False,
) -> None:
    """Common options. A caller may hand in another way to load models as the context's object."""
    context.obj = context.obj or _load


@app.command()
def run(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="路径…", help="报告文件或文件夹；文件夹连同其子文件夹一起读取。")],
    out: Annotated[Path, typer.Option("--out", metavar="目录", help="结果写入的文件夹；没有则新建，旧结果会被替换。")],
    model: ModelOption = "default",
    rules: RulesOption = None,
) -> None:
    """提取多份报告，结果写成网页（index.html）、Excel 表（records.xlsx 等）、CSV 和 JSON。有文件没读成时退出码为 1。"""
    from extractor.export import XLSX, open_folder

    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"“{printable(out)}”是一个文件，请给出文件夹。", param_hint="--out")
    files = list(find_files(paths, without=out))
    if not files:
        say(f"没有找到可以读取的报告（{'、'.join(known_suffixes())}）。")
        raise typer.Exit(1)
    with errors_shown():
        engine = chosen_engine(context.obj, model, rules)
        tally = Tally()
        try:
            with open_folder(out) as export, progress(files) as advance:
                extract_files(files, engine, export, tally, advance)
        except KeyboardInterrupt:
            say(f"已中断：完成 {tally.n_done} / {len(files)} 个文件，已有的结果保存在 {printable(out / XLSX)}")
            raise typer.Exit(130) from None
        _summarise(tally, out)
    if tally.failed:
        raise typer.Exit(1)


@app.command()
def show(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="文件", help="一份报告。")],
    as_json: Annotated[bool, typer.Option("--json", help="总是输出 JSON。")] = False,
    png: Annotated[Path | None, typer.Option("--png", metavar="文件", help="把一页连同标出的位置画成图片，不输出结果。")] = None,
    page: Annotated[int, typer.Option("--page", metavar="页码", min=1, help="--png 画第几页。")] = 1,
    model: ModelOption = "default",
    rules: RulesOption = None,
) -> None:
    """显示一份报告的提取结果：在终端里是表格，输出到文件或管道时是 JSON；或把一页画成图片。"""
    from extractor.output import to_json

    with errors_shown():
        if png is not None:
            _draw(context.obj(model), file, page, png)
            return
        result = chosen_engine(context.obj, model, rules).extract(file)
    if as_json or not sys.stdout.isatty():
        # As bytes: a Windows console's own encoding does not hold every character.
        typer.echo(to_json(result, indent=2))
        return
    from rich.console import Console

    from extractor.sheet import place_text

    Console().print(records_table(result))
    if result.findings:
        Console().print(findings_table(result))
    for problem in result.to_dict()["problems"]:
        say(f"未能读懂：{place_text(problem['where'])}：{problem['message']}")


@app.command()
def papers(
    out: Annotated[Path, typer.Argument(metavar="目录", help="extractor run 写过结果的文件夹。")],
) -> None:
    """由已有的结果（results.jsonl）重新生成网页：每份报告一页（papers/），以及总览（index.html）。"""
    from extractor.papers import OVERVIEW, written_anew

    with errors_shown():
        overview = written_anew(out)
    say(f"已生成 {overview.n_read} 份报告的网页。总览：{printable((out / OVERVIEW).resolve())}")


@app.command()
def cache(
    clear: Annotated[bool, typer.Option("--clear", help="删除全部识别结果。")] = False,
) -> None:
    """显示扫描件的识别结果保存在哪里、占多少空间；用环境变量 EXTRACTOR_CACHE 换位置，设为空则不保存。"""
    from extractor.ocr.cache import cache_folder, cleared, measured

    folder = cache_folder()
    if folder is None:
        say("识别结果不保存（EXTRACTOR_CACHE 为空）。")
        return
    n_pages, n_bytes = cleared(folder) if clear else measured(folder)
    typer.echo(printable(folder))
    say(f"{'已删除' if clear else '共'} {n_pages} 页的识别结果，{n_bytes / 2**20:.1f} MB。")


def _draw(engine: Engine, file: Path, page: int, png: Path) -> None:
    """Draw a page with its mentions. The page is drawn first: where there is none, nothing is extracted."""
    from extractor.overlay import LEGEND, drawn, patches
    from extractor.readers import content_of, shown_page

    shown = shown_page(content_of(file), name=str(file), number=page)
    result = engine.extract(file)
    png.write_bytes(drawn(result, shown))
    say(f"第 {page} 页标出 {len(list(patches(result, page)))} 处，见 {printable(png)}（{LEGEND}）。")
    steps = next((one.steps for one in result.document.pages or () if one.number == page), ())
    if steps:
        say(f"该页：{'；'.join(steps)}")


def extract_files(files: Iterable[Path], engine: Engine, export: Export, tally: Tally, advance: Callable[[Path], None]) -> None:
    """Extract from every file and write what comes; a file that fails is noted and the others go on.

    ``advance`` is called with each file when it is done. ``tally`` is filled in.
    """
    for file in files:
        try:
            result = engine.extract(file)
        except OwnFile as error:
            tally.n_own += 1
            export.fail(str(file), str(error))
        except Exception as error:  # a bug met in one file is no reason to lose the others
            words = _fault(error)
            tally.failed.append((str(file), words))
            export.fail(str(file), words)
        else:
            export.add(result)  # outside the try: a full disk concerns all files, not this one
            tally.n_done += 1
            tally.n_records += len(result.records)
            tally.n_findings += len(result.findings)
            tally.n_partly += bool(result.problems or result.document.problems)
        advance(file)


def _fault(error: Exception) -> str:
    if isinstance(error, ExtractorError):
        return str(error)
    return f"程序意外出错（{type(error).__name__}：{error}），该文件未能处理；请把此文件反馈给开发者。"


def records_table(result: Result) -> Table:
    """The records as a table for the terminal."""
    from rich.table import Table
    from rich.text import Text

    from extractor.sheet import COLUMNS, rows, titled_text, trust

    name = printable(result.document.source)
    table = Table(title=Text(f"{name}：{len(result.records)} 条记录"), show_lines=True)
    for title in TABLE_COLUMNS:
        table.add_column(title, overflow="fold")
    for row in rows(result):
        cells = titled_text(COLUMNS, row)
        table.add_row(*(Text(printable(cells[title])) for title in TABLE_COLUMNS), style=TRUST_STYLES[trust(row.confidence)])
    return table


def findings_table(result: Result) -> Table:
    """The findings as a table for the terminal."""
    from rich.table import Table
    from rich.text import Text

    from extractor.finding_sheet import FINDING_COLUMNS, finding_rows
    from extractor.sheet import titled_text

    table = Table(title=Text(f"疑点 {len(result.findings)} 处（须对照原文核实）"), show_lines=True)
    for title in FINDING_TABLE_COLUMNS:
        table.add_column(title, overflow="fold")
    for row in (found.row for found in finding_rows(result)):
        cells = titled_text(FINDING_COLUMNS, row)
        table.add_row(*(Text(printable(cells[title])) for title in FINDING_TABLE_COLUMNS))
    return table


def _load(model: str) -> Engine:
    from extractor.pipeline import load

    return load(model)


def _summarise(tally: Tally, out: Path) -> None:
    from extractor.export import XLSX
    from extractor.papers import OVERVIEW

    failed = tally.failed
    say(
        f"读取 {tally.n_done + len(failed)} 个文件：成功 {tally.n_done} 个，失败 {len(failed)} 个；"
        f"提取记录 {tally.n_records} 条，疑点 {tally.n_findings} 处。"
    )
    if tally.n_partly:
        say(f"其中 {tally.n_partly} 个文件有部分内容未能读懂，见表中“未读文件”一页。")
    if tally.n_own:
        say(f"另有 {tally.n_own} 个文件是本程序写出的（底稿、表格或网页），不是报告，没有读取，见表中“未读文件”一页。")
    for source, error in failed[:FAILURES_SHOWN]:
        say(f"  未读：{printable(source)}：{printable(error)}")
    if len(failed) > FAILURES_SHOWN:
        say(f"  ……其余 {len(failed) - FAILURES_SHOWN} 个见 failed.jsonl")
    say(f"结果表：{printable((out / XLSX).resolve())}")
    say(f"总览：{printable((out / OVERVIEW).resolve())}")
