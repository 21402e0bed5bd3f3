"""Results ↔ the JSON contract: plain dictionaries, exact numbers as decimal strings, ids in text order."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from unicodedata import east_asian_width

from extractor.types import (
    Block,
    BlockKind,
    Box,
    Cell,
    Document,
    Fact,
    Finding,
    Label,
    Mention,
    ModelInfo,
    Origin,
    Page,
    Period,
    Problem,
    Proposal,
    Quantity,
    QuantityKind,
    Record,
    RecordKind,
    Relation,
    Result,
    RuleCount,
    Severity,
    Span,
    TableAccount,
)

SCHEMA = 1
FOUR_PLACES = Decimal("0.0001")
# What stands right before a percentage that says how much of a plan was reached: 完成率达 71.4%, 完成年度任务的88.2%.
COMPLETION_CUE = re.compile(r"(?:完成率[^\d，。；\n]{0,6}|(?:完成|占)[^，。；\n]{0,20}的)$")
CUE_LENGTH = 40
# json leaves these as they are, but some readers of JSON Lines take them for line ends.
LINE_ENDS = {"\u0085": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def to_dict(result: Result) -> dict[str, Any]:
    """The result as the output contract writes it; only dicts, lists, str, int, float and None."""
    result = in_text_order(result)
    document = result.document
    return {
        "schema": SCHEMA,
        "source": document.source,
        "sha256": document.sha256,
        "pages": None if document.pages is None else len(document.pages),
        "scanned": [{"page": page.number, "steps": list(page.steps)} for page in document.pages or () if page.steps],
        "text": document.text,
        "blocks": [_block(block) for block in document.blocks],
        "mentions": list(_mentions(result)),
        "records": [_record(result, position) for position in range(len(result.records))],
        "findings": list(_findings(result)),
        "checks": [_check(count) for count in result.checks],
        "facts": [_fact(document.text, fact) for fact in result.facts],
        "tables": [_table(table, number) for number, table in enumerate(result.tables, start=1)],
        "problems": [{"where": problem.where, "message": problem.message} for problem in all_problems(result)],
        "model": {"name": result.model.name, "version": result.model.version},
    }


def to_json(result: Result, *, indent: int | None = None) -> bytes:
    """The contract's JSON as UTF-8, on one line unless ``indent`` is given, without a final line end."""
    return encoded(to_dict(result), indent=indent)


def encoded(output: Mapping[str, Any], *, indent: int | None = None) -> bytes:
    """What `to_dict` returned as `to_json` writes it."""
    text = json.dumps(output, ensure_ascii=False, indent=indent)
    for mark, escaped in LINE_ENDS.items():
        text = text.replace(mark, escaped)
    # Half a surrogate pair has no UTF-8 form; backslashreplace writes it as the escape that JSON itself uses.
    return text.encode("utf-8", errors="backslashreplace")


def from_dict(output: Mapping[str, Any]) -> Result:
    """Read a result back from `to_dict`.

    Page sizes are not part of the contract: they are 0, and only the boxes of mentions and of findings are known. Raises
    KeyError or ValueError where the dictionary breaks the contract.
    """
    steps = {scanned["page"]: tuple(scanned["steps"]) for scanned in output.get("scanned", ())}
    numbers = range(1, (output["pages"] or 0) + 1)
    pages = None if output["pages"] is None else tuple(Page(number, 0.0, 0.0, steps.get(number, ())) for number in numbers)
    spans = [Span(mention["start"], mention["end"]) for mention in output["mentions"]]
    quantities = {
        value["mention"]: _read_quantity(value["quantity"], value["text"])
        for record in output["records"]
        for value in (*record["target"], *record["achieved"], *record["amount"])
        if value["quantity"]
    }
    return Result(
        document=Document(
            output["source"], output["sha256"], output["text"], _read_blocks(output), pages, tuple(_read_boxes(spans, output))
        ),
        mentions=tuple(
            Mention(
                Label(mention["label"]),
                span,
                mention["confidence"],
                Origin(mention["origin"]),
                _read_proposal(mention.get("proposal")),
            )
            for span, mention in zip(spans, output["mentions"], strict=True)
        ),
        quantities=tuple(quantities.get(mention["id"]) for mention in output["mentions"]),
        records=tuple(_read_record(record) for record in output["records"]),
        model=ModelInfo(output["model"]["name"], output["model"]["version"]),
        findings=tuple(
            Finding(
                finding["rule"],
                Severity(finding["severity"]),
                finding["message"],
                _positions(finding["records"]),
                _positions(finding["mentions"]),
                tuple(Span(start, end) for start, end in finding["spans"]),
                finding["title"],
                finding["confidence"],
            )
            for finding in output["findings"]
        ),
        checks=tuple(
            RuleCount(check["rule"], check["title"], check["holds"], check["fails"], check["unknown"])
            for check in output["checks"]
        ),
        problems=tuple(Problem(problem["where"], problem["message"]) for problem in output["problems"]),
        facts=tuple(Fact(fact["name"], Span(fact["start"], fact["end"])) for fact in output["facts"]),
        tables=tuple(_read_table(table) for table in output["tables"]),
    )


def in_text_order(result: Result) -> Result:
    """The same result with mentions, records and findings sorted by where they begin; positions follow."""
    starts = [mention.span for mention in result.mentions]
    mentions = sorted(range(len(starts)), key=lambda position: starts[position])
    end = Span(len(result.document.text), len(result.document.text) + 1)  # for what stands nowhere in the text
    record_starts = [min((starts[mention] for mention in record.mentions), default=end) for record in result.records]
    records = sorted(range(len(record_starts)), key=lambda position: record_starts[position])

    def finding_start(finding: Finding) -> Span:
        places = [*(starts[mention] for mention in finding.mentions), *finding.spans]
        places += [record_starts[record] for record in finding.records]
        return min(places, default=end)

    move = {old: new for new, old in enumerate(mentions)}
    move_record = {old: new for new, old in enumerate(records)}
    return replace(
        result,
        mentions=tuple(result.mentions[position] for position in mentions),
        quantities=tuple(result.quantities[position] for position in mentions),
        records=tuple(result.records[position].moved(move.__getitem__, move_record.__getitem__) for position in records),
        findings=tuple(
            replace(
                finding,
                records=tuple(move_record[record] for record in finding.records),
                mentions=tuple(move[mention] for mention in finding.mentions),
            )
            for finding in sorted(result.findings, key=finding_start)
        ),
    )


def all_problems(result: Result) -> tuple[Problem, ...]:
    """What the reader and the later steps could not understand, each once."""
    return tuple(dict.fromkeys((*result.document.problems, *result.problems)))


def stated_completion(result: Result, record: Record) -> int | None:
    """The position of the achieved mention that is a completion rate; None where the record states none.

    The result is in text order. A rate is taken for one when the record counts something else besides (not only a rise
    in percentage points), or when the words before it say so.
    """
    quantities = result.quantities
    others = [quantities[mention] for mention in (*record.targets, *record.achieved)]
    counted = any(quantity is not None and quantity.unit != "%" and quantity.kind is QuantityKind.LEVEL for quantity in others)
    for mention in record.achieved:
        quantity = quantities[mention]
        is_rate = quantity is not None and quantity.unit == "%" and quantity.kind is QuantityKind.SHARE
        if is_rate and not isinstance(_value(quantity), tuple) and (counted or _has_cue(result, mention)):
            return mention
    return None


def completion(result: Result, record: Record) -> tuple[Decimal | None, Decimal | None]:
    """(stated, computed) completion as ratios, 1 = the target exactly; None where the report or the numbers give none.

    Computed is achieved / target, half up to 4 places, where each is one single number, the units agree and the target
    is not 0. A difference to the target (比计划少2部) is no result of its own.
    """
    stated = stated_completion(result, record)
    said = None if stated is None else _value(result.quantities[stated])
    targets = distinct(result, record.targets)
    achieved = distinct(result, (mention for mention in record.achieved if mention != stated))
    if targets and all(target.kind is not QuantityKind.CHANGE for target in targets):
        achieved = [quantity for quantity in achieved if quantity.kind is not QuantityKind.CHANGE]
    return (
        said / 100 if isinstance(said, Decimal) else None,
        _ratio(achieved[0], targets[0]) if len(achieved) == len(targets) == 1 else None,
    )


def distinct(result: Result, mentions: Iterable[int]) -> list[Quantity]:
    """The quantities of these mentions, each number and unit once, in the order given."""
    quantities = (result.quantities[mention] for mention in mentions)
    return list({(quantity.value, quantity.unit): quantity for quantity in quantities if quantity is not None}.values())


def indicator_text(result: Result, record: Record) -> str | None:
    """The indicator's fullest name; None where the report gives none."""
    return record.name or max((result.text_of(mention) for mention in record.indicators), key=len, default=None)


def form_fact(result: Result, *names: str) -> str | None:
    """What the form at the head of a report says under the first of these names that it has; None where it has none."""
    said = {fact.name: result.document.text[fact.span.start : fact.span.end] for fact in reversed(result.facts)}
    return next((said[name] for name in names if name in said), None)


def page_finder(document: Document) -> Callable[[Span], list[Box]]:
    """A function from a span to the boxes of its characters, in text order; a box that holds more is cut to them."""
    boxes = document.boxes
    starts = [box.span.start for box in boxes]

    def boxes_of(span: Span) -> list[Box]:
        first = max(0, bisect_left(starts, span.start) - 1)  # the one before may reach into the span
        last = bisect_left(starts, span.end)
        return [_cut(box, span, document.text) for box in boxes[first:last] if box.span.overlaps(span)]

    return boxes_of


def _cut(box: Box, span: Span, text: str) -> Box:
    """The part of a line's box that the span takes up, estimated: a Chinese character is as wide as two others."""
    kept = Span(max(box.span.start, span.start), min(box.span.end, span.end))
    left, top, right, bottom = box.bounds
    is_vertical = len(box.span) > 1 and bottom - top > right - left
    if kept == box.span or is_vertical:
        return box
    widths = [2 if east_asian_width(character) in "WF" else 1 for character in text[box.span.start : box.span.end]]
    per_width = (right - left) / sum(widths)
    start = left + per_width * sum(widths[: kept.start - box.span.start])
    end = left + per_width * sum(widths[: kept.end - box.span.start])
    return Box(kept, box.page, (round(start, 2), top, round(end, 2), bottom), box.confidence)


def _read_boxes(spans: Sequence[Span], output: Mapping[str, Any]) -> list[Box]:
    """The boxes of mentions, which stand at ``spans``, and of the other words that findings rest on, in text order."""
    places = list(zip(spans, output["mentions"], strict=True))
    for finding in output["findings"]:
        for (start, end), place in zip(finding["spans"], finding.get("places", ()), strict=False):
            if not any(span.overlaps(Span(start, end)) for span, _ in places):  # else they are known already
                places.append((Span(start, end), place))
    return [
        Box(span, place["page"], (box[0], box[1], box[2], box[3]))
        for span, place in sorted(places, key=lambda one: one[0])
        for box in place["boxes"] or ()
    ]


def _block(block: Block) -> dict[str, Any]:
    """Cells are lists: row, column, start, end, row span, column span; start and end are null where a cell is empty."""
    cells = [
        [cell.row, cell.column, cell.span and cell.span.start, cell.span and cell.span.end, cell.row_span, cell.column_span]
        for cell in block.cells
    ]
    span = block.span
    return {"kind": str(block.kind), "start": span.start, "end": span.end, "level": block.level, "cells": cells}


def _read_blocks(output: Mapping[str, Any]) -> tuple[Block, ...]:
    """The blocks; none where the result was written by a version that kept none."""
    return tuple(
        Block(
            BlockKind(block["kind"]),
            Span(block["start"], block["end"]),
            block["level"],
            tuple(
                Cell(row, column, None if start is None else Span(start, end), row_span, column_span)
                for row, column, start, end, row_span, column_span in block["cells"]
            ),
        )
        for block in output.get("blocks", ())
    )


def _mentions(result: Result) -> Iterator[dict[str, Any]]:
    boxes_of = page_finder(result.document)
    for position, mention in enumerate(result.mentions):
        yield {
            "id": f"m{position + 1}",
            "label": str(mention.label),
            "start": mention.span.start,
            "end": mention.span.end,
            "text": result.text_of(position),
            "origin": str(mention.origin),
            "confidence": round(float(mention.confidence), 4),
            **_place(result.document, boxes_of(mention.span)),
            "proposal": mention.proposal and _proposal(mention.proposal),
        }


def _place(document: Document, boxes: Sequence[Box]) -> dict[str, Any]:
    """Boxes of one page only: coordinates mean nothing without their page. Words rarely cross a page's end."""
    page = boxes[0].page if boxes else None
    return {
        "page": page,
        "boxes": None if document.pages is None else [list(box.bounds) for box in boxes if box.page == page],
    }


def _record(result: Result, position: int) -> dict[str, Any]:
    record = result.records[position]
    stated, computed = completion(result, record)
    return {
        "id": f"r{position + 1}",
        "kind": str(record.kind),
        "indicator": _indicator(result, record),
        "target": [_stated(result, mention) for mention in record.targets],
        "achieved": [_stated(result, mention) for mention in record.achieved],
        "amount": [_stated(result, mention) for mention in record.amounts],
        "completion": {"stated": _decimal(stated), "computed": _decimal(computed)},
        "level1": record.level1,
        "level2": record.level2,
        "weight": record.weight,
        "score": record.score,
        "reason": record.reason,
        "role": record.role,
        "period": record.period and {"start": record.period.start.isoformat(), "end": record.period.end.isoformat()},
        "section": list(record.section),
        "origin": str(record.origin),
        "sources": [str(source) for source in record.sources(result.mentions)],
        "table": record.row and {"id": f"t{record.row[0] + 1}", "row": record.row[1] + 1},
        "extras": [{"head": head, "text": text} for head, text in record.extras],
        "related": [f"r{other + 1}" for other in record.related],
        "confidence": round(float(record.confidence), 4),
    }


def _indicator(result: Result, record: Record) -> dict[str, Any] | None:
    text = indicator_text(result, record)
    if text is None:
        return None
    return {
        "text": text,
        "mentions": [f"m{mention + 1}" for mention in record.indicators],
        "parent": None if record.parent is None else f"r{record.parent + 1}",
    }


def _stated(result: Result, mention: int) -> dict[str, Any]:
    quantity = result.quantities[mention]
    return {
        "mention": f"m{mention + 1}",
        "text": result.text_of(mention),
        "quantity": quantity and _quantity(quantity),
    }


def _quantity(quantity: Quantity) -> dict[str, str]:
    return {
        "value": quantity.value_text(),
        "unit": quantity.unit,
        "relation": str(quantity.relation),
        "kind": str(quantity.kind),
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "original": proposal.original,
        "text": proposal.text,
        "quantity": _quantity(proposal.quantity),
        "reason": proposal.reason,
        "supported": proposal.is_supported,
    }


def _findings(result: Result) -> Iterator[dict[str, Any]]:
    """``places`` say of every one of ``spans`` where it stands on its page."""
    boxes_of = page_finder(result.document)
    for number, finding in enumerate(result.findings, start=1):
        yield {
            "id": f"f{number}",
            "rule": finding.rule,
            "severity": str(finding.severity),
            "message": finding.message,
            "records": [f"r{record + 1}" for record in finding.records],
            "mentions": [f"m{mention + 1}" for mention in finding.mentions],
            "spans": [[span.start, span.end] for span in finding.spans],
            "places": [_place(result.document, boxes_of(span)) for span in finding.spans],
            "title": finding.title,
            "confidence": round(float(finding.confidence), 4),
        }


def _check(count: RuleCount) -> dict[str, Any]:
    return {
        "rule": count.rule,
        "title": count.title,
        "holds": count.n_holds,
        "fails": count.n_fails,
        "unknown": count.n_unknown,
    }


def _fact(text: str, fact: Fact) -> dict[str, Any]:
    span = fact.span
    return {"name": fact.name, "start": span.start, "end": span.end, "text": text[span.start : span.end]}


def _table(table: TableAccount, number: int) -> dict[str, Any]:
    """Rows count from 1, as people count them; ``recorded`` and ``left`` together are all rows."""
    return {
        "id": f"t{number}",
        "start": table.span.start,
        "end": table.span.end,
        "rows": table.n_rows,
        "recorded": [row + 1 for row in table.recorded],
        "left": [{"row": row + 1, "why": why} for row, why in table.left],
        "weight": table.weight,
        "score": table.score,
    }


def _read_table(table: Mapping[str, Any]) -> TableAccount:
    return TableAccount(
        Span(table["start"], table["end"]),
        table["rows"],
        tuple(row - 1 for row in table["recorded"]),
        tuple((left["row"] - 1, left["why"]) for left in table["left"]),
        table["weight"],
        table["score"],
    )


def _has_cue(result: Result, mention: int) -> bool:
    start = result.mentions[mention].span.start
    position = bisect_left(result.mentions, start, key=lambda other: other.span.start)
    before = result.mentions[position - 1].span.end if position else 0
    return COMPLETION_CUE.search(result.document.text[max(before, start - CUE_LENGTH) : start]) is not None


def _value(quantity: Quantity | None) -> Decimal | tuple[Decimal, Decimal] | None:
    return None if quantity is None else quantity.value


def _ratio(achieved: Quantity, target: Quantity) -> Decimal | None:
    if achieved.unit != target.unit or isinstance(achieved.value, tuple) or isinstance(target.value, tuple) or not target.value:
        return None
    return (achieved.value / target.value).quantize(FOUR_PLACES, ROUND_HALF_UP)


def _decimal(value: Decimal | None) -> str | None:
    return None if value is None else Quantity(value, "").value_text()


def _positions(ids: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(one[1:]) - 1 for one in ids)


def _read_proposal(saved: Mapping[str, Any] | None) -> Proposal | None:
    if saved is None:
        return None
    worth = _read_quantity(saved["quantity"], saved["text"])
    return Proposal(saved["original"], saved["text"], saved["reason"], worth, saved["supported"])


def _read_quantity(quantity: Mapping[str, str], text: str) -> Quantity:
    low, dots, high = quantity["value"].partition("..")
    value = (Decimal(low), Decimal(high)) if dots else Decimal(low)
    return Quantity(value, quantity["unit"], Relation(quantity["relation"]), QuantityKind(quantity["kind"]), text)


def _read_record(record: Mapping[str, Any]) -> Record:
    indicator = record["indicator"] or {"text": None, "mentions": [], "parent": None}
    period = record["period"]
    return Record(
        kind=RecordKind(record["kind"]),
        indicators=_positions(indicator["mentions"]),
        targets=_positions([value["mention"] for value in record["target"]]),
        achieved=_positions([value["mention"] for value in record["achieved"]]),
        amounts=_positions([value["mention"] for value in record["amount"]]),
        parent=None if indicator["parent"] is None else int(indicator["parent"][1:]) - 1,
        name=indicator["text"],
        role=record["role"],
        level1=record["level1"],
        level2=record["level2"],
        weight=record["weight"],
        score=record["score"],
        reason=record["reason"],
        period=period and Period(date.fromisoformat(period["start"]), date.fromisoformat(period["end"])),
        section=tuple(record["section"]),
        origin=Origin(record["origin"]),
        confidence=record["confidence"],
        row=record["table"] and (int(record["table"]["id"][1:]) - 1, record["table"]["row"] - 1),
        extras=tuple((extra["head"], extra["text"]) for extra in record["extras"]),
        related=_positions(record["related"]),
    )
