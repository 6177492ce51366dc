"""Gated recurrent units: one state, which is also the output; the update gate z keeps, the reset gate r
forgets.
"""

from elman.core.ops import normalize, sigmoid, tanh
from elman.core.trace import cell

START = {"U": "orthogonal"}


@cell(states="h", init=START)
def gru(x, h, *, W, U, b, d):
    """GRU with the reset after the product, as cuDNN and torch.nn.GRU have it; d is the bias inside the
    reset.
    """
    r = sigmoid(W.r @ x + U.r @ h + b.r)
    z = sigmoid(W.z @ x + U.z @ h + b.z)
    n = tanh(W.n @ x + b.n + r * (U.n @ h + d.n))
    return z * h + (1 - z) * n


@cell(states="h", init=START)
def gru_reset_before(x, h, *, W, U, b):
    """GRU with the reset before the product, h̃ = tanh(W x + U (r ∘ h) + b) (Cho et al. 2014)."""
    r = sigmoid(W.r @ x + U.r @ h + b.r)
    z = sigmoid(W.z @ x + U.z @ h + b.z)
    n = tanh(W.n @ x + U.n @ (r * h) + b.n)
    return z * h + (1 - z) * n


@cell(states="c", init=START)
def update_gate_gru(x, c, *, W, U, b):
    """GRU with the update gate u alone, c_t = u ∘ c̃ + (1 - u) ∘ c_{t-1}."""
    new = tanh(W.c @ x + U.c @ c + b.c)
    u = sigmoid(W.u @ x + U.u @ c + b.u)
    return u * new + (1 - u) * c


@cell(states="h", init={**START, "gain_x": 1.0, "gain_h": 1.0})
def layer_norm_gru(x, h, *, W, U, b, gain_x, gain_h, eps: float = 1e-5):
    """GRU (reset after) with each product normalised over the units (Ba, Kiros & Hinton 2016)."""
    r = sigmoid(normalize(W.r @ x, eps=eps) * gain_x.r + normalize(U.r @ h, eps=eps) * gain_h.r + b.r)
    z = sigmoid(normalize(W.z @ x, eps=eps) * gain_x.z + normalize(U.z @ h, eps=eps) * gain_h.z + b.z)
    n = tanh(normalize(W.n @ x, eps=eps) * gain_x.n + b.n + r * (normalize(U.n @ h, eps=eps) * gain_h.n))
    return z * h + (1 - z) * n
