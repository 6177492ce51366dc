"""Steps captured once and replayed for other loops, by a recorder in place of a CUDA graph; on a GPU, by
CUDA's own.
"""

from itertools import product

import pytest
import torch

import elman
from elman.cells import CELLS
from elman.core.errors import InputError
from elman.core.passes import compile_step
from elman.run import layout as layouts
from elman.run.gpu import choose, steps
from elman.run.gpu.graph import Graph, Graphs, captured
from elman.run.gpu.launch import Launcher
from elman.run.layout import Layout
from tests.run.loops import Case, assert_same

pytest.importorskip("triton")
pytestmark = pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning")
FLOAT64 = torch.float64


class Recorder:
    """Records launches in place of making them, and makes them again."""

    def __init__(self, monkeypatch) -> None:
        self.graphs = self.replays = self.made = 0
        self._recording: list | None = None
        self._make = Launcher.__call__
        monkeypatch.setattr(Launcher, "__call__", lambda *given: self._launch(*given))
        monkeypatch.setattr(steps, "captured", self._captured)
        monkeypatch.setattr(steps, "can_capture", lambda device: True)
        monkeypatch.setattr(steps, "stream", lambda device: 0)
        monkeypatch.setattr(steps, "GRAPHS", Graphs())
        monkeypatch.setattr(steps, "FEW", 3)

    def _launch(self, *given) -> None:
        if self._recording is not None:
            self._recording.append(given)
        else:
            self.made += 1
            self._make(*given)

    def _captured(self, table, queue) -> Graph:
        self.graphs, self._recording = self.graphs + 1, []
        queue()
        launches, self._recording = self._recording, None

        def replay():
            self.replays += 1
            for one in launches:
                self._make(*one)

        return Graph(table, replay)


@pytest.fixture
def recorder(monkeypatch) -> Recorder:
    return Recorder(monkeypatch)


def case(sizes: tuple[int, ...], reverse: bool = False, name: str = "gru_reset_before") -> Case:
    program = compile_step(CELLS[name].step)
    return Case.random(program, {"I": 2, "H": 4}, Layout(sizes, reverse), FLOAT64)


def same(one: Case, loop) -> None:
    with choose.plan("steps"):
        assert_same(one.outputs(loop), one.outputs(one.eager), 1e-12)
        assert_same(one.gradients(loop), one.gradients(one.eager), 1e-12)


def test_a_graph_serves_tensors_and_lengths_that_it_was_not_captured_for(recorder):
    first, others = case((2, 2)), [case((2, 1, 1)), case((2, 1), reverse=True)]
    loop = first.launched(FLOAT64)
    same(first, loop)
    assert (recorder.graphs, recorder.replays) == (1, 1)  # forward twice, backward once
    for other in others:
        same(other, loop)
    assert (recorder.graphs, recorder.replays) == (2, 7)


def test_a_long_loop_replays_a_graph(recorder, monkeypatch):
    monkeypatch.setattr(steps, "LONGEST", 2)
    monkeypatch.setattr(steps, "WHOLE", 2)
    long = case((2,) * 3, name="simple")
    loop = long.launched(FLOAT64)
    for _ in range(2):
        same(long, loop)
    assert (recorder.graphs, recorder.replays) == (2, 3 * 2 + 2)  # three times forward, once backward


def test_few_launches_are_not_captured(recorder):
    short = case((2,), name="simple")
    loop = short.launched(FLOAT64)
    for _ in range(3):
        same(short, loop)
    assert recorder.graphs == 0


def test_a_first_stage_by_element_is_part_of_the_last_one_before(recorder):
    program = compile_step(CELLS["lstm"].step)
    one = Case.random(program, {"I": 3, "H": 3}, Layout((2, 2, 1)), FLOAT64)
    loop = one.launched(FLOAT64)
    one.gradients(loop)
    forward, backward = 3, 3 + 1
    assert recorder.made == forward + backward + 2  # and a table each


def test_what_cannot_be_captured_is_launched_with_one_warning(recorder, monkeypatch):
    def fail(table, queue):
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(steps, "captured", fail)
    one = case((2, 2))
    loop = one.launched(FLOAT64)
    with choose.plan("steps"):
        one.outputs(loop)
        with pytest.warns(RuntimeWarning, match="no CUDA graph: operation not permitted") as told:
            found = [one.outputs(loop) for _ in range(2)]
    assert len(told) == 1
    assert_same(found[1], one.outputs(one.eager), 1e-12)


def test_graphs_are_made_at_the_second_use_and_the_last_used_ones_kept():
    graphs, made = Graphs(bound=2), []

    def find(key: str) -> Graph | None:
        return graphs.find(key, lambda: made.append(key) or Graph(torch.empty(0), lambda: None))

    assert find("a") is None
    first = find("a")
    assert first is not None
    assert find("a") is first
    assert find("b") is None
    assert find("a") is first
    assert find("c") is None  # b, not used for the longest time, is forgotten
    assert find("b") is None
    assert find("c") is not None
    assert made == ["a", "c"]


def test_a_loop_that_is_captured_before_it_ran_says_what_to_do(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: True)
    with pytest.raises(InputError, match="2 sequences and 3 steps runs for the first time"):
        layouts.places(Layout((2, 2, 1), reverse=True), torch.device("cuda", 0))


gpu = pytest.mark.gpu
CALLS = list(product(["lstm", "gru_reset_before", "min_gru"], [torch.float32, torch.bfloat16]))


def training_step(layer, x):
    layer.zero_grad(set_to_none=False)
    output = layer(x)[0]
    output.float().square().mean().backward()
    return output


@gpu
@pytest.mark.parametrize(("name", "dtype"), CALLS, ids=str)
def test_replays_are_what_is_launched_one_by_one(name, dtype):
    layer = elman.Recurrent(name, 24, 64, dtype=dtype, device="cuda")
    for lengths in (20, 20, 20, 33):
        x = torch.randn(lengths, 5, 24, dtype=dtype, device="cuda")
        found = [training_step(layer, x), *(param.grad.clone() for param in layer.parameters())]
        with elman.kernels("eager"):
            expected = [training_step(layer, x), *(param.grad.clone() for param in layer.parameters())]
        assert_same(found, expected, 1e-4 if dtype == torch.float32 else 0.05)


@gpu
@pytest.mark.parametrize(("name", "dtype"), CALLS, ids=str)
def test_a_whole_training_step_is_captured(name, dtype):
    layer = elman.Recurrent(name, 24, 64, dtype=dtype, device="cuda")
    x = torch.randn(20, 5, 24, dtype=dtype, device="cuda")
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            training_step(layer, x)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        output = training_step(layer, x)
    for _ in range(2):
        x.copy_(torch.randn_like(x))
        graph.replay()
        found = [output.clone(), *(param.grad.clone() for param in layer.parameters())]
        expected = [training_step(layer, x), *(param.grad for param in layer.parameters())]
        assert_same(found, expected, 1e-5 if dtype == torch.float32 else 0.02)


@gpu
@pytest.mark.parametrize(("name", "dtype"), CALLS, ids=str)
def test_a_warm_training_step_waits_for_nothing_on_any_stream(name, dtype):
    layer = elman.Recurrent(name, 24, 64, dtype=dtype, device="cuda")
    xs = [torch.randn(steps, 5, 24, dtype=dtype, device="cuda") for steps in (20, 31)]
    streams = [torch.cuda.current_stream(), torch.cuda.Stream()]
    for _ in range(3):
        for stream, x in product(streams, xs):
            with torch.cuda.stream(stream):
                training_step(layer, x)
    torch.cuda.synchronize()
    expected = [param.grad.clone() for param in layer.parameters()]
    torch.cuda.set_sync_debug_mode("error")
    try:
        with torch.cuda.stream(streams[1]):
            training_step(layer, xs[1])
    finally:
        torch.cuda.set_sync_debug_mode("default")
    torch.cuda.synchronize()
    assert_same([param.grad for param in layer.parameters()], expected, 1e-5)


@gpu
def test_a_graph_is_captured_beside_other_streams():
    table, ran = torch.zeros(3, dtype=torch.int64, device="cuda"), []
    graph = captured(table, lambda: ran.append(table.add_(1)))
    assert table.tolist() == [0, 0, 0]
    graph.replay()
    graph.replay()
    assert table.tolist() == [2, 2, 2]
