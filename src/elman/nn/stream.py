"""One sequence through a recurrent network step by step, its state kept from one to the next.

On a CPU a step is one call of machine code: the whole stack, with the look-up of a symbol, the projection and
the choice of the next symbol. Elsewhere, and where kernels are off, it is the network's own forward pass.

Legend: I input size, O output size, L layers, V symbols.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from elman.core.errors import InputError
from elman.emit.choose import NONE
from elman.nn.chained import compiled_network
from elman.nn.decode import Decoding, no_finite_score
from elman.nn.recurrent import Recurrent, State
from elman.run.stream import CompiledStream


class Stream:
    """One sequence, a step at a time, without dropout: x_1, then x_2, … each from the state that the last
    left.

    recurrent: with an embedding it takes symbols, without one values (I,). projection: what is read off the
    last layer, a module with `out_features`, or an nn.Sequential that ends in one; there is machine code for
    nn.Linear and sequences of it. state: the first one, in the form of `Recurrent`'s for a batch of one; zero
    if not given. The stream keeps the weights that it was made with. It serves one thread at a time; others
    may have streams of their own.

    Raises InputError for a bidirectional network, and for states of the wrong shape.
    """

    def __init__(
        self, recurrent: Recurrent, projection: nn.Module | None = None, state: State | None = None
    ) -> None:
        if recurrent.bidirectional:
            raise InputError(
                "a bidirectional network cannot stream: its second direction begins at the end of a sequence"
            )
        self._size = recurrent.input_size
        self._symbols = None if recurrent.embedding is None else recurrent.embedding.num_embeddings
        last = projection[-1] if isinstance(projection, nn.Sequential) else projection
        self._scores: Any = None if last is None else last.out_features
        with torch.inference_mode(False), torch.no_grad():  # so that it goes on whatever the mode is then
            states = _states(recurrent, state)
            compiled = compiled_network(recurrent, projection, [state for layer in states for state in layer])
            self._steps = _Forward(recurrent, projection, states) if compiled is None else _Compiled(compiled)
        self._layers, self._dtype = recurrent.num_layers, states[0][0].dtype

    @property
    def state(self) -> State:
        """The state after the last step, in the form of `Recurrent`'s: (L, 1, n), a tuple where there are
        several.
        """
        flat = self._steps.states
        kinds = len(flat) // self._layers
        states = tuple(torch.stack(flat[kind::kinds]) for kind in range(kinds))
        return states[0] if kinds == 1 else states

    @torch.no_grad()
    def __call__(self, x: Tensor | int) -> Tensor:
        """Takes a step on a symbol or a value (I,); returns the output of the last layer (O,), or the scores
        (V,) where there is a projection.

        Raises InputError for a symbol that the embedding has not, and for a value of another size or format.
        """
        if self._symbols is not None:
            if isinstance(x, Tensor) and (x.numel() != 1 or x.is_floating_point()):
                raise InputError(f"the stream takes the number of a symbol, not {_described(x)}")
            return self._steps.step(self._checked(int(x)))
        if not isinstance(x, Tensor) or x.shape != (self._size,) or x.dtype != self._dtype:
            wanted = f"values of the shape ({self._size},) and {self._dtype}"
            raise InputError(f"the stream takes {wanted}, not {_described(x)}")
        return self._steps.step_on(x)

    def generate(
        self,
        symbol: int,
        length: int,
        decoding: Decoding,
        generator: torch.Generator,
        forbidden: Collection[int] = (),
        closing: Collection[int] = (),
    ) -> Iterator[list[int]]:
        """Yields the symbols that follow a symbol, some at a time, at most `length` of them, each read again
        before the next is chosen.

        forbidden: never chosen. closing: ends the text, and is not yielded. A number from the generator
        chooses each, so the same seed gives the same symbols.

        Raises InputError where the network has no embedding, or not a score for each symbol; at the symbol
        where no allowed one has a finite score.
        """
        if self._symbols is None or self._scores != self._symbols:
            raise InputError(
                f"to write symbols, a network reads symbols and has a score for each, not {self._scores} "
                f"scores for {self._symbols} symbols"
            )
        for what in (forbidden, closing):
            for each in what:
                self._checked(each)
        return self._steps.generate(self._checked(symbol), length, decoding, generator, forbidden, closing)

    def _checked(self, symbol: int) -> int:
        if self._symbols is None or not 0 <= symbol < self._symbols:
            raise InputError(f"the network has the symbols 0 to {(self._symbols or 0) - 1}, not {symbol}")
        return symbol


def _described(x: Tensor | int) -> str:
    return f"a tensor of the shape {tuple(x.shape)} and {x.dtype}" if isinstance(x, Tensor) else repr(x)


class _Forward:
    """Steps by the forward pass of a copy of the network."""

    steps_per_call = 1

    def __init__(
        self, recurrent: Recurrent, projection: nn.Module | None, states: Sequence[Sequence[Tensor]]
    ) -> None:
        shared = {id(recurrent.cell): recurrent.cell}  # a cell never changes
        self._recurrent = copy.deepcopy(recurrent, shared).eval()
        self._projection = copy.deepcopy(projection)
        self._device = states[0][0].device
        stacked = tuple(torch.stack(parts) for parts in zip(*states, strict=True))
        self._state: State = stacked[0] if len(stacked) == 1 else stacked

    @property
    def states(self) -> list[Tensor]:
        state = (self._state,) if isinstance(self._state, Tensor) else self._state
        return [value for layer in zip(*state, strict=True) for value in layer]

    def step(self, symbol: int) -> Tensor:
        return self._step(torch.tensor([[symbol]], device=self._device))

    def step_on(self, x: Tensor) -> Tensor:
        return self._step(x.view(1, 1, -1))

    @torch.no_grad()
    def _step(self, x: Tensor) -> Tensor:
        output, self._state = self._recurrent(x, self._state)
        return (output if self._projection is None else self._projection(output)).flatten()

    def generate(
        self,
        symbol: int,
        length: int,
        decoding: Decoding,
        generator: torch.Generator,
        forbidden: Collection[int],
        closing: Collection[int],
    ) -> Iterator[list[int]]:
        for _ in range(length):
            uniform = float(torch.rand((), dtype=torch.float64, generator=generator))
            symbol = decoding.choose(self.step(symbol).cpu(), uniform, forbidden)
            if symbol in closing:
                return
            yield [symbol]


class _Compiled:
    """Steps by machine code."""

    def __init__(self, steps: CompiledStream) -> None:
        self._steps = steps
        self.step, self.step_on = steps.step, steps.step_on

    @property
    def states(self) -> list[Tensor]:
        return self._steps.states

    def generate(
        self,
        symbol: int,
        length: int,
        decoding: Decoding,
        generator: torch.Generator,
        forbidden: Collection[int],
        closing: Collection[int],
    ) -> Iterator[list[int]]:
        rule = torch.tensor([decoding.temperature, decoding.top_k, decoding.top_p], dtype=torch.float64)
        allowed = torch.ones(self._steps.size, dtype=torch.float64)
        allowed[list(forbidden)] = 0.0
        closes = torch.zeros(self._steps.size, dtype=torch.int64)
        closes[list(closing)] = 1
        while length:
            count = min(length, self._steps.steps_per_call)
            uniforms = torch.rand(count, dtype=torch.float64, generator=generator)
            symbols = self._steps.generate(symbol, uniforms, rule, allowed, closes)
            symbol, length = symbols[-1], length - count
            if symbol == NONE or symbol in closing:
                symbols, length = symbols[:-1], 0
            if symbols:
                yield symbols
        if symbol == NONE:
            raise no_finite_score()


def _states(recurrent: Recurrent, state: State | None) -> list[list[Tensor]]:
    """The first states, [layer][state of the cell], each (1, n)."""
    weight = next(iter(recurrent.parameters()))
    widths = [recurrent.sizes[node.shape[1]] for node in recurrent.cell.step.states]
    if state is None:
        return [[weight.new_zeros(1, width) for width in widths] for _ in range(recurrent.num_layers)]
    given = [state] if isinstance(state, Tensor) else list(state)
    shapes = [(recurrent.num_layers, 1, width) for width in widths]
    if [tuple(value.shape) for value in given] != shapes:
        raise InputError(
            f"the state of the stream has the shapes {shapes}, not {[tuple(value.shape) for value in given]}"
        )
    return [[value[layer] for value in given] for layer in range(recurrent.num_layers)]
