"""The extractor as a spaCy component: ``spacy.blank("zh").add_pipe("extractor")``.

``doc.ents`` are the mentions (labels as in `extractor.types.Label`), widened to whole tokens; ``doc._.records`` are the
records as dictionaries of the output contract, with exact offsets in ``doc.text``.
"""

from __future__ import annotations

from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import filter_spans

from extractor.pipeline import Extractor, load


class Component:
    """Adds mentions and records to a doc."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor

    def __call__(self, doc: Doc) -> Doc:
        if not doc.text.strip():
            doc._.records = []
            return doc
        output = self._extractor.extract_text(doc.text).to_dict()
        spans = (
            doc.char_span(mention["start"], mention["end"], label=mention["label"], alignment_mode="expand")
            for mention in output["mentions"]
        )
        doc.set_ents(filter_spans([span for span in spans if span is not None]), default="unmodified")
        doc._.records = output["records"]
        return doc

    # The component is rebuilt from its model's name; spaCy asks these when a pipeline is saved.
    def to_disk(self, path: Any, *, exclude: Any = ()) -> None: ...

    def from_disk(self, path: Any, *, exclude: Any = ()) -> Component:
        return self


@Language.factory("extractor", default_config={"model": "default"}, assigns=["doc.ents", "doc._.records"])
def make(nlp: Language, name: str, model: str) -> Component:
    """Build the component with a shipped model's name or a model directory."""
    if not Doc.has_extension("records"):
        Doc.set_extension("records", default=None)
    return Component(load(model))
