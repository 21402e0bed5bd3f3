"""Pre-training goes on: an encoder learns the language of an office from its reports, without annotations.

Words are hidden and guessed from what stands around them. A word is one of jieba's, so that a rest of it does not give it
away; a number is one word. The learning rate follows the clock, so that every budget ends in a finished encoder.
"""

from __future__ import annotations

import re
import shutil
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from extractor import attention, readers
from extractor.errors import ModelError, ReadError, reason
from extractor.training import device, half_precision, rate_share, save_weights
from extractor.vocabulary import Vocabulary
from extractor.words import words

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SHORTEST = 30  # visible characters of a text; less teaches nothing
SMALL_FILES = 5_000_000  # bytes beside the weights, mostly the tokenizer
CHUNK = 4000  # characters segmented and tokenized at once
BLANKS = re.compile(r"\s+")
NUMBER = re.compile(r"[0-9０-９]+(?:[.,．][0-9０-９]+)*[%％]?")


@dataclass(frozen=True, kw_only=True)
class AdaptConfig:
    """How an encoder is pre-trained further."""

    encoder: str = "models/encoder"
    minutes: float = 20.0
    pieces_per_step: int = 16384
    length: int = 256  # pieces of one sequence
    learning_rate: float = 5e-4  # AdamW, at our encoder's width; linear to zero after warm-up
    warm_up: float = 0.03  # share of the time
    weight_decay: float = 0.01
    hidden: float = 0.15  # share of words to guess; of their pieces 80 % are masked, 10 % others, 10 % as they were
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Guess:
    """One step: the share of the time that is over, and the loss of the words to guess."""

    step: int
    done: float
    loss: float


@dataclass(frozen=True, slots=True)
class Stream:
    """All texts as one row of pieces. ``is_start`` tells where a word begins; both ``(pieces,)``."""

    ids: Ints
    is_start: Flags


def read_texts(folder: Path) -> tuple[list[str], list[str]]:
    """(texts, what could not be read and why) of all readable files of a folder and below, by name.

    Raises ReadError where there is no such folder, or no text is long enough to learn from.
    """
    if not folder.is_dir():
        raise ReadError(f"{folder}: there is no such folder; one with reports to learn from is needed")
    texts, troubles = [], []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in readers.KINDS and path.is_file()):
        try:
            text = BLANKS.sub(" ", readers.read(path).text).strip()
        except ReadError as error:
            troubles.append(str(error))
            continue
        if len(text) >= SHORTEST:
            texts.append(text)
    if not texts:
        kinds = ", ".join(readers.KINDS)
        raise ReadError(
            f"{folder}: no report to learn from; a folder with files of {SHORTEST} characters or more ({kinds}) is needed"
        )
    return texts, troubles


def stream(texts: Sequence[str], vocabulary: Vocabulary) -> Stream:
    """Cut texts into pieces and words; a separator ends every text."""
    separator = vocabulary.source.sep_token_id
    ids: list[int] = []
    is_start: list[bool] = []
    tokenizer = type(vocabulary.tokenizer).from_str(vocabulary.tokenizer.to_str())
    tokenizer.no_truncation()
    for text in texts:
        chunks = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
        for chunk, encoding in zip(chunks, tokenizer.encode_batch(chunks, add_special_tokens=False), strict=True):
            ids += encoding.ids
            is_start += word_starts(chunk, encoding.offsets)
        ids.append(separator)
        is_start.append(True)
    return Stream(np.array(ids, np.int64), np.array(is_start, bool))


def word_starts(text: str, offsets: Sequence[tuple[int, int]]) -> list[bool]:
    """Of every piece whether its word is another one than that of the piece before."""
    numbers = [match.span() for match in NUMBER.finditer(text)]
    borders = [span.start for span in words(text)]
    word_of: list[int] = []
    for start, _ in offsets:
        number = bisect_right(numbers, start, key=lambda place: place[0]) - 1
        is_within = number >= 0 and start < numbers[number][1]
        word_of.append(-1 - number if is_within else bisect_right(borders, start))
    return [k == 0 or word_of[k] != word_of[k - 1] for k in range(len(word_of))]


class GuessingHead(torch.nn.Module):
    """Hidden states → scores of all pieces, by the encoder's own embeddings."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self._embeddings = [encoder.get_input_embeddings()]  # in a list: their weights belong to the encoder
        n_pieces, width = self._embeddings[0].weight.shape
        self.dense = torch.nn.Linear(encoder.config.hidden_size, width)
        torch.nn.init.normal_(self.dense.weight, std=0.02)
        self.norm = torch.nn.LayerNorm(width)
        self.bias = torch.nn.Parameter(torch.zeros(n_pieces))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """states: ``(hidden pieces, width of the encoder)``. Returns ``(hidden pieces, vocabulary)``."""
        shaped = self.norm(torch.nn.functional.gelu(self.dense(states)))
        return torch.nn.functional.linear(shaped, self._embeddings[0].weight, self.bias)


def load_encoder(config: AdaptConfig) -> Any:
    """The encoder without any head. Raises ModelError where there is none."""
    from transformers import AutoModel

    torch.manual_seed(config.seed)  # a pooler that no checkpoint holds would be drawn
    try:
        chosen = attention.choose(device())
        return AutoModel.from_pretrained(config.encoder, dtype=torch.float32, attn_implementation=chosen)
    except Exception as error:  # safetensors and torch raise their own for a half-written file
        raise ModelError(f"no encoder '{config.encoder}': its weights cannot be loaded ({reason(error)})") from error


def adapt(
    encoder: Any, given: Stream, vocabulary: Vocabulary, config: AdaptConfig, now: Callable[[], float] = time.monotonic
) -> Iterator[Guess]:
    """Train an encoder in place until the time is over, at least one step; ``now`` tells seconds."""
    torch.manual_seed(config.seed)
    dice = np.random.default_rng(config.seed)
    where = device()
    head = GuessingHead(encoder).to(where).train()
    encoder.to(where).train()
    weights = [*encoder.parameters(), *head.parameters()]
    peak = config.learning_rate * rate_share(encoder)
    optimizer = torch.optim.AdamW(
        [
            {"params": [weight for weight in weights if weight.ndim > 1], "weight_decay": config.weight_decay},
            {"params": [weight for weight in weights if weight.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=peak,
        betas=(0.9, 0.98),
        fused=True,
    )
    began, step, done = now(), 0, 0.0
    while done < 1:
        for group in optimizer.param_groups:
            group["lr"] = peak * min(1.0, done / config.warm_up + 1e-3) * (1 - done)
        shown, is_hidden, wanted = (
            torch.from_numpy(array).to(where)
            for array in hide(sequences(given, config, dice, vocabulary), vocabulary, config, dice)
        )
        with half_precision(where):
            states = encoder(input_ids=shown).last_hidden_state[is_hidden]
            scores = head(states)
        loss = torch.nn.functional.cross_entropy(scores.float(), wanted[is_hidden])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step, done = step + 1, (now() - began) / (60 * config.minutes)
        yield Guess(step, min(done, 1.0), float(loss.detach()))
    encoder.eval()


def sequences(given: Stream, config: AdaptConfig, dice: np.random.Generator, vocabulary: Vocabulary) -> Stream:
    """Random cuts of the stream, each behind a [CLS]; ids and is_start ``(rows, length)``."""
    length = min(config.length, len(given.ids) + 1)
    rows = max(1, config.pieces_per_step // length)
    starts = dice.integers(0, len(given.ids) - length + 2, rows)
    places = starts[:, None] + np.arange(length - 1)
    first = np.full((rows, 1), vocabulary.source.cls_token_id)
    return Stream(
        np.concatenate([first, given.ids[places]], axis=1),
        np.concatenate([np.ones((rows, 1), bool), given.is_start[places]], axis=1),
    )


def hide(given: Stream, vocabulary: Vocabulary, config: AdaptConfig, dice: np.random.Generator) -> tuple[Ints, Flags, Ints]:
    """(what is shown, which pieces are to guess, what they are), all ``(rows, length)``; words are hidden whole.

    At least one piece is to guess, if any may be.
    """
    word: Ints = np.cumsum(given.is_start, axis=1, dtype=np.int64)
    is_ordinary = ~np.isin(given.ids, vocabulary.never_hidden)
    is_drawn = np.take_along_axis(dice.random((len(word), int(word.max()) + 1)) < config.hidden, word, axis=1)
    is_hidden = is_drawn & is_ordinary
    if not is_hidden.any():
        is_hidden = is_ordinary
    chance = dice.random(given.ids.shape)
    others = dice.integers(max(vocabulary.never_hidden) + 1, vocabulary.tokenizer.get_vocab_size(), given.ids.shape)
    shown = np.where(is_hidden & (chance < 0.8), vocabulary.mask, given.ids)
    shown = np.where(is_hidden & (chance >= 0.8) & (chance < 0.9), others, shown)
    return shown, is_hidden, given.ids


CARD = """# {name}

`{encoder}`, pre-trained further by masked words on {n_texts} texts ({n_pieces:,} pieces) for {minutes:g} minutes, {n_steps}
steps; the loss went from {first:.3f} to {last:.3f}. Licence and origin: those of `{encoder}`.
"""


def card(config: AdaptConfig, name: str, n_texts: int, n_pieces: int, losses: Sequence[float]) -> str:
    """What an adapted encoder is and where it comes from."""
    return CARD.format(
        name=name,
        encoder=Path(config.encoder).name,
        n_texts=n_texts,
        n_pieces=n_pieces,
        minutes=config.minutes,
        n_steps=len(losses),
        first=losses[0],
        last=sum(losses[-10:]) / len(losses[-10:]),
    )


def save(encoder: Any, vocabulary: Vocabulary, directory: Path, card: str) -> None:
    """Write the encoder, float16, with its vocabulary and card; the directory is there when all of it is."""
    unfinished = directory.with_name(f"{directory.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        save_weights(encoder, unfinished)
        vocabulary.save(unfinished)
        (unfinished / "README.md").write_text(card, encoding="utf-8")
        unfinished.rename(directory)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def check_space(encoder: Any, folder: Path, free: int) -> None:
    """Raises ModelError where the free bytes of a folder's disk are too few for an encoder; to ask before hours of learning."""
    needed = 2 * sum(weight.numel() for weight in encoder.parameters()) + SMALL_FILES
    if free < needed:
        raise ModelError(f"{folder}: {free / 1e6:.0f} MB are free on that disk; the new encoder needs {needed / 1e6:.0f} MB")
