"""Where a number went bad: the first weight, activation or gradient of a model that is no longer finite."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from elman.data.batch import Batch


def describe(
    model: nn.Module,
    batch: Batch,
    state: Any,
    *,
    step: int,
    loss: float,
    gradient_norm: float,
    learning_rate: float,
) -> str:
    """What is to be said of a step whose loss or gradient norm is not finite; loss: a mean in nats,
    gradient_norm: that of the step before where it is the loss. state: what the batch began with.
    """
    if math.isfinite(loss):
        what, other = f"gradient norm is {gradient_norm}", f"the loss is {loss:.4g}"
    else:
        what, other = f"loss is {loss}", f"the norm of the gradient before was {gradient_norm:.3g}"
    return (
        f"the {what} at step {step:,}, where the learning rate is {learning_rate:.3g} and {other}: "
        f"{first_bad(model, batch, state)}; try a smaller learning_rate or clip_norm"
    )


def first_bad(model: nn.Module, batch: Batch, state: Any = None) -> str:
    """Names what went bad first, and how: a parameter, else the output of a module on a repeat of the batch,
    in the order in which they are computed, else the gradient of the parameter that is nearest to the loss.

    model: with `loss(batch, state)`; state: what the batch began with. Says so where all is finite: random
    masks, which a repeat draws anew, can be the cause.
    """
    for name, weight in model.named_parameters():
        if not _finite(weight):
            return f"the weights {name} hold {_described(weight)}"
    with torch.no_grad(), _watched(model) as bad:
        model.loss(batch, state)  # pyright: ignore[reportCallIssue]
    if bad:
        return bad[0]
    for name, weight in reversed(list(model.named_parameters())):
        if weight.grad is not None and not _finite(weight.grad):
            return f"the gradient of {name} holds {_described(weight.grad)}, while all activations are finite"
    return _largest_gradient(model) or "all weights, and all activations on a repeat of the batch, are finite"


def _largest_gradient(model: nn.Module) -> str:
    """The gradient of which an entry, finite itself, has a square that is not; empty where there is none."""
    entries = {
        name: weight.grad.abs().max() for name, weight in model.named_parameters() if weight.grad is not None
    }
    if not entries:
        return ""
    name, entry = max(entries.items(), key=lambda item: float(item[1]))
    return "" if entry.square().isfinite() else f"the gradient of {name} has an entry of {float(entry):.3g}"


@contextmanager
def _watched(model: nn.Module) -> Iterator[list[str]]:
    """What each module returns that is not finite, as the model runs."""
    bad: list[str] = []

    def look(name: str, module: nn.Module, output: Any) -> None:
        for tensor in _tensors(output):
            if not _finite(tensor):
                kind = type(module).__name__
                bad.append(f"the output of {name or 'the model'} ({kind}) holds {_described(tensor)}")
                return

    hooks = [
        module.register_forward_hook(lambda module, given, output, name=name: look(name, module, output))
        for name, module in model.named_modules()
    ]
    try:
        yield bad
    finally:
        for hook in hooks:
            hook.remove()


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _tensors(item)


def _finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(tensor.isfinite().all())


def _described(tensor: Tensor) -> str:
    nan, inf = int(tensor.isnan().sum()), int(tensor.isinf().sum())
    found = [f"{count:,} {what}" for count, what in ((nan, "nan"), (inf, "inf")) if count]
    return f"{' and '.join(found)} among {tensor.numel():,} numbers"
