"""RNN, LSTM and GRU against torch.nn's, over the grid of their arguments: values and every gradient."""

from itertools import product

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import elman

T, B, I, H, P = 6, 4, 5, 7, 3
LENGTHS = torch.tensor([3, 6, 2, 5])
TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-12}


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("form", ["batch", "packed", "unbatched"])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("RNN", {}),
        ("RNN", {"nonlinearity": "relu"}),
        ("LSTM", {}),
        ("LSTM", {"proj_size": P}),
        ("GRU", {}),
    ],
    ids=["tanh", "relu", "lstm", "projection", "gru"],
)
@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.usefixtures("engine")
def test_same_values_and_gradients(kind, options, num_layers, form, dtype):
    for bidirectional, bias, batch_first, given in product((False, True), repeat=4):
        shape = {"bidirectional": bidirectional, "bias": bias, "batch_first": batch_first, "dtype": dtype}
        theirs = getattr(nn, kind)(I, H, num_layers, **shape, **options)
        ours = getattr(elman, kind)(I, H, num_layers, **shape, **options)
        ours.load_state_dict(theirs.state_dict())
        x, states = operands(theirs, form, dtype)
        wanted = values_and_gradients(theirs, x, states, form, given)
        found = values_and_gradients(ours, x, states, form, given)
        for a, b in zip(found[0], wanted[0], strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=TOLERANCE[dtype])
        for a, b in zip(found[1], wanted[1], strict=True):
            # a gradient is a sum of many terms: its rounding error grows with the largest of its entries
            torch.testing.assert_close(
                a, b, rtol=0, atol=TOLERANCE[dtype] * max(1, float(b.detach().abs().max()))
            )


def operands(layer, form, dtype):
    """Input and first states of a layer, in one form."""
    shape = (T, I) if form == "unbatched" else (B, T, I) if layer.batch_first else (T, B, I)
    rows = layer.num_layers * (2 if layer.bidirectional else 1)
    widths = (layer.proj_size or H, H) if layer.mode == "LSTM" else (H,)
    batch = () if form == "unbatched" else (B,)
    return torch.randn(shape, dtype=dtype), [
        torch.randn(rows, *batch, width, dtype=dtype) for width in widths
    ]


def values_and_gradients(layer, x, states, form, given):
    """Output and last states, and the gradients of a random weighting of them."""
    x = x.clone().requires_grad_()
    states = [state.clone().requires_grad_() for state in states]
    packed = form == "packed"
    value = pack_padded_sequence(x, LENGTHS, layer.batch_first, enforce_sorted=False) if packed else x
    hx = (tuple(states) if len(states) > 1 else states[0]) if given else None
    output, final = layer(value, hx)
    assert isinstance(output, PackedSequence) == packed
    values = [output.data if packed else output, *(final if isinstance(final, tuple) else (final,))]
    generator = torch.Generator().manual_seed(1)
    weightings = [torch.randn(v.shape, generator=generator, dtype=v.dtype) for v in values]
    asked = [x, *layer.parameters(), *(states if given else ())]
    return values, torch.autograd.grad(values, asked, weightings)
