"""Cells as their papers state them, in torch: an equation a line, a matrix a gate, one step after the other,
under autograd.

The arguments are those of `loops.py`, which has the same cells put in the form that torch runs fastest.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, sigmoid, tanh
from torch.nn.functional import layer_norm, linear, relu

from elman.bench.loops import kept

Step = Callable[..., tuple[Tensor, ...]]


def peephole_lstm(x: Tensor, W: Tensor, U: Tensor, p: Tensor, b: Tensor) -> Tensor:
    """LSTM whose gates see the cell state."""
    (W_i, W_f, W_g, W_o), (U_i, U_f, U_g, U_o), (b_i, b_f, b_g, b_o) = (v.chunk(4) for v in (W, U, b))
    p_i, p_f, p_o = p.chunk(3)

    def step(x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        i = sigmoid(linear(x, W_i) + linear(h, U_i) + p_i * c + b_i)
        f = sigmoid(linear(x, W_f) + linear(h, U_f) + p_f * c + b_f)
        g = tanh(linear(x, W_g) + linear(h, U_g) + b_g)
        c = f * c + i * g
        o = sigmoid(linear(x, W_o) + linear(h, U_o) + p_o * c + b_o)
        h = o * tanh(c)
        return h, h, c

    return _run(step, x, U.shape[1], 2)


def coupled_lstm(x: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    """LSTM whose input gate is 1 - f."""
    (W_f, W_g, W_o), (U_f, U_g, U_o), (b_f, b_g, b_o) = (v.chunk(3) for v in (W, U, b))

    def step(x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        f = sigmoid(linear(x, W_f) + linear(h, U_f) + b_f)
        g = tanh(linear(x, W_g) + linear(h, U_g) + b_g)
        o = sigmoid(linear(x, W_o) + linear(h, U_o) + b_o)
        c = f * c + (1 - f) * g
        h = o * tanh(c)
        return h, h, c

    return _run(step, x, U.shape[1], 2)


def layer_norm_lstm(
    x: Tensor, gain_c: Tensor, bias_c: Tensor, W: Tensor, gain_x: Tensor, U: Tensor, gain_h: Tensor, b: Tensor
) -> Tensor:
    """LSTM with normalised products and cell state."""
    size = U.shape[1:]
    weights = [v.chunk(4) for v in (W, gain_x, U, gain_h, b)]

    def gate(x: Tensor, h: Tensor, k: int) -> Tensor:
        W, gain_x, U, gain_h, b = (family[k] for family in weights)
        return layer_norm(linear(x, W), size, gain_x) + layer_norm(linear(h, U), size, gain_h) + b

    def step(x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        i, f, g, o = (gate(x, h, k) for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        h = sigmoid(o) * tanh(layer_norm(c, size, gain_c, bias_c))
        return h, h, c

    return _run(step, x, U.shape[1], 2)


def zoneout_lstm(x: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    """LSTM some of whose units keep their old state."""
    (W_i, W_f, W_g, W_o), (U_i, U_f, U_g, U_o), (b_i, b_f, b_g, b_o) = (v.chunk(4) for v in (W, U, b))
    masks_h, masks_c = (iter(kept(x, U.shape[1])) for _ in range(2))

    def step(x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        i = sigmoid(linear(x, W_i) + linear(h, U_i) + b_i)
        f = sigmoid(linear(x, W_f) + linear(h, U_f) + b_f)
        g = tanh(linear(x, W_g) + linear(h, U_g) + b_g)
        o = sigmoid(linear(x, W_o) + linear(h, U_o) + b_o)
        new = f * c + i * g
        z_h, z_c = next(masks_h), next(masks_c)
        h, c = z_h * h + (1 - z_h) * (o * tanh(new)), z_c * c + (1 - z_c) * new
        return h, h, c

    return _run(step, x, U.shape[1], 2)


def gru_reset_before(x: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    """GRU with the reset before the product."""
    (W_r, W_z, W_n), (U_r, U_z, U_n), (b_r, b_z, b_n) = (v.chunk(3) for v in (W, U, b))

    def step(x: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        r = sigmoid(linear(x, W_r) + linear(h, U_r) + b_r)
        z = sigmoid(linear(x, W_z) + linear(h, U_z) + b_z)
        n = tanh(linear(x, W_n) + linear(r * h, U_n) + b_n)
        h = z * h + (1 - z) * n
        return h, h

    return _run(step, x, U.shape[1], 1)


def min_gru(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """GRU whose gate and candidate see the input alone."""
    (W_z, W_n), (b_z, b_n) = W.chunk(2), b.chunk(2)

    def step(x: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        z = sigmoid(linear(x, W_z) + b_z)
        n = linear(x, W_n) + b_n
        h = (1 - z) * h + z * n
        return h, h

    return _run(step, x, len(W_z), 1)


def sru(x: Tensor, W: Tensor, v: Tensor, b: Tensor) -> Tensor:
    """Simple recurrent unit."""
    (W_f, W_r, W_x, W_s), (v_f, v_r), (b_f, b_r) = W.chunk(4), v.chunk(2), b.chunk(2)

    def step(x: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        f = sigmoid(linear(x, W_f) + v_f * c + b_f)
        r = sigmoid(linear(x, W_r) + v_r * c + b_r)
        c = f * c + (1 - f) * linear(x, W_x)
        return r * c + (1 - r) * linear(x, W_s), c

    return _run(step, x, len(W_f), 1)


def indrnn(x: Tensor, W: Tensor, u: Tensor, b: Tensor) -> Tensor:
    """Network each of whose units sees only itself."""

    def step(x: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        h = relu(linear(x, W) + u * h + b)
        return h, h

    return _run(step, x, len(u), 1)


def _run(step: Step, x: Tensor, size: int, states: int) -> Tensor:
    carried = (x.new_zeros(x.shape[1], size),) * states
    outputs = []
    for x_t in x:
        output, *carried = step(x_t, *carried)
        outputs.append(output)
    return torch.stack(outputs)


PLAIN: dict[str, Callable[..., Tensor]] = {
    loop.__name__: loop
    for loop in (
        peephole_lstm,
        coupled_lstm,
        layer_norm_lstm,
        zoneout_lstm,
        gru_reset_before,
        min_gru,
        sru,
        indrnn,
    )
}
