"""How far a score would move on other reports of the same kind: the bootstrap, drawing whole reports.

Reports, not sentences, are drawn with replacement: mentions of one report share its author and its style, so counting them
as independent would make every figure look surer than it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extractor.metrics import Scores

N_DRAWS = 2000
SEED = 0
SHARE = 0.95  # of the draws that an interval holds
RIGHT, SURPLUS, MISSED = range(3)

Floats = npt.NDArray[np.float64]
Ratio = Callable[[Floats], Floats]  # counts ``(draws, 3)`` → ``(draws,)``, NaN for 0/0


def precision(counts: Floats) -> Floats:
    return _divided(counts[:, RIGHT], counts[:, RIGHT] + counts[:, SURPLUS])


def recall(counts: Floats) -> Floats:
    return _divided(counts[:, RIGHT], counts[:, RIGHT] + counts[:, MISSED])


def f1(counts: Floats) -> Floats:
    return _divided(2 * counts[:, RIGHT], 2 * counts[:, RIGHT] + counts[:, SURPLUS] + counts[:, MISSED])


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 95 % of the draws."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better (positive) or worse the first of two systems is in F1, read on the same draws of reports."""

    mean: float
    interval: Interval

    @property
    def is_better(self) -> bool:
        return self.interval.low > 0

    @property
    def is_worse(self) -> bool:
        return self.interval.high < 0


def interval(reports: Sequence[Scores], ratio: Ratio = f1) -> Interval | None:
    """Where the ratio over all reports lies in 95 of 100 draws; None for fewer than two reports or no answers at all."""
    if len(reports) < 2:
        return None
    return middle(ratio(_drawn(reports)))


def difference(ours: Sequence[Scores], theirs: Sequence[Scores]) -> Difference | None:
    """Compare two systems on the same reports, report by report in the same order; None as for `interval`."""
    if len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} reports against {len(theirs)}; a paired comparison needs the same ones")
    if len(ours) < 2:
        return None
    samples = f1(_drawn(ours)) - f1(_drawn(theirs))
    interval = middle(samples)
    return None if interval is None else Difference(float(np.nanmean(samples)), interval)


def draws(n_reports: int, n_draws: int, dice: np.random.Generator) -> npt.NDArray[np.int64]:
    """How often every report is drawn, ``(draws, reports)``."""
    return dice.multinomial(n_reports, np.full(n_reports, 1 / n_reports), size=n_draws)


def summed(reports: Sequence[Scores], times: npt.NDArray[np.int64]) -> Floats:
    """The counts of every draw, ``(draws, 3)``; ``times`` as from `draws`."""
    counts = np.array([(one.tp, one.fp, one.fn) for one in reports], dtype=np.float64)
    return np.asarray(times @ counts, dtype=np.float64)


def _drawn(reports: Sequence[Scores]) -> Floats:
    """As `summed`; the same reports are drawn for every system, since the seed is fixed."""
    return summed(reports, draws(len(reports), N_DRAWS, np.random.default_rng(SEED)))


def _divided(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def middle(samples: Floats, share: float = SHARE) -> Interval | None:
    """The interval that holds this share of the samples that are numbers, as many below it as above; None where none is."""
    if np.isnan(samples).all():
        return None
    low, high = np.nanquantile(samples, ((1 - share) / 2, (1 + share) / 2))
    return Interval(float(low), float(high))
