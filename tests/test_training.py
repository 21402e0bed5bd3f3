"""What train.py calls, on a toy model: its steps, their interruption, and the variety that it learns from."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from extractor.annotations import parse
from extractor.augment import varied
from extractor.beside import compared
from extractor.errors import ModelError
from extractor.exchange import exchanged
from extractor.tagger import pad
from extractor.tags import BEGIN, TAGS
from extractor.types import Label

pytest.importorskip("torch", reason="the train extra is not installed")

import onnxruntime
import torch
from transformers import BertConfig, BertForTokenClassification

from extractor import attention, training, vocabulary
from extractor.course import Checkpoint, Course, origin
from extractor.onnx_export import export_int8
from extractor.quantisation import quantised
from extractor.training import Fitting, TrainConfig, retold, windows
from extractor.vocabulary import Vocabulary

ROOT = Path(__file__).parent.parent

if not (ROOT / "models" / "encoder" / "tokenizer.json").is_file():
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


def test_a_report_with_twins_is_sometimes_read_from_its_scan() -> None:
    twin = parse("{I1|修渠}{A1|9公里}。\n", f"{REPORT.name}-hard")
    draw = retold([REPORT], pieces().tokenizer, QUICK, {REPORT.name: [twin]})
    plain, scanned = (len(list(windows(one, pieces().tokenizer))) for one in (REPORT, twin))
    drawn = {len(draw(1, random.Random(seed))) for seed in range(20)}
    assert len(draw(0, random.Random(0))) == plain
    assert scanned in drawn
    assert len(drawn) > 1


def test_only_the_titles_own_words_are_retold() -> None:
    for title, body in (("　　绩效目标：", "\n"), ("【绩效目标】", "\n"), ("<p>一、绩效目标</p>", "\n")):
        example = parse(f"{title}{body}{{I1|新建泵站}}{{T1|3座}}。\n【问题】\n无。\n", "toy")
        turned = exchanged(example, random.Random(1), chance=1.0)
        assert turned.text.endswith("新建泵站3座。\n【问题】\n无。\n")
        assert turned.mentions[1].label is Label.ACHIEVED
        assert turned.text.startswith(title[: title.index("绩")])


def test_results_are_told_with_their_targets() -> None:
    text = "{I1|新建泵站}{T1|3座}，{I2|满意度}{T2|不低于90%}。\n建成{I1|泵站}{A1|4座}，{I2|满意度}{A2|93%}。{I3|培训}{A3|5期}。\n"
    example = parse(text, "toy")
    told = compared(example, random.Random(0), chance=1.0)
    surfaces = [(m.label, told.text[m.span.start : m.span.end], m.records) for m in told.mentions]
    assert surfaces[4:] == [
        (Label.INDICATOR, "泵站", (1,)),
        (Label.ACHIEVED, "4座", (1,)),
        (Label.TARGET, "3座", (1,)),
        (Label.INDICATOR, "满意度", (2,)),
        (Label.ACHIEVED, "93%", (2,)),
        (Label.TARGET, "不低于90%", (2,)),
        (Label.INDICATOR, "培训", (3,)),
        (Label.ACHIEVED, "5期", (3,)),
    ]
    assert compared(example, random.Random(0), chance=0.0) == example


def test_windows_carry_the_gold_tags() -> None:
    rows = list(windows(REPORT, pieces().tokenizer))
    tags = [tag for row in rows for tag in row.tags]
    assert tags.count(BEGIN[Label.TARGET]) == 2
    assert tags.count(BEGIN[Label.AMOUNT]) == 1
    assert all(len(row.ids) == len(row.tags) for row in rows)


ENCODER = str(ROOT / "models" / "encoder")
QUICK = TrainConfig(encoder=ENCODER, epochs=3, pieces_per_batch=150, exchanged=0.5)


@cache
def pieces() -> Vocabulary:
    return vocabulary.load(ENCODER)


def toy() -> Any:
    """A small model that is the same each time; dropout before its head draws from torch's own chance."""
    torch.manual_seed(0)
    settings = BertConfig(
        vocab_size=pieces().tokenizer.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        classifier_dropout=0.1,
        id2label=dict(enumerate(TAGS)),
    )
    return BertForTokenClassification(settings)


def fitting(model: Any, config: TrainConfig) -> Fitting:
    return Fitting(model, retold([REPORT] * 3, pieces().tokenizer, config), pieces(), config)


def weights(model: Any) -> dict[str, Any]:
    return {name: weight.detach().clone() for name, weight in model.named_parameters()}


def assert_same(one: Any, other: Any) -> None:
    expected = weights(other)
    assert all(torch.equal(weight, expected[name]) for name, weight in weights(one).items())


def test_the_first_steps_lower_the_loss() -> None:
    model = toy()
    steps = list(fitting(model, replace(QUICK, epochs=20, pieces_per_batch=2600, learning_rate=5e-3, average=0.5)))
    assert steps[-1].step == steps[-1].n_steps
    assert steps[-1].loss < steps[0].loss / 2
    assert not model.training


def test_attention_written_out_is_the_same() -> None:
    model = toy().eval()
    ids, mask = pad([[5, 6, 7, 8, 9, 10], [5, 6, 7]])
    model.set_attn_implementation("sdpa")
    expected = training.torch_forward(model)(ids, mask)
    model.set_attn_implementation(attention.choose(torch.device("cpu")))
    assert np.abs(training.torch_forward(model)(ids, mask) - expected)[mask == 1].max() < 1e-6


def test_who_may_read_the_settings_may_read_the_weights(tmp_path: Path) -> None:
    training.save(toy(), pieces(), tmp_path, QUICK)
    assert (tmp_path / "model.safetensors").stat().st_mode == (tmp_path / "config.json").stat().st_mode


def test_learning_for_int8_computes_as_the_exported_model(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = toy().eval()
    with torch.no_grad():  # as unlike as those of a trained model, so that rounding shows
        for name, weight in model.named_parameters():
            if "dense.weight" in name or "query.weight" in name or "value.weight" in name:
                weight.mul_(torch.randn_like(weight).exp().mul(4))
    training.save(model, pieces(), tmp_path, QUICK)
    export_int8(tmp_path, tmp_path / "model.int8.onnx")
    assert caplog.records == []  # nothing that one who trains could do something about
    ids = np.random.default_rng(0).integers(10, 3000, (1, 40))
    session = onnxruntime.InferenceSession(tmp_path / "model.int8.onnx")
    expected = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
    saved = BertForTokenClassification.from_pretrained(tmp_path, dtype=torch.float32, attn_implementation="eager")

    saved.train(False)

    def error() -> float:
        return float(np.abs(training.torch_forward(saved)(ids, np.ones_like(ids)) - expected).mean())

    plain = error()
    with quantised(saved):
        assert error() < plain / 5
    assert error() == plain


def plainly(model: Any, config: TrainConfig) -> None:
    """The recipe written out, for our encoder's vocabulary. Published models follow from it: it never changes."""
    torch.manual_seed(config.seed)
    dice, generator = random.Random(config.seed), np.random.default_rng(config.seed)
    model.train()
    optimizer = torch.optim.AdamW(training._parameter_groups(model, config), betas=(0.9, 0.98), fused=True)
    peaks = [group["lr"] for group in optimizer.param_groups]
    average = weights(model)

    def told(plain: bool) -> Any:
        example = REPORT
        if plain:
            return example
        if dice.random() < config.exchanged:
            example = exchanged(example, dice)
        if dice.random() < config.compared:
            example = compared(example, dice)
        return varied(example, dice)

    def epoch(plain: bool) -> list[list[Any]]:
        rows = [row for _ in range(3) for row in windows(told(plain), pieces().tokenizer)]
        dice.shuffle(rows)
        lengths = [len(row.ids) + dice.randrange(12) for row in rows]
        groups = [[rows[k] for k in group] for group in training.batches(lengths, config.pieces_per_batch)]
        dice.shuffle(groups)
        return groups

    groups = epoch(True)
    n_steps, step = config.epochs * len(groups), 0
    for number in range(config.epochs):
        for group in groups:
            done = step / n_steps
            scale = min((done + 1e-3) / config.warm_up, (1 - done) / (1 - config.warm_up))
            for parameters, peak in zip(optimizer.param_groups, peaks, strict=True):
                parameters["lr"] = peak * max(scale, 0.0)
            ids, mask = pad([row.ids for row in group])
            tags = np.full(ids.shape, -100, dtype=np.int64)
            for k, row in enumerate(group):
                tags[k, : len(row.tags)] = row.tags
            ids = np.where((generator.random(ids.shape) < config.masked) & (ids > 5), 4, ids)
            with training.half_precision(torch.device("cpu")):
                logits = model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).logits
            wanted = torch.from_numpy(tags).flatten()
            torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), wanted, ignore_index=-100).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            names, current = list(average), dict(model.named_parameters())
            share = 1 - min(config.average, step / (step + 10))
            torch._foreach_lerp_([average[name] for name in names], [current[name].detach() for name in names], share)
        if number + 1 < config.epochs:
            groups = epoch(False)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(average[name])


def test_the_recipe_is_what_it_was() -> None:
    expected, model = toy(), toy()
    plainly(expected, QUICK)
    list(fitting(model, QUICK))
    assert_same(model, expected)


@pytest.mark.parametrize("taken", [2, 3, 8, 99])  # within an epoch, at its end, at or near that of a round, at the very end
def test_an_interrupted_training_goes_on_to_the_bit(tmp_path: Path, taken: int) -> None:
    rounds = (QUICK, replace(QUICK, epochs=2, seed=1))
    whole = Course(toy(), rounds, fitting)
    steps = list(whole)
    checkpoint = Checkpoint(tmp_path / "checkpoint.pt", origin(rounds))
    interrupted = Course(toy(), rounds, fitting)
    first = list(islice(interrupted, taken))
    checkpoint.save(interrupted.state())
    torch.rand(5)  # another process: its chance stands elsewhere
    resumed = Course(toy(), rounds, fitting)
    resumed.restore(checkpoint.load())
    assert [*first, *resumed] == steps
    assert_same(resumed.model, whole.model)


def test_a_finished_training_is_restored_as_finished(tmp_path: Path) -> None:
    course = Course(toy(), (replace(QUICK, epochs=1),), fitting)
    steps = list(course)
    assert course.done(steps[-1]) == 1.0  # a single epoch: the number of its steps is known
    checkpoint = Checkpoint(tmp_path / "checkpoint.pt", "mine")
    checkpoint.save(course.state())
    again = Course(toy(), course.rounds, fitting)
    again.restore(checkpoint.load())
    assert list(again) == []
    assert_same(again.model, course.model)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda content: content[:-10], "half-written or damaged"),
        (lambda content: content[:40], "half-written or damaged"),
        (lambda content: content[:10], "not a checkpoint"),
        (lambda content: b"", "not a checkpoint"),
        (lambda content: content.replace(b" mine ", b" mean "), "other reports or settings"),
    ],
)
def test_a_bad_checkpoint_is_refused(tmp_path: Path, spoil: Any, words: str) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.pt", "mine")
    with pytest.raises(ModelError, match="no checkpoint"):
        checkpoint.load()
    checkpoint.save({"round": 0})
    checkpoint.path.write_bytes(spoil(checkpoint.path.read_bytes()))
    with pytest.raises(ModelError, match=words):
        checkpoint.load()


def test_the_head_follows_from_the_seed() -> None:
    one = training.new_model(QUICK).classifier.weight
    torch.rand(3)
    assert torch.equal(one, training.new_model(QUICK).classifier.weight)


def test_texts_without_figures_teach_nothing() -> None:
    empty = parse("本报告没有数字。", "empty")
    with pytest.raises(ModelError, match="nothing to learn from"):
        list(Fitting(toy(), retold([empty], pieces().tokenizer, QUICK), pieces(), QUICK))


def test_an_unknown_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no encoder"):
        vocabulary.load(str(tmp_path / "nothing"))


def test_the_vocabulary_cuts_at_the_last_position() -> None:
    assert len(pieces().tokenizer.encode("1" * 2000).ids) == 512
    assert pieces().mask == 4
    assert pieces().never_hidden == (0, 1, 2, 3, 4, 5)
