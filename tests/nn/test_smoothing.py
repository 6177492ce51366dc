"""Label smoothing against torch's, and the plain cross-entropy beside it."""

import pytest
import torch
from torch.nn import functional

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


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_the_logarithms_of_short_numbers_are_not_rounded(share):
    scores, targets = torch.randn(1000, 50).bfloat16(), torch.randint(50, (1000,))
    expected = smoothed_cross_entropy(scores.float(), targets, share)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = smoothed_cross_entropy(scores, targets, share)
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine, theirs, rtol=1e-6, atol=0)
