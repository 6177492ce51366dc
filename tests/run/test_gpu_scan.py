"""Loops taken many steps at a time against torch's own operations: on a GPU, or in Triton's interpreter."""

import os
import subprocess
import sys
from dataclasses import replace

import hypothesis
import pytest
import torch
from hypothesis import HealthCheck
from hypothesis import strategies as st

import elman
from elman.cells import CELLS
from elman.core.ops import sigmoid, tanh
from elman.core.passes import compile_step
from elman.core.trace import cell
from elman.emit.triton import linear as text
from elman.nn import direction
from elman.run import choice
from elman.run.gpu import linear
from elman.run.gpu.cell import GpuCell
from elman.run.gpu.choose import plan
from elman.run.gpu.linear import LinearPlan
from elman.run.layout import Layout
from elman.run.loop import Operands
from tests.run.loops import Case, assert_same

pytest.importorskip("triton")
# numpy tells of what the interpreter computes outside of a tile, which is not stored
pytestmark = pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning")
SIZES = {"H": 3, "I": 2}
FLOAT64 = torch.float64


@cell(states="c")
def light(x, c, *, W, b):
    """SRU without a look at its state: the output bends it."""
    f = sigmoid(W.f @ x + b.f)
    c = f * c + (1 - f) * (W.c @ x)
    r = sigmoid(W.r @ x + b.r)
    return r * tanh(c) + (1 - r) * (W.s @ x), c


@cell(states="h m c")
def chained(x, h, m, c, *, W, v, b):
    """States that follow from others, one of them not from itself."""
    c = c + v.c * (W.c @ x - c)
    m = sigmoid(c + b.m) * m + (W.m @ x) / (1 + c * c)
    return tanh(m) * c - h, 0.5 * h + m * v.h, m, c


@pytest.fixture(
    params=[
        pytest.param("cpu", marks=pytest.mark.skipif(torch.cuda.is_available(), reason="runs on the GPU")),
        pytest.param("cuda", marks=pytest.mark.gpu),
    ]
)
def device(request, monkeypatch) -> torch.device:
    """A GPU, or the CPU with Triton's interpreter; tiles are of few steps."""
    monkeypatch.setattr(linear, "STEPS", 4)
    monkeypatch.setattr(text, "STEPS", 2)
    monkeypatch.setattr(linear, "SPAN", 3)
    return torch.device(request.param)


@pytest.fixture
def spans(monkeypatch) -> list[int]:
    """Over how many programs the steps of each loop were spread that was taken so."""
    found = []
    spread = LinearPlan.spans

    def recorded(self, work, tiles):
        found.append(spread(self, work, tiles))
        return found[-1]

    monkeypatch.setattr(LinearPlan, "spans", recorded)
    return found


def same(case: Case, tolerance: float) -> None:
    """Outputs and gradients are those of torch's own operations."""
    loop = case.launched(FLOAT64)
    assert_same(case.outputs(loop), case.outputs(case.eager), tolerance)
    assert_same(case.gradients(loop), case.gradients(case.eager), tolerance)


@pytest.mark.parametrize(
    "of", [CELLS["min_gru"], CELLS["min_lstm"], CELLS["sru"], CELLS["indrnn"], light, chained]
)
def test_loops_are_torchs(of, device, spans):
    case = Case.random(compile_step(of.step), SIZES, Layout((2,) * 4 + (1,) * 3), FLOAT64).on(device)
    same(case, 1e-12)
    ways = 1 if of in (CELLS["sru"], CELLS["indrnn"]) else 3
    assert len(spans) == ways
    assert (max(spans) > 1) == (of is not chained)


@pytest.mark.parametrize("of", ["min_lstm", "sru", light])
def test_a_layer_is_torchs_where_products_alone_leave_the_loop(of, device, spans, monkeypatch):
    direction._engine.cache_clear()
    if device.type == "cpu":
        monkeypatch.setattr(
            choice, "CompiledCell", lambda program, sizes, dtype: GpuCell(program, sizes, dtype, device)
        )
    layer = elman.Recurrent(of, 2, 3, dtype=FLOAT64, device=device)
    x = torch.randn(7, 2, 2, dtype=FLOAT64, device=device, requires_grad=True)
    leaves = [x, *layer.parameters()]
    found = torch.autograd.grad(layer(x)[0].sin().sum(), leaves)
    assert spans
    with elman.kernels("eager"):
        expected = torch.autograd.grad(layer(x)[0].sin().sum(), leaves)
    assert_same(found, expected, 1e-12)
    direction._engine.cache_clear()


@hypothesis.settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@hypothesis.given(st.lists(st.integers(1, 3), min_size=1, max_size=9), st.booleans())
def test_any_lengths_in_both_directions(device, sizes, reverse):
    layout = Layout(tuple(sorted(sizes, reverse=True)), reverse)
    same(Case.random(compile_step(light.step), SIZES, layout, FLOAT64).on(device), 1e-12)


def test_sums_of_float32_are_no_worse_than_step_by_step(device, spans):
    program, layout = compile_step(CELLS["min_gru"].step), Layout((1,) * 24)
    exact = Case.random(program, SIZES, layout, FLOAT64)
    expected = [*exact.outputs(exact.eager), *exact.gradients(exact.eager)]
    given = exact.operands
    operands = (given.inputs, given.states, given.masks, given.params)
    rough = replace(exact, operands=Operands(*(tuple(v.float() for v in some) for some in operands))).on(
        device
    )

    def worst(kind: str) -> float:
        with plan(kind):
            loop = rough.launched(torch.float32)
            found = [*rough.outputs(loop), *rough.gradients(loop)]
        return max(float((a.cpu() - b).abs().max()) for a, b in zip(found, expected, strict=True))

    linear_error = worst("linear")
    taken = len(spans)
    assert taken == 3
    assert linear_error <= 2 * worst("scan") + 1e-7
    assert len(spans) == taken


@pytest.mark.parametrize(
    ("batch", "steps", "reason"),
    [(64, 512, None), (64, 15, "15 steps are few, 8 are"), (264, 512, "264 sequences of 512 units fill")],
)
def test_steps_are_taken_at_once_where_it_pays(batch, steps, reason):
    found = text.why_slower(batch, 512, steps, processors=132)
    assert found is None if reason is None else reason in str(found)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["min_gru", "min_lstm"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_scans_compile_for_a_hopper_without_spills(cell, dtype):
    environment = {key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"}
    command = [sys.executable, "-W", "ignore", "-m", "tests.emit.ahead", cell, dtype, "tf32", "linear"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    launches = [line.split()[:3] for line in done.stdout.splitlines()]
    assert launches == [
        [way, name, "0"] for way in ("forward", "backward") for name in ("spans_H", "steps_H")
    ]
