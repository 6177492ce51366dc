"""What goes on inside a recurrent network: how far back its gradient reaches, dead units, saturated gates.

Legend: T steps, B sequences, I input size, L layers, · size of a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from elman.core.ir import Node, Step, topological
from elman.core.naming import given_names
from elman.data.batch import SequenceBatch
from elman.nn.masks import Masks
from elman.nn.recurrent import Recurrent
from elman.run.tape import Tape
from elman.tasks.language.model import LanguageModel
from elman.training.log import Probe

DEAD = "dead units"
GRADIENT = "gradient of "
SATURATED = "saturated "
_SEQUENCES = 8
_DISTANCES = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 127)
_STILL = 1e-4
_CLOSED, _OPEN = 0.02, 0.98


def probe(
    model: LanguageModel,
    batch: SequenceBatch,
    step: int,
    distances: Sequence[int] = _DISTANCES,
    sequences: int = _SEQUENCES,
) -> list[Probe]:
    """The figures of a model on the first sequences of a batch, from a zero state, without dropout:

    - gradient of s, for each state s and k in distances: the mean over sequences of ‖∂E_t/∂s_{t-k}‖, t the
      last step of the sequence (Bengio et al. 1994, Pascanu et al. 2013);
    - dead units: the share of units whose output stays within 10⁻⁴ over all steps and sequences;
    - saturated g, for each gate g: the share of its values below 0.02 or above 0.98. A gate is a value of the
      cell's equations that is a sigmoid and that another value is multiplied by.

    Bidirectional layers are left out: their second direction has no step before. Leaves the model, its
    gradients and the random numbers as they were.
    """
    found: list[Probe] = []
    layers = count(1)
    last = _LastTargets.of(batch, max(distances) + 1, sequences)
    with _undisturbed(model), torch.enable_grad():
        for run in _runs(model, last):
            for figures in _replay(run, last.ends, distances):
                layer = next(layers)
                found += [Probe(step, layer, what, k, value) for what, k, value in figures]
    return found


@dataclass(frozen=True)
class _LastTargets(SequenceBatch):
    """A batch in which the last target of each sequence alone counts."""

    @classmethod
    def of(cls, batch: SequenceBatch, longest: int, most: int) -> _LastTargets:
        inputs, targets = (symbols[:longest, :most] for symbols in (batch.inputs, batch.targets))
        steps, sequences = inputs.shape
        lengths = inputs.new_full((sequences,), steps)
        if batch.lengths is not None:
            lengths = batch.lengths[:most].clamp(1, steps)
        return cls(inputs, targets, lengths)

    @property
    def symbols(self) -> int:
        return self.targets.shape[1]

    @property
    def ends(self) -> Tensor:
        """The number of steps of each sequence, (B,)."""
        assert self.lengths is not None
        return self.lengths

    def mask(self) -> Tensor:
        return torch.arange(len(self.targets), device=self.ends.device)[:, None] == self.ends - 1


@dataclass(frozen=True)
class _Run:
    """A stack of layers in the network: its input (T, B, I) or (T, B), and ∂E/∂output (T, B, ·)."""

    stack: Recurrent
    x: Tensor
    d_output: Tensor


@contextmanager
def _undisturbed(model: nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.compiler.set_stance("force_eager"):
            yield
    finally:
        for module, training in modes:
            module.training = training


def _runs(model: LanguageModel, batch: SequenceBatch) -> list[_Run]:
    """The stacks in the order in which the network runs them on a batch."""
    seen: list[tuple[Recurrent, Tensor, Tensor]] = []

    def remember(stack: nn.Module, given: tuple[Any, ...], result: Any) -> None:
        assert isinstance(stack, Recurrent)
        if not stack.bidirectional:
            seen.append((stack, given[0].detach(), result[0]))

    hooks = [m.register_forward_hook(remember) for m in model.modules() if isinstance(m, Recurrent)]
    try:
        nats, _ = model.loss(batch)
    finally:
        for hook in hooks:
            hook.remove()
    if not seen:
        return []
    errors = torch.autograd.grad(nats, [output for _, _, output in seen])
    runs = [(stack, x, error) for (stack, x, _), error in zip(seen, errors, strict=True)]
    turned = [(s, x.transpose(0, 1), e.transpose(0, 1)) if s.batch_first else (s, x, e) for s, x, e in runs]
    return [_Run(*run) for run in turned]


class _Layer:
    """A layer of a stack in torch's own operations, with all that goes on in it."""

    def __init__(self, stack: Recurrent, number: int) -> None:
        step, sizes = stack.variant.program.step, stack.layer_sizes(number)
        self._step, self._sizes = step, sizes
        self._gates = _gates(step)
        reads = (*step.inputs, *step.states, *step.masks)
        weights = stack.weights(f"_l{number}")
        self._tape = Tape((*step.outputs, *self._gates), reads, step.params, sizes)
        self._prepared = self._tape.prepare([weights[param.name] for param in step.params])
        self._kinds = [(str(mask.attribute("kind")), sizes[mask.shape[-1]]) for mask in step.masks]
        self._masks = Masks(stack.zoneout, stack.recurrent_dropout, training=False, resets=None)
        self.states: list[list[Tensor]] = []
        self.gates: list[list[Tensor]] = []
        self.outputs: list[Tensor] = []

    def run(self, x: Tensor) -> Tensor:
        """Returns the output (T, B, ·) for x (T, B, I), and remembers what led to it."""
        width, batch = len(self._step.states), (x.shape[1],)
        states = [x.new_zeros(*batch, self._sizes[state.shape[-1]]) for state in self._step.states]
        masks = self._masks.draw(self._kinds, batch, states[0])
        for value in x:
            output, *rest = self._tape(self._prepared, [value, *states, *masks])
            states = rest[:width]
            self.outputs.append(output)
            self.states.append(states)
            self.gates.append(rest[width:])
        return torch.stack(self.outputs)

    def figures(
        self, errors: Iterator[Tensor], lengths: Tensor, distances: Sequence[int]
    ) -> Iterator[tuple[str, int | None, float]]:
        """Yields what is found, how many steps back, and the figure; errors: ∂E/∂states, step by step."""
        norms = torch.stack([torch.stack([next(errors).norm(dim=-1) for _ in s]) for s in self.states])
        for place, state in enumerate(self._step.states):
            for back, norm in _by_distance(norms[:, place], lengths, distances):
                yield f"{GRADIENT}{state.name}", back, norm
        counted = torch.arange(len(self.outputs), device=lengths.device)[:, None] < lengths
        outputs = torch.stack(self.outputs)[counted]
        still = outputs.amax(0) - outputs.amin(0) < _STILL
        yield DEAD, None, float(still.float().mean())
        for place, name in enumerate(self._gates.values()):
            gate = torch.stack([gates[place] for gates in self.gates])[counted]
            yield f"{SATURATED}{name}", None, float(((gate < _CLOSED) | (gate > _OPEN)).float().mean())


def _replay(
    run: _Run, lengths: Tensor, distances: Sequence[int]
) -> list[list[tuple[str, int | None, float]]]:
    """The figures of each layer of a stack."""
    layers = [_Layer(run.stack, number) for number in range(run.stack.num_layers)]
    value = _vectors(run.stack, run.x).requires_grad_()
    for layer in layers:
        value = layer.run(value)
    states = [state for layer in layers for step in layer.states for state in step]
    errors = torch.autograd.grad(value, states, run.d_output, materialize_grads=True)
    given = iter(errors)
    return [list(layer.figures(given, lengths, distances)) for layer in layers]


def _vectors(stack: Recurrent, x: Tensor) -> Tensor:
    """The input as values (T, B, I)."""
    if x.is_floating_point():
        return x.clone()
    if stack.embedding is not None:
        return stack.embedding.weight.detach()[x]
    weight = next(iter(stack.parameters()))
    return functional.one_hot(x, stack.input_size).to(weight.dtype)


def _gates(step: Step) -> dict[Node, str]:
    """The gates of a step by node: sigmoids that an operation by element reads, and that do not leave it."""
    nodes = list(topological(step.outputs))
    read = {arg for node in nodes if node.op != "matmul" for arg in node.args}
    gates = [n for n in nodes if n.op == "sigmoid" and n in read and n.batched and n not in step.outputs]
    names = given_names(step).quantities
    return {n: names[n].name if n in names else f"σ{i}" for i, n in enumerate(gates, start=1)}


def _by_distance(norms: Tensor, lengths: Tensor, distances: Sequence[int]) -> Iterator[tuple[int, float]]:
    """Yields k and the mean over sequences of norms[length - 1 - k] for each k; norms: (T, B)."""
    sequences = torch.arange(len(lengths), device=lengths.device)
    for back in distances:
        long_enough = lengths > back
        if long_enough.any():
            at = lengths[long_enough] - 1 - back
            yield back, float(norms[at, sequences[long_enough]].mean())
