"""Chinese words with offsets: jieba with our own dictionary, and spaCy's ``zh`` pipeline on top of it."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from extractor.types import Span

if TYPE_CHECKING:
    from spacy.language import Language

DICTIONARY = "dictionary.txt"


@cache
def segmenter() -> Any:
    """Our own jieba tokenizer; jieba's global one stays as the embedding program left it."""
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    with as_file(files("extractor") / DICTIONARY) as path:
        tokenizer.load_userdict(str(path))
    return tokenizer


def words(text: str) -> list[Span]:
    """The words of a text, in order; together they cover it."""
    return [Span(start, end) for _, start, end in segmenter().tokenize(text) if end > start]


@cache
def pipeline() -> Language:
    """A blank spaCy ``zh`` pipeline whose tokens are our words."""
    import spacy

    language = spacy.blank("zh")
    vocabulary = language.vocab

    def tokenize(text: str) -> Any:
        from spacy.tokens import Doc

        pieces = [text[span.start : span.end] for span in words(text)]
        return Doc(vocabulary, words=pieces, spaces=[False] * len(pieces))

    language.tokenizer = tokenize
    return language
