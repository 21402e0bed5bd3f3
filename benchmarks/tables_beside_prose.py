"""Whether tables disturb the prose beside them: python -m benchmarks.tables_beside_prose [--reports N] [--kind lines] [--errors].

Held-out reports without a table are given two generated ones, between two chapters and at their end, each under its caption, as
files (.docx, .html, .pdf) or flattened into text (tabs, lines, blanks, paragraph). The real readers and the shipped model
read them; what is found in the prose is carried back to the report and compared with its gold. Beside these figures stand those
of the same reports, in the same kind of file, without the tables. A cell that is taken for prose is a mention too many; the
goals of the tables, which are prose of other projects, are not counted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.generated import FLATTENERS, WRITERS, Table, lay_out, make_form
from benchmarks.twins import answered, line, total
from extractor import corpus, readers
from extractor.building import Answer
from extractor.metrics import marked
from extractor.pipeline import Extractor, MentionFinder, load
from extractor.quantity import Candidate
from extractor.segment import CHAPTER_DEPTH, Outline, outline
from extractor.tables import recognise
from extractor.twins.alignment import Alignment, aligned
from extractor.types import Document, Example, Mention, Span

ROOT = Path(__file__).parent.parent
KINDS = (*WRITERS, *FLATTENERS)
AROUND = 40  # characters shown on both sides of a mention that the tables changed


@dataclass(frozen=True, slots=True)
class Inserted:
    """A table and the place in the report's text where it stands under its caption."""

    at: int
    caption: str
    table: Table


@dataclass(frozen=True, slots=True)
class Composed:
    """``alignment`` leads from the report's text to the document's; ``goals`` are those of the tables, there."""

    document: Document
    alignment: Alignment
    goals: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Finds what a tagger finds, but for some places."""

    tagger: MentionFinder
    places: tuple[Span, ...]

    def tag(self, document: Document, outline: Outline, candidates: Sequence[Candidate]) -> list[Mention]:
        found = self.tagger.tag(document, outline, candidates)
        return [mention for mention in found if not any(mention.span.overlaps(place) for place in self.places)]


def without_tables(examples: Sequence[Example]) -> list[Example]:
    reports = ROOT / "annotations" / "reports"
    return [
        example
        for example in examples
        if not (reports / f"{example.name}.table.json").exists() and not recognise(Document(example.name, "", example.text))
    ]


def tables_for(example: Example, seed: int) -> tuple[Inserted, ...]:
    """A table before one of the chapters but the first, and one at the end; always the same for a seed."""
    random = Random(f"{seed} {example.name}")
    first, second = (lay_out(make_form(random.randrange(10**6))) for _ in range(2))
    heads = outline(Document(example.name, "", example.text)).headings
    chapters = [example.text.rfind("\n", 0, head.start) + 1 for head in heads if 1 < head.level <= CHAPTER_DEPTH][1:]
    at = random.choice(chapters or [len(example.text)])
    return (
        Inserted(at, f"表1  {first.form.project}绩效自评表", first),
        Inserted(len(example.text), f"附件：{second.form.project}绩效自评表", second),
    )


def compose(example: Example, tables: Sequence[Inserted], kind: str) -> Composed:
    """The report with its tables as a reader gives it back."""
    flatten = FLATTENERS.get(kind, FLATTENERS["tabs"])
    text = ""
    story: list[str | Table] = []
    shifts: list[tuple[int, int]] = []  # characters of the report from the first on stand so much later
    goals: list[Span] = []
    done = 0
    for end, one in (*((one.at, one) for one in tables), (len(example.text), None)):
        shifts.append((done, len(text) - done))
        words = example.text[done:end]
        text += words
        story += [line for line in words.split("\n") if line.strip()]
        done = end
        if one is not None:
            begin = len(text.rstrip())
            text = f"{text.rstrip()}\n\n{one.caption}\n{flatten(one.table)}\n\n"
            story += one.caption, one.table
            goals += _found(text, begin, one.table.form.goals)
    if kind in FLATTENERS:
        document = readers.read_text(text, name=f"{example.name}.txt")
    else:
        document = readers.read_bytes(WRITERS[kind](story), name=f"{example.name}{kind}")
    there = aligned(text, document.text)
    ends = [*(start for start, _ in shifts[1:]), len(example.text)]
    places = {
        at: there.places[at + shift]
        for (start, shift), end in zip(shifts, ends, strict=True)
        for at in range(start, end)
        if at + shift in there.places
    }
    moved = (there.moved(goal) for goal in goals)
    return Composed(document, Alignment(places), tuple(span for span in moved if span is not None))


def _found(text: str, begin: int, words: Sequence[str]) -> Iterator[Span]:
    for one in words:
        if (at := text.find(one, begin)) >= 0:
            yield Span(at, at + len(one))


def answer_of(example: Example, tables: Sequence[Inserted], kind: str, engine: Extractor) -> Answer:
    composed = compose(example, tables, kind)
    tagger = Elsewhere(engine.tagger, composed.goals)
    return answered(example, composed.document, composed.alignment, tagger, engine.link_model)


def differences(without: Answer, beside: Answer) -> Iterator[str]:
    """What the tables changed, right or wrong: mentions that were lost (-) or came (+)."""
    text = without.example.text
    before, after = marked(without.mentions), marked(beside.mentions)
    gold = marked(without.example.mentions)
    for label, start, end in sorted(before ^ after, key=lambda one: one[1:]):
        sign = "-" if (label, start, end) in before else "+"
        worth = "right" if (label, start, end) in gold else "wrong"
        words = "in a table" if start >= len(text) else text[max(start - AROUND, 0) : end + AROUND].replace("\n", "⏎")
        yield f"    {without.example.name} {sign} {worth} {label} {text[start:end]!r} in {words!r}"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, metavar="N", help="every so many of the list, N in all (default: all)")
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--model", default="default")
    parser.add_argument("--seed", type=int, default=0, help="of the tables and their places")
    parser.add_argument("--errors", action="store_true", help="list the mentions that the tables changed")
    asked = parser.parse_args(arguments)
    examples = without_tables(corpus.read(ROOT / "annotations").measured)
    if asked.reports:
        examples = examples[:: max(1, len(examples) // asked.reports)][: asked.reports]
    engine = load(asked.model)
    plain: dict[str, list[Answer]] = {}
    for kind in asked.kind or KINDS:
        carrier = kind if kind in WRITERS else ".txt"
        if carrier not in plain:
            bare = kind if kind in WRITERS else next(iter(FLATTENERS))
            plain[carrier] = [answer_of(example, (), bare, engine) for example in examples]
        beside = [answer_of(example, tables_for(example, asked.seed), kind, engine) for example in examples]
        print(line(carrier, total(plain[carrier])), f"  {len(examples)} reports without tables")
        print(line(kind, total(beside)), "  with tables", flush=True)
        if asked.errors:
            for without, answer in zip(plain[carrier], beside, strict=True):
                print(*differences(without, answer), sep="\n", end="")


if __name__ == "__main__":
    main(sys.argv[1:])
