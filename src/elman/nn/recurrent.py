"""`Recurrent`: any cell as a torch layer, with the options of torch.nn.LSTM and those that are asked for
most.

Legend: T steps, B sequences, I input size, L layers, D directions (1 or 2), O output size of the cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from elman.cells import find
from elman.core.errors import InputError
from elman.core.trace import Cell
from elman.core.transform import recurrent_matrices
from elman.nn.direction import Direction, Variant
from elman.nn.dropout import dropout
from elman.nn.embedding_dropout import embedded
from elman.nn.heads import head_sizes, head_weights
from elman.nn.initialise import initialise
from elman.nn.locked import locked_dropout
from elman.nn.masks import Masks
from elman.nn.operator import Traced, TracedDirection, constant, is_traced, traced
from elman.nn.sequence import Rows, rows_of
from elman.nn.stack import Head, run_stack
from elman.nn.symbols import Symbols
from elman.nn.weight_drop import drop_weights

State = Tensor | tuple[Tensor, ...]
Value = Tensor | PackedSequence
_DEFAULTS = {
    "num_layers": 1,
    "heads": 1,
    "batch_first": False,
    "dropout": 0.0,
    "bidirectional": False,
    "recurrent_dropout": 0.0,
    "zoneout": 0.0,
    "input_dropout": 0.0,
    "embedding_dropout": 0.0,
    "weight_drop": 0.0,
    "variational": False,
}


class Recurrent(nn.Module):
    """Layers of a recurrent cell: layer l at step t sees layer l - 1 at t and itself at t - 1.

    cell: a cell, or the name of one of elman's ("lstm", "simple(f=relu)"). sizes: those that the cell names
    beside I and H, such as P of projection_lstm; H where not given. init: "cell" (as the cell's literature
    has it) or "torch" (uniform in ±1/√H). num_embeddings: the layer owns `embedding` (num_embeddings, I), and
    takes symbols; without it, symbols are 1-of-N vectors of size I. Neither costs a product. heads: as many
    cells side by side in each layer, each with its share of H and of all sizes, so that the matrices that
    multiply a state are block-diagonal; only the blocks are kept: (H, H/K) for K heads (`elman.nn.heads`).

    What is left out in training, each with a probability: dropout: activations between layers. input_dropout:
    numbers of the input. variational: of these two, the same at all steps of a sequence (`elman.nn.locked`).
    recurrent_dropout: one mask a sequence on what enters the products of the state (Gal & Ghahramani 2016).
    embedding_dropout: whole symbols (`elman.nn.embedding_dropout`). weight_drop: weights that multiply what
    depends on a state (`elman.nn.weight_drop`). zoneout: updates, so that a unit keeps its old state (Krueger
    et al. 2017).

    The weight `W.f` of the cell is the parameter `W_f_l0` of layer 0, `W_f_l0_reverse` of its backward
    direction.

    Raises InputError for an unknown cell, sizes that are not positive or not a multiple of heads,
    probabilities outside [0, 1), and for those that have nothing to act on.
    """

    def __init__(
        self,
        cell: Cell | str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        heads: int = 1,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        recurrent_dropout: float = 0.0,
        zoneout: float = 0.0,
        input_dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        weight_drop: float = 0.0,
        variational: bool = False,
        sizes: Mapping[str, int] | None = None,
        init: str = "cell",
        num_embeddings: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.cell = find(cell) if isinstance(cell, str) else cell
        counts = {
            "input_size": input_size,
            "hidden_size": hidden_size,
            "num_layers": num_layers,
            "heads": heads,
        }
        counts.update({} if num_embeddings is None else {"num_embeddings": num_embeddings})
        self.dropout, self.recurrent_dropout, self.zoneout = dropout, recurrent_dropout, zoneout
        self.input_dropout, self.embedding_dropout = input_dropout, embedding_dropout
        self.weight_drop, self.variational = weight_drop, variational
        shares = [name for name, default in _DEFAULTS.items() if type(default) is float]
        _check(counts, {name: getattr(self, name) for name in shares})
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.batch_first, self.bidirectional, self.heads = batch_first, bidirectional, heads
        self.sizes = _sizes(self.cell, hidden_size, dict(sizes or {}))
        self._head_sizes = head_sizes(self.sizes, heads)
        self.init = init
        self.directions = 2 if bidirectional else 1
        self.embedding = (
            None
            if num_embeddings is None
            else nn.Embedding(num_embeddings, input_size, device=device, dtype=dtype)
        )
        step = self.cell.step
        self.output_size = self.directions * self.sizes[step.output.shape[1]]
        self.variant = Variant(
            self.cell,
            zoneout=zoneout > 0 and not self.cell.zoneout,
            dropout=recurrent_dropout > 0 and not self.cell.dropout,
        )
        if self.variant.dropout and not any(
            m.attribute("kind") == "dropout" for m in self.variant.program.step.masks
        ):
            raise InputError(f"{self.cell.name} has no product of its state for recurrent_dropout to act on")
        self._dropped = recurrent_matrices(step) if weight_drop else ()
        if weight_drop and not self._dropped:
            raise InputError(f"{self.cell.name} has no product of its state for weight_drop to act on")
        if embedding_dropout and num_embeddings is None:
            raise InputError("embedding_dropout leaves out rows of an embedding: give num_embeddings")
        for layer in range(num_layers):
            for suffix in self._suffixes(layer):
                for name, shape in self.cell.parameters.items():
                    first, *second = (self.layer_sizes(layer)[dimension] for dimension in shape)
                    key = name.replace(".", "_") + suffix
                    if key in self._parameters:
                        raise InputError(
                            f"two weights of {self.cell.name} would both be called {key}: rename {name}"
                        )
                    empty = torch.empty(heads * first, *second, device=device, dtype=dtype)
                    self.register_parameter(key, nn.Parameter(empty))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws all weights anew."""
        if self.embedding is not None:
            self.embedding.reset_parameters()
        with torch.no_grad():
            for layer in range(self.num_layers):
                for suffix in self._suffixes(layer):
                    for own in head_weights(self.weights(suffix), self.heads):
                        for name, weight in own.items():
                            initialise(self.cell, name, weight, self._head_sizes["H"], self.init)

    def weights(self, suffix: str = "_l0") -> dict[str, Tensor]:
        """Returns the weights of one layer and direction, of all heads, by their names in the cell; suffix:
        _l0, _l0_reverse, _l1, …
        """
        return {name: getattr(self, name.replace(".", "_") + suffix) for name in self.cell.parameters}

    def forward(
        self,
        x: Value,
        hx: State | None = None,
        lengths: Tensor | Sequence[int] | None = None,
        resets: Tensor | None = None,
        return_states: bool = False,
    ) -> tuple[Value, State] | tuple[Value, State, tuple[Value, ...]]:
        """Returns the output of the last layer, (T, B, D·O) in the form of x, and the last states, each (L·D,
        B, ·).

        x: (T, B, I), (B, T, I) where batch_first, without B for one sequence, a PackedSequence; integers
        without the I are symbols. hx: the first states, one tensor or a tuple of as many as the cell has;
        zero if not given. lengths (B,): of padded sequences; the output is zero behind their ends. resets (T,
        B): true where the state is zero before the step (its reverse direction starts anew behind it).
        return_states: also every state of the last layer after every step.
        """
        rows = rows_of(x, self.batch_first, lengths)
        flags = [None, None] if resets is None else self._resets(rows, resets)
        layers = [
            [
                self._heads(layer, suffix, fresh)
                for suffix, fresh in zip(self._suffixes(layer), flags, strict=False)
            ]
            for layer in range(self.num_layers)
        ]
        output, final, every = run_stack(
            layers,
            self._input(rows),
            rows.batch_sizes,
            self._first_states(hx, rows),
            between=lambda x: self._left_out(x, self.dropout, rows.batch_sizes),
            return_states=return_states,
        )
        final = tuple(rows.unsorted(state) for state in final)
        if rows.unbatched:
            final = tuple(state.squeeze(1) for state in final)
        hidden = final[0] if len(final) == 1 else final
        if not return_states:
            return rows.restore(output), hidden
        return rows.restore(output), hidden, tuple(rows.restore(states) for states in every)

    def _heads(self, layer: int, suffix: str, fresh: Tensor | None) -> list[Head]:
        """The heads of a direction."""
        masks = Masks(self.zoneout, self.recurrent_dropout, self.training, fresh)
        weights = self.weights(suffix)
        if self.training and self.weight_drop:
            weights = drop_weights(weights, self._dropped, self.weight_drop)
        each = head_weights(weights, self.heads)
        if is_traced():
            known = self._traced(layer, fresh is not None)
            return [TracedDirection(*known, own, masks) for own in each]
        variant, sizes = replace(self.variant, resets=fresh is not None), self.layer_sizes(layer)
        return [Direction(variant, sizes, own, masks) for own in each]

    @constant
    def _traced(self, layer: int, resets: bool) -> Traced:
        return traced(replace(self.variant, resets=resets), self.layer_sizes(layer))

    def extra_repr(self) -> str:
        """The arguments that differ from their defaults."""
        given = {name: getattr(self, name) for name in _DEFAULTS}
        changed = [f"{name}={value}" for name, value in given.items() if value != _DEFAULTS[name]]
        return ", ".join([self.cell.spec, str(self.input_size), str(self.hidden_size), *changed])

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][: self.directions]

    def layer_sizes(self, layer: int) -> dict[str, int]:
        """Returns the sizes of the cell of a layer, of each head of it, by their names."""
        return {**self._head_sizes, "I": self.input_size if layer == 0 else self.output_size}

    def _input(self, rows: Rows) -> Tensor | Symbols:
        data, table = rows.data, None if self.embedding is None else self.embedding.weight
        if data.is_floating_point():
            if data.shape[-1] != self.input_size:
                raise InputError(f"the layer takes values of size {self.input_size}, not {data.shape[-1]}")
        elif not self.training or not (self.input_dropout or self.embedding_dropout):
            symbols = Symbols(data, table, self.input_size if table is None else len(table))
            if table is None or symbols.few:
                return symbols
            return functional.embedding(data, table)  # once for all directions and heads
        elif table is None:
            raise InputError("input_dropout leaves out numbers: give values, or num_embeddings for symbols")
        else:
            data = embedded(data, table, self.embedding_dropout)
        return self._left_out(data, self.input_dropout, rows.batch_sizes)

    def _left_out(self, x: Tensor, share: float, batch_sizes: tuple[int, ...]) -> Tensor:
        """Dropout of rows in training."""
        probability = share if self.training else 0.0
        if self.variational:
            return locked_dropout(x, probability, batch_sizes)
        return dropout(x, probability)

    def _resets(self, rows: Rows, resets: Tensor) -> list[Tensor]:
        """The rows before which each direction starts anew: leftwards, t - 1 for what begins at t."""
        fresh = rows.rows_of(resets)
        if not self.bidirectional:
            return [fresh]
        later = [*fresh.split(rows.batch_sizes)[1:], fresh.new_zeros(0)]
        behind = [
            functional.pad(flags, (0, size - len(flags)))
            for flags, size in zip(later, rows.batch_sizes, strict=True)
        ]
        return [fresh, torch.cat(behind)]

    def _first_states(self, hx: State | None, rows: Rows) -> list[Tensor]:
        widths = [self.sizes[state.shape[1]] for state in self.cell.step.states]
        shapes = [(self.num_layers * self.directions, rows.batch, width) for width in widths]
        if hx is None:
            weight = next(iter(self.parameters()))
            like = rows.data if rows.data.is_floating_point() else weight
            return [like.new_zeros(shape) for shape in shapes]
        given = [hx] if isinstance(hx, Tensor) else list(hx)
        if rows.unbatched:
            given = [state.unsqueeze(1) for state in given]
        if [tuple(state.shape) for state in given] != shapes:
            names = ", ".join(state.name for state in self.cell.step.states)
            raise InputError(
                f"hx must hold {names} of the shapes {shapes}, not {[tuple(state.shape) for state in given]}"
            )
        return [rows.sorted(state) for state in given]


def _check(counts: Mapping[str, int], probabilities: Mapping[str, float]) -> None:
    for name, count in counts.items():
        if not isinstance(count, int) or count < 1:
            raise InputError(f"{name} must be a whole number from 1, not {count!r}")
    for name, probability in probabilities.items():
        if not 0 <= probability < 1:
            raise InputError(f"{name} is a probability, from 0 to below 1, not {probability!r}")


def _sizes(cell: Cell, hidden_size: int, given: dict[str, int]) -> dict[str, int]:
    free = [size for size in cell.sizes if size not in ("I", "H")]
    for name in given:
        if name not in free:
            raise InputError(
                f"{cell.name} has no size {name!r}; it has {', '.join(free) or 'none beside I and H'}"
            )
    _check(given, {})
    return {"H": hidden_size, **{name: given.get(name, hidden_size) for name in free}}
