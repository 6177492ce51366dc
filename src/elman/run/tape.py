"""Graphs as straight-line torch code.

Legend: N rows (sequences of one step, or all rows of all steps at once), then the size of the value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from elman.core.ir import Node, topological
from elman.run.operations import OPERATIONS


class OneHot:
    """Symbols as input, each a 1-of-N vector: its product with a matrix is a column of it, looked up and
    never computed.

    symbols: (N,) integers, or None for every symbol once, in order.
    """

    def __init__(self, symbols: Tensor | None) -> None:
        self.symbols = symbols

    def product(self, matrix: Tensor, bias: Tensor | None) -> Tensor:
        """Returns W x + b for each symbol, (N, H)."""
        rows = matrix.mT if self.symbols is None else functional.embedding(self.symbols, matrix.mT)
        return rows if bias is None else rows + bias


Instruction = tuple[Callable[..., Any], tuple[int, ...], tuple[int, ...]]


class Tape:
    """Code for some values of a graph: `prepare` it once for the weights, then call it for each batch of
    rows.

    The products of one operand become one product with their stacked matrices, and biases that follow join
    it; a sum of transposed products becomes one product of the stacked operands.
    """

    def __init__(
        self,
        outputs: Sequence[Node],
        inputs: Sequence[Node],
        params: Sequence[Node],
        sizes: Mapping[str, int],
    ) -> None:
        self._sizes = sizes
        self._leading = len(params), len(inputs)
        self._slots: dict[Node, int] = {}
        self._names: dict[int, float] = {}
        self._count = 0
        for leaf in (*params, *inputs):
            self._slot(leaf)
        self._once: list[Instruction] = []
        self._each: list[Instruction] = []
        self._fixed = set(params)

        order = list(topological(outputs, known=self._slots))
        for node in order:
            if node.op == "constant" or (node.args and all(arg in self._fixed for arg in node.args)):
                self._fixed.add(node)
        self._uses = Counter(arg for node in order for arg in node.args)
        self._uses.update(outputs)
        self._products: dict[Node, list[Node]] = {}
        self._biased: dict[Node, Node] = {}
        for node in order:
            if node.op == "matmul":
                self._products.setdefault(node.args[1], []).append(node)
            elif node.op == "add" and node.args[1].op == "param":
                product = node.args[0]
                if product.op == "matmul" and product not in self._slots and self._uses[product] == 1:
                    self._biased[product] = node
        self._outputs = [self._compile(node) for node in outputs]

    def prepare(self, params: Sequence[Tensor]) -> list[Any]:
        """Returns the values that depend on the weights alone, for `__call__`."""
        values: list[Any] = [None] * self._count
        values[: len(params)] = params
        for slot, number in self._names.items():
            values[slot] = number
        _run(self._once, values)
        return values

    def __call__(self, prepared: list[Any], inputs: Sequence[Any]) -> list[Any]:
        """Returns the outputs for some rows of the inputs."""
        values = prepared.copy()
        params, count = self._leading
        values[params : params + count] = inputs
        _run(self._each, values)
        return [values[slot] for slot in self._outputs]

    def _compile(self, node: Node) -> int:
        """Returns the slot of a node's value, having emitted the code for it and all that it needs."""
        if node in self._slots:
            return self._slots[node]
        if node.op == "constant":
            self._names[self._slot(node)] = node.value
        elif node.op == "matmul":
            self._compile_products(node.args[1])
        elif node.op == "add" and self._biased.get(node.args[0]) is node:
            self._compile_products(node.args[0].args[1])
        elif len(terms := self._transposed(node)) > 1:
            self._compile_sum(node, terms)
        else:
            attributes = {k: self._sizes[str(v)] if k == "size" else v for k, v in node.attributes}
            function = OPERATIONS[node.op]
            args = [self._compile(arg) for arg in node.args]
            self._emit(
                partial(function, **attributes) if attributes else function,
                args,
                [self._slot(node)],
                node in self._fixed,
            )
        return self._slots[node]

    def _compile_products(self, operand: Node) -> None:
        """All products of one operand: v @ [W_1 … W_k]ᵀ + [b_1 … b_k], then cut into k."""
        members = self._products[operand]
        ends = [self._biased.get(member, member) for member in members]
        matrix = self._stack([member.args[0] for member in members])
        biases: list[Node | int] = [
            end.args[1] if end is not member else self._size(member)
            for member, end in zip(members, ends, strict=True)
        ]
        args = [self._compile(operand), matrix]
        if any(end is not member for member, end in zip(members, ends, strict=True)):
            args.append(self._stack(biases))
        widths = [self._size(member) for member in members]
        self._emit(partial(_products, widths=widths), args, [self._slot(end) for end in ends])

    def _compile_sum(self, node: Node, terms: list[Node]) -> None:
        """Σ_k M_kᵀ v_k + rest as [v_1 … v_k] @ [M_1 … M_k] + rest."""
        rest = [self._compile(term) for term in self._terms(node) if term not in terms]
        matrix = self._stack([term.args[0] for term in terms])
        args = [matrix, *rest, *(self._compile(term.args[1]) for term in terms)]
        self._emit(partial(_weighted_sum, rest=len(rest)), args, [self._slot(node)])

    def _stack(self, parts: Sequence[Node | int]) -> int:
        """The slot of some weights one above the other; a number stands for that many zeros."""
        if len(parts) == 1 and isinstance(parts[0], Node):
            return self._compile(parts[0])
        slot = self._new_slot()
        zeros = [part if isinstance(part, int) else None for part in parts]
        args = [self._compile(part) for part in parts if isinstance(part, Node)]
        self._emit(partial(_stacked, zeros=zeros), args, [slot], fixed=True)
        return slot

    def _terms(self, node: Node, top: bool = True) -> list[Node]:
        if node.op != "add" or (self._uses[node] > 1 and not top) or node in self._slots:
            return [node]
        return [term for arg in node.args for term in self._terms(arg, top=False)]

    def _transposed(self, node: Node) -> list[Node]:
        if node.op != "add":
            return []
        return [
            term
            for term in self._terms(node)
            if term.op == "matmul_t" and self._uses[term] == 1 and term not in self._slots
        ]

    def _size(self, node: Node) -> int:
        return self._sizes[node.shape[-1]]

    def _slot(self, node: Node) -> int:
        if node not in self._slots:
            self._slots[node] = self._new_slot()
        return self._slots[node]

    def _new_slot(self) -> int:
        self._count += 1
        return self._count - 1

    def _emit(
        self, function: Callable[..., Any], args: list[int], results: list[int], fixed: bool = False
    ) -> None:
        (self._once if fixed else self._each).append((function, tuple(args), tuple(results)))


def _run(code: list[Instruction], values: list[Any]) -> None:
    for function, args, results in code:
        result = function(*[values[slot] for slot in args])
        if len(results) == 1:
            values[results[0]] = result
        else:
            for slot, part in zip(results, result, strict=True):
                values[slot] = part


def _products(
    operand: Tensor | OneHot, matrix: Tensor, bias: Tensor | None = None, *, widths: list[int]
) -> Any:
    product = (
        operand.product(matrix, bias)
        if isinstance(operand, OneHot)
        else functional.linear(operand, matrix, bias)
    )
    return product.split(widths, -1) if len(widths) > 1 else product


def _weighted_sum(matrix: Tensor, *values: Tensor, rest: int) -> Tensor:
    total = torch.cat(values[rest:], -1) @ matrix
    for value in values[:rest]:
        total = total + value
    return total


def _stacked(*weights: Tensor, zeros: list[int | None]) -> Tensor:
    given = iter(weights)
    return torch.cat([next(given) if count is None else weights[0].new_zeros(count) for count in zeros])
