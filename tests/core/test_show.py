"""What is shown of a cell: the printed equations are run, and must be true."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser

from elman.cells import CELLS, find
from elman.core.ir import Step
from elman.core.latex import Latex, prose
from elman.core.notation import Quantity
from elman.core.ops import exp, sigmoid, sign, softplus, tanh
from elman.core.passes import compile_step
from elman.core.show import sections, show
from elman.core.text import Text
from elman.core.trace import Cell, cell
from tests.core import printed
from tests.core.printed import Page, Zero
from tests.core.problem import problem
from tests.core.random_cells import cell_of, sources

VARIANTS = [*CELLS, "simple(f=relu)", "simple(f=sigmoid)", "rhn(depth=1)", "rhn(depth=5)"]


def check(step: Step, seed: int) -> None:
    """Compares what the printed equations compute with the interpreter."""
    drawn = problem(step, seed, batch=1)
    drawn = replace(drawn, final_weights=tuple(np.zeros_like(weights) for weights in drawn.final_weights))
    page = Page(sections(compile_step(step), Text()), drawn)
    for now, states in zip(page.values, drawn.forward().states[1:], strict=True):
        for state, expected in zip(step.states, states, strict=True):
            np.testing.assert_allclose(now[f"{state.name}_t"].T, expected, rtol=1e-9, atol=1e-12)
    found = page.gradients()
    expected = drawn.gradients()
    assert found.keys() <= expected.keys()
    assert {name for name in expected if not name.startswith("state")} <= found.keys()
    for name, value in found.items():
        if isinstance(value, Zero) or np.size(value) == 1:
            value = np.full_like(expected[name], 0 if isinstance(value, Zero) else value)
        value = np.reshape(value, expected[name].shape)
        np.testing.assert_allclose(value, expected[name], rtol=1e-7, atol=1e-10, err_msg=name)


def section(given: str | Cell, heading: str) -> list[str]:
    """Returns the equations under a heading."""
    made = find(given) if isinstance(given, str) else given
    (found,) = (part for part in sections(compile_step(made.step), Text()) if part.heading == heading)
    return list(found.equations)


@pytest.mark.parametrize("spec", VARIANTS)
def test_the_printed_equations_of_every_cell_are_true(spec: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printed, "EPS", 1e-5)
    check(find(spec).step, seed=1)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(source=sources(), seed=st.integers(0, 1000))
def test_the_printed_equations_of_random_cells_are_true(source: str, seed: int):
    step = cell_of(source).step
    check(step, seed)
    check(replace(step, names={}), seed)  # with longer equations, and so more brackets


@cell(states="h c")
def delay(x, h, c, *, W, u):
    return tanh(W @ x + u.c * c - u.h * h), h


@cell(states="h c")
def doubled(x, h, c, *, W, u):
    c = tanh(W @ x + u * h - c)
    return c, c


@cell(states="h c")
def flat(x, h, c, *, W):
    h = tanh(W.a @ x + W.b @ h + sign(c))
    return h, h * sign(c)


@cell
def shared(x, h, *, W, U):
    both = W @ x + U @ h
    write = sigmoid(W @ x + U @ h)
    return write * tanh(both)


@cell
def unnamed_sum(x, h, *, W, U):
    write = sigmoid(W @ x + U @ h)
    read = tanh(W @ x + U @ h)
    return write * read


@cell
def of_weights(x, h, *, W, a, n):
    decay = exp(-exp(n))
    return decay * h + (1 - decay**2) * (W @ x) * softplus(a)


@pytest.mark.parametrize("made", [delay, flat, shared, unnamed_sum, of_weights], ids=lambda made: made.name)
def test_the_printed_equations_of_unusual_cells_are_true(made: Cell):
    check(made.step, seed=2)


def test_what_is_the_same_at_all_steps_has_no_index_of_time():
    assert section(of_weights, "Forward")[0] == "decay = exp(-exp(n))"


def test_a_value_that_is_two_states_has_one_error():
    """δh_t = ∂E/∂h_t, through c_t too."""
    assert section(doubled, "Forward")[1:] == ["h_t = tanh(a_t)", "c_t = h_t"]
    assert section(doubled, "Backward") == [
        "δh_t = Δ_t + δa_{t+1} * u + -δa_{t+1}",
        "δa_t = δh_t * (1 - h_t**2)",
    ]


def test_a_sum_with_two_uses_has_an_error_of_its_own():
    assert section(shared, "Forward")[0] == "both_t = W @ x_t + U @ h_{t-1}"
    assert section(unnamed_sum, "Forward")[0] == "a_t = W @ x_t + U @ h_{t-1}"
    for made, name in ((shared, "both"), (unnamed_sum, "a")):
        errors = dict(line.split(" = ") for line in section(made, "Backward"))
        assert f"δ{name}_t" in errors
        assert errors["δh_t"] == f"Δ_t + U.T @ δ{name}_{{t+1}}"


def test_a_simple_network_reads_as_in_a_textbook():
    page = show(find("simple"))
    assert (
        page.partition("\n")[2]
        == """
Weights
  W: H×I
  U: H×H
  b: H

Forward: for t from 1 to T.
  a_t = W @ x_t + U @ h_{t-1} + b
  h_t = tanh(a_t)

Backward: for t from T to 1. Δ_t = ∂E_t/∂h_t enters at step t; δv_t = ∂E/∂v_t for a value v, and zero beyond
  T.
  δh_t = Δ_t + U.T @ δa_{t+1}
  δa_t = δh_t * (1 - h_t**2)

Gradients
  ∂E/∂x_t = W.T @ δa_t
  ∂E/∂W = Σ_t δa_t @ x_t.T
  ∂E/∂U = Σ_t δa_t @ h_{t-1}.T
  ∂E/∂b = Σ_t δa_t

Before the loop: for all steps at once.
  W @ x_t + b

Kept for the backward loop: beside the input and the states before each step.
  h_t
"""
    )


def test_the_errors_of_an_lstm_are_those_of_the_literature():
    """Greff et al. 2017, appendix A, without peepholes: one line a gate."""
    terms = [set(re.split(r" (?:\+|=|\*) ", line)) for line in section("lstm", "Backward")]
    expected = [
        {"δh_t", "Δ_t", *(f"U.{gate}.T @ δ{gate}_{{t+1}}" for gate in "ifgo")},
        {"δc_t", "δc_{t+1}", "f_{t+1}", "δh_t", "o_t", "(1 - tanh(c_t)**2)"},
        {"δo_t", "δh_t", "tanh(c_t)", "o_t", "(1 - o_t)"},
        {"δg_t", "δc_t", "i_t", "(1 - g_t**2)"},
        {"δf_t", "δc_t", "c_{t-1}", "f_t", "(1 - f_t)"},
        {"δi_t", "δc_t", "g_t", "i_t", "(1 - i_t)"},
    ]
    assert len(terms) == len(expected)
    assert all(line in terms for line in expected)


def test_the_gradients_of_an_lstm_are_sums_over_the_steps():
    expected = {"∂E/∂x_t = W.g.T @ δg_t + W.i.T @ δi_t + W.f.T @ δf_t + W.o.T @ δo_t"}
    for gate in "ifgo":
        expected |= {
            f"∂E/∂W.{gate} = Σ_t δ{gate}_t @ x_t.T",
            f"∂E/∂U.{gate} = Σ_t δ{gate}_t @ h_{{t-1}}.T",
            f"∂E/∂b.{gate} = Σ_t δ{gate}_t",
        }
    lines = section("lstm", "Gradients")
    assert {frozenset(re.split(r" \+ | = ", line)) for line in lines} == {
        frozenset(re.split(r" \+ | = ", line)) for line in expected
    }


def test_the_division_of_the_work_is_shown():
    assert section("gru", "Before the loop") == [f"W.{gate} @ x_t + b.{gate}" for gate in "rzn"]
    assert section("gru", "Kept for the backward loop") == ["r_t, z_t, v1_t, n_t"]
    assert section("gru", "Computed again there") == ["1 - z_t"]
    assert section("min_gru", "Before the loop") == ["1 - z_t", "z_t * v1_t"]


@pytest.mark.parametrize("spec", CELLS)
def test_no_equation_is_too_long_to_read(spec: str):
    assert max(len(line) for heading in ("Forward", "Backward") for line in section(spec, heading)) <= 110


def mathtext(page: str) -> int:
    """Parses all equations of a LaTeX document; returns how many there are."""
    parser = MathTextParser("path")
    equations = re.findall(r"^\\\[ (.*) \\\]$", page, re.MULTILINE) + re.findall(
        r"(?<!\\)\$(.+?)(?<!\\)\$", page
    )
    for equation in equations:
        parser.parse(f"${equation}$")
    return len(equations)


@pytest.mark.parametrize("spec", CELLS)
def test_the_latex_of_every_cell_can_be_set(spec: str):
    made = find(spec)
    page = show(made, "latex")
    assert mathtext(page) >= 2 * len(made.parameters)  # a forward equation or more, and a gradient, for each
    assert page.startswith("\\documentclass{article}\n")
    assert page.endswith("\\end{document}\n")


@settings(max_examples=5, deadline=None, derandomize=True)
@given(sources())
def test_the_latex_of_random_cells_can_be_set(source: str):
    assert mathtext(show(cell_of(source), "latex"))


def test_names_in_latex():
    write = Latex().quantity
    assert write(Quantity("f", 0)) == "f_{t}"
    assert write(Quantity("f", 1, error=True)) == r"\delta f_{t+1}"
    assert write(Quantity("W.f")) == "W_{f}"
    assert write(Quantity("R.0.h")) == "R_{0,h}"
    assert write(Quantity("into_h2", -1)) == r"\mathrm{into\_h}^{(2)}_{t-1}"
    assert write(Quantity("alpha", 0)) == r"\alpha_{t}"
    assert write(Quantity("λ2", 0)) == r"\lambda^{(2)}_{t}"


def test_numbers():
    assert [Text().number(value) for value in (1.0, 0.5, 1e-30, 0.1 + 0.2)] == [
        "1",
        "0.5",
        "1e-30",
        "0.30000000000000004",
    ]
    assert [Latex().number(value) for value in (1.0, 0.5, 1e-30, 2.5e-7, 0.1 + 0.2)] == [
        "1",
        "0.5",
        "10^{-30}",
        r"2.5 \cdot 10^{-7}",
        "0.3",
    ]


def test_prose_in_latex_is_safe():
    assert prose("50% of a_b & {c}, #1") == r"50\% of a\_b \& \{c\}, \#1"
    assert prose("~ $x^2$ \\") == r"\textasciitilde{} \$x\textasciicircum{}2\$ \textbackslash{}"
    assert prose("σ(x) ∘ y") == r"$\sigma$(x) $\circ$ y"
