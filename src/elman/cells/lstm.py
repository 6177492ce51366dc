"""Long short-term memory and its variants: a cell state c that gates write, keep and read.

i, f, o are the input, forget and output gate, g is the candidate; the forget bias starts at 1 (Jozefowicz et
al. 2015).
"""

from elman.core.ops import exp, maximum, normalize, sigmoid, softplus, tanh
from elman.core.trace import cell

START = {"U": "orthogonal", "b.f": 1.0}


@cell(states="h c", init=START)
def lstm(x, h, c, *, W, U, b):
    """Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000)."""
    i = sigmoid(W.i @ x + U.i @ h + b.i)
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    g = tanh(W.g @ x + U.g @ h + b.g)
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    c = f * c + i * g
    return o * tanh(c), c


@cell(states="h c", init=START)
def peephole_lstm(x, h, c, *, W, U, p, b):
    """LSTM whose gates see the cell state; the output gate sees the new one (Gers & Schmidhuber 2000)."""
    i = sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)
    f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
    g = tanh(W.g @ x + U.g @ h + b.g)
    c = f * c + i * g
    o = sigmoid(W.o @ x + U.o @ h + p.o * c + b.o)
    return o * tanh(c), c


@cell(states="h c", init=START)
def coupled_lstm(x, h, c, *, W, U, b):
    """LSTM that writes just what it forgets: the input gate is 1 - f (Greff et al. 2017)."""
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    g = tanh(W.g @ x + U.g @ h + b.g)
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    c = f * c + (1 - f) * g
    return o * tanh(c), c


@cell(states="h:P c", init=START)
def projection_lstm(x, h, c, *, W, U, b, V):
    """LSTM whose output is a projection of size P of the hidden units, V: P×H (Sak et al. 2014)."""
    i = sigmoid(W.i @ x + U.i @ h + b.i)
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    g = tanh(W.g @ x + U.g @ h + b.g)
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    c = f * c + i * g
    return V @ (o * tanh(c)), c


@cell(states="h c", init={**START, "gain_x": 1.0, "gain_h": 1.0, "gain_c": 1.0})
def layer_norm_lstm(x, h, c, *, W, U, b, gain_x, gain_h, gain_c, bias_c, eps: float = 1e-5):
    """LSTM with each product and the cell state normalised over the units, gate by gate (Ba, Kiros & Hinton
    2016).
    """
    i = sigmoid(normalize(W.i @ x, eps=eps) * gain_x.i + normalize(U.i @ h, eps=eps) * gain_h.i + b.i)
    f = sigmoid(normalize(W.f @ x, eps=eps) * gain_x.f + normalize(U.f @ h, eps=eps) * gain_h.f + b.f)
    g = tanh(normalize(W.g @ x, eps=eps) * gain_x.g + normalize(U.g @ h, eps=eps) * gain_h.g + b.g)
    o = sigmoid(normalize(W.o @ x, eps=eps) * gain_x.o + normalize(U.o @ h, eps=eps) * gain_h.o + b.o)
    c = f * c + i * g
    return o * tanh(normalize(c, eps=eps) * gain_c + bias_c), c


@cell(states="h c", zoneout="zh zc", init=START)
def zoneout_lstm(x, h, c, zh, zc, *, W, U, b):
    """LSTM some of whose units keep their old state, by the masks zh and zc (Krueger et al. 2017)."""
    i = sigmoid(W.i @ x + U.i @ h + b.i)
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    g = tanh(W.g @ x + U.g @ h + b.g)
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    new = f * c + i * g
    return zh * h + (1 - zh) * (o * tanh(new)), zc * c + (1 - zc) * new


@cell(states="h c", init=START)
def multiplicative_lstm(x, h, c, *, W, U, b):
    """LSTM whose gates see m = (W_m x) ∘ (U_m h), so that each input has transitions of its own (Krause et
    al. 2016).
    """
    m = (W.m @ x) * (U.m @ h)
    i = sigmoid(W.i @ x + U.i @ m + b.i)
    f = sigmoid(W.f @ x + U.f @ m + b.f)
    g = tanh(W.g @ x + U.g @ m + b.g)
    o = sigmoid(W.o @ x + U.o @ m + b.o)
    c = f * c + i * g
    return o * tanh(c), c


@cell(states="h c n m", init=START)
def slstm(x, h, c, n, m, *, W, U, b, tiny: float = 1e-30):
    """LSTM with an exponential input gate, normalised by n and kept in range by m (Beck et al. 2024, one
    head).

    The forget gate is a sigmoid, log σ(a) = -softplus(-a); `tiny` bounds n from below where exp underflows.
    """
    z = tanh(W.z @ x + U.z @ h + b.z)
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    write = W.i @ x + U.i @ h + b.i
    keep = m - softplus(-(W.f @ x + U.f @ h + b.f))
    m = maximum(keep, write)
    i = exp(write - m)
    f = exp(keep - m)
    c = f * c + i * z
    n = f * n + i
    return o * c / maximum(n, tiny), c, n, m
