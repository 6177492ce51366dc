"""The plan of a kernel: what it says is done is computed, and must be what the interpreter computes."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from elman.cells import CELLS, find
from elman.core.errors import InputError
from elman.core.passes import compile_step
from elman.core.transform import with_recurrent_dropout, with_zoneout
from elman.emit.show import Loop, Plan, show_kernel, show_triton
from elman.emit.target import TARGETS
from tests.core import printed
from tests.core.printed import BEFORE, Weights, compute
from tests.core.problem import Problem, problem

STEPS = [(name, cell.step) for name, cell in CELLS.items()]
STEPS += [(add.__name__, add(CELLS["lstm"].step)) for add in (with_zoneout, with_recurrent_dropout)]


def equations(plan: Plan) -> Iterator[tuple[str, str]]:
    """The equations of a plan in their order, left and right of the sign."""
    for section in plan.sections():
        for line in section.equations:
            for equation in re.sub("^(products|over a row|by element): ", "", line).split("; "):
                left, equals, right = equation.partition(" = ")
                if equals:
                    yield left.replace("_{t-1}", BEFORE), right


def run(plan: Plan, known: dict[str, object]) -> dict[str, object]:
    """Computes a step by the equations of a plan."""
    now = dict(known)
    for left, right in equations(plan):
        now[left] = compute(right, now)
    return now


def weights_of(drawn: Problem) -> dict[str, object]:
    arrays = {name: value if value.ndim == 2 else value[:, None] for name, value in drawn.params.items()}
    roots = {name.partition(".")[0] for name in arrays}
    return {root: arrays.get(root, Weights(arrays, root)) for root in roots}


@pytest.mark.parametrize(("name", "step"), STEPS, ids=[name for name, _ in STEPS])
def test_the_equations_of_every_plan_are_true(name, step, monkeypatch):
    monkeypatch.setattr(printed, "EPS", 1e-5)
    program, drawn = compile_step(step), problem(step, seed=1, batch=1)
    states = [state.name for state in step.states]
    weights, steps = weights_of(drawn), []
    carried = {state: value.T for state, value in zip(states, drawn.states, strict=True)}
    for t, x in enumerate(drawn.x):
        given = {"x_t": x.T, **{f"{mask}_t": rows[t].T for mask, rows in drawn.masks.items()}}
        given |= {mask: rows[t].T for mask, rows in drawn.masks.items()}
        given |= {state + BEFORE: value for state, value in carried.items()}
        steps.append(run(Plan(program, "forward"), weights | given))
        carried = {state: steps[-1][f"{state}_t"] for state in states}
    for state, expected in zip(states, drawn.forward().final, strict=True):
        np.testing.assert_allclose(carried[state].T, expected, rtol=1e-9, atol=1e-12)

    errors = {state: error.T for state, error in zip(states, drawn.final_weights, strict=True)}
    for t, values in reversed(list(enumerate(steps))):
        given = {"Δ_t": drawn.weights[t].T, **{f"δ{state}_t": error for state, error in errors.items()}}
        found = run(Plan(program, "backward"), values | given)
        errors = {state: found.get(f"δ{state}{BEFORE}", np.zeros_like(errors[state])) for state in states}
    expected = drawn.gradients()
    for state in states:
        np.testing.assert_allclose(errors[state].T, expected[f"state {state}"], rtol=1e-7, atol=1e-10)


def test_a_plan_says_what_is_read_left_and_done():
    text = show_kernel(find("gru_reset_before"), TARGETS["x86-64-v3"], "float64")
    plan, _, ir = text.partition("\nLLVM IR\n\n")
    assert plan == (
        "gru_reset_before: the loop forward for x86-64-v3, float64\n"
        "\n"
        "Processor\n"
        "  vectors of 4 numbers\n"
        "  products in a register tile of 6 rows by 2 vectors\n"
        "\n"
        "Reads\n"
        "  x1_t = W.z @ x_t + b.z\n"
        "  x2_t = W.r @ x_t + b.r\n"
        "  x3_t = W.n @ x_t + b.n\n"
        "  h_{t-1}: of the step taken before\n"
        "  U.z, U.r, U.n: packed for the tile\n"
        "\n"
        "Leaves\n"
        "  h_t: for the step taken next\n"
        "  h_t: the output\n"
        "  z_t, r_t, n_t: kept for the loop backward\n"
        "  v1_t: for a later stage\n"
        "\n"
        "Stage 1 of 2\n"
        "  products: p1_t = U.z @ h_{t-1}; p2_t = U.r @ h_{t-1}\n"
        "  by element: z_t = sigmoid(x1_t + p1_t)\n"
        "  by element: r_t = sigmoid(x2_t + p2_t)\n"
        "  by element: v1_t = r_t * h_{t-1}\n"
        "\n"
        "Stage 2 of 2\n"
        "  products: p3_t = U.n @ v1_t\n"
        "  by element: n_t = tanh(x3_t + p3_t)\n"
        "  by element: h_t = z_t * h_{t-1} + (1 - z_t) * n_t\n"
    )
    assert ir.startswith('; ModuleID = "gru_reset_before"\n')
    assert "<4 x double>" in ir


def test_a_scan_has_no_tile():
    plan, _, ir = show_kernel(find("min_gru"), TARGETS["neon"], "float32", "backward").partition("LLVM IR")
    assert "tile" not in plan
    assert "aarch64" in ir
    assert "<4 x float>" in ir


@pytest.mark.parametrize(
    ("cell", "hidden_size", "head", "launches", "matrices"),
    [
        (
            "lstm",
            2048,
            "A launch a stage of every step\n"
            "  stage_1_H: tiles of sequences and units of H\n"
            "  matrices do not stay on the chip: "
            "its matrices take 512 KiB of each multiprocessor, which has room for 211\n",
            ["stage_1_H"],
            "read by every tile",
        ),
        (
            "gru_reset_before",
            500,
            "One launch for all steps, matrices on the chip\n"
            "  64 sequences, 500 units, 512 steps, on 132 multiprocessors with 227 KiB of shared memory\n"
            "  groups of 16 sequences: 4; in each, programs of 16 units: 32\n"
            "  matrices that a program keeps: 96 KiB\n"
            "  the programs of a group meet 2 times in a step\n"
            "  products in TF32; exact ones are launched stage by stage\n",
            ["loop"],
            "kept on the chip",
        ),
    ],
)
def test_the_kernels_of_a_gpu_are_shown_with_their_source(cell, hidden_size, head, launches, matrices):
    on_cpu, on_gpu = (
        show_kernel(find(cell), TARGETS["neon"]).partition("\nLLVM IR\n")[0],
        show_triton(find(cell), "float32", loop=Loop(hidden_size)).partition("\nTriton\n"),
    )
    plan, _, source = on_gpu
    first, _, rest = plan.partition("\nReads\n")
    assert first == f"{cell}: the loop forward for triton, float32\n\n{head}"
    assert rest.replace(matrices, "packed for the tile") == on_cpu.partition("\nReads\n")[2]
    assert re.findall(r"^def ((?:stage|scan|loop)\w*)\(", source, re.MULTILINE) == launches
    assert "operands of products rounded" not in plan


def test_a_scan_is_shown_as_a_gpu_takes_it():
    one = "One launch for all steps\n  scan_H: tiles of sequences and units of H\n"
    plan, _, source = show_triton(find("sru")).partition("\nTriton\n")
    assert one in plan
    assert "kept" not in plan
    assert "def scan_H(" in source
    plan, _, source = show_triton(find("min_gru")).partition("\nTriton\n")
    assert "An associative scan over the steps\n" in plan
    assert "x1_t = W.z @ x_t + b.z\n" in plan
    assert "tl.associative_scan" in source
    plan, _, source = show_triton(find("min_gru"), loop=Loop(steps=3)).partition("\nTriton\n")
    assert f"{one}  steps are not taken together: 3 steps are few, 8 are taken at a time\n" in plan
    assert "tl.associative_scan" not in source


def test_a_loop_of_few_steps_is_shown_with_the_reason_for_its_plan():
    shown = show_triton(find("lstm"), loop=Loop(steps=3))
    assert "  matrices do not stay on the chip: 3 steps are fewer than 8\n" in shown
    shown = show_triton(find("lstm"), "float64", loop=Loop(hidden_size=64))
    assert "on the chip: products of numbers that are not rounded were not tried so\n" in shown


def test_rounded_products_are_shown_for_a_gpu_where_there_are_products():
    assert "of products rounded to bfloat16; all else in float32" in show_triton(find("lstm"), "bfloat16")
    assert "rounded" not in show_triton(find("sru"), "bfloat16")


def test_rounded_products_are_shown_where_the_processor_has_them():
    plan, _, ir = show_kernel(find("lstm"), TARGETS["x86-64-v4"], "bfloat16").partition("\nLLVM IR\n\n")
    assert "  operands of products rounded to bfloat16, two at a time; all else in float32\n" in plan
    assert ir.count("fptrunc <16 x float>") == 1  # h, which the next step multiplies
    assert "bfloat_tile_6" in ir
    with pytest.raises(InputError, match="x86-64-v3 does not multiply bfloat16"):
        show_kernel(find("lstm"), TARGETS["x86-64-v3"], "bfloat16")
    with pytest.raises(InputError, match="the loop backward computes in float32"):
        show_kernel(find("lstm"), TARGETS["x86-64-v4"], "bfloat16", "backward")
