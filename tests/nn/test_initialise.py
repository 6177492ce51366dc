"""How weights start: as the literature of a cell says, or as torch has it."""

import math

import pytest
import torch

from elman.cells import NAMES
from elman.core.errors import InputError
from elman.core.ops import tanh
from elman.core.trace import cell
from elman.nn.recurrent import Recurrent

I, H = 40, 60


@pytest.mark.parametrize("name", ["simple", "lstm", "peephole_lstm", "gru", "gru_reset_before", "slstm"])
def test_recurrent_weights_start_orthogonal(name):
    layer = Recurrent(name, I, H, dtype=torch.float64)
    recurrent = [weight for key, weight in layer.weights().items() if key.startswith("U")]
    assert recurrent
    for weight in recurrent:
        torch.testing.assert_close(weight @ weight.T, torch.eye(H, dtype=torch.float64), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "name", ["lstm", "peephole_lstm", "coupled_lstm", "layer_norm_lstm", "slstm", "min_lstm"]
)
def test_forget_biases_start_at_one_and_all_others_at_zero(name):
    weights = Recurrent(name, I, H).weights()
    assert weights["b.f"].tolist() == [1.0] * H
    others = [weight for key, weight in weights.items() if key.startswith("b.") and key != "b.f"]
    assert others
    assert not any(weight.any() for weight in others)


def test_normalisation_starts_as_no_more_than_that():
    weights = Recurrent("layer_norm_gru", I, H).weights()
    assert all(bool((weight == 1).all()) for key, weight in weights.items() if key.startswith("gain"))


def test_transform_biases_of_a_highway_start_carrying():
    weights = Recurrent("rhn(depth=2)", I, H).weights()
    assert weights["d.0"].tolist() == weights["d.1"].tolist() == [-2.0] * H


def test_input_weights_start_by_glorot():
    weight = Recurrent("lstm", I, H).weights()["W.i"]
    bound = math.sqrt(6 / (I + H))
    assert 0.95 * bound < float(weight.detach().abs().max()) <= bound
    # the standard deviation of a uniform distribution in ±bound
    assert float(weight.detach().std()) == pytest.approx(bound / math.sqrt(3), rel=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_torchs_start_is_uniform_in_one_over_the_root_of_the_hidden_size(name):
    layer = Recurrent(name, I, H, init="torch")
    bound = 1 / math.sqrt(H)
    for weight in layer.parameters():
        assert -bound <= float(weight.detach().min())
        assert float(weight.detach().max()) <= bound
    drawn = torch.cat([weight.detach().flatten() for weight in layer.parameters()])
    assert float(drawn.std()) == pytest.approx(bound / math.sqrt(3), rel=0.1)
    assert abs(float(drawn.mean())) < 4 * bound / math.sqrt(3 * len(drawn))


def test_weights_can_be_drawn_anew_from_a_seed():
    layer = Recurrent("gru", I, H, num_embeddings=5)
    before = layer.state_dict()
    before = {key: value.clone() for key, value in before.items()}
    torch.manual_seed(8)
    layer.reset_parameters()
    first = {key: value.clone() for key, value in layer.state_dict().items()}
    assert not torch.equal(first["U_r_l0"], before["U_r_l0"])
    assert not torch.equal(first["embedding.weight"], before["embedding.weight"])
    torch.manual_seed(8)
    layer.reset_parameters()
    assert all(torch.equal(first[key], value) for key, value in layer.state_dict().items())


def test_a_rule_holds_for_its_whole_family_unless_a_member_has_its_own():
    @cell(states="h", init={"b": 0.5, "b.second": ("uniform", 2.0, 3.0)})
    def two_biases(x, h, *, W, b):
        return tanh(W @ x + b.first * h + b.second)

    weights = Recurrent(two_biases, I, H).weights()
    assert weights["b.first"].tolist() == [0.5] * H
    assert 2.0 <= float(weights["b.second"].detach().min()) < float(weights["b.second"].detach().max()) <= 3.0


def test_unknown_ways_to_start_are_refused():
    with pytest.raises(InputError, match="'cell' or 'torch', not 'zeros'"):
        Recurrent("gru", I, H, init="zeros")

    @cell(states="h", init={"W": "heroic"})
    def odd(x, h, *, W):
        return tanh(W @ x + h)

    with pytest.raises(InputError, match="'heroic'"):
        Recurrent(odd, I, H)
