"""Memory for large arrays: huge pages, used again.

The first touch of fresh memory costs a page fault for every 4 KiB, for the values of a whole sequence as long
as a fifth of the work on them. Where the system has huge pages, large arrays are mapped in pieces of 2 MiB,
and what is freed is kept for the next array of about its size: training asks for the same ones at every step.
"""

from __future__ import annotations

import ctypes
import mmap
import weakref
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor

PAGE = 1 << 21
LARGE = PAGE // 2
"""Bytes from which an array gets pages of its own; allocators keep what is smaller."""
KEPT = 1 << 29
"""The most bytes that are kept while nobody uses them; those freed first go first."""
_SUPPORTED = hasattr(mmap, "MADV_HUGEPAGE") and Path("/sys/kernel/mm/transparent_hugepage").exists()


def empty(rows: int, columns: int, dtype: torch.dtype) -> Tensor:
    """Returns an array (rows, columns) in the memory of the processor, its values left open."""
    size = rows * columns * dtype.itemsize
    if not _SUPPORTED or size < LARGE:
        return torch.empty(rows, columns, dtype=dtype)
    whole = torch.frombuffer(_free.take(-(-size // PAGE)), dtype=dtype)
    first = -whole.data_ptr() % PAGE // dtype.itemsize
    return whole[first : first + rows * columns].view(rows, columns)


class _Free:
    """Mappings that nobody uses, with their numbers of pages, the latest last.

    Memory is freed at any time, also inside of these methods: each changes the list in one step.
    """

    def __init__(self) -> None:
        self._mappings: list[tuple[int, mmap.mmap]] = []

    def take(self, pages: int) -> ctypes.Array[ctypes.c_char]:
        """Returns memory of at least so many pages and one more, to begin at a page; it comes back when it is
        freed.
        """
        size, mapping = self._fitting(pages) or _map(pages)
        memory = (ctypes.c_char * len(mapping)).from_buffer(mapping)
        weakref.finalize(memory, self._keep, (size, mapping)).atexit = False
        return memory

    def _fitting(self, pages: int) -> tuple[int, mmap.mmap] | None:
        for one in reversed(self._mappings.copy()):
            if pages <= one[0] <= pages + pages // 4:
                with suppress(ValueError):  # another thread was faster
                    self._mappings.remove(one)
                    return one
        return None

    def _keep(self, one: tuple[int, mmap.mmap]) -> None:
        self._mappings.append(one)
        while sum(size for size, _ in self._mappings.copy()) * PAGE > KEPT:
            with suppress(IndexError):
                self._mappings.pop(0)


def _map(pages: int) -> tuple[int, mmap.mmap]:
    mapping = mmap.mmap(-1, (pages + 1) * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    mapping.madvise(mmap.MADV_HUGEPAGE)
    return pages, mapping


_free = _Free()
