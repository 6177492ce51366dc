"""`nn.linear.Linear` against torch.nn.Linear and finite differences."""

import copy
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import elman
from elman.nn.linear import Linear


def pair(inputs: int, outputs: int, bias: bool = True, dtype: torch.dtype = torch.float64):
    theirs = nn.Linear(inputs, outputs, bias=bias, dtype=dtype)
    mine = Linear(inputs, outputs, bias=bias, dtype=dtype)
    mine.load_state_dict(theirs.state_dict())
    return mine, theirs


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=3),
    st.integers(1, 70),
    st.integers(1, 70),
    st.booleans(),
    st.sampled_from([torch.float32, torch.float64]),
)
def test_output_and_gradients_are_torchs(rows, inputs, outputs, bias, dtype):
    mine, theirs = pair(inputs, outputs, bias, dtype)
    x = torch.randn(*rows, inputs, dtype=dtype, requires_grad=True)
    wanted, found = theirs(x), mine(x)
    delta = torch.randn_like(wanted)
    gradients = [
        torch.autograd.grad(y, [x, *m.parameters()], delta) for y, m in ((found, mine), (wanted, theirs))
    ]
    close = {"atol": 1e-4, "rtol": 1e-4} if dtype == torch.float32 else {}
    for a, b in zip((found, *gradients[0]), (wanted, *gradients[1]), strict=True):
        torch.testing.assert_close(a, b, **close)
    with torch.no_grad():
        assert torch.equal(mine(x), found)


def test_gradients_by_finite_differences_also_of_gradients():
    mine, _ = pair(5, 7)
    x = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    given = (x, *mine.parameters())
    assert torch.autograd.gradcheck(lambda *_: mine(x), given)
    assert torch.autograd.gradgradcheck(lambda *_: mine(x), given)


def test_a_weight_that_does_not_learn_has_no_gradient():
    mine, _ = pair(5, 7)
    mine.weight.requires_grad_(False)
    mine(torch.randn(3, 5, dtype=torch.float64)).sum().backward()
    assert mine.weight.grad is None
    assert mine.bias.grad is not None


@pytest.mark.parametrize(
    "x",
    [torch.randn(4), torch.randn(0, 4), torch.randn(2, 4).half(), torch.randn(2, 4).bfloat16()],
    ids=["vector", "empty", "half", "bfloat16"],
)
def test_what_kernels_do_not_take_is_as_in_torch(x):
    mine, theirs = (layer.to(x.dtype) for layer in pair(4, 3, dtype=torch.float32))
    assert mine(x).dtype == x.dtype
    torch.testing.assert_close(mine(x), theirs(x))


def test_transforms_and_compilation_of_torch():
    mine, theirs = pair(4, 3)
    x = torch.randn(6, 4, dtype=torch.float64)
    assert torch.allclose(torch.func.vmap(mine)(x), theirs(x))
    assert torch.allclose(torch.func.jacrev(mine)(x[0]), theirs.weight)
    assert torch.allclose(torch.compile(mine, backend="aot_eager", fullgraph=True)(x), theirs(x))
    with torch.autocast("cpu"):
        assert mine.float()(x.float()).dtype == torch.bfloat16


def test_switched_off_it_is_torchs():
    mine, theirs = pair(4, 3)
    x = torch.randn(6, 4, dtype=torch.float64)
    with elman.kernels("eager"):
        assert torch.equal(mine(x), theirs(x))


def test_copies_and_pickles():
    mine, _ = pair(4, 3)
    x = torch.randn(6, 4, dtype=torch.float64)
    for other in (copy.deepcopy(mine), pickle.loads(pickle.dumps(mine))):
        assert torch.equal(other(x), mine(x))
