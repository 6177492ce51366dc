"""Penalties on activations, added up by hand."""

import pytest
import torch

from elman.nn.penalties import activation_penalty, temporal_penalty

T, B, H = 5, 3, 4


@pytest.mark.parametrize("lengths", [None, [5, 2, 1]])
def test_they_are_means_over_the_steps_that_count(lengths):
    h = torch.randn(T, B, H, dtype=torch.float64)
    mask = None if lengths is None else torch.arange(T)[:, None] < torch.tensor(lengths)
    ends = lengths or [T] * B
    squares = [float(h[t, b, i]) ** 2 for b in range(B) for t in range(ends[b]) for i in range(H)]
    changes = [
        (float(h[t, b, i]) - float(h[t - 1, b, i])) ** 2
        for b in range(B)
        for t in range(1, ends[b])
        for i in range(H)
    ]
    assert float(activation_penalty(h, mask)) == pytest.approx(sum(squares) / len(squares))
    assert float(temporal_penalty(h, mask)) == pytest.approx(sum(changes) / len(changes))


def test_one_step_has_no_change():
    h = torch.randn(1, B, H, requires_grad=True)
    assert float(temporal_penalty(h)) == 0.0
    assert float(temporal_penalty(h, torch.ones(1, B, dtype=torch.bool))) == 0.0
    assert float(activation_penalty(h)) > 0.0


@pytest.mark.parametrize("penalty", [activation_penalty, temporal_penalty])
def test_their_gradients_are_the_finite_differences(penalty):
    h = torch.randn(T, B, H, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(penalty, h)
