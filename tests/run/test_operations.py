"""Each operation in torch against its row in the compiler's table: meaning in numpy, and derivative."""

import inspect

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.core import interpret, ops
from elman.core.grad import adjoints
from elman.core.ir import BATCH, HIDDEN, ONE, constant, parameter, variable
from elman.run import operations
from elman.run.tape import Tape

SIZES = {"H": 4, "P": 3, "1": 1}
ATTRIBUTES = {"exponent": 3, "low": -0.6, "high": 0.7, "eps": 0.1, "size": HIDDEN}
VALUE, SUMMED, VECTOR, NUMBER = (BATCH, HIDDEN), (BATCH, ONE), (HIDDEN,), ()
FIXED = {  # the shapes of operands that are not elementwise
    "matmul": [("P", HIDDEN), VALUE],
    "matmul_t": [(HIDDEN, "P"), VALUE],
    "outer": [VALUE, (BATCH, "P")],
    "broadcast": [SUMMED],
    "spread": [SUMMED],
    **{name: [VALUE] for name in ("unit_sum", "unit_mean", "softmax", "normalize", "rstd", "batch_sum")},
}
POSITIVE = ("log", "sqrt")
each_row = pytest.mark.parametrize("name", ops.OPERATIONS)


def operand_count(name):
    """How many operands an operation takes: what its derivative takes behind g and y, attributes left out."""
    row = ops.OPERATIONS[name]
    return len(inspect.signature(row.derivative).parameters) - 2 - len(row.attributes)


@st.composite
def shapes_of(draw, name):
    """The shapes of the operands: as they must be, or any that broadcast, one of them of the step."""
    if name in FIXED:
        return FIXED[name]
    count = operand_count(name)
    shapes = [draw(st.sampled_from([VALUE, SUMMED, VECTOR, NUMBER])) for _ in range(count)]
    shapes[draw(st.integers(0, count - 1))] = VALUE
    return shapes


class Problem:
    """An operation on leaves of some shapes, and values for them."""

    def __init__(self, name, shapes, batch, values):
        row = ops.OPERATIONS[name]
        self.leaves = [self._leaf(f"a{i}", shape, values) for i, shape in enumerate(shapes)]
        self.node = ops.build(name, tuple(self.leaves), {key: ATTRIBUTES[key] for key in row.attributes})
        self.delta = variable("delta_output", "y", self.node.shape)
        sizes = {**SIZES, BATCH: batch}
        self.values = {
            leaf: values([sizes[dimension] for dimension in leaf.shape])
            for leaf in (*self.leaves, self.delta)
        }
        self.params = [leaf for leaf in self.leaves if leaf.op == "param"]
        self.inputs = [leaf for leaf in self.leaves if leaf.op == "input"]

    @staticmethod
    def _leaf(name, shape, values):
        if shape == NUMBER:
            return constant(float(values([])))
        return variable("x", name, shape) if shape[0] == BATCH else parameter(name, shape)

    def in_torch(self):
        """The result, and the gradient of each leaf that is not a number (None: it does not depend on it)."""
        tensors = {
            leaf: torch.tensor(self.values[leaf], requires_grad=True) for leaf in (*self.params, *self.inputs)
        }
        tape = Tape([self.node], self.inputs, self.params, SIZES)
        (result,) = tape(tape.prepare([tensors[p] for p in self.params]), [tensors[i] for i in self.inputs])
        if not result.requires_grad:
            return result, dict.fromkeys(tensors)
        delta = torch.tensor(self.values[self.delta])
        found = torch.autograd.grad(result, list(tensors.values()), delta, allow_unused=True)
        return result.detach(), dict(zip(tensors, found, strict=True))

    def in_numpy(self):
        """The same by the numpy meaning and the derivative of the row."""
        known = {leaf: value for leaf, value in self.values.items() if leaf.op != "constant"}
        adjoint = adjoints([(self.node, self.delta)])
        wanted = {leaf: adjoint.get(leaf) for leaf in (*self.params, *self.inputs)}
        found = interpret.evaluate([self.node, *(node for node in wanted.values() if node)], known, SIZES)
        return found[self.node], {
            leaf: node if node is None else found[node] for leaf, node in wanted.items()
        }

    def check(self, tolerance):
        result, gradients = self.in_torch()
        wanted, wanted_gradients = self.in_numpy()
        np.testing.assert_allclose(result, wanted, rtol=tolerance, atol=tolerance)
        for leaf, gradient in gradients.items():
            if gradient is None or wanted_gradients[leaf] is None:
                for known in (gradient, wanted_gradients[leaf]):
                    assert known is None or not np.any(np.asarray(known)), "one says that no error flows"
            else:
                np.testing.assert_allclose(gradient, wanted_gradients[leaf], rtol=tolerance, atol=tolerance)


def test_every_operation_of_the_compiler_has_a_row():
    assert operations.OPERATIONS.keys() == ops.OPERATIONS.keys()


@each_row
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_value_and_gradient_are_those_of_the_compilers_table(name, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    magnitude = 10.0 ** data.draw(st.integers(-2, 1))
    sign = (lambda size: 1.0) if name in POSITIVE else (lambda size: rng.choice([-1.0, 1.0], size))

    def values(size):  # away from zero, where a quotient and the derivative of a root grow without bound
        return np.asarray(sign(size) * magnitude * rng.uniform(0.3, 2.0, size))

    Problem(name, data.draw(shapes_of(name)), data.draw(st.integers(1, 5)), values).check(1e-12)


KINKS = ("relu", "abs", "sign", "greater", "greater_equal", "maximum", "minimum", "clip", "where")


@pytest.mark.parametrize("name", KINKS)
def test_at_ties_and_kinks_both_choose_the_same_derivative(name):
    rng = np.random.default_rng(0)
    grid = [ATTRIBUTES["low"], 0.0, ATTRIBUTES["high"]]
    for _ in range(20):
        problem = Problem(name, [VALUE] * operand_count(name), 5, lambda size: rng.choice(grid, size))
        problem.check(0.0)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "softmax", "normal_cdf", "normalize"])
def test_far_from_zero_nothing_overflows(name):
    problem = Problem(
        name, [VALUE], 3, lambda size: np.linspace(-800.0, 800.0, int(np.prod(size))).reshape(size)
    )
    problem.check(1e-12)
    result, gradients = problem.in_torch()
    assert torch.isfinite(result).all()
    assert all(torch.isfinite(gradient).all() for gradient in gradients.values())


@each_row
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_type_of_the_operands_is_kept(name, dtype):
    shapes = FIXED.get(name, [VALUE, *[NUMBER] * (operand_count(name) - 1)])
    problem = Problem(name, shapes, 3, lambda size: np.full(size, 0.5))
    tape = Tape([problem.node], problem.inputs, problem.params, SIZES)
    given_values = [
        [torch.tensor(problem.values[leaf], dtype=dtype) for leaf in leaves]
        for leaves in (problem.params, problem.inputs)
    ]
    (result,) = tape(tape.prepare(given_values[0]), given_values[1])
    assert result.dtype == dtype
