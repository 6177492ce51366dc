"""Checks in a child process, which may die of them."""

import os
import signal
import traceback
from collections.abc import Callable

PATIENCE = 60
"""Seconds after which a child is killed: one that waits for threads that it has not would wait for ever."""


def in_child(check: Callable[[], None]) -> int:
    """Runs a check in a forked child; returns 0 if it holds, 1 if it raises, -n if signal n kills it."""
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        status = 1
        try:
            check()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
