"""Recurrent dropout and zoneout, against masks applied by hand and the statistics they must have."""

import numpy as np
import pytest
import torch

from elman.core.errors import InputError
from elman.nn.recurrent import Recurrent
from tests.nn.reference import as_tuple, interpreted, layer_of

T, B, I, H = 7, 3, 4, 5


def same_weights(source, target):
    target.load_state_dict(source.state_dict())
    return target


def close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["lstm", "gru_reset_before", "multiplicative_lstm", "rhn"])
def test_recurrent_dropout_does_nothing_in_eval_mode(name):
    dropped = layer_of(name, I, H, recurrent_dropout=0.5, dtype=torch.float64)
    plain = same_weights(dropped, Recurrent(name, I, H, dtype=torch.float64))
    x = torch.randn(T, B, I, dtype=torch.float64)
    assert not torch.allclose(dropped(x)[0], plain(x)[0])
    close(dropped.eval()(x), plain(x))


def test_recurrent_dropout_keeps_one_mask_over_all_steps_of_a_sequence():
    size, rate = 400, 0.3
    layer = Recurrent("simple(f=relu)", 1, size, recurrent_dropout=rate)
    with torch.no_grad():  # h_t = 1 + m ∘ h_{t-1} shows the mask at every step
        layer.W_l0.zero_()
        layer.b_l0.fill_(1.0)
        layer.U_l0.copy_(torch.eye(size))
    output = layer(torch.zeros(T, B, 1))[0]
    mask = (output[1:] - 1) / output[:-1]
    torch.testing.assert_close(mask, mask[:1].expand_as(mask), rtol=1e-5, atol=1e-6)
    assert sorted({round(m, 4) for m in mask.flatten().tolist()}) == [0.0, round(1 / (1 - rate), 4)]
    share = float((mask[0] == 0).double().mean())
    assert abs(share - rate) < 4 * (rate * (1 - rate) / (B * size)) ** 0.5
    assert not torch.equal(mask[0, 0], mask[0, 1]), "each sequence has a mask of its own"
    assert not torch.equal(mask[0], (layer(torch.zeros(2, B, 1))[0][1:] - 1)[0]), "each run draws anew"


def test_recurrent_dropout_keeps_its_mask_where_sequences_end_at_different_steps():
    size, lengths = 50, [2, 7, 4]
    layer = Recurrent("simple(f=relu)", 1, size, recurrent_dropout=0.5)
    with torch.no_grad():
        layer.W_l0.zero_()
        layer.b_l0.fill_(1.0)
        layer.U_l0.copy_(torch.eye(size))
    output = layer(torch.zeros(T, B, 1), lengths=lengths)[0]
    for number, length in enumerate(lengths):
        mask = (output[1:length, number] - 1) / output[: length - 1, number]
        torch.testing.assert_close(mask, mask[:1].expand_as(mask), rtol=1e-5, atol=1e-6)


def test_the_gates_of_an_lstm_share_the_mask_of_what_they_read():
    layer = layer_of("lstm", I, H, recurrent_dropout=0.5, dtype=torch.float64)
    plain = Recurrent("lstm", I, H, dtype=torch.float64)
    x = torch.randn(2, 1, I, dtype=torch.float64)
    h = torch.rand(1, 1, H, dtype=torch.float64) + 0.5
    c = torch.rand(1, 1, H, dtype=torch.float64)
    found = layer(x[:1], (h, c))[0]
    # one of the 2^H masks, the same for all gates, explains what came out
    explained = []
    for bits in range(2**H):
        mask = torch.tensor([2.0 * (bits >> unit & 1) for unit in range(H)], dtype=torch.float64)
        wanted = same_weights(layer, plain)(x[:1], (mask * h, c))[0]
        explained.append(torch.allclose(found, wanted, rtol=0, atol=1e-12))
    assert sum(explained) == 1


def test_a_cell_without_a_product_of_its_state_refuses_recurrent_dropout():
    with pytest.raises(InputError, match="min_gru has no product of its state"):
        Recurrent("min_gru", I, H, recurrent_dropout=0.1)


@pytest.mark.parametrize("rate", [0.0, 0.15])
def test_zoneout_of_any_lstm_is_the_zoneout_lstm(rate):
    by_option = layer_of("lstm", I, H, zoneout=rate, dtype=torch.float64)
    by_hand = same_weights(by_option, Recurrent("zoneout_lstm", I, H, zoneout=rate, dtype=torch.float64))
    x = torch.randn(T, B, I, dtype=torch.float64)
    close(by_option.eval()(x), by_hand.eval()(x))
    torch.manual_seed(3)
    trained = by_option.train()(x)
    torch.manual_seed(3)
    close(trained, by_hand.train()(x))


def test_zoneout_mixes_old_and_new_states_at_its_rate_in_eval_mode():
    rate = 0.2
    layer = layer_of("zoneout_lstm", I, H, zoneout=rate, dtype=torch.float64).eval()
    x = torch.randn(T, B, I, dtype=torch.float64)
    zeros = [np.zeros((B, H)), np.zeros((B, H))]
    masks = {name: np.full((T, B, H), rate) for name in ("zh", "zc")}
    wanted = interpreted(layer, x, [torch.from_numpy(zero) for zero in zeros], masks)
    close(layer(x)[0], torch.from_numpy(wanted.outputs))


@pytest.mark.parametrize("name", ["gru", "lstm", "sru", "slstm"])
def test_zoneout_in_training_keeps_or_replaces_each_unit_at_its_rate(name):
    rate, size = 0.3, 200
    layer = Recurrent(name, I, size, zoneout=rate)
    plain = same_weights(layer, Recurrent(name, I, size))
    x = torch.randn(1, B, I)
    first = tuple(torch.rand(1, B, size) + 2 for _ in layer.cell.step.states)
    hx = first if len(first) > 1 else first[0]
    zoned, new = as_tuple(layer(x, hx)[1]), as_tuple(plain(x, hx)[1])
    for found, old, fresh in zip(zoned, first, new, strict=True):
        kept = found == old
        torch.testing.assert_close(found[~kept], fresh[~kept], rtol=0, atol=1e-6)
        share = float(kept.double().mean())
        assert abs(share - rate) < 4 * (rate * (1 - rate) / kept.numel()) ** 0.5


def test_zoneout_draws_anew_at_every_step():
    size = 300
    layer = Recurrent("simple(f=relu)", 1, size, zoneout=0.5)
    with torch.no_grad():  # a unit that takes its new state counts one up
        layer.W_l0.zero_()
        layer.b_l0.fill_(1.0)
        layer.U_l0.copy_(torch.eye(size))
    output = layer(torch.zeros(T, B, 1))[0]
    counted = output[-1].detach().flatten()
    assert counted.min() < T / 2 < counted.max()
    variance = T * 0.25  # of a binomial count of T fair coins
    assert abs(float(counted.var()) - variance) < 4 * variance * (2 / counted.numel()) ** 0.5
