"""Numbers of scans that look misread: what is proposed, what it rests on, and that nothing is changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extractor.annotations import parse
from extractor.findings import BUILT_IN, check
from extractor.gold import gold_result
from extractor.output import from_dict, to_dict
from extractor.proposals import with_proposals
from extractor.segment import Outline
from extractor.types import Box, Page, Proposal, Result, Span


def scan(marked: str, *, unsure: str = "") -> tuple[Result, Outline]:
    """What a faultless reader gives of a scan on which OCR read this text; ``unsure`` are words of low confidence."""
    result, view = gold_result(parse(marked, "r1"))
    text = result.document.text
    low = range(text.index(unsure), text.index(unsure) + len(unsure)) if unsure else range(0)
    boxes = tuple(
        Box(Span(at, at + 1), 1, (9.0 * at, 0.0, 9.0 * at + 8, 12.0), 0.6 if at in low else 0.99) for at in range(len(text))
    )
    return replace(result, document=replace(result.document, pages=(Page(1, 595.0, 842.0),), boxes=boxes)), view


def proposed(marked: str, *, unsure: str = "") -> Result:
    result, view = scan(marked, unsure=unsure)
    return with_proposals(result, lambda given: check(given, view, BUILT_IN))


def proposals(result: Result) -> list[Proposal]:
    return [one.proposal for one in result.mentions if one.proposal is not None]


@pytest.mark.parametrize(
    ("marked", "original", "text"),
    [
        ("{I1|培训}{T1|1O0人}。", "1O0人", "100人"),
        ("{I1|新建泵站}{A1|l2座}。", "l2座", "12座"),
        ("{I1|合格率}达到{A1|98}。6%，良好。", "98。6%", "98.6%"),
        ("{I1|合格率}达到98。{A1|6%}，良好。", "98。6%", "98.6%"),
        ("{I1|支出}{M1|12}·6万元。", "12·6万元", "12.6万元"),
        ("{I1|合格率}达到{A1|95，6%}。", "95，6%", "95.6%"),
        ("{I1|投诉率}为{A1|3.5%}0，偏高。", "3.5%0", "3.5‰"),
        ("{I1|资金}到位{M1|168方元}。", "168方元", "168万元"),
        ("{I1|资金}到位{M1|1.5忆元}。", "1.5忆元", "1.5亿元"),
        ("{I1|满意度}为{A1|90}°，良好。", "90°", "90%"),
        ("{I1|亮灯率}{A1|9700}，照明良好。", "9700", "97%"),
    ],
)
def test_slips_are_told_with_both_readings(marked: str, original: str, text: str) -> None:
    before, _ = scan(marked)
    result = proposed(marked)
    (proposal,) = proposals(result)
    assert (proposal.original, proposal.text, proposal.is_supported) == (original, text, False)
    assert proposal.reason.startswith("“")
    assert result.document.text == before.document.text and result.quantities == before.quantities
    changed = next(at for at, one in enumerate(result.mentions) if one.proposal)
    assert result.mentions[changed].confidence < before.mentions[changed].confidence
    assert result.records[0].confidence < before.records[0].confidence
    assert [problem.where for problem in result.problems] == ["page 1"]
    assert f"“{original}”可能应为“{text}”" in result.problems[0].message


@pytest.mark.parametrize(
    "marked",
    [
        "{I1|培训}{T1|1,200人}，{I2|监测}PM2.5站{A2|5座}、5G基站{A2|20个}。",
        "{I1|合格率}{A1|98.6%}。2023年完成。",
        "{I1|培训}{A1|9700}人次，{I2|水面}{A2|12方}。",
        "{I1|支出}{M1|12万元}，{I2|结余}{M2|3万元}。",
        "{I1|自评得分}{A1|98}。2.质量指标良好。",
        "{I1|自评得分}{A1|98}。2023年完成。",
    ],
)
def test_numbers_as_they_should_be_stay_alone(marked: str) -> None:
    assert proposals(proposed(marked)) == []


RATE = "计划{I1|培训}{T1|120人}，实际培训{A1|98人}，完成率{A1|80%}。"


def test_arithmetic_speaks_for_another_reading_of_unsure_digits() -> None:
    result = proposed(RATE, unsure="98")
    (proposal,) = proposals(result)
    assert (proposal.original, proposal.text, proposal.is_supported) == ("98人", "96人", True)
    assert proposal.reason == "字迹不清；按此读，与报告中其他数字相符"
    assert result.quantities[2] is not None and result.quantities[2].value == 98


def test_what_ocr_is_sure_of_is_the_reports_own_contradiction() -> None:
    assert proposals(proposed(RATE)) == []


def test_arithmetic_confirms_a_repaired_number() -> None:
    result = proposed("计划{I1|培训}{T1|1O0人}，实际培训{A1|95人}，完成率{A1|95%}。")
    (proposal,) = proposals(result)
    assert proposal.is_supported
    assert 0.8 < result.mentions[1].confidence < 1.0


def test_digital_reports_stay_as_they_are() -> None:
    result, view = gold_result(parse("{I1|培训}{T1|1O0人}。", "r1"))
    assert with_proposals(result, lambda given: check(given, view, BUILT_IN)) is result


def test_proposals_are_written_and_read_back() -> None:
    result = proposed("{I1|资金}到位{M1|168方元}。")
    written = to_dict(result)["mentions"]
    assert [one["proposal"] is None for one in written] == [True, False]
    assert written[1]["text"] == "168方元"
    assert written[1]["proposal"] == {
        "original": "168方元",
        "text": "168万元",
        "quantity": {"value": "1680000", "unit": "元", "relation": "=", "kind": "level"},
        "reason": "“方”在数字和单位之间，疑为“万”",
        "supported": False,
    }
    assert proposals(from_dict(to_dict(result))) == proposals(result)
