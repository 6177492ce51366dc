"""The cells once more, as plain torch, written from the papers' equations and without elman: one step each.

A reference takes the input x (B, I), the states, the weights by name, and the masks; it returns the output
and the states after the step. Batches are rows, so a product W x is x @ Wᵀ.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn.functional import layer_norm, softplus

States = tuple[Tensor, ...]
Weights = Mapping[str, Tensor]
Reference = Callable[[Tensor, States, Weights, Mapping[str, Tensor]], tuple[Tensor, States]]


def gate(p: Weights, name: str, x: Tensor, h: Tensor) -> Tensor:
    """W x + U h + b of a gate."""
    return x @ p[f"W.{name}"].T + h @ p[f"U.{name}"].T + p[f"b.{name}"]


def normed(x: Tensor, gain: Tensor, bias: Tensor | None = None) -> Tensor:
    return layer_norm(x, x.shape[-1:], gain, bias, eps=1e-5)


def simple(f: Callable[[Tensor], Tensor]) -> Reference:
    """Elman 1990: h_t = f(W x_t + U h_{t-1} + b)."""

    def step(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
        h = f(x @ p["W"].T + states[0] @ p["U"].T + p["b"])
        return h, (h,)

    return step


def jordan(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
    """Jordan 1986: the output is fed back."""
    s = torch.tanh(x @ p["W"].T + states[0] @ p["U"].T + p["b"])
    y = torch.tanh(s @ p["V"].T + p["c"])
    return y, (y,)


def lstm(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
    """Gers, Schmidhuber & Cummins 2000."""
    h, c = states
    i, f, o = (torch.sigmoid(gate(p, name, x, h)) for name in "ifo")
    c = f * c + i * torch.tanh(gate(p, "g", x, h))
    h = o * torch.tanh(c)
    return h, (h, c)


def peephole_lstm(
    x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]
) -> tuple[Tensor, States]:
    """Gers & Schmidhuber 2000: i and f see c_{t-1}, o sees c_t."""
    h, c = states
    i = torch.sigmoid(gate(p, "i", x, h) + p["p.i"] * c)
    f = torch.sigmoid(gate(p, "f", x, h) + p["p.f"] * c)
    c = f * c + i * torch.tanh(gate(p, "g", x, h))
    o = torch.sigmoid(gate(p, "o", x, h) + p["p.o"] * c)
    h = o * torch.tanh(c)
    return h, (h, c)


def coupled_lstm(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
    """Greff et al. 2017, CIFG: i = 1 - f."""
    h, c = states
    f, o = (torch.sigmoid(gate(p, name, x, h)) for name in "fo")
    c = f * c + (1 - f) * torch.tanh(gate(p, "g", x, h))
    h = o * torch.tanh(c)
    return h, (h, c)


def projection_lstm(
    x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]
) -> tuple[Tensor, States]:
    """Sak et al. 2014: r_t = V h_t is the output and is fed back."""
    m, (_, c) = lstm(x, states, p, masks)
    r = m @ p["V"].T
    return r, (r, c)


def layer_norm_lstm(
    x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]
) -> tuple[Tensor, States]:
    """Ba, Kiros & Hinton 2016, equations 20-22, each gate normalised by itself."""
    h, c = states
    a = {
        name: normed(x @ p[f"W.{name}"].T, p[f"gain_x.{name}"])
        + normed(h @ p[f"U.{name}"].T, p[f"gain_h.{name}"])
        + p[f"b.{name}"]
        for name in "ifgo"
    }
    c = torch.sigmoid(a["f"]) * c + torch.sigmoid(a["i"]) * torch.tanh(a["g"])
    h = torch.sigmoid(a["o"]) * torch.tanh(normed(c, p["gain_c"], p["bias_c"]))
    return h, (h, c)


def zoneout_lstm(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
    """Krueger et al. 2017, equation 6: where the mask is 1 the old state stays."""
    _, (new_h, new_c) = lstm(x, states, p, masks)
    h = masks["zh"] * states[0] + (1 - masks["zh"]) * new_h
    c = masks["zc"] * states[1] + (1 - masks["zc"]) * new_c
    return h, (h, c)


def multiplicative_lstm(
    x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]
) -> tuple[Tensor, States]:
    """Krause et al. 2016: m_t = (W_mx x_t) ∘ (W_mh h_{t-1}) takes the place of h_{t-1}."""
    m = (x @ p["W.m"].T) * (states[0] @ p["U.m"].T)
    return lstm(x, (m, states[1]), p, masks)


def slstm(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
    """Beck et al. 2024, equations 8-17, with a sigmoid forget gate: all in logarithms, stabilised by m."""
    h, c, n, m = states
    log_f, log_i = torch.nn.functional.logsigmoid(gate(p, "f", x, h)), gate(p, "i", x, h)
    new_m = torch.maximum(log_f + m, log_i)
    f, i = torch.exp(log_f + m - new_m), torch.exp(log_i - new_m)
    c = f * c + i * torch.tanh(gate(p, "z", x, h))
    n = f * n + i
    h = torch.sigmoid(gate(p, "o", x, h)) * (c / n)
    return h, (h, c, n, new_m)


def gru(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
    """torch.nn.GRU: the reset gate acts after the product, the update gate keeps."""
    (h,) = states
    r, z = (torch.sigmoid(gate(p, name, x, h)) for name in "rz")
    n = torch.tanh(x @ p["W.n"].T + p["b.n"] + r * (h @ p["U.n"].T + p["d.n"]))
    h = (1 - z) * n + z * h
    return h, (h,)


def gru_reset_before(
    x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]
) -> tuple[Tensor, States]:
    """Cho et al. 2014, equations 5-8."""
    (h,) = states
    r, z = (torch.sigmoid(gate(p, name, x, h)) for name in "rz")
    h = z * h + (1 - z) * torch.tanh(gate(p, "n", x, r * h))
    return h, (h,)


def update_gate_gru(
    x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]
) -> tuple[Tensor, States]:
    """c_t = u ∘ c̃ + (1 - u) ∘ c_{t-1}: the update gate writes."""
    (c,) = states
    u = torch.sigmoid(gate(p, "u", x, c))
    c = u * torch.tanh(gate(p, "c", x, c)) + (1 - u) * c
    return c, (c,)


def layer_norm_gru(
    x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]
) -> tuple[Tensor, States]:
    """A GRU, reset after the product, with each of its six products normalised."""
    (h,) = states
    a = {name: normed(x @ p[f"W.{name}"].T, p[f"gain_x.{name}"]) + p[f"b.{name}"] for name in "rzn"}
    u = {name: normed(h @ p[f"U.{name}"].T, p[f"gain_h.{name}"]) for name in "rzn"}
    z = torch.sigmoid(a["z"] + u["z"])
    h = z * h + (1 - z) * torch.tanh(a["n"] + torch.sigmoid(a["r"] + u["r"]) * u["n"])
    return h, (h,)


def indrnn(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
    """Li et al. 2018, equation 2."""
    h = torch.relu(x @ p["W"].T + p["u"] * states[0] + p["b"])
    return h, (h,)


def min_gru(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
    """Feng et al. 2024, section 3.1."""
    z = torch.sigmoid(x @ p["W.z"].T + p["b.z"])
    h = (1 - z) * states[0] + z * (x @ p["W.h"].T + p["b.h"])
    return h, (h,)


def min_lstm(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
    """Feng et al. 2024, section 3.2: f' = f / (f + i), i' = i / (f + i)."""
    f, i = (torch.sigmoid(x @ p[f"W.{name}"].T + p[f"b.{name}"]) for name in "fi")
    h = f / (f + i) * states[0] + i / (f + i) * (x @ p["W.h"].T + p["b.h"])
    return h, (h,)


def sru(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
    """Lei et al. 2018, equations 1-4; both gates see c_{t-1}, the highway carries W_s x_t."""
    (c,) = states
    f = torch.sigmoid(x @ p["W.f"].T + p["v.f"] * c + p["b.f"])
    r = torch.sigmoid(x @ p["W.r"].T + p["v.r"] * c + p["b.r"])
    c = f * c + (1 - f) * (x @ p["W.c"].T)
    return r * c + (1 - r) * (x @ p["W.s"].T), (c,)


def rhn(depth: int) -> Reference:
    """Zilly et al. 2017, equations 6-8, with the carry gate 1 - t; the input enters the first layer only."""

    def step(x: Tensor, states: States, p: Weights, masks: Mapping[str, Tensor]) -> tuple[Tensor, States]:
        (s,) = states
        for layer in range(depth):
            first = float(layer == 0)
            h = torch.tanh(first * (x @ p["W.h"].T) + s @ p[f"R.{layer}.h"].T + p[f"b.{layer}"])
            t = torch.sigmoid(first * (x @ p["W.t"].T) + s @ p[f"R.{layer}.t"].T + p[f"d.{layer}"])
            s = h * t + s * (1 - t)
        return s, (s,)

    return step


REFERENCES: dict[str, Reference] = {
    "simple(f=tanh)": simple(torch.tanh),
    "simple(f=relu)": simple(torch.relu),
    "simple(f=sigmoid)": simple(torch.sigmoid),
    "simple(f=softplus)": simple(softplus),
    "jordan": jordan,
    "lstm": lstm,
    "peephole_lstm": peephole_lstm,
    "coupled_lstm": coupled_lstm,
    "projection_lstm": projection_lstm,
    "layer_norm_lstm": layer_norm_lstm,
    "zoneout_lstm": zoneout_lstm,
    "multiplicative_lstm": multiplicative_lstm,
    "slstm": slstm,
    "gru": gru,
    "gru_reset_before": gru_reset_before,
    "update_gate_gru": update_gate_gru,
    "layer_norm_gru": layer_norm_gru,
    "indrnn": indrnn,
    "min_gru": min_gru,
    "min_lstm": min_lstm,
    "sru": sru,
    "rhn(depth=1)": rhn(1),
    "rhn(depth=3)": rhn(3),
}
