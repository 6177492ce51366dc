"""A side in a process of its own: answering, failing, and idle in between."""

import os
import time

import pytest

from elman.bench.process import Worker, WorkerError
from elman.bench.worker import thread_counts

JOB = {"cell": "LSTM", "kind": "forward", "steps": 6, "batch": 32, "inputs": 64, "hidden": 64}


def test_a_worker_answers_and_stays_warm():
    with Worker() as worker:
        prepared = worker.ask("prepare", job=JOB, threads=2, seconds=0.01)
        assert prepared["threads"] in (1, 2)
        assert prepared["digest"].keys() == {"output"}
        assert 0 < worker.ask("round") < 1
        assert worker.ask("peak", threads=1, turns=1000) > 0


def test_an_idle_worker_takes_no_processor_time(monkeypatch):
    """Its threads sleep, also where the user has told OpenMP's threads to spin for ever."""
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    with Worker() as worker:
        worker.ask("prepare", job={**JOB, "side": "torch.nn"}, threads=2, seconds=0.01)
        worker.ask("round")
        before = worker.ask("used")
        time.sleep(0.5)
        assert worker.ask("used") - before < 0.05


def test_an_error_is_told_and_the_worker_lives_on():
    with Worker() as worker:
        with pytest.raises(WorkerError, match="KeyError: 'abacus'"):
            worker.ask("prepare", job={**JOB, "side": "abacus"}, threads=1, seconds=0.01)
        assert worker.ask("used") > 0


def test_a_kernel_that_cannot_be_compiled_is_an_error(tmp_path):
    """Torch's operations, which would run in its place, must not be measured as if they were kernels."""
    broken = "import llvmlite.binding\n\ndef parse_assembly(text): raise RuntimeError('broken')\n\n"
    (tmp_path / "sitecustomize.py").write_text(broken + "llvmlite.binding.parse_assembly = parse_assembly\n")
    path = os.pathsep.join([str(tmp_path), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    variables = {"PYTHONPATH": path, "ELMAN_CACHE": str(tmp_path)}
    with Worker(variables) as worker, pytest.raises(WorkerError, match="could not be compiled"):
        worker.ask("prepare", job=JOB, threads=1, seconds=0.01)


def test_a_process_that_ends_is_told_with_its_last_words():
    with (
        Worker({"PYTHONHOME": "/nowhere"}) as worker,
        pytest.raises(WorkerError, match="the process ended: "),
    ):
        worker.ask("used")


def test_patience_ends():
    with Worker() as worker:
        with pytest.raises(WorkerError, match=r"no answer within 0.01 s"):
            worker.ask("start", cell="lstm", patience=0.01)
        with pytest.raises(WorkerError, match="the process ended"):
            worker.ask("used")


def test_the_threads_that_are_tried_double():
    assert thread_counts(1) == [1]
    assert thread_counts(2) == [1, 2]
    assert thread_counts(6) == [1, 2, 4, 6]
    assert thread_counts(8) == [1, 2, 4, 8]
