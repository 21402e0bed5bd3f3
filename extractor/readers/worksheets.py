"""Sheets of a workbook, old or new, as parts of a text: one table a sheet, and what to tell about it.

Rows and columns count from 0 here; messages name them as a spreadsheet does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, product

from extractor.readers.parts import MAX_CHARACTERS, DraftCell, Part, one_line, printable, table_part
from extractor.types import BlockKind, Problem

MAX_CELLS = 300_000  # with words, of one workbook: about 3000 printed pages
MAX_FIELDS = 3_000_000  # looked at, of one workbook
MAX_MERGED = 20_000  # merged cells of one sheet
MAX_COVERED = 2_000_000  # fields that merged cells of one sheet may cover
MAX_NAMED = 5  # places that one message names

Place = tuple[int, int]  # row, column


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged cell; ``bottom`` and ``right`` are excluded."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Budget:
    """What is left to read of one workbook."""

    cells: int = MAX_CELLS
    fields: int = MAX_FIELDS
    characters: int = MAX_CHARACTERS - 100_000  # the rest is for tabs, line ends and names of sheets

    def has(self, words: Collection[str], n_fields: int) -> bool:
        """Take a row of so many fields and these words; False where it is too much, and nothing more is to be read."""
        self.cells -= len(words)
        self.fields -= n_fields
        self.characters -= sum(map(len, words)) + n_fields
        return min(self.cells, self.fields, self.characters) >= 0


@dataclass(slots=True)
class Sheet:
    """What a sheet shows; cells without words are absent."""

    title: str
    cells: dict[Place, str] = field(default_factory=dict)
    merged: Sequence[Merged] = ()
    is_hidden: bool = False
    hidden_rows: Collection[int] = ()
    hidden_columns: Collection[int] = ()
    uncalculated: Sequence[Place] = ()  # formulas without a saved value
    errors: Sequence[Place] = ()  # such as #DIV/0!
    unread_from: int | None = None  # first row that was too much

    def put(self, row: int, column: int, words: str) -> None:
        words = one_line(printable(words))
        if words:
            self.cells[row, column] = words


def parts(sheets: Iterable[Sheet]) -> Iterator[Part]:
    """A table for every sheet that shows something, under its name where there are several."""
    filled = [sheet for sheet in sheets if sheet.cells]
    for sheet in filled:
        if len(filled) > 1:
            yield Part(BlockKind.HEADING, one_line(printable(sheet.title)), 1)
        yield table_part(_drafts(sheet))


def problems(sheets: Iterable[Sheet]) -> Iterator[Problem]:
    for sheet in sheets:
        for message in _messages(sheet):
            yield Problem(f"sheet {sheet.title}", message)


def _messages(sheet: Sheet) -> Iterator[str]:
    if sheet.unread_from is not None:
        yield (
            f"第 {sheet.unread_from + 1} 行起未读取：每个工作簿最多读取 {MAX_CELLS:,} 个有内容的单元格、"
            f"{MAX_CHARACTERS:,} 个字符；请删去与自评无关的数据或拆分文件"
        )
    if sheet.is_hidden and sheet.cells:
        yield "工作表是隐藏的，已读取；请核对是否应计入"
    rows = sorted({row for row, _ in sheet.cells} & {*sheet.hidden_rows})
    if rows:
        yield f"隐藏的第 {_runs(rows)} 行已读取；请核对是否应计入"
    columns = sorted({column for _, column in sheet.cells} & {*sheet.hidden_columns})
    if columns:
        names = "、".join(map(_letters, columns[:MAX_NAMED])) + " 等" * (len(columns) > MAX_NAMED)
        yield f"隐藏的第 {names} 列已读取；请核对是否应计入"
    if sheet.uncalculated:
        yield f"公式没有保存计算结果，未读取：{_named(sheet.uncalculated)}；请在表格软件中打开、重新计算并保存"
    if sheet.errors:
        yield f"单元格显示为错误值，已原样保留：{_named(sheet.errors)}；请核对公式"
    lost = _lost(sheet)
    if lost:
        yield f"被合并单元格遮住的内容未读取：{_named(lost)}；请取消合并后核对"
    if len(sheet.merged) > MAX_MERGED:
        yield f"合并单元格超过 {MAX_MERGED:,} 个，其余按未合并读取；请核对表格"


# ── Cells ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _drafts(sheet: Sheet) -> Iterator[DraftCell]:
    """The cells with words, and the empty ones between them: all in rows and columns that hold words or begin a merged cell."""
    owners, covered = _covers(sheet)
    rows = sorted({row for row, _ in sheet.cells})
    columns = sorted({column for _, column in sheet.cells} | {merged.left for merged in owners.values()})
    if len(rows) * len(columns) > MAX_FIELDS:  # far apart: empty cells say nothing about such a sheet
        places: Iterable[Place] = sheet.cells
    else:
        places = product(rows, columns)
    for place in places:
        if place not in covered:
            merged = owners.get(place)
            height, width = (merged.bottom - merged.top, merged.right - merged.left) if merged else (1, 1)
            yield DraftCell(*place, sheet.cells.get(place, ""), height, width)


def _covers(sheet: Sheet) -> tuple[Mapping[Place, Merged], Mapping[Place, Place]]:
    """Merged cells by the place where they begin, and for every place below them that place.

    Of merged cells that overlap the first one counts. They reach only as far as the sheet shows something.
    """
    bottom = max(row for row, _ in sheet.cells) + 1
    right = max(column for _, column in sheet.cells) + 1
    owners: dict[Place, Merged] = {}
    covered: dict[Place, Place] = {}
    left = MAX_COVERED
    for merged in sheet.merged[:MAX_MERGED]:
        corner = (merged.top, merged.left)
        cut = Merged(*corner, min(merged.bottom, max(bottom, merged.top + 1)), min(merged.right, max(right, merged.left + 1)))
        left -= (cut.bottom - cut.top) * (cut.right - cut.left)
        if left < 0:
            break
        places = list(product(range(cut.top, cut.bottom), range(cut.left, cut.right)))
        if not any(place in covered or place in owners for place in places):
            owners[corner] = cut
            covered.update((place, corner) for place in places if place != corner)
    return owners, covered


def _lost(sheet: Sheet) -> list[Place]:
    """Places below a merged cell whose words are others than those that it shows."""
    if not sheet.merged or not sheet.cells:
        return []
    _, covered = _covers(sheet)
    return [place for place, words in sheet.cells.items() if place in covered and sheet.cells.get(covered[place]) != words]


# ── Names of places ──────────────────────────────────────────────────────────────────────────────────────────────────


def _named(places: Sequence[Place]) -> str:
    names = "、".join(f"{_letters(column)}{row + 1}" for row, column in places[:MAX_NAMED])
    return f"{names} 等 {len(places):,} 个单元格" if len(places) > MAX_NAMED else names


def _letters(column: int) -> str:
    """0 is A, 26 is AA."""
    letters = ""
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return letters


def _runs(numbers: Sequence[int]) -> str:
    """``[2, 3, 4, 8]`` as rows of a spreadsheet: 3-5、9."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    names = [f"{run[0] + 1}" if len(run) == 1 else f"{run[0] + 1}-{run[-1] + 1}" for run in runs]
    return "、".join(names[:MAX_NAMED]) + " 等" * (len(names) > MAX_NAMED)
