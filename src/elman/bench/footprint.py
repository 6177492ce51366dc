"""What is to be measured in a process that has done nothing else: peak memory, and the time to start."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from elman.bench.jobs import Job
from elman.bench.sides import ready
from elman.core.errors import ElmanError
from elman.nn.recurrent import Recurrent

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
_STEPS = 2
_TINY = 8


def memory(job: dict[str, Any], threads: int) -> int:
    """Returns the bytes by which training steps raise resident memory at their peak.

    Above what is resident before them: the program with all its code, warmed by steps of length 1, and the
    model with its input.
    """
    if not CLEAR.exists():
        raise ElmanError("peak memory can be measured on Linux only")
    torch.set_num_threads(threads)
    ready(replace(Job(**job), steps=1)).run()
    work = ready(Job(**job))
    CLEAR.write_text(_RESET_PEAK)
    before = _resident("VmRSS")
    for _ in range(_STEPS):
        work.run()
    return _resident("VmHWM") - before


def start(cell: str) -> float:
    """Returns the seconds until a cell has its first training step behind it, a tiny one.

    Torch's own start is not counted: a layer of torch.nn has made such a step before.
    """
    nn.init.orthogonal_(torch.empty(_TINY, _TINY))
    _step(nn.GRU(_TINY, _TINY))
    begin = time.perf_counter()
    _step(Recurrent(cell, _TINY, _TINY))
    return time.perf_counter() - begin


def _step(layer: nn.Module) -> None:
    output, _ = layer(torch.ones(2, 2, _TINY, requires_grad=True))
    output.sum().backward()


def _resident(name: str) -> int:
    """A line of the kernel's account of this process, in bytes."""
    found = re.search(rf"^{name}:\s+(\d+) kB", STATUS.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024
