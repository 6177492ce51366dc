"""Running the trials of a sweep, some at a time.

A trial is `elman train` in a process of its own. So memory, or a crash, is no matter of the next, and a trial
that was stopped goes on like any other run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from rich.console import Console
from safetensors import safe_open

from elman.training.log import read_log
from elman.training.record import NAME, RunRecord
from elman.training.sweep.space import described
from elman.training.sweep.trials import Claimed, Trials

_OUTPUT, _MODEL = "output.txt", "model.safetensors"
_INTERRUPTED = 130
_POLL = 1.0


class Jobs:
    """Runs trials, as many at a time as there are jobs, until none is left."""

    def __init__(self, asked: RunRecord, trials: Trials, jobs: int, console: Console) -> None:
        self._asked = asked
        self._trials = trials
        self._jobs = jobs
        self._console = console
        self._stopping = threading.Event()
        self._children: list[subprocess.Popen[bytes]] = []
        self._errors: list[Exception] = []

    def run(self) -> None:
        """Raises what went wrong in a job; a stop by the user stops the trials, which keep what they have."""
        threads = [threading.Thread(target=self._work) for _ in range(self._jobs)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except KeyboardInterrupt:
            self._stopping.set()
            for child in self._children:
                child.send_signal(signal.SIGTERM)
            raise
        finally:
            for thread in threads:
                thread.join()
        if self._errors:
            raise self._errors[0]

    def _work(self) -> None:
        try:
            while not self._stopping.is_set():
                claimed = self._trials.claim()
                if claimed is not None:
                    self._try(claimed)
                elif self._trials.are_over:
                    return
                else:
                    self._stopping.wait(_POLL)  # others run the last: should they be killed, it is our turn
        except Exception as error:  # raised by `run`, in the thread of the caller
            self._errors.append(error)
            self._stopping.set()

    def _try(self, claimed: Claimed) -> None:
        options, folder = claimed.trial.params, claimed.folder
        said = f"{folder.name}  {described(options)}"
        try:
            if not (folder / NAME).exists():
                self._asked.with_options(None, options).write(folder)
            self._console.print(f"{said}: begins")
            status = self._train(folder, claimed.lock)
            if status < 0 or status == _INTERRUPTED:
                self._console.print(f"{said}: stopped")
            elif status:
                self._trials.fail(claimed, why := _last_line(folder / _OUTPUT))
                self._console.print(f"{said}: failed: {why}")
            else:
                self._trials.finish(claimed, loss := _loss(folder))
                self._console.print(f"{said}: {loss:.4f} nats in {minutes(folder):.1f} minutes")
        finally:
            os.close(claimed.lock)

    def _train(self, folder: Path, lock: int) -> int:
        """The exit status of a run in a folder; less than 0 if it was killed."""
        share = max(1, len(os.sched_getaffinity(0)) // self._jobs)
        with (folder / _OUTPUT).open("ab") as output:
            # The child holds the lock too: should this process be killed, nobody else runs the trial.
            child = subprocess.Popen(
                [sys.executable, "-m", "elman", "train", "--resume", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[lock],
                env={"OMP_NUM_THREADS": str(share), **os.environ},
            )
            self._children.append(child)
            try:
                return child.wait()
            finally:
                self._children.remove(child)


def _loss(folder: Path) -> float:
    """The loss on the whole validation part, which the model file of a finished run holds."""
    with safe_open(folder / _MODEL, framework="np") as file:
        metrics = json.loads(file.metadata()["elman"])["metrics"]
    return float(next(value for name, value in metrics.items() if name.startswith("nats_per_")))


def minutes(folder: Path) -> float | None:
    seconds = read_log(folder).validations["seconds"] if (folder / NAME).exists() else []
    return float(seconds[-1]) / 60.0 if len(seconds) else None


def _last_line(path: Path) -> str:
    lines = path.read_text("utf-8", errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "it said nothing").removeprefix("elman: ")
