"""How many planted contradictions the checks find, and how often they cry wolf: on annotated reports, with gold records.

    python -m benchmarks.findings annotations/reports --names v w

The records are those that annotators marked, joined with the rows of the report's tables as they are read. A plant changes
one number of a report: a digit, a digit too many, or its unit. Four principles say where, and none looks at findings:

- **A reader could notice.** The number takes part in something that a rule confirms (it *holds*) and that no longer holds
  after the change. What rounding or 约 leaves open, or another number bears out as well, is no contradiction.
- **The confirmation means something.** A rule often tries many numbers of a paragraph; if it confirms one of five arbitrary
  values in the same place too, agreement there is chance, and a wrong number could not be told from a right one.
- **It is read as it was changed.** Where the reader of tables refuses the changed row, or sees another, its own benchmark
  (``benchmarks.tables``) counts that, not this one.
- **The report is consistent.** Reports of ``--known`` have contradictions of their own and are left out.

At most one change of each kind is planted for every rule and report, at a place drawn by chance. A plant is found when an
error or a warning names its number (or, for a cell of points, its row). Every other new finding, and every error and warning
on the reports as they are, counts as false.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from extractor import quantity
from extractor.annotations import load_all
from extractor.augment import rewrite
from extractor.findings import BUILT_IN, Verdict, check
from extractor.findings.case import Case
from extractor.findings.rule import Rule
from extractor.gold import gold_report
from extractor.quantity import QuantityError
from extractor.types import Example, Finding, Origin, Quantity, Result, Severity, Span

DIGIT = re.compile(r"[0-9]")
UNITS = {"亿元": "万元", "万元": "元", "万亩": "亩", "万人次": "人次", "万平方米": "平方米", "亿美元": "万美元"}
N_OTHERS = 5  # values that are tried to see whether a confirmation means something
MOST_TRIES = 25  # places that are looked at for one plant
OF_TEXT = ("calendar", "owners", "children", "_sentence_starts", "_paragraph_starts", "_mention_starts")
Change = Callable[[str, random.Random], str | None]


@dataclass(frozen=True, slots=True)
class Plant:
    """One changed number: what it breaks, how it was changed, and where it stands in the changed report."""

    rule: str
    change: str
    span: Span
    example: Example


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by rule: planted, found, and findings that no plant explains."""

    planted: Counter[str]
    found: Counter[str]
    false: Counter[str]
    right: Counter[str]


def other_digit(words: str, chance: random.Random) -> str | None:
    """The words with one of their first two digits another one, so that the number is off by 1 % at least."""
    at = [match.start() for match in DIGIT.finditer(words)][:2]
    if len(at) < 2:
        return None
    place = chance.choice(at)
    others = [digit for digit in "123456789" if digit != words[place]]
    return words[:place] + chance.choice(others) + words[place + 1 :]


def another_digit(words: str, chance: random.Random) -> str | None:
    """The words with one digit too many, the first one twice: 98% → 998%."""
    at = DIGIT.search(words)
    return words[: at.start()] + at[0] + words[at.start() :] if at is not None and at[0] != "0" else None


def smaller_unit(words: str, chance: random.Random) -> str | None:
    """The words with a unit a power of ten smaller."""
    unit = next((unit for unit in UNITS if words.endswith(unit)), None)
    return words.removesuffix(unit) + UNITS[unit] if unit else None


CHANGES: dict[str, Change] = {"digit": other_digit, "longer": another_digit, "unit": smaller_unit}


def plants(example: Example, chance: random.Random) -> Iterator[Plant]:
    """At most one change of each kind for every rule that confirms something."""
    case = Case(*gold_report(example))
    for rule in BUILT_IN:
        held = _held(case, rule) if rule.severity is not Severity.NOTICE else 0
        places = list(_places(case)) if held else []
        chance.shuffle(places)
        for change, changed in CHANGES.items():
            for place, words in _broken(case, rule, held, places[:MOST_TRIES], changed, chance):
                edited = rewrite(example, [(place.span.start, place.span.end, words)])
                reread = Case(*gold_report(edited))
                if _held(reread, rule) < held and _is_read(case, reread, place, words):
                    yield Plant(rule.name, change, Span(place.span.start, place.span.start + len(words)), edited)
                    break


def _is_read(case: Case, reread: Case, place: Place, words: str) -> bool:
    """Whether the changed report is read as it was changed."""
    if place.record is not None:
        name = case.records[place.record].name
        return any(one.name == name and getattr(one, place.column) == words for one in reread.records)
    return any(mention.span == Span(place.span.start, place.span.start + len(words)) for mention in reread.result.mentions)


@dataclass(frozen=True, slots=True)
class Place:
    """A number that can be changed: the words of a mention, or a row's weight or score."""

    span: Span
    mention: int | None = None
    record: int | None = None
    column: str = ""


def _places(case: Case) -> Iterator[Place]:
    for mention, found in enumerate(case.result.quantities):
        if found is not None:
            yield Place(case.span(mention), mention=mention)
    for position, record in enumerate(case.records):
        if record.origin is Origin.TABLE and record.mentions:
            for column in ("weight", "score"):
                span = _cell(case, max(case.span(mention).end for mention in record.mentions), getattr(record, column))
                if span is not None:
                    yield Place(span, record=position, column=column)


def _cell(case: Case, start: int, words: str | None) -> Span | None:
    """Where the points of a row stand: the first such words after its values, on their own; None where they do not."""
    found = re.compile(rf"(?<![\d.]){re.escape(words)}(?![\d.%])").search(case.text, start, start + 60) if words else None
    return Span(*found.span()) if found is not None else None


def _broken(
    case: Case, rule: Rule, held: int, places: Sequence[Place], changed: Change, chance: random.Random
) -> Iterator[tuple[Place, str]]:
    """The places where a change takes away a confirmation that is no chance, and the changed words."""
    for place in places:
        words = case.text[place.span.start : place.span.end]
        new = changed(words, chance)
        if new is None or not _breaks(case, rule, held, place, new):
            continue
        others = [other for _ in range(N_OTHERS) if (other := other_digit(words, chance)) is not None]
        if all(_breaks(case, rule, held, place, other) for other in others):
            yield place, new


def _breaks(case: Case, rule: Rule, held: int, place: Place, words: str) -> bool:
    """Whether the rule confirms less with these words in place."""
    result = case.result
    if place.record is not None:
        records = list(result.records)
        row = records[place.record]
        records[place.record] = replace(row, weight=words) if place.column == "weight" else replace(row, score=words)
        return _held(_like(case, replace(result, records=tuple(records))), rule) < held
    if place.mention is None or _shared_kind(case, place.mention, words) is None:
        return False
    quantities = list(result.quantities)
    quantities[place.mention] = _shared_kind(case, place.mention, words)
    return _held(_like(case, replace(result, quantities=tuple(quantities))), rule) < held


def _like(case: Case, result: Result) -> Case:
    """A result of the same text; what follows from the text alone is not worked out again, which would take most of the time."""
    other = Case(result, case.outline)
    vars(other).update({name: getattr(case, name) for name in OF_TEXT})
    return other


def _shared_kind(case: Case, mention: int, words: str) -> Quantity | None:
    """The number of the changed words; a cell without a unit keeps the one that its table gives it."""
    before = case.quantity(mention)
    try:
        read = quantity.parse(words)
    except QuantityError:
        return None
    return read if before is None or read.unit or not before.unit else replace(read, unit=before.unit, kind=before.kind)


def _held(case: Case, rule: Rule) -> int:
    return sum(answer.verdict is Verdict.HOLDS for answer in rule.check(case, rule.tolerance))


def told(example: Example) -> tuple[Case, list[Finding]]:
    """The report and its errors and warnings."""
    result, view = gold_report(example)
    checked = check(result, view, BUILT_IN)
    return Case(result, view), [one for one in checked.findings if one.severity is not Severity.NOTICE]


def _names(case: Case, finding: Finding, span: Span) -> bool:
    """Whether a finding rests on the changed words, or for a cell without a mention on its row."""
    if any(case.span(mention).overlaps(span) for mention in finding.mentions):
        return True
    rows = [case.records[position] for position in finding.records if case.records[position].origin is Origin.TABLE]
    ends = [max(case.span(mention).end for mention in record.mentions) for record in rows if record.mentions]
    return any(0 <= span.start - end < 60 for end in ends)


def measure(example: Example, chance: random.Random, tally: Tally, *, show: bool) -> None:
    """Add what is planted, found and falsely told in one report."""
    case, own = told(example)
    tally.false.update(finding.rule for finding in own)
    for finding in own if show else ():
        print(f"false {example.name}: {finding.rule}: {finding.message}")
    known = {(finding.rule, finding.message) for finding in own}
    for plant in plants(example, chance):
        case, findings = told(plant.example)
        new = [finding for finding in findings if (finding.rule, finding.message) not in known]
        right = [finding for finding in new if _names(case, finding, plant.span)]
        tally.planted[f"{plant.rule} {plant.change}"] += 1
        tally.found[f"{plant.rule} {plant.change}"] += bool(right)
        tally.right.update({finding.rule for finding in right})
        tally.false.update({finding.rule for finding in new if finding not in right})
        if show and (not right or len(right) < len(new)):
            words = plant.example.text[plant.span.start : plant.span.end]
            print(f"{'found' if right else 'missed'} {example.name}: {plant.rule} {plant.change}: {words} at {plant.span.start}")
            print("".join(f"    {finding.rule}: {finding.message}\n" for finding in new if finding not in right), end="")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", type=Path)
    parser.add_argument("--names", nargs="*", default=[""], help="beginnings of report names")
    parser.add_argument("--known", nargs="*", default=[], help="reports with contradictions of their own")
    parser.add_argument("--every", type=int, default=1, help="only every such report")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print every miss and every false finding")
    arguments = parser.parse_args()
    tally = Tally(Counter(), Counter(), Counter(), Counter())
    names = tuple(arguments.names)
    examples = [one for one in load_all(arguments.reports) if one.name.startswith(names) and one.name not in arguments.known]
    for example in examples[:: arguments.every]:
        measure(example, random.Random(f"{arguments.seed} {example.name}"), tally, show=arguments.show)
    print_table(tally, len(examples[:: arguments.every]))


def print_table(tally: Tally, n_reports: int) -> None:
    """Per rule: planted and found by kind of change, and the precision of what it tells; then over all."""
    print(f"| rule | {' | '.join(CHANGES)} | recall | precision |\n| --- |{' ---: |' * (len(CHANGES) + 2)}")
    for rule in BUILT_IN:
        keys = [f"{rule.name} {change}" for change in CHANGES]
        n_planted, n_found = sum(tally.planted[key] for key in keys), sum(tally.found[key] for key in keys)
        cells = [f"{tally.found[key]}/{tally.planted[key]}" if tally.planted[key] else "" for key in keys]
        n_right, n_false = tally.right[rule.name], tally.false[rule.name]
        if n_planted or n_right + n_false:
            print(
                f"| `{rule.name}` | {' | '.join(cells)} | {_share(n_found, n_planted)} | {_share(n_right, n_right + n_false)} |"
            )
    n_planted, n_found = tally.planted.total(), tally.found.total()
    n_right, n_false = tally.right.total(), tally.false.total()
    print(f"| all |{' |' * len(CHANGES)} {_share(n_found, n_planted)} | {_share(n_right, n_right + n_false)} |")
    print(f"{n_found} of {n_planted} plants found; {n_false} false findings in {n_reports} reports and their changed copies")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else ""


if __name__ == "__main__":
    main()
