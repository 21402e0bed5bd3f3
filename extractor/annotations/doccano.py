"""doccano's JSON Lines ↔ examples: one report a line.

Read are the spellings that doccano's own versions write: the text as ``text`` or ``data``; marks as ``entities`` (objects
with ``start_offset`` and ``end_offset``), ``label`` or ``labels`` (such objects, or triples of start, end, label); links as
``relations`` (``from_id``, ``to_id``, ``type``). Keys beyond these are doccano's metadata and are not read, but for ``name``
and ``Comments``, which are refused: they would be lost. Offsets count characters.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from extractor.annotations import strict_json
from extractor.annotations.links import Arrow, Marked, example_of, heads, links
from extractor.annotations.marks import name_of, text_of
from extractor.annotations.validity import field, identity, label_of, name_in, record_numbers, span_of
from extractor.errors import AnnotationError
from extractor.types import Example

TEXTS = ("text", "data")
MARKS = ("entities", "label", "labels")


def read(path: Path) -> Iterator[tuple[str, Example]]:
    """The reports of a file, each with its place."""
    lines = text_of(path).removeprefix("\ufeff").split("\n")  # splitlines would also cut at characters of the texts
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}: line {number}"
            yield where, _example(_object(line, where), f"{name_of(path)}-{number}", where)


def write(examples: Sequence[Example], path: Path) -> None:
    """Write a line per report; marks keep the numbers of the records they head, which doccano itself does not keep."""
    path.write_bytes("".join(json.dumps(_object_of(example), ensure_ascii=False) + "\n" for example in examples).encode())


def _object_of(example: Example) -> dict[str, Any]:
    numbers = heads(example)
    return {
        "name": example.name,
        "text": example.text,
        "entities": [
            {
                "id": k,
                "label": str(mention.label),
                "start_offset": mention.span.start,
                "end_offset": mention.span.end,
                **({"records": list(numbers[k])} if k in numbers else {}),
            }
            for k, mention in enumerate(example.mentions)
        ],
        "relations": [
            {"id": k, "from_id": link.source, "to_id": link.target, "type": link.kind} for k, link in enumerate(links(example))
        ],
    }


def _object(line: str, where: str) -> Any:
    try:
        return strict_json.loads(line)
    except json.JSONDecodeError as error:
        raise AnnotationError(f"{where}: no JSON at column {error.colno} ({error.msg}); each line is one JSON object") from error


def _example(report: Any, fallback: str, where: str) -> Example:
    text = field(report, _only(report, TEXTS, where), str, where)
    marks: dict[Hashable, Marked] = {}
    numbers: dict[Hashable, Sequence[int]] = {}
    for k, entity in enumerate(field(report, _only(report, MARKS, where), list, where)):
        place = f"{where}: mark {k + 1}"
        spelled = _as_object(entity, k, place)
        one = identity(spelled, "id", place)
        if one in marks:
            raise AnnotationError(f"{place}: id {one!r} comes a second time; each mark has its own")
        start, end = field(spelled, "start_offset", int, place), field(spelled, "end_offset", int, place)
        marks[one] = label_of(spelled.get("label"), place), span_of(text, start, end, None, place)
        if "records" in spelled:
            numbers[one] = record_numbers(field(spelled, "records", list, place), place)
    arrows: list[Arrow] = []
    for k, relation in enumerate(field(report, "relations", list, where) if "relations" in report else ()):
        place = f"{where}: relation {k + 1}"
        ends = identity(relation, "from_id", place), identity(relation, "to_id", place)
        arrows.append((place, *ends, field(relation, "type", str, place)))
    if comments := report.get("Comments"):
        raise AnnotationError(f"{where}: Comments {comments!r:.60}; comments cannot be kept, take them out")
    name = name_in(report, "name", name_in(report, "id", fallback, where), where)
    return example_of((name, text), marks, arrows, numbers, where)


def _only(report: Any, spellings: Sequence[str], where: str) -> str:
    if not isinstance(report, Mapping):
        raise AnnotationError(f"{where}: found {report!r:.60}; each line is one JSON object")
    found = [key for key in spellings if key in report]
    if len(found) != 1:
        raise AnnotationError(
            f"{where}: found {' and '.join(found) or 'none'} of {', '.join(spellings)}; just one of them is read"
        )
    return found[0]


def _as_object(entity: Any, position: int, where: str) -> Mapping[str, Any]:
    """A mark as an object, be it written as one or as a triple, which has no id but its position."""
    if isinstance(entity, list):
        if len(entity) != 3:
            raise AnnotationError(f"{where}: found {entity!r:.60}; a mark is [start, end, label] or an object")
        return dict(zip(("start_offset", "end_offset", "label"), entity, strict=True)) | {"id": position}
    if not isinstance(entity, Mapping):
        raise AnnotationError(f"{where}: found {entity!r:.60}; a mark is [start, end, label] or an object")
    return {"id": position, **entity}
