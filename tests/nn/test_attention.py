"""Attention against its equations, place by place."""

import math

import pytest
import torch

from elman.core.errors import InputError
from elman.nn.attention import Attention

T, S, B, Q = 3, 4, 2, 5


def by_hand(attention, q, m):
    if attention.score == "dot":
        return float(q @ m)
    if attention.score == "general":
        return float((q @ (attention.keys.weight @ m)).detach())
    inner = attention.query.weight @ q + attention.query.bias + attention.keys.weight @ m
    return float((attention.direction @ inner.tanh()).detach())


@pytest.mark.parametrize(("score", "memory_size"), [("additive", 3), ("general", 3), ("dot", Q)])
def test_each_step_sees_the_mean_of_what_is_there_by_its_weights(score, memory_size):
    attention = Attention(score, Q, memory_size).double()
    query = torch.randn(T, B, Q, dtype=torch.float64)
    memory = torch.randn(S, B, memory_size, dtype=torch.float64)
    lengths = (4, 2)
    mask = torch.arange(S)[:, None] < torch.tensor(lengths)
    context, weights = attention(query, attention.prepared(memory), memory, mask)
    for b, length in enumerate(lengths):
        for t in range(T):
            scores = [math.exp(by_hand(attention, query[t, b], memory[s, b])) for s in range(length)]
            expected = [score / sum(scores) for score in scores] + [0.0] * (S - length)
            assert weights[t, b].tolist() == pytest.approx(expected, abs=1e-12)
            mean = sum(weight * memory[s, b] for s, weight in enumerate(expected))
            torch.testing.assert_close(context[t, b], mean)


@pytest.mark.parametrize("score", ["additive", "general", "dot"])
def test_gradients_are_those_of_finite_differences(score):
    attention = Attention(score, Q, Q).double()
    mask = torch.tensor([[True, True], [True, False]])

    def context(query, memory):
        return attention(query, attention.prepared(memory), memory, mask)[0]

    given = (torch.randn(n, B, Q, dtype=torch.float64, requires_grad=True) for n in (T, 2))
    assert torch.autograd.gradcheck(context, tuple(given))


def test_dot_needs_one_size():
    with pytest.raises(InputError, match="queries of size 5 with places of size 3"):
        Attention("dot", 5, 3)
