"""Running a kernel on the threads that torch already has.

Torch's OpenMP threads keep spinning for a while after each operation, so a second pool beside them would
fight for the same cores. The kernel is handed to the OpenMP runtime that torch has loaded; where there is
none, to threads of our own.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch

from elman.emit.jobs import emit_jobs
from elman.emit.worker import WORDS
from elman.run.library import Library, host_target

Task = ctypes.Array[ctypes.c_int64]


class Pool(NamedTuple):
    """The functions of an OpenMP runtime that running a kernel takes."""

    parallel: ctypes._CFuncPtr  # type: ignore[name-defined]
    thread_number: int
    thread_count: int


class Job(NamedTuple):
    """A worker with what `run_parts` takes."""

    worker: int
    words: tuple[int, ...]
    parts: int
    scratch_bytes: int
    memory: object


_ran_in_parallel = False


def _after_fork() -> None:
    """Leaves a child with one thread: those of its parent are gone, and OpenMP would wait for them for ever,
    in torch's own operations too.
    """
    own_threads.cache_clear()
    if _ran_in_parallel:
        torch.set_num_threads(1)


os.register_at_fork(after_in_child=_after_fork)


@lru_cache(maxsize=1)
def openmp() -> Pool | None:
    """Returns torch's OpenMP runtime, None where it has none that can be called."""
    torchs = Path(torch.__file__).parent
    for path in sorted(_loaded_runtimes(), key=lambda path: not path.is_relative_to(torchs)):
        library = ctypes.CDLL(str(path))
        if hasattr(library, "GOMP_parallel"):
            library.GOMP_parallel.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]
            library.GOMP_parallel.restype = None
            return Pool(
                library.GOMP_parallel,
                _address(library.omp_get_thread_num),
                _address(library.omp_get_num_threads),
            )
    return None


def threads() -> int:
    """The number of threads to use: torch's."""
    return torch.get_num_threads()


def lent_threads() -> int:
    """The number of threads that torch lends: those it has, or the caller alone."""
    return 1 if openmp() is None else threads()


@lru_cache(maxsize=1)
def give_way() -> int:
    """The address of the function by which a thread offers its processor to others."""
    return _address(ctypes.CDLL(None).sched_yield)


def run_parts(worker: int, words: tuple[int, ...], parts: int, scratch_bytes: int, memory: object) -> None:
    """Calls worker(task) so that all parts are done.

    words: the task (see `emit.worker`), with the first three left for this. memory: all that the words point
    to, which an interrupt must not free before the last thread is done.
    """
    global _ran_in_parallel
    pool = openmp()
    _ran_in_parallel = _ran_in_parallel or parts > 1
    call = _function(worker)
    if parts > 1 and pool is not None:
        task = _task(pool.thread_number, pool.thread_count, parts, *words)
        pool.parallel(worker, ctypes.addressof(task), parts, 0)
    elif parts > 1:
        _run_on_own_threads([(call, task, memory) for task in _tasks(words, parts, scratch_bytes)])
    else:
        _run(call, _task(0, 0, parts, *words), memory)


def run_jobs(jobs: Sequence[Job]) -> None:
    """Does all parts of several jobs at the same time, every part on one thread."""
    global _ran_in_parallel
    _ran_in_parallel = True
    tasks = [(job, task) for job in jobs for task in _tasks(job.words, job.parts, job.scratch_bytes)]
    pool = openmp()
    if pool is None:
        _run_on_own_threads([(_function(job.worker), task, job.memory) for job, task in tasks])
        return
    table = _task(*(word for job, task in tasks for word in (job.worker, ctypes.addressof(task))))
    words = _task(pool.thread_number, pool.thread_count, len(tasks), ctypes.addressof(table))
    most = min(threads(), len(tasks))
    pool.parallel(_jobs().address("elman_jobs"), ctypes.addressof(words), most, 0)


@lru_cache(maxsize=1)
def _jobs() -> Library:
    return Library("jobs", lambda: emit_jobs(host_target()), host_target())


def _tasks(words: tuple[int, ...], parts: int, scratch_bytes: int) -> Iterator[Task]:
    """Yields a task for each part alone."""
    bounds, scratch = WORDS.index("bounds"), WORDS.index("scratch")
    for part in range(parts):
        task = _task(0, 0, 1, *words)
        task[bounds] += 8 * part
        task[scratch] += scratch_bytes * part
        yield task


def _run_on_own_threads(parts: Sequence[tuple[Callable[[int], None], Task, object]]) -> None:
    for running in [own_threads().submit(_run, *part) for part in parts]:
        running.result()


@lru_cache(maxsize=1024)
def _function(address: int) -> Callable[[int], None]:
    """A function that lets go of the interpreter lock while it runs."""
    return ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)


def _run(call: Callable[[int], None], task: Task, memory: object) -> None:
    call(ctypes.addressof(task))


@lru_cache(maxsize=1)
def own_threads() -> ThreadPoolExecutor:
    """Returns the threads of our own."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="elman")


def _task(*words: int) -> Task:
    return (ctypes.c_int64 * len(words))(*words)


def _address(function: object) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


def _loaded_runtimes() -> set[Path]:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return set()
    found = set(re.findall(r"/.*/lib(?:gomp|omp|iomp5)\b[^/\n]*$", maps.read_text(), re.MULTILINE))
    return {path for path in map(Path, found) if path.is_file()}
