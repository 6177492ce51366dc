"""Loops taken many steps at a time against torch's own operations: on a GPU, or in Triton's interpreter."""

import pytest
import torch

import elman
from elman.cells import CELLS
from elman.core.ops import sigmoid, tanh
from elman.core.passes import compile_step
from elman.core.trace import cell
from elman.nn import direction
from elman.run import choice
from elman.run.gpu import linear
from elman.run.gpu.cell import GpuCell
from elman.run.gpu.linear import LinearPlan
from elman.run.layout import Layout
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
    monkeypatch.setattr(linear, "STEPS", 2)
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
        monkeypatch.setattr(choice, "CompiledCell", lambda *given: GpuCell(*given, device))
    layer = elman.Recurrent(of, 2, 3, dtype=FLOAT64, device=device)
    x = torch.randn(7, 2, 2, dtype=FLOAT64, device=device, requires_grad=True)
    leaves = [x, *layer.parameters()]
    found = torch.autograd.grad(layer(x)[0].sin().sum(), leaves)
    assert spans
    with elman.kernels("eager"):
        expected = torch.autograd.grad(layer(x)[0].sin().sum(), leaves)
    assert_same(found, expected, 1e-12)
    direction._engine.cache_clear()
