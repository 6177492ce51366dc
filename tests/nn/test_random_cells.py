"""Cells made at random, as layers: values and gradients against the numpy interpreter."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.nn.recurrent import Recurrent
from elman.run.choice import kernels
from tests.core.problem import SIZES, problem
from tests.core.random_cells import cells
from tests.nn.reference import arrays, as_tuple


@pytest.mark.parametrize("mode", ["auto", "eager"])
@settings(max_examples=30, deadline=None, derandomize=True)  # so that no example ever lies on a jump
@given(cell=cells, seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 5), batch=st.integers(1, 3))
def test_a_random_cell_is_what_the_interpreter_says(mode, cell, seed, steps, batch):
    with kernels(mode):
        check(cell, seed, steps, batch)


def check(cell, seed, steps, batch):
    numbers = problem(cell.step, seed, steps, batch)
    sizes = {size: SIZES[size] for size in cell.sizes if size not in "IH"}
    layer = Recurrent(cell, SIZES["I"], SIZES["H"], sizes=sizes, dtype=torch.float64)
    with torch.no_grad():
        for name, weight in layer.weights().items():
            weight.copy_(torch.from_numpy(numbers.params[name]))
    x = torch.from_numpy(numbers.x).requires_grad_()
    states = [torch.from_numpy(state)[None].requires_grad_() for state in numbers.states]
    output, final = layer(x, tuple(states) if len(states) > 1 else states[0])

    wanted = numbers.forward()
    close(output, wanted.outputs)
    for found, state in zip(as_tuple(final), wanted.final, strict=True):
        close(found[0], state)

    weights = [torch.from_numpy(weight) for weight in (numbers.weights, *numbers.final_weights)]
    last = [state[0] for state in as_tuple(final)]
    torch.autograd.backward([output, *last], weights)
    gradients = numbers.gradients()
    # each gradient is a sum of terms as large as the others: rounding grows with the largest
    scale = max(1.0, *(float(np.abs(gradient).max()) for gradient in gradients.values()))
    close(gradient_of(x), gradients["x"], scale)
    for node, state in zip(cell.step.states, states, strict=True):
        close(gradient_of(state)[0], gradients[f"state {node.name}"], scale)
    for name, weight in layer.weights().items():
        close(gradient_of(weight), gradients[name], scale)


def gradient_of(leaf):
    """The gradient; zero where a cell uses the leaf in a condition alone."""
    return torch.zeros_like(leaf) if leaf.grad is None else leaf.grad


def close(found, wanted, scale=1.0):
    np.testing.assert_allclose(*arrays([found]), wanted, rtol=0, atol=1e-12 * scale)
