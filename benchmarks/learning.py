"""What more reports bring, and what one lucky split hides: python -m benchmarks.learning curve | folds | added.

    curve     trains on ever more of the learned reports and measures each model on the held-out ones:
              benchmarks/learning_curve.json
    folds     cross-validation: divides all reports, held-out ones too, into folds and measures each fold with a model that
              learned from all others: benchmarks/cross_validation.json
    added     takes the reports of one kind (those whose names begin so) out of training, then adds five and ten of them again
              and measures on the others of that kind, held out or not; only printed

Every model is trained anew from models/encoder as train.py does it, and read with float32 weights: nothing is exported or
installed. Reports are divided as a whole. What evaluate.py shows of the files is written after every training, so that an
interruption costs one training: the same command with --resume takes those that are missing.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from transformers.utils import logging

from extractor import building, corpus, habit_training, link_training, vocabulary
from extractor.accuracy.learning import CURVE, FOLDS, Fold, Point, load_curve, load_folds, to_json
from extractor.corpus import Corpus
from extractor.errors import AnnotationError, ExtractorError, ModelError
from extractor.tagger import Tagger
from extractor.training import TrainConfig, torch_forward
from extractor.types import Example

ROOT = Path(__file__).parent.parent
ADDED = (0, 5, 10)
TO_ADD = 3  # epochs: each of the three trainings takes less than half an hour on two cores
SHARES = (16, 8, 4, 2, 1)  # of all reports, that the curve goes through: a sixteenth to all
FIGURES = ("span", "link", "record")

Train = Callable[[Sequence[Example], Sequence[Example]], dict[str, float]]  # (to learn from, to measure on) → F1


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--annotations", type=Path, default=ROOT / "annotations", help="folder with reports/ and heldout.txt")
    commands = parser.add_subparsers(required=True, metavar="curve | folds | added")
    for run in (curve, folds, added):
        command = commands.add_parser(run.__name__, help=(run.__doc__ or "").splitlines()[0])
        command.set_defaults(run=run)
        epochs = TO_ADD if run is added else TrainConfig.epochs
        command.add_argument("--epochs", type=int, default=epochs, help="of the first round (default: %(default)s)")
        command.add_argument("--reports", type=int, metavar="N", help="of all reports every so many, N in all, for a quick try")
        if run is curve:
            command.add_argument("--at", type=int, nargs="+", metavar="N", help="numbers of reports (default: doubling to all)")
        if run is folds:
            command.add_argument("--folds", type=int, default=5, metavar="K", help="(default: %(default)s)")
        if run is added:
            command.add_argument("--kind", default="r5", help="how the names of the reports begin (default: %(default)s)")
        else:
            path = ROOT / "benchmarks" / (CURVE if run is curve else FOLDS)
            command.add_argument("--into", type=Path, default=path, metavar="FILE", help="(default: %(default)s)")
            command.add_argument("--resume", action="store_true", help="keep what is in the file; same reports and settings only")
    args = parser.parse_args(given)
    if args.epochs < 1 or (args.reports or 1) < 1:
        parser.error("--epochs and --reports: numbers above 0 are needed")
    return args


def curve(args: argparse.Namespace, reports: Corpus, train: Train) -> None:
    """F1 on the held-out reports after learning from ever more reports, each step holding those before."""
    learned = shuffled(thinned(reports.learned, args.reports))
    sizes = sorted(set(args.at or doubling(len(learned))))
    if not 0 < sizes[0] <= sizes[-1] <= len(learned):
        raise AnnotationError(
            f"--at {' '.join(map(str, sizes))}: numbers from 1 to {len(learned)}, the reports to learn from, are needed"
        )
    points = list(load_curve(kept(args)))
    for size in sizes:
        if size not in {point.reports for point in points}:
            points.append(Point(size, **train(learned[:size], thinned(reports.measured, args.reports))))
            write(args.into, to_json(points))


def folds(args: argparse.Namespace, reports: Corpus, train: Train) -> None:
    """F1 on each fold of all reports after learning from the other folds."""
    every = thinned(sorted((*reports.learned, *reports.measured), key=lambda example: example.name), args.reports)
    if not 2 <= args.folds <= len(every):
        raise AnnotationError(f"--folds {args.folds}: a number from 2 to that of the reports, {len(every)}, is needed")
    done = list(load_folds(kept(args)))
    for number, (learned, measured) in enumerate(divided(every, args.folds), 1):
        if number not in {fold.fold for fold in done}:
            done.append(Fold(number, len(learned), len(measured), **train(learned, measured)))
            write(args.into, to_json(done))


def added(args: argparse.Namespace, reports: Corpus, train: Train) -> None:
    """F1 on reports of one kind without, with five and with ten others of it to learn from."""
    own = [example for example in reports.learned if example.name.startswith(args.kind)]
    others = thinned([example for example in reports.learned if not example.name.startswith(args.kind)], args.reports)
    held_out = [example for example in reports.measured if example.name.startswith(args.kind)]
    most = max(ADDED)
    measured = [*held_out, *own[most:]]
    if len(own) < most or not measured:
        raise AnnotationError(
            f"--kind {args.kind}: {len(own)} reports to learn from and {len(held_out)} held out; {most} and one more are needed"
        )
    for n_added in ADDED:
        train([*others, *own[:n_added]], measured)


def thinned(examples: Sequence[Example], n: int | None) -> list[Example]:
    """Every so many, n in all; all where n is None or not fewer."""
    if n is None or n >= len(examples):
        return list(examples)
    return [examples[k * len(examples) // n] for k in range(n)]


def shuffled(examples: Sequence[Example]) -> list[Example]:
    """In an order that mixes the series, the same every time."""
    return random.Random(0).sample(examples, len(examples))


def doubling(n: int) -> list[int]:
    """From a sixteenth of n to n, each twice the one before."""
    return [n // share for share in SHARES if n // share]


def divided(examples: Sequence[Example], k: int) -> list[tuple[list[Example], list[Example]]]:
    """k times (to learn from, to measure on); every example is measured once, and neighbours lie in different folds."""
    return [([one for j, one in enumerate(examples) if j % k != fold], list(examples[fold::k])) for fold in range(k)]


def kept(args: argparse.Namespace) -> Path:
    """The file, once it is known that it may be written and that what is in it is meant to stay."""
    into: Path = args.into
    if into.exists() and not args.resume:
        raise AnnotationError(f"{into}: exists already; --resume adds what is missing, --into names another file")
    if not into.parent.is_dir():
        raise AnnotationError(f"{into.parent}: no such folder; --into writes into one that exists")
    return into


def write(path: Path, content: str) -> None:
    """Replace a file at once."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(content, encoding="utf-8")
    unfinished.replace(path)


def training(epochs: int) -> Train:
    """What trains once and tells F1; it prints figures and minutes as a line of JSON, and on the way how far it is."""
    config = TrainConfig(encoder=str(ROOT / "models" / "encoder"), epochs=epochs)
    pieces = vocabulary.load(config.encoder)

    def train(learned: Sequence[Example], measured: Sequence[Example]) -> dict[str, float]:
        began = time.monotonic()
        course = building.course_of(learned, pieces, config)
        for step in course:
            if step.step % 50 == 0:
                minutes = (time.monotonic() - began) / 60
                print(f"{len(learned)} reports  {course.done(step):4.0%}  {minutes:.1f} min", file=sys.stderr, flush=True)
        try:
            tagger = Tagger(pieces.tokenizer, torch_forward(course.model), habit_training.fit(learned))
            link_model = link_training.fit(learned)
        except ValueError as error:
            raise ModelError(f"{len(learned)} reports are too few to learn borders and links from ({error})") from error
        reached = building.scores(list(building.answers(measured, tagger, link_model)))
        figures = {name: round(reached[name].f1 or 0.0, 4) for name in FIGURES}
        told = {"learned from": len(learned), "measured on": len(measured), **figures}
        print(json.dumps(told | {"minutes": round((time.monotonic() - began) / 60, 1)}), flush=True)
        return figures

    return train


def main(given: Sequence[str] | None = None) -> int:
    args = arguments(given)
    # transformers would report every head that is drawn anew, which is what we want here.
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        args.run(args, corpus.read(args.annotations), training(args.epochs))
    except (ExtractorError, OSError) as error:
        print(f"learning: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
