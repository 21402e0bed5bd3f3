"""spaCy's DocBin ↔ examples: one doc per report, every character a token, as spaCy's own Chinese tokenizer has it.

Marks are the doc's entities. Their records and parents, which spaCy has no place for, stand in ``doc.user_data``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.annotations.marks import name_of
from extractor.annotations.validity import field, label_of, name_in, record_numbers
from extractor.errors import AnnotationError, reason
from extractor.types import Example, GoldMention, Span

if TYPE_CHECKING:
    from spacy.tokens import Doc


def read(path: Path) -> Iterator[tuple[str, Example]]:
    """The reports of a ``.spacy`` file, each with its place."""
    import spacy
    from spacy.tokens import DocBin

    try:
        docs = list(DocBin().from_disk(path).get_docs(spacy.blank("zh").vocab))
    except Exception as error:  # spaCy lets through what its zip, msgpack and numpy raise
        said = reason(error).partition(". ")[0]  # spaCy goes on with advice for formats of its own
        raise AnnotationError(
            f"{path}: cannot be read as a DocBin ({said}); a .spacy file is what DocBin.to_disk writes"
        ) from error
    for number, doc in enumerate(docs, 1):
        where = f"{path}: doc {number}"
        yield where, _example(doc, f"{name_of(path)}-{number}", where)


def write(examples: Sequence[Example], path: Path) -> None:
    """Write one doc per report."""
    import spacy
    from spacy.tokens import DocBin

    vocab = spacy.blank("zh").vocab
    DocBin(store_user_data=True, docs=[_doc(example, vocab) for example in examples]).to_disk(path)


def _doc(example: Example, vocab: Any) -> Doc:
    from spacy.tokens import Doc
    from spacy.tokens import Span as Tokens

    doc = Doc(vocab, words=list(example.text), spaces=[False] * len(example.text))
    doc.set_ents([Tokens(doc, mention.span.start, mention.span.end, label=mention.label) for mention in example.mentions])
    doc.user_data["name"] = example.name
    doc.user_data["records"] = [list(mention.records) for mention in example.mentions]
    doc.user_data["parents"] = [mention.parent for mention in example.mentions]
    return doc


def _example(doc: Doc, fallback: str, where: str) -> Example:
    if "records" not in doc.user_data:
        raise AnnotationError(
            f"{where}: no 'records' in doc.user_data, as in a DocBin of another pipeline; read is what `export` writes"
        )
    if others := [key for key, spans in doc.spans.items() if len(spans)]:
        raise AnnotationError(f"{where}: marks in doc.spans ({', '.join(others)}); read are those in doc.ents")
    records = field(doc.user_data, "records", tuple, where)  # spaCy saves lists and loads tuples
    parents = field(doc.user_data, "parents", tuple, where)
    if not len(records) == len(parents) == len(doc.ents):
        raise AnnotationError(
            f"{where}: {len(doc.ents)} entities, {len(records)} lists of records and {len(parents)} parents; one of each per mark"
        )
    mentions = tuple(
        GoldMention(label_of(ent.label_, where), Span(ent.start_char, ent.end_char), _numbers(its, where), parent)
        for ent, its, parent in zip(doc.ents, records, parents, strict=True)
    )
    return Example(name_in(doc.user_data, "name", fallback, where), doc.text, mentions)


def _numbers(numbers: object, where: str) -> tuple[int, ...]:
    if not isinstance(numbers, tuple):
        raise AnnotationError(f"{where}: 'records' holds {numbers!r:.60}; a list of numbers for every mark is expected")
    return record_numbers(numbers, f"{where}: a mark")
