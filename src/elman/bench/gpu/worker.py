"""The process in which checks run, and both sides of a case, on a GPU.

Run as `python -m elman.bench.gpu.worker` by `process.Worker`. A kernel that hangs, or leaves the device in a
bad state, does so to one process, which is replaced.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import torch

from elman.bench.gpu import accuracy, conduct, contest
from elman.bench.gpu.machine import describe
from elman.bench.serving import serve

_DEVICE = torch.device("cuda", 0)


def check(name: str, seed: int, seconds: float) -> dict[str, Any]:
    """Returns the verdict of a check: a kind of conduct, or a layer and a format ("LSTM bfloat16"), which
    begins with another shape for so many seconds.
    """
    torch.cuda.set_device(_DEVICE)
    if name in conduct.CONDUCT:
        return asdict(conduct.check(name, _DEVICE))
    subject, form = name.split()
    return asdict(accuracy.check(subject, form, _DEVICE, seed, seconds))


def main() -> None:
    """Answers requests until there are no more."""
    torch.set_num_threads(1)  # what is not done on the device are small things, in many processes at once
    serve(
        {
            "check": check,
            "ready": contest.ready,
            "speed": contest.speed,
            "memory": contest.memory,
            "describe": describe,
        }
    )


if __name__ == "__main__":
    main()
