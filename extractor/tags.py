"""Mentions ↔ BIO tags over a tokenizer's pieces. The tag set follows from the labels, never from the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractor.types import Label, Span

OUTSIDE = "O"
TAGS = (OUTSIDE, *(f"{prefix}-{label}" for label in Label for prefix in "BI"))
BEGIN = {label: TAGS.index(f"B-{label}") for label in Label}
INSIDE = {label: TAGS.index(f"I-{label}") for label in Label}

Offsets = Sequence[tuple[int, int]]  # half-open characters of every piece; (0, 0) for special tokens


def encode(labelled: Iterable[tuple[Label, Span]], offsets: Offsets) -> list[int]:
    """The tag of every piece: a piece belongs to the span that it shares a character with."""
    tags = [0] * len(offsets)
    for label, span in labelled:
        inside = [k for k, (start, end) in enumerate(offsets) if start < span.end and span.start < end]
        for k in inside:
            tags[k] = INSIDE[label]
        if inside:
            tags[inside[0]] = BEGIN[label]
    return tags


def decode(tags: Sequence[int], offsets: Offsets) -> list[tuple[Label, Span]]:
    """The spans of strict IOB2 tags, in text order; an I- that continues nothing opens no span."""
    found: list[tuple[Label, Span]] = []
    opened: tuple[Label, int, int] | None = None
    for tag, (start, end) in zip(tags, offsets, strict=True):
        if opened and tag == INSIDE[opened[0]]:
            opened = (opened[0], opened[1], end)
            continue
        if opened:
            found.append((opened[0], Span(opened[1], opened[2])))
        opened = next(((label, start, end) for label in Label if tag == BEGIN[label] and end > start), None)
    if opened:
        found.append((opened[0], Span(opened[1], opened[2])))
    return found
