"""Running a kernel on the threads that torch already has.

Torch's OpenMP threads keep spinning for a while after each operation, so a second pool beside them would
fight for the same cores. The kernel is handed to the OpenMP runtime that torch has loaded; where there is
none, to threads of our own.
"""

from __future__ import annotations

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch

from elman.emit.worker import WORDS


class Pool(NamedTuple):
    """The functions of an OpenMP runtime that running a kernel takes."""

    parallel: ctypes._CFuncPtr  # type: ignore[name-defined]
    thread_number: int
    thread_count: int


_forked = False


def _after_fork() -> None:
    global _forked  # the threads of the parent's pool are gone in the child
    _forked = True


os.register_at_fork(after_in_child=_after_fork)


@lru_cache(maxsize=1)
def openmp() -> Pool | None:
    """Returns torch's OpenMP runtime, None where it has none that can be called."""
    for path in _loaded_libraries():
        if "gomp" not in path.name and "omp5" not in path.name and "libomp" not in path.name:
            continue
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
    return 1 if _forked else torch.get_num_threads()


def run_parts(worker: int, words: list[int], parts: int, scratch_bytes: int) -> None:
    """Calls worker(task) so that all parts are done.

    words: the task (see `emit.llvm`), with the first three left for this.
    """
    pool = None if _forked else openmp()
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(worker)  # lets go of the interpreter lock while it runs
    if parts > 1 and pool is not None:
        task = _task(pool.thread_number, pool.thread_count, parts, *words)
        pool.parallel(worker, ctypes.addressof(task), parts, 0)
    elif parts > 1 and not _forked:
        bounds, scratch = WORDS.index("bounds"), WORDS.index("scratch")
        tasks = []
        for part in range(parts):
            task = _task(0, 0, 1, *words)
            task[bounds] += 8 * part
            task[scratch] += scratch_bytes * part
            tasks.append(task)
        list(_own_threads().map(lambda task: call(ctypes.addressof(task)), tasks))
    else:
        task = _task(0, 0, parts, *words)
        call(ctypes.addressof(task))


@lru_cache(maxsize=1)
def _own_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="elman")


def _task(*words: int) -> ctypes.Array[ctypes.c_int64]:
    return (ctypes.c_int64 * len(words))(*words)


def _address(function: object) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


def _loaded_libraries() -> list[Path]:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return []
    paths = dict.fromkeys(line.split()[-1] for line in maps.read_text().splitlines() if ".so" in line)
    return [Path(path) for path in paths]
