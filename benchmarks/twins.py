"""How much of what is found survives paper: python -m benchmarks.twins [--scan light|hard|photo|fax ...] [--reports N].

Held-out reports are printed, scanned and read with our own OCR (`extractor.twins`), then the shipped model reads the clean
text and what OCR made of it. What it finds on the twin is carried back by aligning both texts and compared with the gold of
the clean text, so that both columns count the same answers. Printed are F1 of spans, links and records; the share of
characters read wrong or lost; and of the gold values, the share whose number is the same on the twin.

    light     200 dpi, skew up to 2°, light noise, JPEG 75
    hard      150 dpi, skew 4° to 5°, a red stamp over the text of the first and last page, blur, noise, grey paper, JPEG 60
    photo     a page on a table, seen a little from the side, a shadow over it
    fax       150 dpi, black and white, specks

--into FOLDER writes the twins as annotated reports instead: those of the held-out reports are what evaluate.py FOLDER shows
as OCR, those of the reports that are learned from (--learned) what train.py --add FOLDER learns.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from extractor import corpus, quantity
from extractor.accuracy.mistakes import mistakes
from extractor.annotations import load_all, render
from extractor.building import Answer, answers, counts_of
from extractor.link import LinkModel
from extractor.metrics import Scores
from extractor.pipeline import Extractor, MentionFinder, load, read_prose
from extractor.quantity import QuantityError
from extractor.twins.alignment import Alignment
from extractor.twins.paper import SCANS
from extractor.twins.twin import Twin, learnable, named, twin_of
from extractor.types import Document, Example, Mention, Span

ROOT = Path(__file__).parent.parent
FIGURES = ("span", "link", "record")


@dataclass(frozen=True, slots=True)
class Legibility:
    """How well characters and numbers were read; adds up over reports."""

    n_characters: int = 0
    n_misread: int = 0
    n_values: int = 0
    n_same: int = 0  # values whose number is that of the clean text
    n_lost: int = 0  # gold mentions that are not in the twin

    def __add__(self, other: Legibility) -> Legibility:
        return Legibility(
            self.n_characters + other.n_characters,
            self.n_misread + other.n_misread,
            self.n_values + other.n_values,
            self.n_same + other.n_same,
            self.n_lost + other.n_lost,
        )


def answer_of(twin: Twin, engine: Extractor) -> Answer:
    return answered(twin.source, twin.document, twin.alignment, engine.tagger, engine.link_model)


def answered(example: Example, document: Document, alignment: Alignment, tagger: MentionFinder, link_model: LinkModel) -> Answer:
    """What the model finds in the document, as places of the clean text; what is not there, behind its end."""
    prose = read_prose(document, tagger, link_model)
    back = alignment.back()
    end = len(example.text)

    def moved(mention: Mention) -> Mention:
        span = mention.span
        return replace(mention, span=back.moved(span) or Span(end + span.start, end + span.end))

    return Answer(example, tuple(map(moved, prose.mentions)), tuple(prose.records))


def legibility_of(twin: Twin) -> Legibility:
    misread = sum(len(before) for before, _ in misreadings(twin))
    pairs = list(_value_pairs(twin))
    n_same = sum(one == other for one, other in pairs)
    return Legibility(len(compact(twin.source.text)), misread, len(pairs), n_same, twin.n_lost)


def compact(text: str) -> str:
    """Without blanks and in half width, which are no question of legibility."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def misreadings(twin: Twin) -> Iterator[tuple[str, str]]:
    """What was printed and what was read for it, where they differ; what OCR made up is left out."""
    clean, found = compact(twin.source.text), compact(twin.document.text)
    for edit in Levenshtein.opcodes(clean, found):
        if edit.tag in ("replace", "delete"):
            yield clean[edit.src_start : edit.src_end], found[edit.dest_start : edit.dest_end]


def _value_pairs(twin: Twin) -> Iterator[tuple[object, object]]:
    """The number of every gold value as printed and as read."""
    for mention in twin.source.mentions:
        if mention.label.is_value:
            span = twin.alignment.moved(mention.span)
            there = twin.document.text[span.start : span.end] if span else ""
            yield _number(twin.source.text[mention.span.start : mention.span.end]), _number(there)


def _number(words: str) -> object:
    try:
        return quantity.parse(words)
    except QuantityError:
        return "".join(words.split())


def total(given: Sequence[Answer]) -> dict[str, Scores]:
    counts = [counts_of(answer) for answer in given]
    return {name: sum((count[name] for count in counts), Scores()) for name in FIGURES}


def line(name: str, reached: Mapping[str, Scores]) -> str:
    return f"{name:<6}" + "".join(f"  {figure} {reached[figure].f1 or 0:.4f}" for figure in FIGURES)


def measure(examples: Sequence[Example], scan: str, engine: Extractor, *, seed: int, errors: bool) -> None:
    given: list[Answer] = []
    twins: list[Twin] = []
    for example in examples:
        twins.append(twin_of(example, SCANS[scan], seed=seed))
        given.append(answer_of(twins[-1], engine))
        print(f"{example.name:<6}", legibility_of(twins[-1]), line("", total(given[-1:])), flush=True)
    read = sum(map(legibility_of, twins), Legibility())
    print(line(scan, total(given)))
    print(
        f"       characters misread {read.n_misread / read.n_characters:.4%}, numbers the same {read.n_same / read.n_values:.4f}"
    )
    if errors:
        counted = Counter(pair for twin in twins for pair in misreadings(twin))
        print(*(f"    {before!r} → {after!r} {n}" for (before, after), n in counted.most_common(60)), sep="\n")
        print(*(mistake.line() for answer in given for mistake in mistakes(answer)), sep="\n")


def write(examples: Sequence[Example], scan: str, folder: Path, *, seed: int) -> None:
    """Twins as annotated reports, NAME-light.txt and the like."""
    folder.mkdir(parents=True, exist_ok=True)
    for example in examples:
        twin = twin_of(example, SCANS[scan], seed=seed)
        name = named(example, scan)
        (folder / f"{name}.txt").write_text(render(replace(learnable(twin), name=name)), encoding="utf-8")
        print(name, legibility_of(twin), flush=True)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scan", nargs="+", choices=tuple(SCANS), default=["light", "hard"])
    parser.add_argument("--reports", type=int, metavar="N", help="every so many of the list, N in all (default: all)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these reports")
    parser.add_argument("--learned", action="store_true", help="reports that are learned from")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="write the twins as annotated reports")
    parser.add_argument("--model", default="default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--errors", action="store_true", help="list what was misread and every error of the model")
    asked = parser.parse_args(arguments)
    reports = corpus.read(ROOT / "annotations")
    examples = list(reports.learned if asked.learned else reports.measured)
    if asked.only:
        examples = [example for example in load_all(ROOT / "annotations" / "reports") if example.name in asked.only]
    if asked.reports:
        examples = examples[:: max(1, len(examples) // asked.reports)][: asked.reports]
    if asked.into:
        for scan in asked.scan:
            write(examples, scan, asked.into, seed=asked.seed)
        return
    engine = load(asked.model)
    print(line("clean", total(list(answers(examples, engine.tagger, engine.link_model)))))
    for scan in asked.scan:
        measure(examples, scan, engine, seed=asked.seed, errors=asked.errors)


if __name__ == "__main__":
    main(sys.argv[1:])
