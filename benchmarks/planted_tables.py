"""How many contradictions in indicator tables the checks find, and how often they cry wolf.

    python -m benchmarks.planted_tables --first 500000 --tables 40

Tables are made by seed, with points, totals, rates and prose that agree (`benchmarks.generated.consistent`), and read from
files and from text that lost its ruling, as any report is. Then one thing is changed at a time: a score, a total, a rate, a
result, or what the prose says of them. The prose around a table is gold; the table is read.

A plant counts where the reader of tables reads what was changed: what it does not is counted apart, and by its own benchmark
(``benchmarks.generated_tables``). It is found when its rule names its row. A new finding that neither comes from its rule nor
names its row is false, and so is every error and warning on the tables as they were. Notices are measured alike.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from benchmarks.generated import Form, Row, lay_out, make_form
from benchmarks.generated.consistent import ALL_MET, BOUND, DECLARED, VALUE, consistent, is_plain, points, total_score
from benchmarks.generated_tables import KINDS, document_of
from extractor.annotations import parse
from extractor.findings import BUILT_IN, check
from extractor.findings.terms import AT_MOST_ALL
from extractor.gold import gold_report
from extractor.types import Example, Finding, Origin, Result, Severity, Span

RULES = {rule.name: rule for rule in BUILT_IN}
WIDE = 8  # columns of a form whose funding block shows points
TOTAL, BUDGET, PAID, RATE, SCORE = 0, 2, 3, 5, 6  # the first row of a funding block, and its columns


@dataclass(frozen=True)
class Plant:
    """A changed form: the rules that may tell it, and the row that was changed (its name; empty where a sum or the prose was)."""

    form: Form
    rules: tuple[str, ...]
    row: str = ""


Planter = Callable[[Form, Random], Plant | None]


# ── What is changed ──────────────────────────────────────────────────────────────────────────────────────────────────


def _chosen(form: Form, random: Random, fits: Callable[[Row], bool]) -> int | None:
    """One of the rows that fit, whose name no other row has."""
    names = Counter(row.indicator for row in form.rows)
    found = [at for at, row in enumerate(form.rows) if names[row.indicator] == 1 and fits(row)]
    return random.choice(found) if found else None


def _with_row(form: Form, at: int, row: Row, *rules: str, follows: bool = False) -> Plant:
    """The form with another row. follows: whether the totals, in the prose too, follow the row's points."""
    rows = (*form.rows[:at], row, *form.rows[at + 1 :])
    changed = replace(form, rows=rows, added=() if follows else form.rows)
    if follows:
        score = points(total_score(changed))
        changed = replace(changed, prose=(_with_total(form, score), *form.prose[1:]))
    return Plant(changed, rules, form.rows[at].indicator)


def _with_total(form: Form, score: str) -> str:
    """The sentence of the total with other points."""
    return form.prose[0].replace(f"{points(total_score(form))}分", f"{score}分")


def _shows_all_points(form: Form) -> bool:
    """Whether the points of what was spent can be seen; a narrow funding block leaves them out."""
    return "funds" not in form.style or lay_out(form).pages[0].n_columns >= WIDE


def _is_full(row: Row) -> bool:
    return row.score == row.weight


def _is_missed(row: Row) -> bool:
    return is_plain(row) and not _is_full(row) and row.reached is not None and row.reached < 1


def _is_untold(form: Form) -> Callable[[Row], bool]:
    """Rows that the prose does not tell."""
    return lambda row: not any(row.indicator in words for words in form.prose)


def other_weight(form: Form, random: Random) -> Plant | None:
    at = _chosen(form, random, lambda row: _is_full(row) and float(row.weight) >= 2)
    if at is None:
        return None
    weight = points(Decimal(form.rows[at].weight) + random.choice((-1, 1, 2, 3, 5)))
    return _with_row(form, at, replace(form.rows[at], weight=weight, score=weight), "weights-add-up", "scores-add-up")


def other_score(form: Form, random: Random) -> Plant | None:
    if not _shows_all_points(form):
        return None
    at = _chosen(form, random, lambda row: _is_full(row) and not is_plain(row) and float(row.weight) >= 2)
    if at is None:
        return None
    score = points(Decimal(form.rows[at].score) - random.choice((Decimal("0.5"), 1, Decimal("1.5"))))
    return _with_row(form, at, replace(form.rows[at], score=score), "scores-add-up")


def other_total(form: Form, random: Random) -> Plant | None:
    """A total in the table, and that of a level where they are told, that is not the sum."""
    if "total" not in form.style or not _shows_all_points(form):
        return None
    at = random.randrange(len(form.rows))
    score = points(max(Decimal(0), Decimal(form.rows[at].score) - random.choice((-2, -1, 1, 2))))
    rows = (*form.rows[:at], replace(form.rows[at], score=score), *form.rows[at + 1 :])
    return Plant(replace(form, added=rows), ("scores-add-up",))


def other_told_total(form: Form, random: Random) -> Plant | None:
    if not _shows_all_points(form):
        return None
    score = total_score(form) - random.choice((Decimal("0.5"), 1, 2, 3))
    return Plant(replace(form, prose=(_with_total(form, points(score)), *form.prose[1:])), ("scores-add-up",))


def over_weight(form: Form, random: Random) -> Plant | None:
    at = _chosen(form, random, _is_full)
    if at is None:
        return None
    score = points(Decimal(form.rows[at].weight) + random.choice((Decimal("0.5"), 1, 2)))
    return _with_row(form, at, replace(form.rows[at], score=score), "score-over-weight", follows=True)


def no_result(form: Form, random: Random) -> Plant | None:
    at = _chosen(form, random, lambda row: is_plain(row) and _is_full(row) and _is_untold(form)(row))
    if at is None:
        return None
    words = random.choice(("", "/", "—", "无", "未开展"))
    return _with_row(form, at, replace(form.rows[at], achieved=words), "full-score-missed", follows=True)


def zero_result(form: Form, random: Random) -> Plant | None:
    at = _chosen(form, random, lambda row: is_plain(row) and _is_full(row) and not _is_ceiling(row) and _is_untold(form)(row))
    if at is None:
        return None
    row = form.rows[at]
    return _with_row(form, at, replace(row, achieved="0" + _unit(row), completion="0%"), "full-score-missed", follows=True)


def missed_in_full(form: Form, random: Random) -> Plant | None:
    at = _chosen(form, random, _is_missed)
    if at is None:
        return None
    return _with_row(form, at, replace(form.rows[at], score=form.rows[at].weight), "full-score-missed", follows=True)


def generous(form: Form, random: Random) -> Plant | None:
    """More points than the declared proportion gives, though not all."""
    at = _chosen(form, random, lambda row: _is_missed(row) and not _is_ceiling(row))
    if at is None or DECLARED not in form.prose:
        return None
    row = form.rows[at]
    score = (Decimal(row.score) + Decimal(row.weight)) / 2
    if score - Decimal(row.score) < Decimal("0.1"):
        return None
    return _with_row(form, at, replace(row, score=points(round(score, 2))), "score-by-proportion", follows=True)


def strict(form: Form, random: Random) -> Plant | None:
    """Fewer points than the declared proportion gives."""
    at = _chosen(form, random, lambda row: _is_missed(row) and not _is_ceiling(row) and float(row.score) >= 2)
    if at is None or DECLARED not in form.prose:
        return None
    score = points(Decimal(form.rows[at].score) - random.choice((Decimal("0.5"), 1)))
    return _with_row(form, at, replace(form.rows[at], score=score), "score-by-proportion", follows=True)


def other_execution_score(form: Form, random: Random) -> Plant | None:
    if "funds" not in form.style or not _shows_all_points(form):
        return None
    score = Decimal(form.funds[TOTAL][SCORE])
    other = (
        min(Decimal(10), score + random.choice((Decimal("0.5"), 1))) if random.random() < 0.5 else score - random.choice((1, 2))
    )
    if other == score:
        return None
    changed = _with_fund(form, TOTAL, {SCORE: points(other)})
    told = _with_total(form, points(total_score(changed)))
    return Plant(replace(changed, prose=(told, *form.prose[1:])), ("execution-score",))


def other_execution_rate(form: Form, random: Random) -> Plant | None:
    if "funds" not in form.style:
        return None
    rate = Decimal(form.funds[TOTAL][RATE].rstrip("%"))
    other = rate - random.choice((Decimal("0.5"), 1, 3))
    score = points(round(other / 10, 1))
    changed = _with_fund(form, TOTAL, {RATE: f"{other}%", SCORE: score})
    told = _with_total(form, points(total_score(changed)))
    return Plant(replace(changed, prose=(told, *form.prose[1:])), ("table-execution",))


def other_paid(form: Form, random: Random) -> Plant | None:
    return _other_fund(form, random, PAID, "table-execution", "sum-of-parts")


def other_budget_of_part(form: Form, random: Random) -> Plant | None:
    """A part's budget that the whole does not add up to; its rate agrees with it."""
    return _other_fund(form, random, BUDGET, "sum-of-parts")


def _other_fund(form: Form, random: Random, column: int, *rules: str) -> Plant | None:
    parts = [at for at, fund in enumerate(form.funds) if at != TOTAL and float(fund[BUDGET])]
    if "funds" not in form.style or not parts:
        return None
    at = random.choice(parts)
    amount = points(Decimal(form.funds[at][column]) + random.choice((10, 20, 50)))
    cells = {column: amount}
    if column == BUDGET:
        cells |= {1: amount, RATE: f"{float(form.funds[at][PAID]) / float(amount):.1%}"}
    return Plant(_with_fund(form, at, cells), rules)


def _with_fund(form: Form, at: int, cells: dict[int, str]) -> Form:
    fund = tuple(cells.get(column, words) for column, words in enumerate(form.funds[at]))
    return replace(form, funds=(*form.funds[:at], fund, *form.funds[at + 1 :]))


def moved_target(form: Form, random: Random) -> Plant | None:
    """A target set to its result, full points, and the target as it was in the prose."""
    at = _chosen(form, random, lambda row: _is_missed(row) and not _is_untold(form)(row))
    if at is None:
        return None
    row = form.rows[at]
    moved = replace(row, target=row.achieved, score=row.weight, reason="无", completion="100%")
    return _with_row(form, at, moved, "table-against-prose", follows=True)


def other_told_result(form: Form, random: Random) -> Plant | None:
    """Another result in the prose than in the table."""
    at = _chosen(form, random, lambda row: is_plain(row) and not _is_untold(form)(row))
    if at is None:
        return None
    row = form.rows[at]
    digit = random.choice([digit for digit in "123456789" if digit != row.achieved[0]])
    prose = tuple(
        words.replace(f"|{row.achieved}}}", f"|{digit}{row.achieved[1:]}}}") if row.indicator in words else words
        for words in form.prose
    )
    return Plant(replace(form, prose=prose), ("table-against-prose",), row.indicator)


def over_all(form: Form, random: Random) -> Plant | None:
    at = _chosen(
        form, random, lambda row: is_plain(row) and _is_full(row) and row.indicator.endswith(AT_MOST_ALL) and _unit(row) == "%"
    )
    if at is None or not _is_untold(form)(form.rows[at]):
        return None
    row = replace(form.rows[at], achieved=random.choice(("101%", "105.5%", "109%")), completion="")
    return _with_row(form, at, row, "percent-over-100", follows=True)


def other_power(form: Form, random: Random) -> Plant | None:
    """A result without the 万 or 亿 of its target, or with one too many."""
    at = _chosen(form, random, lambda row: is_plain(row) and _unit(row)[:1] in "万亿" and _is_untold(form)(row))
    if at is None:
        return None
    row = form.rows[at]
    small = row.achieved.replace("万", "").replace("亿元", "元")
    return _with_row(form, at, replace(row, achieved=small, completion=""), "unit-power")


def other_completion(form: Form, random: Random) -> Plant | None:
    at = _chosen(form, random, lambda row: is_plain(row) and row.completion != "")
    if at is None or "completion column" not in form.style:
        return None
    row = form.rows[at]
    rate = Decimal(row.completion.rstrip("%")) + random.choice((-20, -5, 5, 20))
    return _with_row(form, at, replace(row, completion=f"{rate}%"), "completion-rate")


def other_level_weight(form: Form, random: Random) -> Plant | None:
    """Points of a first level, in its name or beside it, that its rows do not add up to."""
    at = random.randrange(len(form.rows))
    level1 = form.rows[at].level1
    if level1.endswith("分）"):
        name, stated = level1.removesuffix("分）").split("（")
        other = f"{name}（{Decimal(stated) + random.choice((-10, -5, 5, 10))}分）"
        rows = tuple(replace(row, level1=other) if row.level1 == level1 else row for row in form.rows)
        return Plant(replace(form, rows=rows, added=()), ("weights-add-up",))
    if "level weight column" not in form.style or form.style & {"total", "subtotals"}:
        return None
    weight = points(Decimal(form.rows[at].weight) + random.choice((-2, 2, 5)))
    rows = (*form.rows[:at], replace(form.rows[at], weight=weight), *form.rows[at + 1 :])
    return Plant(replace(form, added=rows), ("weights-add-up",))


def claimed_all(form: Form, random: Random) -> Plant | None:
    is_missed = any(_is_missed(row) for row in form.rows)
    return Plant(replace(form, prose=(*form.prose, ALL_MET)), ("all-met",)) if is_missed else None


def no_target(form: Form, random: Random) -> Plant | None:
    at = _chosen(form, random, lambda row: is_plain(row) and _is_untold(form)(row) and _is_full(row))
    return None if at is None else _with_row(form, at, replace(form.rows[at], target=""), "result-without-target")


def no_points_no_result(form: Form, random: Random) -> Plant | None:
    at = _chosen(form, random, lambda row: is_plain(row) and _is_untold(form)(row))
    if at is None:
        return None
    row = replace(form.rows[at], achieved="", score="0", completion="", reason=None)
    return _with_row(form, at, row, "target-without-result", follows=True)


def no_reason(form: Form, random: Random) -> Plant | None:
    at = _chosen(form, random, lambda row: _is_missed(row) and not (_is_ceiling(row) and row.target[:1].isdigit()))
    if at is None or "no reasons" in form.style:
        return None
    return _with_row(form, at, replace(form.rows[at], reason=random.choice((None, "无", "/"))), "missed-without-reason")


def far_over(form: Form, random: Random) -> Plant | None:
    at = _chosen(
        form,
        random,
        lambda row: is_plain(row) and _is_full(row) and not _is_ceiling(row) and _unit(row) != "%" and _is_untold(form)(row),
    )
    if at is None:
        return None
    row = form.rows[at]
    number, unit = VALUE.fullmatch(row.achieved).groups()  # type: ignore[union-attr]
    far = f"{float(number.replace(',', '')) * random.choice((3, 4, 5)):g}{unit}"
    return _with_row(form, at, replace(row, achieved=far, completion=""), "far-over-target") if "e" not in far else None


def _is_ceiling(row: Row) -> bool:
    return row.target.startswith(("≤", "不超过")) or row.relation == "≤"


def _unit(row: Row) -> str:
    return VALUE.fullmatch(BOUND.sub("", row.target))[2]  # type: ignore[index]


PLANTERS: tuple[Planter, ...] = (
    other_weight,
    other_level_weight,
    other_score,
    other_total,
    other_told_total,
    over_weight,
    no_result,
    zero_result,
    missed_in_full,
    generous,
    strict,
    other_execution_score,
    other_execution_rate,
    other_paid,
    other_budget_of_part,
    moved_target,
    other_told_result,
    over_all,
    other_power,
    other_completion,
    claimed_all,
    no_target,
    no_points_no_result,
    no_reason,
    far_over,
)


# ── What is told ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Tally:
    """Counts: planted, found and unread by what was changed; right and false findings by rule."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    n_tables: int = 0
    n_unchanged: int = 0  # errors and warnings on tables as they were


def told(form: Form, kind: str) -> Result:
    """The form as it is read from such a file, with gold prose, after all rules."""
    document = document_of(form, kind)
    marked = parse("\n".join(form.prose))
    start = document.text.index(marked.text)
    mentions = tuple(replace(one, span=Span(one.span.start + start, one.span.end + start)) for one in marked.mentions)
    result, view = gold_report(Example(document.source, document.text, mentions), document)
    return check(result, view, BUILT_IN)


def measure(form: Form, kind: str, tally: Tally, *, show: bool) -> None:
    """Add what is told of one table, and of its changed copies."""
    before = told(form, kind)
    own = [finding for finding in before.findings if finding.severity is not Severity.NOTICE]
    tally.n_tables += 1
    tally.n_unchanged += len(own)
    tally.false.update(finding.rule for finding in own)
    if show and own:
        print(f"unchanged {form.seed} {kind}:", *(f"{one.rule}: {one.message}" for one in own), sep="\n    ")
    known = {(finding.rule, finding.message) for finding in before.findings}
    for planter in PLANTERS:
        plant = planter(form, Random(f"{form.seed} {planter.__name__}"))
        if plant is not None:
            _count(planter.__name__, plant, told(plant.form, kind), known, tally, show=f"{form.seed} {kind}" if show else "")


def _count(name: str, plant: Plant, result: Result, known: set[tuple[str, str]], tally: Tally, *, show: str) -> None:
    if not _is_read(plant, result):
        tally.unread[name] += 1
        return
    new = [finding for finding in result.findings if (finding.rule, finding.message) not in known]
    right = [finding for finding in new if finding.rule in plant.rules or _names(result, finding, plant.row)]
    false = [finding for finding in new if finding not in right and finding.severity is not Severity.NOTICE]
    is_found = any(finding.rule in plant.rules for finding in right)
    tally.planted[name] += 1
    tally.found[name] += is_found
    tally.right.update({finding.rule for finding in right})
    tally.false.update({finding.rule for finding in false})
    if show and (not is_found or false):
        print(f"{'found' if is_found else 'missed'} {show} {name}: {plant.row}")
        print("".join(f"    {finding.rule}: {finding.message}\n" for finding in false), end="")


def _is_read(plant: Plant, result: Result) -> bool:
    """Whether the changed row is read with its values and points; without one, whether all points are."""
    read = {record.name: record for record in result.records if record.origin is Origin.TABLE}
    looked_at = [row for row in plant.form.rows if plant.row in ("", row.indicator)]
    found = [(row, read[row.indicator]) for row in looked_at if row.indicator in read]
    return len(found) == len(looked_at) and all((row.weight, row.score) == (one.weight, one.score) for row, one in found)


def _names(result: Result, finding: Finding, row: str) -> bool:
    return bool(row) and any(row in (result.records[position].name or "") for position in finding.records)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--kind", choices=KINDS, action="append", help="default: .docx, .html, tabs and lines in turn")
    parser.add_argument("--show", action="store_true", help="print every miss and every false finding")
    options = parser.parse_args()
    kinds = options.kind or (".docx", ".html", "tabs", "lines")
    tally = Tally()
    for number in range(options.tables):
        form = consistent(make_form(options.first + number))
        measure(form, kinds[number % len(kinds)], tally, show=options.show)
    print_tables(tally)


def print_tables(tally: Tally) -> None:
    print("| changed | found of planted | recall | not read |\n| --- | ---: | ---: | ---: |")
    for planter in PLANTERS:
        name = planter.__name__
        recall = f"{tally.found[name] / tally.planted[name]:.3f}" if tally.planted[name] else ""
        print(f"| {name} | {tally.found[name]}/{tally.planted[name]} | {recall} | {tally.unread[name]} |")
    print("| rule | right | false |")
    for rule in BUILT_IN:
        if tally.right[rule.name] or tally.false[rule.name]:
            print(f"| {rule.name} | {tally.right[rule.name]} | {tally.false[rule.name]} |")
    n_right, n_false = tally.right.total(), tally.false.total()
    print(
        f"recall {tally.found.total()}/{tally.planted.total()}, precision {n_right}/{n_right + n_false}; "
        f"{tally.n_unchanged} errors and warnings in {tally.n_tables} tables as they were"
    )


if __name__ == "__main__":
    main()
