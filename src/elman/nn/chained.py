"""A recurrent network as one compiled step: all layers, and what is read off the last of them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor, nn

from elman.core.chain import SCORES, chain, with_masks_at, with_scores
from elman.core.ir import Step
from elman.nn.direction import Variant
from elman.nn.recurrent import Recurrent
from elman.run.choice import kernels
from elman.run.kernel import DTYPES
from elman.run.stream import CompiledStream
from elman.run.tape import Tape

TABLE_BYTES = 1 << 25
"""What depends on a symbol alone is computed once for all symbols where it takes no more than this; else the
embedding of a symbol is looked up, and multiplied at each step."""


def compiled_network(
    recurrent: Recurrent, projection: nn.Linear | None, states: Sequence[Tensor]
) -> CompiledStream | None:
    """Returns machine code for a network, from first states (1, n), layer by layer; None where there is none
    for its device and format, where kernels are off, and where hooks are to be called.
    """
    modules = [*recurrent.modules(), *([] if projection is None else [projection])]
    tensors = [*states, *(parameter for module in modules for parameter in module.parameters(recurse=False))]
    if kernels.mode == "eager" or torch.is_autocast_enabled("cpu") or not _plain(tensors):
        return None
    if any(module._forward_hooks or module._forward_pre_hooks for module in modules):
        return None
    try:
        return _compile(recurrent, projection, states)
    except Exception as error:
        warnings.warn(
            f"the kernels of a stream of {recurrent.cell.name} could not be compiled "
            f"({type(error).__name__}: {error}); it runs in torch's own operations, slower",
            RuntimeWarning,
            stacklevel=4,
        )
        return None


def _plain(tensors: Sequence[Tensor]) -> bool:
    """Whether all are of one format that kernels take, in memory that they can read."""
    return all(
        type(tensor) in (Tensor, nn.Parameter)
        and tensor.device.type == "cpu"
        and tensor.layout == torch.strided
        and tensor.dtype == tensors[0].dtype
        for tensor in tensors
    ) and (tensors[0].dtype in DTYPES)


def _compile(recurrent: Recurrent, projection: nn.Linear | None, states: Sequence[Tensor]) -> CompiledStream:
    variant, layers = recurrent.variant, recurrent.num_layers
    program, weights = variant.program, recurrent.weights("_l0")
    of_step = [weights[param.name] for param in program.step.params]
    own = recurrent.layer_sizes(0)
    table = states[0].new_zeros(1, recurrent.input_size)
    inputs, tabled = [table], False
    if recurrent.embedding is not None:
        table = recurrent.embedding.weight
        width = sum(own.get(node.shape[1], 1) for node in program.before)
        inputs, tabled = [table], len(table) * width * table.element_size() <= TABLE_BYTES
        if tabled:
            tape = Tape(program.before, program.step.inputs, program.step.params, own)
            inputs = tape(tape.prepare(of_step), [table])
    bias = projection is not None and projection.bias is not None
    step = _step(variant, layers, recurrent.zoneout, tabled, projection is not None, bias)
    params: list[Tensor] = []
    sizes: dict[str, int] = {}
    for layer in range(layers):
        weights = recurrent.weights(f"_l{layer}")
        needed = program.loop.params if tabled and layer == 0 else program.step.params
        params += [weights[param.name] for param in needed]
        sizes.update((f"{layer}.{name}", size) for name, size in recurrent.layer_sizes(layer).items())
    if projection is not None:
        params += [projection.weight, *([projection.bias] if bias else [])]
        sizes[SCORES] = projection.out_features
    return CompiledStream(step, sizes, params, inputs, states)


@lru_cache(maxsize=64)
def _step(variant: Variant, layers: int, zoneout: float, tabled: bool, projected: bool, bias: bool) -> Step:
    """The step of the whole network; tabled: it reads what is computed of a symbol alone."""
    masks = {"zoneout": zoneout, "dropout": 1.0}
    above = with_masks_at(variant.program.step, masks)
    first = with_masks_at(variant.program.loop, masks) if tabled else above
    step = chain([first, *[above] * (layers - 1)])
    return with_scores(step, bias) if projected else step
