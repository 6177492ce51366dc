"""`RNN`, `LSTM`, `GRU`: the layers of torch.nn, run by elman's cells.

They are torch.nn's own classes (their arguments, checks, weights and `state_dict`), with another forward
pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from elman.cells import gru, lstm, projection_lstm, simple
from elman.core.trace import Cell
from elman.nn.direction import Direction, Variant
from elman.nn.dropout import dropout
from elman.nn.masks import Masks
from elman.nn.operator import Traced, TracedDirection, constant, is_traced, traced
from elman.nn.sequence import repacked
from elman.nn.stack import run_stack


class _TorchLayer(nn.RNNBase):
    """The forward pass that the three layers share."""

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Returns the output and the last states, as the layer of torch.nn does.

        Raises what torch.nn raises: ValueError and RuntimeError for inputs and states that do not fit.
        """
        if not torch.compiler.is_compiling():  # a trace must not leave its stand-ins in the layer
            self._update_flat_weights()
        if isinstance(input, PackedSequence):
            data, batch_sizes, sorted_indices, unsorted_indices = input
            if hx is not None:
                hx = self.permute_hidden(hx, sorted_indices)
            hx = self._checked(data, hx, batch_sizes, int(batch_sizes[0]))
            output, final = self._run(data, tuple(batch_sizes.tolist()), hx)
            return repacked(input, output), self.permute_hidden(final, unsorted_indices)
        if input.dim() not in (2, 3):
            raise ValueError(f"{self._get_name()}: Expected input to be 2D or 3D, got {input.dim()}D instead")
        unbatched = input.dim() == 2
        batch_dim = 0 if self.batch_first else 1
        if unbatched:
            input = input.unsqueeze(batch_dim)
        if hx is not None:
            hx = self._batched(hx, unbatched)
        hx = self._checked(input, hx, None, input.size(batch_dim))
        if input.size(1 - batch_dim) == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        if self.batch_first:
            input = input.transpose(0, 1)
        steps, batch = input.shape[:2]
        output, final = self._run(input.flatten(0, 1), (batch,) * steps, hx)
        output = output.unflatten(0, (steps, batch))
        if self.batch_first:
            output = output.transpose(0, 1)
        if unbatched:
            return output.squeeze(batch_dim), _each(final, lambda state: state.squeeze(1))
        return output, final

    def _cell(self) -> Cell:
        """Returns the cell whose equations are those of the layer."""
        raise NotImplementedError

    def _cell_weights(self, suffix: str, b_ih: Tensor, b_hh: Tensor) -> dict[str, Tensor]:
        """Returns the weights of one layer and direction by their names in the cell."""
        raise NotImplementedError

    def _run(self, data: Tensor, batch_sizes: tuple[int, ...], hx: Any) -> tuple[Tensor, Any]:
        layers = [
            [[self._direction(layer, suffix)] for suffix in ("", "_reverse")[: 1 + self.bidirectional]]
            for layer in range(self.num_layers)
        ]
        states = hx if isinstance(hx, tuple) else (hx,)
        probability = self.dropout if self.training else 0.0
        output, final, _ = run_stack(
            layers, data, batch_sizes, states, lambda rows: dropout(rows, probability)
        )
        return output, final if isinstance(hx, tuple) else final[0]

    def _direction(self, layer: int, reverse: str) -> Direction | TracedDirection:
        suffix = f"_l{layer}{reverse}"
        hidden = getattr(self, f"weight_hh{suffix}")
        if self.bias:
            biases = getattr(self, f"bias_ih{suffix}"), getattr(self, f"bias_hh{suffix}")
        else:
            biases = (hidden.new_zeros(hidden.size(0)),) * 2
        sizes = {"I": getattr(self, f"weight_ih{suffix}").size(1), "H": self.hidden_size, "P": self.proj_size}
        weights, masks = self._cell_weights(suffix, *biases), Masks(0.0, 0.0, self.training, None)
        if is_traced():
            return TracedDirection(*self._traced(sizes["I"]), weights, masks)
        return Direction(Variant(self._cell()), sizes, weights, masks)

    @constant
    def _traced(self, inputs: int) -> Traced:
        return traced(Variant(self._cell()), {"I": inputs, "H": self.hidden_size, "P": self.proj_size})

    def _product_weights(self, suffix: str, gates: str) -> dict[str, Tensor]:
        """The rows of weight_ih and weight_hh that belong to each gate."""
        w_ih = getattr(self, f"weight_ih{suffix}").chunk(len(gates))
        w_hh = getattr(self, f"weight_hh{suffix}").chunk(len(gates))
        return {
            **{f"W.{gate}": part for gate, part in zip(gates, w_ih, strict=True)},
            **{f"U.{gate}": part for gate, part in zip(gates, w_hh, strict=True)},
        }

    def _batched(self, hx: Any, unbatched: bool) -> Any:
        wanted = 2 if unbatched else 3
        for state in hx if isinstance(hx, tuple) else (hx,):
            if state.dim() != wanted:
                kind = "unbatched" if unbatched else "batched"
                raise RuntimeError(
                    f"For {kind} {wanted}-D input, hx should also be {wanted}-D "
                    f"but got {state.dim()}-D tensor"
                )
        return _each(hx, lambda state: state.unsqueeze(1)) if unbatched else hx

    def _checked(self, data: Tensor, hx: Any, batch_sizes: Tensor | None, batch: int) -> Any:
        """Returns hx, zero where it is None, after torch's own checks of both."""
        if hx is None:
            rows = self.num_layers * (1 + self.bidirectional)
            hx = data.new_zeros(rows, batch, self.proj_size or self.hidden_size)
            if self.mode == "LSTM":
                hx = hx, data.new_zeros(rows, batch, self.hidden_size)
        self.check_forward_args(data, hx, batch_sizes)
        return hx


def _each(states: Any, change: Callable[[Tensor], Tensor]) -> Any:
    return tuple(change(state) for state in states) if isinstance(states, tuple) else change(states)


class RNN(_TorchLayer, nn.RNN):
    """torch.nn.RNN, h_t = f(W x_t + b_ih + U h_{t-1} + b_hh) with f tanh or relu."""

    def _cell(self) -> Cell:
        return simple(f=self.nonlinearity)

    def _cell_weights(self, suffix: str, b_ih: Tensor, b_hh: Tensor) -> dict[str, Tensor]:
        return {
            "W": getattr(self, f"weight_ih{suffix}"),
            "U": getattr(self, f"weight_hh{suffix}"),
            "b": b_ih + b_hh,
        }


class LSTM(_TorchLayer, nn.LSTM):
    """torch.nn.LSTM, with its projection where proj_size is given."""

    def _cell(self) -> Cell:
        return projection_lstm if self.proj_size else lstm

    def _cell_weights(self, suffix: str, b_ih: Tensor, b_hh: Tensor) -> dict[str, Tensor]:
        biases = {f"b.{gate}": part for gate, part in zip("ifgo", (b_ih + b_hh).chunk(4), strict=True)}
        projection = {"V": getattr(self, f"weight_hr{suffix}")} if self.proj_size else {}
        return {**self._product_weights(suffix, "ifgo"), **biases, **projection}


class GRU(_TorchLayer, nn.GRU):
    """torch.nn.GRU, whose reset gate acts after the product."""

    def _cell(self) -> Cell:
        return gru

    def _cell_weights(self, suffix: str, b_ih: Tensor, b_hh: Tensor) -> dict[str, Tensor]:
        (r, z, n), (r_hh, z_hh, n_hh) = b_ih.chunk(3), b_hh.chunk(3)
        biases = {"b.r": r + r_hh, "b.z": z + z_hh, "b.n": n, "d.n": n_hh}
        return {**self._product_weights(suffix, "rzn"), **biases}
