"""How fast and how exact the tagger is: python benchmarks/tagging.py [--model DIR] [REPORT ...].

In one run, on the same cores and weights, over the same reports:

    ours      text → mentions as `extractor` does it: grammar, rules, windows, int8 ONNX, lattice
    float32   the same with the float32 weights under torch: what int8 costs in F1
    pipeline  transformers.pipeline("token-classification"), float32, over the same text paragraph by paragraph

Needs the `train` extra and the float16 weights of a checkout. Prints characters per second, the ratio, and span F1.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from extractor.annotations import held_out_names, load_all, read, split
from extractor.habits import Habits
from extractor.metrics import Scores, span_scores
from extractor.pipeline import candidates
from extractor.segment import outline
from extractor.tagger import Tagger, load_tagger
from extractor.types import Document, Example, Label, Mention, Span

ROOT = Path(__file__).parent.parent
N_ROUNDS = 3

Tag = Callable[[Example], list[Mention]]


def with_tagger(tagger: Tagger) -> Tag:
    def tag(example: Example) -> list[Mention]:
        document = Document(example.name, "", example.text)
        view = outline(document)
        return tagger.tag(document, view, candidates(example.text, view))

    return tag


def float32(directory: Path, model: Any) -> Tag:
    from tokenizers import Tokenizer

    from extractor.training import torch_forward

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    return with_tagger(Tagger(tokenizer, torch_forward(model), Habits.load(directory)))


def pipeline(directory: Path, model: Any) -> Tag:
    from transformers import AutoTokenizer, pipeline

    tokenizer = AutoTokenizer.from_pretrained(directory)
    tagger = pipeline(
        "token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="simple", stride=32, device=-1
    )

    def tag(example: Example) -> list[Mention]:
        paragraphs = outline(Document(example.name, "", example.text)).paragraphs
        words = [example.text[span.start : span.end] for span in paragraphs]
        return [
            Mention(
                Label(group["entity_group"]), Span(paragraph.start + int(group["start"]), paragraph.start + int(group["end"]))
            )
            for paragraph, groups in zip(paragraphs, tagger(words, batch_size=8), strict=True)
            for group in groups
        ]

    return tag


def measure(tag: Tag, examples: Sequence[Example]) -> tuple[float, Scores]:
    """(characters per second in the fastest round, scores)."""
    fastest = float("inf")
    for _ in range(N_ROUNDS):
        began = time.perf_counter()
        answers = [tag(example) for example in examples]
        fastest = min(fastest, time.perf_counter() - began)
    total = sum((span_scores(e.mentions, found) for e, found in zip(examples, answers, strict=True)), start=Scores())
    return sum(len(example.text) for example in examples) / fastest, total


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("reports", type=Path, nargs="*", help="marked reports or folders (default: the held-out ones)")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "default")
    args = parser.parse_args()
    examples = [example for path in args.reports for example in read(path)] or split(
        load_all(ROOT / "annotations" / "reports"), held_out_names(ROOT / "annotations" / "heldout.txt")
    )[1]
    warnings.simplefilter("ignore")
    import torch
    from transformers import AutoModelForTokenClassification
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    model = AutoModelForTokenClassification.from_pretrained(args.model, dtype=torch.float32).eval()
    figures = {}
    for name, tag in (
        ("ours", with_tagger(load_tagger(args.model))),
        ("float32", float32(args.model, model)),
        ("pipeline", pipeline(args.model, model)),
    ):
        speed, scores = measure(tag, examples)
        figures[name] = {"characters per second": round(speed), "span F1": round(scores.f1 or 0.0, 4)}
        print(name, figures[name], file=sys.stderr, flush=True)
    figures["ratio"] = {
        "ours / pipeline": round(figures["ours"]["characters per second"] / figures["pipeline"]["characters per second"], 2)
    }
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
