"""Tables made by a seed: what they promise, and that every kind of file gives their rows back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.generated import COLUMNS, FLATTENERS, RENDERERS, lay_out, make_form
from benchmarks.generated.vocabulary import FIELDS
from benchmarks.generated_tables import measure
from extractor.tables.flattened import recognise
from extractor.types import Document

SEEDS = st.integers(0, 10**6)


def test_the_vocabulary_is_wide() -> None:
    names = {entry.split(":")[0] for field in FIELDS for entries in field.indicators.values() for entry in entries.split(" ")}
    assert len(names) >= 150


@settings(max_examples=30)
@given(SEEDS)
def test_a_seed_makes_one_form_whose_points_add_up(seed: int) -> None:
    form = make_form(seed)
    assert form == make_form(seed)
    assert sum(float(row.weight) for row in form.rows) == (90 if "funds" in form.style else 100)
    assert all(0 <= float(row.score) <= float(row.weight) for row in form.rows)
    assert all(set(row) == set(COLUMNS) and row["indicator"] and row["target"] for row in form.gold())


@settings(max_examples=30)
@given(SEEDS)
def test_cells_cover_their_pages_without_overlap(seed: int) -> None:
    for page in lay_out(make_form(seed)).pages:
        fields = [
            (row, column)
            for cell in page.cells
            for row in range(cell.row, cell.row + cell.row_span)
            for column in range(cell.column, cell.column + cell.column_span)
        ]
        assert sorted(fields) == [(row, column) for row in range(page.n_rows) for column in range(page.n_columns)]


@settings(max_examples=10)
@given(SEEDS, st.sampled_from(sorted(FLATTENERS)))
def test_flattened_forms_keep_every_word(seed: int, kind: str) -> None:
    form = make_form(seed)
    layout = lay_out(form)
    text = FLATTENERS[kind](layout)
    assert text.count("\n") == 0 if kind == "paragraph" else text.count("\n") >= len(form.rows)
    broken = [row for row in form.rows if not (row.indicator in text and row.target in text and row.achieved in text)]
    assert len(broken) < len(layout.pages)  # the end of a page may tear one row


@pytest.mark.parametrize("kind", RENDERERS)
def test_every_kind_of_file_gives_the_rows_back(kind: str) -> None:
    count = measure(map(make_form, (2, 3, 9, 21)), kind)  # page breaks, blocks, side heads, weights of levels
    assert count.misses == []
    assert (count.found, count.spurious) == (count.n_rows, 0)


@pytest.mark.parametrize("kind", FLATTENERS)
def test_flattened_forms_give_most_cells_back(kind: str) -> None:
    count = measure(map(make_form, (4, 7, 14, 19)), kind)
    assert count.cells >= 0.95
    assert count.spurious == 0


@pytest.mark.parametrize("seed", [5, 9, 32])
def test_a_table_in_one_line_ends_before_a_chapter_with_another_table_behind_it(seed: int) -> None:
    first, second = (FLATTENERS["paragraph"](lay_out(make_form(number))) for number in (seed, seed + 1000))
    chapter = "\n\n七、自评结论\n\n综合各项指标，本年度专项资金自评得分91.5分，等级为“优”。\n\n"
    text = f"一、概况\n本项目由县级财政安排资金。\n\n{first}{chapter}附件：自评表\n{second}"
    begin, end = text.index("七、自评结论"), text.index("附件")
    assert not any(table.span.start < end and begin < table.span.end for table in recognise(Document("a.txt", "", text)))
