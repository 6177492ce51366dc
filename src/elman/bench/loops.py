"""Cells as people write them in torch without elman: a Python loop over time, run by autograd.

In the faster of the usual ways: the gates' weights lie in one matrix, and the input's product is one for all
steps. Each takes x (T, B, I) and the weights, gates one above the other in the order of the cell, and returns
the output, (T, B, H).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import layer_norm, linear, relu

from elman.nn.dropout import drawn

ZONEOUT = 0.1
"""The probability that a unit keeps its old state."""


def peephole_lstm(x: Tensor, W: Tensor, U: Tensor, p: Tensor, b: Tensor) -> Tensor:
    """LSTM whose gates see the cell state."""
    h = c = _zero(x, U.shape[1])
    p_i, p_f, p_o = p.chunk(3)
    outputs = []
    for x_t in linear(x, W, b).unbind():
        i, f, g, o = (x_t + linear(h, U)).chunk(4, -1)
        i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
        c = f * c + i * torch.tanh(g)
        h = torch.sigmoid(o + p_o * c) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs)


def coupled_lstm(x: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    """LSTM whose input gate is 1 - f."""
    h = c = _zero(x, U.shape[1])
    outputs = []
    for x_t in linear(x, W, b).unbind():
        f, g, o = (x_t + linear(h, U)).chunk(3, -1)
        f = torch.sigmoid(f)
        c = f * c + (1 - f) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs)


def layer_norm_lstm(
    x: Tensor, gain_c: Tensor, bias_c: Tensor, W: Tensor, gain_x: Tensor, U: Tensor, gain_h: Tensor, b: Tensor
) -> Tensor:
    """LSTM with normalised products and cell state."""
    h = c = _zero(x, U.shape[1])
    outputs = []
    for x_t in (_normalised(linear(x, W), 4) * gain_x + b).unbind():
        i, f, g, o = (x_t + _normalised(linear(h, U), 4) * gain_h).chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(layer_norm(c, c.shape[-1:], gain_c, bias_c))
        outputs.append(h)
    return torch.stack(outputs)


def zoneout_lstm(x: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    """LSTM some of whose units keep their old state."""
    h = c = _zero(x, U.shape[1])
    keep_h, keep_c = (kept(x, U.shape[1]) for _ in range(2))
    outputs = []
    for x_t, z_h, z_c in zip(linear(x, W, b).unbind(), keep_h, keep_c, strict=True):
        i, f, g, o = (x_t + linear(h, U)).chunk(4, -1)
        new = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = z_h * h + (1 - z_h) * (torch.sigmoid(o) * torch.tanh(new))
        c = z_c * c + (1 - z_c) * new
        outputs.append(h)
    return torch.stack(outputs)


def gru_reset_before(x: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    """GRU with the reset before the product."""
    size = U.shape[1]
    h = _zero(x, size)
    U_gates, U_new = U.split([2 * size, size])
    outputs = []
    for x_t in linear(x, W, b).unbind():
        x_gates, x_new = x_t.split([2 * size, size], -1)
        r, z = torch.sigmoid(x_gates + linear(h, U_gates)).chunk(2, -1)
        h = z * h + (1 - z) * torch.tanh(x_new + linear(r * h, U_new))
        outputs.append(h)
    return torch.stack(outputs)


def min_gru(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """GRU whose gate and candidate see the input alone."""
    z, new = linear(x, W, b).chunk(2, -1)
    z = torch.sigmoid(z)
    h = _zero(x, z.shape[-1])
    outputs = []
    for keep, write in zip((1 - z).unbind(), (z * new).unbind(), strict=True):
        h = keep * h + write
        outputs.append(h)
    return torch.stack(outputs)


def sru(x: Tensor, W: Tensor, v: Tensor, b: Tensor) -> Tensor:
    """Simple recurrent unit."""
    size = len(W) // 4
    c = _zero(x, size)
    outputs = []
    for x_t in linear(x, W).unbind():
        gates, write, skip = x_t.split([2 * size, size, size], -1)
        f, r = torch.sigmoid(gates + v * torch.cat([c, c], -1) + b).chunk(2, -1)
        c = f * c + (1 - f) * write
        outputs.append(r * c + (1 - r) * skip)
    return torch.stack(outputs)


def indrnn(x: Tensor, W: Tensor, u: Tensor, b: Tensor) -> Tensor:
    """Network each of whose units sees only itself."""
    h = _zero(x, len(u))
    outputs = []
    for x_t in linear(x, W, b).unbind():
        h = relu(x_t + u * h)
        outputs.append(h)
    return torch.stack(outputs)


LOOPS: dict[str, Callable[..., Tensor]] = {
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


def kept(x: Tensor, size: int) -> Tensor:
    """Which units keep a state, for all steps: drawn as elman draws them, so that the numbers compare."""
    steps, batch = x.shape[:2]
    # a traced draw is torch's own, of other numbers
    draw: Any = torch.compiler.disable(drawn) if torch.compiler.is_compiling() else drawn
    return draw((steps * batch, size), ZONEOUT, x.device)[0].view(steps, batch, size).to(x.dtype)


def _zero(x: Tensor, size: int) -> Tensor:
    return x.new_zeros(x.shape[1], size)


def _normalised(products: Tensor, gates: int) -> Tensor:
    """Each gate's product normalised over the units."""
    each = products.unflatten(-1, (gates, -1))
    return layer_norm(each, each.shape[-1:]).flatten(-2)
