"""How a generated form is laid out: cells on the grid of one or more pages, some merged, heads of one or two rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from random import Random

from benchmarks.generated.forms import Form, Row
from benchmarks.generated.vocabulary import GROUP_HEADS, HEADS, NOTES
from extractor.annotations import parse


@dataclass(frozen=True)
class Cell:
    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True)
class Page:
    """What stands on one page; rows count from 0 on each."""

    n_rows: int
    n_columns: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    form: Form
    title: str
    prose: tuple[str, ...]
    pages: tuple[Page, ...]

    def joined(self) -> Page:
        """All pages as one, a repeated head in the middle."""
        cells: list[Cell] = []
        n_rows = 0
        for page in self.pages:
            cells += (Cell(cell.row + n_rows, cell.column, cell.text, cell.row_span, cell.column_span) for cell in page.cells)
            n_rows += page.n_rows
        return Page(n_rows, self.pages[0].n_columns, tuple(cells))


Run = tuple[str, int]  # words and how many columns they take


class _Writer:
    """Writes a page from top to bottom."""

    def __init__(self, n_columns: int) -> None:
        self.n_columns = n_columns
        self.n_rows = 0
        self.cells: list[Cell] = []

    def row(self, *runs: Run, begin: int = 0) -> None:
        """One row from the column ``begin`` on; the last run goes on to the end."""
        column = begin
        for at, (words, width) in enumerate(runs):
            width = self.n_columns - column if at == len(runs) - 1 else width
            self.cells.append(Cell(self.n_rows, column, words, 1, width))
            column += width
        self.n_rows += 1

    def beside(self, words: str, column: int, height: int, width: int = 1) -> None:
        """A cell beside the rows that follow."""
        self.cells.append(Cell(self.n_rows, column, words, height, width))

    def page(self) -> Page:
        return Page(self.n_rows, self.n_columns, tuple(sorted(self.cells, key=lambda cell: (cell.row, cell.column))))


def lay_out(form: Form) -> Table:
    """The form as its style has it, always the same."""
    random = Random(form.seed + 1_000_000)
    columns = _columns(form)
    heads = {name: random.choice(HEADS[name]).format(year=form.year).replace("|", "\n") for name in columns if name in HEADS}
    heads["level1 weight"] = "权重"
    group = random.choice(GROUP_HEADS).replace("|", "\n")
    side = int("side head" in form.style)
    writer = _Writer(len(columns) + side)
    _blocks(form, writer, random)
    pages: list[Page] = []
    for at, rows in enumerate(_broken(form, random)):
        if at:
            pages.append(writer.page())
            writer = _Writer(len(columns) + side)
        headed = "no head" not in form.style and (at == 0 or "break without head" not in form.style)
        rest = _rest(form, rows, columns) if at else []
        height = len(rows) + len(_level_ends(rows, form)) + bool(rest) + (headed and _head_rows(form))
        if side:
            writer.beside(group if at == 0 or random.random() < 0.5 else "", 0, height)
        if headed:
            _head(writer, columns, heads, form, side)
        if rest:
            writer.row(*rest, begin=side)
        _body(writer, columns, rows, form, side, continued=at > 0 and random.random() < 0.5)
    _ends(writer, columns, form, side, random)
    prose = tuple(parse(words).text for words in form.prose)
    return Table(form, f"{form.year}年度项目支出绩效自评表", prose, (*pages, writer.page()))


def _columns(form: Form) -> list[str]:
    style = form.style
    levels = ["level1"] if "two levels" in style else ["level1", "level2"]
    if "level weight column" in style:
        levels.insert(1, "level1 weight")
    wanted = [
        ("number", "number column" in style),
        *((level, True) for level in levels),
        ("indicator", True),
        ("past", "past column" in style),
        ("relation", "relation column" in style),
        ("target", True),
        ("unit", "unit column" in style),
        ("achieved", True),
        ("completion", "completion column" in style),
        ("weight", True),
        ("score", True),
        ("reason", "no reasons" not in style),
        ("remark", "remark column" in style),
    ]
    return [name for name, is_there in wanted if is_there]


def _broken(form: Form, random: Random) -> list[tuple[Row, ...]]:
    """The rows of each page."""
    if "page break" not in form.style or len(form.rows) < 4:
        return [form.rows]
    cut = random.randrange(2, len(form.rows) - 1)
    return [form.rows[:cut], form.rows[cut:]]


# ── Above the indicators ─────────────────────────────────────────────────────────────────────────────────────────────


def _blocks(form: Form, writer: _Writer, random: Random) -> None:
    if "title row" in form.style:
        writer.row((f"项目支出绩效自评表（{form.year}年度）", 1))
    if "facts" in form.style:
        writer.row(("项目名称", 2), (form.project, 1))
        half = (writer.n_columns - 3) // 2
        writer.row(("主管部门", 2), (form.department, half), ("实施单位", 1), (form.body, 1))
    if "funds" in form.style:
        _fund_block(form, writer)
    if "goals" in form.style:
        half = (writer.n_columns - 1) // 2
        writer.beside(random.choice(("年度总体目标", "年度\n总体\n目标")), 0, 2)
        writer.row((random.choice(("预期目标", "年初设定目标")), half), ("实际完成情况", 1), begin=1)
        writer.row((form.goals[0], half), (form.goals[1], 1), begin=1)


def _fund_block(form: Form, writer: _Writer) -> None:
    heads = ["", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"]
    kept = range(7) if writer.n_columns >= 8 else (0, 2, 3, 5)
    writer.beside("项目资金\n（万元）", 0, len(form.funds) + 1)
    room = max(writer.n_columns - 1 - len(kept), 0)
    widths = [1 + room, *[1] * (len(kept) - 1)]
    for words in (heads, *form.funds):
        writer.row(*((words[at], width) for at, width in zip(kept, widths, strict=True)), begin=1)


# ── Indicators ───────────────────────────────────────────────────────────────────────────────────────────────────────

LEVEL_COLUMNS = ("level1", "level2", "indicator")
STACKS = {"values": ("target", "achieved"), "points": ("weight", "score")}
STACK_HEADS = {"values": "指标完成情况", "points": "评分情况"}


def _head_rows(form: Form) -> int:
    return 2 if form.style & {"group head", "stacked heads"} else 1


def _head(writer: _Writer, columns: Sequence[str], heads: dict[str, str], form: Form, side: int) -> None:
    """One row, or two where a head stands above several columns."""
    if _head_rows(form) == 1:
        writer.row(*((heads[name], 1) for name in columns), begin=side)
        return
    stacks = [("绩效指标", [name for name in columns if name in LEVEL_COLUMNS])] if "group head" in form.style else []
    if "stacked heads" in form.style:
        stacks += ((STACK_HEADS[stack], list(names)) for stack, names in STACKS.items() if stack == "points")
    above = {name: words for words, names in stacks for name in names}
    top, column = writer.n_rows, side
    for words, names in groupby(columns, lambda name: above.get(name, "")):
        for run in [list(names)] if words else [[name] for name in names]:
            if words:
                writer.cells.append(Cell(top, column, words, 1, len(run)))
                writer.cells += (Cell(top + 1, column + at, heads[name]) for at, name in enumerate(run))
            else:
                writer.cells.append(Cell(top, column, heads[run[0]], 2, 1))
            column += len(run)
    writer.n_rows += 2


def _body(writer: _Writer, columns: Sequence[str], rows: Sequence[Row], form: Form, side: int, *, continued: bool) -> None:
    """continued: the first merged levels go on from the page before and are blank here."""
    ends = _level_ends(rows, form)
    lines = [writer.n_rows + at + sum(end < at for end in ends) for at in range(len(rows))]
    torn = len(rows) - 1 if _is_torn(form) and rows[-1] is not form.rows[-1] else None
    firsts = {"level1": _runs([(row.level1,) for row in rows]), "level2": _runs([(row.level1, row.level2) for row in rows])}
    firsts["level1 weight"] = firsts["level1"]
    number = form.rows.index(rows[0])
    for column, name in enumerate(columns, start=side):
        for at, row in enumerate(rows):
            words = _halves(name, row)[0] if at == torn and name in TORN else _words(name, row, form)
            height = firsts[name].get(at, 0) if name in firsts else 1
            if name in firsts and "levels repeated" in form.style and name != "level1 weight":
                height = 1
            elif name in firsts and "levels blank" in form.style:
                words, height = (words if height else ""), 1
            if at == 0 and continued and name in firsts and _continues(name, row, form.rows[number - 1]):
                words = ""
            if height:
                writer.cells.append(Cell(lines[at], column, words, height))
    for end in ends:
        writer.cells += _subtotal(lines[end] + 1, rows[end].level1, columns, form, side)
    writer.n_rows += len(rows) + len(ends)


def _level_ends(rows: Sequence[Row], form: Form) -> list[int]:
    """The rows below which the points of their first level are added up."""
    if "subtotals" not in form.style:
        return []
    last = {row.level1: row for row in form.rows}
    return [at for at, row in enumerate(rows) if row is last[row.level1]]


def _subtotal(line: int, level1: str, columns: Sequence[str], form: Form, side: int) -> list[Cell]:
    at = columns.index("weight") + side
    of_level = [row for row in form.added or form.rows if row.level1 == level1]
    points = (sum(float(row.weight) for row in of_level), sum(float(row.score) for row in of_level))
    sums = [Cell(line, at + number, f"{value:g}") for number, value in enumerate(points)]
    after = [Cell(line, column, "") for column in range(at + 2, len(columns) + side)]
    return [Cell(line, side, "小计", 1, at - side), *sums, *after]


TORN = ("indicator", "reason")  # columns whose words are long enough to be torn by the end of a page
SHORTEST_TORN = 8


def _is_torn(form: Form) -> bool:
    """A page of text shows only by the head that it repeats, so that none is torn without."""
    return {"torn row", "page break"} <= form.style and not {"break without head", "no head"} & form.style


def _halves(name: str, row: Row) -> tuple[str, str]:
    """What a page ends with and the next one begins with."""
    words = getattr(row, name) or ""
    cut = len(words) // 2 + 1 if len(words) >= SHORTEST_TORN else len(words)
    return words[:cut], words[cut:]


def _rest(form: Form, rows: Sequence[Row], columns: Sequence[str]) -> list[Run]:
    """The row of a page that holds nothing but the rest of a torn one; empty where none is torn."""
    row = form.rows[form.rows.index(rows[0]) - 1]
    words = [_halves(name, row)[1] if name in TORN and _is_torn(form) else "" for name in columns]
    return [(word, 1) for word in words] if any(words) else []


def _continues(name: str, row: Row, before: Row) -> bool:
    return row.level1 == before.level1 and (name != "level2" or row.level2 == before.level2)


def _runs(keys: Sequence[tuple[str, ...]]) -> dict[int, int]:
    """Where each run of equal keys begins → how long it is."""
    runs: dict[int, int] = {}
    at = 0
    for _, run in groupby(keys):
        length = len(list(run))
        runs[at] = length
        at += length
    return runs


def _words(name: str, row: Row, form: Form) -> str:
    if name == "number":
        return str(form.rows.index(row) + 1)
    if name == "completion":
        return row.completion or ("100%" if row.score == row.weight else "90%")
    if name == "remark":
        return ""
    if name == "past":
        return row.achieved
    if name == "level1 weight":
        return f"{sum(float(other.weight) for other in form.added or form.rows if other.level1 == row.level1):g}"
    return getattr(row, name) or ""


# ── Below the indicators ─────────────────────────────────────────────────────────────────────────────────────────────


def _ends(writer: _Writer, columns: Sequence[str], form: Form, side: int, random: Random) -> None:
    if "blank rows" in form.style:  # what a form had room for
        for words in random.choice((("",), ("……",), ("", ""))):
            writer.row(*[(words if name == "indicator" else "", 1) for name in ["", *columns][1 - side :]])
    if "total" in form.style:
        at = columns.index("weight") + side
        fund = 10 if "funds" in form.style else 0
        score = sum(float(row.score) for row in form.added or form.rows) + float(form.funds[0][-1] if fund else 0)
        rest = [("", 1)] * (len(columns) + side - at - 2)
        writer.row((random.choice(("总分", "合计", "总  分")), at), ("100", 1), (f"{score:g}", 1), *rest)
    if "note" in form.style:
        writer.row((random.choice(NOTES), 1))
    if "signature" in form.style:
        writer.row(("填表人：顾明远    联系电话：0000-7654321    填表日期：2024年3月8日", 1))
