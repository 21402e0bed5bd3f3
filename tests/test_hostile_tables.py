"""Tables that nobody means well with: a result or one clear sentence, in bounded time and memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from extractor import readers
from extractor.readers.html import TOO_DEEP
from extractor.readers.parts import DraftCell
from extractor.segment import Kind, outline
from extractor.tables import Reading, read, recognise
from extractor.types import Document
from tests.grids import report

HEAD = "一级指标 二级指标 三级指标 年度指标值 实际完成值 分值 得分".split()
ROW = "产出指标 数量指标 修缮石桥 12座 12座 1 1".split()


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < seconds


@contextmanager
def bounded_memory(megabytes: int) -> Iterator[None]:
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < megabytes * 2**20


def reading(document: Document) -> Reading:
    return read(document, recognise(document), lambda offset: ())


def test_web_tables_nested_a_thousand_deep() -> None:
    page = "<table><tr><td>外" * 1000 + "最内" + "</td></tr></table>" * 1000
    with bounded(10), bounded_memory(200):
        document = readers.read_bytes(page.encode(), name="a.html")
        reading(document)
    assert document.text.startswith("外")
    assert [problem.message for problem in document.problems] == [TOO_DEEP]


def test_a_table_of_many_thousand_rows() -> None:
    """Each is a record or left out."""
    n_rows = 1000
    cells = [DraftCell(row, column, words) for row in range(n_rows) for column, words in enumerate(ROW if row else HEAD)]
    with bounded(60):
        found = reading(report(cells))
    assert len(found.records) == n_rows - 1
    assert found.accounts[0].n_rows == n_rows


@pytest.mark.parametrize("mark", ["\t", "\n", " "])
def test_a_flattened_table_of_many_rows(mark: str) -> None:
    text = "\n".join(mark.join(row) for row in [HEAD, *[ROW] * 60])
    with bounded(60):
        found = reading(Document("a.txt", "", text))
    assert len(found.records) == 60


def words_between(words: str, mark: str) -> list[Document]:
    rows = [HEAD, ROW, [*ROW[:2], words, *ROW[3:]], ROW]
    blocks = f"年初预算数\n全年执行数\n{words}\n预期目标\n实际完成情况\n{words}"
    return [Document("a.txt", "", text) for text in ("\n".join(mark.join(row) for row in rows), blocks)]


@pytest.mark.parametrize("words", ["标" * 10**6, "1" * 10**6, "标1," * 250_000, "\t" * 10**5, " 1" * 20_000])
@pytest.mark.parametrize("mark", ["\t", "\n"])
def test_flattened_cells_of_a_million_characters(words: str, mark: str) -> None:
    with bounded(60):
        for document in words_between(words, mark):
            reading(document)


def test_a_flattened_cell_of_a_million_characters_takes_little_memory() -> None:
    documents = words_between("标" * 10**6, "\n")
    with bounded_memory(200):
        for document in documents:
            reading(document)


@pytest.mark.parametrize("words", ["产出指标", "全年修缮石桥12座。", "12"])
def test_a_table_of_one_cell_is_a_frame_around_words(words: str) -> None:
    document = readers.read_bytes(f"<table><tr><td>{words}</td></tr></table>".encode(), name="a.html")
    found = reading(document)
    assert found.records == ()
    assert [account.n_rows for account in found.accounts] == [1]
    assert [(part.kind, document.text[part.span.start : part.span.end]) for part in outline(document).parts] == [
        (Kind.PROSE, words)
    ]


def test_merged_cells_that_claim_each_other() -> None:
    cells = [DraftCell(row, column, "甲", 1000 - row, 1000 - column) for row in range(40) for column in range(40)]
    with bounded(20):
        found = reading(report(cells))
    assert found.accounts[0].n_rows == 40
