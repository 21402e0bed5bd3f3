"""Training for int8: linear layers that compute with the rounded numbers of the exported model, so that it learns to bear them.

What is imitated is onnxruntime's dynamic quantisation: weights rounded to seven bits with one scale for each output, inputs
to eight bits with one scale for each passage. Gradients go through the rounding as if it were not there (straight-through,
Bengio et al. 2013, arXiv:1308.3432).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch

WEIGHT_STEPS = 64  # on each side of zero: seven bits
INPUT_STEPS = 255  # from the least to the greatest, zero among them


@contextmanager
def quantised(model: torch.nn.Module) -> Iterator[None]:
    """Let all linear layers of the model compute with rounded numbers; its weights stay what they are."""
    layers = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    for layer in layers:
        layer.forward = partial(_linear, layer)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _linear(layer: Any, given: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.linear(rounded_input(given), rounded_weight(layer.weight), layer.bias)


def rounded_weight(weight: torch.Tensor) -> torch.Tensor:
    """``(outputs, inputs)`` rounded to seven bits, a scale for each output."""
    with torch.no_grad():
        scale = weight.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / WEIGHT_STEPS
    return _StraightThrough.apply(weight, scale)  # type: ignore[no-any-return,no-untyped-call]


def rounded_input(given: torch.Tensor) -> torch.Tensor:
    """``(passages, pieces, features)`` rounded to eight bits, a scale for each passage; float32 whatever was given."""
    with torch.no_grad():
        least = given.amin(dim=(1, 2), keepdim=True).clamp_max(0).float()
        greatest = given.amax(dim=(1, 2), keepdim=True).clamp_min(0).float()
        scale = ((greatest - least) / INPUT_STEPS).clamp_min(1e-12)
    return _StraightThrough.apply(given, scale)  # type: ignore[no-any-return,no-untyped-call]


class _StraightThrough(torch.autograd.Function):
    """Rounds to whole multiples of a scale; its gradient is that of what was given. As an error added it took twice the time."""

    @staticmethod
    def forward(_: Any, given: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        return (given / scale).round_().mul_(scale)

    @staticmethod
    def backward(_: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        return gradients[0], None
