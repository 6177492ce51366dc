"""`accelerate`: elman's layers in place of torch.nn's, in a model of somebody else's."""

from __future__ import annotations

from torch import nn
from torch.nn.utils import parametrize

from elman.nn.torch_layers import GRU, LSTM, RNN

REPLACEMENTS: dict[type[nn.Module], type[nn.Module]] = {nn.RNN: RNN, nn.LSTM: LSTM, nn.GRU: GRU}


def accelerate(model: nn.Module) -> nn.Module:
    """Returns the model itself, each of whose torch.nn.RNN, LSTM and GRU layers has become elman's, in place.

    The layers stay the same objects: their weights, hooks, mode, device and place in an optimiser are
    untouched. Subclasses with a forward pass of their own stay as they are.
    """
    for module in model.modules():
        kind = type(module)
        if kind in REPLACEMENTS:
            module.__class__ = REPLACEMENTS[kind]
        elif parametrize.is_parametrized(module) and kind.__bases__[0] in REPLACEMENTS:
            kind.__bases__ = (
                REPLACEMENTS[kind.__bases__[0]],
            )  # parametrize made this class for this one module
    return model
