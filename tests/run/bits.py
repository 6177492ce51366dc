"""Layers and loops that are to leave the same bits, whoever runs them on however many threads."""

import torch
from torch import Tensor

from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.run.layout import Layout
from tests.run.loops import Case


def lstm() -> Case:
    layout = Layout((29, 29, 20, 11, 3))
    return Case.random(compile_step(CELLS["lstm"].step), {"I": 3, "H": 70}, layout, torch.float32)


def everything(case: Case) -> list[Tensor]:
    """The outputs of a compiled loop, and all gradients."""
    loop = case.compiled(torch.float32)
    return [*case.outputs(loop), *case.gradients(loop)]


def gradients(layer: torch.nn.Module, x: Tensor) -> list[Tensor]:
    """The output of a layer, and the gradients of its weights."""
    layer.zero_grad()
    output, _ = layer(x)
    output.square().sum().backward()
    return [output.detach(), *(weight.grad.clone() for weight in layer.parameters())]


def same_bits(found: list[Tensor], expected: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))
