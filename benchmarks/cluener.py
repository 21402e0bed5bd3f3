"""Whether our training is good on data that is not ours: python benchmarks/cluener.py DIR [--epochs 5].

DIR holds train.jsonl and dev.jsonl of CLUENER2020: one object a line, {"text", "label": {class: {words: [[first, last]]}}}, both
borders included. The encoder, the fit loop and its settings are those of train.py; only the tag set and the sentences are
others. Prints precision, recall and F1 of entities on dev; an entity is right when its class and both borders are.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor import vocabulary
from extractor.building import summary_of
from extractor.metrics import Scores, compare
from extractor.tagger import Encoded, encode_passages, log_softmax, pad
from extractor.tags import decode, tags_of
from extractor.training import Draw, Fitting, TrainConfig, new_model, torch_forward, window
from extractor.types import Passage, Span

ROOT = Path(__file__).parent.parent
LABELS = ("address", "book", "company", "game", "government", "movie", "name", "organization", "position", "scene")
NAMES = tags_of(LABELS)


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    entities: tuple[tuple[str, Span], ...]


def read(path: Path, limit: int | None) -> list[Sentence]:
    lines = path.read_text(encoding="utf-8").splitlines()[:limit]
    return [sentence(json.loads(line)) for line in lines]


def sentence(line: dict[str, Any]) -> Sentence:
    entities = tuple(
        (label, Span(first, last + 1))
        for label, found in line["label"].items()
        for places in found.values()
        for first, last in places
    )
    return Sentence(line["text"], entities)


def encoded(tokenizer: Any, one: Sentence) -> Encoded:
    whole = Span(0, len(one.text))
    return encode_passages(tokenizer, one.text, [Passage(whole, whole)])[0]


def same_each_epoch(sentences: Sequence[Sentence], tokenizer: Any) -> Draw:
    rows = [window(encoded(tokenizer, one), one.entities, NAMES) for one in sentences]

    def draw(epoch: int, dice: random.Random) -> list[Any]:
        return list(rows)

    return draw


def best_tags(log_probs: NDArray[np.float32]) -> list[int]:
    """The likeliest tags among those where every inside continues its own kind. log_probs: ``(pieces, tags)``."""
    allowed = np.array(
        [
            [after % 2 == 1 or after == 0 or before in (after, after - 1) for after in range(len(NAMES))]
            for before in range(len(NAMES))
        ]
    )
    best = np.where(allowed[0], log_probs[0], -np.inf)
    back = []
    for row in log_probs[1:]:
        paths = np.where(allowed, best[:, None], -np.inf)
        back.append(paths.argmax(axis=0))
        best = paths.max(axis=0) + row
    tags = [int(best.argmax())]
    for step in reversed(back):
        tags.append(int(step[tags[-1]]))
    return tags[::-1]


def found(model: Any, tokenizer: Any, sentences: Sequence[Sentence]) -> Iterator[list[tuple[str, Span]]]:
    forward = torch_forward(model)
    for one in sentences:
        row = encoded(tokenizer, one)
        within = [k for k, (start, end) in enumerate(row.offsets) if end > start]
        log_probs = log_softmax(forward(*pad([row.ids]))[0])[within]
        yield decode(best_tags(log_probs), [row.offsets[k] for k in within], LABELS)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--encoder", default=str(ROOT / "models" / "encoder"))
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--sentences", type=int, help="of train and dev each (default: all)")
    parser.add_argument("--steps", type=int, help="stop after so many, to try the script out")
    args = parser.parse_args()
    config = TrainConfig(encoder=args.encoder, epochs=args.epochs)
    pieces = vocabulary.load(args.encoder)
    model = new_model(config, NAMES)
    draw = same_each_epoch(read(args.directory / "train.jsonl", args.sentences), pieces.tokenizer)
    began = time.monotonic()
    for taken, step in enumerate(Fitting(model, draw, pieces, config), start=1):
        if taken % 50 == 0:
            minutes = (time.monotonic() - began) / 60
            print(f"step {step.step}/{step.n_steps}  loss {step.loss:.4f}  {minutes:.1f} min", file=sys.stderr, flush=True)
        if taken == args.steps:
            break
    model.eval()
    dev = read(args.directory / "dev.jsonl", args.sentences)
    total = Scores()
    for one, entities in zip(dev, found(model, pieces.tokenizer, dev), strict=True):
        total += compare(set(one.entities), set(entities))
    figures = {"epochs": args.epochs, "minutes": round((time.monotonic() - began) / 60, 1), "dev": summary_of(total)}
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
