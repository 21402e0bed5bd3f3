"""What train.py calls, on a toy model: the first steps, and the variety that it learns from."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from extractor.annotations import parse
from extractor.exchange import exchanged
from extractor.types import Label

ROOT = Path(__file__).parent.parent
TOKENIZER = ROOT / "models" / "encoder" / "tokenizer.json"

pytest.importorskip("torch", reason="the train extra is not installed")
if not TOKENIZER.is_file():
    pytest.skip("models/encoder is not here", allow_module_level=True)

REPORT = parse(
    "一、绩效目标\n{I1|新建泵站}{T1|不少于3座}，{I2|改造渠道}{T2|12公里}。\n"
    "二、项目绩效情况分析\n{I1|新建泵站}{A1|4座}，{I2|改造渠道}{A2|12.5公里}。\n"
    "三、资金情况\n财政拨付{I3|专项资金}{M3|120万元}。\n",
    "toy",
)


def test_goals_retold_as_results_keep_their_records() -> None:
    retold = [exchanged(REPORT, random.Random(seed), chance=1.0) for seed in range(5)]
    for example in retold:
        assert [m.label for m in example.mentions][:4] == [Label.INDICATOR, Label.ACHIEVED, Label.INDICATOR, Label.ACHIEVED]
        assert [m.records for m in example.mentions] == [m.records for m in REPORT.mentions]
        first = example.mentions[1].span
        assert example.text[first.start : first.end] == "3座"
        assert "绩效目标\n" not in example.text.split("二、")[0]
    assert all(example.mentions[-1].label is Label.AMOUNT for example in retold)


def test_windows_carry_the_gold_tags() -> None:
    from tokenizers import Tokenizer

    from extractor.tags import BEGIN
    from extractor.training import windows

    rows = list(windows(REPORT, Tokenizer.from_file(str(TOKENIZER))))
    tags = [tag for row in rows for tag in row.tags]
    assert tags.count(BEGIN[Label.TARGET]) == 2
    assert tags.count(BEGIN[Label.AMOUNT]) == 1
    assert all(len(row.ids) == len(row.tags) for row in rows)


def test_the_first_steps_lower_the_loss() -> None:
    import torch
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertForTokenClassification

    from extractor.tags import TAGS
    from extractor.training import TrainConfig, fit

    torch.manual_seed(0)
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    settings = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        id2label=dict(enumerate(TAGS)),
    )
    model = BertForTokenClassification(settings)
    config = TrainConfig(epochs=20, learning_rate=5e-3, average=0.5)
    steps = list(fit(model, [REPORT] * 4, tokenizer, config))
    assert steps[-1].step == steps[-1].n_steps
    assert steps[-1].loss < steps[0].loss / 2
    assert not model.training
