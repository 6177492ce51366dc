"""From equations to step graphs: shapes, names, and what is allowed in a cell."""

import cProfile
import sys

import numpy as np
import pytest

from elman.core.errors import CellError
from elman.core.interpret import evaluate
from elman.core.ir import topological
from elman.core.ops import relu, sigmoid, tanh, where
from elman.core.trace import cell


def test_a_cell_is_its_equations():
    @cell(states="h c")
    def two_states(x, h, c, *, W, p):
        c = sigmoid(W.f @ x) * c + p.f * h
        return tanh(c), c

    step = two_states.step
    rng = np.random.default_rng(0)
    x, h, c, W, p = (rng.normal(size=size) for size in ((2, 3), (2, 4), (2, 4), (4, 3), (4,)))
    (x_node,), (h_node, c_node), (W_node, p_node) = step.inputs, step.states, step.params
    values = evaluate(step.outputs, {x_node: x, h_node: h, c_node: c, W_node: W, p_node: p}, {})
    expected = 1 / (1 + np.exp(-x @ W.T)) * c + p * h
    np.testing.assert_allclose(values[step.after[1]], expected)
    np.testing.assert_allclose(values[step.output], np.tanh(expected))


def test_shapes_follow_from_use():
    @cell(states="h:P c")
    def shapes(x, h, c, *, W, U, V, b, q):
        c = tanh(W @ x + U @ h + b + c)
        y = V.y @ (c * q)
        return y, V.h @ c, c

    assert shapes.parameters == {
        "W": ("H", "I"),
        "U": ("H", "P"),
        "b": ("H",),
        "q": ("H",),
        "V.y": ("H", "H"),  # nothing else says how long the output is
        "V.h": ("P", "H"),
    }
    assert shapes.sizes == ("I", "P", "H")


def test_members_of_a_family_may_have_any_name():
    @cell
    def names(x, h, *, W):
        return tanh(W.value @ x + W.name * h + W.shape * h + W[0].args @ h + W["op"] * h)

    assert list(names.parameters) == ["W.value", "W.name", "W.shape", "W.0.args", "W.op"]


def test_equal_expressions_are_one_node():
    @cell
    def twice(x, h, *, W):
        return tanh(W @ x + h) * tanh(W @ x + h)

    assert [node.op for node in topological(twice.step.outputs)].count("tanh") == 1


def test_values_keep_the_names_of_their_author_in_order():
    @cell
    def named(x, h, *, W):
        a = W.a @ x
        b = W.b @ h + a
        for _ in range(2):
            b = tanh(b)
        return b * a

    names = named.step.names
    assert [(names[node], node.op) for node in names] == [
        ("a", "matmul"),
        ("b", "add"),
        ("b", "tanh"),
        ("b", "tanh"),
    ]


def test_a_profiler_goes_on_after_a_cell_is_traced():
    @cell(states="h")
    def profiled(x, h, *, W, U):
        a = W @ x + U @ h
        return tanh(a)

    def afterwards():
        return 1

    with cProfile.Profile() as profiler:
        step = profiled.step
        afterwards()
    assert list(step.names.values()) == ["a"]
    assert "afterwards" in {getattr(entry.code, "co_name", "") for entry in profiler.getstats()}

    def observer(frame, event, argument):
        pass

    @cell(states="h")
    def observed(x, h, *, W, U):
        return tanh(W @ x + U @ h)

    sys.setprofile(observer)
    try:
        observed.step  # noqa: B018 - traced when first asked for
        assert sys.getprofile() is observer
    finally:
        sys.setprofile(None)


def test_numbers_of_numpy_are_numbers():
    @cell
    def scaled(x, h, *, W):
        return np.float64(2) * h + np.float32(0.5) * (W @ x) - np.int64(1)

    constants = {node.value for node in topological(scaled.step.outputs) if node.op == "constant"}
    assert constants == {2.0, 0.5, 1.0}


def test_an_output_that_is_not_a_state_comes_first():
    @cell
    def two(x, h, *, W):
        h = tanh(W @ x + h)
        return relu(h), h

    assert two.step.output.op == "relu"
    assert [after.op for after in two.step.after] == ["tanh"]


def test_masks_are_arguments_behind_the_states():
    @cell(zoneout="z", dropout="d:I")
    def masked(x, h, z, d, *, W):
        return where(z > 0.5, h, tanh(W @ (d * x)))

    assert [(mask.name, mask.attribute("kind"), mask.shape) for mask in masked.step.masks] == [
        ("z", "zoneout", ("B", "H")),
        ("d", "dropout", ("B", "I")),
    ]


def test_hyper_parameters():
    @cell
    def deep(x, h, *, W, U, depth: int = 2, slope: float = 0.5, f=tanh):
        h = W @ x + h
        for layer in range(depth):
            h = f(U[layer] @ h) * slope
        return h

    assert deep.spec == "deep(depth=2, slope=0.5, f=tanh)"
    other = deep(depth=3, f="relu", slope=2)
    assert other.spec == "deep(depth=3, slope=2, f=relu)"
    assert set(other.parameters) == {"W", "U.0", "U.1", "U.2"}
    assert set(deep.parameters) == {"W", "U.0", "U.1"}
    for wrong, message in (
        ({"deepth": 2}, "deep has no hyper-parameter 'deepth'; it has depth, slope, f"),
        ({"depth": 1.5}, "depth of deep must be a whole number, not 1.5"),
        ({"depth": "two"}, "depth of deep must be a whole number, not 'two'"),
        ({"slope": "steep"}, "slope of deep must be a number, not 'steep'"),
        ({"f": "tangens"}, "f of deep must be a function of elman, such as tanh or relu, not 'tangens'"),
    ):
        with pytest.raises(CellError, match=message):
            deep(**wrong)


def test_a_cell_without_states_is_refused():
    with pytest.raises(CellError, match=r"takes \(x, h\)"):

        @cell(states="")
        def memoryless(x, h, *, W):
            return W @ x + h
