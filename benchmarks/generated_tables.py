"""How exactly indicator tables are read: python -m benchmarks.generated_tables [--tables N] [--kind .pdf] [--show N].

Makes tables by seed, renders each in every kind of file and flattens it into text in every way that copying does, reads and
recognises them, and compares every cell of every row with what the form says. Prints rows found and exact cells by column
for each kind, rows of funding blocks and cells of goal blocks, and where the misses lie. A kind is the suffix of a file
(.docx) or the name of a flattened form (lines).
"""

from __future__ import annotations

import argparse
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from benchmarks.generated import COLUMNS, FLATTENERS, RENDERERS, STYLES, Form, lay_out, make_form
from extractor import readers
from extractor.schema import Column
from extractor.tables import recognise
from extractor.tables.headers import is_goal, is_result
from extractor.tables.types import IndicatorRow, TableRows
from extractor.tables.words import cell_text
from extractor.types import Document

FIELDS = {
    "level1": Column.LEVEL1,
    "level2": Column.LEVEL2,
    "indicator": Column.INDICATOR,
    "target": Column.TARGET,
    "achieved": Column.ACHIEVED,
    "weight": Column.WEIGHT,
    "score": Column.SCORE,
    "reason": Column.REASON,
}
Gold = Mapping[str, str | None]
KINDS = (*RENDERERS, *FLATTENERS)
# What stands around a flattened table, so that it has to be found.
BEFORE = "一、项目概况\n本项目由县级财政安排资金，按季度调度进度，现将自评情况报告如下。\n{prose}\n\n{title}\n\n"
AFTER = "\n\n二、存在的主要问题\n个别任务前期准备不足，开工晚于计划。下一步将提前谋划，加强调度。\n"


@dataclass
class Count:
    """Rows and cells of some tables; ``misses`` are (seed, column, gold, found)."""

    n_rows: int = 0
    found: int = 0
    spurious: int = 0
    exact: Counter[str] = field(default_factory=Counter)
    misses: list[tuple[int, str, str, str]] = field(default_factory=list)
    styles: Counter[str] = field(default_factory=Counter)  # missed cells by what is special about their form
    n_blocks: Counter[str] = field(default_factory=Counter)  # rows of funding blocks ("funds"), cells of goal blocks ("goals")
    blocks: Counter[str] = field(default_factory=Counter)  # those that are exactly right

    @property
    def cells(self) -> float:
        """Share of cells that are exactly right."""
        return sum(self.exact.values()) / (self.n_rows * len(COLUMNS)) if self.n_rows else 1.0


def measure(forms: Iterable[Form], kind: str) -> Count:
    """Render, read, recognise and compare."""
    count = Count()
    for form in forms:
        add(count, form, document_of(form, kind))
    return count


def document_of(form: Form, kind: str) -> Document:
    """The form as read from a file, or from a text in which its table has lost its ruling."""
    table = lay_out(form)
    if kind in RENDERERS:
        return readers.read_bytes(RENDERERS[kind](table), name=f"generated-{form.seed}{kind}")
    text = BEFORE.format(title=table.title, prose="\n".join(table.prose)) + FLATTENERS[kind](table) + AFTER
    return readers.read_text(text, name=f"generated-{form.seed}.txt")


def add(count: Count, form: Form, document: Document) -> None:
    gold = form.gold()
    tables = recognise(document)
    _add_blocks(count, form, document.text, tables)
    rows = [_told(document.text, row) for table in tables for row in table.indicators]
    count.n_rows += len(gold)
    pairs = list(_aligned(gold, rows))
    count.found += len(pairs)
    count.spurious += len(rows) - len(pairs)
    matched = dict(pairs)
    n_missed = 0
    for number, expected in enumerate(gold):
        row = rows[matched[number]] if number in matched else {}
        for name in COLUMNS:
            if _same(expected[name], row.get(name)):
                count.exact[name] += 1
            else:
                n_missed += 1
                count.misses.append((form.seed, name, expected[name] or "", row.get(name) or ""))
    count.styles.update({style: n_missed for style in form.style if n_missed})


def _add_blocks(count: Count, form: Form, text: str, tables: Iterable[TableRows]) -> None:
    """Names with their amounts, of which narrow forms leave out the first; goals and results under a head that says so."""
    if "funds" in form.style:
        found = {cell_text(text, row.item).split(" ")[-1]: row.amounts for table in tables for row in table.funds}
        for name, *amounts in (fund[:4] for fund in form.funds):
            told = [cell_text(text, (amount.cell,)) for amount in found.get(name, ())]
            count.n_blocks["funds"] += 1
            count.blocks["funds"] += len(told) >= 2 and told == amounts[-len(told) :]
    if "goals" in form.style:
        prose = [(cell_text(text, (one.span,)), one.head or "") for table in tables for one in table.prose]
        for words, names in zip(form.goals, (is_goal, is_result), strict=True):
            count.n_blocks["goals"] += 1
            count.blocks["goals"] += any(said == words and names(head) for said, head in prose)


def _told(text: str, row: IndicatorRow) -> dict[str, str | None]:
    return {name: cell_text(text, row.words(column)) or None for name, column in FIELDS.items()}


def _same(expected: str | None, found: str | None) -> bool:
    return _plain(expected) == _plain(found)


def _plain(words: str | None) -> str:
    """Without blanks, since nobody knows which are line breaks of a narrow column, and in half width, as OCR writes brackets."""
    return "".join(unicodedata.normalize("NFKC", words or "").split())


def _aligned(gold: Sequence[Gold], rows: Sequence[Gold]) -> Iterator[tuple[int, int]]:
    """Rows of the same indicator, in order."""
    names, told = ([_plain(row["indicator"]) for row in side] for side in (gold, rows))
    for block in SequenceMatcher(None, names, told, autojunk=False).get_matching_blocks():
        yield from ((block.a + at, block.b + at) for at in range(block.size))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=40)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--style", choices=STYLES, action="append", default=[], help="what all forms shall be like")
    parser.add_argument("--show", type=int, default=0, help="how many misses to show of each kind")
    options = parser.parse_args()
    forms = [make_form(seed, options.style) for seed in range(options.first, options.first + options.tables)]
    for kind in options.kind or KINDS:
        count = measure(forms, kind)
        by_column = "  ".join(f"{name} {count.exact[name] / count.n_rows:.1%}" for name in COLUMNS)
        print(f"{kind:9} rows {count.found}/{count.n_rows}, {count.spurious} too many, cells {count.cells:.2%}   {by_column}")
        print("          " + ", ".join(f"{name} {count.blocks[name]}/{n}" for name, n in sorted(count.n_blocks.items())))
        if count.misses:
            print("          misses by style:", ", ".join(f"{name} {n}" for name, n in count.styles.most_common(6)))
        for miss in count.misses[: options.show]:
            print("          seed {}: {} should be {!r}, is {!r}".format(*miss))


if __name__ == "__main__":
    main()
