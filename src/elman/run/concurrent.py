"""Passes whose loops run at the same time.

A pass is a generator: it yields the call of its loop when all that this reads is there, and returns its
results once the loop has run.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

from elman.run.kernel import KernelCall, run_calls

Result = TypeVar("Result")
Running = Generator[KernelCall, None, Result]


def finish(passes: Sequence[Running[Result]]) -> list[Result]:
    """Returns the results of passes, after their loops have run, all at once."""
    run_calls([next(one) for one in passes])
    return [_result(one) for one in passes]


def _result(one: Running[Result]) -> Result:
    try:
        next(one)
    except StopIteration as end:
        return end.value
    raise AssertionError("a pass has one loop")
