"""Cells whose recurrence is elementwise, so that they run as scans; and the recurrent highway network."""

from elman.core.ops import relu, sigmoid, tanh
from elman.core.trace import cell


@cell(states="h", init={"u": ("uniform", 0.0, 1.0)})
def indrnn(x, h, *, W, u, b):
    """Independently recurrent network, h_t = relu(W x_t + u ∘ h_{t-1} + b): each unit sees only itself (Li et
    al. 2018).
    """
    return relu(W @ x + u * h + b)


@cell(states="h")
def min_gru(x, h, *, W, b):
    """minGRU: a GRU whose gate and candidate see the input alone (Feng et al. 2024)."""
    z = sigmoid(W.z @ x + b.z)
    return (1 - z) * h + z * (W.h @ x + b.h)


@cell(states="h", init={"b.f": 1.0})
def min_lstm(x, h, *, W, b):
    """minLSTM: an LSTM whose gates see the input alone, scaled so that they sum to 1 (Feng et al. 2024)."""
    f = sigmoid(W.f @ x + b.f)
    i = sigmoid(W.i @ x + b.i)
    keep = f / (f + i)
    return keep * h + (1 - keep) * (W.h @ x + b.h)


@cell(states="c")
def sru(x, c, *, W, v, b):
    """Simple recurrent unit, with a highway from the projected input to the output (Lei et al. 2018)."""
    f = sigmoid(W.f @ x + v.f * c + b.f)
    r = sigmoid(W.r @ x + v.r * c + b.r)
    c = f * c + (1 - f) * (W.c @ x)
    return r * c + (1 - r) * (W.s @ x), c


@cell(states="s", init={"R": "orthogonal", "b": 0.0, "d": -2.0})
def rhn(x, s, *, W, R, b, d, depth: int = 3):
    """Recurrent highway network: `depth` layers within one step, the carry gate coupled to the transform gate
    t (Zilly et al. 2017).

    The transform biases d start at -2, so that a fresh network mostly carries its state.
    """
    for l in range(depth):
        into_h = R[l].h @ s + b[l]
        into_t = R[l].t @ s + d[l]
        h = tanh(W.h @ x + into_h if l == 0 else into_h)
        t = sigmoid(W.t @ x + into_t if l == 0 else into_t)
        s = t * h + (1 - t) * s
    return s
