from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.output import from_dict, to_dict, to_json
from extractor.text_order import in_text_order
from extractor.types import Box, Document, Mention, Page, Quantity, Record, Result, Span
from tests.results import TEXT, number, one_record, paged, report


def test_the_contract_field_by_field() -> None:
    output = report().to_dict()
    assert list(output) == (
        "schema source sha256 pages scanned text blocks mentions records findings checks facts tables problems model".split()
    )
    assert (output["schema"], output["source"], output["pages"], output["text"]) == (1, "报告.txt", None, TEXT)
    assert output["scanned"] == []
    assert output["mentions"][1] == {
        "id": "m2",
        "label": "TARGET",
        "start": 17,
        "end": 19,
        "text": "7个",
        "origin": "model",
        "confidence": 0.9,
        "page": None,
        "boxes": None,
        "proposal": None,
    }
    assert output["records"][0] == {
        "id": "r1",
        "kind": "performance",
        "indicator": {"text": "签约产业项目", "mentions": ["m1", "m5"], "parent": None},
        "target": [{"mention": "m2", "text": "7个", "quantity": {"value": "7", "unit": "个", "relation": "=", "kind": "level"}}],
        "achieved": [
            {"mention": "m6", "text": "8个", "quantity": {"value": "8", "unit": "个", "relation": "=", "kind": "level"}},
            {
                "mention": "m7",
                "text": "114.3%",
                "quantity": {"value": "114.3", "unit": "%", "relation": "=", "kind": "share"},
            },
        ],
        "amount": [],
        "completion": {"stated": "1.143", "computed": "1.1429"},
        "level1": None,
        "level2": None,
        "weight": None,
        "score": None,
        "reason": None,
        "role": None,
        "period": {"start": "2022-01-01", "end": "2022-12-31"},
        "section": ["一、项目绩效情况"],
        "origin": "text",
        "sources": ["text"],
        "table": None,
        "extras": [],
        "related": [],
        "confidence": 0.93,
    }
    assert output["records"][1]["indicator"]["parent"] == "r1"
    assert output["findings"] == [
        {
            "id": "f1",
            "rule": "completion-rate",
            "severity": "warning",
            "message": "8 / 7 ≠ 115%",
            "records": ["r1"],
            "mentions": ["m7"],
            "spans": [[0, 8]],
            "places": [{"page": None, "boxes": None}],
            "title": "完成率不符",
            "confidence": 0.93,
        }
    ]
    assert output["checks"] == [{"rule": "completion-rate", "title": "完成率不符", "holds": 2, "fails": 1, "unknown": 3}]
    assert output["problems"] == [{"where": "page 3", "message": "no text"}]
    assert output["model"] == {"name": "default", "version": "1"}


def test_every_mention_is_its_slice_of_the_text() -> None:
    output = report().to_dict()
    assert all(output["text"][mention["start"] : mention["end"]] == mention["text"] for mention in output["mentions"])


def test_pages_and_boxes() -> None:
    output = to_dict(paged(report()))
    assert output["pages"] == 2
    assert {mention["page"] for mention in output["mentions"]} == {1, 2}
    # 签约产业项目 are characters 11 to 17 of the run 10 to 20, 划签约产业项目7个，, where all but the 7 are wide
    assert output["mentions"][0]["boxes"] == [[10.53, 10.0, 73.68, 22.0]]
    assert all(mention["boxes"] for mention in output["mentions"])


def over_two_lines() -> Result:
    result = one_record("7个", {"8个": number("8", "个")}, None)
    boxes = (Box(Span(0, 3), 1, (0.0, 0.0, 30.0, 10.0)), Box(Span(3, 9), 1, (0.0, 12.0, 60.0, 22.0)))
    return replace(result, document=replace(result.document, pages=(Page(1, 100.0, 100.0),), boxes=boxes))


def test_a_mention_over_two_lines_has_two_boxes() -> None:
    assert over_two_lines().to_dict()["mentions"][0]["boxes"] == [[24.0, 0.0, 30.0, 10.0], [0.0, 12.0, 10.91, 22.0]]


def test_ids_follow_the_text_whatever_order_the_values_come_in() -> None:
    result = report()
    n_mentions, n_records = len(result.mentions), len(result.records)

    def turned(record: Record) -> Record:
        return replace(
            record,
            indicators=tuple(n_mentions - 1 - position for position in record.indicators),
            targets=tuple(n_mentions - 1 - position for position in record.targets),
            achieved=tuple(n_mentions - 1 - position for position in record.achieved),
            amounts=tuple(n_mentions - 1 - position for position in record.amounts),
            parent=None if record.parent is None else n_records - 1 - record.parent,
        )

    finding = replace(result.findings[0], records=(n_records - 1,), mentions=(n_mentions - 1 - 6,))
    backwards = replace(
        result,
        mentions=result.mentions[::-1],
        quantities=result.quantities[::-1],
        records=tuple(map(turned, result.records[::-1])),
        findings=(finding,),
    )
    assert in_text_order(backwards) == result
    assert to_dict(backwards) == to_dict(result)


def test_a_record_without_a_name_has_no_indicator() -> None:
    assert one_record("7个", {"8个": number("8", "个")}, None).to_dict()["records"][0]["indicator"] is None


@pytest.mark.parametrize(
    "result", [report(), paged(report()), over_two_lines(), one_record("3-5个", {"8个": number("8", "个")}, None)]
)
def test_from_dict_inverts_to_dict(result: Result) -> None:
    output = json.loads(to_json(result))
    assert to_dict(from_dict(output)) == output == to_dict(result)


def test_nothing_found() -> None:
    empty = Result(Document("a.txt", "", "无"), (), (), (), report().model)
    assert (empty.to_dict()["mentions"], empty.to_dict()["records"]) == ([], [])


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(st.characters(codec=None), min_size=1))
def test_any_text_is_one_line_of_json(text: str) -> None:
    result = replace(report(), document=Document(text, "", text), mentions=(), quantities=(), records=(), findings=())
    line = to_json(result)
    assert len(line.decode("utf-8").splitlines()) == 1
    assert json.loads(line)["text"] == text


@settings(deadline=None)  # a busy machine is no failure
@given(st.decimals("-1e12", "1e12", places=3))
def test_values_come_back_exactly(value: Decimal) -> None:
    mention = Mention(report().mentions[1].label, report().mentions[1].span)
    result = replace(
        report(),
        mentions=(mention,),
        quantities=(Quantity(value, "元"),),
        records=(Record(report().records[0].kind, targets=(0,)),),
        findings=(),
    )
    assert from_dict(json.loads(to_json(result))).quantities[0] == Quantity(value, "元")
