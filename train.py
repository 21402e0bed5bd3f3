"""Train a model: python train.py [--add DIR] [--name NAME].

Annotated reports in annotations/ → models/NAME: the tagger (float16 weights and int8 ONNX), the linker, the confidences and
a model card. Reports named in annotations/heldout.txt are only measured, never learned from.

    1. The tagger learns from all reports that are not held out, in two rounds, the second a little shorter and gentler.
    2. The habits of names and the linker learn from the same reports.
    3. The model reads the held-out reports: that gives its scores, and with them its confidences are fitted.
    4. The model before reads them too. The new one takes its place if it is not worse (extractor/gate.py says what that means).

python train.py adapt --text DIR --out DIR lets the encoder learn from reports without annotations first; --encoder takes it.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import shutil
import sys
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from transformers.utils import logging

from extractor import adaptation, building, corpus, gate, vocabulary
from extractor.adaptation import AdaptConfig
from extractor.course import Checkpoint, Course, origin
from extractor.errors import ExtractorError, ModelError
from extractor.pipeline import Extractor, load
from extractor.training import Step, TrainConfig

ROOT = Path(__file__).parent
CHECKPOINT = "checkpoint.pt"
SAVE_EVERY = 180.0  # seconds between checkpoints
SAY_EVERY = 20.0  # seconds between lines where no terminal shows a bar
MOST_SEED = 2**32  # what every source of chance takes
STEP = re.compile(r"([0-9]+),[0-9]+,([0-9]+),\S+")  # a whole line of the curve: an interruption may cut the last
SMOOTHING = 0.95  # of the loss that is shown


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0], epilog="python train.py adapt --help: learn from reports without annotations"
    )
    parser.add_argument("--name", default="default", help="the model is written to models/NAME (default: %(default)s)")
    parser.add_argument("--annotations", type=Path, default=ROOT / "annotations", help="folder with reports/ and heldout.txt")
    parser.add_argument(
        "--add",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="learn from these annotated reports, too (repeatable)",
    )
    parser.add_argument(
        "--encoder", default=str(ROOT / "models" / "encoder"), help="directory or Hugging Face name of the encoder to start from"
    )
    parser.add_argument("--epochs", type=int, default=TrainConfig.epochs, help="of the first round (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=TrainConfig.seed)
    parser.add_argument("--resume", action="store_true", help="go on with the interrupted training of this name")
    parser.add_argument("--force", action="store_true", help="replace the model before even if it was better")
    parser.set_defaults(run=train)
    further = parser.add_subparsers(metavar="adapt").add_parser(
        "adapt", help="pre-train the encoder on reports without annotations"
    )
    further.add_argument(
        "--text", type=Path, required=True, metavar="DIR", help="folder of reports (whatever extractor run reads)"
    )
    further.add_argument("--out", type=Path, required=True, metavar="DIR", help="the new encoder; must not exist yet")
    further.add_argument(
        "--encoder", default=str(ROOT / "models" / "encoder"), help="directory or Hugging Face name to start from"
    )
    further.add_argument("--minutes", type=float, default=AdaptConfig.minutes, help="how long to learn (default: %(default)s)")
    further.add_argument("--seed", type=int, default=AdaptConfig.seed)
    further.set_defaults(run=adapt)
    args = parser.parse_args(given)
    for option in ("epochs", "minutes"):
        if not 0 < getattr(args, option, 1) < float("inf"):
            parser.error(f"--{option} {getattr(args, option)}: a number above 0 is needed")
    if not 0 <= args.seed < MOST_SEED:
        parser.error(f"--seed {args.seed}: a whole number from 0 to {MOST_SEED - 1} is needed")
    if args.name.strip() != args.name or Path(args.name).name != args.name or args.name in ("", ".."):
        parser.error(f"--name {args.name!r}: the name of a folder in models/ is needed, not a path")
    return args


class Shown(AbstractContextManager["Shown"]):
    """How far a training is on stderr: a bar in a terminal, else a line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}")
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task("training", total=1.0, words="")
        self._began: tuple[float, float] | None = None  # time and share at the first step
        self._said = self._loss = 0.0

    def __enter__(self) -> Shown:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def show(self, place: str, done: float, loss: float) -> None:
        """done: share of the whole training; place: where in it."""
        now = time.monotonic()
        if self._began is None:
            self._began, self._loss = (now, done), loss
        self._loss = SMOOTHING * self._loss + (1 - SMOOTHING) * loss
        words = f"loss {self._loss:.4f}  {self._left(now, done)}"
        self._bar.update(self._task, description=place, completed=done, words=words)
        if not self._console.is_terminal and (now - self._said >= SAY_EVERY or done >= 1):
            self._said = now
            self._console.print(f"{done:4.0%}  {place}  {words}", highlight=False, soft_wrap=True)

    def _left(self, now: float, done: float) -> str:
        began, behind = self._began or (now, done)
        if done <= behind:
            return "– min left"
        return f"{(now - began) / (done - behind) * (1 - done) / 60:.1f} min left"


@dataclass(frozen=True, slots=True)
class Curve:
    """The loss of every step as CSV."""

    path: Path

    def restart(self, after: tuple[int, int] | None) -> None:
        """Begin anew, or drop what stands behind (round, step): an interrupted training takes those steps again."""
        kept = []
        if after is not None and self.path.is_file():
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
            kept = [row for line in lines if (row := STEP.fullmatch(line)) and (int(row[1]), int(row[2])) <= after]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("round", "epoch", "step", "loss"), *(row[0].split(",") for row in kept)])

    def add(self, step: Step) -> None:
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow((step.round, step.epoch, step.step, f"{step.loss:.5f}"))


def train(args: argparse.Namespace, console: Console) -> int:
    target, beside = places(args.name)
    gate.recover(target)
    config = TrainConfig(encoder=args.encoder, epochs=args.epochs, seed=args.seed)
    reports = corpus.read(args.annotations, args.add)
    before = model_before(target, forced=args.force)
    pieces = vocabulary.load(config.encoder)
    course = building.course_of(reports.learned, pieces, config, reports.twins)
    checkpoint = Checkpoint(beside / CHECKPOINT, origin(course.rounds, reports.learned, reports.twins))
    curve = Curve(beside / "curve.csv")
    if args.resume:
        state = checkpoint.load()
        course.restore(state)
        curve.restart((state["round"], state.get("place", (0, 0, 0, 0))[2]))
    else:
        curve.restart(None)
    console.print(f"{len(reports.learned)} reports to learn from, {len(reports.measured)} to measure on", highlight=False)
    take(course, checkpoint, curve, console)
    console.print("linking, exporting, measuring: some minutes more …")
    candidate = beside / args.name
    shutil.rmtree(candidate, ignore_errors=True)
    given = building.build(course.model, pieces, reports, candidate, config)
    verdict = building.compare(before, given, forced=args.force) if before else None
    with (candidate / "README.md").open("a", encoding="utf-8") as card:
        card.write(gate.section(verdict))
    for name, count in building.scores(given).items():
        print(name, building.summary_of(count))
    if verdict and not verdict.is_accepted:
        kept = "stays as it is" if target.exists() else "is not made"
        raise ModelError(
            f"{target} {kept}, since the new model is {verdict.summary()}; it is in {candidate}, "
            "and the same command with --resume --force puts it in place"
        )
    gate.install(candidate, target)
    checkpoint.path.unlink()
    console.print(f"{target}: {verdict.summary() if verdict else 'no model to compare with'}", highlight=False, soft_wrap=True)
    return 0


def places(name: str) -> tuple[Path, Path]:
    """(the model, the folder beside it for curve and checkpoint, of which nothing is shipped)."""
    target = ROOT / "models" / name
    return target, target.with_name(f"{name}.training")


def model_before(target: Path, *, forced: bool) -> Extractor | None:
    """The model to compare with: that of the name, else the shipped one; None where there is none."""
    if target.exists() and not (target / "linker.json").is_file():
        raise ModelError(f"{target}: there is something else than a model of train.py; choose another --name")
    directory = next((path for path in (target, ROOT / "models" / "default") if (path / "config.json").is_file()), None)
    if directory is None:
        return None
    try:
        return load(str(directory))
    except ModelError as error:
        if forced:
            return None
        raise ModelError(f"cannot compare with the model before, --force replaces it all the same: {error}") from error


def take(course: Course, checkpoint: Checkpoint, curve: Curve, console: Console) -> None:
    """Take all steps that are left, saving what they reached after the first one and now and then."""
    saved = float("-inf")
    with Shown(console) as shown:
        for step in course:
            place = f"round {step.round + 1}/{len(course.rounds)}  epoch {step.epoch + 1}  step {step.step}/{step.n_steps}"
            shown.show(place, course.done(step), step.loss)
            curve.add(step)
            if time.monotonic() - saved >= SAVE_EVERY:
                checkpoint.save(course.state())
                saved = time.monotonic()
    checkpoint.save(course.state())


def adapt(args: argparse.Namespace, console: Console) -> int:
    """Pre-train the encoder further on reports without annotations."""
    out: Path = args.out
    if out.exists():
        raise ModelError(f"{out}: exists already; name a folder that does not")
    above = next(path for path in out.absolute().parents if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):  # before an hour of learning
        raise ModelError(f"{out}: cannot be made; {above} is no folder that may be written to")
    config = AdaptConfig(encoder=args.encoder, minutes=args.minutes, seed=args.seed)
    pieces = vocabulary.load(config.encoder)
    encoder = adaptation.load_encoder(config)
    adaptation.check_space(encoder, above, shutil.disk_usage(above).free)
    texts, troubles = adaptation.read_texts(args.text)
    for trouble in troubles:
        console.print(f"left out: {trouble}", highlight=False, markup=False, soft_wrap=True)
    given = adaptation.stream(texts, pieces)
    console.print(f"{len(texts)} texts, {len(given.ids):,} pieces", highlight=False)
    losses = []
    with Shown(console) as shown:
        for guess in adaptation.adapt(encoder, given, pieces, config):
            shown.show(f"step {guess.step}", guess.done, guess.loss)
            losses.append(guess.loss)
    adaptation.save(encoder, pieces, out, adaptation.card(config, out.name, len(texts), len(given.ids), losses))
    console.print(f"{out}: python train.py --encoder {out} starts from it", highlight=False, soft_wrap=True)
    return 0


def main(given: list[str] | None = None) -> int:
    args = arguments(given)
    console = Console(stderr=True)
    # transformers would report every head that is drawn anew, which is what we want here.
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return int(args.run(args, console))
    except ExtractorError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"train.py: {error.filename or 'disk'}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        is_saved = args.run is train and (places(args.name)[1] / CHECKPOINT).is_file()
        hint = "; the same command with --resume goes on from the last checkpoint" if is_saved else ""
        print(f"train.py: interrupted{hint}", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
