"""Label Studio's JSON ↔ examples: a list of tasks, one per report.

``data.text`` is the text, ``data.name`` the report's name. What people drew is in ``annotations``; ``predictions`` are a
model's drafts and become gold only where they are asked for. Offsets count characters of the task's text, and every region's
own words are compared with them.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from extractor.annotations import strict_json
from extractor.annotations.drafts import Draft
from extractor.annotations.links import PART_OF, RECORD, Arrow, Marked, example_of, heads, links, note, numbers_of
from extractor.annotations.marks import name_of, text_of
from extractor.annotations.validity import field, label_of, line_of, name_in, span_of
from extractor.errors import AnnotationError
from extractor.types import Example, Label

COLOURS = {Label.INDICATOR: "#5b8ff9", Label.TARGET: "#f6bd16", Label.ACHIEVED: "#5ad8a6", Label.AMOUNT: "#e8684a"}
# The labelling interface that the tasks are made for: a new project's settings.
INTERFACE = "\n".join(
    (
        "<View>",
        "  <Relations>",
        *(f'    <Relation value="{kind}"/>' for kind in (RECORD, PART_OF, f"{RECORD}-2", f"{PART_OF}-2")),
        "  </Relations>",
        '  <Labels name="label" toName="text">',
        *(f'    <Label value="{label}" background="{colour}"/>' for label, colour in COLOURS.items()),
        "  </Labels>",
        '  <Text name="text" value="$text"/>',
        "</View>\n",
    )
)


def read(path: Path, *, predictions: bool = False) -> Iterator[tuple[str, Example]]:
    """The reports of a file, each with its place; of ``predictions`` where asked for, else of people's annotations."""
    for number, (line, task) in enumerate(_tasks(text_of(path), path), 1):
        where = f"{path}: line {line}, task {number}"
        if isinstance(task, Mapping) and "data" not in task and "text" in task:
            raise AnnotationError(f"{where}: text without 'data', as in JSON-MIN; export as JSON, which keeps the links")
        content = field(task, "data", dict, where)
        text = field(content, "text", str, where)
        name = name_in(content, "name", f"{name_of(path)}-{name_in(task, 'id', str(number), where)}", where)
        yield where, _example((name, text), _regions(task, predictions, where), where)


def write(examples: Sequence[Example], path: Path) -> None:
    """Write finished annotations."""
    _write([{"data": _content(example), "annotations": [{"result": _result(example)}]} for example in examples], path)


def write_drafts(drafts: Sequence[Draft], path: Path) -> None:
    """Write a model's drafts as predictions, with the score of every region and of the whole, and the model's version."""
    _write([{"data": _content(draft.example), "predictions": [_prediction(draft)]} for draft in drafts], path)


def _prediction(draft: Draft) -> dict[str, Any]:
    result = _result(draft.example)
    for region, confidence in zip(result, draft.confidences, strict=False):  # the links stand behind the marks
        region["score"] = round(confidence, 4)
    mean = sum(draft.confidences) / len(draft.confidences) if draft.confidences else 0.0
    return {"model_version": draft.model_version, "score": round(mean, 4), "result": result}


def _write(tasks: list[dict[str, Any]], path: Path) -> None:
    path.write_bytes((json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode())


def _content(example: Example) -> dict[str, str]:
    return {"name": example.name, "text": example.text}


def _result(example: Example) -> list[dict[str, Any]]:
    """The marks, in text order, and behind them the links."""
    numbers = heads(example)
    marks = [
        {
            "id": f"m{k}",
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {
                "start": mention.span.start,
                "end": mention.span.end,
                "text": example.text[mention.span.start : mention.span.end],
                "labels": [str(mention.label)],
            },
            **({"meta": {"text": [note(numbers[k])]}} if k in numbers else {}),
        }
        for k, mention in enumerate(example.mentions)
    ]
    arrows = [
        {
            "type": "relation",
            "from_id": f"m{link.source}",
            "to_id": f"m{link.target}",
            "direction": "right",
            "labels": [link.kind],
        }
        for link in links(example)
    ]
    return [*marks, *arrows]


def _tasks(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    """The tasks of a list, each with the line it begins in."""
    at = _visible(text, text.startswith("\ufeff"))
    if text[at : at + 1] != "[":
        raise AnnotationError(
            f"{path}: begins with {text[at : at + 20]!r}; Label Studio's export is a list of tasks (doccano's are named .jsonl)"
        )
    at = _visible(text, at + 1)
    is_over = text[at : at + 1] == "]"
    while not is_over:
        try:
            task, end = strict_json.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise AnnotationError(f"{path}: line {error.lineno}: no JSON at column {error.colno} ({error.msg})") from error
        yield line_of(text, at), task
        at = _visible(text, end)
        sign = text[at : at + 1]
        if sign not in (",", "]"):
            found = text[at : at + 20] or "the end of the file"
            raise AnnotationError(f"{path}: line {line_of(text, at)}: found {found!r}; behind a task comes a comma or ]")
        is_over = sign == "]"
        at = at if is_over else _visible(text, at + 1)
    at = _visible(text, at + 1)
    if text[at:]:
        raise AnnotationError(
            f"{path}: line {line_of(text, at)}: found {text[at : at + 20]!r} behind the list of tasks; a file holds one list"
        )


def _visible(text: str, at: int) -> int:
    """The first place from ``at`` on that is no blank of JSON."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _regions(task: Any, predictions: bool, where: str) -> list[Any]:
    key = "predictions" if predictions else "annotations"
    given = [one for one in field(task, key, list, where) if not (isinstance(one, Mapping) and one.get("was_cancelled"))]
    if len(given) != 1:
        raise AnnotationError(
            f"{where}: {len(given)} {key}; one of each report is read: finish the task, leave it out, or export one annotator's"
        )
    return field(given[0], "result", list, where)


def _example(report: tuple[str, str], regions: Sequence[Any], where: str) -> Example:
    marks: dict[Hashable, Marked] = {}
    numbers: dict[Hashable, Sequence[int]] = {}
    arrows: list[Arrow] = []
    for k, region in enumerate(regions, 1):
        place = f"{where}, region {k}"
        match kind := field(region, "type", str, place):
            case "relation":
                arrows.append(_arrow(region, place))
            case "labels":
                one = field(region, "id", str, place)
                if one in marks:
                    raise AnnotationError(f"{place}: id {one!r} comes a second time; each mark has its own")
                marks[one] = _mark(report[1], field(region, "value", dict, place), place)
                words = _note(region, place)
                numbers |= {one: numbers_of(words, place)} if words else {}
            case _:
                raise AnnotationError(f"{place}: type {kind!r}; read are 'labels' (marks) and 'relation' (links)")
    return example_of(report, marks, arrows, numbers, where)


def _mark(text: str, value: Mapping[str, Any], where: str) -> Marked:
    labels = field(value, "labels", list, where)
    if len(labels) != 1:
        raise AnnotationError(f"{where}: {len(labels)} labels; a mark has one of {', '.join(Label)}")
    surface = field(value, "text", str, where) if "text" in value else None
    start, end = field(value, "start", int, where), field(value, "end", int, where)
    return label_of(labels[0], where), span_of(text, start, end, surface, where)


def _note(region: Mapping[str, Any], where: str) -> str:
    meta = region.get("meta") or {}
    words = meta.get("text") if isinstance(meta, Mapping) else meta
    return "\n".join(map(str, words)) if isinstance(words, list) else str(words or "")


def _arrow(region: Mapping[str, Any], where: str) -> Arrow:
    """A link that nobody named is one of record, the only kind that most reports need."""
    ends = field(region, "from_id", str, where), field(region, "to_id", str, where)
    labels = region.get("labels") or [RECORD]
    if not isinstance(labels, list) or len(labels) != 1:
        raise AnnotationError(f"{where}: link labels {labels!r:.60}; a link has one, such as {RECORD} or {PART_OF}")
    match direction := region.get("direction", "right"):
        case "right":
            return (where, *ends, str(labels[0]))
        case "left":
            return (where, ends[1], ends[0], str(labels[0]))
        case _:
            raise AnnotationError(f"{where}: direction {direction!r}; a link leads from a name to its value: 'right' or 'left'")
