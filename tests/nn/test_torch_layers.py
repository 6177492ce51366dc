"""What RNN, LSTM and GRU share with torch.nn's beyond values: weights, dropout, and what they refuse."""

import io

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

import elman

KINDS = ["RNN", "LSTM", "GRU"]
OPTIONS = [
    {},
    {"num_layers": 2, "bidirectional": True},
    {"bias": False},
    {"batch_first": True, "dropout": 0.3, "num_layers": 2},
]
each_kind = pytest.mark.parametrize("kind", KINDS)


def pair(kind, *args, **options):
    """torch's layer and elman's with the same weights."""
    theirs, ours = getattr(nn, kind)(*args, **options), getattr(elman, kind)(*args, **options)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


@each_kind
@pytest.mark.parametrize("options", OPTIONS)
def test_weights_are_exchanged_both_ways(kind, options):
    torch.manual_seed(5)
    theirs = getattr(nn, kind)(3, 4, **options)
    torch.manual_seed(5)
    ours = getattr(elman, kind)(3, 4, **options)
    assert list(theirs.state_dict()) == list(ours.state_dict())
    for name, weight in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], weight), "the same seed draws the same first weights"
    assert repr(ours) == repr(theirs)
    other = getattr(nn, kind)(3, 4, **options)
    other.load_state_dict(ours.state_dict())
    file = io.BytesIO()
    torch.save(other.state_dict(), file)
    file.seek(0)
    ours.load_state_dict(torch.load(file, weights_only=True))
    x = torch.randn(5, 2, 3)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=0, atol=1e-6)


def test_a_projection_has_torchs_weights():
    theirs, ours = pair("LSTM", 3, 6, num_layers=2, proj_size=2, bidirectional=True)
    assert {k: v.shape for k, v in theirs.state_dict().items()} == {
        k: v.shape for k, v in ours.state_dict().items()
    }


@each_kind
def test_an_empty_batch_gives_an_empty_result(kind):
    theirs, ours = pair(kind, 3, 4, 2)
    x = torch.randn(5, 0, 3, requires_grad=True)
    output, final = ours(x)
    wanted, wanted_final = theirs(x)
    assert output.shape == wanted.shape == (5, 0, 4)
    torch.testing.assert_close(final, wanted_final)
    output.sum().backward()
    assert x.grad.shape == x.shape


@each_kind
@pytest.mark.parametrize("shape", [(0, 2, 3), (0, 3)])
def test_no_steps_are_refused_as_torch_refuses_them(kind, shape):
    theirs, ours = pair(kind, 3, 4)
    with pytest.raises(RuntimeError) as wanted:
        theirs(torch.randn(shape))
    with pytest.raises(RuntimeError, match=str(wanted.value)):
        ours(torch.randn(shape))


REFUSED = {
    "one sequence, states of a batch": ((5, 3), (1, 1, 4), "unbatched 2-D input.* 2-D"),
    "a batch, states of one sequence": ((5, 2, 3), (1, 4), "batched 3-D input.* 3-D"),
    "another batch": ((5, 2, 3), (1, 3, 4), r"Expected hidden.* got"),
    "another size": ((5, 2, 3), (1, 2, 5), r"Expected hidden.* got"),
    "another number of layers": ((5, 2, 3), (2, 2, 4), r"Expected hidden.* got"),
    "one dimension": ((3,), None, "Expected input to be 2D or 3D, got 1D"),
    "four dimensions": ((5, 2, 3, 1), None, "Expected input to be 2D or 3D, got 4D"),
    "another input size": ((5, 2, 4), None, "Expected 3, got 4"),
    "another input size, one sequence": ((5, 4), None, "Expected 3, got 4"),
}


@each_kind
@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_with_torchs_error(kind, case):
    shape, hidden, words = REFUSED[case]
    hx = None if hidden is None else torch.zeros(hidden)
    if kind == "LSTM" and hx is not None:
        hx = hx, hx
    for layer in pair(kind, 3, 4):
        with pytest.raises(ValueError if "dimension" in case else RuntimeError, match=words):
            layer(torch.zeros(shape), hx)


@each_kind
def test_values_of_another_type_are_refused(kind):
    for layer in pair(kind, 3, 4):
        with pytest.raises(ValueError, match="does not match weight dtype"):
            layer(torch.zeros(5, 2, 3, dtype=torch.float64))


@each_kind
def test_a_packed_input_of_another_size_is_refused(kind):
    with pytest.raises(RuntimeError, match="Expected 3, got 4"):
        getattr(elman, kind)(3, 4)(pack_sequence([torch.zeros(3, 4), torch.zeros(2, 4)]))


@each_kind
def test_construction_errors_are_torchs(kind):
    for arguments in (
        {"hidden_size": 0},
        {"num_layers": 0},
        {"dropout": 1.5},
        {"proj_size": -1},
        {"proj_size": 9},
    ):
        given = {"input_size": 3, "hidden_size": 4, **arguments}
        with pytest.raises(ValueError) as wanted:  # noqa: PT011  compared word for word below
            getattr(nn, kind)(**given)
        with pytest.raises(ValueError) as found:  # noqa: PT011
            getattr(elman, kind)(**given)
        assert str(found.value) == str(wanted.value)


def test_dropout_between_layers_zeroes_its_share_and_scales_the_rest():
    rate, size = 0.25, 50
    layer = elman.RNN(3, size, num_layers=2, nonlinearity="relu", dropout=rate)
    with torch.no_grad():  # the second layer passes on what it is given
        layer.weight_ih_l1.copy_(torch.eye(size))
        for name in ("weight_hh_l1", "bias_ih_l1", "bias_hh_l1"):
            layer.get_parameter(name).zero_()
    x = torch.randn(20, 40, 3)
    whole = layer.eval()(x)[0]
    dropped = layer.train()(x)[0]
    kept = dropped != 0
    torch.testing.assert_close(dropped[kept], (whole / (1 - rate))[kept], rtol=1e-6, atol=0)
    shares = 1 - kept[whole > 0].double().mean()
    assert abs(shares - rate) < 4 * (rate * (1 - rate) / (whole > 0).sum()) ** 0.5
    assert not torch.equal(kept[0], kept[1]), "each step has a mask of its own"


def test_dropout_does_nothing_in_eval_mode_or_after_the_last_layer():
    theirs, ours = pair("LSTM", 3, 4, num_layers=2, dropout=0.5)
    x = torch.randn(5, 2, 3)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=0, atol=1e-6)
    with pytest.warns(UserWarning, match="dropout"):  # torch says that it does nothing here
        theirs, ours = pair("LSTM", 3, 4, num_layers=1, dropout=0.5)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-6)
