"""Pre-training goes on: words hidden whole, a rate that follows the clock, an encoder that train.py can start from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from extractor.errors import ModelError, ReadError

pytest.importorskip("torch", reason="the train extra is not installed")

import torch
from transformers import BertConfig, BertModel

from extractor import adaptation, vocabulary
from extractor.adaptation import AdaptConfig, Stream, adapt, hide, read_texts, sequences, stream, word_starts
from extractor.vocabulary import Vocabulary

ENCODER = Path(__file__).parent.parent / "models" / "encoder"
TEXTS = ["全年新增藏书6240册，读者满意度为97.2%。", "完成渠道衬砌12.5公里，支出专项资金1,200万元。"] * 5

if not (ENCODER / "tokenizer.json").is_file():
    pytest.skip("models/encoder is not here", allow_module_level=True)


@cache
def pieces() -> Vocabulary:
    return vocabulary.load(str(ENCODER))


def toy() -> Any:
    torch.manual_seed(0)
    size = pieces().tokenizer.get_vocab_size()
    return BertModel(
        BertConfig(vocab_size=size, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32),
        add_pooling_layer=False,
    )


def ticks(seconds: float) -> Iterator[float]:
    return (seconds * tick for tick in count())


def test_a_number_is_one_word_and_so_is_a_word_of_jieba() -> None:
    text = "满意度1,234.5%，满意"
    offsets = [(k, k + 1) for k in range(len(text))]
    starts = [text[k] for k, is_start in enumerate(word_starts(text, offsets)) if is_start]
    assert starts == ["满", "1", "，", "满"]


def test_a_stream_holds_all_texts_and_ends_each() -> None:
    given = stream(TEXTS, pieces())
    separators = given.ids == pieces().source.sep_token_id
    assert separators.sum() == len(TEXTS)
    assert separators[-1]
    assert given.is_start[separators].all()
    assert given.ids.shape == given.is_start.shape


def test_words_are_hidden_whole_and_in_proportion() -> None:
    config = AdaptConfig(hidden=0.15)
    n_pieces = 20000
    given = Stream(np.full((1, n_pieces), 100), np.arange(n_pieces)[None] % 2 == 0)  # words of two pieces
    shown, is_hidden, wanted = hide(given, pieces(), config, np.random.default_rng(0))
    assert (is_hidden[0, ::2] == is_hidden[0, 1::2]).all()
    assert is_hidden.mean() == pytest.approx(0.15, abs=0.02)
    assert (shown == pieces().mask).sum() / is_hidden.sum() == pytest.approx(0.8, abs=0.03)
    assert (shown[is_hidden] == 100).mean() == pytest.approx(0.1, abs=0.03)
    assert (shown[~is_hidden] == 100).all()
    assert (wanted == 100).all()


def test_special_pieces_are_never_hidden() -> None:
    given = sequences(stream(TEXTS, pieces()), AdaptConfig(length=16, pieces_per_step=320), np.random.default_rng(0), pieces())
    assert given.ids.shape == (20, 16)
    _, is_hidden, _ = hide(given, pieces(), AdaptConfig(hidden=1.0), np.random.default_rng(0))
    assert not np.isin(given.ids[is_hidden], pieces().never_hidden).any()
    assert np.isin(given.ids[~is_hidden], pieces().never_hidden).all()


def test_the_loss_falls_and_the_clock_ends_it() -> None:
    config = AdaptConfig(minutes=1.0, pieces_per_step=320, length=32, learning_rate=1e-2)
    guesses = list(adapt(toy(), stream(TEXTS, pieces()), pieces(), config, now=ticks(2.0).__next__))
    assert [guess.step for guess in guesses] == list(range(1, 31))
    assert guesses[-1].done == 1.0
    assert guesses[-1].loss < guesses[0].loss / 2


def test_the_shortest_budget_ends_in_an_encoder(tmp_path: Path) -> None:
    from transformers import AutoModel

    encoder, config = toy(), AdaptConfig(minutes=0.01, pieces_per_step=32)
    guesses = list(adapt(encoder, stream(TEXTS[:1], pieces()), pieces(), config, now=ticks(60.0).__next__))
    assert len(guesses) == 1
    card = adaptation.card(config, "mine", 1, 20, [guess.loss for guess in guesses])
    adaptation.save(encoder, pieces(), tmp_path / "mine", card)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    loaded = AutoModel.from_pretrained(tmp_path / "mine", dtype=torch.float32, add_pooling_layer=False)
    assert torch.equal(loaded.embeddings.word_embeddings.weight, encoder.embeddings.word_embeddings.weight.float())
    assert vocabulary.load(str(tmp_path / "mine")).never_hidden == pieces().never_hidden


def test_a_full_disk_is_told_before_learning() -> None:
    with pytest.raises(ModelError, match=r"^there: 1 MB are free on that disk; the new encoder needs \d+ MB$"):
        adaptation.check_space(toy(), Path("there"), 1_000_000)
    adaptation.check_space(toy(), Path("there"), 1_000_000_000)


def test_what_a_full_disk_cut_off_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from safetensors import SafetensorError

    def full(directory: Path) -> None:
        raise SafetensorError("Error while serializing: No space left on device")

    encoder = toy()
    monkeypatch.setattr(encoder, "save_pretrained", full)
    with pytest.raises(ModelError, match=r"could not be written \(Error while serializing: No space left"):
        adaptation.save(encoder, pieces(), tmp_path / "mine", "")
    assert list(tmp_path.iterdir()) == []


def test_unreadable_files_are_told_and_an_empty_folder_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no report to learn from"):
        read_texts(tmp_path)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    (tmp_path / "short.txt").write_text("太短", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 broken")
    texts, troubles = read_texts(tmp_path)
    assert texts == [" ".join(TEXTS)]
    assert len(troubles) == 1
    assert "b.pdf" in troubles[0]
