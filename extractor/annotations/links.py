"""Records as links between mentions: what annotation tools can draw.

A record is its head and a link ``record`` from the head to each of its other mentions; a mention without any such link is a
record of its own. The head is a name, or a value where the record has no name. ``part_of`` leads from a name to the record
that its own is a part of. Where one mention heads several records, the links of its second are called ``record-2``, those to
it ``part_of-2``, and so on.

Links do not say which number a record has; the numbers of the records that a mention heads travel with the mention where the
format has a place for them. Where they are lost, records are numbered by first appearance.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from extractor.annotations.marks import NUMBER
from extractor.annotations.validity import record_numbers
from extractor.errors import AnnotationError
from extractor.types import Example, GoldMention, Label, Span

RECORD = "record"
PART_OF = "part_of"
KIND = re.compile(rf"({RECORD}|{PART_OF})(?:-({NUMBER}))?")
NOTE = re.compile(rf"records ({NUMBER}(?:,{NUMBER})*)")

Marked = tuple[Label, Span]
Arrow = tuple[str, Hashable, Hashable, str]  # a link as a tool draws it: its place in the file, from, to, kind
Group = tuple[int, int]  # a record before it has a number: its head's position, and which of the head's records, from 1


@dataclass(frozen=True, slots=True)
class Link:
    """From one mention to another, by their positions in text order; ``kind`` as the module's docstring says."""

    source: int
    target: int
    kind: str


def heads(example: Example) -> dict[int, tuple[int, ...]]:
    """Positions of the mentions that head records, each with the numbers of those, ascending."""
    found: dict[int, tuple[int, ...]] = {}
    for number, positions in sorted(example.members().items()):
        head = _head(example, positions)
        found[head] = (*found.get(head, ()), number)
    return found


def _head(example: Example, positions: Sequence[int]) -> int:
    names = [position for position in positions if not example.mentions[position].label.is_value]
    # One that belongs to few records is the least likely to head another.
    return min(names or positions, key=lambda position: (len(example.mentions[position].records), position))


def links(example: Example) -> list[Link]:
    """The links of an example; the inverse of `join`.

    Raises AnnotationError where records differ in a way that links cannot say.
    """
    groups = {number: (head, k) for head, numbers in heads(example).items() for k, number in enumerate(numbers, 1)}
    found = [
        Link(head, position, _kind(RECORD, k))
        for number, (head, k) in groups.items()
        for position in example.members()[number]
        if position != head
    ]
    for position, mention in enumerate(example.mentions):
        if mention.parent is not None:
            head, k = groups[mention.parent]
            found.append(Link(position, head, _kind(PART_OF, k)))
    marked = [(mention.label, mention.span) for mention in example.mentions]
    in_order = tuple(replace(mention, records=tuple(sorted(mention.records))) for mention in example.mentions)
    if join(marked, found, heads(example), example.name) != in_order:
        raise AnnotationError(
            f"{example.name}: records share mentions in a way that links cannot say; "
            "give every record a name or a value that belongs to it alone"
        )
    return found


def join(
    marked: Sequence[Marked], links: Iterable[Link], numbers: Mapping[int, Sequence[int]], where: str
) -> tuple[GoldMention, ...]:
    """The mentions with their records.

    marked: in text order. numbers: what `heads` said when the example was written, as far as the format kept it.
    Raises AnnotationError for a link that is none of ours, or that leads where none can.
    """
    groups: dict[Group, list[int]] = {}
    parents: dict[int, Link] = {}
    for link in links:
        kind, k = _kind_of(link.kind, where)
        _check_ends(marked, link, kind, where)
        if kind == RECORD:
            groups.setdefault((link.source, k), [link.source]).append(link.target)
        elif parents.setdefault(link.source, link) != link:
            raise AnnotationError(
                f"{where}: two links {PART_OF} from the name at {_place(marked, link.source)}; a name is a part of one record"
            )
    _check_chains(marked, groups, where)
    linked = {position for members in groups.values() for position in members}
    groups |= {(position, 1): [position] for position in range(len(marked)) if position not in linked}
    named = _numbered(groups, numbers)
    records: dict[int, list[int]] = {}
    for group, number in named.items():
        for position in set(groups[group]):
            records.setdefault(position, []).append(number)
    return tuple(
        GoldMention(
            label,
            span,
            tuple(sorted(records[position])),
            named[_target(parents[position], groups, marked, where)] if position in parents else None,
        )
        for position, (label, span) in enumerate(marked)
    )


def example_of(
    report: tuple[str, str],
    marks: Mapping[Hashable, Marked],
    arrows: Iterable[Arrow],
    numbers: Mapping[Hashable, Sequence[int]],
    where: str,
) -> Example:
    """The example that a tool's file draws. report: (name, text). The tool's own ids are the keys of all the rest.

    Raises AnnotationError as `join` does, and for an arrow of another kind or at an id that is no mark.
    """
    ids = sorted(marks, key=lambda one: marks[one][1])
    position = {one: k for k, one in enumerate(ids)}
    found: list[Link] = []
    for place, source, target, kind in arrows:
        _kind_of(kind, place)
        for end in (source, target):
            if end not in position:
                raise AnnotationError(f"{place}: a link {kind!r} at {end!r}, which is no mark; marks here are {_listed(ids)}")
        found.append(Link(position[source], position[target], kind))
    told = {position[one]: numbers[one] for one in ids if one in numbers}
    name, text = report
    return Example(name, text, join([marks[one] for one in ids], found, told, where))


def note(numbers: Sequence[int]) -> str:
    """The numbers of a head's records as words, for formats whose mentions bear notes."""
    return f"records {','.join(map(str, numbers))}"


def numbers_of(words: str, where: str) -> tuple[int, ...]:
    """The inverse of `note`; refuses an annotator's own note, since it would be lost."""
    match = NOTE.fullmatch(words)
    if match is None:
        raise AnnotationError(f"{where}: a note {words!r:.60}; notes cannot be kept, take it out (ours read 'records 1,2')")
    return record_numbers([int(number) for number in match[1].split(",")], f"{where}: a note {words!r:.60}")


def _kind_of(words: str, where: str) -> tuple[str, int]:
    """The inverse of `_kind`."""
    match = KIND.fullmatch(words)
    if match is None:
        raise AnnotationError(
            f"{where}: a link of kind {words!r:.60}; links are {RECORD}, {PART_OF} and {RECORD}-2, {PART_OF}-2 …"
        )
    return match[1], int(match[2] or 1)


def _kind(kind: str, k: int) -> str:
    return kind if k == 1 else f"{kind}-{k}"


def _check_ends(marked: Sequence[Marked], link: Link, kind: str, where: str) -> None:
    source, target = marked[link.source][0], marked[link.target][0]
    if link.source == link.target:
        raise AnnotationError(f"{where}: a link from {_place(marked, link.source)} to itself; a link joins two marks")
    if source.is_value and (kind == PART_OF or not target.is_value):
        raise AnnotationError(
            f"{where}: a link {link.kind} from {source} at {_place(marked, link.source)} to {target} at "
            f"{_place(marked, link.target)}; links lead from a name to its values, or, where no name is, from value to value"
        )


def _check_chains(marked: Sequence[Marked], groups: Mapping[Group, Sequence[int]], where: str) -> None:
    targets = {position for members in groups.values() for position in members[1:]}
    for head, _ in groups:
        if head in targets and marked[head][0].is_value:
            raise AnnotationError(
                f"{where}: the value at {_place(marked, head)} is linked to and linked on; "
                "draw all links of a record from one mark, its name where it has one"
            )


def _numbered(groups: Mapping[Group, Sequence[int]], numbers: Mapping[int, Sequence[int]]) -> dict[Group, int]:
    """A number for every group: the one it had, or else the next free one, by first appearance."""
    in_order = sorted(groups, key=lambda group: (min(groups[group]), group))
    named: dict[Group, int] = {}
    for head, k in in_order:
        told = numbers.get(head, ())
        if k <= len(told) and told[k - 1] not in named.values():
            named[head, k] = told[k - 1]
    free = (number for number in count(1) if number not in set(named.values()))
    return named | {group: next(free) for group in in_order if group not in named}


def _target(link: Link, groups: Mapping[Group, Sequence[int]], marked: Sequence[Marked], where: str) -> Group:
    """The record that a name is a part of: the one headed by the link's target, or the only one that holds it."""
    group = (link.target, _kind_of(link.kind, where)[1])
    if group in groups:
        return group
    holding = [group for group, members in groups.items() if link.target in members]
    if len(holding) != 1:
        raise AnnotationError(
            f"{where}: a link {link.kind} to {_place(marked, link.target)}, which is in {len(holding)} records, not one"
        )
    return holding[0]


def _place(marked: Sequence[Marked], position: int) -> str:
    span = marked[position][1]
    return f"{span.start}-{span.end}"


def _listed(ids: Sequence[Hashable]) -> str:
    return ", ".join(map(str, ids[:5])) + (" …" if len(ids) > 5 else "") if ids else "none"
