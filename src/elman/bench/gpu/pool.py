"""Checks in processes of their own, several at a time, each with a limit of time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import local
from typing import Any

from elman.bench.gpu.verdict import Verdict
from elman.bench.machine import cores
from elman.bench.process import Worker, WorkerError

MODULE = "elman.bench.gpu.worker"
LIMIT = 200.0
"""Seconds that a check may take, compiling included."""
MOST = 16
"""Processes at a time: each holds half a gigabyte of the device for itself."""


class Pool:
    """Processes that answer one request after another; one that fails to is replaced.

    deadline: when the last one ends, by `time.monotonic`. count: how many there are; each thread that asks
    has one.
    """

    def __init__(self, deadline: float, module: str = MODULE, count: int | None = None) -> None:
        self._deadline, self._module = deadline, module
        self._count = count or min(cores(), MOST)
        self._mine, self._alive = local(), set[Worker]()
        self._threads = ThreadPoolExecutor(self._count)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        self._deadline = 0.0
        for worker in list(self._alive):
            worker.end()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._alive:
            worker.close()

    def left(self) -> float:
        """Returns the seconds that a request may take now."""
        return min(LIMIT, self._deadline - time.monotonic())

    def ask(self, request: str, **given: Any) -> Any:
        """Returns a process's answer to a request. Raises WorkerError where there is none in time."""
        worker: Worker | None = getattr(self._mine, "worker", None)
        if worker is None and time.monotonic() < self._deadline:
            self._mine.worker = worker = Worker(module=self._module)
            self._alive.add(worker)
        # looked at behind that: who ends all processes has first put the deadline in the past
        patience = self.left()
        if worker is None or patience <= 0.0:
            raise WorkerError("out of time")
        try:
            return worker.ask(request, patience=patience, **given)
        except WorkerError:
            self._mine.worker = None
            self._alive.discard(worker)
            worker.close()
            raise

    def map(self, run: Callable[[str], Verdict], names: Sequence[str]) -> Iterator[Verdict]:
        """Yields the verdicts of checks as they come in."""
        yield from (done.result() for done in as_completed([self._threads.submit(run, n) for n in names]))
