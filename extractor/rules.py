"""What needs no learning: numbers that the guidelines leave alone wherever they stand, as spaCy matcher patterns.

Each pattern is read over the words of one sentence in which every candidate value is a single token tagged VALUE; a
candidate that a pattern covers is never offered to the model. The table is data: add a line, not code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from extractor.quantity import Candidate
from extractor.segment import Outline
from extractor.types import Span
from extractor.words import words

if TYPE_CHECKING:
    from spacy.matcher import Matcher
    from spacy.vocab import Vocab

VALUE = {"TAG": "VALUE"}
FEW = {"TAG": "WORD", "TEXT": {"NOT_IN": ["，", ",", "；", ";", "。", "：", ":"]}, "OP": "{0,2}"}


def _one_of(*options: str) -> dict[str, Any]:
    return {"TEXT": {"IN": list(options)}}


# name of the rule → patterns; all tokens of a pattern stand side by side
SILENT: dict[str, list[list[dict[str, Any]]]] = {
    "staff": [
        [
            _one_of("编制", "行政编制", "事业编制", "核定编制", "在编", "在职", "退休", "离休", "离退休", "编制数", "实有"),
            FEW,
            {**VALUE, "TEXT": {"REGEX": "[人名个]$"}},
        ],
    ],
    "organisation": [
        [_one_of("内设", "下设", "下辖", "管辖", "现辖"), {**VALUE}],
    ],
    "scale of points": [
        [_one_of("满分", "总分值", "分值"), {"TEXT": {"IN": ["为", "是", "共", "计", "："]}, "OP": "?"}, VALUE],
    ],
    "questionnaires": [
        [_one_of("问卷", "调查问卷", "调查表", "样本"), FEW, {**VALUE, "TEXT": {"REGEX": "(?<!人)[份张]$"}}],
    ],
    "rank": [
        [_one_of("第", "排名", "位居", "位列", "排"), {**VALUE, "TEXT": {"REGEX": "[位名]$"}}],
    ],
}


def _cue_words() -> Iterator[str]:
    """The first words of all patterns: a sentence without any of them needs no matcher."""
    for patterns in SILENT.values():
        for pattern in patterns:
            yield from pattern[0]["TEXT"]["IN"]


RECRUITED = re.compile(r"(?:招聘|招录|招收|引进|培训|移交)[^，。；、]{0,8}$")  # people gained or served, no size of the office
CUE = re.compile("|".join(sorted(map(re.escape, _cue_words()), key=len, reverse=True)))


@cache
def _matcher() -> tuple[Matcher, Vocab]:
    from spacy.matcher import Matcher
    from spacy.vocab import Vocab

    vocab = Vocab()
    matcher = Matcher(vocab)
    for name, patterns in SILENT.items():
        matcher.add(name, patterns)
    return matcher, vocab


def offered(text: str, outline: Outline, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that no rule silences, in text order."""
    silenced = [span for _, span in silent(text, outline, candidates)]
    starts = {span.start: span for span in silenced}
    return [one for one in candidates if not any(span.overlaps(one.span) for span in _near(starts, one.span))]


def _near(starts: dict[int, Span], span: Span) -> Iterator[Span]:
    return (starts[k] for k in range(max(0, span.start - 30), span.end) if k in starts)


def silent(text: str, outline: Outline, candidates: Sequence[Candidate]) -> Iterator[tuple[str, Span]]:
    """(rule, candidate's span) of every candidate that a rule covers."""
    from spacy.tokens import Doc

    matcher, vocab = _matcher()
    preferred = [one.span for one in candidates if one.preferred]
    at = 0
    for sentence in outline.sentences:
        while at < len(preferred) and preferred[at].start < sentence.start:
            at += 1
        end = at
        while end < len(preferred) and preferred[end].end <= sentence.end:
            end += 1
        if end == at:
            continue
        if not CUE.search(text, sentence.start, sentence.end):
            at = end
            continue
        tokens = list(_tokens(text, sentence, preferred[at:end]))
        doc = Doc(
            vocab,
            words=[text[span.start : span.end] for span, _ in tokens],
            spaces=[False] * len(tokens),
            tags=[tag for _, tag in tokens],
        )
        for rule, first, last in matcher(doc):
            if vocab.strings[rule] == "staff" and RECRUITED.search(text[sentence.start : tokens[first][0].start]):
                continue
            yield from ((vocab.strings[rule], span) for span, tag in tokens[first:last] if tag == "VALUE")
        at = end


def _tokens(text: str, sentence: Span, values: Sequence[Span]) -> Iterator[tuple[Span, str]]:
    """The sentence as words, each candidate as one token."""
    at = sentence.start
    for value in values:
        if value.start < at:
            continue
        yield from _words(text, at, value.start)
        yield value, "VALUE"
        at = value.end
    yield from _words(text, at, sentence.end)


def _words(text: str, start: int, end: int) -> Iterator[tuple[Span, str]]:
    for span in words(text[start:end]):
        yield Span(start + span.start, start + span.end), "WORD"
