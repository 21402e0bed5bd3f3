"""An annotated report's twin from paper: printed, scanned, read with our own OCR, with its gold marks carried over."""

from __future__ import annotations

import random
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from extractor import readers
from extractor.annotations.validity import NUMBER
from extractor.augment import rewrite
from extractor.twins import paper, typesetting
from extractor.twins.alignment import Alignment, aligned, carried
from extractor.twins.paper import SCANS, Faces, Scan
from extractor.types import Document, Example, GoldMention

BRACES = {"{": "（", "}": "）"}


@dataclass(frozen=True, slots=True)
class Twin:
    """``alignment`` leads from the clean text to the document's. ``example`` is the gold in the document's text."""

    source: Example
    document: Document
    alignment: Alignment
    example: Example
    n_lost: int  # gold mentions that are not in the document's text


def scan_of(example: Example, scan: Scan, *, seed: int = 0) -> bytes:
    """The report as a PDF of pictures; the same seed gives the same one. Raises FontError."""
    dice = random.Random(f"{seed} {example.name}")
    faces = Faces.drawn(dice)
    pages = typesetting.typeset(example.text, faces.width, typesetting.Style.drawn(dice, example.text))
    return paper.scanned(pages, faces, scan, dice)


def twin_of(example: Example, scan: Scan, *, seed: int = 0) -> Twin:
    """Takes some seconds for every page the first time. Raises FontError, and ReadError where nothing could be read."""
    document = readers.read_bytes(scan_of(example, scan, seed=seed), name=f"{example.name}.pdf")
    alignment = aligned(example.text, document.text)
    return Twin(example, document, alignment, *carried(example, document.text, alignment))


def named(example: Example, scan: str) -> str:
    """The name of a report's twin, by the name of the scan among `SCANS`."""
    return f"{example.name}-{scan}"


def is_twin(example: Example) -> bool:
    return source_name(example.name) != example.name


def source_name(name: str) -> str:
    """The inverse of `named`; the name itself where it is no twin's."""
    report, _, scan = name.rpartition("-")
    return report if report and scan in SCANS else name


def learnable(twin: Twin) -> Example:
    """The twin as an annotated report that may be learned from and written down.

    What marks cannot hold is mended: line ends that OCR left inside a mention, braces. Records that lost all their values,
    and values that lost their number, are no records and values any more.
    """
    example = twin.example
    inside = {at for one in example.mentions for at in range(one.span.start, one.span.end)}
    edits = [
        (at, at + 1, "" if character == "\n" else BRACES[character])
        for at, character in enumerate(example.text)
        if character in BRACES or (character == "\n" and at in inside)
    ]
    example = rewrite(example, edits)
    values = [one for one in example.mentions if one.label.is_value and NUMBER.search(_words(example, one))]
    known = {number for one in values for number in one.records}
    kept = [one for one in example.mentions if not one.label.is_value or one in values]
    return replace(example, mentions=tuple(filled for one in kept if (filled := _within(one, known)) is not None))


def _words(example: Example, mention: GoldMention) -> str:
    return example.text[mention.span.start : mention.span.end]


def _within(mention: GoldMention, known: AbstractSet[int]) -> GoldMention | None:
    """The mention with only those of its records that are known; None where none is."""
    records = tuple(number for number in mention.records if number in known)
    parent = mention.parent if mention.parent in known else None
    return replace(mention, records=records, parent=parent) if records else None
