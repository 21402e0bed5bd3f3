"""A fine-tuned model as int8 ONNX: exported, its attention fused, its weights quantised per channel."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OPSET = 17
QUANTISED = ["MatMul", "Attention"]  # not the embeddings: as int8 they cost 0.3 F1 points


def export_int8(directory: Path, target: Path) -> None:
    """Write the transformers model in ``directory`` as a dynamic int8 ONNX file.

    Inputs ``input_ids`` and ``attention_mask`` (and ``token_type_ids`` where the fused graph asks for it), each
    ``(batch, pieces)`` int64; output ``logits`` ``(batch, pieces, tags)`` float32.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    with tempfile.TemporaryDirectory() as folder, _unwarned():
        plain, fused = Path(folder) / "plain.onnx", Path(folder) / "fused.onnx"
        fusions = FusionOptions("bert")
        fusions.enable_embed_layer_norm = False  # fused, the embeddings would have to be float32
        config = _export(directory, plain)
        # opt_level 0: fusing needs the pattern of the plain graph, not one that the runtime has rewritten.
        graph = optimizer.optimize_model(
            str(plain),
            model_type="bert",
            num_heads=config.num_attention_heads,
            hidden_size=config.hidden_size,
            optimization_options=fusions,
            opt_level=0,
        )
        graph.save_model_to_file(str(fused))
        quantize_dynamic(
            str(fused),
            str(target),
            op_types_to_quantize=QUANTISED,
            per_channel=True,
            weight_type=QuantType.QInt8,
            reduce_range=True,  # processors without VNNI add products in 16 bits, which full 8-bit weights overflow
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": 1},  # 1: fused nodes hand on float32
        )
        small = onnx.load(str(target))
        _halve_embeddings(small.graph)
        onnx.save(small, str(target))


@contextmanager
def _unwarned() -> Iterator[None]:
    """The exporter warns of traced branches and its own deprecation, the quantiser asks for what fusing has done.

    None of it is for who trains; the result is checked by its scores.
    """
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _halve_embeddings(graph: Any) -> None:
    """Store the tables that Gather looks up as float16, as the weights were: the same numbers in half the room."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    tables = {tensor.name: tensor for tensor in graph.initializer if tensor.data_type == TensorProto.FLOAT}
    nodes = []
    for node in graph.node:
        nodes.append(node)
        if node.op_type != "Gather" or node.input[0] not in tables:
            continue
        table = tables[node.input[0]]
        if table.data_type == TensorProto.FLOAT:
            table.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(table).astype(np.float16), table.name))
        looked_up, wanted = f"{node.output[0]}.half", node.output[0]
        node.output[0] = looked_up
        nodes.append(helper.make_node("Cast", [looked_up], [wanted], to=TensorProto.FLOAT))
    del graph.node[:]
    graph.node.extend(nodes)


def _export(directory: Path, path: Path) -> Any:
    import torch
    from transformers import AutoModelForTokenClassification

    # "eager" attention is the pattern that onnxruntime knows how to fuse.
    model = AutoModelForTokenClassification.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager").eval()
    ids = torch.ones(2, 16, dtype=torch.long)
    axes = {0: "batch", 1: "pieces"}
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={name: axes for name in ("input_ids", "attention_mask", "logits")},
        opset_version=OPSET,
        dynamo=False,  # the graph of the other exporter is not fused
    )
    return model.config
