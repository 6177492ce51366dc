"""How the weights of a cell start.

As the cell says (`@cell(init=...)`); where it says nothing, matrices by Glorot & Bengio 2010, vectors at
zero. `torch`: every weight uniform in ±1/√H, as torch.nn's recurrent layers have it.
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from elman.core.errors import InputError
from elman.core.trace import Cell, Initial


def initialise(cell: Cell, name: str, weight: Tensor, hidden_size: int, method: str) -> None:
    """Fills the weight of that name in place. method: "cell" or "torch"; InputError for another."""
    if method == "torch":
        bound = 1 / math.sqrt(hidden_size)
        nn.init.uniform_(weight, -bound, bound)
    elif method == "cell":
        _fill(weight, _rule(cell, name) or ("xavier" if weight.dim() == 2 else 0.0))
    else:
        raise InputError(f"init must be 'cell' or 'torch', not {method!r}")


def _rule(cell: Cell, name: str) -> Initial | None:
    """The rule of the longest part of the name that has one: b.f before b."""
    while name:
        if name in cell.init:
            return cell.init[name]
        name = name.rpartition(".")[0]
    return None


def _fill(weight: Tensor, rule: Initial) -> None:
    match rule:
        case "orthogonal":
            nn.init.orthogonal_(weight)
        case "xavier":
            nn.init.xavier_uniform_(weight)
        case int() | float():
            nn.init.constant_(weight, rule)
        case ("uniform", low, high):
            nn.init.uniform_(weight, low, high)
        case _:
            raise InputError(
                f"a weight starts as a number, 'orthogonal', 'xavier' or ('uniform', low, high), not {rule!r}"
            )
