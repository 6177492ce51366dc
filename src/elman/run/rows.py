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
from elman.run.buffers import padded_size, readable
from elman.run.gradients import WeightGradients
from elman.run.kernel import CpuKernel
from elman.run.work import rows_work


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
        self._x, self._params, self._outputs = x, tuple(params), tuple(outputs)
        leaves = {x: Row.NOW, **dict.fromkeys(params, Row.NONE)}
        self._deltas = tuple(variable("delta_output", str(i), node.shape) for i, node in enumerate(outputs))
        adjoint = adjoints(zip(outputs, self._deltas, strict=True))
        gradients = [adjoint[node] for node in (x, *params) if node in adjoint]
        found = dict(
            zip((node for node in (x, *params) if node in adjoint), simplify(gradients), strict=True)
        )
        self.kept = save(outputs, leaves, found.values())
        computed = [node for node in dict.fromkeys((*outputs, *self.kept)) if node is not x]
        self._forward = CpuKernel("before", computed, leaves, sizes, dtype)
        self._written = dict(zip(computed, self._forward.outputs, strict=True))

        there = {**leaves, **dict.fromkeys((*self.kept, *self._deltas), Row.NOW)}
        self._d_x = found.get(x)
        self._with_gradient = [param for param in params if param in found]
        wanted = [self._d_x] if self._d_x is not None and self._d_x not in there else []
        self._backward = CpuKernel("before_backward", wanted, there, sizes, dtype)
        available = (x, *self.kept, *self._deltas)
        self._sums = WeightGradients([found[p] for p in self._with_gradient], available, params, sizes, dtype)

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
        lanes = self._forward.lanes
        values = self._values(x, params, lanes)
        self._run(self._forward, values, params, x)
        padded = [values[self._written.get(node, node)] for node in self._outputs]
        outputs = [self._cut(node, value) for node, value in zip(self._outputs, padded, strict=True)]
        return outputs, [values[self._written[node]] for node in self.kept]

    def backward(
        self,
        x: Tensor,
        params: Sequence[Tensor],
        kept: Sequence[Tensor],
        deltas: Sequence[Tensor],
        need_x: bool,
    ) -> tuple[Tensor | None, list[Tensor | None]]:
        """Returns ∂E/∂x if needed and ∂E/∂(each weight), None where it is zero, from ∂E/∂(each output)."""
        lanes = self._forward.lanes
        values = self._values(x, params, lanes)
        values.update(zip(self.kept, kept, strict=True))
        values.update(
            (node, readable(delta, lanes)) for node, delta in zip(self._deltas, deltas, strict=True)
        )
        d_x = None
        if need_x and self._d_x is not None:
            self._run(self._backward, values, params, x)
            (written,) = self._backward.outputs or (self._d_x,)
            d_x = self._cut(self._x, values[written])
        by_node = dict(zip(self._params, params, strict=True))
        found = (
            self._sums({node: values[node] for node in self._sums.reads}, by_node) if self._sums.reads else []
        )
        gradients = dict(zip(self._with_gradient, found, strict=True))
        return d_x, [gradients.get(param) for param in self._params]

    def _values(self, x: Tensor, params: Sequence[Tensor], lanes: int) -> dict[Node, Tensor]:
        vectors = {
            node: readable(v, lanes) for node, v in zip(self._params, params, strict=True) if v.dim() == 1
        }
        return {self._x: readable(x, lanes), **vectors}

    def _run(
        self, kernel: CpuKernel, values: dict[Node, Tensor], params: Sequence[Tensor], x: Tensor
    ) -> None:
        values.update((node, kernel.empty(node, len(x), x)) for node in kernel.stored)
        kernel(
            values,
            dict(zip(self._params, params, strict=True)),
            rows_work(len(x)),
        )

    def _cut(self, node: Node, value: Tensor) -> Tensor:
        size = self._forward.size(node)
        return value if value.shape[1] == size else value[:, :size]
