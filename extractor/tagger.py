"""Passages → mentions: a token-classification model on ONNX Runtime, read through the lattice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError, damage_told
from extractor.habits import Border, Habits, around
from extractor.lattice import best_reading
from extractor.quantity import Candidate
from extractor.segment import Outline, passages
from extractor.tags import BEGIN, INSIDE, TAGS, Offsets
from extractor.types import Document, Label, Mention, Origin, Passage, Span
from extractor.words import words

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# (ids, mask), both (batch, pieces) → logits (batch, pieces, tags)
Forward = Callable[[Ints, Ints], Floats]

SEPARATOR = "[SEP]"
PATH_JOIN = ">"
LONGEST_PATH = 64  # characters of headings shown to the model; the innermost are kept
MOST_PIECES = 512
MAY_BE = 0.02  # belief in a name under which no border of one is looked up
INPUTS = frozenset(("input_ids", "attention_mask", "token_type_ids"))
# Same length, so that offsets stay: the vocabulary has no control characters.
VISIBLE = str.maketrans({"\n": "↵", "\t": "|", "\r": " "})


@dataclass(frozen=True, slots=True)
class Encoded:
    """One passage as the model's input. ``offsets`` count within the passage; those of the path are (0, 0)."""

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]


def path_text(section: Sequence[str]) -> str:
    """The headings in force, as the model sees them; the outermost are dropped first when there are too many."""
    kept = list(section)
    while len(kept) > 1 and sum(map(len, kept)) > LONGEST_PATH:
        kept.pop(0)
    return PATH_JOIN.join(kept)[-LONGEST_PATH:]


def model_input(text: str, passage: Passage) -> tuple[str, int]:
    """The string that the tokenizer reads for one passage, and where the passage begins in it."""
    prefix = path_text(passage.section).translate(VISIBLE) + SEPARATOR
    return prefix + text[passage.span.start : passage.span.end].translate(VISIBLE), len(prefix)


def encode_passages(tokenizer: Any, text: str, windows: Sequence[Passage]) -> list[Encoded]:
    """Tokenize passages with their section paths; tokenizer is a ``tokenizers.Tokenizer``."""
    inputs = [model_input(text, window) for window in windows]
    encodings = tokenizer.encode_batch([words for words, _ in inputs])
    return [
        Encoded(
            tuple(encoding.ids),
            tuple((start - skip, end - skip) if start >= skip and end > start else (0, 0) for start, end in encoding.offsets),
        )
        for encoding, (_, skip) in zip(encodings, inputs, strict=True)
    ]


def pad(rows: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """(ids, mask), both ``(rows, longest)``; mask is 0 on padding."""
    longest = max(map(len, rows))
    ids = np.zeros((len(rows), longest), dtype=np.int64)
    mask = np.zeros((len(rows), longest), dtype=np.int64)
    for k, row in enumerate(rows):
        ids[k, : len(row)] = row
        mask[k, : len(row)] = 1
    return ids, mask


def log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A passage as the model has seen it. words: they cover it; log_probs: ``(pieces, tags)``."""

    passage: Passage
    text: str
    words: Sequence[Span]
    offsets: Offsets
    log_probs: Floats


class Tagger:
    """A tokenizer and a model that together turn documents into mentions, and the habits that mend the borders of names.

    Holds no state between documents.
    """

    def __init__(self, tokenizer: Any, forward: Forward, habits: Habits | None = None) -> None:
        self._tokenizer = tokenizer
        self._forward = forward
        self._habits = habits

    def tag(self, document: Document, outline: Outline, candidates: Sequence[Candidate]) -> list[Mention]:
        """Mentions in text order, never overlapping; ``candidates`` in text order."""
        seen = list(self._look(document, list(passages(document, outline, [candidate.span for candidate in candidates]))))
        habits = _habits(self._habits, seen) if self._habits else [{} for _ in seen]
        return [mention for one, its in zip(seen, habits, strict=True) for mention in _read(one, candidates, its)]

    def _look(self, document: Document, windows: Sequence[Passage]) -> Iterator[_Seen]:
        for window, one in zip(windows, encode_passages(self._tokenizer, document.text, windows), strict=True):
            # One by one: dynamic int8 scales over all it is given, so in a batch a passage's reading would depend on its
            # neighbours; and on a CPU larger batches are slower, since they leave the cache.
            log_probs = log_softmax(self._forward(*pad([one.ids[:MOST_PIECES]]))[0])
            text = document.text[window.span.start : window.span.end]
            yield _Seen(window, text, words(text), one.offsets[: len(log_probs)], log_probs)


def _habits(habits: Habits, seen: Sequence[_Seen]) -> list[dict[int, Border]]:
    """What the habits say of every passage's borders that the model may take for those of a name; asked once, for speed."""
    asked = [_doubtful(one) for one in seen]
    shown = ([one.text[word.start : word.end] for word in one.words] for one in seen)
    fours = [around(its, at) for its, borders in zip(shown, asked, strict=True) for at in borders]
    answers = iter(habits.borders(fours))
    return [{_place(one, at): next(answers) for at in borders} for one, borders in zip(seen, asked, strict=True)]


def _doubtful(one: _Seen) -> list[int]:
    """Borders of words beside a piece that may be one of an indicator; the border in front of the word of that number."""
    name = one.log_probs[:, (BEGIN[Label.INDICATOR], INSIDE[Label.INDICATOR])]
    pieces = zip(one.offsets, np.exp(name).sum(axis=1).tolist(), strict=True)
    near = {at for (start, end), belief in pieces if belief > MAY_BE for at in range(start, end + 1)}
    return [at for at in range(len(one.words) + 1) if _place(one, at) in near]


def _place(one: _Seen, at: int) -> int:
    """Where a word begins; the passage's end for the one after the last."""
    return one.words[at].start if at < len(one.words) else len(one.text)


def _read(one: _Seen, candidates: Sequence[Candidate], habits: Mapping[int, Border]) -> Iterator[Mention]:
    origin = one.passage.span.start
    local = [
        Candidate(Span(candidate.span.start - origin, candidate.span.end - origin), candidate.preferred)
        for candidate in candidates
        if one.passage.span.contains(candidate.span)
    ]
    for reading in best_reading(one.log_probs, one.offsets, one.words, local, habits):
        surface = one.text[reading.span.start : reading.span.end]
        start = origin + reading.span.start + len(surface) - len(surface.lstrip())
        if surface.strip() and one.passage.core.start <= start < one.passage.core.end:
            yield Mention(reading.label, Span(start, start + len(surface.strip())), reading.probability, Origin.MODEL)


def load_tagger(directory: Path) -> Tagger:
    """Load the int8 ONNX model of a directory and the habits beside it.

    Raises ModelError where a file is missing or the model was trained for other labels.
    """
    import onnxruntime
    from tokenizers import Tokenizer

    check_labels(directory)
    model = directory / "model.int8.onnx"
    if not model.is_file():
        raise ModelError(f"{directory}: no model.int8.onnx here; a model directory is what train.py writes")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    with damage_told(model):
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    names = {tensor.name for tensor in session.get_inputs()}
    n_tags = session.get_outputs()[0].shape[-1]
    if not names <= INPUTS or n_tags != len(TAGS):
        raise ModelError(
            f"{model}: takes {', '.join(sorted(names))} and tells {n_tags} tags; "
            f"a tagger takes {', '.join(sorted(INPUTS))} and tells {len(TAGS)}"
        )

    def forward(ids: Ints, mask: Ints) -> Floats:
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        logits = session.run(None, {name: feeds[name] for name in names})[0]
        return np.asarray(logits, dtype=np.float32)

    with damage_told(directory / "tokenizer.json"):
        tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    return Tagger(tokenizer, forward, Habits.load(directory))


def check_labels(directory: Path) -> None:
    """Refuse a model whose saved tags are not ours, in our order."""
    path = directory / "config.json"
    if not path.is_file():
        raise ModelError(f"{directory}: no config.json here; a model directory is what train.py writes")
    with damage_told(path):
        saved = json.loads(path.read_text(encoding="utf-8")).get("id2label", {})
        tags = tuple(str(saved[key]) for key in sorted(saved, key=int))
    if tags != TAGS:
        raise ModelError(f"{path}: tags {', '.join(tags) or 'none'}; this version reads {', '.join(TAGS)}")
