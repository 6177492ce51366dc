"""Launches that are repeated from call to call: captured as a CUDA graph, replayed in one call.

A graph is captured at the second use of its key, for the first one also compiles; until then, and where
capture fails, the launches are made one by one. Nothing here waits for the device.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import torch
from torch import Tensor

BOUND = 64
"""The most graphs that are kept; of more, those go that were not used for the longest time."""


@dataclass
class Graph:
    """Launches that were captured.

    table: what they find their operands by; lock: held from when it is written until they are queued. replay:
    queues them on the current stream.
    """

    table: Tensor
    replay: Callable[[], object]
    lock: Any = field(default_factory=Lock)


@dataclass
class Entry:
    """What is known of a key: its graph; None before the second use, and where it failed."""

    graph: Graph | None = None
    failed: bool = False


class Graphs:
    """The graphs of some keys, the last used ones."""

    def __init__(self, bound: int = BOUND) -> None:
        self._bound, self._lock = bound, Lock()
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()

    def find(self, key: Hashable, make: Callable[[], Graph]) -> Graph | None:
        """Returns the graph of a key, made at its second use; None at the first, and where that fails."""
        with self._lock:
            used = key in self._entries
            entry = self._entries.setdefault(key, Entry())
            self._entries.move_to_end(key)
            if len(self._entries) > self._bound:
                self._entries.popitem(last=False)
            if used and entry.graph is None and not entry.failed:
                try:
                    entry.graph = make()
                except RuntimeError as error:
                    entry.failed = True
                    told = f"steps are launched one by one, slower, for they make no CUDA graph: {error}"
                    warnings.warn(told, RuntimeWarning, stacklevel=2)
            return entry.graph


GRAPHS = Graphs()


def can_capture(device: torch.device) -> bool:
    """Whether launches on the current stream may be captured; not while somebody else captures all of it."""
    return device.type == "cuda" and not torch.cuda.is_current_stream_capturing()


def stream(device: torch.device) -> int:
    """The number of the stream that is current on a device."""
    return torch.cuda.current_stream(device).cuda_stream


def captured(table: Tensor, queue: Callable[[], None]) -> Graph:
    """Returns what a function queues on the current stream, captured; it must allocate nothing, and wait for
    nothing.

    Raises RuntimeError where the device, its driver or another thread prevents it.
    """
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.stream(torch.cuda.Stream(table.device)):
        graph.capture_begin(capture_error_mode="thread_local")
        try:
            queue()
        finally:
            graph.capture_end()
    return Graph(table, graph.replay)
