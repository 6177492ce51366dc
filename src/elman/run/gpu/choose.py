"""The plans by which a kernel can run on a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from elman.core.ir import Node
from elman.emit.plan import Kernel
from elman.emit.triton.scan import emit_scan, is_scan
from elman.emit.triton.steps import emit_steps
from elman.run.gpu.plan import Plan
from elman.run.gpu.scan import ScanPlan
from elman.run.gpu.steps import StepPlan


@lru_cache(maxsize=1024)
def plans(kernel: Kernel, states: Sequence[Node], dtype: str) -> tuple[Plan, ...]:
    """Returns the plans of a kernel, the fastest first; the last one runs everywhere.

    states: those before a step, which the first outputs follow. dtype: float or double, the format of sums.
    """
    if is_scan(kernel.fused):
        return (ScanPlan(emit_scan(kernel, states, dtype)),)
    return (StepPlan(emit_steps(kernel, states, dtype)),)
