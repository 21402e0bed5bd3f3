"""Whether a new model may replace the one before: both read the same held-out reports, and chance is taken into account.

A figure is an F1. By resampling reports (paired: both models on the same draw) it is known how much the difference of a
figure owes to the choice of reports. The new model is **not worse** if

1. of no figure the whole interval of the difference lies below zero, where the intervals of all figures together hold 95 %
   (Bonferroni: each holds 1 - 0.05 / number of figures), and
2. the F1 of whole records has not fallen by more than one standard error of its difference.

The first rule finds a label or a kind of report that was forgotten; the second is stricter about what auditors work with.
With intervals of 95 % each, one of the sixteen figures falls below zero by chance alone now and then.
The gate still errs on the side of the old model: of two equally good ones the second rule alone refuses one in six.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractor import sampling
from extractor.errors import ModelError
from extractor.metrics import Scores

DRAWS = 20_000
FEWEST = 5  # reports of a kind; with fewer its figures say nothing
RECORD = "record"
# Kinds of reports by the words of their beginning, the first that fits.
BEGINNING = 300  # characters
KINDS = (
    ("web page or form", re.compile(r"当前位置|首页|自评表")),
    ("final accounts", re.compile(r"决算")),
    ("whole department", re.compile(r"部门整体|整体支出|部门.{0,4}绩效自评")),
    ("transferred or special fund", re.compile(r"转移支付|专项资金|补助资金|补贴资金")),
)
OTHER_KIND = "project"


@dataclass(frozen=True, slots=True)
class Reading:
    """How one model read one report: the kind of the report, and the counts of every figure by its name."""

    kind: str
    counts: dict[str, Scores]


@dataclass(frozen=True, slots=True)
class Figure:
    """An F1 of both models; ``error`` is the deviation of the resampled differences.

    ``low`` and ``high`` bound so many of them that the intervals of all figures of a verdict together hold 95 %.
    """

    name: str
    before: float
    after: float
    low: float
    high: float
    error: float

    @property
    def fault(self) -> str | None:
        """What speaks against the new model; None where nothing does."""
        if self.high < 0:
            return (
                f"{self.name} fell from {self.before:.3f} to {self.after:.3f}, "
                f"interval {self.low:+.3f} to {self.high:+.3f} (95 % for all figures together)"
            )
        if self.name == RECORD and self.before - self.after > self.error:
            return f"{self.name} fell from {self.before:.3f} to {self.after:.3f}, more than its standard error {self.error:.3f}"
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The comparison with one model; ``forced`` says that it was overruled beforehand."""

    against: str  # name and version of the model before
    n_reports: int
    figures: tuple[Figure, ...]
    forced: bool = False

    @property
    def faults(self) -> list[str]:
        return [fault for figure in self.figures if (fault := figure.fault)]

    @property
    def is_accepted(self) -> bool:
        return self.forced or not self.faults

    def summary(self) -> str:
        """One sentence."""
        if not self.faults:
            return f"not worse than {self.against} on {self.n_reports} held-out reports"
        return f"worse than {self.against} on {self.n_reports} held-out reports: {'; '.join(self.faults)}"


def kind_of(text: str) -> str:
    """The kind of a report, from its title and first lines."""
    return next((kind for kind, words in KINDS if words.search(text[:BEGINNING])), OTHER_KIND)


def judge(before: Sequence[Reading], after: Sequence[Reading], against: str, *, forced: bool = False, seed: int = 0) -> Verdict:
    """Compare two models by their readings of the same reports, in the same order. The same seed gives the same verdict."""
    kinds = sorted({reading.kind for reading in after})
    positions = {kind: [k for k, reading in enumerate(after) if reading.kind == kind] for kind in kinds}
    told = [kind for kind in kinds if len(positions[kind]) >= FEWEST]
    chosen = [(name, name, list(range(len(after)))) for name in after[0].counts]
    chosen += [(f"{name}, {kind}", name, positions[kind]) for kind in told for name in ("span", RECORD)]
    dice = np.random.default_rng(seed)
    share = 1 - (1 - sampling.SHARE) / len(chosen)
    figures = [
        _figure(shown, [before[k].counts[name] for k in places], [after[k].counts[name] for k in places], share, dice)
        for shown, name, places in chosen
    ]
    return Verdict(against, len(after), tuple(figure for figure in figures if figure), forced)


def _figure(shown: str, old: Sequence[Scores], new: Sequence[Scores], share: float, dice: np.random.Generator) -> Figure | None:
    """One figure over some reports; None where neither gold nor an answer has it."""
    f1_before, f1_after = (sum(counts, Scores()).f1 for counts in (old, new))
    times = sampling.draws(len(new), DRAWS, dice)
    if f1_before is None or f1_after is None:
        return None
    differences = sampling.f1(sampling.summed(new, times)) - sampling.f1(sampling.summed(old, times))
    interval = sampling.middle(differences, share)
    if interval is None:
        return None
    return Figure(shown, f1_before, f1_after, interval.low, interval.high, float(np.nanstd(differences)))


def section(verdict: Verdict | None) -> str:
    """The decision as a chapter of the model card."""
    if verdict is None:
        return "\n## Against the model before\n\nThere was no model to compare with.\n"
    decision = "accepted" if not verdict.faults else "accepted by --force" if verdict.forced else "refused"
    lines = [
        "\n## Against the model before\n",
        f"Decision: **{decision}**; {verdict.summary()}.\n",
        f"F1 of both models; the intervals of all figures together hold 95 % of the differences over {DRAWS:,} paired draws of",
        "reports. Accepted is a model with no interval below zero whose F1 of records fell by no more than one standard error.\n",
        "| | before | now | difference | interval | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += (
        f"| {figure.name} | {figure.before:.3f} | {figure.after:.3f} | {figure.after - figure.before:+.3f} "
        f"| {figure.low:+.3f} … {figure.high:+.3f} | {'worse' if figure.fault else ''} |"
        for figure in verdict.figures
    )
    return "\n".join(lines) + "\n"


def install(candidate: Path, target: Path) -> None:
    """Put a finished model directory in the place of another; the old one is kept until the new one stands."""
    previous = _previous(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        os.rename(target, previous)
    try:
        os.rename(candidate, target)
    except OSError as error:
        recover(target)
        raise ModelError(
            f"{target}: the new model could not be moved here ({error.strerror}); it stays in {candidate}"
        ) from error
    if previous.exists():
        shutil.rmtree(previous)


def recover(target: Path) -> None:
    """Put back a model that an interrupted `install` had moved away."""
    if _previous(target).exists():
        if target.exists():
            shutil.rmtree(_previous(target))
        else:
            os.rename(_previous(target), target)


def _previous(target: Path) -> Path:
    return target.with_name(f"{target.name}.previous")
