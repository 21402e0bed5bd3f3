"""How an encoder cuts text into pieces: ours, or any that transformers knows by name or directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractor.errors import ModelError, reason

MOST_PIECES = 512  # a passage is shorter; an encoder with room for more gains nothing
# Positions that these families keep for themselves; config.json counts them.
RESERVED = {"roberta": 2, "xlm-roberta": 2, "xlm-roberta-xl": 2, "camembert": 2}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokenizer of an encoder, cutting at the encoder's last position, and the ids that training treats apart."""

    source: Any  # as transformers loads and saves it
    mask: int
    never_hidden: tuple[int, ...]  # special pieces and the blank

    @property
    def tokenizer(self) -> Any:
        """The ``tokenizers.Tokenizer`` within."""
        return self.source.backend_tokenizer

    def save(self, directory: Path) -> None:
        self.source.save_pretrained(directory)


def load(encoder: str) -> Vocabulary:
    """Load the vocabulary of a directory or of a name on the Hugging Face hub.

    Raises ModelError where there is none, none that knows offsets and a mask, or one of another encoder.
    """
    from transformers import AutoConfig, AutoTokenizer

    try:
        settings = AutoConfig.from_pretrained(encoder)
        source = AutoTokenizer.from_pretrained(encoder, use_fast=True)
    except Exception as error:  # tokenizers raises bare ones for a half-written file
        raise ModelError(
            f"no encoder '{encoder}': give a directory or a name on the Hugging Face hub ({reason(error)})"
        ) from error
    if not source.is_fast or source.mask_token_id is None:
        raise ModelError(f"encoder '{encoder}': its tokenizer tells no offsets or has no mask; a fast one with a mask is needed")
    if len(source) <= len(source.all_special_ids):  # transformers makes an empty tokenizer where the files are missing
        raise ModelError(f"encoder '{encoder}': its tokenizer knows no pieces; tokenizer.json or vocab.txt is missing beside it")
    known = getattr(settings, "vocab_size", len(source))
    if len(source) > known:
        raise ModelError(
            f"encoder '{encoder}': its tokenizer knows {len(source)} pieces, its weights {known}; both belong together"
        )
    source.backend_tokenizer.no_padding()
    source.backend_tokenizer.enable_truncation(_longest(source, settings))
    blanks = [number for piece, number in source.get_vocab().items() if not piece.strip()]
    return Vocabulary(source, source.mask_token_id, tuple(sorted({*source.all_special_ids, *blanks})))


def _longest(source: Any, settings: Any) -> int:
    """The pieces that the encoder has positions for, as far as we need them."""
    positions = getattr(settings, "max_position_embeddings", None) or MOST_PIECES
    return int(min(MOST_PIECES, source.model_max_length, positions - RESERVED.get(settings.model_type, 0)))
