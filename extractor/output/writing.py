"""Results → the JSON contract; `extractor.output.reading` is the way back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from extractor.places import page_finder
from extractor.stated import all_problems, completion, indicator_text
from extractor.text_order import in_text_order
from extractor.types import Block, Box, Document, Fact, Proposal, Quantity, Record, Result, RuleCount, TableAccount

SCHEMA = 1
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


def _block(block: Block) -> dict[str, Any]:
    """Cells are lists: row, column, start, end, row span, column span; start and end are null where a cell is empty."""
    cells = [
        [cell.row, cell.column, cell.span and cell.span.start, cell.span and cell.span.end, cell.row_span, cell.column_span]
        for cell in block.cells
    ]
    span = block.span
    return {"kind": str(block.kind), "start": span.start, "end": span.end, "level": block.level, "cells": cells}


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


def _decimal(value: Decimal | None) -> str | None:
    return None if value is None else Quantity(value, "").value_text()
