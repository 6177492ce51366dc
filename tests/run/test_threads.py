"""Kernels on threads: of torch's number, from several Python threads at once, in forked children, when Python
stops, and when it is told to.
"""

import copy
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

import elman
from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.nn import direction
from elman.run import kernel, library, threads
from elman.run.layout import Layout
from tests.run.loops import Case

ROOT = Path(__file__).parents[2]
LAYOUT = Layout((29, 29, 20, 11, 3))


@pytest.fixture
def torchs_threads():
    """Restores the number of torch's threads."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def lstm(hidden: int = 70) -> Case:
    return Case.random(compile_step(CELLS["lstm"].step), {"I": 3, "H": hidden}, LAYOUT, torch.float32)


def everything(case: Case) -> list[Tensor]:
    loop = case.compiled(torch.float32)
    return [*case.outputs(loop), *case.gradients(loop)]


def assert_same_bits(found: list[Tensor], expected: list[Tensor]) -> None:
    assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


class Recorder:
    """Stands before an OpenMP runtime, and notes which threads of the system it ran."""

    def __init__(self) -> None:
        runtime = threads.openmp()
        assert runtime is not None
        self.asked: list[int] = []
        self.ran: list[int] = []
        count = ctypes.CFUNCTYPE(ctypes.c_int)(runtime.thread_count)

        @ctypes.CFUNCTYPE(ctypes.c_int)
        def thread_count() -> int:
            self.ran.append(threading.get_native_id())
            return count()

        self._kept = thread_count

        def parallel(worker: int, task: int, parts: int, flags: int) -> None:
            self.asked.append(parts)
            runtime.parallel(worker, task, parts, flags)

        self.pool = threads.Pool(parallel, runtime.thread_number, threads._address(thread_count))


@pytest.mark.skipif(threads.openmp() is None, reason="torch has no OpenMP here")
@pytest.mark.parametrize("number", [2, 3, 4])
def test_as_many_threads_run_as_torch_has(monkeypatch, torchs_threads, number):
    case, recorder = lstm(), Recorder()
    expected = everything(case)
    monkeypatch.setattr(threads, "openmp", lambda: recorder.pool)
    torch.set_num_threads(number)
    assert_same_bits(everything(case), expected)
    assert set(recorder.asked) == {number}
    assert len(set(recorder.ran)) == number


def test_one_thread_is_the_caller_alone(monkeypatch):
    monkeypatch.setattr(threads, "openmp", lambda: pytest.fail("it was asked for threads"))
    pool = threads.Pool(lambda *given: pytest.fail("it was asked for threads"), 0, 0)
    monkeypatch.setattr(threads, "openmp", lambda: pool)
    everything(lstm())


def test_without_openmp_threads_of_our_own_compute_the_same_bits(monkeypatch, torchs_threads):
    case = lstm()
    expected = everything(case)
    monkeypatch.setattr(threads, "openmp", lambda: None)
    used = []
    run = threads._run
    monkeypatch.setattr(threads, "_run", lambda *given: used.append(threading.get_ident()) or run(*given))
    torch.set_num_threads(3)
    assert_same_bits(everything(case), expected)
    assert threading.get_ident() not in used


@pytest.mark.parametrize("openmp", [True, False])
def test_more_threads_than_sequences_compute_the_same_bits(monkeypatch, torchs_threads, openmp):
    if not openmp:
        monkeypatch.setattr(threads, "openmp", lambda: None)
    case = Case.random(compile_step(CELLS["gru"].step), {"I": 3, "H": 5}, Layout((2, 1)), torch.float32)
    expected = everything(case)
    torch.set_num_threads(7)
    assert_same_bits(everything(case), expected)


@pytest.mark.parametrize("openmp", [True, False])
def test_python_threads_at_once_compute_the_same_bits_as_alone(monkeypatch, torchs_threads, openmp):
    if not openmp:
        monkeypatch.setattr(threads, "openmp", lambda: None)
    torch.set_num_threads(2)
    layers = [elman.LSTM(3, 20), elman.GRU(3, 21), elman.LSTM(3, 22, num_layers=2)]
    x = torch.randn(9, 14, 3)
    expected = [gradients(layer, x) for layer in layers]
    found = at_once(6, lambda i: [gradients(copy.deepcopy(layers[i % 3]), x) for _ in range(5)])
    for i, results in enumerate(found):
        for result in results:
            assert_same_bits(result, expected[i % 3])


def test_python_threads_may_compile_the_same_cell_at_once():
    layer, x = elman.LSTM(3, 6), torch.randn(4, 3, 3)
    expected = gradients(layer, x)
    kernel._library.cache_clear()
    kernel.outer_kernel.cache_clear()
    library._tiles.cache_clear()
    direction._engine.cache_clear()
    for result in at_once(4, lambda i: gradients(copy.deepcopy(layer), x)):
        assert_same_bits(result, expected)


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Runs work(0), work(1), … in Python threads that start together."""
    start = threading.Barrier(count)

    def call(i: int) -> Any:
        start.wait()
        return work(i)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def gradients(layer: torch.nn.Module, x: Tensor) -> list[Tensor]:
    layer.zero_grad()
    output, _ = layer(x)
    output.square().sum().backward()
    return [output.detach(), *(weight.grad.clone() for weight in layer.parameters())]


def in_child(check: Callable[[], bool]) -> int:
    """Runs a check in a forked child; returns 0 where it holds, else another status."""
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a child that waits for threads that it has not would wait for ever
        status = 2
        try:
            status = 0 if check() else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_forked_child_computes_the_same_bits(torchs_threads):
    torch.set_num_threads(2)
    layer, x = elman.LSTM(64, 256), torch.randn(50, 32, 64)
    expected = gradients(layer, x)  # large enough for torch's own operations to use threads too

    def same() -> bool:
        return all(torch.equal(a, b) for a, b in zip(gradients(layer, x), expected, strict=True))

    assert in_child(same) == 0
    assert torch.get_num_threads() == 2


def test_a_forked_child_starts_threads_of_its_own(monkeypatch, torchs_threads):
    monkeypatch.setattr(threads, "openmp", lambda: None)
    torch.set_num_threads(2)
    case = lstm()
    expected = everything(case)

    def same() -> bool:
        torch.set_num_threads(3)
        return all(torch.equal(a, b) for a, b in zip(everything(case), expected, strict=True))

    assert in_child(same) == 0


class Outputs(Dataset):
    """A layer's outputs, computed where they are asked for."""

    def __init__(self, layer: torch.nn.Module, x: Tensor) -> None:
        self.layer, self.x = layer, x

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> Tensor:
        with torch.no_grad():
            return self.layer(self.x[index])[0]


def test_the_workers_of_a_loader_may_call_a_layer(torchs_threads):
    torch.set_num_threads(2)
    data = Outputs(elman.GRU(64, 128), torch.randn(4, 50, 32, 64))
    expected = [data[i] for i in range(4)]
    found = DataLoader(data, batch_size=None, num_workers=2, multiprocessing_context="fork")
    assert_same_bits(list(found), expected)


PREPARE = """
import sys, threading, time, torch, elman
torch.set_num_threads(2)
layer, x = elman.LSTM(8, 64), torch.randn(20, 16, 8)
layer(x)[0].sum().backward()
"""


def run(script: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)


def test_python_may_stop_right_after_a_call():
    found = run(PREPARE)
    assert (found.returncode, found.stderr) == (0, "")


def test_python_may_stop_while_a_thread_is_calling():
    found = run(
        PREPARE
        + """
def call():
    with torch.no_grad():
        while True:
            layer(x)

for _ in range(2):
    threading.Thread(target=call, daemon=True).start()
time.sleep(0.3)
"""
    )
    assert (found.returncode, found.stderr) == (0, "")


LONG_LOOP = """
import time, torch
from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.run import threads
from elman.run.layout import Layout
from tests.run.loops import Case

torch.set_num_threads(THREADS)
if not OPENMP:
    threads.openmp = lambda: None
program, sizes = compile_step(CELLS["simple"].step), {"I": 1, "H": 4096}
case = Case.random(program, sizes, Layout((6,) * 1500), torch.float32)
loop = case.compiled(torch.float32)
loop.compile(training=False)
print("running", flush=True)
try:
    loop.forward(case.layout, case.operands, False)
    print("done", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize(("number", "openmp"), [(1, True), (2, True), (2, False)])
def test_an_interrupt_is_heard_during_a_long_loop(number, openmp):
    script = LONG_LOOP.replace("THREADS", str(number)).replace("OPENMP", str(openmp))
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        assert process.stdout.readline() == "interrupted\n"
        assert time.monotonic() - sent < 1.0
    assert process.returncode == 0
