"""Every row of the table of operations: derivatives against central differences, values against math's."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.core import ops
from elman.core.errors import CellError
from elman.core.grad import adjoints
from elman.core.interpret import evaluate
from elman.core.ir import Node, Shape, parameter, variable
from elman.core.ops import OPERATIONS
from tests.core.differences import Array, central_differences

SIZES = {"B": 2, "H": 3, "I": 4, "1": 1}
VALUE, VECTOR, COLUMN, NUMBER = ("B", "H"), ("H",), ("B", "1"), ()
UNARY = [(VALUE,), (VECTOR,), (COLUMN,)]
PAIRS = [
    (VALUE, VALUE),
    (VALUE, VECTOR),
    (VECTOR, VALUE),
    (VALUE, COLUMN),
    (COLUMN, VALUE),
    (COLUMN, VECTOR),
    (VECTOR, VECTOR),
]
TRIPLES = [(VALUE, VALUE, VALUE), (VALUE, VECTOR, VALUE), (VALUE, VALUE, COLUMN), (COLUMN, VALUE, VECTOR)]
BATCHED = [(VALUE,)]


def anywhere(rng: np.random.Generator, *shape: int) -> Array:
    """Values at a distance from 0 and from one another, so that no kink or tie is near."""
    values = 0.3 + 0.1 * np.arange(math.prod(shape)) + 0.05 * rng.random(math.prod(shape))
    return (rng.permutation(values) * rng.choice([-1, 1], size=len(values))).reshape(shape)


def positive(rng: np.random.Generator, *shape: int) -> Array:
    """Values away from the edge of the domain of log, sqrt and division."""
    return 0.5 + rng.random(shape)


ROWS: dict[str, tuple[list[tuple[Shape, ...]], Callable[..., Array], dict[str, object]]] = {
    "add": (PAIRS, anywhere, {}),
    "sub": (PAIRS, anywhere, {}),
    "mul": (PAIRS, anywhere, {}),
    "div": (PAIRS, positive, {}),
    "neg": (UNARY, anywhere, {}),
    "power": (UNARY, anywhere, {"exponent": 3}),
    "sigmoid": (UNARY, anywhere, {}),
    "tanh": (UNARY, anywhere, {}),
    "relu": (UNARY, anywhere, {}),
    "exp": (UNARY, anywhere, {}),
    "log": (UNARY, positive, {}),
    "sqrt": (UNARY, positive, {}),
    "softplus": (UNARY, anywhere, {}),
    "normal_cdf": (UNARY, anywhere, {}),
    "sin": (UNARY, anywhere, {}),
    "cos": (UNARY, anywhere, {}),
    "abs": (UNARY, anywhere, {}),
    "sign": (UNARY, anywhere, {}),
    "greater": (PAIRS, anywhere, {}),
    "greater_equal": (PAIRS, anywhere, {}),
    "maximum": (PAIRS, anywhere, {}),
    "minimum": (PAIRS, anywhere, {}),
    "clip": (UNARY, anywhere, {"low": -0.451, "high": 0.601}),
    "where": (TRIPLES, anywhere, {}),
    "matmul": ([(("H", "I"), ("B", "I"))], anywhere, {}),
    "matmul_t": ([(("H", "I"), ("B", "H"))], anywhere, {}),
    "outer": ([(("B", "H"), ("B", "I"))], anywhere, {}),
    "unit_sum": (BATCHED, anywhere, {}),
    "unit_mean": (BATCHED, anywhere, {}),
    "broadcast": ([(COLUMN,)], anywhere, {"size": "H"}),
    "spread": ([(COLUMN,)], anywhere, {"size": "H"}),
    "softmax": (BATCHED, anywhere, {}),
    "normalize": (BATCHED, anywhere, {"eps": 1e-3}),
    "rstd": (BATCHED, anywhere, {"eps": 1e-3}),
    "batch_sum": (BATCHED, anywhere, {}),
}
CASES = [(name, shapes) for name, (all_shapes, _, _) in ROWS.items() for shapes in all_shapes]


def leaf(name: str, shape: Shape) -> Node:
    """A batched value is an input, a matrix or vector is a weight."""
    return variable("state", name, shape) if shape[:1] == ("B",) else parameter(name, shape)


def test_no_operation_is_left_out():
    assert set(ROWS) == set(OPERATIONS)


@pytest.mark.parametrize(("name", "shapes"), CASES, ids=lambda case: str(case))
@given(seed=st.integers(0, 10_000))
@settings(max_examples=5, deadline=None, derandomize=True)
def test_derivative(name: str, shapes: tuple[Shape, ...], seed: int):
    rng = np.random.default_rng(seed)
    _, draw, attributes = ROWS[name]
    leaves = [leaf(f"operand{i}", shape) for i, shape in enumerate(shapes)]
    result = ops.build(name, tuple(leaves), attributes)
    values = {operand: draw(rng, *(SIZES[size] for size in operand.shape)) for operand in leaves}
    delta = leaf("delta", result.shape)
    values[delta] = rng.normal(size=[SIZES[size] for size in result.shape])

    def error() -> float:
        return float((evaluate([result], values, SIZES)[result] * values[delta]).sum())

    derived = adjoints([(result, delta)])
    for operand in leaves:
        expected = central_differences(error, values[operand])
        if operand not in derived:  # no error flows through this operand
            assert not expected.any()
            continue
        found = evaluate([derived[operand]], values, SIZES)[derived[operand]]
        np.testing.assert_allclose(np.broadcast_to(found, expected.shape), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("exponent", [-3, -1, 0, 1, 2, 5])
def test_derivative_of_powers(exponent: int):
    x = parameter("x", ("H",))
    y = ops.power(x, exponent=exponent)
    values = {x: np.array([0.5, 1.5, 2.0]), (one := parameter("one", ("H",))): np.ones(3)}
    slope = adjoints([(y, one)])[x]
    expected = [exponent * v ** (exponent - 1) for v in values[x]]
    np.testing.assert_allclose(evaluate([slope], values, SIZES)[slope], expected)


@pytest.mark.parametrize(("name", "slopes"), [("maximum", (0.5, 0.5)), ("minimum", (0.5, 0.5))])
def test_a_tie_is_shared(name: str, slopes: tuple[float, float]):
    a, b, one = (parameter(letter, ("H",)) for letter in ("a", "b", "one"))
    derived = adjoints([(OPERATIONS[name](a, b), one)])
    values = {node: np.ones(3) for node in (a, b, one)}
    for operand, slope in zip((a, b), slopes, strict=True):
        np.testing.assert_array_equal(evaluate([derived[operand]], values, SIZES)[derived[operand]], slope)


@pytest.mark.parametrize(
    ("name", "operands", "attributes", "expected"),
    [
        ("sigmoid", (0.7,), {}, 1 / (1 + math.exp(-0.7))),
        ("softplus", (0.7,), {}, math.log1p(math.exp(0.7))),
        ("softplus", (800.0,), {}, 800.0),
        ("sigmoid", (-800.0,), {}, 0.0),
        ("normal_cdf", (1.0,), {}, 0.8413447460685429),
        ("power", (2,), {"exponent": -1}, 0.5),
        ("relu", (-2.0,), {}, 0.0),
        ("clip", (3.0,), {"low": 0.0, "high": 1.0}, 1.0),
        ("where", (0.0, 1.0, 2.0), {}, 2.0),
        ("greater", (1.0, 1.0), {}, 0.0),
        ("greater_equal", (1.0, 1.0), {}, 1.0),
        ("sign", (-3.0,), {}, -1.0),
    ],
)
def test_on_plain_numbers(
    name: str, operands: tuple[float, ...], attributes: dict[str, object], expected: float
):
    assert OPERATIONS[name](*operands, **attributes) == pytest.approx(expected, abs=1e-15)


def test_softmax_of_large_values_is_finite():
    x = variable("state", "x", ("B", "H"))
    y = ops.softmax(x)
    found = evaluate([y], {x: np.array([[1000.0, 1000.0, 0.0]])}, SIZES)[y]
    np.testing.assert_allclose(found, [[0.5, 0.5, 0.0]])


def test_normalize_has_mean_0_and_variance_1():
    x = variable("state", "x", ("B", "H"))
    y = ops.layer_norm(x, 2.0, 1.0, eps=0.0)
    found = evaluate([y], {x: np.array([[1.0, 2.0, 6.0]])}, SIZES)[y]
    assert found.mean() == pytest.approx(1)
    assert found.std() == pytest.approx(2)


def test_gelu_is_x_times_the_normal_distribution():
    assert ops.gelu(1.0) == pytest.approx(0.8413447460685429)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda h, W: ops.add(h, variable("x", "x", ("B", "I"))), "sizes H and I differ"),
        (lambda h, W: ops.add(W, h), "a matrix meets a value of the step"),
        (lambda h, W: ops.matmul(W, h), "sizes I and H differ"),
        (
            lambda h, W: ops.matmul(W, parameter("b", ("I",))),
            "the operand must depend on the input or a state",
        ),
        (lambda h, W: ops.softmax(parameter("b", ("H",))), "the operand must depend on the input or a state"),
    ],
)
def test_shapes_that_do_not_fit(build: Callable[[Node, Node], Node], message: str):
    with pytest.raises(CellError, match=message):
        build(variable("state", "h", ("B", "H")), parameter("W", ("H", "I")))
