"""Mentions ↔ BIO tags over a tokenizer's pieces. The tag set follows from the labels, never from the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from extractor.types import Label, Span

L = TypeVar("L", bound=str)

OUTSIDE = "O"


def tags_of(labels: Iterable[str]) -> tuple[str, ...]:
    """The tag set of a label set: outside, then begin and inside of every label."""
    return (OUTSIDE, *(f"{prefix}-{label}" for label in labels for prefix in "BI"))


TAGS = tags_of(Label)
BEGIN = {label: TAGS.index(f"B-{label}") for label in Label}
INSIDE = {label: TAGS.index(f"I-{label}") for label in Label}

Offsets = Sequence[tuple[int, int]]  # half-open characters of every piece; (0, 0) for special tokens


def encode(labelled: Iterable[tuple[str, Span]], offsets: Offsets, names: Sequence[str] = TAGS) -> list[int]:
    """The tag of every piece, as its position in ``names``: a piece belongs to the span that it shares a character with."""
    tags = [0] * len(offsets)
    for label, span in labelled:
        inside = [k for k, (start, end) in enumerate(offsets) if start < span.end and span.start < end]
        for k in inside:
            tags[k] = names.index(f"I-{label}")
        if inside:
            tags[inside[0]] = names.index(f"B-{label}")
    return tags


def decode(tags: Sequence[int], offsets: Offsets, labels: Iterable[L] = Label) -> list[tuple[L, Span]]:
    """The spans of strict IOB2 tags, in text order; an I- that continues nothing opens no span."""
    begins = {1 + 2 * k: label for k, label in enumerate(labels)}  # as `tags_of` lays them out; an inside follows its begin
    found: list[tuple[L, Span]] = []
    opened: tuple[int, int, int] | None = None  # tag of the beginning, first and last border
    for tag, (start, end) in zip(tags, offsets, strict=True):
        if opened and tag == opened[0] + 1:
            opened = (opened[0], opened[1], end)
            continue
        if opened:
            found.append((begins[opened[0]], Span(opened[1], opened[2])))
        opened = (tag, start, end) if tag in begins and end > start else None
    if opened:
        found.append((begins[opened[0]], Span(opened[1], opened[2])))
    return found
