"""Weight gradients, summed over all rows at once after a loop: Σ_n δ_n v_nᵀ for matrices, Σ_n δ_n for
vectors.

Legend: N rows, one for each step of each sequence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from elman.core.ir import Node, topological
from elman.emit.plan import Row
from elman.run.buffers import readable
from elman.run.kernel import CpuKernel
from elman.run.outer import Product, outer_kernel
from elman.run.sums import SumKernel, by_element
from elman.run.tape import Tape
from elman.run.work import rows_work


class WeightGradients:
    """The gradients of some weights, from values that have rows: those available, and what follows from them
    by element.
    """

    def __init__(
        self,
        gradients: Sequence[Node],
        available: Sequence[Node],
        params: Sequence[Node],
        sizes: Mapping[str, int],
        dtype: torch.dtype,
    ) -> None:
        order = list(topological(gradients, known=(*available, *params)))
        self._sums = [node for node in order if node.op in ("outer", "batch_sum")]
        self._finish = Tape(gradients, self._sums, params, sizes)
        known = (*available, *params)
        operands = dict.fromkeys(
            arg
            for node in self._sums
            for arg in node.args
            if node.op == "outer" or not by_element(list(topological([arg], known)))
        )
        missing = [node for node in operands if node not in available]
        leaves = {**dict.fromkeys(available, Row.NOW), **dict.fromkeys(params, Row.NONE)}
        self._kernel = CpuKernel("operands", missing, leaves, sizes, dtype)
        self._dtype = dtype
        self._computed = dict(zip(missing, self._kernel.outputs, strict=True))
        leaves.update(dict.fromkeys(missing, Row.NOW))
        summed = [node.args[0] for node in self._sums if node.op == "batch_sum"]
        self._vectors = SumKernel(list(dict.fromkeys(summed)), leaves, sizes, dtype)
        self.reads = read_by([*missing, *operands, *summed], available)

    def compile(self) -> None:
        """Compiles the kernels now rather than on first use."""
        self._kernel.compile()
        self._vectors.compile()
        if any(node.op == "outer" for node in self._sums):
            outer_kernel(self._dtype, self._kernel.target)

    def __call__(self, rows: Mapping[Node, Tensor], params: Mapping[Node, Tensor]) -> list[Tensor]:
        """Returns the gradients.

        rows: for every node of `reads` its rows (N, padded size); params: the weights.
        """
        vectors = {node: value for node, value in params.items() if value.dim() == 1}
        values = {**rows, **{node: readable(v, self._kernel.lanes) for node, v in vectors.items()}}
        count = len(next(iter(rows.values())))
        if self._kernel.stored:
            values.update((node, self._kernel.empty(node, count)) for node in self._kernel.stored)
            self._kernel(values, params, rows_work(count))
            values.update((node, values[computed]) for node, computed in self._computed.items())
        outer = [node for node in self._sums if node.op == "outer"]
        products = []
        for node in outer:
            a, b = (values[arg] for arg in node.args)
            products.append(Product(a, b, *(self._kernel.size(arg) for arg in node.args)))
        found = dict(zip(outer, outer_kernel(self._dtype, self._kernel.target)(products), strict=True))
        sums = self._vectors(values, count)
        found.update((node, sums[node.args[0]]) for node in self._sums if node.op == "batch_sum")
        return self._finish(self._finish.prepare(list(params.values())), [found[node] for node in self._sums])


def read_by(outputs: Sequence[Node], available: Sequence[Node]) -> tuple[Node, ...]:
    """Returns those of the values available that the outputs read."""
    used = {arg for node in topological(outputs, known=available) for arg in node.args} | set(outputs)
    return tuple(node for node in available if node in used)
