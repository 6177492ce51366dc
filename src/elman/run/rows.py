"""A graph without a recurrence as machine code, over all rows at once: what leaves the time loop, forward and
backward.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from elman.core.grad import adjoints
from elman.core.ir import Node, variable
from elman.core.passes.save import save
from elman.core.passes.simplify import simplify
from elman.emit.plan import Row
from elman.run.buffers import padded_size
from elman.run.call import sum_dtype
from elman.run.gradients import WeightGradients
from elman.run.kernel import CpuKernel
from elman.run.work import rows_work


def derived(
    outputs: Sequence[Node], leaves: Sequence[Node]
) -> tuple[tuple[Node, ...], dict[Node, Node], tuple[Node, ...]]:
    """Returns for a graph without a recurrence the errors that arrive at its outputs, ∂E/∂ each leaf that
    they reach, and the values to keep for these.
    """
    deltas = tuple(variable("delta_output", str(i), node.shape) for i, node in enumerate(outputs))
    adjoint = adjoints(zip(outputs, deltas, strict=True))
    reached = [leaf for leaf in leaves if leaf in adjoint]
    found = dict(zip(reached, simplify(adjoint[leaf] for leaf in reached), strict=True))
    return deltas, found, save(outputs, leaves, found.values())


class CpuRows:
    """The values of x alone that a loop reads, for rows x (N, I), and their derivatives."""

    def __init__(
        self,
        outputs: Sequence[Node],
        x: Node,
        params: Sequence[Node],
        sizes: Mapping[str, int],
        dtype: torch.dtype,
    ) -> None:
        self._format = sum_dtype(dtype)
        self._x, self._params, self._outputs = x, tuple(params), tuple(outputs)
        leaves = {x: Row.NOW, **dict.fromkeys(params, Row.NONE)}
        self._deltas, found, self.kept = derived(outputs, (x, *params))
        computed = [node for node in dict.fromkeys((*outputs, *self.kept)) if node is not x]
        self._forward = CpuKernel("before", computed, leaves, sizes, dtype)
        self._written = dict(zip(computed, self._forward.outputs, strict=True))

        there = {**leaves, **dict.fromkeys((*self.kept, *self._deltas), Row.NOW)}
        self._d_x = found.get(x)
        self._with_gradient = [param for param in params if param in found]
        wanted = [self._d_x] if self._d_x is not None and self._d_x not in there else []
        self._backward = CpuKernel("before_backward", wanted, there, sizes, self._format)
        available = (x, *self.kept, *self._deltas)
        gradients = [found[param] for param in self._with_gradient]
        self._sums = WeightGradients(gradients, available, params, sizes, self._format)

    def size_of(self, output: int) -> int:
        """The number of units of an output."""
        return self._forward.size(self._outputs[output])

    def kept_shapes(self, rows: int) -> list[tuple[int, int]]:
        """The shapes of what `forward` leaves for `backward`."""
        return [(rows, padded_size(self._forward.size(node), self._forward.lanes)) for node in self.kept]

    def compile(self, training: bool) -> None:
        """Compiles what the forward pass runs, for training what the backward pass runs too."""
        self._forward.compile()
        if training:
            self._backward.compile()
            self._sums.compile()

    def forward(self, x: Tensor, params: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Returns the outputs, and what `backward` takes: rows padded to whole vectors."""
        values = self._values(self._forward, x, params)
        self._run(self._forward, values, params)
        padded = [values[self._written.get(node, node)] for node in self._outputs]
        outputs = [self._cut(node, value) for node, value in zip(self._outputs, padded, strict=True)]
        return [output.to(self._format) for output in outputs], [
            values[self._written[node]] for node in self.kept
        ]

    def backward(
        self,
        x: Tensor,
        params: Sequence[Tensor],
        kept: Sequence[Tensor],
        deltas: Sequence[Tensor],
        need_x: bool,
    ) -> tuple[Tensor | None, list[Tensor | None]]:
        """Returns ∂E/∂x if needed and ∂E/∂(each weight), None where it is zero, from ∂E/∂(each output)."""
        values = self._values(self._backward, x, params)
        values.update(zip(self.kept, kept, strict=True))
        arrived = zip(self._deltas, deltas, strict=True)
        values.update((node, self._backward.readable(node, delta)) for node, delta in arrived)
        d_x = None
        if need_x and self._d_x is not None:
            self._run(self._backward, values, params)
            (written,) = self._backward.outputs or (self._d_x,)
            d_x = self._cut(self._x, values[written])
        by_node = dict(zip(self._params, params, strict=True))
        found = (
            self._sums({node: values[node] for node in self._sums.reads}, by_node) if self._sums.reads else []
        )
        gradients = dict(zip(self._with_gradient, found, strict=True))
        return d_x, [gradients.get(param) for param in self._params]

    def _values(self, kernel: CpuKernel, x: Tensor, params: Sequence[Tensor]) -> dict[Node, Tensor]:
        vectors = {node: v for node, v in zip(self._params, params, strict=True) if v.dim() == 1}
        return {node: kernel.readable(node, value) for node, value in {self._x: x, **vectors}.items()}

    def _run(self, kernel: CpuKernel, values: dict[Node, Tensor], params: Sequence[Tensor]) -> None:
        rows = len(values[self._x])
        values.update((node, kernel.empty(node, rows)) for node in kernel.stored)
        kernel(values, dict(zip(self._params, params, strict=True)), rows_work(rows))

    def _cut(self, node: Node, value: Tensor) -> Tensor:
        size = self._forward.size(node)
        return value if value.shape[1] == size else value[:, :size]
