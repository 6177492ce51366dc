"""`Recurrent` as an object: arguments, weights, what it refuses; and a cell of one's own."""

import copy
import pickle

import pytest
import torch
from torch import nn

import elman
from elman.cells import find
from elman.core.errors import InputError
from elman.core.ops import relu, sigmoid, tanh
from elman.core.trace import cell
from elman.nn.recurrent import Recurrent


def test_a_cell_is_given_by_name_or_as_it_is():
    by_name, by_object = Recurrent("rhn(depth=2)", 3, 4), Recurrent(find("rhn")(depth=2), 3, 4)
    assert by_name.cell.spec == by_object.cell.spec == "rhn(depth=2)"
    assert list(by_name.state_dict()) == list(by_object.state_dict())


def test_weights_are_named_after_the_cells():
    layer = Recurrent("gru", 3, 4, 2, bidirectional=True)
    assert layer.W_r_l0.shape == layer.weights()["W.r"].shape == (4, 3)
    assert layer.weights("_l1_reverse")["W.r"] is layer.W_r_l1_reverse
    assert layer.W_r_l1.shape == (4, 2 * 4), "the second layer reads both directions of the first"
    assert len(layer.state_dict()) == 4 * len(layer.cell.parameters)


def test_sizes_are_those_the_cell_names():
    layer = Recurrent("projection_lstm", 3, 8, 2, sizes={"P": 2})
    assert layer.output_size == 2
    assert layer.V_l0.shape == (2, 8)
    assert layer.W_i_l1.shape == (8, 2)
    _, (h, c) = layer(torch.randn(5, 1, 3))
    assert (h.shape, c.shape) == ((2, 1, 2), (2, 1, 8))
    assert Recurrent("projection_lstm", 3, 8).output_size == 8, "a size that is not given is the hidden size"
    assert Recurrent("jordan", 3, 8, sizes={"O": 5}, bidirectional=True).output_size == 10


def test_it_is_written_with_the_arguments_that_matter():
    layer = Recurrent("gru", 3, 4, 2, dropout=0.1, zoneout=0.2, bidirectional=True)
    assert repr(layer) == "Recurrent(gru, 3, 4, num_layers=2, dropout=0.1, bidirectional=True, zoneout=0.2)"


WRONG = {
    "input size": ({"input_size": 0}, "input_size must be a whole number from 1, not 0"),
    "hidden size": ({"hidden_size": 0}, "hidden_size must be a whole number from 1, not 0"),
    "negative": ({"hidden_size": -3}, "not -3"),
    "fraction": ({"hidden_size": 2.5}, "not 2.5"),
    "layers": ({"num_layers": 0}, "num_layers must be a whole number"),
    "dropout": ({"dropout": 1.0}, r"dropout is a probability, from 0 to below 1, not 1\.0"),
    "recurrent dropout": ({"recurrent_dropout": -0.1}, "recurrent_dropout is a probability"),
    "zoneout": ({"zoneout": 2}, "zoneout is a probability"),
    "another's size": ({"sizes": {"P": 2}}, "lstm has no size 'P'"),
    "the hidden size as a size": ({"sizes": {"H": 2}}, "lstm has no size 'H'"),
    "unknown cell": ({"cell": "lstn"}, "did you mean lstm"),
    "a size of zero": ({"cell": "projection_lstm", "sizes": {"P": 0}}, "P must be a whole number from 1"),
    "no symbols": ({"num_embeddings": 0}, "num_embeddings must be a whole number from 1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arguments_are_refused(case):
    arguments, words = WRONG[case]
    with pytest.raises(InputError, match=words):
        Recurrent(**{"cell": "lstm", "input_size": 3, "hidden_size": 4, **arguments})


def test_weights_whose_names_would_be_one_are_refused():
    @cell(states="h")
    def clash(x, h, *, W, W_a):
        return tanh(W.a @ x + W_a @ h)

    with pytest.raises(InputError, match="two weights of clash would both be called W_a_l0"):
        Recurrent(clash, 3, 4)


def test_weights_are_loaded_into_their_like_alone():
    state = Recurrent("gru", 3, 4).state_dict()
    Recurrent("gru", 3, 4).load_state_dict(state)
    with pytest.raises(RuntimeError, match="size mismatch"):
        Recurrent("gru", 3, 5).load_state_dict(state)
    with pytest.raises(RuntimeError, match="Missing key"):
        Recurrent("lstm", 3, 4).load_state_dict(state)


@cell(states="h m", init={"U": "orthogonal"})
def memory_cell(x, h, m, *, W, U, b, decay: float = 0.9):
    """A cell that elman does not have: a running mean m of what the unit has seen, gated."""
    gate = sigmoid(W.gate @ x + U.gate @ h + b.gate)
    new = relu(W.new @ x + U.new @ h + b.new)
    m = decay * m + (1 - decay) * new
    return gate * m + (1 - gate) * tanh(new), m


def by_hand(layer, x):
    """The equations above as a loop over torch tensors."""
    w = layer.weights()
    h = m = torch.zeros(x.shape[1], layer.hidden_size, dtype=x.dtype)
    outputs = []
    for x_t in x:
        gate = torch.sigmoid(x_t @ w["W.gate"].T + h @ w["U.gate"].T + w["b.gate"])
        new = torch.relu(x_t @ w["W.new"].T + h @ w["U.new"].T + w["b.new"])
        m = 0.9 * m + 0.1 * new
        h = gate * m + (1 - gate) * torch.tanh(new)
        outputs.append(h)
    return torch.stack(outputs)


def test_a_cell_of_ones_own_is_what_its_equations_say():
    layer = elman.Recurrent(memory_cell, 3, 6, dtype=torch.float64)
    x = torch.randn(8, 2, 3, dtype=torch.float64)
    output, wanted = layer(x)[0], by_hand(layer, x)
    torch.testing.assert_close(output, wanted, rtol=0, atol=1e-12)
    weighting = torch.randn_like(wanted)
    found = torch.autograd.grad((output * weighting).sum(), list(layer.parameters()))
    torch.testing.assert_close(
        found, torch.autograd.grad((wanted * weighting).sum(), list(layer.parameters())), rtol=0, atol=1e-12
    )


def test_a_cell_of_ones_own_learns():
    """To say, after eight steps, whether the first number was positive."""
    layer, read_out = elman.Recurrent(memory_cell, 1, 16), nn.Linear(16, 1)
    optimiser = torch.optim.Adam([*layer.parameters(), *read_out.parameters()], lr=0.01)
    losses = []
    for _ in range(150):
        x = torch.randn(8, 64, 1)
        target = (x[0] > 0).float()
        loss = nn.functional.binary_cross_entropy_with_logits(read_out(layer(x)[0][-1]), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    # ln 2 is what guessing costs
    assert sum(losses[-10:]) / 10 < 0.3 < 0.6 < losses[0]


@pytest.mark.parametrize("spec", ["simple(f=relu)", "rhn(depth=3)", "layer_norm_lstm"])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_a_copy_of_a_layer_computes_the_same(spec, copied):
    layer, x = Recurrent(spec, 3, 4), torch.randn(5, 2, 3)
    again = copied(layer)
    assert torch.equal(again(x)[0], layer(x)[0])
    assert all(
        mine is not theirs for mine, theirs in zip(again.parameters(), layer.parameters(), strict=True)
    )


def test_a_cell_inside_of_a_function_is_not_unpickled_as_another():
    @elman.cell
    def lstm(x, h, *, W):
        return elman.tanh(W @ x + h)

    with pytest.raises(elman.CellError, match=r"no cell .*lstm in"):
        pickle.loads(pickle.dumps(Recurrent(lstm, 3, 3)))
