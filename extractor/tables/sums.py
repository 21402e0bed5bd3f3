"""Points of a table as its rows add them up: they should make the stated totals, the points of their level, or 100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extractor.schema import Column
from extractor.tables.shapes import Shape, level_points

ADDS_UP = 3.0  # what a total is worth that agrees with the rows
GROUP_ADDS_UP = 0.7
FULL = Decimal(100)
NEARLY_FULL = (Decimal(90), Decimal(80))  # where spending is rated beside the table
SPENDING = Decimal(10)


@dataclass(frozen=True, slots=True)
class Sums:
    """Points added up so far; an earlier part of the table on another page hands them on."""

    weight: Decimal = Decimal(0)
    score: Decimal = Decimal(0)
    n_rows: int = 0
    has_level: bool = False
    agreed: int = 0  # totals that agree less those that do not
    group: Decimal | None = None  # points that the first level states: 产出指标（50分）
    in_group: Decimal = Decimal(0)  # points of its rows
    since: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))  # weight and score of the rows below the last total

    def with_row(self, row: Mapping[Column, Shape]) -> Sums:
        weight, score = (_points(row, column) for column in (Column.WEIGHT, Column.SCORE))
        return Sums(
            self.weight + weight,
            self.score + score,
            self.n_rows + 1,
            True,
            self.agreed,
            self.group,
            self.in_group + weight,
            (self.since[0] + weight, self.since[1] + score),
        )

    def with_level(self, words: Shape) -> Sums:
        """A first level begins: its rows are added up anew, unless it is only repeated in every row."""
        stated = level_points(words.words)
        if self.has_level and stated is None and self.group is None:
            return self
        if stated is not None and stated == self.group and self.in_group < stated:
            return self
        return replace(self, has_level=True, group=stated, in_group=Decimal(0))

    def with_total(self, numbers: Sequence[Decimal]) -> tuple[float, Sums]:
        """A total states numbers: what its agreement is worth, and the sums after it."""
        agreed = self._agreement(numbers)
        return ADDS_UP * agreed + self.group_worth(), replace(
            self, agreed=self.agreed + agreed, group=None, since=(Decimal(0), Decimal(0))
        )

    def _agreement(self, numbers: Sequence[Decimal]) -> int:
        """1 where a total is that of the rows, with or without the points for spending, or of the last ones; -1 elsewhere."""
        if not numbers:
            return 0
        own = {self.weight, self.weight + SPENDING, self.score, self.score + SPENDING, *self.since}
        return 1 if own & {*numbers} - {Decimal(0)} else -1

    def group_worth(self) -> float:
        """Whether the rows of a first level add up to the points that it states; below them it may go on."""
        if self.group is None or not self.in_group or self.in_group < self.group:
            return 0.0
        return GROUP_ADDS_UP if self.in_group == self.group else -GROUP_ADDS_UP

    def worth(self) -> float:
        """What the sums are worth where the table ends: a round sum where no total states one."""
        if self.agreed or not self.weight:
            return self.group_worth()
        return self.group_worth() + (2.0 if self.weight == FULL else 1.0 if self.weight in NEARLY_FULL else 0.0)


def _points(row: Mapping[Column, Shape], column: Column) -> Decimal:
    words = row.get(column)
    return words.points if words is not None and words.points is not None else Decimal(0)
