"""Kernels whose products round their operands to bfloat16, against the same rounding in float64."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from elman.run.layout import Layout
from elman.run.pairs import multiplies_pairs
from tests.run.loops import assert_same
from tests.run.rounding import RoundedCase

pytestmark = pytest.mark.skipif(
    not multiplies_pairs(), reason="this processor does not multiply bfloat16 numbers (AVX512_BF16)"
)

CELLS = ["lstm", "gru", "gru_reset_before", "layer_norm_lstm", "sru", "projection_lstm", "rhn", "jordan"]
EVEN, UNEVEN = (7, 7, 7), (13, 13, 4, 2, 1)
TOLERANCE = 3e-6
"""What float32 sums lose, as of any other kernel; rounding to bfloat16 would be 2⁻⁹."""
SIZES = {"I": 3, "P": 9, "O": 4}


def gradients(case: RoundedCase) -> tuple[list[Tensor], list[Tensor]]:
    """Those of the kernels, and those wanted."""
    cell, given = case.compiled(), case.given()
    run = cell.forward(case.layout, given, True, return_states=True)
    x, states, params = case.leaves()
    output, *others = case.expected(run, x, states, params)
    final = others[: len(states)]
    draw = torch.Generator().manual_seed(1)
    d_output, *d_final = (torch.randn(o.shape, generator=draw) for o in (output, *final))
    wanted = torch.autograd.grad(
        (output, *final),
        (x, *states, *params),
        [d.double() for d in (d_output, *d_final)],
        materialize_grads=True,
    )
    wide = replace(given, params=tuple(param.float() for param in given.params))
    found = cell.backward(case.layout, wide, run.saved, d_output, d_final, need_x=True)
    return [torch.zeros(()) if d is None else d for d in (found.x, *found.states, *found.params)], list(
        wanted
    )


@pytest.mark.parametrize("hidden", [1, 5, 17, 33])
@pytest.mark.parametrize("name", CELLS)
def test_products_alone_are_rounded(name, hidden):
    for batch_sizes in (EVEN, UNEVEN):
        for reverse in (False, True):
            case = RoundedCase.random(name, {**SIZES, "H": hidden}, Layout(batch_sizes, reverse))
            cell = case.compiled()
            run = cell.forward(case.layout, case.given(), False, return_states=True)
            x, states, params = case.leaves()
            wanted = [value.detach().float() for value in case.expected(run, x, states, params)]
            assert_same(run.outputs, wanted, TOLERANCE)
            kept = cell.forward(case.layout, case.given(), True, return_states=True)
            assert_same(kept.outputs, run.outputs, 0)


@pytest.mark.parametrize("hidden", [1, 5, 33])
@pytest.mark.parametrize("name", CELLS)
def test_gradients_are_those_of_the_rounded_weights(name, hidden):
    for reverse in (False, True):
        case = RoundedCase.random(name, {**SIZES, "H": hidden}, Layout(UNEVEN, reverse))
        found, wanted = gradients(case)
        assert_same([d.double().expand_as(w) for d, w in zip(found, wanted, strict=True)], wanted, 1e-5)
