"""The simple recurrent networks: the hidden state fed back (Elman), or the output (Jordan).

Shapes, for all cells of this folder: x is (B, I), a state (B, H) unless its size is named, W H×I, U H×H, b
and p vectors of H.
"""

from elman.core.ops import Operation, tanh
from elman.core.trace import cell


@cell(states="h", init={"U": "orthogonal"})
def simple(x, h, *, W, U, b, f: Operation = tanh):
    """Simple recurrent network, h_t = f(W x_t + U h_{t-1} + b); f: tanh, relu or sigmoid (Elman 1990)."""
    return f(W @ x + U @ h + b)


@cell(states="y:O", init={"U": "orthogonal"})
def jordan(x, y, *, W, U, b, V, c, f: Operation = tanh, g: Operation = tanh):
    """Jordan network: the output y_t = g(V s_t + c), of size O, is fed back, not the hidden value s_t (Jordan
    1986).
    """
    s = f(W @ x + U @ y + b)
    return g(V @ s + c)
