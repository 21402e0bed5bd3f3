"""What auditors do after a run: ``extractor workpaper | query | compare``."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from itertools import chain, islice
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.errors import ReadError, ResultsError
from extractor.options import Engine, Load, ModelOption, RulesOption, chosen_engine
from extractor.quantity import plain
from extractor.results import read_results
from extractor.terminal import errors_shown, printable, say
from extractor.types import Result

if TYPE_CHECKING:
    from rich.table import Table

    from extractor.comparison import Pair, YearReport
    from extractor.dataset import Answer

ROWS_SHOWN = 1_000  # of an answer on a terminal; --csv and --json give all
WIDEST = 10_000  # columns of a line where no terminal sets a limit
NAMES_SHOWN = 20  # of indicators that only one year has
OutFolder = Annotated[Path, typer.Argument(metavar="结果目录", help="extractor run --out 写入结果的文件夹。")]


def query(
    folder: OutFolder,
    question: Annotated[
        str | None, typer.Argument(metavar="查询语句", help="一条 SELECT 语句；省略则列出可查询的表和列。")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="输出 CSV。")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，每行一个对象。")] = False,
) -> None:
    """用 SQL 查询一次提取的全部结果，例如 "select rule, count(*) from findings group by rule"。只读，不能访问其他文件。"""
    from extractor.dataset import asked

    if as_csv and as_json:
        raise typer.BadParameter("--csv 与 --json 只能选一个。")
    with errors_shown():
        if question is None:
            _print_tables()
            return
        with asked(folder, question) as answer:
            if as_csv:
                _print_csv(answer)
            elif as_json:
                _print_json(answer)
            else:
                _print_answer(answer)


def compare(
    context: typer.Context,
    before: Annotated[Path, typer.Argument(metavar="前期", help="前一年的结果目录（extractor run 写出）或一份报告。")],
    after: Annotated[Path, typer.Argument(metavar="本期", help="后一年的结果目录或一份报告。")],
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="文件", help="把完整的比较写成 Excel 表。")] = None,
    model: ModelOption = "default",
    rules: RulesOption = None,
) -> None:
    """比较同一单位两年的报告：同一指标的目标提高还是降低，实现值和资金增减多少。"""
    from extractor.comparison import pairs, write, year_report

    with errors_shown():
        results = _reader(context.obj, model, rules)
        earlier, later = ([year_report(result) for result in results(path)] for path in (before, after))
        found = list(pairs(earlier, later))
        if xlsx is not None:
            write(found, earlier, later, xlsx)
        _print_comparison(found, earlier, later)
        if xlsx is not None:
            say(f"比较表：{printable(xlsx.resolve())}")


def workpaper(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="路径…", help="结果目录（extractor run 写出）或报告，可以有多个。")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="目录", help="底稿写入的文件夹；没有则新建。")] = None,
    template: Annotated[Path | None, typer.Option("--template", metavar="文件", help="本单位的底稿模板（.docx）。")] = None,
    save_template: Annotated[
        Path | None, typer.Option("--save-template", metavar="文件", help="把自带的模板另存一份，供修改；不写底稿。")
    ] = None,
    model: ModelOption = "default",
    rules: RulesOption = None,
) -> None:
    """每份报告写一份 Word 审计工作底稿：资金、指标、疑点及其原文，留出核实和审核的栏目。"""
    from extractor.workpaper import TEMPLATE, WorkPapers, write_new

    with errors_shown():
        if save_template is not None:
            write_new(save_template, TEMPLATE.read_bytes())
            say(f"模板：{printable(save_template.resolve())}；可用的名称见 docs/workpaper.md")
            return
        if not paths or out is None:
            raise typer.BadParameter("请给出结果目录或报告，并用 --out 给出底稿写入的文件夹。")
        papers, results = WorkPapers(out, template or TEMPLATE), _reader(context.obj, model, rules)
        n_papers, unread = 0, 0
        for path in paths:
            try:
                for result in results(path):
                    papers.write(result)
                    n_papers += 1
            except (ReadError, ResultsError) as error:  # one report that cannot be read costs no other its paper
                say(f"  未读：{printable(str(error))}")
                unread += 1
    say(f"底稿 {n_papers} 份：{printable(out.resolve())}")
    if unread:
        raise typer.Exit(1)


def _reader(load: Load, model: str, rules: Path | None) -> Callable[[Path], Iterator[Result]]:
    """A function from a folder of results, or a report, to the results; the model is loaded when a report needs it."""

    @cache
    def engine() -> Engine:
        return chosen_engine(load, model, rules)

    def results(path: Path) -> Iterator[Result]:
        if path.is_dir():
            if rules is not None:
                raise typer.BadParameter(
                    f"{path}：其中的结果已经核对过；--rules 只用于报告，结果请用 extractor run --rules 重新提取。"
                )
            yield from read_results(path)
        else:
            yield engine().extract(path)

    return results


# ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


def _print_tables() -> None:
    from extractor.dataset import ALL_TABLES

    table = _table("可查询的表和列", ("表", "列", "类型", "含义"))
    for one in ALL_TABLES:
        table.add_row(one.name, "", "", one.meaning)
        for field in one.fields:
            table.add_row("", field.name, field.type, field.meaning)
    _print(table)


def _print_answer(answer: Answer) -> None:
    from rich.text import Text

    table = _table("", answer.columns)
    for values in islice(answer.rows, ROWS_SHOWN):
        table.add_row(*(Text(printable(_words(value))) for value in values))
    _print(table)
    n_left = sum(1 for _ in answer.rows)
    say(f"共 {table.row_count + n_left} 行" + (f"，只显示前 {ROWS_SHOWN} 行；用 --csv 或 --json 输出全部。" if n_left else "。"))


def _print_csv(answer: Answer) -> None:
    from extractor.export import csv_cell

    for row in chain([answer.columns], answer.rows):
        line = io.StringIO(newline="")
        csv.writer(line).writerow([value if value is None else csv_cell(_cell(value)) for value in row])
        typer.echo(line.getvalue().encode("utf-8"), nl=False)


def _print_json(answer: Answer) -> None:
    """An array with one object a line, so that programs can read it whole or line by line."""
    before = "[\n"
    for row in answer.rows:
        values = dict(zip(answer.columns, map(_json_value, row), strict=True))
        typer.echo((before + json.dumps(values, ensure_ascii=False)).encode("utf-8"), nl=False)
        before = ",\n"
    typer.echo("[]" if before == "[\n" else "\n]")


def _print_comparison(found: Sequence[Pair], before: Sequence[YearReport], after: Sequence[YearReport]) -> None:
    from rich.text import Text

    from extractor.comparison import ONLY_AFTER, ONLY_BEFORE, SHORT_COLUMNS, status
    from extractor.sheet import cell_text

    table = _table("同一指标两年的比较", (column.title for column in SHORT_COLUMNS))
    table.show_lines = True
    for pair in found:
        if pair.before is not None and pair.after is not None:
            table.add_row(*(Text(printable(cell_text(column.value(pair)))) for column in SHORT_COLUMNS))
    _print(table)
    for name in (ONLY_BEFORE, ONLY_AFTER):
        alone = [pair.entries[0].name for pair in found if status(pair) == name]
        if alone:
            more = "……（全部见 --xlsx 写出的表）" if len(alone) > NAMES_SHOWN else ""
            say(f"{name}（{len(alone)} 项）：{printable('、'.join(alone[:NAMES_SHOWN]))}{more}")
    n_other = sum(report.n_other for report in (*before, *after))
    if n_other:
        say(f"另有 {n_other} 条记录说的是其他年度或没有名称，没有比较。")
    units = [{report.unit for report in side if report.unit} for side in (before, after)]
    if all(units) and units[0].isdisjoint(units[1]):
        say(
            f"请注意：前期为{printable('、'.join(sorted(units[0])))}，本期为{printable('、'.join(sorted(units[1])))}，单位可能不同。"
        )
    years = [{report.year for report in side if report.year} for side in (before, after)]
    if years[0] and years[1] and min(years[0]) >= max(years[1]):
        say(f"请注意：前期为 {_years(years[0])} 年，本期为 {_years(years[1])} 年，请核对先后。")


def _years(years: Iterable[int]) -> str:
    return "、".join(map(str, sorted(years)))


def _table(title: str, columns: Iterable[str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title) if title else None)
    for column in columns:
        table.add_column(Text(printable(column)), overflow="fold")
    return table


def _print(table: Table) -> None:
    """Show a table on standard output: as wide as the terminal, or as it needs where there is none."""
    from rich.console import Console

    if sys.stdout.isatty():
        Console().print(table)
        return
    shown = io.StringIO()
    Console(file=shown, width=WIDEST).print(table)
    # As bytes: a Windows console's own encoding does not hold every character.
    typer.echo(shown.getvalue().encode("utf-8"), nl=False)


def _cell(value: object) -> str | Decimal:
    """A value of an answer as a cell: decimals without zeros at the end, lists as words."""
    if isinstance(value, Decimal):
        return Decimal(plain(value))
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return Decimal(str(value))
    if isinstance(value, list):
        return "、".join("" if one is None else plain(one) if isinstance(one, Decimal) else str(one) for one in value)
    return str(value)


def _words(value: object) -> str:
    if value is None:
        return ""
    cell = _cell(value)
    return format(cell, ",f") if isinstance(cell, Decimal) else cell


def _json_value(value: object) -> object:
    """A value as JSON can hold it; decimals as strings, as in results.jsonl."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list):
        return [_json_value(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _json_value(one) for key, one in value.items()}
    return value if isinstance(value, float) and isfinite(value) else str(_cell(value))
