"""Memory that a kernel cannot leave unseen: an array between two pages that nobody may touch."""

import ctypes
import mmap

import torch
from torch import Tensor

PAGE = mmap.PAGESIZE
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_long,
]
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
NOTHING, READ_WRITE, FAILED = 0, mmap.PROT_READ | mmap.PROT_WRITE, ctypes.c_void_p(-1).value


class Guarded:
    """A copy of the memory of some tensors, each storage flush with a page that kills whoever touches it.

    at_end: whether that page follows the storage, or comes before it. Tensors that share memory still do.
    """

    def __init__(self, at_end: bool) -> None:
        self._at_end = at_end
        self._copies: dict[int, tuple[Tensor, Tensor]] = {}
        self._regions: list[tuple[int, int]] = []

    def place(self, tensor: Tensor) -> Tensor:
        """Returns the same values in guarded memory."""
        whole = tensor.new_empty(0).set_(tensor.untyped_storage())
        if whole.data_ptr() not in self._copies:
            self._copies[whole.data_ptr()] = whole, self._copy(whole)
        _, copy = self._copies[whole.data_ptr()]
        return copy.as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())

    def take_back(self) -> None:
        """Writes what became of the copies back to where they came from, and frees them."""
        for whole, copy in self._copies.values():
            whole.copy_(copy)
        self._copies.clear()
        for start, size in self._regions:
            _libc.munmap(start, size)

    def _copy(self, whole: Tensor) -> Tensor:
        size = whole.numel() * whole.element_size()
        inside = max(PAGE, -(-size // PAGE) * PAGE)
        start = _libc.mmap(None, inside + 2 * PAGE, READ_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
        assert start != FAILED, ctypes.get_errno()
        self._regions.append((start, inside + 2 * PAGE))
        for page in (start, start + PAGE + inside):
            assert _libc.mprotect(page, PAGE, NOTHING) == 0
        place = start + PAGE + (inside - size if self._at_end else 0)
        memory = (ctypes.c_char * size).from_address(place)
        copy = torch.frombuffer(memory, dtype=whole.dtype) if size else whole.new_empty(0)
        return copy.copy_(whole)
