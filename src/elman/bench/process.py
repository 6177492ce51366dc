"""Starting a side in a process of its own, and asking it to do things."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

from elman.core.errors import ElmanError

WAITING = {"GOMP_SPINCOUNT": "300000"}
"""How often a thread looks for work before it sleeps: libgomp's own default, some milliseconds."""
SETTLED = 0.03
"""Seconds after which the threads of a worker that has answered are asleep."""
PATIENCE = 900.0
"""Seconds to wait for an answer. torch.compile needs a minute or two."""
_THREADING = ("OMP_", "GOMP_", "MKL_", "KMP_")
_FAREWELL = 5.0


class WorkerError(ElmanError):
    """A side could not do what it was asked for."""


class Worker:
    """A process with threads of its own, alive until the end of a `with` block.

    environment: variables beside those of this process, of which settings for threads are left out. module:
    what it runs, `serving.serve` with the requests that it answers.
    """

    def __init__(
        self, environment: Mapping[str, str] | None = None, module: str = "elman.bench.worker"
    ) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_THREADING)}
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**inherited, **WAITING, **(environment or {})},
            start_new_session=True,  # Ctrl-C is for the one who asks; and what it starts ends with it
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        try:
            with suppress(BrokenPipeError, subprocess.TimeoutExpired):
                self._process.stdin.close()
                self._process.wait(_FAREWELL if kind is None else 0.0)
        finally:
            self.close()

    def ask(self, request: str, patience: float = PATIENCE, **arguments: Any) -> Any:
        """Returns the answer to a request of `worker`. Raises WorkerError where there is none in time."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(json.dumps({"do": request, **arguments}).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise WorkerError(f"the process ended: {self._last_words()}") from None
        ready, _, _ = select.select([stdout], [], [], patience)
        if not ready:
            self.end()
            raise WorkerError(f"no answer within {patience:g} s")
        line = stdout.readline()
        if not line:
            raise WorkerError(f"the process ended: {self._last_words()}")
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        time.sleep(SETTLED)
        return answer["answer"]

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "without a word"

    def close(self) -> None:
        """Ends the process, and lets go of what it wrote."""
        self.end()
        self._log.close()

    def end(self) -> None:
        """Ends the process and all that it has started; who waits for its answer gets WorkerError."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
