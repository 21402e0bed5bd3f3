"""Examples → CoNLL columns: a character and its strict IOB2 tag a line, an empty line between lines of the report.

Only written: the columns hold neither blanks nor links, so the report could not be had back from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from extractor.types import Example

OUTSIDE = "O"


def write(examples: Sequence[Example], path: Path) -> None:
    """Write all reports into one file, each behind a line ``# name = …``."""
    path.write_bytes("".join(f"{line}\n" for example in examples for line in _lines(example)).encode())


def _lines(example: Example) -> Iterator[str]:
    tags = [OUTSIDE] * len(example.text)
    for mention in example.mentions:
        span = mention.span
        tags[span.start : span.end] = [f"B-{mention.label}", *[f"I-{mention.label}"] * (len(span) - 1)]
    yield f"# name = {example.name}"
    is_open = False
    for character, tag in zip(example.text, tags, strict=True):
        if not character.isspace():
            yield f"{character}\t{tag}"
            is_open = True
        elif character == "\n" and is_open:
            yield ""
            is_open = False
    if is_open or not example.text.strip():
        yield ""
