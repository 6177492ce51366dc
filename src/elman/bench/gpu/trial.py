"""A layer with data, in a format: the numbers that it computes, by elman and by its peer, and the exact ones.

The exact numbers are those of torch's own operations in float64, on the same device, from the same rounded
weights and data. The peer is torch.nn's layer (cuDNN on a GPU), or, where it has none, the same torch
operations in the format itself.

Legend: T steps, B sequences, I input size, H hidden size, N rows (each step of each sequence).
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from elman.bench.loops import ZONEOUT
from elman.nn.recurrent import Recurrent
from elman.nn.torch_layers import GRU, LSTM, RNN
from elman.run.choice import kernels

LAYERS: dict[str, Callable[..., nn.RNNBase]] = {"LSTM": LSTM, "GRU": GRU, "RNN": RNN}
"""The layers that torch.nn has, too."""


@dataclass(frozen=True)
class Shape:
    """Sizes of a layer and its data; varied: lengths are uneven, and packed."""

    batch: int
    steps: int
    inputs: int
    hidden: int
    varied: bool = False
    bidirectional: bool = False

    @property
    def lengths(self) -> list[int]:
        """The steps of each sequence."""
        draw = random.Random(0)
        return [draw.randint(1, self.steps) if self.varied else self.steps for _ in range(self.batch)]

    def __str__(self) -> str:
        notes = [" uneven"] * self.varied + [" both ways"] * self.bidirectional
        return f"B={self.batch} T={self.steps} I={self.inputs} H={self.hidden}" + "".join(notes)


@dataclass(frozen=True)
class Format:
    """A format of numbers. error: by how much a product of two rounded numbers may be off; tf32: factors of
    products round to the ten bits of TF32.
    """

    dtype: torch.dtype
    error: float
    tf32: bool = False


FORMATS = {
    "float64": Format(torch.float64, 1e-12),
    "float32": Format(torch.float32, 1e-5),  # kernels compute exp by the GPU's own 2ˣ, to 5e-6 where x is 88
    "tf32": Format(torch.float32, 2.0**-10, tf32=True),
    "bfloat16": Format(torch.bfloat16, 2.0**-7),
    "float16": Format(torch.float16, 2.0**-10),
}


@contextmanager
def products(tf32: bool) -> Iterator[None]:
    """Products of float32 in TF32 or exact: torch's, cuDNN's, elman's."""
    before, cudnn = torch.get_float32_matmul_precision(), torch.backends.cudnn
    kept = cudnn.enabled, cudnn.benchmark, cudnn.benchmark_limit, cudnn.deterministic
    torch.set_float32_matmul_precision("high" if tf32 else "highest")
    try:
        with cudnn.flags(*kept, allow_tf32=tf32):
            yield
    finally:
        torch.set_float32_matmul_precision(before)


class Trial:
    """A layer by name (a cell, or a layer of torch.nn), with data that its format represents exactly."""

    def __init__(self, name: str, form: Format, shape: Shape, device: torch.device, seed: int) -> None:
        torch.manual_seed(seed)
        self._form, self._seed, self._shape = form, seed, shape
        given = (shape.inputs, shape.hidden)
        both: dict[str, Any] = {"bidirectional": shape.bidirectional}
        if name in LAYERS:
            self.layer: nn.Module = LAYERS[name](*given, **both)
            widths = [shape.hidden] * (2 if name == "LSTM" else 1)
        else:
            zoneout = ZONEOUT if name == "zoneout_lstm" else 0.0
            # init: biases of zero would hide errors
            self.layer = Recurrent(name, *given, init="torch", zoneout=zoneout, **both)
            widths = [self.layer.sizes[state.shape[1]] for state in self.layer.cell.step.states]
        self.layer.to(device, form.dtype)
        self._twin = getattr(nn, name)(*given, **both) if name in LAYERS else None
        directions, lengths = 1 + shape.bidirectional, shape.lengths

        def draw(*size: int) -> Tensor:
            return torch.randn(size).to(device, form.dtype)

        self._x = draw(shape.steps, shape.batch, shape.inputs)
        # sLSTM divides by a state, which is positive wherever it comes from
        self._states = [draw(directions, shape.batch, width).abs() / 2 for width in widths]
        self._d_final = [draw(directions, shape.batch, width) for width in widths]
        self._directions, self._rows, self._draw = directions, sum(lengths), draw

    def mine(self) -> dict[str, Tensor]:
        """Returns elman's numbers."""
        with products(self._form.tf32):
            return self._numbers(self.layer, self._form.dtype)

    def peers(self) -> dict[str, Tensor]:
        """Returns the peer's numbers, of those that it has."""
        with products(self._form.tf32):
            if self._twin is None:
                with kernels("eager"):
                    return self._numbers(self.layer, self._form.dtype)
            parameter = next(self.layer.parameters())
            self._twin.to(parameter.device, parameter.dtype)
            self._twin.load_state_dict(self.layer.state_dict())
            return self._numbers(self._twin, self._form.dtype)

    def exact(self) -> dict[str, Tensor]:
        """Returns the numbers as they are in float64."""
        with kernels("eager"), products(tf32=False):
            return self._numbers(copy.deepcopy(self.layer).double(), torch.float64)

    def _numbers(self, layer: nn.Module, dtype: torch.dtype) -> dict[str, Tensor]:
        """Output, states and gradients, by name."""
        x, rows = self._input(dtype)
        states = [state.to(dtype).requires_grad_() for state in self._states]
        hx = states[0] if len(states) == 1 else tuple(states)
        # kernels give the states after every step where no gradients are wanted
        options: dict[str, Any] = {"return_states": True} if isinstance(layer, Recurrent) else {}
        torch.manual_seed(self._seed)  # for the masks of zoneout
        with torch.no_grad():
            alone, _, *more = layer(x, hx, **options)
        every = _numbered("states", map(_data, more[0])) if more else {}
        torch.manual_seed(self._seed)
        output, final = layer(x, hx)
        results = {"output": _data(output), **_numbered("last state", _listed(final))}
        leaves = {"x": rows, **_numbered("first state", states), **dict(layer.named_parameters())}
        torch.manual_seed(self._seed)
        errors = [torch.randn(results["output"].shape).to(rows.device, self._form.dtype), *self._d_final]
        errors = [error.to(dtype) for error in errors]
        found = torch.autograd.grad(
            list(results.values()), list(leaves.values()), errors, allow_unused=True, materialize_grads=True
        )
        gradients = {f"∂E/∂({name})": d for name, d in zip(leaves, found, strict=True)}
        numbers = {"output without gradients": _data(alone), **results, **every, **gradients}
        return {name: value.detach() for name, value in numbers.items()}

    def _input(self, dtype: torch.dtype) -> tuple[Tensor | PackedSequence, Tensor]:
        x = self._x.to(dtype).clone()
        if not self._shape.varied:
            return x, x.requires_grad_()
        packed = pack_padded_sequence(x, torch.tensor(self._shape.lengths), enforce_sorted=False)
        packed.data.requires_grad_()
        return packed, packed.data


def _data(value: Tensor | PackedSequence) -> Tensor:
    return value.data if isinstance(value, PackedSequence) else value


def _listed(value: Tensor | tuple[Tensor, ...]) -> list[Tensor]:
    return [value] if isinstance(value, Tensor) else list(value)


def _numbered(name: str, values: Any) -> dict[str, Tensor]:
    return {f"{name} {number}": value for number, value in enumerate(values, start=1)}
