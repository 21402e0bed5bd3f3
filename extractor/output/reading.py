"""The JSON contract → results; `extractor.output.writing` is the way there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

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
        value["mention"]: _quantity(value["quantity"], value["text"])
        for record in output["records"]
        for value in (*record["target"], *record["achieved"], *record["amount"])
        if value["quantity"]
    }
    return Result(
        document=Document(
            output["source"], output["sha256"], output["text"], _blocks(output), pages, tuple(_boxes(spans, output))
        ),
        mentions=tuple(
            Mention(
                Label(mention["label"]),
                span,
                mention["confidence"],
                Origin(mention["origin"]),
                _proposal(mention.get("proposal")),
            )
            for span, mention in zip(spans, output["mentions"], strict=True)
        ),
        quantities=tuple(quantities.get(mention["id"]) for mention in output["mentions"]),
        records=tuple(_record(record) for record in output["records"]),
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
        tables=tuple(_table(table) for table in output["tables"]),
    )


def _boxes(spans: Sequence[Span], output: Mapping[str, Any]) -> list[Box]:
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


def _blocks(output: Mapping[str, Any]) -> tuple[Block, ...]:
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


def _record(record: Mapping[str, Any]) -> Record:
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


def _quantity(quantity: Mapping[str, str], text: str) -> Quantity:
    low, dots, high = quantity["value"].partition("..")
    value = (Decimal(low), Decimal(high)) if dots else Decimal(low)
    return Quantity(value, quantity["unit"], Relation(quantity["relation"]), QuantityKind(quantity["kind"]), text)


def _proposal(saved: Mapping[str, Any] | None) -> Proposal | None:
    if saved is None:
        return None
    worth = _quantity(saved["quantity"], saved["text"])
    return Proposal(saved["original"], saved["text"], saved["reason"], worth, saved["supported"])


def _table(table: Mapping[str, Any]) -> TableAccount:
    return TableAccount(
        Span(table["start"], table["end"]),
        table["rows"],
        tuple(row - 1 for row in table["recorded"]),
        tuple((left["row"] - 1, left["why"]) for left in table["left"]),
        table["weight"],
        table["score"],
    )


def _positions(ids: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(one[1:]) - 1 for one in ids)
