"""`accelerate`, on models that know nothing of elman: results stay, and all that hung on a layer."""

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm
from torch.nn.utils.rnn import pack_sequence

import elman


class Tagger(nn.Module):
    """A model of somebody else's, with layers of all three kinds, nested."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 6)
        self.encoder = nn.ModuleDict(
            {
                "deep": nn.LSTM(6, 8, 2, bidirectional=True, dropout=0.2),
                "next": nn.ModuleList([nn.GRU(16, 5), nn.RNN(5, 7, nonlinearity="relu")]),
            }
        )
        self.out = nn.Linear(7, 3)

    def forward(self, symbols):
        value, _ = self.encoder["deep"](self.embedding(symbols))
        for layer in self.encoder["next"]:
            value, _ = layer(value)
        return self.out(value)


SYMBOLS = torch.arange(24).reshape(8, 3) % 20


def close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-6)


def test_every_layer_is_swapped_and_the_results_stay():
    model = Tagger().eval()
    wanted = model(SYMBOLS)
    assert elman.accelerate(model) is model
    kinds = [type(module) for module in model.modules() if isinstance(module, nn.RNNBase)]
    assert kinds == [elman.LSTM, elman.GRU, elman.RNN]
    close(model(SYMBOLS), wanted)


def test_a_layer_by_itself_is_swapped():
    layer = nn.GRU(3, 4)
    x = torch.randn(5, 2, 3)
    wanted = layer(x)
    assert elman.accelerate(layer) is layer
    assert type(layer) is elman.GRU
    close(layer(x), wanted)


def test_gradients_stay():
    model = Tagger().eval()
    model(SYMBOLS).square().sum().backward()
    wanted = {name: weight.grad.clone() for name, weight in model.named_parameters()}
    model.zero_grad()
    elman.accelerate(model)(SYMBOLS).square().sum().backward()
    for name, weight in model.named_parameters():
        close(weight.grad, wanted[name])


def test_weights_are_the_same_objects_so_that_an_optimiser_goes_on():
    first, second = Tagger().eval(), Tagger().eval()
    second.load_state_dict(first.state_dict())
    optimisers = [torch.optim.Adam(model.parameters(), lr=0.01) for model in (first, second)]
    for step in range(4):
        if step == 2:
            elman.accelerate(second)
        for model, optimiser in zip((first, second), optimisers, strict=True):
            optimiser.zero_grad()
            model(SYMBOLS).square().sum().backward()
            optimiser.step()
    for wanted, found in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


def test_the_mode_and_frozen_weights_stay():
    model = Tagger().eval()
    model.encoder["deep"].train().weight_hh_l0.requires_grad_(False)
    elman.accelerate(model)
    assert model.encoder["deep"].training
    assert not model.encoder["next"][0].training
    assert not model.encoder["deep"].weight_hh_l0.requires_grad
    model(SYMBOLS).sum().backward()
    assert model.encoder["deep"].weight_hh_l0.grad is None


def test_hooks_stay():
    model = Tagger().eval()
    seen = []
    model.encoder["deep"].register_forward_hook(lambda module, given, result: seen.append(result[0].shape))
    model.encoder["deep"].register_forward_pre_hook(lambda module, given: seen.append("before"))
    elman.accelerate(model)(SYMBOLS)
    assert seen == ["before", (8, 3, 16)]


@pytest.mark.filterwarnings("ignore:RNN module weights are not part of single contiguous chunk")
def test_parametrised_weights_stay_parametrised():
    layer = weight_norm(nn.LSTM(3, 4), "weight_hh_l0")
    x = torch.randn(5, 2, 3)
    wanted = layer(x)
    keys = list(layer.state_dict())
    elman.accelerate(layer)
    assert isinstance(layer, elman.LSTM)
    assert list(layer.state_dict()) == keys
    close(layer(x), wanted)
    with torch.no_grad():
        layer.parametrizations.weight_hh_l0.original0.mul_(2)  # the norm of each row
    assert not torch.allclose(layer(x)[0], wanted[0])


def test_packed_sequences_and_states_go_through_as_before():
    layer = nn.LSTM(3, 4, 2, bidirectional=True)
    packed = pack_sequence([torch.randn(4, 3), torch.randn(6, 3), torch.randn(1, 3)], enforce_sorted=False)
    hx = torch.randn(4, 3, 4), torch.randn(4, 3, 4)
    output, final = layer(packed, hx)
    found, found_final = elman.accelerate(layer)(packed, hx)
    close(found.data, output.data)
    close(found_final, final)


def test_subclasses_with_a_forward_pass_of_their_own_stay():
    class Doubled(nn.LSTM):
        def forward(self, x, hx=None):
            output, final = super().forward(x, hx)
            return 2 * output, final

    model = nn.Sequential(Doubled(3, 4))
    x = torch.randn(5, 2, 3)
    wanted = model(x)
    close(elman.accelerate(model)(x), wanted)
    assert type(model[0]) is Doubled
