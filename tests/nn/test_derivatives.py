"""Derivatives in every way that torch asks for them, against finite differences and plain loops."""

import copy

import pytest
import torch
from torch.autograd import forward_ad, gradcheck, gradgradcheck
from torch.func import functional_call, grad, jvp, stack_module_state, vmap
from torch.utils.checkpoint import checkpoint

from elman.nn.recurrent import Recurrent
from tests.nn.reference import CELL_NAMES, as_tuple, layer_of, states_of

T, B, I, H = 4, 2, 3, 4


def flat(layer, names):
    """The layer as a function of tensors alone: x, first states, weights -> output, last states."""

    def run(x, *rest):
        states, weights = rest[: -len(names)], rest[-len(names) :]
        hx = states if len(states) > 1 else states[0]
        output, final = functional_call(layer, dict(zip(names, weights, strict=True)), (x, hx))
        return output, *as_tuple(final)

    return run


@pytest.mark.parametrize("name", CELL_NAMES)
def test_first_and_second_derivatives_agree_with_finite_differences(name):
    layer = layer_of(name, I, H, bidirectional=True, dtype=torch.float64)
    x = torch.randn(3, B, I, dtype=torch.float64, requires_grad=True)
    states = [state.requires_grad_() for state in states_of(layer, B)]
    weights = [weight.detach().requires_grad_() for weight in layer.parameters()]
    run = flat(layer, list(dict(layer.named_parameters())))
    assert gradcheck(run, (x, *states, *weights), fast_mode=True)
    assert gradgradcheck(run, (x, *states, *weights), fast_mode=True)


@pytest.mark.parametrize("name", ["lstm", "gru", "sru"])
def test_derivatives_of_states_between_steps_agree_with_finite_differences(name):
    layer = layer_of(name, I, H, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64, requires_grad=True)
    lengths, resets = [4, 2], torch.tensor([[0, 0], [0, 1], [1, 0], [0, 0]], dtype=torch.bool)

    def run(x):
        return layer(x, lengths=lengths, resets=resets, return_states=True)[2]

    assert gradcheck(run, (x,))
    assert gradgradcheck(run, (x,))


@pytest.mark.parametrize("name", ["lstm", "gru_reset_before", "slstm"])
def test_an_ensemble_by_vmap_is_each_member_alone(name):
    members = [layer_of(name, I, H, 2, dtype=torch.float64) for _ in range(3)]
    params, buffers = stack_module_state(members)
    x = torch.randn(T, B, I, dtype=torch.float64)
    empty = copy.deepcopy(members[0]).to("meta")
    outputs, finals = vmap(lambda p, b: functional_call(empty, (p, b), (x,)))(params, buffers)
    for number, member in enumerate(members):
        output, final = member(x)
        torch.testing.assert_close(outputs[number], output, rtol=0, atol=1e-12)
        for found, wanted in zip(as_tuple(finals), as_tuple(final), strict=True):
            torch.testing.assert_close(found[number], wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["lstm", "gru_reset_before", "slstm"])
def test_per_sample_gradients_are_those_of_each_sequence_alone(name):
    layer = layer_of(name, I, H, dtype=torch.float64)
    weights = dict(layer.named_parameters())
    x = torch.randn(B, T, I, dtype=torch.float64)

    def loss(weights, sequence):
        return functional_call(layer, weights, (sequence,))[0].square().sum()

    found = vmap(grad(loss), in_dims=(None, 0))(weights, x)
    for number in range(B):
        layer.zero_grad()
        layer(x[number])[0].square().sum().backward()
        for weight_name, weight in weights.items():
            torch.testing.assert_close(found[weight_name][number], weight.grad, rtol=0, atol=1e-12)


def test_forward_mode_agrees_with_finite_differences():
    layer = layer_of("peephole_lstm", I, H, dtype=torch.float64)
    x, along = torch.randn(2, T, B, I, dtype=torch.float64)
    small = 1e-6
    wanted = (layer(x + small * along)[0] - layer(x - small * along)[0]) / (2 * small)
    torch.testing.assert_close(jvp(lambda x: layer(x)[0], (x,), (along,))[1], wanted, rtol=0, atol=1e-8)
    with forward_ad.dual_level():
        output = layer(forward_ad.make_dual(x, along))[0]
        torch.testing.assert_close(forward_ad.unpack_dual(output).tangent, wanted, rtol=0, atol=1e-8)


def test_checkpointing_leaves_outputs_and_gradients_as_they_are():
    layer = layer_of("lstm", I, H, 2, dropout=0.4, recurrent_dropout=0.3, zoneout=0.2)
    results = []
    for run in (lambda x: layer(x)[0], lambda x: checkpoint(lambda x: layer(x)[0], x, use_reentrant=False)):
        torch.manual_seed(1)
        layer.zero_grad()
        x = torch.ones(T, B, I, requires_grad=True)
        output = run(x)
        output.square().sum().backward()
        results.append([output, x.grad, *(weight.grad.clone() for weight in layer.parameters())])
    for plain, checkpointed in zip(*results, strict=True):
        torch.testing.assert_close(plain, checkpointed, rtol=0, atol=0)


def test_gradients_reach_only_what_asks_for_them():
    layer = layer_of("lstm", I, H, dtype=torch.float64)
    layer.W_f_l0.requires_grad_(False)
    x = torch.randn(T, B, I, dtype=torch.float64)
    layer(x)[0].sum().backward()
    assert layer.W_f_l0.grad is None
    wanted = {name: weight.grad for name, weight in layer.named_parameters() if weight.requires_grad}
    layer.requires_grad_(True).zero_grad()
    layer(x)[0].sum().backward()
    for name, gradient in wanted.items():
        torch.testing.assert_close(layer.get_parameter(name).grad, gradient, rtol=0, atol=0)


def test_nothing_is_recorded_where_nothing_is_to_be_differentiated():
    layer = layer_of("lstm", I, H)
    x = torch.randn(T, B, I)
    with torch.no_grad():
        assert not layer(x)[0].requires_grad
    with torch.inference_mode():
        inferred = layer(x)[0]
    torch.testing.assert_close(inferred.clone(), layer(x)[0], rtol=0, atol=0)
    assert not layer.requires_grad_(False)(x)[0].requires_grad


@pytest.mark.parametrize("name", ["lstm", "gru", "layer_norm_lstm", "sru"])
def test_half_precision_stays_near_double(name):
    layer = layer_of(name, I, H, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64)
    wanted = layer(x)[0]
    half = copy.deepcopy(layer).to(torch.bfloat16)
    x16 = x.to(torch.bfloat16).requires_grad_()
    output = half(x16)[0]
    assert output.dtype == torch.bfloat16
    # bfloat16 has 8 bits of mantissa: weights, inputs and each operation of a step lose 2⁻⁹ of themselves
    torch.testing.assert_close(output.double(), wanted, rtol=0, atol=0.05)
    output.sum().backward()
    assert x16.grad.dtype == torch.bfloat16


def test_autocast_runs_and_gives_gradients_in_full_precision():
    layer = layer_of("lstm", I, H, 2)
    x = torch.randn(T, B, I)
    wanted = layer(x)[0]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = layer(x)[0]
    torch.testing.assert_close(output.float(), wanted, rtol=0, atol=0.05)
    output.float().sum().backward()
    assert {weight.grad.dtype for weight in layer.parameters()} == {torch.float32}


def test_copies_are_independent_and_equal():
    layer = Recurrent("gru", I, H, 2)
    x = torch.randn(T, B, I)
    other = copy.deepcopy(layer)
    torch.testing.assert_close(other(x), layer(x), rtol=0, atol=0)
    with torch.no_grad():
        other.W_r_l0.zero_()
    assert not torch.equal(other(x)[0], layer(x)[0])
