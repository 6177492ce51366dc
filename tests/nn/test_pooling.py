"""Pooling, against sequences taken one by one."""

import pytest
import torch
from torch import nn

from elman.nn.pooling import POOLINGS, AttentionPooling
from elman.nn.recurrent import Recurrent

LENGTHS = torch.tensor([5, 1, 3])
SIZES = {"input_size": 4, "hidden_size": 6}


def one_by_one(pool, name, outputs, bidirectional):
    """What each sequence alone gives, written out."""
    found = []
    for b, length in enumerate(LENGTHS.tolist()):
        h = outputs[:length, b]
        if name == "last":
            half = h.shape[1] // (1 + bidirectional)
            found.append(torch.cat([h[-1, :half], h[0, half:]]))
        if name == "mean":
            found.append(h.mean(0))
        if name == "max":
            found.append(h.max(0).values)
        if name == "attention":
            score = nn.functional.linear(h, pool.key.weight, pool.key.bias).tanh() @ pool.score.weight[0]
            found.append(score.softmax(0) @ h)
    return torch.stack(found)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", POOLINGS)
def test_a_batch_gives_what_each_sequence_gives_alone(name, bidirectional):
    torch.manual_seed(0)
    outputs = torch.randn(5, 3, 6, dtype=torch.float64, requires_grad=True)
    pool = POOLINGS[name](6, bidirectional).double()
    assert torch.allclose(pool(outputs, LENGTHS), one_by_one(pool, name, outputs, bidirectional))
    assert torch.autograd.gradcheck(lambda x: pool(x, LENGTHS), outputs)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", POOLINGS)
def test_parts_that_are_joined_give_what_the_whole_gives(name, bidirectional):
    torch.manual_seed(0)
    outputs = torch.randn(9, 2, 6, dtype=torch.float64) * 3
    pool = POOLINGS[name](6, bidirectional).double()
    parts = [pool.part(part, torch.full((2,), len(part))) for part in outputs.split([4, 1, 4])]
    whole = pool.part(outputs, torch.tensor([9, 9]))
    left = pool.join(pool.join(*parts[:2]), parts[2])
    right = pool.join(parts[0], pool.join(*parts[1:]))
    for found in (left, right):
        assert torch.allclose(found.vector, whole.vector)
    if name in ("mean", "attention"):
        assert torch.allclose(left.log_weight, whole.log_weight)


@pytest.mark.parametrize("name", POOLINGS)
def test_nothing_behind_an_end_counts(name):
    torch.manual_seed(0)
    outputs = torch.randn(5, 3, 6)
    behind = torch.arange(5)[:, None] >= LENGTHS
    other = outputs.masked_fill(behind[:, :, None], 1e3)
    pool = POOLINGS[name](6, True)
    assert torch.equal(pool(outputs, LENGTHS), pool(other, LENGTHS))


@pytest.mark.parametrize("cell", ["simple", "lstm", "gru"])
def test_the_ends_of_both_directions_are_the_last_states(cell):
    torch.manual_seed(0)
    layer = Recurrent(cell, **SIZES, bidirectional=True)
    outputs, states = layer(torch.randn(5, 3, 4), lengths=LENGTHS)
    h = states[0] if isinstance(states, tuple) else states
    assert torch.allclose(POOLINGS["last"](12, True)(outputs, LENGTHS), torch.cat([h[0], h[1]], dim=1))


def test_attention_weighs_the_steps_of_each_sequence():
    torch.manual_seed(0)
    weights = AttentionPooling(6, 3).weights(torch.randn(5, 3, 6), LENGTHS)
    assert torch.allclose(weights.sum(0), torch.ones(3))
    assert (weights > 0).sum(0).tolist() == LENGTHS.tolist()
