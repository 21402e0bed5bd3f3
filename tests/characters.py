"""A tokenizer for tests of the tagger."""

from __future__ import annotations

from collections.abc import Sequence


class Characters:
    """A tokenizer of single characters."""

    class Encoding:
        def __init__(self, words: str) -> None:
            self.ids = [ord(character) for character in words]
            self.offsets = [(k, k + 1) for k in range(len(words))]

    def encode_batch(self, texts: Sequence[str]) -> list[Characters.Encoding]:
        return [self.Encoding(text) for text in texts]
