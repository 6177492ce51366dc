"""How much of a training step of `elman train` is spent outside elman's kernels.

    python benchmarks/training.py [TEXT] [--steps 40] [--rounds 7]

Trains a character model as `elman train language` does, Lightning's loop, dropout, loss, clipping and AdamW
included, and adds up the time that machine code of elman's takes in its steps. Without a text it makes one.
Prints, for each round of steps, their time and the share outside the kernels, then the medians with their
spread.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from lightning.pytorch import Trainer

import elman
from elman.run import call
from elman.training.module import TrainingModule

SIZES = {"hidden_size": 512, "layers": 1, "batch_size": 64, "sequence_length": 64}
WARM_UP = 20


class Clock:
    """Seconds in kernels so far, and when each step began."""

    def __init__(self) -> None:
        self.inside = 0.0
        self.steps: list[tuple[float, float]] = []

    def around(self, run: Callable[..., None]) -> Callable[..., None]:
        """The function, its time added up."""

        def timed(*arguments: Any) -> None:
            start = time.perf_counter()
            run(*arguments)
            self.inside += time.perf_counter() - start

        return timed

    def step(self, begin: Callable[..., None]) -> Callable[..., None]:
        """The function that begins a step, its time noted."""

        def noted(module: TrainingModule, *arguments: Any) -> None:
            self.steps.append((time.perf_counter(), self.inside))
            begin(module, *arguments)

        return noted


def made_up(folder: Path) -> Path:
    """A text of 65 characters at random."""
    random = np.random.default_rng(0)
    text = folder / "text.txt"
    text.write_bytes(bytes(random.integers(32, 97, 2_000_000, dtype=np.uint8)))
    return text


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", nargs="?", type=Path)
    parser.add_argument("--steps", type=int, default=40, help="steps of a round")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    clock = Clock()
    call.run_parts, call.run_jobs = clock.around(call.run_parts), clock.around(call.run_jobs)
    TrainingModule.on_train_batch_start = clock.step(TrainingModule.on_train_batch_start)
    Trainer.save_checkpoint = lambda *arguments, **more: None  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = given.text or made_up(folder)
        steps = WARM_UP + given.steps * given.rounds + 1
        elman.train("language", text, out=folder / "run", max_steps=steps, validate_every=steps, **SIZES)
    marks = clock.steps[WARM_UP :: given.steps]
    rounds = [
        (end - start, 1.0 - (inside - before) / (end - start))
        for (start, before), (end, inside) in pairwise(marks)
    ]
    for seconds, outside in rounds:
        print(f"{1000 * seconds / given.steps:7.1f} ms a step, {outside:6.1%} of it outside the kernels")
    milliseconds = [1000 * seconds / given.steps for seconds, _ in rounds]
    shares = [outside for _, outside in rounds]
    print(f"median {statistics.median(milliseconds):.1f} ms ({_range(milliseconds, '.1f')}), ", end="")
    print(f"outside {statistics.median(shares):.1%} ({_range(shares, '.1%')})")


def _range(values: list[float], form: str) -> str:
    return f"{min(values):{form}} to {max(values):{form}}"


if __name__ == "__main__":
    main()
