"""Line charts as SVG, small enough to stand in the page.

Drawn here and not by a plotting library: the words on the axes are Chinese, and office machines and servers often have no
font that such a library could draw them with, while a browser always has one. The text stays text: it can be searched,
scales with the page and prints sharply.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 420, 300  # of the drawing, in pixels at normal zoom
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 44  # margins
N_TICKS = 5
DOT, LARGEST_DOT = 2.5, 6  # radius of a dot, and what a weight adds to it at most


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows, from where to where; shares are written as per cent."""

    title: str
    low: float = 0.0
    high: float = 1.0
    is_share: bool = True

    def ticks(self) -> list[float]:
        return [self.low + (self.high - self.low) * step / N_TICKS for step in range(N_TICKS + 1)]

    def written(self, value: float) -> str:
        return f"{100 * value:.0f}%" if self.is_share else f"{value:.0f}"


@dataclass(frozen=True, slots=True)
class Line:
    """Points (x, y) in the axes' units, joined in their order. ``style`` is a class of the page's style sheet.

    weights: how much each point counts, shown by the size of its dot; empty where all count the same.
    """

    name: str
    points: Sequence[tuple[float, float]]
    style: str
    weights: Sequence[float] = ()

    def radii(self) -> list[float]:
        """Of the dots, in pixels; their areas grow with the weights."""
        most = max(self.weights, default=1.0)
        return [DOT + LARGEST_DOT * math.sqrt(weight / most) for weight in self.weights] or [DOT] * len(self.points)


def chart(title: str, x: Axis, y: Axis, lines: Sequence[Line]) -> str:
    """One chart with a legend under it, as HTML."""
    legend = "".join(f'<span class="key {line.style}">{escape(line.name)}</span>' for line in lines)
    body = "".join((*_grid(x, y), *(part for line in lines for part in _line(line, x, y))))
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">{body}</svg><div class="legend">{legend}</div></figure>'
    )


def _grid(x: Axis, y: Axis) -> Iterator[str]:
    bottom = HEIGHT - BOTTOM
    for value in x.ticks():
        at = _across(x, value)
        yield f'<line class="grid" x1="{at:.1f}" y1="{TOP}" x2="{at:.1f}" y2="{bottom}"/>'
        yield f'<text x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{x.written(value)}</text>'
    for value in y.ticks():
        at = _up(y, value)
        yield f'<line class="grid" x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}"/>'
        yield f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{y.written(value)}</text>'
    middle = (TOP + bottom) / 2
    yield f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x.title)}</text>'
    yield f'<text transform="translate(12 {middle}) rotate(-90)" text-anchor="middle">{escape(y.title)}</text>'


def _line(line: Line, x: Axis, y: Axis) -> Iterable[str]:
    places = [(_across(x, one), _up(y, other)) for one, other in line.points]
    path = " ".join(f"{across:.1f},{up:.1f}" for across, up in places)
    dots = (
        f'<circle cx="{across:.1f}" cy="{up:.1f}" r="{radius:.1f}"/>'
        for (across, up), radius in zip(places, line.radii(), strict=True)
    )
    return (f'<g class="{line.style}"><polyline points="{path}"/>', *dots, "</g>")


def _across(axis: Axis, value: float) -> float:
    return LEFT + (value - axis.low) / (axis.high - axis.low) * (WIDTH - LEFT - RIGHT)


def _up(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - (value - axis.low) / (axis.high - axis.low) * (HEIGHT - TOP - BOTTOM)
