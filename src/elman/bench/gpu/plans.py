"""Which plans launch kernels on a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from elman.run.gpu.kernel import GpuKernel
from elman.run.gpu.plan import Plan, Work


@dataclass
class Plans:
    """The plan that each kernel ran by, the last one, by the name of the kernel; and the kinds of all plans
    that those kernels have.
    """

    ran: dict[str, Plan] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)

    @property
    def others(self) -> list[str]:
        """The kinds by which no kernel ran."""
        return sorted(self.kinds - {plan.kind for plan in self.ran.values()})


@contextmanager
def recorded_plans() -> Iterator[Plans]:
    """Gives what holds afterwards which plans kernels ran by."""
    found = Plans()
    choose = GpuKernel.plan

    def recorded(self: GpuKernel, work: Work) -> Plan:
        chosen = choose(self, work)
        found.ran[self.kernel.name] = chosen
        found.kinds |= {one.kind for one in self.plans}
        return chosen

    GpuKernel.plan = recorded
    try:
        yield found
    finally:
        GpuKernel.plan = choose
