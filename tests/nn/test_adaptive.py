"""The adaptive softmax: a distribution over all symbols, whatever their number."""

import pytest
import torch
from torch import nn

from elman.nn.adaptive import AdaptiveSoftmax
from elman.nn.linear import Linear

H = 16


@pytest.mark.parametrize("symbols", [3, 4, 10, 31, 1000])
def test_probabilities_sum_to_one_and_the_loss_is_that_of_the_targets(symbols):
    softmax = AdaptiveSoftmax(H, symbols).double()
    hidden = 3 * torch.randn(5, 4, H, dtype=torch.float64)
    log_p = softmax(hidden)
    assert log_p.shape == (5, 4, symbols)
    torch.testing.assert_close(log_p.exp().sum(-1), torch.ones(5, 4, dtype=torch.float64))
    targets = torch.randint(symbols, (5, 4))
    nats = softmax.negative_log_likelihood(hidden.flatten(0, 1), targets.flatten())
    by_hand = -sum(float(log_p.detach()[t, b, targets[t, b]]) for t in range(5) for b in range(4))
    assert float(nats) == pytest.approx(by_hand)


def test_a_rare_symbol_is_predicted_through_its_cluster():
    softmax = AdaptiveSoftmax(H, 30)  # symbols 0-2, 3-9 and 10-29
    head, (middle, rare) = softmax.softmax.head, softmax.softmax.tail
    h = torch.randn(H)
    with torch.no_grad():
        clusters = (head.weight @ h).softmax(-1)
        p = torch.cat(
            [
                clusters[:3],
                clusters[3] * (middle[1].weight @ (middle[0].weight @ h)).softmax(-1),
                clusters[4] * (rare[1].weight @ (rare[0].weight @ h)).softmax(-1),
            ]
        )
        torch.testing.assert_close(softmax(h).exp(), p)


def test_its_products_are_elmans():
    linears = [module for module in AdaptiveSoftmax(H, 100).modules() if isinstance(module, nn.Linear)]
    assert len(linears) == 5
    assert {type(module) for module in linears} == {Linear}


def test_its_gradients_are_the_finite_differences():
    softmax = AdaptiveSoftmax(H, 12).double()
    hidden = torch.randn(6, H, dtype=torch.float64, requires_grad=True)
    targets = torch.arange(0, 12, 2)
    weights = tuple(softmax.parameters())

    def loss(hidden, *_):
        return softmax.negative_log_likelihood(hidden, targets)

    assert torch.autograd.gradcheck(loss, (hidden, *weights))


@pytest.mark.parametrize("read", [0, 1, 2])
def test_clusters_without_a_target_have_gradients_of_zero(read):
    softmax, hidden = AdaptiveSoftmax(H, 30), torch.randn(4, H)
    targets = torch.tensor([[0, 1, 2, 2], [3, 9, 5, 3], [10, 29, 20, 10]][read])  # of one cluster each
    nats = softmax.negative_log_likelihood(hidden, targets)
    torch.testing.assert_close(nats, -softmax(hidden).gather(-1, targets[:, None]).sum())
    nats.backward()
    assert softmax.softmax.head.weight.grad.any()
    for number, tail in enumerate(softmax.softmax.tail, 1):
        for weight in tail.parameters():
            assert bool(weight.grad.any()) == (number == read)


def test_under_autocast_logarithms_are_not_rounded():
    softmax, hidden = AdaptiveSoftmax(H, 50), torch.randn(200, H)
    targets = torch.randint(50, (200,))
    expected = softmax(hidden), softmax.negative_log_likelihood(hidden, targets)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = softmax(hidden.bfloat16()), softmax.negative_log_likelihood(hidden.bfloat16(), targets)
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=0.03)
    chosen = found[0].gather(-1, targets[:, None])
    torch.testing.assert_close(found[1], -chosen.sum(), rtol=1e-5, atol=0)
