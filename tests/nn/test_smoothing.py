"""Label smoothing against torch's, and the plain cross-entropy beside it."""

import pytest
import torch
from torch.nn import functional

from elman.nn import smoothing
from elman.nn.smoothing import smoothed_cross_entropy


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9])
def test_it_is_torchs(share):
    scores = 3 * torch.randn(20, 7, dtype=torch.float64)
    targets = torch.randint(7, (20,))
    smoothed, nats = smoothed_cross_entropy(scores, targets, share)
    expected = functional.cross_entropy(scores, targets, label_smoothing=share, reduction="sum")
    torch.testing.assert_close(smoothed, expected, rtol=1e-12, atol=0)
    torch.testing.assert_close(nats, functional.cross_entropy(scores, targets, reduction="sum"))


def test_its_gradients_are_the_finite_differences():
    scores = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    targets = torch.randint(5, (4,))
    assert torch.autograd.gradcheck(lambda scores: smoothed_cross_entropy(scores, targets, 0.2), scores)
    assert torch.autograd.gradgradcheck(lambda scores: smoothed_cross_entropy(scores, targets, 0.2), scores)


@pytest.mark.parametrize("share", [0.0, 0.1])
@pytest.mark.parametrize("at_once", [1, 14, 20, 1000])
def test_however_many_rows_are_taken_at_once_gradients_are_torchs(share, at_once, monkeypatch):
    monkeypatch.setitem(smoothing._SCORES_AT_ONCE, "cpu", at_once)
    scores = torch.randn(20, 7, dtype=torch.float64, requires_grad=True)
    targets = torch.randint(7, (20,))
    smoothed, nats = smoothed_cross_entropy(scores, targets, share)
    (found,) = torch.autograd.grad(2 * smoothed + 0.3 * nats, scores, retain_graph=True)
    (again,) = torch.autograd.grad(2 * smoothed + 0.3 * nats, scores)
    costs = [
        functional.cross_entropy(scores, targets, label_smoothing=s, reduction="sum") for s in (share, 0)
    ]
    (expected,) = torch.autograd.grad(2 * costs[0] + 0.3 * costs[1], scores)
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-13)
    assert torch.equal(found, again)


def test_gradients_of_short_numbers_are_rounded_once():
    scores, targets = torch.randn(30, 50).bfloat16().requires_grad_(), torch.randint(50, (30,))
    smoothed_cross_entropy(scores, targets, 0.1)[0].backward()
    full = scores.detach().float().requires_grad_()
    smoothed_cross_entropy(full, targets, 0.1)[0].backward()
    assert torch.equal(scores.grad, full.grad.bfloat16())


def test_no_rows_cost_nothing():
    scores = torch.zeros(0, 5, requires_grad=True)
    smoothed, nats = smoothed_cross_entropy(scores, torch.zeros(0, dtype=torch.int64), 0.1)
    (smoothed + nats).backward()
    assert (float(smoothed.detach()), float(nats.detach()), scores.grad.shape) == (0.0, 0.0, (0, 5))


def test_what_is_compiled_is_the_same():
    scores, targets = torch.randn(20, 7, requires_grad=True), torch.randint(7, (20,))
    compiled = torch.compile(smoothed_cross_entropy, backend="eager")
    for mine, theirs in zip(
        compiled(scores, targets, 0.1), smoothed_cross_entropy(scores, targets, 0.1), strict=True
    ):
        torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_the_logarithms_of_short_numbers_are_not_rounded(share):
    scores, targets = torch.randn(1000, 50).bfloat16(), torch.randint(50, (1000,))
    expected = smoothed_cross_entropy(scores.float(), targets, share)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = smoothed_cross_entropy(scores, targets, share)
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine, theirs, rtol=1e-6, atol=0)
