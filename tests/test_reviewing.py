"""The commands that work on the results of a run."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner
from typer.testing import Result as Outcome

from extractor.cli import app
from extractor.errors import ResultsError
from extractor.export import write
from extractor.results import read_results
from extractor.types import ModelInfo, Result
from tests.results import MODEL, paged, report
from tests.test_comparison import year

Run = Callable[..., Outcome]


@dataclass(frozen=True)
class FakeEngine:
    """Finds the same records in every file."""

    info: ModelInfo = MODEL

    def with_rules(self, settings: Path, /) -> FakeEngine:
        return self

    def extract(self, source: Path, /) -> Result:
        return report(str(source))


@pytest.fixture
def invoke() -> Run:
    def run(*args: str | Path) -> Outcome:
        return CliRunner().invoke(app, [str(arg) for arg in args], obj=lambda model: FakeEngine())

    return run


@pytest.fixture
def results(tmp_path: Path) -> Path:
    write([report("一.txt"), paged(report("二.pdf"))], tmp_path / "out")
    return tmp_path / "out"


def test_results_come_back_as_they_were(results: Path) -> None:
    assert [one.to_dict() for one in read_results(results)] == [report("一.txt").to_dict(), paged(report("二.pdf")).to_dict()]


@pytest.mark.parametrize(
    ("content", "told"),
    [(b'{"schema": 1}\n', "第 1 行不完整"), (b'{"sch', "第 1 行不完整"), (b"\xff\n", "不是 UTF-8"), (None, "无法打开")],
)
def test_damaged_results_are_told(content: bytes | None, told: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "results.jsonl").write_bytes(content)
    with pytest.raises(ResultsError, match=told):
        list(read_results(tmp_path))


def test_a_question_is_answered_with_a_table(invoke: Run, results: Path) -> None:
    outcome = invoke("query", results, "select indicator, target_value from records where report = 1 order by id")
    assert outcome.exit_code == 0
    assert all(words in outcome.stdout for words in ("indicator", "签约产业项目", "700,000,000"))
    assert outcome.stderr == "共 4 行。\n"


def test_answers_as_csv_and_json(invoke: Run, results: Path) -> None:
    question = (
        "select '=1+1' as a, target_value as b, period_start as c, confidence as d from records where id = 'r1' and report = 1"
    )
    (line,) = csv.DictReader(invoke("query", results, question, "--csv").stdout.splitlines())
    assert line == {"a": "'=1+1", "b": "7", "c": "2022-01-01", "d": "0.93"}
    assert json.loads(invoke("query", results, question, "--json").stdout) == [
        {"a": "=1+1", "b": "7", "c": "2022-01-01", "d": 0.93}
    ]
    assert json.loads(invoke("query", results, "from records limit 0", "--json").stdout) == []


def test_a_long_answer_is_cut_and_says_so(invoke: Run, results: Path) -> None:
    outcome = invoke("query", results, "select * from range(1500)")
    assert outcome.stderr == "共 1500 行，只显示前 1000 行；用 --csv 或 --json 输出全部。\n"
    assert len(invoke("query", results, "select * from range(1500)", "--csv").stdout.splitlines()) == 1501


def test_without_a_question_the_tables_are_listed(invoke: Run, results: Path) -> None:
    shown = invoke("query", results).stdout
    assert all(words in shown for words in ("reports", "findings", "completion_computed", "计算的完成率"))


def test_wrong_questions_are_one_line(invoke: Run, results: Path) -> None:
    outcome = invoke("query", results, "select nme from records")
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert outcome.stderr == "extractor: 查询语句：没有名为“nme”的列；省略查询语句可列出全部表和列\n"
    assert invoke("query", results, "select 1", "--csv", "--json").exit_code == 2


def test_papers_of_a_run_and_of_a_report(invoke: Run, results: Path, tmp_path: Path) -> None:
    outcome = invoke("workpaper", results, tmp_path / "三.txt", "--out", tmp_path / "底稿")
    assert (outcome.exit_code, outcome.stderr) == (0, f"底稿 3 份：{tmp_path / '底稿'}\n")
    assert sorted(path.name for path in (tmp_path / "底稿").iterdir()) == [f"{name} 审计工作底稿.docx" for name in "一三二"]


def test_what_cannot_be_read_costs_no_other_its_paper(invoke: Run, results: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    outcome = invoke("workpaper", tmp_path / "empty", results, "--out", tmp_path / "底稿")
    assert (outcome.exit_code, "results.jsonl：无法打开" in outcome.stderr, "底稿 2 份" in outcome.stderr) == (1, True, True)


def test_a_template_is_saved_changed_and_used(invoke: Run, results: Path, tmp_path: Path) -> None:
    own = tmp_path / "模板.docx"
    assert invoke("workpaper", "--save-template", own).exit_code == 0
    document = docx.Document(str(own))
    document.paragraphs[0].runs[0].text = "某某局审计底稿：{{ 报告 }}"
    document.save(str(own))
    assert invoke("workpaper", results, "--out", tmp_path / "底稿", "--template", own).exit_code == 0
    assert docx.Document(str(tmp_path / "底稿" / "一 审计工作底稿.docx")).paragraphs[0].text == "某某局审计底稿：一"
    assert invoke("workpaper", results).exit_code == 2
    assert "已有此文件" in invoke("workpaper", "--save-template", own).stderr
    outcome = invoke("workpaper", results, "--out", tmp_path / "b", "--template", tmp_path / "no.docx")
    assert (outcome.exit_code, "不能用作模板" in outcome.stderr) == (1, True)


def test_two_years_are_compared(invoke: Run, tmp_path: Path) -> None:
    write([year(2022, "新增藏书 目标6000册 实际6240册", "流动服务 目标48次")], tmp_path / "a")
    write([year(2023, "新增藏书 目标5500册", "讲座 目标5场")], tmp_path / "b")
    outcome = invoke("compare", tmp_path / "a", tmp_path / "b", "--xlsx", tmp_path / "c.xlsx")
    assert outcome.exit_code == 0
    assert all(words in outcome.stdout for words in ("新增藏书", "6000册 → 5500册", "降低500册（-8.33%），要求放宽"))
    assert "仅前期有（1 项）：流动服务\n仅本期有（1 项）：讲座\n" in outcome.stderr
    assert load_workbook(tmp_path / "c.xlsx")["年度比较"].max_row == 4
    assert "前期为 2023 年，本期为 2022 年，请核对先后" in invoke("compare", tmp_path / "b", tmp_path / "a").stderr


def test_reports_are_compared_too(invoke: Run, tmp_path: Path) -> None:
    outcome = invoke("compare", tmp_path / "一.txt", tmp_path / "二.txt")
    assert (outcome.exit_code, "签约产业项目" in outcome.stdout) == (0, True)
    outcome = invoke("compare", tmp_path, tmp_path)
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert "无法打开（No such file or directory）；请给出 extractor run --out 写入结果的文件夹" in outcome.stderr
