from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PIL import Image
from rich.console import Console
from typer.testing import CliRunner
from typer.testing import Result as Outcome

from extractor import __version__
from extractor.cli import app, records_table
from extractor.comparison import write
from extractor.errors import ModelError, ReadError
from extractor.export import Export
from extractor.files import find_files
from extractor.ocr.cache import Cache
from extractor.ocr.values import PageReading
from extractor.readers import read
from extractor.terminal import printable
from extractor.types import ModelInfo, Result
from extractor.workpaper import WorkPapers
from tests.results import MODEL, paged, report

Run = Callable[..., Outcome]


@dataclass(frozen=True)
class FakeEngine:
    """Finds the same records everywhere; files whose text says so fail."""

    info: ModelInfo = MODEL
    rules: str = ""

    def with_rules(self, settings: Path, /) -> FakeEngine:
        return replace(self, rules=settings.read_text(encoding="utf-8"))

    def extract(self, source: Path, /) -> Result:
        if not source.exists():
            raise ReadError(f"{source}：无法打开（文件不存在）；请检查路径和读取权限")
        if source.suffix == ".xyz":
            raise ReadError(f"{source}：无法读取后缀为 .xyz 的文件；可读取的格式：.txt")
        if source.suffix in (".docx", ".xlsx"):
            return replace(report(str(source)), document=read(source))
        match source.read_text(encoding="utf-8"):
            case "bug":
                raise KeyError("unit")
            case "stop":
                raise KeyboardInterrupt
        return replace(report(str(source)), findings=()) if self.rules == "none" else report(str(source))


@pytest.fixture
def invoke() -> Run:
    def run(*args: str | Path) -> Outcome:
        return CliRunner().invoke(app, [str(arg) for arg in args], obj=lambda model: FakeEngine())

    return run


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder with two reports, and what does not belong to them."""
    folder = tmp_path / "报告"
    (folder / "乙").mkdir(parents=True)
    for name in ("乙/二.TXT", "一.txt", "~$一.docx", ".hidden.txt", "photo.xyz"):
        (folder / name).write_text("good", encoding="utf-8")
    return folder


def sources(out: Path) -> list[str]:
    return [Path(json.loads(line)["source"]).name for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]


def test_run_reads_folders_and_says_where_the_sheet_is(invoke: Run, reports: Path, tmp_path: Path) -> None:
    outcome = invoke("run", reports, "--out", tmp_path / "out")
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert sources(tmp_path / "out") == ["一.txt", "二.TXT"]
    assert "读取 2 个文件：成功 2 个，失败 0 个；提取记录 8 条，疑点 2 处。" in outcome.stderr
    assert f"结果表：{tmp_path / 'out' / 'records.xlsx'}" in outcome.stderr
    assert (tmp_path / "out" / "failed.jsonl").read_bytes() == b""


def test_one_bad_file_never_stops_the_others(invoke: Run, reports: Path, tmp_path: Path) -> None:
    (reports / "bug.txt").write_text("bug", encoding="utf-8")
    outcome = invoke("run", reports / "missing.txt", reports, reports / "photo.xyz", "--out", tmp_path / "out")
    assert outcome.exit_code == 1
    assert sources(tmp_path / "out") == ["一.txt", "二.TXT"]
    failed = [json.loads(line) for line in (tmp_path / "out" / "failed.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [Path(one["source"]).name for one in failed] == ["missing.txt", "bug.txt", "photo.xyz"]
    assert failed[1]["error"] == "程序意外出错（KeyError：'unit'），该文件未能处理；请把此文件反馈给开发者。"
    assert "无法读取后缀为 .xyz 的文件" in outcome.stderr
    unread = load_workbook(tmp_path / "out" / "records.xlsx")["未读文件"]
    assert [row[1] for row in unread.iter_rows(min_row=2, values_only=True)].count("整个文件") == 3


def test_an_interrupted_run_keeps_what_it_has(invoke: Run, reports: Path, tmp_path: Path) -> None:
    (reports / "七.txt").write_text("stop", encoding="utf-8")
    outcome = invoke("run", reports, "--out", tmp_path / "out")
    assert outcome.exit_code == 130
    assert "已中断：完成 1 / 3 个文件" in outcome.stderr
    assert load_workbook(tmp_path / "out" / "records.xlsx")["记录"].max_row == 5


def test_papers_are_made_anew_of_an_earlier_run(invoke: Run, reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = invoke("run", reports, reports / "missing.txt", "--out", out)
    assert f"总览：{out / 'index.html'}" in ran.stderr
    pages = {path.name: path.read_bytes() for path in [*(out / "papers").iterdir(), out / "index.html"]}
    assert sorted(pages) == ["index.html", "一.html", "二.html"]
    (out / "papers" / "一.html").unlink()
    outcome = invoke("papers", out)
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert "已生成 2 份报告的网页" in outcome.stderr
    assert {path.name: path.read_bytes() for path in [*(out / "papers").iterdir(), out / "index.html"]} == pages


def test_papers_need_results(invoke: Run, tmp_path: Path) -> None:
    outcome = invoke("papers", tmp_path)
    assert (
        outcome.exit_code,
        "results.jsonl：无法打开（No such file or directory）；请给出 extractor run --out 写入结果的文件夹" in outcome.stderr,
    ) == (1, True)


def test_what_an_earlier_run_wrote_is_no_report(invoke: Run, reports: Path, tmp_path: Path) -> None:
    invoke("run", reports, "--out", reports / "earlier")
    (reports / "earlier" / "papers.txt").write_text("good", encoding="utf-8")
    (reports / "index.html").write_text("good", encoding="utf-8")  # no results beside it: a report
    invoke("run", reports, "--out", tmp_path / "out")
    assert sources(tmp_path / "out") == ["index.html", "一.txt", "papers.txt", "二.TXT"]


def test_what_this_program_wrote_is_no_report_whatever_its_name(invoke: Run, reports: Path, tmp_path: Path) -> None:
    WorkPapers(reports / "底稿").write(report()).rename(reports / "底稿" / "甲.docx")
    write([], [], [], reports / "比较.xlsx")
    outcome = invoke("run", reports, "--out", tmp_path / "out")
    assert outcome.exit_code == 0
    assert sources(tmp_path / "out") == ["一.txt", "二.TXT"]
    failed = [json.loads(line) for line in (tmp_path / "out" / "failed.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [Path(one["source"]).name for one in failed] == ["比较.xlsx", "甲.docx"]
    assert all("是本程序写出的文件（底稿、表格或网页），不是报告，没有读取" in one["error"] for one in failed)
    assert "失败 0 个" in outcome.stderr
    assert "另有 2 个文件是本程序写出的" in outcome.stderr


def test_run_refuses_a_file_as_folder(invoke: Run, reports: Path) -> None:
    outcome = invoke("run", reports, "--out", reports / "一.txt")
    assert outcome.exit_code == 2
    assert "是一个文件，请给出文件夹" in "".join(outcome.stderr.replace("│", "").split())  # it stands in a box, folded
    assert (reports / "一.txt").read_text(encoding="utf-8") == "good"


def test_run_with_nothing_to_read(invoke: Run, tmp_path: Path) -> None:
    outcome = invoke("run", tmp_path, "--out", tmp_path / "out")
    assert (outcome.exit_code, "没有找到可以读取的报告" in outcome.stderr) == (1, True)
    assert not (tmp_path / "out").exists()


def test_rules_come_from_a_file(invoke: Run, reports: Path, tmp_path: Path) -> None:
    settings = tmp_path / "rules.toml"
    settings.write_text("none", encoding="utf-8")
    shown = [json.loads(invoke("show", reports / "一.txt", *rules).stdout) for rules in ((), ("--rules", settings))]
    assert [len(output["findings"]) for output in shown] == [1, 0]


def test_a_full_disk_is_one_line(reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Export, result: Result) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Export, "add", full)
    outcome = CliRunner().invoke(app, ["run", str(reports), "--out", str(tmp_path / "out")], obj=lambda model: FakeEngine())
    assert (outcome.exit_code, outcome.stderr) == (1, "extractor: 无法写入结果（[Errno 28] No space left on device）\n")


def test_a_missing_model_is_one_line(reports: Path, tmp_path: Path) -> None:
    def load(model: str) -> FakeEngine:
        raise ModelError(f"no model '{model}'")

    outcome = CliRunner().invoke(app, ["run", str(reports), "--out", str(tmp_path / "out"), "--model", "best"], obj=load)
    assert (outcome.exit_code, outcome.stderr) == (1, "extractor: no model 'best'\n")


def test_folders_leave_out_earlier_results_and_repeated_files(reports: Path) -> None:
    (reports / "out").mkdir()
    (reports / "out" / "old.txt").write_text("good")
    found = list(find_files([reports / "一.txt", reports, reports / "乙"], without=reports / "out"))
    assert found == [reports / "一.txt", reports / "乙" / "二.TXT"]


def test_show_prints_json_where_no_terminal_is(invoke: Run, reports: Path) -> None:
    source = reports / "一.txt"
    for args in (["show", source], ["show", source, "--json"]):
        outcome = invoke(*args)
        assert outcome.exit_code == 0
        assert json.loads(outcome.stdout) == report(str(source)).to_dict()


def test_show_fails_with_one_line(invoke: Run, tmp_path: Path) -> None:
    outcome = invoke("show", tmp_path / "missing.txt")
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith("extractor: ")


def test_show_draws_a_page(invoke: Run, tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class PageEngine(FakeEngine):
        def extract(self, source: Path, /) -> Result:
            return paged(report(str(source)))

    picture, out = tmp_path / "a.png", tmp_path / "out.png"
    Image.new("RGB", (400, 500), "white").save(picture)
    args = ["show", str(picture), "--page", "1", "--png", str(out)]
    outcome = CliRunner().invoke(app, args, obj=lambda model: PageEngine())
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert outcome.stderr.startswith("第 1 页标出 ") and "指标为蓝色" in outcome.stderr
    with Image.open(out) as drawn:
        assert drawn.size == (400, 500)
        assert drawn.convert("L").getextrema() != (255, 255)
    (tmp_path / "b.txt").write_text("预算", encoding="utf-8")
    outcome = invoke("show", tmp_path / "b.txt", "--png", tmp_path / "b.png")
    assert (outcome.exit_code, (tmp_path / "b.png").exists()) == (1, False)
    assert outcome.stderr.endswith("：此类文件没有页面图像；可显示 PDF 和图片文件的页面\n")


def test_the_cache_is_shown_and_cleared(invoke: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACTOR_CACHE", str(tmp_path))
    Cache(tmp_path / "ocr", "1").keep("ab" * 32, PageReading(1, 1))
    outcome = invoke("cache")
    assert outcome.stdout == f"{tmp_path / 'ocr'}\n"
    assert outcome.stderr == "共 1 页的识别结果，0.0 MB。\n"
    assert invoke("cache", "--clear").stderr == "已删除 1 页的识别结果，0.0 MB。\n"
    assert invoke("cache").stderr == "共 0 页的识别结果，0.0 MB。\n"
    monkeypatch.setenv("EXTRACTOR_CACHE", "")
    assert invoke("cache").stderr == "识别结果不保存（EXTRACTOR_CACHE 为空）。\n"


def test_the_table_for_terminals() -> None:
    console = Console(width=140, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(records_table(report("[red]报告.txt")))
    shown = captured.get()
    assert "[red]报告.txt：4 条记录" in shown
    assert all(words in shown for words in ("签约产业项目", "7亿元以上", "114.29%", "40万元", "2022年", "40%"))


@pytest.mark.parametrize("args", [["--help"], ["run", "--help"], ["show", "-h"], []])
def test_help_is_in_chinese(invoke: Run, args: list[str]) -> None:
    outcome = invoke(*args)
    assert outcome.exit_code in {0, 2}  # without arguments the help is shown and the status says that something is missing
    assert "报告" in outcome.output


def test_version() -> None:
    outcome = CliRunner().invoke(app, ["--version"])
    assert outcome.stdout.splitlines()[0] == f"extractor {__version__}"
    assert "model" in outcome.output


def test_printable() -> None:
    assert printable("甲\udce9\x1b[31m.txt") == "甲?�[31m.txt"
