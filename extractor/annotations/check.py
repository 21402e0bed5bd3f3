"""What annotators get wrong: files that break the format, and marks that deserve a second look."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from extractor.annotations.formats import Format, format_of, read
from extractor.annotations.marks import files_in, load, name_of
from extractor.annotations.validity import line_of
from extractor.errors import AnnotationError
from extractor.types import Example, GoldMention, Label, Mention, Origin, Result, Span

SURE = 0.9  # a model's calibrated confidence from which its contradiction is worth a look
SHORTEST_CLAUSE = 6  # characters; shorter ones mean different things in different places
CLAUSE = re.compile(r"[^，。；：！？、\s]+")
DIGIT_RUN = re.compile(r"[0-9０-９]+(?:[.,．，][0-9０-９]+)*(?:万亿|[百千万亿%％‰])?元?")


class Kind(StrEnum):
    BROKEN = "broken"  # the file cannot be read; the others are doubts, which a person settles
    UNMARKED = "not one mark"
    CUT = "cut number"
    ALONE = "value without a name"
    TWO_WAYS = "labelled two ways"
    MISSED = "likely missed"
    LABEL = "doubtful label"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at; ``line`` is None where the message itself says the place."""

    kind: Kind
    report: str
    line: int | None
    message: str


def read_all(path: Path) -> tuple[list[Example], list[Remark]]:
    """The reports that can be read, and a remark for every marked file that cannot.

    Other formats hold all reports in one file and are refused as a whole: AnnotationError.
    """
    files = files_in(path, ".txt") if format_of(path) is Format.MARKS and path.is_dir() else []
    if not files:
        return read(path), []
    examples: list[Example] = []
    broken: list[Remark] = []
    for file in files:
        try:
            examples.append(load(file))
        except AnnotationError as error:
            broken.append(Remark(Kind.BROKEN, name_of(file), None, str(error)))
    return examples, broken + _repeated(files)


def _repeated(files: Sequence[Path]) -> list[Remark]:
    by_name: dict[str, list[Path]] = defaultdict(list)
    for file in files:
        by_name[name_of(file)].append(file)
    return [
        Remark(Kind.BROKEN, name, None, f"{', '.join(map(str, paths))}: {len(paths)} files of one name")
        for name, paths in by_name.items()
        if len(paths) > 1
    ]


def remarks(examples: Sequence[Example], extract: Callable[[str], Result] | None) -> Iterator[Remark]:
    """Everything doubtful, report by report; ``extract`` reads a text with a model, None leaves its part out."""
    ways = two_ways(examples)
    for example in examples:
        own_ways = (remark for remark in ways if remark.report == example.name)
        found = [*unmarked(example), *cut_numbers(example), *values_alone(example), *own_ways]
        if extract is not None:
            found += contradictions(example, extract(example.text).mentions)
        yield from sorted(found, key=lambda remark: (remark.line or 0, remark.kind, remark.message))


def unmarked(example: Example) -> Iterator[Remark]:
    """A report without any mark: one without figures, or one that nobody has finished."""
    if not example.mentions:
        yield Remark(Kind.UNMARKED, example.name, None, "nothing is marked in the whole report; is it finished?")


def cut_numbers(example: Example) -> Iterator[Remark]:
    """Marks with a border inside a number, or between a number and its scale, 元 or %."""
    runs = [Span(*match.span()) for match in DIGIT_RUN.finditer(example.text)]
    for mention in example.mentions:
        for run in runs:
            if _cuts(mention.span, run):
                words, number = _text(example, mention.span), _text(example, run)
                yield _remark(Kind.CUT, example, mention.span, f"{mention.label} {words!r} cuts the number {number!r}")


def _cuts(mark: Span, run: Span) -> bool:
    return run.start < mark.start < run.end or run.start < mark.end < run.end


def values_alone(example: Example) -> Iterator[Remark]:
    """Values that no name and no other value belong to: right only where the name stands in a heading."""
    for positions in example.members().values():
        mention = example.mentions[positions[0]]
        if len(positions) == 1 and len(mention.records) == 1:
            message = (
                f"{mention.label} {_text(example, mention.span)!r} is alone in its record; which indicator does it belong to?"
            )
            yield _remark(Kind.ALONE, example, mention.span, message)


def two_ways(examples: Iterable[Example]) -> list[Remark]:
    """Clauses that occur word for word more than once and are marked differently.

    Target and achieved count as the same: which of them a value is, the chapter decides.
    """
    seen: dict[str, dict[tuple[str, ...], list[tuple[Example, Span]]]] = defaultdict(lambda: defaultdict(list))
    for example in examples:
        for clause, marks in _clauses(example):
            seen[_text(example, clause)][tuple(_way(example, mark) for mark in marks)].append((example, clause))
    found: list[Remark] = []
    for words, readings in seen.items():
        if len(readings) < 2:
            continue
        usual = max(readings, key=lambda ways: len(readings[ways]))
        for ways, places in readings.items():
            for example, clause in places if _differ(ways, usual) else ():
                other, where = readings[usual][0]
                message = (
                    f"{words!r} is marked {_listed(ways)} here, {_listed(usual)} in "
                    f"{other.name} line {line_of(other.text, where.start)}"
                )
                found.append(_remark(Kind.TWO_WAYS, example, clause, message))
    return found


def _differ(ways: Sequence[str], usual: Sequence[str]) -> bool:
    """Whether two readings cannot both be right; a name is rightly left unmarked where no value speaks of it."""
    names_only = all(way.startswith(Label.INDICATOR) for way in (*ways, *usual))
    return ways != usual and not (names_only and not (ways and usual))


def _clauses(example: Example) -> Iterator[tuple[Span, list[GoldMention]]]:
    """The clauses of a text with the marks that lie in them; clauses that a mark crosses are left out."""
    marks = list(example.mentions)
    at = 0
    for match in CLAUSE.finditer(example.text):
        clause = Span(*match.span())
        while at < len(marks) and marks[at].span.end <= clause.start:
            at += 1
        touching = []
        for mark in marks[at:]:
            if mark.span.start >= clause.end:
                break
            touching.append(mark)
        if len(clause) >= SHORTEST_CLAUSE and all(clause.contains(mark.span) for mark in touching):
            yield clause, touching


def contradictions(example: Example, found: Iterable[Mention]) -> Iterator[Remark]:
    """Where a model is sure of a value that nobody marked, or of another label for the same words.

    Rows of tables are left out: they are annotated beside the text, not in it.
    """
    by_span = {mention.span: mention for mention in example.mentions}
    for mention in found:
        if mention.confidence < SURE or mention.origin is Origin.TABLE:
            continue
        words = f"{mention.label} {_text(example, mention.span)!r} ({mention.confidence:.0%} sure)"
        gold = by_span.get(mention.span)
        if gold is not None and gold.label is not mention.label:
            yield _remark(Kind.LABEL, example, mention.span, f"marked {gold.label}; a model takes it for {words}")
        elif mention.label.is_value and not any(mention.span.overlaps(span) for span in by_span):
            yield _remark(Kind.MISSED, example, mention.span, f"nothing is marked where a model finds {words}")


def _remark(kind: Kind, example: Example, span: Span, message: str) -> Remark:
    return Remark(kind, example.name, line_of(example.text, span.start), message)


def _text(example: Example, span: Span) -> str:
    return example.text[span.start : span.end]


def _way(example: Example, mention: GoldMention) -> str:
    label = "TARGET/ACHIEVED" if mention.label in (Label.TARGET, Label.ACHIEVED) else mention.label
    return f"{label} {_text(example, mention.span)}"


def _listed(ways: Sequence[str]) -> str:
    return f"({'; '.join(ways)})" if ways else "not at all"
