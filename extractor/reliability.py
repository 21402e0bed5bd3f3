"""Whether probabilities keep their word: how far beliefs are from what came true, and how much reading they save.

Everything here takes judged answers: pairs of the probability that was claimed and whether the answer was right. Beliefs
must come from a calibration that did not see the answers, or the figures flatter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Judged = Sequence[tuple[float, bool]]  # (belief in [0, 1], whether it was right)

N_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose beliefs lie in one tenth of [0, 1]: how many, what was claimed and what came true on average."""

    n: int
    belief: float
    right: float


def bins(judged: Judged) -> tuple[Bin, ...]:
    """The calibration curve: ten bins of equal width, by belief; empty ones are left out."""
    members: dict[int, list[tuple[float, bool]]] = {}
    for belief, is_right in judged:
        members.setdefault(min(int(belief * N_BINS), N_BINS - 1), []).append((belief, is_right))
    return tuple(
        Bin(len(some), sum(belief for belief, _ in some) / len(some), sum(is_right for _, is_right in some) / len(some))
        for _, some in sorted(members.items())
    )


def calibration_error(judged: Judged) -> float | None:
    """Expected calibration error: the gap between claimed and true, averaged over all answers; None without any."""
    if not judged:
        return None
    return sum(one.n * abs(one.belief - one.right) for one in bins(judged)) / len(judged)


def wrong_in_least_certain(judged: Judged, share: float = 0.1) -> float | None:
    """Which share of the wrong answers stands among the ``share`` with the lowest beliefs; None where none is wrong."""
    ordered = _by_belief(judged)
    wrong = ordered.count(False)
    return ordered[: round(share * len(ordered))].count(False) / wrong if wrong else None


def to_review(judged: Judged, wanted: float) -> float:
    """The smallest share, least certain first, to be read by a person so that of the rest ``wanted`` are right; 1 is all."""
    ordered = _by_belief(judged)
    wrong = ordered.count(False)
    for n_read, is_right in enumerate(ordered):
        n_left = len(ordered) - n_read
        if n_left - wrong >= wanted * n_left:
            return n_read / len(ordered)
        wrong -= not is_right
    return 1.0


def review_curve(judged: Judged, steps: int = 20) -> tuple[tuple[float, float], ...]:
    """(share read by a person, share right of the rest) in equal steps from 0, while there is a rest."""
    ordered = _by_belief(judged)
    cuts = sorted({round(len(ordered) * step / steps) for step in range(steps)})
    return tuple((cut / len(ordered), ordered[cut:].count(True) / (len(ordered) - cut)) for cut in cuts if cut < len(ordered))


def _by_belief(judged: Judged) -> list[bool]:
    return [is_right for _, is_right in sorted(judged, key=lambda one: one[0])]
