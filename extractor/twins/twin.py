"""An annotated report's twin from paper: printed, scanned, read with our own OCR, with its gold marks carried over."""

from __future__ import annotations

import random
from dataclasses import dataclass

from extractor import readers
from extractor.twins import paper, typesetting
from extractor.twins.alignment import Alignment, aligned, carried
from extractor.twins.paper import Faces, Scan
from extractor.types import Document, Example


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
