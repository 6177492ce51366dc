"""Dropout as torch has it, but for the numbers that chance picks."""

import pytest
import torch

import elman
from elman.nn.dropout import Dropout


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_numbers_are_dropped_with_their_probability_and_the_rest_is_scaled(dtype, probability):
    torch.manual_seed(0)
    x = torch.ones(1000, 100, dtype=dtype)
    y = Dropout(probability)(x)
    assert y.dtype == dtype
    zero, kept = y.unique()
    assert zero == 0.0
    # without a kernel, the probability is rounded to one part in 65,536
    assert kept.item() == pytest.approx(
        1.0 / (1.0 - probability), rel=1e-4 if dtype != torch.bfloat16 else 4e-3
    )
    dropped = (y == 0).double()
    error = 5 * (probability * (1 - probability) / x.numel()) ** 0.5
    assert abs(dropped.mean() - probability) < error
    assert (dropped.mean(0) - probability).abs().max() < error * 100**0.5
    assert (dropped.mean(1) - probability).abs().max() < error * 1000**0.5


def test_the_error_passes_where_the_value_did():
    x = torch.ones(50, 50, requires_grad=True)
    y = Dropout(0.3)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert torch.equal(gradient, y.detach())


def test_everything_is_dropped_with_probability_one():
    assert torch.equal(Dropout(1.0)(torch.ones(3, 4)), torch.zeros(3, 4))


def test_nothing_is_dropped_without_training_or_a_probability():
    x = torch.randn(5, 5)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x


@pytest.mark.parametrize("mode", ["auto", "eager"])
def test_derivatives_of_any_order_drop_the_same_numbers(mode):
    with elman.kernels(mode):
        x = torch.randn(40, dtype=torch.float64, requires_grad=True)

        def dropped_square(x):
            torch.manual_seed(3)
            return Dropout(0.4)(x) ** 2

        assert torch.autograd.gradcheck(dropped_square, x)
        assert torch.autograd.gradgradcheck(dropped_square, x)


def test_what_is_not_contiguous_is_dropped_too():
    x = torch.randn(6, 8).T.requires_grad_()
    y = Dropout(0.5)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    kept = y != 0
    assert kept.any()
    assert torch.equal(y[kept], 2 * x[kept])
    assert torch.equal(gradient, 2.0 * kept)


def test_the_seed_decides():
    x = torch.ones(100)
    torch.manual_seed(1)
    first, second = Dropout(0.5)(x), Dropout(0.5)(x)
    torch.manual_seed(1)
    assert torch.equal(Dropout(0.5)(x), first)
    assert not torch.equal(first, second)
