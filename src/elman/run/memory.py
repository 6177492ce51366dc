"""Memory for large arrays: huge pages, used again.

The first touch of fresh memory costs a page fault for every 4 KiB, for the values of a whole sequence as long
as a fifth of the work on them. Where the system has huge pages, large arrays are mapped in pieces of 2 MiB,
and what is freed is kept for the next array of its size: training asks for the same ones at every step.
"""

from __future__ import annotations

import ctypes
import mmap
import weakref
from collections import defaultdict, deque
from pathlib import Path

import torch
from torch import Tensor

PAGE = 1 << 21
LARGE = PAGE // 2
"""Bytes from which an array gets pages of its own; allocators keep what is smaller."""
KEPT = 1 << 29
"""The most bytes that are kept when nobody uses them."""
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
    """Mappings that nobody uses, by their number of pages."""

    def __init__(self) -> None:
        self._mappings: defaultdict[int, deque[mmap.mmap]] = defaultdict(deque)

    def take(self, pages: int) -> ctypes.Array[ctypes.c_char]:
        """Returns memory of so many pages and one more, to begin at a page; it comes back when it is freed.

        If none of its size is free, all that is kept is given back to the system first, so that keeping never
        adds to the memory in use at its peak.
        """
        try:
            mapping = self._mappings[pages].pop()
        except IndexError:
            self._mappings.clear()
            mapping = mmap.mmap(-1, (pages + 1) * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            mapping.madvise(mmap.MADV_HUGEPAGE)
        memory = (ctypes.c_char * len(mapping)).from_buffer(mapping)
        weakref.finalize(memory, self._keep, pages, mapping).atexit = False
        return memory

    def _keep(self, pages: int, mapping: mmap.mmap) -> None:
        kept = sum(size * len(free) for size, free in list(self._mappings.items()))
        if (kept + pages) * PAGE <= KEPT:
            self._mappings[pages].append(mapping)


_free = _Free()
