"""How many planted contradictions the checks find, and how often they cry wolf: on annotated reports, with gold records.

    python benchmarks/findings.py annotations/reports --names r1 r2

A plant changes the digits or the unit of one number that other numbers of the report confirm. It is found when a finding
names that number. Findings on the reports as they are count as false alarms unless the report is in ``--known``, a file of
names of reports with contradictions of their own.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from extractor.annotations import load_all
from extractor.augment import rewrite
from extractor.findings import BUILT_IN, Verdict, check
from extractor.findings.case import Case
from extractor.findings.rule import Answer, Rule
from extractor.gold import gold_result
from extractor.types import Example, Severity

DIGIT = re.compile(r"[0-9]")
UNITS = {"亿元": "万元", "万元": "元", "万亩": "亩", "万人次": "人次", "万平方米": "平方米", "亿美元": "万美元"}
RATES = ("completion-rate", "difference-to-target", "execution-rate", "growth", "share-of-whole", "rate-of-counts")


@dataclass(frozen=True, slots=True)
class Plant:
    """One changed number: which kind of change, and the mention that bears it."""

    kind: str
    mention: int
    example: Example


def confirmed(case: Case, rule: Rule) -> Iterator[int]:
    """The numbers that a rule confirms: those without which it has no more to say that it holds."""
    held = sum(answer.verdict is Verdict.HOLDS for answer in rule.check(case, rule.tolerance))
    if held:
        for mention, quantity in enumerate(case.result.quantities):
            if quantity is not None and _matters(case, rule, mention, held):
                yield mention


def _matters(case: Case, rule: Rule, mention: int, held: int) -> bool:
    quantities = list(case.result.quantities)
    quantities[mention] = None
    without = Case(replace(case.result, quantities=tuple(quantities)), case.outline)
    return sum(_holds(answer) for answer in rule.check(without, rule.tolerance)) < held


def _holds(answer: Answer) -> bool:
    return answer.verdict is Verdict.HOLDS


def changed_digit(words: str, chance: random.Random) -> str | None:
    """The words with one of their first two digits another one, so that the number is off by 1 % at least."""
    at = [match.start() for match in DIGIT.finditer(words)][:2]
    if len(at) < 2:
        return None
    place = chance.choice(at)
    others = [digit for digit in "123456789" if digit != words[place]]
    return words[:place] + chance.choice(others) + words[place + 1 :]


def changed_unit(words: str) -> str | None:
    """The words with a unit a power of ten smaller."""
    unit = next((unit for unit in UNITS if words.endswith(unit)), None)
    return words.removesuffix(unit) + UNITS[unit] if unit else None


def plants(example: Example, rules: Sequence[Rule], chance: random.Random) -> Iterator[Plant]:
    """At most one change of digits and one of a unit for every rule that holds somewhere."""
    result, view = gold_result(example)
    case = Case(result, view)
    for rule in rules:
        mentions = list(confirmed(case, rule))
        chance.shuffle(mentions)
        changes = {"digit": lambda words: changed_digit(words, chance), "unit": changed_unit}
        for kind, change in changes.items():
            made = ((one, change(case.words(one))) for one in mentions)
            found = next(((one, words) for one, words in made if words is not None), None)
            if found is not None:
                span = case.span(found[0])
                yield Plant(f"{rule.name} {kind}", found[0], rewrite(example, [(span.start, span.end, found[1])]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", type=Path)
    parser.add_argument("--names", nargs="*", default=[""], help="beginnings of report names")
    parser.add_argument("--known", nargs="*", default=[], help="reports with contradictions of their own")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    rules = [rule for rule in BUILT_IN if rule.name in (*RATES, "sum-of-parts", "stated-twice", "unit-power")]
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    n_reports = 0
    for example in load_all(arguments.reports):
        if not example.name.startswith(tuple(arguments.names)) or example.name in arguments.known:
            continue
        n_reports += 1
        own = check(*gold_result(example), BUILT_IN).findings
        alarms.update(finding.rule for finding in own if finding.severity is not Severity.NOTICE)
        known = {(finding.rule, finding.mentions) for finding in own}
        for plant in plants(example, rules, chance):
            new = [one for one in check(*gold_result(plant.example), BUILT_IN).findings if (one.rule, one.mentions) not in known]
            planted[plant.kind] += 1
            found[plant.kind] += any(plant.mention in one.mentions for one in new)
    for kind, n_planted in sorted(planted.items()):
        print(f"{kind:32} found {found[kind]:4} of {n_planted:4}")
    print(f"all: {found.total()} of {planted.total()}; errors and warnings on {n_reports} reports as they are: {dict(alarms)}")


if __name__ == "__main__":
    main()
