"""Which plans launch kernels on a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from elman.run.gpu.kernel import GpuKernel
from elman.run.gpu.plan import Plan, Work


@contextmanager
def recorded_plans() -> Iterator[dict[str, str]]:
    """Gives a mapping that holds afterwards, by the name of each kernel that ran, what its last plan is
    called.
    """
    names: dict[str, str] = {}
    choose = GpuKernel.plan

    def recorded(self: GpuKernel, work: Work) -> Plan:
        chosen = choose(self, work)
        names[self.kernel.name] = chosen.name
        return chosen

    GpuKernel.plan = recorded
    try:
        yield names
    finally:
        GpuKernel.plan = choose
