"""Kernels in Triton against torch's own operations on the same graphs: on a GPU, or without one in Triton's
interpreter.
"""

import hypothesis
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.utils.rnn import pack_sequence
from torch.utils._python_dispatch import TorchDispatchMode

import elman
from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.core.transform import with_recurrent_dropout, with_resets, with_zoneout
from elman.nn import direction
from elman.run import choice
from elman.run.compiled import CellOperands
from elman.run.gpu import cell as gpu_cell
from elman.run.gpu import choose
from elman.run.gpu.cell import GpuCell, why_not
from elman.run.gpu.kernel import GpuKernel
from elman.run.gpu.launch import precision
from elman.run.layout import Layout
from elman.run.loop import Operands
from tests.core.random_cells import cell_of, sources
from tests.run.loops import Case, assert_same

pytest.importorskip("triton")
# numpy tells of what the interpreter computes outside of a tile, which is not stored
pytestmark = pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning")
SIZES = {"P": 9, "O": 4, "I": 3}
FLOAT64 = torch.float64
EITHER_WAY = [(5, Layout((3, 2))), (18, Layout((2, 1), reverse=True))]


@pytest.fixture(
    params=[
        pytest.param("cpu", marks=pytest.mark.skipif(torch.cuda.is_available(), reason="runs on the GPU")),
        pytest.param("cuda", marks=pytest.mark.gpu),
    ]
)
def device(request) -> torch.device:
    """A GPU, or the CPU with Triton's interpreter."""
    return torch.device(request.param, torch.cuda.current_device() if request.param == "cuda" else None)


def same(case: Case, tolerance: float, dtype: torch.dtype = FLOAT64) -> None:
    """Outputs and gradients are those of torch's own operations."""
    loop = case.launched(dtype)
    expected = case.outputs(case.eager)
    assert_same(case.outputs(loop), expected, tolerance)
    assert_same(case.outputs(loop, keep=False), expected, tolerance)
    assert_same(case.gradients(loop), case.gradients(case.eager), tolerance)


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_runs_as_torch_runs_it(name, device):
    program = compile_step(CELLS[name].step)
    for hidden, layout in EITHER_WAY:
        same(Case.random(program, {**SIZES, "H": hidden}, layout, FLOAT64).on(device), 1e-12)


@pytest.mark.parametrize("name", ["gru_reset_before", "layer_norm_lstm", "min_gru"])
def test_every_cell_of_several_tiles_runs_in_float32(name, device):
    case = Case.random(compile_step(CELLS[name].step), {**SIZES, "H": 70}, Layout((17, 9)), torch.float32)
    same(case.on(device), 1e-5, torch.float32)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("batch_sizes", [(4, 2, 2, 1), (3, 3), (1,)], ids=str)
@pytest.mark.parametrize("name", ["gru_reset_before", "sru"])
def test_any_lengths_in_both_directions(name, batch_sizes, reverse, device):
    layout = Layout(batch_sizes, reverse)
    same(Case.random(compile_step(CELLS[name].step), {"I": 3, "H": 3}, layout, FLOAT64).on(device), 1e-12)


@pytest.mark.parametrize("change", [with_zoneout, with_recurrent_dropout, with_resets])
def test_what_a_layer_adds_to_a_cell_is_compiled_too(change, device):
    program = compile_step(change(CELLS["lstm"].step))
    same(Case.random(program, {"I": 3, "H": 6}, Layout((3, 2, 1)), FLOAT64).on(device), 1e-12)


@hypothesis.settings(max_examples=5, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(sources())
def test_random_cells_run_as_torch_runs_them(device, source):
    program = compile_step(cell_of(source).step)
    same(Case.random(program, {"I": 3, "H": 5, "P": 2}, Layout((2, 1)), FLOAT64).on(device), 1e-11)


@pytest.mark.usefixtures("nearest")
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_numbers_of_two_bytes_are_no_worse_than_torchs_own_operations(name, dtype, device):
    program, sizes = compile_step(CELLS[name].step), {"I": 3, "H": 18}
    step, layout = program.step, Layout((4,) * 6)
    x = torch.randn(layout.rows, 3, device=device).to(dtype)
    states = tuple(torch.randn(4, 18, device=device).to(dtype) for _ in step.states)
    params = tuple(torch.randn([sizes[d] for d in p.shape], device=device).to(dtype) / 4 for p in step.params)

    def results(runner, kind: torch.dtype) -> list[torch.Tensor]:
        given = [[v.to(kind).requires_grad_() for v in some] for some in ((x,), states, params)]
        leaves = [leaf for some in given for leaf in some]
        outputs = runner(*given)
        return [*outputs, *torch.autograd.grad(sum(o.double().sum() for o in outputs), leaves)]

    engine = choice.Engine(program, sizes)

    def eager(x, states, params):
        read = [params[step.params.index(param)] for param in program.loop.params]
        operands = Operands(tuple(engine.eager.before(x[0], params)), tuple(states), (), tuple(read))
        found = engine.eager.forward(layout, operands, keep=False)
        return found.output, *found.final

    exact, rough = results(eager, FLOAT64), results(eager, dtype)
    cell = GpuCell(program, sizes, dtype, device)
    operands = CellOperands(x, None, states, (), params)
    run = cell.forward(layout, operands, keep=True)
    assert [value.dtype for value in run.saved] == cell.saved_formats()
    assert [value.shape for value in run.saved] == cell.saved_shapes(len(x), layout.rows, 4)
    ones = [torch.ones_like(value) for value in (run.output, *run.final)]
    found = cell.backward(layout, operands, run.saved, ones[0], ones[1:], need_x=True)
    mine = [run.output, *run.final, found.x, *found.states, *found.params]
    for value, theirs, wanted in zip(mine, rough, exact, strict=True):
        assert value is not None
        assert value.dtype == dtype
        rounding = 2 * torch.finfo(dtype).eps * float(wanted.detach().abs().max())
        assert (value - wanted).abs().max() <= max(float((theirs - wanted).detach().abs().max()), rounding)


@pytest.mark.usefixtures("nearest")
def test_under_autocast_gradients_have_four_bytes(device):
    program, sizes = compile_step(CELLS["simple"].step), {"I": 3, "H": 5}
    case = Case.random(program, sizes, Layout((2, 2)), torch.float32).on(device)
    x, params = torch.randn(4, 3, device=device), [torch.randn(5, 3), torch.randn(5, 5) / 4, torch.randn(5)]
    params = [params[("W", "U", "b").index(param.name[0])].to(device) for param in program.step.params]
    operands = CellOperands(x, None, case.operands.states, (), tuple(params))
    cell, exact = (GpuCell(program, sizes, dtype, device) for dtype in (torch.bfloat16, torch.float32))
    runs = [one.forward(case.layout, operands, keep=True) for one in (cell, exact)]
    assert runs[0].output.dtype == torch.bfloat16
    found, expected = (
        one.backward(case.layout, operands, run.saved, run.output, run.final, need_x=True)
        for one, run in zip((cell, exact), runs, strict=True)
    )
    for mine, theirs in zip((found.x, *found.params), (expected.x, *expected.params), strict=True):
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine, theirs, rtol=0, atol=0.05 * float(theirs.abs().max()))


@pytest.fixture
def launched(device, monkeypatch) -> torch.device:
    """Layers run in Triton's kernels."""
    direction._engine.cache_clear()
    if device.type == "cpu":
        monkeypatch.setattr(choice, "CompiledCell", lambda *given: GpuCell(*given, device))
    yield device
    direction._engine.cache_clear()


@pytest.fixture
def steps(monkeypatch) -> list[torch.device]:
    """The devices of all loops that kernels in Triton ran."""
    made = []
    call = GpuKernel.__call__

    def recorded(self, values, *given):
        made.append(next(iter(values.values())).device)
        return call(self, values, *given)

    monkeypatch.setattr(GpuKernel, "__call__", recorded)
    return made


def test_a_layer_in_both_directions_is_torchs(launched, steps):
    mine, theirs = (
        module(3, 6, num_layers=2, bidirectional=True, dtype=FLOAT64, device=launched)
        for module in (elman.LSTM, torch.nn.LSTM)
    )
    theirs.load_state_dict(mine.state_dict())
    texts = [torch.randn(length, 3, dtype=FLOAT64, device=launched) for length in (3, 2, 1)]
    xs = [pack_sequence([text.clone().requires_grad_() for text in texts]) for _ in range(2)]
    outputs = [layer(x) for layer, x in zip((mine, theirs), xs, strict=True)]
    for (packed, states), x in zip(outputs, xs, strict=True):
        x.data.retain_grad()
        (packed.data.sin().sum() + sum(state.cos().sum() for state in states)).backward()
    assert len(steps) == 8
    torch.testing.assert_close(outputs[0][0].data, outputs[1][0].data, rtol=0, atol=1e-12)
    torch.testing.assert_close(xs[0].data.grad, xs[1].data.grad, rtol=0, atol=1e-12)
    for weight, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(weight.grad, other.grad, rtol=0, atol=1e-11)


@pytest.mark.parametrize("symbols", [4, 40])
def test_symbols_are_looked_up(symbols, launched, steps):
    layer = elman.Recurrent("gru", symbols, 5, dtype=FLOAT64, device=launched)
    x = torch.randint(symbols, (4, 2), device=launched)
    found = torch.autograd.grad(layer(x)[0].sin().sum(), list(layer.parameters()))
    assert len(steps) == 2
    with elman.kernels("eager"):
        expected = torch.autograd.grad(layer(x)[0].sin().sum(), list(layer.parameters()))
    assert_same(found, expected, 1e-12)


def test_heads_are_run_one_after_the_other(launched, steps):
    layer = elman.Recurrent("layer_norm_gru", 3, 10, heads=2, dtype=FLOAT64, device=launched)
    x = torch.randn(3, 2, 3, dtype=FLOAT64, device=launched, requires_grad=True)
    found = torch.autograd.grad(layer(x)[0].sin().sum(), [x, *layer.parameters()])
    assert len(steps) == 2 * 2
    with elman.kernels("eager"):
        expected = torch.autograd.grad(layer(x)[0].sin().sum(), [x, *layer.parameters()])
    assert_same(found, expected, 1e-11)


class NothingAsked(TorchDispatchMode):
    """Refuses what would wait for a GPU: a number, or a size, that depends on what it computes."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        assert function.overloadpacket not in WAITS, function
        return function(*args, **(kwargs or {}))


ATEN = torch.ops.aten
WAITS = {
    ATEN._local_scalar_dense,
    ATEN.nonzero,
    ATEN.masked_select,
    ATEN.equal,
    ATEN.is_nonzero,
    ATEN._unique2,
}


@pytest.mark.parametrize("name", ["simple", "min_gru"])
def test_a_warm_training_step_asks_the_device_for_nothing(name, launched):
    layer = elman.Recurrent(name, 2, 3, device=launched)
    x = pack_sequence([torch.randn(length, 2, device=launched) for length in (2, 1)])

    def step() -> None:
        layer(x)[0].data.sin().sum().backward()

    step()
    with NothingAsked():
        step()


def test_float32_is_multiplied_as_in_cudnns_layers(monkeypatch):
    assert precision() == "tf32"
    monkeypatch.setattr(torch.backends.cudnn.rnn, "fp32_precision", "ieee")
    assert precision() == "ieee"


def test_a_gradient_of_a_gradient_is_taken_in_torchs_operations(launched):
    layer = elman.Recurrent("simple", 2, 3, dtype=FLOAT64, device=launched)
    x = torch.randn(2, 2, 2, dtype=FLOAT64, device=launched, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda x: layer(x)[0], x)


def test_kernels_that_cannot_be_made_leave_a_layer_to_torch_with_the_reason(launched, monkeypatch):
    def fail(*given):
        raise RuntimeError("no such instruction")

    monkeypatch.setattr(choose, "emit_steps", fail)
    choose.plans.cache_clear()
    layer = elman.GRU(3, 5, device=launched)
    reference = torch.nn.GRU(3, 5, device=launched)
    reference.load_state_dict(layer.state_dict())
    x = torch.randn(2, 2, 3, device=launched)
    with pytest.warns(RuntimeWarning, match="gru could not be compiled .*no such instruction"):
        found = layer(x)[0]
    torch.testing.assert_close(found, reference(x)[0])


def test_kernels_are_made_while_torch_traces(device):
    case = Case.random(compile_step(CELLS["simple"].step), {"I": 2, "H": 3}, Layout((2, 2)), FLOAT64)
    loop = case.on(device).launched(FLOAT64)
    with FakeTensorMode():
        loop.compile(training=True)
    same(case.on(device), 1e-12)


@pytest.mark.parametrize(
    ("installed", "capability", "reason"),
    [
        (None, (9, 0), "triton is not installed"),
        (object(), (7, 5), "its compute capability is 7.5, kernels need 8.0"),
        (object(), (8, 0), None),
    ],
)
def test_a_gpu_without_kernels_says_why_once(installed, capability, reason, monkeypatch):
    monkeypatch.setattr(gpu_cell, "find_spec", lambda name: installed)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    why_not.cache_clear()
    choice._runs_triton.cache_clear()
    first = torch.device("cuda", 0)
    assert why_not(first) == reason
    if reason is None:
        assert choice.runs_cells(first, torch.float32)
    else:
        with pytest.warns(RuntimeWarning, match=f"cuda:0 run in torch's own operations, slower: {reason}"):
            assert not choice.runs_cells(first, torch.float32)
        assert not choice.runs_cells(first, torch.float32)
    why_not.cache_clear()
    choice._runs_triton.cache_clear()
