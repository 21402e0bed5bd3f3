"""What newly annotated reports of one kind bring: python benchmarks/added_reports.py [--kind r5] [--epochs 3].

Reports of a kind (those whose names begin so) are taken out of training. A model is then trained without them, with five and
with ten of them, each time anew from models/encoder as train.py does it, and measured on the reports of the kind that are
held out. A step prints its figures and its minutes as one line of JSON. Float32 weights: nothing is exported or installed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from extractor import building, corpus, link_training, vocabulary
from extractor.tagger import Tagger
from extractor.training import TrainConfig, torch_forward
from extractor.types import Example

ROOT = Path(__file__).parent.parent
ADDED = (0, 5, 10)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kind", default="r5", help="how the names of the reports begin (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=3, help="of the first round (default: %(default)s)")
    parser.add_argument("--others", type=int, help="reports of other kinds to learn from (default: all)")
    args = parser.parse_args()
    reports = corpus.read(ROOT / "annotations")
    own = [example for example in reports.learned if example.name.startswith(args.kind)]
    others = [example for example in reports.learned if not example.name.startswith(args.kind)]
    measured = [example for example in reports.measured if example.name.startswith(args.kind)]
    if len(own) < max(ADDED) or not measured:
        parser.error(f"--kind {args.kind}: {len(own)} reports to learn from and {len(measured)} held out; ten and one are needed")
    step = max(1, len(others) // args.others) if args.others else 1
    for n_added in ADDED:
        print(json.dumps(learned(n_added, [*others[::step], *own[:n_added]], measured, args.epochs)), flush=True)
    return 0


def learned(n_added: int, examples: list[Example], measured: list[Example], epochs: int) -> dict[str, float | int]:
    """Train once; the figures on the measured reports."""
    began = time.monotonic()
    config = TrainConfig(encoder=str(ROOT / "models" / "encoder"), epochs=epochs)
    pieces = vocabulary.load(config.encoder)
    course = building.course_of(examples, pieces, config)
    for step in course:
        if step.step % 50 == 0:
            minutes = (time.monotonic() - began) / 60
            print(f"{n_added} added  {course.done(step):4.0%}  {minutes:.1f} min", file=sys.stderr, flush=True)
    tagger = Tagger(pieces.tokenizer, torch_forward(course.model))
    given = list(building.answers(measured, tagger, link_training.fit(examples)))
    reached = building.scores(given)
    figures = {name: round(reached[name].f1 or 0.0, 4) for name in ("span", "link", "record")}
    return {"added": n_added, "learned from": len(examples), "measured on": len(measured), **figures} | {
        "minutes": round((time.monotonic() - began) / 60, 1)
    }


if __name__ == "__main__":
    sys.exit(main())
