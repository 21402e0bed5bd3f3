from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractor.dataset import ALL_TABLES, PARQUET, Dataset, Source, asked
from extractor.errors import ResultsError
from extractor.export import open_folder
from extractor.types import Quantity, Relation, Result
from tests.results import number, one_record, paged, report


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run over two reports and a file that could not be read."""
    out = tmp_path / "结果[1]* it's"
    with open_folder(out) as export:
        export.add(report("一.txt"))
        export.fail("坏.pdf", "无法读取")
        export.add(paged(report("二.pdf")))
    return out


def rows(folder: Path, question: str) -> list[tuple[Any, ...]]:
    with asked(folder, question) as answer:
        return list(answer.rows)


def dataset_of(folder: Path, *results: Result) -> Path:
    dataset = Dataset(folder / PARQUET)
    for result in results:
        dataset.add(Source.of(result))
    dataset.save()
    return folder


def test_every_table_holds_its_rows(run: Path) -> None:
    counted = {table.name: rows(run, f"select count(*) from {table.name}")[0][0] for table in ALL_TABLES}
    assert counted == {"reports": 2, "records": 8, "mentions": 24, "findings": 2, "checks": 2, "problems": 2, "failed": 1}
    assert sorted(path.name for path in (run / PARQUET).iterdir()) == sorted(f"{name}.parquet" for name in counted)


def test_a_record_as_a_row(run: Path) -> None:
    with asked(run, "select * from records where report = 2 order by id limit 1") as answer:
        row = dict(zip(answer.columns, next(iter(answer.rows)), strict=True))
    wanted = {
        "source": "二.pdf",
        "id": "r1",
        "kind": "performance",
        "indicator": "签约产业项目",
        "target": "7个",
        "target_value": Decimal(7),
        "target_relation": "=",
        "achieved": "8个；114.3%",
        "achieved_value": Decimal(8),
        "completion_computed": Decimal("1.1429"),
        "amount": None,
        "period_start": date(2022, 1, 1),
        "page": None,  # the record's values stand on two pages
        "confidence": 0.93,
    }
    assert {name: row[name] for name in wanted} == wanted
    assert "签约产业项目8个" in row["sentence"]


def test_findings_mentions_and_reports_are_joined(run: Path) -> None:
    question = """
        select f.rule, f.records, m.text, m.low, m.unit, r.year, r.n_records
        from findings f join mentions m on m.report = f.report and list_contains(f.mentions, m.id)
        join reports r on r.report = f.report
    """
    assert rows(run, question) == [("completion-rate", ["r1"], "114.3%", Decimal("114.3"), "%", None, 4)] * 2


@pytest.mark.parametrize(
    ("quantity", "stored"),
    [
        (number("123456789012345678.25", "元"), ("123456789012345678.25",) * 2),
        (Quantity((Decimal(3), Decimal(5)), "个", Relation.RANGE), ("3", "5")),
        (number("1e30", "元"), (None, None)),  # too large: its words stay
    ],
)
def test_numbers_are_exact(quantity: Quantity, stored: tuple[str | None, ...], tmp_path: Path) -> None:
    dataset_of(tmp_path, one_record("若干", {"若干": quantity}, None))
    found = rows(tmp_path, "select low, high from mentions where label = 'ACHIEVED'")[0]
    assert found == tuple(None if one is None else Decimal(one) for one in stored)


def test_any_characters_are_kept(tmp_path: Path) -> None:
    result = report("=1+1'\n\u2028\ud800.txt")
    dataset_of(tmp_path, replace(result, records=(replace(result.records[0], name='"甲"\\\t{{x}}'),), findings=()))
    assert rows(tmp_path, "select source, indicator from records") == [("=1+1'\n\u2028?.txt", '"甲"\\\t{{x}}')]


def test_a_line_longer_than_usual(tmp_path: Path) -> None:
    long = "长" * 6_000_000  # 18 MB in UTF-8
    dataset_of(tmp_path, replace(report(), document=replace(report().document, text=report().document.text + long)))
    assert rows(tmp_path, "select length(text) > 6000000 from reports") == [(True,)]


def test_a_new_run_replaces_the_old_one(run: Path) -> None:
    with open_folder(run):
        pass
    assert rows(run, "select (select count(*) from records), (select count(*) from failed)") == [(0, 0)]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("selec 1", "语法有误，在“selec”附近"),
        ("select * from recrds", "没有名为“recrds”的表；可查询的表：reports、records"),
        ("select nme from records", "没有名为“nme”的列"),
        ("select r.nme from records r", "没有名为“nme”的列"),
        ("select foo(1)", "没有名为“foo”的函数"),
        ("select indicator::int from records", "有的值不能这样换算或计算"),
        ("select sum(indicator) from records", "函数“sum”不能用于这类值"),
        ("select source, count(*) from records", "列“source”须写进 GROUP BY"),
        ("select source from records, reports", "几个表都有列“source”"),
        ("", "只能用一条 SELECT 语句"),
        ("select 1; select 2", "只能用一条 SELECT 语句"),
        ("drop view records", "只能用一条 SELECT 语句"),
        ("set threads = 1", "只能用一条 SELECT 语句"),
        ("install httpfs", "只能用一条 SELECT 语句"),
        ("copy records to 'x.csv'", "只能用一条 SELECT 语句"),
        ("attach 'x.db'", "只能用一条 SELECT 语句"),
        ("with x as (insert into records values (1)) select 1", "无法执行|语法有误"),
    ],
)
def test_a_wrong_question_is_told(question: str, told: str, run: Path) -> None:
    with pytest.raises(ResultsError, match=told):
        rows(run, question)


@pytest.mark.parametrize("function", ["read_text", "read_csv", "read_json", "read_parquet", "read_blob", "glob"])
def test_no_other_file_is_read(function: str, run: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    for place in (secret, run / "results.jsonl", "https://example.invalid/a.csv"):
        with pytest.raises(ResultsError, match="不能读写其他文件"):
            rows(run, f"select * from {function}('{str(place).replace(chr(39), chr(39) * 2)}')")


def test_variables_of_the_program_are_no_tables(run: Path) -> None:
    with pytest.raises(ResultsError, match="没有名为“folder”的表"):
        rows(run, "select * from folder")


def test_columns_of_one_name_are_told_apart(run: Path) -> None:
    with asked(run, "select 1 as n, 2 as n") as answer:
        assert (answer.columns, list(answer.rows)) == (("n", "n_2"), [(1, 2)])


def test_a_folder_without_tables(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="没有此文件；请给出 extractor run --out 写入结果的文件夹"):
        rows(tmp_path, "select 1")


def test_a_damaged_file(run: Path) -> None:
    (run / PARQUET / "records.parquet").write_bytes(b"PAR1")
    with pytest.raises(ResultsError, match="不是完整的 Parquet 文件"):
        rows(run, "select 1")
