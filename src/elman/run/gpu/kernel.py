"""Some values of a graph, computed by Triton kernels for all steps of a loop.

Under TRITON_INTERPRET=1 the same kernels run on tensors of the CPU, slowly, to be tested.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import lru_cache

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import unset_fake_temporarily

from elman.core.ir import Node
from elman.core.passes.fuse import fuse
from elman.emit.passes import Pass
from elman.emit.plan import Kernel, Row, plan
from elman.run.call import DTYPES, sum_dtype
from elman.run.gpu.choose import choose, plans
from elman.run.gpu.launch import LARGEST
from elman.run.gpu.plan import Plan, Work
from elman.run.layout import Layout


class GpuKernel:
    """Triton kernels for some values of a graph at given sizes, and the plans by which they are launched."""

    def __init__(self, way: Pass, sizes: Mapping[str, int], dtype: torch.dtype) -> None:
        self._dtype, self._format, self._sizes = dtype, sum_dtype(dtype), sizes
        self.formats: dict[Node, torch.dtype] = {}
        """The formats of rows, where that is not the one of sums."""
        self.kernel = _planned(way.name, way.outputs, tuple(way.leaves.items()))
        self.outputs = self.kernel.fused.outputs
        self.plans = plans(self.kernel, way.before, DTYPES[self._format])

    def compile(self, device: torch.device) -> None:
        """Compiles the kernels for a device, by a step of no sequences in tiles that ask for most of it. A
        plan that cannot be compiled is left out with a warning; the last one raises.
        """
        if not self.outputs:
            return
        shapes = Layout((LARGEST,))
        kept: list[Plan] = []
        with unset_fake_temporarily():  # torch.compile asks for kernels, too, while tensors have no numbers
            work = self._work(self._trial(device), shapes, shapes, steps=0)
            for one in self.plans[:-1]:
                try:
                    if one.slower(work) is None and one.why_not(work) is None:
                        one.run(work)
                    kept.append(one)
                except Exception as error:
                    told = f"the kernel {self.kernel.name} runs by a slower plan than {one.name!r}: {error}"
                    warnings.warn(told, RuntimeWarning, stacklevel=2)
            self.plans[-1].run(work)
        self.plans = (*kept, self.plans[-1])

    def _trial(self, device: torch.device) -> dict[Node, Tensor]:
        """What launches are given in a trial: weights as they are, and a row of all else."""
        nodes = (node for one in self.plans for launch in one.source.launches for node in launch.arguments)
        values: dict[Node, Tensor] = {}
        for node in nodes:
            matrix = len(node.shape) == 2 and not node.batched
            shape = [1 if size == "B" else self.size(size) for size in node.shape]
            dtype = self._dtype if matrix else self.formats.get(node, self._format)
            values[node] = torch.zeros(shape, dtype=dtype, device=device)
        return values

    def size(self, name: str) -> int:
        """The value of a size."""
        return self._sizes.get(name, 1)

    def __call__(
        self,
        values: Mapping[Node, Tensor],
        written: Mapping[Node, Tensor],
        layout: Layout,
        other: Layout | None = None,
    ) -> list[Tensor]:
        """Takes all steps of a layout; returns the rows of the outputs, in new memory unless `written` says
        in which.

        values: all that is known, rows (N, ·), vectors, matrices; other: the loop whose carried rows the
        other ones are.
        """
        device = next(iter(values.values())).device
        everything = {**values, **written}
        for node in self.outputs:
            if node not in everything:
                shape = layout.rows, self.size(node.shape[-1])
                dtype = self.formats.get(node, self._format)
                everything[node] = torch.empty(shape, dtype=dtype, device=device)
        if self.outputs:
            work = self._work(everything, layout, other or layout, len(layout.batch_sizes))
            self.plan(work).run(work)
        return [everything[node] for node in self.outputs]

    def plan(self, work: Work) -> Plan:
        """The plan that some work goes by."""
        return choose(self.plans, work)

    def _work(self, values: Mapping[Node, Tensor], layout: Layout, other: Layout, steps: int) -> Work:
        return Work(values, layout, other, steps, self._sizes, self._dtype, self._format)


@lru_cache(maxsize=1024)
def _planned(name: str, outputs: tuple[Node, ...], leaves: tuple[tuple[Node, Row], ...]) -> Kernel:
    return plan(name, fuse(outputs, dict(leaves)), dict(leaves))
