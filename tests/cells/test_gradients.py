"""Values and gradients of every cell: against torch over the references, and against central differences."""

import numpy as np
import pytest
import torch

from elman.cells import CELLS, find
from tests.cells.references import REFERENCES
from tests.core.differences import central_differences
from tests.core.problem import problem


def test_every_cell_has_a_reference():
    assert {spec.partition("(")[0] for spec in REFERENCES} == set(CELLS)


@pytest.mark.parametrize("spec", REFERENCES)
def test_values_and_gradients_are_those_of_the_reference(spec: str):
    drawn = problem(find(spec).step, seed=4, steps=5, batch=3)
    x = torch.from_numpy(drawn.x).requires_grad_()
    states = tuple(torch.from_numpy(state).requires_grad_() for state in drawn.states)
    params = {name: torch.from_numpy(value).requires_grad_() for name, value in drawn.params.items()}

    carried, outputs = states, []
    for t in range(len(x)):
        masks = {name: torch.from_numpy(mask[t]) for name, mask in drawn.masks.items()}
        output, carried = REFERENCES[spec](x[t], carried, params, masks)
        outputs.append(output)
    run = drawn.forward()
    np.testing.assert_allclose(run.outputs, torch.stack(outputs).detach(), rtol=1e-12, atol=1e-13)
    for found, expected in zip(run.final, carried, strict=True):
        np.testing.assert_allclose(found, expected.detach(), rtol=1e-12, atol=1e-13)

    error = (torch.stack(outputs) * torch.from_numpy(drawn.weights)).sum()
    for weights, state in zip(drawn.final_weights, carried, strict=True):
        error = error + (state * torch.from_numpy(weights)).sum()
    error.backward()
    leaves = [x, *states, *params.values()]
    for (name, found), leaf in zip(drawn.gradients().items(), leaves, strict=True):
        np.testing.assert_allclose(found, leaf.grad, rtol=1e-10, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("spec", REFERENCES)
def test_gradients_are_those_of_central_differences(spec: str):
    drawn = problem(find(spec).step, seed=5, steps=3, batch=1)
    derived = drawn.gradients()
    for name, array in drawn.arrays.items():
        expected = central_differences(drawn.error, array)
        np.testing.assert_allclose(derived[name], expected, rtol=1e-6, atol=1e-7, err_msg=name)
