"""However a table is torn, its account closes, and what was written can be found again."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.readers.parts import DraftCell
from extractor.segment import Kind, outline
from extractor.tables import Reading, read, recognise, understood
from extractor.types import BlockKind, Document
from tests.grids import ABOVE, FORM, LEFT, report

Rows = list[list[str]]
ORIGINAL: Rows = [[cell.strip() for cell in row.split("|")] for row in FORM]


def removed(rows: Rows, draw: st.DataObject) -> Rows:
    at = draw.draw(st.integers(0, len(rows) - 1))
    return rows[:at] + rows[at + 1 :] if len(rows) > 1 else rows


def repeated(rows: Rows, draw: st.DataObject) -> Rows:
    at, to = draw.draw(st.integers(0, len(rows) - 1)), draw.draw(st.integers(0, len(rows)))
    return [*rows[:to], rows[at], *rows[to:]]


def shifted(rows: Rows, draw: st.DataObject) -> Rows:
    at = draw.draw(st.integers(0, len(rows) - 1))
    by = draw.draw(st.integers(-2, 2))
    row = [""] * by + rows[at] if by > 0 else rows[at][-by:]
    return [*rows[:at], row or [""], *rows[at + 1 :]]


def split_row(rows: Rows, draw: st.DataObject) -> Rows:
    at = draw.draw(st.integers(0, len(rows) - 1))
    cut = draw.draw(st.integers(0, len(rows[at])))
    return [*rows[:at], rows[at][:cut] or [""], [""] * cut + rows[at][cut:], *rows[at + 1 :]]


def split_cell(rows: Rows, draw: st.DataObject) -> Rows:
    at = draw.draw(st.integers(0, len(rows) - 1))
    cell = draw.draw(st.integers(0, len(rows[at]) - 1))
    words = rows[at][cell]
    cut = draw.draw(st.integers(0, len(words)))
    return [*rows[:at], [*rows[at][:cell], words[:cut], words[cut:], *rows[at][cell + 1 :]], *rows[at + 1 :]]


OPERATIONS = (removed, repeated, shifted, split_row, split_cell)


def check(document: Document) -> Reading:
    """Everything that holds of whatever table."""
    tables = recognise(document)
    found = read(document, tables, lambda offset: ())
    blocks = [block for block in document.blocks if block.kind is BlockKind.TABLE]
    if blocks:
        assert [account.n_rows for account in found.accounts] == [len({cell.row for cell in block.cells}) for block in blocks]
    for number, account in enumerate(found.accounts):
        rows = Counter(record.row for record in found.records if record.row is not None and record.row[0] == number)
        assert {row for _, row in rows} == {*account.recorded}
        assert sorted([*account.recorded, *(row for row, _ in account.left)]) == list(range(account.n_rows))
    spans = sorted(mention.span for mention in found.mentions)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert len(found.mentions) == len(found.quantities)
    view = outline(document, understood(tables))
    prose = [part.span for part in view.parts if part.kind is not Kind.TABLE]
    assert not any(span.overlaps(part) for span in spans for part in prose)
    assert all(document.text[span.start : span.end].strip() for span in spans)
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=6), st.data())
def test_the_account_closes_however_the_form_is_torn(operations: list[object], data: st.DataObject) -> None:
    rows = ORIGINAL
    for operation in operations:
        assert callable(operation)
        rows = operation(rows, data)
    check(report([" | ".join(row) for row in rows], "此后是正文。"))


FLATTENED = {"tabs": ("\t", "\n"), "lines": ("\n", "\n"), "blanks": (" ", "\n"), "paragraph": (" ", " ")}  # cells, rows


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(FLATTENED)), st.lists(st.sampled_from(OPERATIONS), max_size=5), st.data())
def test_the_account_closes_however_the_flattened_form_is_torn(form: str, operations: list[object], data: st.DataObject) -> None:
    rows = [[cell for cell in row if cell not in (LEFT, ABOVE)] for row in ORIGINAL]
    for operation in operations:
        assert callable(operation)
        rows = [row or [""] for row in operation(rows, data)]
    between_cells, between_rows = FLATTENED[form]
    kept = rows if form == "tabs" else [[cell for cell in row if cell] for row in rows]
    text = between_rows.join(between_cells.join(row) for row in kept)
    check(Document("report.txt", "", f"某县2022年度报告。\n{text}\n\n二、存在的问题\n此后是正文。"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            DraftCell,
            st.integers(0, 8),
            st.integers(0, 8),
            st.sampled_from([cell for row in ORIGINAL for cell in row] + ["合计", "注：共3座。", "\n", "表"]),
            st.integers(-1, 12),
            st.integers(-1, 12),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_the_account_closes_whatever_the_cells_claim(cells: list[DraftCell]) -> None:
    check(report("某县2022年度报告", cells))


names = st.lists(st.text("甲乙丙丁戊己庚辛", min_size=2, max_size=6), min_size=1, max_size=12)
numbers = st.integers(0, 99_999)


@settings(max_examples=30, deadline=None)
@given(names, st.data(), st.booleans())
def test_what_is_written_in_cells_comes_back(wanted: list[str], data: st.DataObject, merged: bool) -> None:
    """Rows with levels merged or written once come back with every cell in its field."""
    rows = ["一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因"]
    expected = []
    level1 = level2 = "未定"
    for position, name in enumerate(wanted):
        new1 = position == 0 or data.draw(st.booleans())
        new2 = new1 or data.draw(st.booleans())
        level1 = f"{'产效满'[position % 3]}{position}指标" if new1 else level1
        level2 = f"{'数质时'[position % 3]}{position}指标" if new2 else level2
        target, achieved, weight, score = (data.draw(numbers) for _ in range(4))
        again = "^^" if merged else ""
        cells = [level1 if new1 else again, level2 if new2 else again, f"{name}{position}号", f"≥{target}座", str(achieved)]
        rows.append(" | ".join([*cells, str(weight), str(score), "因雨" if position % 2 else ""]))
        shown = (level1, level2, f"{name}{position}号", f"≥{target}座", str(achieved), str(weight), str(score))
        expected.append((*shown, "因雨" if position % 2 else None))
    document = report(rows)
    found = check(document)

    def words(positions: tuple[int, ...]) -> str:
        return "".join(document.text[found.mentions[m].span.start : found.mentions[m].span.end] for m in positions)

    assert [
        (r.level1, r.level2, r.name, words(r.targets), words(r.achieved), r.weight, r.score, r.reason) for r in found.records
    ] == expected


def test_a_row_of_facts_and_money_is_counted_once() -> None:
    """A torn name (年度 | 资金总额) makes a fact beside amounts."""
    rows = [list(row) for row in ORIGINAL]
    at = next(k for k, row in enumerate(rows) if "年度资金总额" in row)
    cell = rows[at].index("年度资金总额")
    rows[at][cell : cell + 1] = ["年度", "资金总额"]
    check(report([" | ".join(row) for row in rows], "此后是正文。"))
