"""Graphs as torch code: their values against the numpy interpreter, and how many products they cost."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from elman.cells import NAMES, find
from elman.core import interpret, ops
from elman.core.grad import differentiate
from elman.core.ir import constant, parameter, variable
from elman.core.passes import compile_step
from elman.run.tape import OneHot, Tape
from tests.core.random_cells import cells

SIZES = {"I": 3, "H": 4, "P": 2, "O": 5, "1": 1}
ROWS = 6
X, H, C = (variable(kind, kind[0], ("B", "H")) for kind in ("x", "state", "carried"))
W, V = parameter("W", ("H", "H")), parameter("V", ("H", "H"))
B = parameter("b", ("H",))


class Products(TorchDispatchMode):
    """Counts the matrix products that torch computes."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += function.overloadpacket in (torch.ops.aten.mm, torch.ops.aten.addmm)
        return function(*args, **(kwargs or {}))


def drawn(rng, leaves):
    sizes = {**SIZES, "B": ROWS}
    return {  # some cells divide by a state, or take its logarithm
        leaf: rng.uniform(-0.5 if leaf.op == "param" else 0.1, 0.9, [sizes[size] for size in leaf.shape])
        for leaf in leaves
    }


def run(outputs, inputs, params, values):
    """The outputs by a tape, and the number of products it took."""
    tape = Tape(outputs, inputs, params, SIZES)
    tensors = {leaf: torch.from_numpy(value) for leaf, value in values.items()}
    prepared = tape.prepare([tensors[param] for param in params])
    with Products() as products:
        found = tape(prepared, [tensors[leaf] for leaf in inputs])
    return found, products.count


def check(outputs, inputs, params, seed=0):
    values = drawn(np.random.default_rng(seed), [*inputs, *params])
    found, products = run(outputs, inputs, params, values)
    wanted = interpret.evaluate(outputs, values, SIZES)
    # rounding grows with the largest number on the way, and once more where it is multiplied by one
    tolerance = 1e-13 * max(1.0, *(float(np.abs(value).max()) for value in wanted.values())) ** 2
    for output, value in zip(outputs, found, strict=True):
        value, target = np.broadcast_arrays(np.asarray(value), wanted[output])
        np.testing.assert_allclose(value, target, rtol=0, atol=tolerance)
    return products


def forward_and_backward(step):
    """The graphs of a step: forward, and backward with all that it reads."""
    backward = differentiate(step)
    reads = (*step.inputs, *step.states, *step.masks)
    yield step.outputs, reads
    yield backward.outputs, (*reads, backward.d_output, *backward.d_after)


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_forward_and_backward(name):
    step = find(name).step
    for outputs, inputs in forward_and_backward(step):
        check(outputs, inputs, step.params)


@settings(max_examples=60, deadline=None, derandomize=True)  # so that no example ever lies on a jump
@given(cell=cells, seed=st.integers(0, 2**32 - 1))
def test_random_cells_forward_and_backward(cell, seed):
    for outputs, inputs in forward_and_backward(cell.step):
        check(outputs, inputs, cell.step.params, seed)


@pytest.mark.parametrize(
    ("outputs", "products"),
    [
        ([W @ H], 1),
        ([W @ H, V @ H], 1),
        ([W @ H + B, V @ H], 1),
        ([W @ H, V @ X], 2),
        ([ops.tanh(W @ H + B), W @ H], 1),
        ([ops.matmul_t(W, H) + ops.matmul_t(V, X)], 1),
        ([ops.matmul_t(W, H) + C + ops.matmul_t(V, X)], 1),
        ([ops.matmul_t(W, H) + ops.matmul_t(V, X), ops.matmul_t(V, X)], 2),
        ([ops.outer(H, X)], 1),
        ([H], 0),
        ([H, H], 0),
        ([B], 0),
        ([B * 2.0 + W @ H], 1),
        ([constant(2.0)], 0),
        ([(W @ H) * (W @ H) + W @ H], 1),
    ],
)
def test_products_of_one_operand_are_one_product_and_so_are_sums_of_transposed_ones(outputs, products):
    assert check(outputs, [X, H, C], [W, V, B]) == products


def test_a_product_that_is_given_is_not_computed_again():
    product = W @ H
    values = {product: np.ones((ROWS, 4)), B: np.arange(4.0)}
    (found,), products = run([product + B], [product], [B], values)
    assert products == 0
    torch.testing.assert_close(found, torch.arange(1.0, 5.0, dtype=torch.float64).expand(ROWS, 4))


def test_an_lstm_step_costs_one_product_forward_and_one_backward():
    program = compile_step(find("lstm").step)
    loop = program.loop
    reads = (*loop.inputs, *loop.states)
    assert check(program.before, program.step.inputs, program.step.params) == 1
    assert check(loop.outputs, reads, loop.params) == 1
    deltas = [d for d in program.backward.d_states if d is not None]
    inputs = (*reads, *program.kept, program.backward.d_output, *program.backward.d_after)
    values = drawn(np.random.default_rng(0), [*inputs, *loop.params])
    assert run(deltas, inputs, loop.params, values)[1] == 1


def test_what_depends_on_weights_alone_is_computed_once():
    tape = Tape([ops.exp(B) * H], [H], [B], SIZES)
    prepared = tape.prepare([torch.zeros(4)])
    calls = []

    class Calls(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            calls.append(function.overloadpacket)
            return function(*args, **(kwargs or {}))

    with Calls():
        tape(prepared, [torch.ones(2, 4)])
    assert torch.ops.aten.exp not in calls


@pytest.mark.parametrize("biased", [False, True])
def test_symbols_are_looked_up_and_never_multiplied(biased):
    x = variable("x", "x", ("B", "I"))
    m, b = parameter("m", ("H", "I")), parameter("b", ("H",))
    outputs = [m @ x + b if biased else m @ x]
    tape = Tape(outputs, [x], [m, b], SIZES)
    matrix, bias = torch.randn(4, 3), torch.randn(4)
    symbols = torch.tensor([2, 0, 2, 1])
    with Products() as products:
        (rows,) = tape(tape.prepare([matrix, bias]), [OneHot(symbols)])
        (table,) = tape(tape.prepare([matrix, bias]), [OneHot(None)])
    assert products.count == 0
    wanted = torch.nn.functional.one_hot(symbols, 3).float() @ matrix.T + (bias if biased else 0)
    torch.testing.assert_close(rows, wanted, rtol=0, atol=0)
    torch.testing.assert_close(table[symbols], wanted, rtol=0, atol=0)
