"""The passes: a compiled program computes what the traced step does, and each pass does what it is for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.cells import CELLS
from elman.core.grad import differentiate
from elman.core.interpret import Array, evaluate
from elman.core.ir import LEAVES, Node, Shape, Step, constant, parameter, topological, variable
from elman.core.ops import OPERATIONS, add, mul, neg, power, sigmoid, sub, tanh
from elman.core.passes import compile_scan, compile_step
from elman.core.passes.simplify import simplify
from elman.core.program import Program
from elman.core.trace import cell
from tests.core.problem import SIZES, Problem, problem
from tests.core.random_cells import cell_of, sources

H: Shape = ("B", "H")


def run(program: Program, drawn: Problem) -> dict[str, Array]:
    """Runs one step of a program, forward and backward, as its parts divide the work; returns all gradients.

    The backward step gets nothing but leaves, what was kept, and errors from outside; the terms of the
    weights nothing but leaves, what was kept, and what the backward step stored.
    """
    step, loop, backward = program.step, program.loop, program.backward
    leaves: dict[Node, Array] = dict(zip(step.states, drawn.states, strict=True))
    leaves |= {param: drawn.params[param.name] for param in step.params}
    leaves |= {mask: drawn.masks[mask.name][0] for mask in step.masks}
    (x,) = step.inputs
    early = evaluate(program.before, {**leaves, x: drawn.x[0]}, SIZES)
    leaves |= {value: early[node] for value, node in zip(loop.inputs, program.before, strict=True)}
    forward = evaluate([*loop.outputs, *program.kept], leaves, SIZES)

    errors = {
        backward.d_output: drawn.weights[0],
        **dict(zip(backward.d_after, drawn.final_weights, strict=True)),
    }
    there = leaves | {node: forward[node] for node in program.kept}
    loop_gradients = [d for d in (*backward.d_states, *backward.d_inputs) if d is not None]
    inside = evaluate([*loop_gradients, *program.errors], there | errors, SIZES)
    stored = {node: inside[node] for node in program.errors}
    terms = [d for d in backward.d_params if d is not None]
    after = evaluate(terms, there | stored, SIZES)

    found = {
        f"state {s.name}": inside[d]
        for s, d in zip(step.states, backward.d_states, strict=True)
        if d is not None
    }
    found |= {
        param.name: after[d] for param, d in zip(loop.params, backward.d_params, strict=True) if d is not None
    }
    return {"output": forward[loop.output], **found}


def check(step: Step, seed: int) -> None:
    """Compares one step of the program with the interpreter of the traced step."""
    drawn = problem(step, seed, steps=1)
    program = compile_step(step)
    early = {node.name for node in topological(program.before) if node.op == "param"}
    expected = {"output": drawn.forward().outputs[0], **drawn.gradients()}
    for name, value in run(program, drawn).items():
        if name not in early:  # the gradients of the others are completed outside of the loop
            np.testing.assert_allclose(value, expected[name], rtol=1e-9, atol=1e-12, err_msg=name)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(source=sources(), seed=st.integers(0, 1000))
def test_a_compiled_random_cell_computes_what_was_traced(source: str, seed: int):
    check(cell_of(source).step, seed)


@pytest.mark.parametrize("name", CELLS)
def test_a_compiled_cell_computes_what_was_traced(name: str):
    check(CELLS[name].step, seed=3)


def test_simplify_folds_and_removes():
    a, b = (variable("state", name, H) for name in "ab")
    zero, one = constant(0), constant(1)
    cases = [
        (add(a, zero), a),
        (add(zero, a), a),
        (sub(a, zero), a),
        (sub(zero, a), neg(a)),
        (mul(a, one), a),
        (mul(one, a), a),
        (mul(a, constant(-1)), neg(a)),
        (neg(neg(a)), a),
        (add(a, neg(b)), sub(a, b)),
        (sub(a, neg(b)), add(a, b)),
        (power(a, exponent=1), a),
        (power(a, exponent=2), mul(a, a)),
        (a / 1.0, a),
        (a * (constant(2) * constant(3)), mul(a, constant(6))),
        (mul(mul(a, constant(2)), constant(3)), mul(a, constant(6))),
    ]
    for before, after in cases:
        assert simplify([before]) == (after,), before


def test_simplify_keeps_what_changes_the_shape():
    vector = parameter("b", ("H",))
    column = variable("state", "c", ("B", "1"))
    zero = variable("state", "z", H) * 0.0
    for node in (add(zero, vector), mul(vector, variable("state", "h", H)), add(column, vector)):
        (simple,) = simplify([node])
        assert simple.shape == node.shape


def test_simplify_makes_commuted_operands_one():
    a, b = (variable("state", name, H) for name in "ab")
    first, second = simplify([tanh(a * b), tanh(b * a)])
    assert first is second


@pytest.mark.parametrize("name", CELLS)
def test_simplify_is_done_after_once(name: str):
    step = CELLS[name].step
    once = simplify([*step.outputs, *differentiate(step).outputs])
    assert simplify(once) == once


@pytest.mark.parametrize("name", CELLS)
def test_no_product_of_the_input_alone_stays_in_the_loop(name: str):
    program = compile_step(CELLS[name].step)
    (x,) = program.step.inputs
    states = {*program.step.states, *program.step.masks}
    loop = list(topological(program.loop.outputs))
    assert x not in loop
    for node in loop:
        if node.op == "matmul":
            assert states & set(topological([node])), node


def test_sums_are_gathered_so_that_they_leave_the_loop_whole():
    @cell
    def mixed(x, h, *, W, U, b, c):
        return tanh(c + U @ h + W.a @ x + b + U.b @ h + W.c @ x)

    program = compile_step(mixed.step)
    assert len(program.before) == 1
    inside = {node.name for node in topological(program.before) if node.op == "param"}
    assert inside == {"W.a", "W.c", "b", "c"}


@pytest.mark.parametrize(
    ("name", "kept", "again"),
    [
        ("lstm", ["sigmoid", "sigmoid", "sigmoid", "tanh", "tanh"], 0),
        ("indrnn", [], 2),
        ("min_gru", [], 0),
        ("layer_norm_lstm", ["normalize"] * 5 + ["rstd"] * 5 + ["sigmoid"] * 3 + ["tanh"] * 2, 0),
    ],
)
def test_what_is_kept(name: str, kept: list[str], again: int):
    program = compile_step(CELLS[name].step)
    assert sorted(node.op for node in program.kept) == kept
    known = {*program.kept, *program.loop.leaves}
    forward = set(topological(program.loop.outputs))
    redone = [
        node
        for node in topological(program.backward.outputs, known)
        if node in forward and node.op not in LEAVES
    ]
    assert len(redone) >= again
    assert all(OPERATIONS[node.op].cheap for node in redone)


def test_many_cheap_operations_compile_quickly():
    @cell
    def deep(x, h, *, W):
        h = W @ x + h
        for _ in range(200):
            h = h * h * 0.1 + h * 0.5
        return h

    assert len(compile_step(deep.step).kept) == 0  # and not after 2**200 looks at the same values


SCANS = ["indrnn", "min_gru", "min_lstm", "sru"]


def test_a_step_with_more_than_work_by_element_in_its_loop_is_no_scan():
    found = [name for name in CELLS if compile_scan(compile_step(CELLS[name].step).step) is not None]
    assert found == SCANS


@pytest.mark.parametrize("name", SCANS)
def test_products_alone_leave_the_loop_of_a_scan(name: str):
    step = compile_step(CELLS[name].step).step
    program = compile_scan(step)
    assert program is not None
    assert {node.op for node in topological(program.before)} <= {"input", "param", "matmul", "add"}
    assert not program.kept
    drawn = problem(step, 3, steps=1)
    expected = {"output": drawn.forward().outputs[0], **drawn.gradients()}
    for found, value in run(program, drawn).items():
        if found in ("output", *(f"state {state.name}" for state in step.states)):
            np.testing.assert_allclose(value, expected[found], rtol=1e-9, atol=1e-12, err_msg=found)


def test_what_a_product_of_the_input_is_made_of_leaves_a_scan_with_it():
    @cell
    def deep(x, h, *, W, b):
        z = sigmoid(W.z @ tanh(W.i @ x + b.i) + b.z)
        return z * h + tanh(W.h @ x) * (1 - z)

    program = compile_scan(compile_step(deep.step).step)
    assert program is not None
    assert [node.op for node in program.before] == ["add", "matmul"]
