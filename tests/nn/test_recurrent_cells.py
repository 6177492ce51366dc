"""Every cell as a layer of torch: its values, states and gradients are those of the numpy interpreter."""

import numpy as np
import pytest
import torch

from tests.nn.reference import (
    CELL_NAMES,
    arrays,
    as_tuple,
    interpreted,
    interpreted_gradients,
    layer_of,
    states_of,
)

T, B, I, H = 5, 3, 4, 6
pytestmark = [pytest.mark.parametrize("name", CELL_NAMES), pytest.mark.usefixtures("engine")]


def zoneout_masks(layer):
    """The masks of a cell that has its own, in a layer without zoneout: all units take their new state."""
    return {mask.name: np.zeros((T, B, H)) for mask in layer.cell.step.masks}


def test_outputs_and_states_are_those_of_the_interpreter(name):
    layer = layer_of(name, I, H, dtype=torch.float64)
    x, hx = torch.randn(T, B, I, dtype=torch.float64), states_of(layer, B)
    output, final, every = layer(x, hx if len(hx) > 1 else hx[0], return_states=True)
    expected = interpreted(layer, x, [state[0] for state in hx], zoneout_masks(layer))
    np.testing.assert_allclose(*arrays([output]), expected.outputs, rtol=0, atol=1e-12)
    for found, wanted in zip(arrays(as_tuple(final)), expected.final, strict=True):
        np.testing.assert_allclose(found[0], wanted, rtol=0, atol=1e-12)
    for number, found in enumerate(arrays(every)):
        wanted = np.stack([states[number] for states in expected.states[1:]])
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


def test_states_start_at_zero(name):
    layer = layer_of(name, I, H, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64)
    zeros = tuple(torch.zeros_like(state) for state in states_of(layer, B))
    torch.testing.assert_close(layer(x), layer(x, zeros if len(zeros) > 1 else zeros[0]), rtol=0, atol=0)


def test_gradients_are_those_of_the_interpreter(name):
    layer = layer_of(name, I, H, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64, requires_grad=True)
    hx = tuple(state.requires_grad_() for state in states_of(layer, B))
    output, final = layer(x, hx if len(hx) > 1 else hx[0])
    d_output, d_final = torch.randn_like(output), [torch.randn_like(state) for state in as_tuple(final)]
    torch.autograd.backward([output, *as_tuple(final)], [d_output, *d_final])
    expected = interpreted_gradients(
        layer, x, [s[0] for s in hx], d_output, [d[0] for d in d_final], zoneout_masks(layer)
    )
    np.testing.assert_allclose(*arrays([x.grad]), expected.x, rtol=0, atol=1e-12)
    for state, wanted in zip(hx, expected.states, strict=True):
        np.testing.assert_allclose(*arrays([state.grad[0]]), wanted, rtol=0, atol=1e-12)
    for weight_name, weight in layer.weights().items():
        np.testing.assert_allclose(*arrays([weight.grad]), expected.params[weight_name], rtol=0, atol=1e-11)
