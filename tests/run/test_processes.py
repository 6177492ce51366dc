"""Kernels where processes begin and end: in forked children, when Python stops, when it is interrupted."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

import elman
from elman.run import threads
from tests.run.bits import everything, gradients, lstm, same_bits
from tests.run.children import in_child

ROOT = Path(__file__).parents[2]


def test_a_forked_child_computes_the_same_bits(torchs_threads):
    torch.set_num_threads(2)
    layer, x = elman.LSTM(64, 256), torch.randn(50, 32, 64)
    expected = gradients(layer, x)  # large enough for torch's own operations to use threads too

    def check() -> None:
        assert same_bits(gradients(layer, x), expected)

    assert in_child(check) == 0
    assert torch.get_num_threads() == 2


def test_a_forked_child_starts_threads_of_its_own(monkeypatch, torchs_threads):
    monkeypatch.setattr(threads, "openmp", lambda: None)
    torch.set_num_threads(2)
    case = lstm()
    expected = everything(case)

    def check() -> None:
        torch.set_num_threads(3)
        assert same_bits(everything(case), expected)

    assert in_child(check) == 0


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
    assert same_bits(list(found), expected)


def run(script: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)


def test_python_may_stop_right_after_a_call():
    found = run(
        "import torch, elman; torch.set_num_threads(2)\n"
        "elman.LSTM(8, 64)(torch.randn(20, 16, 8))[0].sum().backward()"
    )
    assert (found.returncode, found.stderr) == (0, "")


LONG_LOOP = """
import time, torch
from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.run import threads
from elman.run.layout import Layout
from tests.run.loops import Case, forward

torch.set_num_threads(THREADS)
if not OPENMP:
    threads.openmp = lambda: None
program, sizes = compile_step(CELLS["simple"].step), {"I": 1, "H": 4096}
case = Case.random(program, sizes, Layout((6,) * 1500), torch.float32)
loop = case.compiled(torch.float32)
loop.compile(training=False)


def call():
    print("running", flush=True)
    forward(loop, case.layout, case.operands, False)
    print("done", flush=True)


"""
INTERRUPTED = """
try:
    call()
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
ENDS_BEFORE_IT = """
import threading, time
from elman.run import work

work.OPERATIONS_PER_CALL = 10**18  # else it may end in an operation of torch, which then aborts
threading.Thread(target=call, daemon=True).start()
time.sleep(0.7)
"""


@pytest.mark.parametrize(("number", "openmp"), [(1, True), (2, True), (2, False)])
def test_an_interrupt_is_heard_during_a_long_loop(number, openmp):
    script = (LONG_LOOP + INTERRUPTED).replace("THREADS", str(number)).replace("OPENMP", str(openmp))
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


def test_python_may_stop_while_a_daemon_runs_a_kernel():
    found = run((LONG_LOOP + ENDS_BEFORE_IT).replace("THREADS", "2").replace("OPENMP", "True"))
    assert (found.returncode, found.stdout, found.stderr) == (0, "running\n", "")
