"""What a layer must compute: the numpy interpreter, over one layer and direction.

Legend: T steps, B sequences, I input size, then the size of the value.
"""

import numpy as np
import torch
from torch import Tensor

from elman.cells import CELLS
from elman.core import interpret
from elman.core.grad import differentiate
from elman.nn.recurrent import Recurrent

# One cell a name, and one more where a hyper-parameter changes the equations.
CELL_NAMES = [*CELLS, "simple(f=relu)", "simple(f=sigmoid)", "rhn(depth=1)"]
SIZES = {"jordan": {"O": 5}, "projection_lstm": {"P": 2}}


def layer_of(name: str, *args: int, **options) -> Recurrent:
    """A layer whose weights are all random: a bias that starts at zero would hide an error."""
    layer = Recurrent(name, *args, sizes=SIZES.get(name), **options)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.uniform_(-0.8, 0.8)
    return layer


def states_of(layer: Recurrent, batch: int) -> tuple[Tensor, ...]:
    """Random first states; positive, as the normaliser of slstm is."""
    rows = layer.num_layers * layer.directions
    widths = [layer.sizes[state.shape[1]] for state in layer.cell.step.states]
    return tuple(torch.rand(rows, batch, width, dtype=torch.float64) for width in widths)


def arrays(tensors) -> list[np.ndarray]:
    return [tensor.detach().double().numpy() for tensor in tensors]


def interpreted(layer: Recurrent, x: Tensor, states, masks=None, suffix: str = "_l0") -> interpret.Forward:
    """The cell of one layer and direction over x (T, B, I), from first states, each (B, ·)."""
    params = dict(zip(layer.cell.parameters, arrays(layer.weights(suffix).values()), strict=True))
    return interpret.forward(layer.cell.step, *arrays([x]), arrays(states), params, masks)


def interpreted_gradients(
    layer: Recurrent, x: Tensor, states, d_outputs: Tensor, d_final, masks=None, suffix: str = "_l0"
) -> interpret.Gradients:
    """The gradients of Σ outputs ∘ d_outputs + Σ last states ∘ d_final, by the numpy backward loop."""
    params = dict(zip(layer.cell.parameters, arrays(layer.weights(suffix).values()), strict=True))
    run = interpreted(layer, x, states, masks, suffix)
    step = differentiate(layer.cell.step)
    return interpret.backward(step, *arrays([x]), run, params, *arrays([d_outputs]), arrays(d_final), masks)


def as_tuple(state) -> tuple[Tensor, ...]:
    """The last states of a layer, also where the cell has one."""
    return state if isinstance(state, tuple) else (state,)
