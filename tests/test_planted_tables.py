"""Contradictions planted into generated tables: the tables are consistent before, and the checks find what was changed."""

from __future__ import annotations

from collections import Counter

from benchmarks.generated import make_form
from benchmarks.generated.consistent import consistent, total_score
from benchmarks.planted_tables import PLANTERS, Tally, measure
from extractor.annotations import parse

SEEDS = range(61, 67)


def test_consistent_forms_state_the_points_of_their_rows() -> None:
    for form in map(consistent, map(make_form, range(40))):
        assert float(parse(form.prose[0]).text.removesuffix("分。").split("自评得分")[1]) == float(total_score(form))
        assert len({row.level1 for row in form.rows}) == 3


def test_planted_contradictions_are_found_and_nothing_else() -> None:
    tally = Tally()
    for seed in SEEDS:
        measure(consistent(make_form(seed)), ".html", tally, show=True)
    assert (tally.n_unchanged, tally.false) == (0, Counter())
    assert tally.found.total() >= 0.9 * tally.planted.total() > 0
    assert sum(tally.planted[planter.__name__] > 0 for planter in PLANTERS) >= len(PLANTERS) - 3
