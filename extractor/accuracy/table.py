"""The accuracy report as aligned lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from extractor.accuracy.measure import WANTED, Accuracy, Comparison, Measure, Trusted
from extractor.sampling import Difference, Interval


def table(accuracy: Accuracy) -> str:
    """Scores with intervals, breakdowns, edits, confidences and comparisons."""
    return "\n".join(
        (
            f"model {accuracy.model.name} {accuracy.model.version}, "
            f"{len(accuracy.reports)} reports, {accuracy.n_characters} characters",
            *_learned(accuracy),
            "",
            f"{'':16}{'precision':>10}{'recall':>10}{'F1':>10}{'95 % of F1':>18}{'right':>8}{'surplus':>9}{'missed':>8}",
            *map(_line, accuracy.measures),
            *_groups(accuracy),
            "",
            f"edits left: {', '.join(f'{n} {kind}' for kind, n in accuracy.edits.items())}",
            *(_trusted(accuracy.trusted) if accuracy.trusted else ("confidences: too few reports to judge them fairly",)),
            *(line for comparison in accuracy.comparisons for line in _compared(comparison)),
        )
    )


def _learned(accuracy: Accuracy) -> Iterator[str]:
    if accuracy.learned:
        yield f"the model learned from {len(accuracy.learned)} of these reports: the figures flatter it"


def _line(one: Measure) -> str:
    counts = f"{one.scores.tp:>8}{one.scores.fp:>9}{one.scores.fn:>8}"
    ratios = "".join(f"{_ratio(ratio):>10}" for ratio in (one.scores.precision, one.scores.recall, one.scores.f1))
    return f"{one.name:16}{ratios}{_interval(one.f1):>18}{counts}"


def _groups(accuracy: Accuracy) -> Iterator[str]:
    for grouping, groups in accuracy.groups.items():
        yield ""
        yield f"{'by ' + grouping:16}{'span F1':>10}{'gold':>8}{'record F1':>12}{'gold':>8}"
        for one in groups:
            spans, records = one.spans, one.records
            yield f"{one.name:16}{_ratio(spans.f1):>10}{spans.n_gold:>8}{_ratio(records.f1):>12}{records.n_gold:>8}"


def _trusted(trusted: Trusted) -> Iterator[str]:
    fitted = "fitted on the other half" if trusted.refitted else "the model's own"
    for name, trust in (("records", trusted.records), ("mentions", trusted.mentions)):
        yield (
            f"confidence of {name} ({fitted}): ECE {_ratio(trust.error)}, least certain tenth holds "
            f"{_ratio(trust.wrong_in_least_certain)} of the wrong ones, review {_ratio(trust.to_review)} and {WANTED:.0%} of the "
            "rest are right"
        )


def _compared(comparison: Comparison) -> Iterator[str]:
    yield ""
    yield f"{'F1 against':16}{comparison.other}"
    for name, (ours, theirs) in comparison.f1.items():
        difference = comparison.differences[name]
        shown = _interval(None if difference is None else difference.interval)
        yield f"{name:16}{_ratio(ours):>10}{_ratio(theirs):>10}{shown:>20}  {_verdict(difference)}"


def _verdict(difference: Difference | None) -> str:
    if difference is None:
        return "too few reports"
    if difference.is_better:
        return "better"
    return "worse" if difference.is_worse else "no sure difference"


def _ratio(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.4f}"


def _interval(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.4f}..{interval.high:.4f}"
