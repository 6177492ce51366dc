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
    recurrent: Recurrent, projection: nn.Module | None, states: Sequence[Tensor]
) -> CompiledStream | None:
    """Returns machine code for a network, from first states (1, n), layer by layer; None where there is none
    for its device and format, its projection or its heads, where kernels are off, and where hooks are to be
    called.
    """
    products = _products(projection)
    modules = [*recurrent.modules(), *([] if projection is None else projection.modules())]
    tensors = [*states, *(parameter for module in modules for parameter in module.parameters(recurse=False))]
    if recurrent.heads > 1 or products is None or kernels.mode == "eager":
        return None
    if torch.is_autocast_enabled("cpu") or not _plain(tensors):
        return None
    if any(module._forward_hooks or module._forward_pre_hooks for module in modules):
        return None
    try:
        return _compile(recurrent, products, states)
    except Exception as error:
        warnings.warn(
            f"the kernels of a stream of {recurrent.cell.name} could not be compiled "
            f"({type(error).__name__}: {error}); it runs in torch's own operations, slower",
            RuntimeWarning,
            stacklevel=4,
        )
        return None


def _products(projection: nn.Module | None) -> list[nn.Linear] | None:
    """The products that a projection is, one after the other; None where it is something else."""
    parts = [] if projection is None else [projection]
    if isinstance(projection, nn.Sequential):
        parts = [*projection]
    products = [part for part in parts if isinstance(part, nn.Linear)]
    return products if len(products) == len(parts) else None


def _plain(tensors: Sequence[Tensor]) -> bool:
    """Whether all are of one format that kernels take, in memory that they can read."""
    return all(
        type(tensor) in (Tensor, nn.Parameter)
        and tensor.device.type == "cpu"
        and tensor.layout == torch.strided
        and tensor.dtype == tensors[0].dtype
        for tensor in tensors
    ) and (tensors[0].dtype in DTYPES)


def _compile(recurrent: Recurrent, products: Sequence[nn.Linear], states: Sequence[Tensor]) -> CompiledStream:
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
    biases = tuple(product.bias is not None for product in products)
    step = _step(variant, layers, recurrent.zoneout, tabled, biases)
    params: list[Tensor] = []
    sizes: dict[str, int] = {}
    for layer in range(layers):
        weights = recurrent.weights(f"_l{layer}")
        needed = program.loop.params if tabled and layer == 0 else program.step.params
        params += [weights[param.name] for param in needed]
        sizes.update((f"{layer}.{name}", size) for name, size in recurrent.layer_sizes(layer).items())
    for number, product in enumerate(products):
        params += [product.weight, *([] if product.bias is None else [product.bias])]
        sizes[f"{SCORES}{number}"] = product.out_features
    return CompiledStream(step, sizes, params, inputs, states)


@lru_cache(maxsize=64)
def _step(variant: Variant, layers: int, zoneout: float, tabled: bool, biases: tuple[bool, ...]) -> Step:
    """The step of the whole network; tabled: it reads what is computed of a symbol alone; biases: whether
    each product that is read off has one.
    """
    masks = {"zoneout": zoneout, "dropout": 1.0}
    above = with_masks_at(variant.program.step, masks)
    first = with_masks_at(variant.program.loop, masks) if tabled else above
    step = chain([first, *[above] * (layers - 1)])
    for number, bias in enumerate(biases):
        step = with_scores(step, bias, f"{SCORES}{number}")
    return step
