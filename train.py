"""Train a model: python train.py [--name NAME].

Annotated reports in annotations/ → models/NAME: the tagger (float16 weights and int8 ONNX), the linker, the confidences and
a model card. Reports named in annotations/heldout.txt are only measured, never learned from.

    1. The tagger learns from all reports that are not held out, in three rounds, the later ones shorter and gentler.
    2. The linker learns from the same reports.
    3. The model reads the held-out reports: that gives its scores, and with them its confidences are fitted.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from extractor.annotations import held_out_names, load_all, split
from extractor.building import build, summary_of
from extractor.errors import ExtractorError
from extractor.training import Step, TrainConfig

ROOT = Path(__file__).parent


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", default="default", help="the model is written to models/NAME (default: %(default)s)")
    parser.add_argument("--annotations", type=Path, default=ROOT / "annotations", help="folder with reports/ and heldout.txt")
    parser.add_argument("--encoder", default=str(ROOT / "models" / "encoder"), help="directory of the encoder to start from")
    parser.add_argument("--epochs", type=int, default=TrainConfig.epochs)
    parser.add_argument("--seed", type=int, default=TrainConfig.seed)
    return parser.parse_args()


class Progress:
    """Says on stderr how far a training is and how long it will still take."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._losses: list[float] = []

    def __call__(self, step: Step) -> None:
        if step.step == 1:
            self._began, self._losses = time.monotonic(), []
        self._losses.append(step.loss)
        if step.step % 20 == 0 or step.step == step.n_steps:
            left = (time.monotonic() - self._began) / step.step * (step.n_steps - step.step)
            mean = sum(self._losses[-20:]) / len(self._losses[-20:])
            print(
                f"epoch {step.epoch + 1}  step {step.step}/{step.n_steps}  loss {mean:.4f}  {left / 60:.1f} min left",
                file=sys.stderr,
                flush=True,
            )


def main() -> int:
    args = arguments()
    config = TrainConfig(encoder=args.encoder, epochs=args.epochs, seed=args.seed)
    try:
        examples = load_all(args.annotations / "reports")
        learned, measured = split(examples, held_out_names(args.annotations / "heldout.txt"))
        print(f"{len(learned)} reports to learn from, {len(measured)} to measure on", file=sys.stderr)
        reached = build(learned, measured, ROOT / "models" / args.name, config, on_step=Progress())
    except ExtractorError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    for name, count in reached.items():
        print(name, summary_of(count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
