"""Passages → mentions: a token-classification model on ONNX Runtime, read through the lattice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError, damage_told
from extractor.lattice import best_reading
from extractor.quantity import Candidate
from extractor.segment import Outline, passages
from extractor.tags import TAGS, Offsets
from extractor.types import Document, Mention, Origin, Passage, Span
from extractor.words import words

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# (ids, mask), both (batch, pieces) → logits (batch, pieces, tags)
Forward = Callable[[Ints, Ints], Floats]

SEPARATOR = "[SEP]"
PATH_JOIN = ">"
LONGEST_PATH = 64  # characters of headings shown to the model; the innermost are kept
MOST_PIECES = 512
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


class Tagger:
    """A tokenizer and a model that together turn documents into mentions. Holds no state between documents."""

    def __init__(self, tokenizer: Any, forward: Forward) -> None:
        self._tokenizer = tokenizer
        self._forward = forward

    def tag(self, document: Document, outline: Outline, candidates: Sequence[Candidate]) -> list[Mention]:
        """Mentions in text order, never overlapping; ``candidates`` in text order."""
        windows = list(passages(document, outline, [candidate.span for candidate in candidates]))
        encoded = encode_passages(self._tokenizer, document.text, windows)
        mentions: list[Mention] = []
        for window, one in zip(windows, encoded, strict=True):
            # One by one: dynamic int8 scales over all it is given, so in a batch a passage's reading would depend on its
            # neighbours; and on a CPU larger batches are slower, since they leave the cache.
            logits = self._forward(*pad([one.ids[:MOST_PIECES]]))[0]
            mentions += _read(document.text, window, log_softmax(logits), one.offsets, candidates)
        return mentions


def _read(text: str, window: Passage, log_probs: Floats, offsets: Offsets, candidates: Sequence[Candidate]) -> Iterator[Mention]:
    origin = window.span.start
    local = [
        Candidate(Span(candidate.span.start - origin, candidate.span.end - origin), candidate.preferred)
        for candidate in candidates
        if window.span.contains(candidate.span)
    ]
    shown = text[origin : window.span.end]
    for reading in best_reading(log_probs, offsets[: len(log_probs)], words(shown), local):
        surface = shown[reading.span.start : reading.span.end]
        start = origin + reading.span.start + len(surface) - len(surface.lstrip())
        if surface.strip() and window.core.start <= start < window.core.end:
            yield Mention(reading.label, Span(start, start + len(surface.strip())), reading.probability, Origin.MODEL)


def load_tagger(directory: Path) -> Tagger:
    """Load the int8 ONNX model of a directory.

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
    return Tagger(tokenizer, forward)


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
