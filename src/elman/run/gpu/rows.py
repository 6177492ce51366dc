"""A graph without a recurrence over all rows at once, by torch's own products: what leaves the time loop on a
GPU, forward and backward.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.run.gradients import read_by
from elman.run.rows import derived
from elman.run.tape import Tape


class GpuRows:
    """The values of x alone that a loop reads, for rows x (N, I), and their derivatives.

    All of it is in the format of the layer.
    """

    def __init__(
        self,
        outputs: Sequence[Node],
        x: Node,
        params: Sequence[Node],
        sizes: Mapping[str, int],
        dtype: torch.dtype,
    ) -> None:
        self._outputs, self._sizes, self._dtype = tuple(outputs), sizes, dtype
        deltas, found, self.kept = derived(outputs, (x, *params))
        self._forward = Tape((*outputs, *self.kept), [x], params, sizes)
        self._d_x = found.get(x)
        self._with_gradient = [param in found for param in params]
        available = (x, *self.kept, *deltas)
        self._backward = {
            need_x: self._gradients(
                [d for leaf, d in found.items() if need_x or leaf is not x], available, params
            )
            for need_x in (False, True)
        }

    def _gradients(
        self, gradients: Sequence[Node], available: Sequence[Node], params: Sequence[Node]
    ) -> tuple[Tape, list[int]]:
        """Code for gradients, and which of the values available it reads."""
        read = read_by(gradients, available)
        return Tape(gradients, read, params, self._sizes), [available.index(node) for node in read]

    def size_of(self, output: int) -> int:
        """The number of units of an output."""
        return self._size(self._outputs[output])

    def kept_shapes(self, rows: int) -> list[tuple[int, int]]:
        """The shapes of what `forward` leaves for `backward`."""
        return [(rows, self._size(node)) for node in self.kept]

    def compile(self, training: bool) -> None:
        """Nothing is to be compiled."""

    def forward(self, x: Tensor, params: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Returns the outputs, and what `backward` takes."""
        found = self._forward(self._forward.prepare(self._rounded(params)), self._rounded([x]))
        return found[: len(self._outputs)], found[len(self._outputs) :]

    def backward(
        self,
        x: Tensor,
        params: Sequence[Tensor],
        kept: Sequence[Tensor],
        deltas: Sequence[Tensor],
        need_x: bool,
    ) -> tuple[Tensor | None, list[Tensor | None]]:
        """Returns ∂E/∂x if needed and ∂E/∂(each weight), None where it is zero, from ∂E/∂(each output)."""
        tape, read = self._backward[need_x]
        available = (x, *kept, *deltas)
        given = self._rounded([available[i] for i in read])
        found = iter(tape(tape.prepare(self._rounded(params)), given))
        d_x = next(found) if need_x and self._d_x is not None else None
        return d_x, [next(found) if reached else None for reached in self._with_gradient]

    def _rounded(self, values: Sequence[Tensor]) -> list[Tensor]:
        return [value.to(self._dtype) for value in values]

    def _size(self, node: Node) -> int:
        return self._sizes.get(node.shape[-1], 1)
