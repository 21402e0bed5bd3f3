"""A training of several rounds that survives an interruption: its checkpoint is whole or not there."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from extractor.errors import ModelError
from extractor.training import Fitting, Step, TrainConfig

HEADER = b"extractor checkpoint 1"


class Course:
    """Rounds of fine-tuning, one after the other, on one model. Iterating takes all steps that are left."""

    def __init__(self, model: Any, rounds: Sequence[TrainConfig], fitting: Callable[[Any, TrainConfig], Fitting]) -> None:
        self.model = model
        self.rounds = tuple(rounds)
        self._fitting = fitting
        self._number = 0
        self._running: Fitting | None = None

    def __iter__(self) -> Iterator[Step]:
        while self._number < len(self.rounds):
            self._running = self._running or self._fitting(self.model, self.rounds[self._number])
            for step in self._running:
                yield replace(step, round=self._number)
            self._number, self._running = self._number + 1, None

    def done(self, step: Step) -> float:
        """The share of the whole course behind a step of it, in epochs."""
        epochs = [config.epochs for config in self.rounds]
        return (sum(epochs[: step.round]) + epochs[step.round] * step.step / step.n_steps) / sum(epochs)

    def state(self) -> dict[str, Any]:
        """All that another Course of the same rounds needs to go on; for `Checkpoint.save`, at once: it shares the weights."""
        running = self._running.state() if self._running else {"model": self.model.state_dict()}
        return {"round": self._number, "between": self._running is None, **running}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where `state` was taken."""
        self._number, self._running = state["round"], None
        if state["between"]:
            self.model.load_state_dict(state["model"])
        else:
            self._running = self._fitting(self.model, self.rounds[self._number])
            self._running.restore(state)


def origin(*sources: object) -> str:
    """A digest of all that a training follows from; each source's ``repr`` shows all of it."""
    return hashlib.sha256(repr(sources).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file with the state of one training. ``origin`` tells it from those of other trainings."""

    path: Path
    origin: str

    def save(self, state: Mapping[str, Any]) -> None:
        """Replace the file at once: whoever is interrupted here finds the checkpoint before."""
        buffer = io.BytesIO()
        torch.save(dict(state), buffer)
        content = buffer.getvalue()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            file.write(b"%s %s %s\n" % (HEADER, self.origin.encode(), hashlib.sha256(content).hexdigest().encode()))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)

    def load(self) -> dict[str, Any]:
        """Raises ModelError where there is no checkpoint, not all of one, or that of another training."""
        if not self.path.is_file():
            raise ModelError(f"{self.path}: no checkpoint to resume from; start without --resume")
        first, _, content = self.path.read_bytes().partition(b"\n")
        if not first.startswith(HEADER + b" "):
            raise ModelError(f"{self.path}: not a checkpoint of this version; start without --resume")
        whose, digest = first.removeprefix(HEADER).split() if first.count(b" ") == HEADER.count(b" ") + 2 else (b"", b"")
        if hashlib.sha256(content).hexdigest().encode() != digest:
            raise ModelError(f"{self.path}: half-written or damaged checkpoint; start without --resume")
        if whose != self.origin.encode():
            raise ModelError(
                f"{self.path}: checkpoint of a training with other reports or settings; repeat its command, "
                "or start without --resume"
            )
        state: dict[str, Any] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        return state
