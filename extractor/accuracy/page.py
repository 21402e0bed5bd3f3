"""The accuracy report as one HTML file that needs nothing else: no network, no scripts, no fonts of its own."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from extractor.accuracy import wording
from extractor.accuracy.charts import Axis, Line, chart
from extractor.accuracy.measure import WANTED, Accuracy, Trust
from extractor.accuracy.mistakes import Kind, Mistake
from extractor.sampling import N_DRAWS

TEMPLATE = "report.html.j2"
TIDY = 50  # reports; an axis ends at a multiple, so that its marks are whole numbers
LOWEST_SHOWN = 0.5  # of the shares on an axis that would waste its lower half


def write(accuracy: Accuracy, path: Path) -> None:
    """Write the page; an interrupted writing leaves an earlier page as it was."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page(accuracy))
        Path(unfinished).chmod(0o644)
        os.replace(unfinished, path)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def page(accuracy: Accuracy) -> str:
    """The whole page."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters |= {"percent": wording.percent, "per_hundred": wording.per_hundred, "verdict": wording.verdict}
    source = (files("extractor.accuracy") / TEMPLATE).read_text(encoding="utf-8")
    return environment.from_string(source).render(
        accuracy=accuracy,
        wording=wording,
        charts=list(charts(accuracy)),
        kinds={kind: [one for one in accuracy.mistakes if one.kind is kind] for kind in Kind},
        pieces=pieces,
        n_draws=N_DRAWS,
        wanted=WANTED,
    )


def charts(accuracy: Accuracy) -> Iterator[str]:
    """Every chart that there are figures for, as HTML."""
    if accuracy.trusted:
        both = (("记录", "first", accuracy.trusted.records), ("标注", "second", accuracy.trusted.mentions))
        yield _calibration(both)
        yield _review(both)
    if accuracy.learning_curve:
        yield _learning(accuracy)


def _calibration(both: tuple[tuple[str, str, Trust], ...]) -> str:
    lines = [
        Line(name, [(one.belief, one.right) for one in trust.bins], style, weights=[one.n for one in trust.bins])
        for name, style, trust in both
    ]
    lines.append(Line("说到做到", [(0, 0), (1, 1)], "ideal"))
    return chart("可信度是否说到做到：越靠近虚线越好，点越大个数越多", Axis("程序说的可信度"), Axis("实际正确的比例"), lines)


def _review(both: tuple[tuple[str, str, Trust], ...]) -> str:
    lines = [Line(name, trust.review_curve, style) for name, style, trust in both]
    lowest = min((right for line in lines for _, right in line.points), default=0.0)
    return chart(
        "先复核最没把握的：剩下的有多可靠",
        Axis("人工复核的比例"),
        Axis("未复核部分的正确率", low=LOWEST_SHOWN if lowest >= LOWEST_SHOWN else 0.0),
        lines,
    )


def _learning(accuracy: Accuracy) -> str:
    points = accuracy.learning_curve
    lines = [
        Line("全部标注", [(one.reports, one.span) for one in points], "first"),
        Line("对应关系", [(one.reports, one.link) for one in points], "second"),
        Line("整条记录", [(one.reports, one.record) for one in points], "third"),
    ]
    lowest = min(min(one.span, one.link, one.record) for one in points)
    most = max(one.reports for one in points)
    return chart(
        "学习曲线：标注的报告越多，读得越准",
        Axis("学习过的报告（份）", high=math.ceil(most / TIDY) * TIDY, is_share=False),
        Axis("F1", low=LOWEST_SHOWN if lowest >= LOWEST_SHOWN else 0.0),
        lines,
    )


def pieces(mistake: Mistake) -> list[tuple[str, str]]:
    """The sentence cut at every border: (words, what they are: gold, found, both, or nothing)."""
    spans = {name: marked.span for name, marked in (("gold", mistake.gold), ("found", mistake.found)) if marked}
    cuts = sorted({mistake.around.start, mistake.around.end, *(at for span in spans.values() for at in (span.start, span.end))})
    cut: list[tuple[str, str]] = []
    for start, end in pairwise(cuts):
        names = [name for name, span in spans.items() if span.start <= start and end <= span.end]
        cut.append((mistake.text[start:end], "both" if len(names) == 2 else "".join(names)))
    return cut
