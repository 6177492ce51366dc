"""Variational dropout: one mask a sequence for all its steps, seen through networks that show their masks."""

import pytest
import torch

from elman.nn.locked import LockedDropout, locked_dropout
from elman.nn.recurrent import Recurrent

T, B, H, P = 6, 4, 300, 0.3
KEPT = 1 / (1 - P)


def showing(layers, **options):
    """Units that hand on what enters them, in each layer."""
    layer = Recurrent("simple(f=relu)", H, H, layers, **options)
    with torch.no_grad():
        for name, weight in layer.named_parameters():
            weight.zero_()
            if name.startswith("W"):
                weight.copy_(torch.eye(H))
    return layer


def assert_locked(mask_TBH):
    torch.testing.assert_close(mask_TBH, mask_TBH[:1].expand_as(mask_TBH), rtol=0, atol=0)
    once = mask_TBH[0]
    assert once.unique().tolist() == [0.0, pytest.approx(KEPT, rel=1e-4)]
    share = float((once == 0).double().mean())
    assert abs(share - P) < 4 * (P * (1 - P) / once.numel()) ** 0.5
    assert not torch.equal(once[0], once[1]), "each sequence has a mask of its own"


def test_the_module_leaves_out_the_same_units_at_all_steps():
    module = LockedDropout(P)
    assert_locked(module(torch.ones(T, B, H)))
    x = torch.randn(T, B, H)
    assert module.eval()(x) is x
    assert LockedDropout(0.0)(x) is x


def test_the_error_passes_where_the_value_did():
    x = torch.ones(T, B, H, requires_grad=True)
    y = LockedDropout(P)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert torch.equal(gradient, y.detach())


def test_sequences_that_end_keep_the_masks_of_those_that_go_on():
    sizes = (4, 4, 2, 1)
    steps = locked_dropout(torch.ones(sum(sizes), H), P, sizes).split(sizes)
    for step, size in zip(steps, sizes, strict=True):
        assert torch.equal(step, steps[0][:size])
    assert not torch.equal(steps[0][0], steps[0][1])


@pytest.mark.parametrize("options", [{"dropout": P}, {"input_dropout": P}], ids=str)
def test_a_variational_network_locks_its_input_and_what_passes_between_its_layers(options):
    layer, x = showing(2, variational=True, **options), torch.ones(T, B, H)
    assert_locked(layer(x)[0])
    assert not torch.equal(layer(x)[0], layer(x)[0]), "each pass draws anew"
    assert torch.equal(layer.eval()(x)[0], x)


@pytest.mark.parametrize("options", [{"dropout": P}, {"input_dropout": P}], ids=str)
def test_another_network_draws_anew_at_each_step(options):
    mask_TBH = showing(2, **options)(torch.ones(T, B, H))[0]
    assert not torch.equal(mask_TBH[0], mask_TBH[1])
    assert abs(float((mask_TBH == 0).double().mean()) - P) < 4 * (P * (1 - P) / mask_TBH.numel()) ** 0.5


def test_symbols_lose_numbers_of_their_vectors():
    layer = showing(1, variational=True, input_dropout=P, num_embeddings=5)
    with torch.no_grad():
        layer.embedding.weight.fill_(1.0)
    assert_locked(layer(torch.randint(5, (T, B)))[0])
