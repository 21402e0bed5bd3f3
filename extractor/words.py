"""Chinese words with offsets: jieba with our own dictionary."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from extractor.types import Span

DICTIONARY = "dictionary.txt"


@cache
def segmenter() -> Any:
    """Our own jieba tokenizer; jieba's global one stays as the embedding program left it."""
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    with (files("extractor") / DICTIONARY).open("rb") as file:  # given a path, jieba would leave the file open
        tokenizer.load_userdict(file)
    return tokenizer


def words(text: str) -> list[Span]:
    """The words of a text, in order; together they cover it. Only those of the dictionary: guessed ones swallow 为 and 达."""
    return [Span(start, end) for _, start, end in segmenter().tokenize(text, HMM=False) if end > start]
