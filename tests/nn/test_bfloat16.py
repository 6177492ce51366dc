"""Layers in bfloat16 and under autocast, against the same equations whose products round their operands."""

import copy

import pytest
import torch
from torch import Tensor

import elman
from elman.nn import function
from elman.run import choice
from elman.run.pairs import multiplies_pairs
from tests.nn.reference import layer_of
from tests.run.rounding import RoundedProduct

runs_kernels = pytest.mark.skipif(
    not multiplies_pairs(), reason="this processor does not multiply bfloat16 numbers (AVX512_BF16)"
)
T, B, I, H = 9, 5, 6, 21
ROUNDED = 2**-8
"""The output is rounded; and what follows from a sum that was rounded up in one and down in the other."""


def lstm_by_hand(x: Tensor, layers: list[dict[str, Tensor]]) -> Tensor:
    """A stack of LSTMs in float32 whose products round their operands; ∂/∂ as if they did not."""
    for weights in layers:
        h = c = x.new_zeros(x.shape[1], len(weights["b.f"]))
        outputs = []
        for row in x:
            f, i, g, o = (
                RoundedProduct.apply(weights[f"W.{gate}"], row)
                + RoundedProduct.apply(weights[f"U.{gate}"], h)
                + weights[f"b.{gate}"]
                for gate in "figo"
            )
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        x = torch.stack(outputs)
    return x


def by_hand(layer: elman.Recurrent, x: Tensor, delta: Tensor) -> tuple[Tensor, dict[str, Tensor], Tensor]:
    """The output, the gradients of the weights by their names, and that of x."""
    wide = copy.deepcopy(layer).float()
    x = x.detach().float().requires_grad_()
    output = lstm_by_hand(x, [wide.weights(f"_l{depth}") for depth in range(layer.num_layers)])
    output.backward(delta)
    return output.detach(), {name: p.grad for name, p in wide.named_parameters()}, x.grad


def assert_near(found: Tensor, wanted: Tensor, tolerance: float) -> None:
    scale = max(1.0, float(wanted.abs().max()))
    torch.testing.assert_close(found.float(), wanted, rtol=0, atol=tolerance * scale)


@pytest.fixture
def no_eager(monkeypatch) -> None:
    """Torch's own operations may not take the place of kernels."""

    def refuse(*_: object) -> None:
        raise AssertionError("run by torch's own operations")

    monkeypatch.setattr(function, "run_eager", refuse)


@runs_kernels
@pytest.mark.parametrize("num_layers", [1, 2])
def test_autocast_rounds_what_is_multiplied_and_nothing_else(num_layers, no_eager):
    layer = layer_of("lstm", I, H, num_layers)
    x, delta = torch.randn(T, B, I, requires_grad=True), torch.randn(T, B, H).bfloat16().float()
    wanted, gradients, d_x = by_hand(layer, x, delta)
    with torch.autocast("cpu", torch.bfloat16):
        output, (h, c) = layer(x)
        like, _ = torch.nn.LSTM(I, H)(x)
    assert {output.dtype, h.dtype, c.dtype} == {like.dtype} == {torch.bfloat16}
    assert_near(output, wanted, ROUNDED)
    output.backward(delta.bfloat16())
    assert x.grad.dtype == torch.float32
    assert_near(x.grad, d_x, ROUNDED)
    for name, weight in layer.named_parameters():
        assert weight.grad.dtype == torch.float32
        assert_near(weight.grad, gradients[name], ROUNDED)


@runs_kernels
def test_a_layer_in_bfloat16_computes_in_float32_but_for_its_products(no_eager):
    layer = layer_of("lstm", I, H).bfloat16()
    x, delta = torch.randn(T, B, I).bfloat16().requires_grad_(), torch.randn(T, B, H).bfloat16()
    wanted, gradients, d_x = by_hand(layer, x, delta.float())
    output, (h, c) = layer(x)
    assert {output.dtype, h.dtype, c.dtype} == {torch.bfloat16}
    assert_near(output, wanted, ROUNDED)
    output.backward(delta)
    assert x.grad.dtype == torch.bfloat16
    assert_near(x.grad, d_x, ROUNDED)
    for name, weight in layer.named_parameters():
        assert weight.grad.dtype == torch.bfloat16
        assert_near(weight.grad, gradients[name], ROUNDED)


@runs_kernels
def test_an_error_does_not_grow_with_the_steps(no_eager):
    """The state that is carried is float32: in bfloat16 it would stand still."""
    layer = elman.Recurrent(elman.cell(summing), 1, 4).bfloat16()
    with torch.no_grad():
        layer.W_l0.fill_(1.0)
    x = torch.full((1000, 1, 1), 2.0**-6).bfloat16()
    output, _ = layer(x)
    torch.testing.assert_close(output[-1].float(), torch.full((1, 4), 1000 * 2.0**-6), rtol=2**-8, atol=0)


def summing(x, h, *, W):
    """A sum over all steps."""
    return h + W @ x


@runs_kernels
@pytest.mark.parametrize("name", ["gru", "gru_reset_before", "layer_norm_lstm", "sru", "rhn", "min_gru"])
@pytest.mark.parametrize("options", [{}, {"bidirectional": True}, {"num_layers": 2}], ids=str)
def test_autocast_stays_near_float32(name, options, no_eager):
    layer = layer_of(name, I, H, **options)
    x = torch.randn(T, B, I)
    lengths = torch.tensor([9, 2, 5, 9, 1])
    wanted, _ = layer(x, lengths=lengths)
    with torch.autocast("cpu", torch.bfloat16):
        output, _ = layer(x, lengths=lengths)
    assert output.dtype == torch.bfloat16
    assert_near(output, wanted.detach(), 0.03)
    assert not torch.equal(output, wanted.bfloat16())


@runs_kernels
def test_symbols_under_autocast(no_eager):
    layer = elman.Recurrent("lstm", 7, H, num_embeddings=11)
    symbols = torch.randint(11, (T, B))
    wanted, _ = layer(symbols)
    with torch.autocast("cpu", torch.bfloat16):
        output, _ = layer(symbols)
        output.float().sum().backward()
    assert_near(output, wanted.detach(), 0.03)
    assert layer.embedding.weight.grad.abs().sum() > 0


@runs_kernels
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_torch_layers_in_bfloat16(kind, no_eager):
    theirs = getattr(torch.nn, kind)(I, H, 2)
    mine = getattr(elman, kind)(I, H, 2).bfloat16()
    mine.load_state_dict(theirs.state_dict())
    x = torch.randn(T, B, I)
    output, _ = mine(x.bfloat16())
    assert_near(output, theirs(x)[0].detach(), 0.03)


def test_without_the_instructions_torch_runs_the_cell(monkeypatch):
    monkeypatch.setattr(choice, "multiplies_pairs", lambda: False)
    layer = layer_of("lstm", I, H)
    x = torch.randn(T, B, I)
    wanted, _ = layer(x)
    with torch.autocast("cpu", torch.bfloat16):
        output, _ = layer(x)
    assert_near(output, wanted.detach(), 0.05)
    assert_near(layer.bfloat16()(x.bfloat16())[0], wanted.detach(), 0.05)


@runs_kernels
def test_formats_are_not_mixed_outside_of_autocast():
    layer = elman.Recurrent("lstm", I, H)
    with pytest.raises(RuntimeError, match="dtype"):
        layer(torch.randn(T, B, I).bfloat16())


@pytest.mark.parametrize("name", ["lstm", "gru", "sru"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_autocast_gives_its_own_format_whoever_runs_the_cell(name, dtype, engine):
    layer = elman.Recurrent(name, H, H)
    with torch.autocast("cpu", dtype):
        output, state, every = layer(torch.randn(T, B, H), return_states=True)
        assert layer.double()(torch.randn(T, B, H).double())[0].dtype == torch.float64
    states = state if isinstance(state, tuple) else (state,)
    assert {output.dtype, *(value.dtype for value in (*states, *every))} == {dtype}


@runs_kernels
def test_a_traced_layer_in_bfloat16_computes_the_same(no_eager):
    layer = layer_of("lstm", I, H, 2).bfloat16()
    traced = torch.compile(layer, backend="aot_eager", fullgraph=True)
    x, delta = torch.randn(T, B, I).bfloat16().requires_grad_(), torch.randn(T, B, H).bfloat16()
    found = []
    for run in (layer, traced):
        output, _ = run(x)
        found.append([output, *torch.autograd.grad(output, (x, *layer.parameters()), delta)])
    for mine, theirs in zip(*found, strict=True):
        assert mine.dtype == theirs.dtype == torch.bfloat16
        assert torch.equal(mine, theirs)
