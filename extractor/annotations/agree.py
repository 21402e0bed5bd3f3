"""How far two annotators agree on the same reports: the ceiling that any model can reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, zip_longest

from extractor import metrics
from extractor.annotations.validity import line_of
from extractor.errors import AnnotationError
from extractor.metrics import Marked, Scores
from extractor.types import Example, Label, Mention, Record, RecordKind


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One difference; ``first`` and ``second`` are what each annotator says there, empty for nothing."""

    report: str
    line: int
    kind: str  # missing | label | border | link | parent
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts over all reports that both annotated; F1 is the same whichever of the two is taken for gold."""

    reports: tuple[str, ...]
    scores: Mapping[str, Scores]
    disagreements: tuple[Disagreement, ...]
    only_first: tuple[str, ...]  # reports that only one of them annotated
    only_second: tuple[str, ...]


def agree(first: Sequence[Example], second: Sequence[Example]) -> Agreement:
    """Compare the reports of the same name.

    Raises AnnotationError where no name is in both, or where a report's text differs between them.
    """
    ours, theirs = {one.name: one for one in first}, {one.name: one for one in second}
    shared = tuple(name for name in ours if name in theirs)
    if not shared:
        raise AnnotationError(f"no report of one name in both: found {_listed(ours)} and {_listed(theirs)}")
    scores: dict[str, Scores] = {}
    disagreements: list[Disagreement] = []
    for name in shared:
        _check_text(ours[name], theirs[name])
        for kind, count in _scores(ours[name], theirs[name]).items():
            scores[kind] = scores.get(kind, Scores()) + count
        disagreements += _disagreements(ours[name], theirs[name])
    return Agreement(
        shared,
        scores,
        tuple(disagreements),
        tuple(name for name in ours if name not in theirs),
        tuple(name for name in theirs if name not in ours),
    )


def _scores(first: Example, second: Example) -> dict[str, Scores]:
    mentions, records = as_found(second)
    by_label = metrics.span_scores_by_label(first.mentions, second.mentions)
    return {
        "span": metrics.span_scores(first.mentions, second.mentions),
        **{f"span {label}": by_label[label] for label in Label},
        "link": metrics.link_scores(first, mentions, records),
        "record": metrics.record_scores(first, mentions, records),
    }


def as_found(example: Example) -> tuple[list[Mention], list[Record]]:
    """An annotation in the shape of a model's answer, so that both are compared by the same functions."""
    members = example.members()
    numbers = list(members)
    records: list[Record] = []
    for positions in members.values():
        by_label = {label: tuple(k for k in positions if example.mentions[k].label is label) for label in Label}
        parents = [parent for k in positions if (parent := example.mentions[k].parent) is not None]
        records.append(
            Record(
                RecordKind.FUND if by_label[Label.AMOUNT] else RecordKind.PERFORMANCE,
                by_label[Label.INDICATOR],
                by_label[Label.TARGET],
                by_label[Label.ACHIEVED],
                by_label[Label.AMOUNT],
                parent=numbers.index(parents[0]) if parents else None,
            )
        )
    return [Mention(mention.label, mention.span) for mention in example.mentions], records


def _check_text(first: Example, second: Example) -> None:
    if first.text == second.text:
        return
    pairs = zip_longest(first.text, second.text)
    at = next(k for k, (one, other) in enumerate(pairs) if one != other)
    raise AnnotationError(
        f"{first.name}: the two texts differ from character {at}, line {line_of(first.text, at)}: "
        f"{first.text[at : at + 12]!r} and {second.text[at : at + 12]!r}; only annotations of the same text can be compared"
    )


def _disagreements(first: Example, second: Example) -> list[Disagreement]:
    found = [*_spans(first, second), *_links(first, second), *_parents(first, second)]
    return sorted(found, key=lambda one: (one.line, one.kind, one.first, one.second))


def _spans(first: Example, second: Example) -> Iterator[Disagreement]:
    ours, theirs = metrics.marked(first.mentions), metrics.marked(second.mentions)
    missing = theirs - ours  # those not yet told as the other side of one of ours
    for one in sorted(ours - theirs, key=_place):
        touching = [other for other in sorted(missing, key=_place) if other[1] < one[2] and one[1] < other[2]]
        missing -= set(touching)
        same = any(other[1:] == one[1:] for other in touching)
        kind = "missing" if not touching else "label" if same else "border"
        yield _told(first, one, kind, _words(first, [one]), _words(first, touching))
    for other in sorted(missing, key=_place):
        yield _told(first, other, "missing", "", _words(first, [other]))


def _links(first: Example, second: Example) -> Iterator[Disagreement]:
    """Pairs of marks that both set, and that share a record for only one of them."""
    both = metrics.marked(first.mentions) & metrics.marked(second.mentions)
    ours, theirs = _pairs(first, both), _pairs(second, both)
    for pair in ours ^ theirs:
        words = _words(first, sorted(pair, key=_place))
        yield _told(first, min(pair, key=_place), "link", words if pair in ours else "", words if pair in theirs else "")


def _parents(first: Example, second: Example) -> Iterator[Disagreement]:
    """Names that both set, and that are a part of something else for each; a record is known by its first mark."""
    ours, theirs = _wholes(first), _wholes(second)
    for name in metrics.marked(first.mentions) & metrics.marked(second.mentions):
        one, other = ours.get(name), theirs.get(name)
        if one != other:
            said = [_words(first, [name, *([whole] if whole else [])]) if whole else "" for whole in (one, other)]
            yield _told(first, name, "parent", *said)


def _pairs(example: Example, among: set[Marked]) -> set[frozenset[Marked]]:
    return {frozenset(pair) for group in metrics.gold_groups(example) for pair in combinations(group & among, 2)}


def _wholes(example: Example) -> dict[Marked, Marked]:
    members = example.members()
    ordered = [(mention.label, mention.span.start, mention.span.end) for mention in example.mentions]
    return {
        ordered[k]: ordered[members[mention.parent][0]]
        for k, mention in enumerate(example.mentions)
        if mention.parent is not None
    }


def _place(mark: Marked) -> tuple[int, int, Label]:
    return mark[1], mark[2], mark[0]


def _told(example: Example, mark: Marked, kind: str, first: str, second: str) -> Disagreement:
    return Disagreement(example.name, line_of(example.text, mark[1]), kind, first, second)


def _words(example: Example, marks: Iterable[Marked]) -> str:
    return " – ".join(f"{label} {example.text[start:end]}" for label, start, end in marks)


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    return ", ".join(found[:5]) + (" …" if len(found) > 5 else "")
