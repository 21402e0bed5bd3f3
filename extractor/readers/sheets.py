"""Upright pages of characters, whether a file says them or OCR read them, and the document that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extractor.readers.grid import page_lines
from extractor.readers.lines import Bounds, Glyph, Line, Placer, in_columns, lines_of
from extractor.readers.paragraphs import parts_of
from extractor.readers.parts import compose
from extractor.readers.running import running_lines
from extractor.types import Document, Page, Problem

PRINTED_DRIFT = 3.0  # points that a running header may move between pages of a program


@dataclass(frozen=True, slots=True)
class Sheet:
    """The characters of one upright page; ``slanted`` ones, such as watermarks, are kept apart from the upright.

    ``troubles`` are Chinese sentences about what is wrong with it. A picture of two pages is two sheets with the same page.
    ``drift`` is by how many points a running header may stand higher or lower than on other pages.
    """

    page: Page
    placer: Placer
    glyphs: tuple[Glyph, ...] = ()
    slanted: tuple[Glyph, ...] = ()
    rules: tuple[Bounds, ...] = ()
    troubles: tuple[str, ...] = ()
    drift: float = PRINTED_DRIFT


def document_of(sheets: Sequence[Sheet], content: bytes, name: str, *, problems: Iterable[Problem] = ()) -> Document:
    """Lines, running headers apart, paragraphs over line and page ends. Raises ReadError where there is no character."""
    lines = [page_lines(sheet.glyphs, sheet.rules, number) for number, sheet in enumerate(sheets)]
    running = running_lines(lines, [sheet.placer.height for sheet in sheets], [sheet.drift for sheet in sheets])
    body: list[list[Line]] = []
    headers: list[tuple[int, Line]] = []
    done = 0
    for number, (page, sheet) in enumerate(zip(lines, sheets, strict=True)):
        body.append(in_columns([line for line in page if line not in running], sheet.placer.width))
        middle = sheet.placer.height / 2
        after = done + len(body[-1])
        headers += ((done if line.baseline < middle else after, line) for line in page if line in running)
        headers += ((after, line) for line in lines_of(sheet.slanted, number))
        done = after
    parts = parts_of(body, headers, {number: sheet.placer for number, sheet in enumerate(sheets)})
    pages = {sheet.page.number: sheet.page for sheet in sheets}
    told = [Problem(f"page {sheet.page.number}", trouble) for sheet in sheets for trouble in sheet.troubles]
    return compose(parts, content, name, pages=tuple(pages.values()), problems=[*problems, *told])
