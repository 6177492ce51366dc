"""Kernels on threads: as many as torch has, its own or ours, called from one Python thread or several."""

import copy
import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch

import elman
from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.nn import direction
from elman.run import kernel, library, outer, threads
from elman.run.layout import Layout
from tests.run.bits import everything, gradients, lstm, same_bits
from tests.run.loops import Case


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
    assert same_bits(everything(case), expected)
    assert set(recorder.asked) == {number}
    assert len(set(recorder.ran)) == number


def test_one_thread_is_the_caller_alone(monkeypatch):
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
    assert same_bits(everything(case), expected)
    assert threading.get_ident() not in used


@pytest.mark.parametrize("openmp", [True, False])
def test_more_threads_than_sequences_compute_the_same_bits(monkeypatch, torchs_threads, openmp):
    if not openmp:
        monkeypatch.setattr(threads, "openmp", lambda: None)
    case = Case.random(compile_step(CELLS["gru"].step), {"I": 3, "H": 5}, Layout((2, 1)), torch.float32)
    expected = everything(case)
    torch.set_num_threads(7)
    assert same_bits(everything(case), expected)


@pytest.mark.parametrize("openmp", [True, False])
@pytest.mark.parametrize("cell", ["lstm", "gru_reset_before", "layer_norm_lstm"])
def test_threads_share_the_steps_of_one_sequence(monkeypatch, torchs_threads, cell, openmp):
    layout = Layout((1,) * 40, reverse=True)
    case = Case.random(compile_step(CELLS[cell].step), {"I": 3, "H": 70}, layout, torch.float32)
    expected, recorder = everything(case), Recorder()
    monkeypatch.setattr(threads, "openmp", lambda: recorder.pool if openmp else None)
    for number in (2, 3, 4):
        torch.set_num_threads(number)
        for _ in range(10):
            assert same_bits(everything(case), expected)
        assert number in recorder.asked or not openmp


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
            assert same_bits(result, expected[i % 3])


def test_python_threads_may_compile_the_same_cell_at_once():
    layer, x = elman.LSTM(3, 6), torch.randn(4, 3, 3)
    expected = gradients(layer, x)
    kernel._library.cache_clear()
    outer.outer_kernel.cache_clear()
    library.tiles.cache_clear()
    direction._engine.cache_clear()
    for result in at_once(4, lambda i: gradients(copy.deepcopy(layer), x)):
        assert same_bits(result, expected)


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Runs work(0), work(1), … in Python threads that start together."""
    start = threading.Barrier(count)

    def call(i: int) -> Any:
        start.wait()
        return work(i)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))
