"""Coefficients of loops that are linear in their states, against the values of the graphs that have them."""

import numpy as np
import pytest

from elman.cells import CELLS
from elman.core import ops
from elman.core.interpret import evaluate
from elman.core.ir import BATCH, HIDDEN, constant, parameter, topological, variable
from elman.core.passes import compile_step
from elman.core.passes.linear import linear
from elman.emit.passes import backward_pass, forward_pass

X, Z = (variable("x", name, (BATCH, HIDDEN)) for name in "xz")
H, C = (variable("state", name, (BATCH, HIDDEN)) for name in "hc")
V = parameter("v", (HIDDEN,))
LINEAR = {
    "kept": H,
    "replaced": ops.tanh(X),
    "interpolated": H + ops.sigmoid(Z) * (X - H),
    "gated": (1 - ops.sigmoid(Z)) * H + ops.sigmoid(Z) * X,
    "divided": -(V * H - X) / (1 + Z * Z) - 0.5 * H,
    "chosen": ops.where(Z > 0, H, X) * 2,
    "chosen, then less": X - ops.where(Z > 0, X, 3 * H) / V,
}
OTHER = {
    "squared": H * H,
    "bent": ops.relu(H),
    "cut": ops.where(H > 0, X, Z),
    "larger": ops.maximum(H, X),
    "inverse": X / H,
    "gate of its own": ops.sigmoid(X + V * H) * H,
}


def drawn(*nodes):
    draw = np.random.default_rng(0)
    return {node: draw.normal(size=(4,) if node is V else (3, 4)) for node in nodes}


def agree(after, values) -> None:
    """What becomes of each state is a ∘ state + b, of a and b without it."""
    found = linear(after)
    assert found is not None
    seen = set()
    for state, (a, b) in found.items():
        assert not {*after}.intersection(topological((a, b))) - seen
        known = evaluate([after[state], a, b], values, {"H": 4})
        np.testing.assert_allclose(
            known[a] * values[state] + known[b] + 0 * known[after[state]], known[after[state]]
        )
        seen.add(state)


@pytest.mark.parametrize("name", LINEAR)
def test_coefficients_give_what_becomes_of_a_state(name):
    agree({H: LINEAR[name]}, drawn(X, Z, H, V))


@pytest.mark.parametrize("name", OTHER)
def test_what_is_not_linear_in_its_state_has_none(name):
    assert linear({H: OTHER[name]}) is None


def test_a_state_may_be_bent_on_its_way_to_another():
    after = {H: ops.tanh(C) * H + C * X, C: 0.5 * C + X}
    assert list(linear(after) or {}) == [C, H]
    agree(after, drawn(X, H, C))


def test_states_that_follow_from_each_other_have_none():
    assert linear({H: ops.add(H, C), C: ops.sub(C, H)}) is None


@pytest.mark.parametrize(
    ("name", "forward"), [("min_gru", True), ("min_lstm", True), ("sru", False), ("indrnn", False)]
)
def test_a_loop_of_a_cell_is_linear_where_its_equations_say_so(name, forward):
    program = compile_step(CELLS[name].step)
    for way, expected in ((forward_pass(program, keep=True), forward), (backward_pass(program), True)):
        after = dict(zip(way.before, way.outputs, strict=False))
        assert (linear(after) is not None) == expected
        if expected:
            leaves = [node for node in topological(way.outputs) if not node.args and node.op != "constant"]
            draw = np.random.default_rng(1)
            shapes = ((3, 4) if node.batched else (4,) for node in leaves)
            agree(after, dict(zip(leaves, map(draw.normal, [0] * 99, [1] * 99, shapes), strict=False)))


def test_a_number_is_a_coefficient():
    assert linear({H: ops.add(H * 0.5, X)}) == {H: (constant(0.5), X)}
