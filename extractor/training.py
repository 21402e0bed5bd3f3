"""Fine-tuning the tagger: examples → windows → steps → a model directory. `train.py` tells the story; this has the parts."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from extractor import attention
from extractor.augment import varied
from extractor.beside import compared
from extractor.errors import ModelError, reason
from extractor.exchange import exchanged
from extractor.pipeline import candidates
from extractor.quantisation import quantised
from extractor.segment import outline, passages
from extractor.tagger import Encoded, Floats, Forward, Ints, encode_passages, pad
from extractor.tags import TAGS, encode
from extractor.types import Document, Example, Span
from extractor.vocabulary import Vocabulary

IGNORE = -100  # torch's cross entropy leaves these positions out
OUR_WIDTH = 384  # of models/encoder, for which the learning rate was chosen
LAYER = re.compile(r"\.layers?\.(\d+)\.")  # in the name of a weight
BF16_FEATURES = ("avx512_bf16", "amx_bf16", "bf16")  # x86, x86, ARM

# oneDNN keeps the kernels of 1,024 shapes, each with its working memory: batches have many shapes, and training grew to 10 GB.
# It reads this at its first kernel.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How the tagger is trained; saved beside the weights."""

    encoder: str = "models/encoder"
    epochs: int = 4
    pieces_per_batch: int = 2600
    learning_rate: float = 2e-4  # AdamW, top layer and head; linear after warm-up
    layer_decay: float = 0.9  # each lower layer learns by this factor less
    warm_up: float = 0.1  # share of all steps
    weight_decay: float = 0.01
    masked: float = 0.12  # share of input pieces hidden from the model: cheaper on a CPU than dropout, and as good here
    dropout: float = 0.1  # before the classifier
    average: float = 0.995  # decay of the running average of weights that is kept in the end
    exchanged: float = 0.15  # share of reports retold with goals as results and results as goals, each epoch anew
    compared: float = 0.4  # share of reports in which some results are told with their targets, each epoch anew
    scanned: float = 0.5  # share of reports with scan twins that are read from one of those, each epoch anew
    quantised: bool = False  # learn with the rounded numbers of the int8 model; see `extractor.quantisation`
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step taken; rounds and epochs count from 0, steps of a round from 1."""

    epoch: int
    step: int
    n_steps: int
    loss: float
    round: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """One training window: piece ids, and the tag to learn of every piece (IGNORE where there is none)."""

    ids: tuple[int, ...]
    tags: tuple[int, ...]


# (number of the epoch, dice) → all windows of that epoch; the same dice give the same windows
Draw = Callable[[int, random.Random], list[Window]]


def windows(example: Example, tokenizer: Any) -> Iterator[Window]:
    """The passages that the tagger would read of an example, with their gold tags."""
    document = Document(example.name, "", example.text)
    view = outline(document)
    rows = list(passages(document, view, [candidate.span for candidate in candidates(example.text, view)]))
    encoded = encode_passages(tokenizer, example.text, rows)
    for passage, one in zip(rows, encoded, strict=True):
        origin = passage.span.start
        labelled = [
            (mention.label, Span(mention.span.start - origin, mention.span.end - origin))
            for mention in example.mentions
            if passage.span.contains(mention.span)
        ]
        yield window(one, labelled)


def window(one: Encoded, labelled: Iterable[tuple[str, Span]], names: Sequence[str] = TAGS) -> Window:
    """A passage with the tags of its labelled spans, as positions in ``names``."""
    tags = encode(labelled, one.offsets, names)
    targets = (tag if end > start else IGNORE for tag, (start, end) in zip(tags, one.offsets, strict=True))
    return Window(one.ids, tuple(targets))


def retold(
    examples: Sequence[Example],
    tokenizer: Any,
    config: TrainConfig,
    twins: Mapping[str, Sequence[Example]] = MappingProxyType({}),
) -> Draw:
    """All windows of reports: as they are in the first epoch, varied in every later one, some as their scans are read."""

    def told(example: Example, dice: random.Random) -> Example:
        if example.name in twins and dice.random() < config.scanned:
            example = dice.choice(twins[example.name])
        if dice.random() < config.exchanged:
            example = exchanged(example, dice)
        if dice.random() < config.compared:
            example = compared(example, dice)
        return varied(example, dice)

    def draw(epoch: int, dice: random.Random) -> list[Window]:
        return [row for example in examples for row in windows(told(example, dice) if epoch else example, tokenizer)]

    return draw


def new_model(config: TrainConfig, names: Sequence[str] = TAGS) -> Any:
    """The encoder with a fresh token-classification head for the tags ``names``.

    Raises ModelError where there is no such encoder.
    """
    from transformers import AutoConfig, AutoModelForTokenClassification

    torch.manual_seed(config.seed)  # the head is drawn
    try:
        settings = AutoConfig.from_pretrained(
            config.encoder,
            id2label=dict(enumerate(names)),
            label2id={tag: k for k, tag in enumerate(names)},
            classifier_dropout=config.dropout,
            # Drawing random numbers for dropout takes half of a CPU step; hidden pieces and varied text regularise instead.
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        return AutoModelForTokenClassification.from_pretrained(
            config.encoder, config=settings, dtype=torch.float32, attn_implementation=attention.choose(device())
        )
    except Exception as error:  # safetensors and torch raise their own for a half-written file
        raise ModelError(f"no encoder '{config.encoder}': its weights cannot be loaded ({reason(error)})") from error


class Fitting:
    """One training of a model, in place. Iterating takes its steps; the model holds the averaged weights after the last.

    Between two steps `state` is all that another Fitting needs to go on as if nothing had happened: on a CPU to the bit.
    """

    def __init__(self, model: Any, draw: Draw, vocabulary: Vocabulary, config: TrainConfig) -> None:
        torch.manual_seed(config.seed)
        self._dice = random.Random(config.seed)  # what is learned, in which order
        self._generator = np.random.default_rng(config.seed)  # which pieces are hidden
        self._device = device()
        self._model = model.to(self._device).train()
        self._draw, self._vocabulary, self._config = draw, vocabulary, config
        self._optimizer = torch.optim.AdamW(_parameter_groups(model, config), betas=(0.9, 0.98), fused=True)
        self._peaks = [group["lr"] for group in self._optimizer.param_groups]
        self._average = {name: weight.detach().clone() for name, weight in model.named_parameters()}
        self._before_epoch = self._dice.getstate()
        self._epoch = self._taken = self._step = self._n_steps = 0  # taken: batches of this epoch

    def __iter__(self) -> Iterator[Step]:
        """Raises ModelError where there is nothing to learn from."""
        with quantised(self._model) if self._config.quantised else nullcontext():
            yield from self._steps()
        with torch.no_grad():
            for name, weight in self._model.named_parameters():
                weight.copy_(self._average[name])
        self._model.eval()

    def _steps(self) -> Iterator[Step]:
        while self._epoch < self._config.epochs:
            self._before_epoch = self._dice.getstate()
            groups = _shuffled(self._draw(self._epoch, self._dice), self._config, self._dice)
            if not groups:
                raise ModelError("nothing to learn from: no sentence holds a possible value; give reports with figures")
            self._n_steps = self._n_steps or self._config.epochs * len(groups)
            for group in groups[self._taken :]:
                loss = self._learn(group)
                self._taken += 1
                yield Step(self._epoch, min(self._step, self._n_steps), self._n_steps, loss)
            self._epoch, self._taken = self._epoch + 1, 0

    def _learn(self, group: Sequence[Window]) -> float:
        """One step on one batch; returns its loss."""
        done = self._step / self._n_steps
        scale = min((done + 1e-3) / self._config.warm_up, (1 - done) / (1 - self._config.warm_up))
        for parameters, peak in zip(self._optimizer.param_groups, self._peaks, strict=True):
            parameters["lr"] = peak * max(scale, 0.0)
        loss = self._loss(group)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._step += 1
        _update_average(self._average, self._model, min(self._config.average, self._step / (self._step + 10)))
        return float(loss.detach())

    def _loss(self, group: Sequence[Window]) -> Any:
        ids, mask = pad([row.ids for row in group])
        tags = np.full(ids.shape, IGNORE, dtype=np.int64)
        for k, row in enumerate(group):
            tags[k, : len(row.tags)] = row.tags
        is_hidden = self._generator.random(ids.shape) < self._config.masked
        ids = np.where(is_hidden & ~np.isin(ids, self._vocabulary.never_hidden), self._vocabulary.mask, ids)
        shown, seen, wanted = (torch.from_numpy(array).to(self._device) for array in (ids, mask, tags))
        with half_precision(self._device):
            logits = self._model(input_ids=shown, attention_mask=seen).logits
        return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), wanted.flatten(), ignore_index=IGNORE)

    def state(self) -> dict[str, Any]:
        """Weights, averages, optimizer, the state of every source of chance, and how far it is; for `torch.save`."""
        return {
            "model": self._model.state_dict(),
            "average": self._average,
            "optimizer": self._optimizer.state_dict(),
            "dice": self._before_epoch,
            "generator": self._generator.bit_generator.state,
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            "place": (self._epoch, self._taken, self._step, self._n_steps),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where `state` was taken; this epoch's batches are drawn again by the same dice."""
        self._model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._average = {name: weight.to(self._device) for name, weight in state["average"].items()}
        self._dice.setstate(state["dice"])
        self._generator.bit_generator.state = state["generator"]
        torch.set_rng_state(state["torch"])
        if state["cuda"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(state["cuda"])
        self._epoch, self._taken, self._step, self._n_steps = state["place"]


def device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half_precision(where: torch.device) -> torch.autocast:
    """bfloat16 where the hardware multiplies it; elsewhere it is emulated, and slower than float32."""
    if where.type == "cuda":
        pays = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        pays = any(torch.cpu.get_capabilities().get(feature) for feature in BF16_FEATURES)
    return torch.autocast(where.type, dtype=torch.bfloat16, enabled=pays)


def _shuffled(rows: list[Window], config: TrainConfig, dice: random.Random) -> list[list[Window]]:
    """One epoch's windows as shuffled batches of like length."""
    dice.shuffle(rows)
    lengths = [len(row.ids) + dice.randrange(12) for row in rows]  # like lengths, but not always the same neighbours
    groups = [[rows[k] for k in group] for group in batches(lengths, config.pieces_per_batch)]
    dice.shuffle(groups)
    return groups


def batches(lengths: Sequence[int], pieces_per_batch: int) -> Iterator[list[int]]:
    """Positions grouped by like length, each group padded to at most ``pieces_per_batch`` pieces (one row at least)."""
    group: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda k: lengths[k]):
        if group and (len(group) + 1) * lengths[position] > pieces_per_batch:
            yield group
            group = []
        group.append(position)
    if group:
        yield group


def _parameter_groups(model: Any, config: TrainConfig) -> list[dict[str, Any]]:
    """Lower layers learn slower: what pre-training taught them is worth keeping."""
    n_layers = model.config.num_hidden_layers
    base = config.learning_rate * rate_share(model)
    groups: dict[tuple[float, float], list[Any]] = {}
    for name, weight in model.named_parameters():
        if "classifier" in name:
            rate = base * 3
        elif layer := LAYER.search(name):
            rate = base * config.layer_decay ** (n_layers - 1 - int(layer.group(1)))
        else:
            rate = base * config.layer_decay**n_layers
        groups.setdefault((rate, config.weight_decay if weight.ndim > 1 else 0.0), []).append(weight)
    return [{"params": weights, "lr": rate, "weight_decay": decay} for (rate, decay), weights in groups.items()]


def rate_share(model: Any) -> float:
    """Larger encoders bear smaller steps: 2e-4 at our width becomes 5e-5 at 768 and 3e-5 at 1024, as is usual for them."""
    share: float = min(1.0, (OUR_WIDTH / model.config.hidden_size) ** 2)
    return share


@torch.no_grad()
def _update_average(average: dict[str, Any], model: Any, decay: float) -> None:
    names = list(average)
    current = dict(model.named_parameters())
    torch._foreach_lerp_([average[name] for name in names], [current[name].detach() for name in names], 1 - decay)


def torch_forward(model: Any) -> Forward:
    """The float32 model as the tagger's forward function."""
    device = next(model.parameters()).device

    def forward(ids: Ints, mask: Ints) -> Floats:
        with torch.inference_mode():
            logits = model(input_ids=torch.from_numpy(ids).to(device), attention_mask=torch.from_numpy(mask).to(device)).logits
        return np.asarray(logits.float().cpu().numpy(), dtype=np.float32)

    return forward


def save_weights(model: Any, directory: Path) -> None:
    """Write float16 weights and config.json; the model keeps its own precision. Raises ModelError where the disk is full.

    Whoever may read the one may read the other: safetensors alone would let only their owner read the weights.
    """
    from safetensors import SafetensorError

    dtype = next(model.parameters()).dtype
    try:
        model.half().save_pretrained(directory)
    except SafetensorError as error:  # which is no OSError
        raise ModelError(f"{directory}: the weights could not be written ({reason(error)})") from error
    finally:
        model.to(dtype)
    for weights in directory.glob("*.safetensors"):
        shutil.copymode(directory / "config.json", weights)


def save(model: Any, vocabulary: Vocabulary, directory: Path, config: TrainConfig) -> None:
    """Write a model directory: float16 weights that transformers loads, the tokenizer, and how it was trained."""
    directory.mkdir(parents=True, exist_ok=True)
    save_weights(model, directory)
    vocabulary.save(directory)
    (directory / "training.json").write_text(
        json.dumps({**asdict(config), "encoder": Path(config.encoder).name}, indent=1) + "\n", encoding="utf-8"
    )
