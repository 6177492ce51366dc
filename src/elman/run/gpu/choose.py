"""The plans by which a kernel can run on a GPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from elman.core.errors import InputError
from elman.core.ir import Node
from elman.emit.plan import Kernel
from elman.emit.triton.linear import emit_linear
from elman.emit.triton.persistent import emit_persistent
from elman.emit.triton.scan import emit_scan, is_scan
from elman.emit.triton.steps import emit_steps
from elman.run.gpu.linear import LinearPlan
from elman.run.gpu.persistent import PersistentPlan
from elman.run.gpu.plan import Plan, Work
from elman.run.gpu.scan import ScanPlan
from elman.run.gpu.steps import StepPlan


@lru_cache(maxsize=1024)
def plans(kernel: Kernel, states: Sequence[Node], dtype: str) -> tuple[Plan, ...]:
    """Returns the plans of a kernel, the fastest first; the last one runs everywhere.

    states: those before a step, which the first outputs follow. dtype: float or double, the format of sums.
    """
    if is_scan(kernel.fused):
        source = emit_linear(kernel, states, dtype)
        linear = () if source is None else (LinearPlan(source, len(states)),)
        return (*linear, ScanPlan(emit_scan(kernel, states, dtype)))
    resident = (PersistentPlan(emit_persistent(kernel, states, dtype)),) if kernel.fused.products else ()
    return (*resident, StepPlan(emit_steps(kernel, states, dtype)))


KINDS = ("persistent", "steps", "linear", "scan")
_asked: str | None = None


@contextmanager
def plan(kind: str) -> Iterator[None]:
    """As long as this lasts, loops go by a kind of plan, one of KINDS, wherever it can do the work, be it the
    fastest or not. It holds for all threads, as torch computes gradients in threads of its own.

    Raises InputError for another kind.
    """
    global _asked
    if kind not in KINDS:
        raise InputError(f"a plan on a GPU is one of {', '.join(KINDS)}, not {kind!r}")
    before, _asked = _asked, kind
    try:
        yield
    finally:
        _asked = before


def choose(plans: Sequence[Plan], work: Work) -> Plan:
    """Returns the plan that some work goes by: the one asked for, else the first that is not slower."""
    *others, last = plans
    for one in others:
        wanted = one.slower(work) is None if _asked is None else one.kind == _asked
        if wanted and one.why_not(work) is None:
            return one
    return last
