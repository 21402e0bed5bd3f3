"""Fine-tuning the tagger: examples → windows → steps → a model directory. `train.py` tells the story; this has the parts."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from extractor.augment import varied
from extractor.exchange import exchanged
from extractor.pipeline import candidates
from extractor.segment import outline, passages
from extractor.tagger import Encoded, Floats, Forward, Ints, encode_passages, pad
from extractor.tags import TAGS, encode
from extractor.types import Document, Example, Span

IGNORE = -100  # torch's cross entropy leaves these positions out


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How the tagger is trained; saved beside the weights."""

    encoder: str = "models/encoder"
    epochs: int = 6
    pieces_per_batch: int = 2600
    learning_rate: float = 2e-4  # AdamW, top layer and head; linear after warm-up
    layer_decay: float = 0.9  # each lower layer learns by this factor less
    warm_up: float = 0.1  # share of all steps
    weight_decay: float = 0.01
    masked: float = 0.12  # share of input pieces hidden from the model: cheaper on a CPU than dropout, and as good here
    dropout: float = 0.1  # before the classifier
    average: float = 0.995  # decay of the running average of weights that is kept in the end
    exchanged: float = 0.15  # share of reports retold with goals as results and results as goals, each epoch anew
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    epoch: int
    step: int
    n_steps: int
    loss: float


@dataclass(frozen=True, slots=True)
class Window:
    """One training window: piece ids, and the tag to learn of every piece (IGNORE where there is none)."""

    ids: tuple[int, ...]
    tags: tuple[int, ...]


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
        yield Window(one.ids, _targets(one, labelled))


def _targets(one: Encoded, labelled: Sequence[tuple[Any, Span]]) -> tuple[int, ...]:
    tags = encode(labelled, one.offsets)
    return tuple(tag if end > start else IGNORE for tag, (start, end) in zip(tags, one.offsets, strict=True))


def new_model(config: TrainConfig) -> Any:
    """The encoder with a fresh token-classification head."""
    from transformers import AutoConfig, AutoModelForTokenClassification

    settings = AutoConfig.from_pretrained(
        config.encoder,
        id2label=dict(enumerate(TAGS)),
        label2id={tag: k for k, tag in enumerate(TAGS)},
        classifier_dropout=config.dropout,
        # Drawing random numbers for dropout takes half of a CPU step; hidden pieces and varied text regularise instead.
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return AutoModelForTokenClassification.from_pretrained(config.encoder, config=settings, dtype=torch.float32)


def fit(model: Any, examples: Sequence[Example], tokenizer: Any, config: TrainConfig) -> Iterator[Step]:
    """Train in place, yielding every step; the model holds the averaged weights once the iterator is spent."""
    torch.manual_seed(config.seed)
    dice = random.Random(config.seed)
    generator = np.random.default_rng(config.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device).train()
    optimizer = torch.optim.AdamW(_parameter_groups(model, config), betas=(0.9, 0.98), fused=True)
    peaks = [group["lr"] for group in optimizer.param_groups]
    average = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    epoch_groups = _epoch(examples, tokenizer, config, dice, plain=True)
    n_steps = config.epochs * len(epoch_groups)
    step = 0
    for epoch in range(config.epochs):
        for group in epoch_groups:
            done = step / n_steps
            scale = min((done + 1e-3) / config.warm_up, (1 - done) / (1 - config.warm_up))
            for parameters, peak in zip(optimizer.param_groups, peaks, strict=True):
                parameters["lr"] = peak * max(scale, 0.0)
            loss = _step(model, group, device, config, generator)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            _update_average(average, model, min(config.average, step / (step + 10)))
            yield Step(epoch, min(step, n_steps), n_steps, loss)
        if epoch + 1 < config.epochs:
            epoch_groups = _epoch(examples, tokenizer, config, dice, plain=False)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(average[name])
    model.eval()


def _epoch(
    examples: Sequence[Example], tokenizer: Any, config: TrainConfig, dice: random.Random, *, plain: bool
) -> list[list[Window]]:
    """One pass over all examples, varied unless ``plain``, as shuffled batches of like length."""

    def told(example: Example) -> Example:
        return varied(exchanged(example, dice) if dice.random() < config.exchanged else example, dice)

    rows = [row for example in examples for row in windows(example if plain else told(example), tokenizer)]
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


def _step(model: Any, group: Sequence[Window], device: Any, config: TrainConfig, generator: Any) -> float:
    ids, mask = pad([row.ids for row in group])
    tags = np.full(ids.shape, IGNORE, dtype=np.int64)
    for k, row in enumerate(group):
        tags[k, : len(row.tags)] = row.tags
    hidden = (generator.random(ids.shape) < config.masked) & (ids > 5)
    ids = np.where(hidden, 4, ids)  # [MASK]
    with torch.autocast(device.type, dtype=torch.bfloat16):
        logits = model(input_ids=torch.from_numpy(ids).to(device), attention_mask=torch.from_numpy(mask).to(device)).logits
    loss = torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), torch.from_numpy(tags).to(device).flatten(), ignore_index=IGNORE
    )
    loss.backward()  # type: ignore[no-untyped-call]
    return float(loss.detach())


def _parameter_groups(model: Any, config: TrainConfig) -> list[dict[str, Any]]:
    """Lower layers learn slower: what pre-training taught them is worth keeping."""
    n_layers = model.config.num_hidden_layers
    groups: dict[tuple[float, float], list[Any]] = {}
    for name, weight in model.named_parameters():
        if "classifier" in name:
            rate = config.learning_rate * 3
        elif ".layer." in name:
            depth = int(name.split(".layer.")[1].split(".")[0])
            rate = config.learning_rate * config.layer_decay ** (n_layers - 1 - depth)
        else:
            rate = config.learning_rate * config.layer_decay**n_layers
        groups.setdefault((rate, config.weight_decay if weight.ndim > 1 else 0.0), []).append(weight)
    return [{"params": weights, "lr": rate, "weight_decay": decay} for (rate, decay), weights in groups.items()]


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


def save(model: Any, tokenizer_from: Path, directory: Path, config: TrainConfig) -> None:
    """Write a model directory: float16 weights that transformers loads, the tokenizer, and how it was trained."""
    directory.mkdir(parents=True, exist_ok=True)
    dtype = next(model.parameters()).dtype
    model.half().save_pretrained(directory)
    model.to(dtype)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(tokenizer_from / name, directory / name)
    (directory / "training.json").write_text(
        json.dumps({**asdict(config), "encoder": Path(config.encoder).name}, indent=1) + "\n", encoding="utf-8"
    )
