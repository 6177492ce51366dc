"""Brackets: an expression, written and read by Python again, has the value that its graph has."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.core.interpret import evaluate
from elman.core.ir import Node, constant, parameter
from elman.core.latex import Latex
from elman.core.notation import Names, Notation, Quantity, Writer
from elman.core.ops import OPERATIONS
from elman.core.text import Text
from tests.core.printed import compute

LEAVES = {name: parameter(name, ("H",)) for name in "abc"}
NAMES = Names({node: Quantity(name) for name, node in LEAVES.items()})
VALUES = {"a": 0.7, "b": -1.3, "c": 2.1}


def combined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Draws an operation on smaller expressions."""
    pairs = st.sampled_from(["add", "sub", "mul", "div", "maximum", "greater", "greater_equal"])
    single = st.sampled_from(["neg", "tanh", "abs", "exp", "sigmoid"])
    return st.one_of(
        st.builds(lambda op, a, b: OPERATIONS[op](a, b), pairs, parts, parts),
        st.builds(lambda op, a: OPERATIONS[op](OPERATIONS["tanh"](a)), single, parts),
        st.builds(
            lambda a, exponent: OPERATIONS["power"](a, exponent=exponent), parts, st.sampled_from([-1, 2, 3])
        ),
    )


expressions = st.recursive(
    st.one_of(st.sampled_from(list(LEAVES.values())), st.sampled_from([-2.0, 0.5, 3.0]).map(constant)),
    combined,
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(expressions)
def test_text_means_what_the_graph_means(node: Node):
    written = Writer(NAMES, Text()).define(node).text
    with np.errstate(all="ignore"):
        expected = evaluate([node], {LEAVES[name]: np.array([value]) for name, value in VALUES.items()}, {})[
            node
        ]
        found = compute(written, {name: np.float64(value) for name, value in VALUES.items()})
    if np.all(np.isfinite(expected)) and np.all(abs(expected) < 1e12):
        np.testing.assert_allclose(found, np.squeeze(expected), rtol=1e-9, err_msg=written)


def written(node: Node, notation: Notation) -> str:
    return Writer(NAMES, notation).define(node).text


def test_brackets_where_they_are_needed_and_nowhere_else():
    a, b, c = LEAVES.values()
    power, tanh = OPERATIONS["power"], OPERATIONS["tanh"]
    cases = {
        a + (b + c): ("a + b + c", "a + b + c"),
        a - (b + c): ("a - (b + c)", "a - (b + c)"),
        a - (b - c): ("a - (b - c)", "a - (b - c)"),
        (a - b) - c: ("a - b - c", "a - b - c"),
        a * (b + c): ("a * (b + c)", r"a \circ (b + c)"),
        a * b + c: ("a * b + c", r"a \circ b + c"),
        a / (b * c): ("a / (b * c)", r"\frac{a}{b \circ c}"),
        (a + b) / c: ("(a + b) / c", r"\frac{a + b}{c}"),
        -(a + b) * c: ("(-(a + b)) * c", r"(-(a + b)) \circ c"),
        -(a * b): ("-a * b", r"-a \circ b"),
        power(a + b, exponent=2): ("(a + b)**2", "{(a + b)}^{2}"),
        power(tanh(a), exponent=-1): ("tanh(a)**-1", r"{\tanh(a)}^{-1}"),
        (a + b) * (a + b): ("(a + b)**2", "{(a + b)}^{2}"),
        2.0 * a: ("2 * a", r"2 \, a"),
        a * 0.5: ("0.5 * a", r"0.5 \, a"),
        a - (-0.5): ("a - (-0.5)", "a - (-0.5)"),
        (a > b) * c: ("[a > b] * c", r"[a > b] \circ c"),
    }
    for node, expected in cases.items():
        assert (written(node, Text()), written(node, Latex())) == expected


def test_products_with_matrices():
    W = parameter("W.f", ("H", "H"))
    names = Names(
        {**NAMES.quantities, W: Quantity("W.f"), (x := parameter("x", ("B", "H"))): Quantity("x", 0)}
    )
    text, latex = Writer(names, Text()), Writer(names, Latex())
    a = LEAVES["a"]
    cases = {
        W @ (a * x): ("W.f @ (a * x_t)", r"W_{f} \, (a \circ x_{t})"),
        a * (W @ x): ("a * (W.f @ x_t)", r"a \circ (W_{f} \, x_{t})"),
        W @ x + a: ("W.f @ x_t + a", r"W_{f} \, x_{t} + a"),
        OPERATIONS["matmul_t"](W, x + a): ("W.f.T @ (x_t + a)", r"{W_{f}}^\top \, (x_{t} + a)"),
        OPERATIONS["outer"](a * x, x + a): (
            "(a * x_t) @ (x_t + a).T",
            r"(a \circ x_{t}) \, {(x_{t} + a)}^\top",
        ),
    }
    for node, expected in cases.items():
        assert (text.define(node).text, latex.define(node).text) == expected


def test_a_quantity_of_another_step():
    writer = Writer(
        Names({LEAVES["a"]: Quantity("h", -1), LEAVES["b"]: Quantity("f", 0, error=True)}), Text()
    )
    node = LEAVES["a"] * LEAVES["b"]
    assert writer.define(node).text == "h_{t-1} * δf_t"
    assert writer.define(node, later=1).text == "h_t * δf_{t+1}"
    assert writer.define(node, later=2).text == "h_{t+1} * δf_{t+2}"
