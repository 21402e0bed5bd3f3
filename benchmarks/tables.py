"""How many rows and cells of tables are read right: python benchmarks/tables.py [FOLDER ...] [--wrong].

A folder holds reports NAME.txt beside NAME.table.json, the rows of the table in the report as a list of objects with
level1, level2, indicator, target, achieved, weight, score and reason. Marks of annotated reports are taken away first.
Prints, for each report and in all, gold rows found, rows too many, and cells right by column; --wrong shows the others.
A row of totals in the gold is compared with the total that the table states; a row that says nothing is not counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from extractor.annotations import parse
from extractor.schema import Column
from extractor.tables.flattened import recognise
from extractor.tables.headers import is_total
from extractor.tables.types import TableRows
from extractor.tables.words import cell_text, is_empty
from extractor.types import Document

ROOT = Path(__file__).parent.parent
COLUMNS = tuple("level1 level2 indicator target achieved weight score reason".split())
ASKED = COLUMNS[2:]  # the cells that the bar is set for

TOTAL = "合计"

Row = Mapping[str, str]


@dataclass(slots=True)
class Count:
    """What was found of the gold; adds up over reports."""

    n_rows: int = 0
    found: int = 0
    too_many: int = 0
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __iadd__(self, other: Count) -> Count:
        self.n_rows += other.n_rows
        self.found += other.found
        self.too_many += other.too_many
        self.right += other.right
        return self

    def line(self, name: str) -> str:
        cells = "  ".join(f"{column} {self.right[column]}" for column in COLUMNS)
        share = sum(self.right[column] for column in ASKED) / max(self.n_rows * len(ASKED), 1)
        return f"{name:<12} rows {self.found}/{self.n_rows}  too many {self.too_many}  cells {share:7.2%}  {cells}"


def gold_rows(path: Path) -> list[Row]:
    rows = json.loads(path.read_text(encoding="utf-8"))
    cells = [_gold({column: _plain(row.get(column)) for column in COLUMNS}) for row in rows]
    return [row for row in cells if any(row[column] for column in ASKED)]


def _gold(row: Row) -> Row:
    """A row of totals is named alike, wherever its name stands."""
    if any(is_total(row[column]) for column in COLUMNS[:3]):
        return {**row, "level1": TOTAL, "level2": "", "indicator": ""}
    return row


def our_rows(text: str, tables: Iterable[TableRows]) -> Iterator[Row]:
    for table in tables:
        for row in table.indicators:
            yield {column: _plain(cell_text(text, row.words(Column(column)))) for column in COLUMNS}
        for total in table.totals:
            points = {"weight": total.weight, "score": total.score}
            yield {column: _plain(cell_text(text, points.get(column, ()))) for column in COLUMNS} | {"level1": TOTAL}


def _plain(words: str | None) -> str:
    compact = "".join((words or "").split())
    return "" if is_empty(compact) else compact


def _key(row: Row) -> str:
    return " ".join(row[column] for column in COLUMNS)


def compare(gold: Sequence[Row], ours: Sequence[Row]) -> Count:
    """Pair the rows in order, those that are most alike with each other."""
    count = Count(n_rows=len(gold))
    pairs = _paired([_key(row) for row in gold], [_key(row) for row in ours])
    count.found = len(pairs)
    count.too_many = sum(row["level1"] != TOTAL for at, row in enumerate(ours) if at not in pairs.values())
    for at, row in enumerate(gold):
        own = ours[pairs[at]] if at in pairs else dict.fromkeys(COLUMNS, "?")
        for column in COLUMNS:
            same = row[column] == own[column]
            count.right[column] += same
            if not same:
                count.wrong.append(f"    row {at} {row['indicator']} {column}: {row[column]!r} read as {own[column]!r}")
    return count


def _paired(gold: Sequence[str], ours: Sequence[str]) -> dict[int, int]:
    """Longest common alignment in which paired rows share more than half of their characters."""
    alike = [[SequenceMatcher(None, one, other, autojunk=False).ratio() for other in ours] for one in gold]
    best = [[0.0] * (len(ours) + 1) for _ in range(len(gold) + 1)]
    for row in range(len(gold) - 1, -1, -1):
        for own in range(len(ours) - 1, -1, -1):
            both = best[row + 1][own + 1] + alike[row][own] if alike[row][own] > 0.5 else 0.0
            best[row][own] = max(both, best[row + 1][own], best[row][own + 1])
    pairs: dict[int, int] = {}
    row = own = 0
    while row < len(gold) and own < len(ours):
        if best[row][own] == best[row + 1][own]:
            row += 1
        elif best[row][own] == best[row][own + 1]:
            own += 1
        else:
            pairs[row] = own
            row, own = row + 1, own + 1
    return pairs


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[ROOT / "annotations" / "reports"])
    parser.add_argument("--wrong", action="store_true", help="show the cells that differ from the gold")
    parser.add_argument("--only", nargs="*", help="names of reports")
    asked = parser.parse_args(arguments)
    whole = Count()
    seconds = 0.0
    for path in sorted(path for folder in asked.folders for path in folder.glob("*.table.json")):
        name = path.name.removesuffix(".table.json")
        if asked.only and name not in asked.only:
            continue
        text = parse(path.with_name(f"{name}.txt").read_text(encoding="utf-8"), name).text
        began = time.process_time()
        tables = recognise(Document(name, "", text))
        seconds += time.process_time() - began
        count = compare(gold_rows(path), list(our_rows(text, tables)))
        print(count.line(name))
        if asked.wrong:
            print(*count.wrong, sep="\n")
        whole += count
    print(whole.line("all"), f"{seconds:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
