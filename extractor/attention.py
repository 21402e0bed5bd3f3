"""Attention for training on a CPU.

torch's fused attention takes six times as long for its gradient as for itself: two fifths of a whole step. Written out, and
weighed in the precision of its inputs, a step takes half of the time.
"""

from __future__ import annotations

from typing import Any

import torch

NAME = "written_out"


def choose(where: torch.device) -> str | None:
    """The name of the attention to load a model with, as transformers knows it; None for transformers' own choice."""
    if where.type != "cpu":
        return None
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface, eager_mask

    AttentionInterface.register(NAME, written_out)
    AttentionMaskInterface.register(NAME, eager_mask)
    return NAME


def written_out(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[torch.Tensor, torch.Tensor]:
    """query, key, value: ``(passages, heads, pieces, width)``; attention_mask: added to the scores.

    Returns the attended values ``(passages, pieces, heads, width)`` and the weights ``(passages, heads, pieces, pieces)``.
    """
    with torch.autocast(query.device.type, enabled=False):  # it would weigh in float32, with copies to and fro
        scores = query * (query.shape[-1] ** -0.5 if scaling is None else scaling) @ key.transpose(2, 3)
        if attention_mask is not None:
            scores = scores + attention_mask.to(scores.dtype)
        weights = torch.nn.functional.dropout(scores.softmax(dim=-1), p=dropout, training=module.training)
        return (weights @ value).transpose(1, 2).contiguous(), weights
