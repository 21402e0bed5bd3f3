"""What commands that extract share: the options that choose a model and its rules, and what they need of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Protocol

import typer

from extractor.types import ModelInfo, Result

ModelOption = Annotated[str, typer.Option("--model", metavar="名称或目录", help="模型名称，或 train.py 写出的模型目录。")]
RulesOption = Annotated[
    Path | None, typer.Option("--rules", metavar="文件", help="规则设置（TOML）：关闭某些检查，或给出另外的容差。")
]


class Engine(Protocol):
    """What the commands need of a loaded model; tests pass a fake one."""

    @property
    def info(self) -> ModelInfo: ...

    def extract(self, source: Path, /) -> Result: ...

    def with_rules(self, settings: Path, /) -> Engine: ...


Load = Callable[[str], Engine]


def chosen_engine(load: Load, model: str, rules: Path | None) -> Engine:
    """The model of that name, with the rules that a file of settings leaves on."""
    engine = load(model)
    return engine if rules is None else engine.with_rules(rules)
