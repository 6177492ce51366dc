"""Several processes that train one model, started by torchrun: who reads what, and what they tell each other.

Every process reads streams of its own and has a state and random numbers of its own; gradients are averaged.
Alone, a process has nothing to tell: all of this then does nothing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist

from elman.data.batch import Batches


def rank() -> int:
    """The number of this process, from 0."""
    return int(os.environ.get("RANK", "0"))


def world() -> int:
    """How many processes there are."""
    return int(os.environ.get("WORLD_SIZE", "1"))


@contextmanager
def group(device: torch.device) -> Iterator[None]:
    """The processes can talk to each other inside."""
    if world() == 1 or dist.is_initialized():
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def weight(symbols: int) -> float:
    """By what the loss of this process is multiplied so that the mean over processes is that over symbols."""
    if not _together():
        return 1.0
    (total,) = _sum([float(symbols)])
    return symbols * world() / total


def total(*numbers: float) -> tuple[float, ...]:
    """The sums of some numbers over all processes."""
    return tuple(_sum(list(numbers))) if _together() else numbers


def any_of(flag: bool) -> bool:
    """Whether the flag is set in any process."""
    return total(float(flag))[0] > 0.0


def agreed(text: str) -> str:
    """The text that the first process gives."""
    if not _together():
        return text
    given = [text]
    dist.broadcast_object_list(given, src=0, device=_device())
    return given[0]


def gathered(value: Any) -> list[Any]:
    """What each process has, in the order of their numbers."""
    if not _together():
        return [value]
    every: list[Any] = [None] * world()
    dist.all_gather_object(every, _moved(value))
    return every


def own(every: list[Any]) -> Any:
    """The part of this process of what `gathered` returned."""
    return every[rank()]


@dataclass(frozen=True)
class Share:
    """The two parts of the data that one process reads."""

    train: Batches
    validation: Batches


def share_of(data: Any) -> Share:
    """The streams of the data that this process reads: all, if it is alone."""
    return Share(*(part.shard(rank(), world()) for part in (data.train, data.validation)))


def _together() -> bool:
    return dist.is_initialized() and world() > 1


def _sum(numbers: list[float]) -> list[float]:
    sums = torch.tensor(numbers, dtype=torch.float64, device=_device())
    dist.all_reduce(sums)
    return sums.tolist()


def _device() -> torch.device:
    return torch.device("cuda" if dist.get_backend() == "nccl" else "cpu")


def _moved(value: Any) -> Any:
    """The same on the CPU."""
    if isinstance(value, Tensor):
        return value.cpu()
    if isinstance(value, dict):
        return {key: _moved(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_moved(item) for item in value)
    return value
