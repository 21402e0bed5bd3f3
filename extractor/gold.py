"""Gold → the result that a faultless reader would give: what checks over records are developed and measured with."""

from __future__ import annotations

from collections.abc import Sequence

from extractor import quantity, tables
from extractor.link_scene import Scene, scene
from extractor.quantity import QuantityError
from extractor.schema import fund_role
from extractor.segment import Outline, outline
from extractor.text_order import in_text_order
from extractor.types import Document, Example, Label, Mention, ModelInfo, Quantity, Record, RecordKind, Result

INFO = ModelInfo("gold", "1")


def gold_result(example: Example) -> tuple[Result, Outline]:
    """The annotated mentions and records as a result, without findings, and how the text is built.

    Rows of tables are not part of an example.
    """
    document = Document(example.name, "", example.text)
    view = outline(document)
    return _result(example, document, view), view


def gold_report(example: Example, document: Document | None = None) -> tuple[Result, Outline]:
    """The annotated prose together with the rows of the report's tables as they are read, in text order.

    document: the example's text with what a reader knows of it; without it the text is all there is.
    """
    document = document or Document(example.name, "", example.text)
    found = tables.recognise(document)
    view = outline(document, tables.understood(found))
    prose = _result(example, document, view)
    if not found:
        return prose, view
    return in_text_order(tables.joined(prose, tables.read(document, found, view.section_at))), view


def _result(example: Example, document: Document, view: Outline) -> Result:
    mentions = tuple(Mention(mention.label, mention.span) for mention in example.mentions)
    places = scene(example.text, mentions, view)
    numbers = {number: position for position, number in enumerate(sorted(example.members()))}
    records = tuple(_record(example, places, members, numbers) for _, members in sorted(example.members().items()))
    quantities = tuple(_quantity(example, position) for position in range(len(mentions)))
    return Result(document, mentions, quantities, records, INFO)


def _quantity(example: Example, position: int) -> Quantity | None:
    mention = example.mentions[position]
    if not mention.label.is_value:
        return None
    try:
        return quantity.parse(example.text[mention.span.start : mention.span.end])
    except QuantityError:
        return None


def _record(example: Example, places: Scene, members: Sequence[int], numbers: dict[int, int]) -> Record:
    by_label = {label: tuple(one for one in members if example.mentions[one].label is label) for label in Label}
    names = [places.places[one].words for one in by_label[Label.INDICATOR]]
    parents = {example.mentions[one].parent for one in members} - {None}
    anchor = places.places[next(one for one in reversed(members) if example.mentions[one].label.is_value)]
    is_fund = bool(by_label[Label.AMOUNT])
    return Record(
        kind=RecordKind.FUND if is_fund else RecordKind.PERFORMANCE,
        indicators=by_label[Label.INDICATOR],
        targets=by_label[Label.TARGET],
        achieved=by_label[Label.ACHIEVED],
        amounts=by_label[Label.AMOUNT],
        parent=min((numbers[one] for one in parents if one is not None), default=None),
        name=max(names, key=len, default=None),
        role=fund_role(names) if is_fund else None,
        period=anchor.period,
        section=anchor.section,
    )
