"""Kernels whose products round their operands to bfloat16, against the same rounding in float64."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from elman.cells import CELLS
from elman.core.trace import cell
from elman.run.compiled import CellOperands
from elman.run.layout import Layout
from elman.run.pairs import multiplies_pairs, paired, unpaired
from tests.run.bits import same_bits
from tests.run.loops import assert_same
from tests.run.rounding import RoundedCase

pytestmark = pytest.mark.skipif(
    not multiplies_pairs(), reason="this processor does not multiply bfloat16 numbers (AVX512_BF16)"
)

NAMES = [
    "lstm",
    "gru",
    "gru_reset_before",
    "layer_norm_lstm",
    "sru",
    "projection_lstm",
    "rhn",
    "jordan",
]
EVEN, UNEVEN = (7, 7, 7), (13, 13, 4, 2, 1)
TOLERANCE = 3e-6
"""What float32 sums lose, as of any other kernel; rounding to bfloat16 would be 2⁻⁹."""
SIZES = {"I": 3, "P": 9, "O": 4}


def double(given: CellOperands) -> tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]:
    """x, the first states and the weights."""
    return (
        given.x.double(),
        tuple(state.double() for state in given.states),
        tuple(param.double() for param in given.params),
    )


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
@pytest.mark.parametrize("name", NAMES)
def test_products_alone_are_rounded(name, hidden):
    for batch_sizes in (EVEN, UNEVEN):
        for reverse in (False, True):
            case = RoundedCase.random(CELLS[name], {**SIZES, "H": hidden}, Layout(batch_sizes, reverse))
            cell = case.compiled()
            run = cell.forward(case.layout, case.given(), False, return_states=True)
            x, states, params = case.leaves()
            output, *others = (v.detach().float() for v in case.expected(run, x, states, params))
            if run.output.dtype == torch.bfloat16:  # a state, as the next step multiplies it
                assert any(torch.equal(run.output, state.bfloat16()) for state in run.every)
            else:
                assert_same([run.output], [output], TOLERANCE)
            assert_same(run.outputs[1:], others, TOLERANCE)
            kept = cell.forward(case.layout, case.given(), True, return_states=True)
            assert_same(kept.outputs, run.outputs, 0)


@pytest.mark.parametrize("hidden", [1, 5, 33])
@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_the_rounded_weights(name, hidden):
    for reverse in (False, True):
        case = RoundedCase.random(CELLS[name], {**SIZES, "H": hidden}, Layout(UNEVEN, reverse))
        found, wanted = gradients(case)
        assert_same([d.double().expand_as(w) for d, w in zip(found, wanted, strict=True)], wanted, 1e-5)


@pytest.mark.parametrize("name", ["lstm", "gru_reset_before", "layer_norm_lstm", "sru"])
def test_results_are_the_same_bits_on_any_number_of_threads(name):
    case = RoundedCase.random(CELLS[name], {**SIZES, "H": 70}, Layout((29, 29, 20, 11, 3)))
    cell, before = case.compiled(), torch.get_num_threads()
    try:
        found = []
        for threads in (1, 2, 3, 4):
            torch.set_num_threads(threads)
            found.append(cell.forward(case.layout, case.given(), True, return_states=True))
    finally:
        torch.set_num_threads(before)
    for other in found[1:]:
        assert same_bits([*found[0].outputs, *found[0].saved], [*other.outputs, *other.saved])


@pytest.mark.parametrize("hidden", [5, 8])
def test_nan_and_infinity_flow_through_to_their_own_sequences(hidden):
    case = RoundedCase.random(CELLS["lstm"], {"I": 3, "H": hidden}, Layout((4, 4, 4)))
    given = case.given()
    given.x[0, 2] = float("nan")
    given.x[5, 1] = float("inf")
    given.states[0][2, 0] = float("-inf")
    run = case.compiled().forward(case.layout, given, False, return_states=True)
    for state, wanted in zip(run.every, case.expected(run, *double(given))[-2:], strict=True):
        torch.testing.assert_close(state, wanted.float(), rtol=0, atol=TOLERANCE, equal_nan=True)
    finite = torch.stack([state.isfinite().all(1) for state in run.every]).all(0)
    assert finite.view(3, 4)[:, 3].all()
    assert not finite.view(3, 4)[:, 0].any()


@pytest.mark.parametrize("shape", [(3, 4), (3, 5), (7,), (1, 1)])
@pytest.mark.parametrize("change", [lambda v: v, lambda v: v.mT.contiguous().mT if v.dim() > 1 else v])
def test_pairs_are_the_numbers_rounded(shape, change):
    value = change(torch.randn(shape))
    pairs = paired(value)
    assert pairs.shape == (*shape[:-1], -(-shape[-1] // 2))
    assert torch.equal(unpaired(pairs, shape[-1]), value.bfloat16())
    assert not unpaired(pairs, shape[-1] + shape[-1] % 2)[..., shape[-1] :].any()


def test_pairs_that_begin_in_the_middle_of_one_are_moved():
    row = torch.arange(12).bfloat16().view(2, 6)
    assert torch.equal(unpaired(paired(row[:, 1:5]), 4), row[:, 1:5])
    assert paired(row[:, 2:]).data_ptr() == row[:, 2:].data_ptr()


def ratio(x, h, *, U, W):
    """0 / 0 wherever all weights are zero, as they are behind the last unit."""
    return (W.a @ x + U @ h) / (W.b @ x)


@pytest.mark.parametrize("hidden", [1, 15, 17])
def test_what_stands_behind_the_last_unit_is_in_no_sum(hidden):
    case = RoundedCase.random(cell(ratio), {"I": 3, "H": hidden}, Layout((5, 5)))
    given = replace(
        case.given(), x=case.given().x.abs() + 1, params=tuple(p.abs() for p in case.given().params)
    )
    run = case.compiled().forward(case.layout, given, False, return_states=True)
    output, *_ = case.expected(run, *double(given))
    assert_same(run.every, [output.float()], TOLERANCE)
