"""Weight drop against plain layers whose matrices were masked by hand."""

import copy
import pickle

import pytest
import torch

import elman
from elman.core.errors import InputError
from elman.nn import weight_drop
from elman.nn.dropout import mask
from elman.nn.recurrent import Recurrent
from tests.nn.reference import CELL_NAMES, SIZES, layer_of, states_of

T, B, I, H, P = 5, 3, 4, 6, 0.4
# What multiplies a state, written down from the papers: all W, v, p, u and biases stay whole.
STATE_MATRICES = {"jordan": ("U", "V"), "projection_lstm": ("U", "V")}
WITHOUT = ("indrnn", "min_gru", "min_lstm", "sru")
WITH = [name for name in CELL_NAMES if name not in WITHOUT]


def is_recurrent(cell, weight):
    letters = STATE_MATRICES.get(cell, ("R",) if cell.startswith("rhn") else ("U",))
    return weight.partition("_")[0] in letters


@pytest.fixture
def drawn(monkeypatch):
    """The masks that the layer drops weights by, drawn here instead, by the weight that each was for."""
    masks = {}

    def dropped(weight, probability):
        assert probability == P
        generator = torch.Generator().manual_seed(len(masks))
        mask = (torch.rand(weight.shape, generator=generator) < 1 - P).to(weight.dtype) / (1 - P)
        masks[id(weight)] = mask
        return weight * mask

    monkeypatch.setattr(weight_drop, "dropout", dropped)
    return masks


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", WITH)
def test_it_is_the_layer_of_the_masked_matrices(name, bidirectional, drawn):
    options = {"num_layers": 2, "bidirectional": bidirectional, "dtype": torch.float64}
    layer = layer_of(name, I, H, weight_drop=P, **options)
    plain = Recurrent(name, I, H, sizes=SIZES.get(name), **options)
    x, hx = torch.randn(T, B, I, dtype=torch.float64), states_of(layer, B)
    hx = hx if len(hx) > 1 else hx[0]
    output, _ = layer(x, hx)
    masks = {key: drawn[id(weight)] for key, weight in layer.named_parameters() if id(weight) in drawn}
    assert set(masks) == {key for key, _ in plain.named_parameters() if is_recurrent(name, key)}
    with torch.no_grad():
        for key, weight in plain.named_parameters():
            weight.copy_(layer.get_parameter(key) * masks.get(key, 1.0))
    expected, _ = plain(x, hx)
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-12)
    direction = torch.randn_like(output)
    (output * direction).sum().backward()
    (expected * direction).sum().backward()
    for key, weight in plain.named_parameters():
        wanted = weight.grad * masks.get(key, 1.0)
        torch.testing.assert_close(layer.get_parameter(key).grad, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["lstm", "gru", "multiplicative_lstm"])
def test_its_gradients_are_the_finite_differences(name):
    layer = layer_of(name, 2, 3, weight_drop=P, dtype=torch.float64)
    x, weights = torch.randn(4, 2, 2, dtype=torch.float64), tuple(layer.parameters())
    direction = torch.randn(4, 2, 3, dtype=torch.float64)

    def loss():
        torch.manual_seed(7)
        return (layer(x)[0] * direction).sum()

    gradients = torch.autograd.grad(loss(), weights)
    for weight, gradient in zip(weights, gradients, strict=True):
        for place in range(weight.numel()):
            change = torch.zeros(weight.numel(), dtype=torch.float64)
            change[place] = 1e-6
            with torch.no_grad():
                weight += change.view_as(weight)
                above = loss()
                weight -= 2 * change.view_as(weight)
                below = loss()
                weight += change.view_as(weight)
            assert float(gradient.flatten()[place]) == pytest.approx(float(above - below) / 2e-6, abs=1e-8)


def test_one_mask_serves_all_steps_and_sequences_and_each_pass_draws_anew():
    size = 200
    layer = Recurrent("simple(f=relu)", 1, size, weight_drop=P)
    with torch.no_grad():  # h_t = 1 + (M ∘ U) h_{t-1} with U diagonal shows the diagonal of M at every step
        layer.W_l0.zero_()
        layer.b_l0.fill_(1.0)
        layer.U_l0.copy_(torch.eye(size))
    diagonals = []
    for _ in range(2):
        output = layer(torch.zeros(T, B, 1))[0]
        mask = (output[1:] - 1) / output[:-1]
        torch.testing.assert_close(mask, mask[:1, :1].expand_as(mask), rtol=1e-5, atol=1e-6)
        diagonals.append(mask[0, 0])
        assert sorted({round(m, 3) for m in mask.flatten().tolist()}) == [0.0, round(1 / (1 - P), 3)]
        assert abs(float((mask[0, 0] == 0).double().mean()) - P) < 4 * (P * (1 - P) / size) ** 0.5
    assert not torch.equal(*diagonals)


def test_the_kernels_run_what_torchs_operations_do(monkeypatch):
    # the kernel of dropout draws other numbers
    monkeypatch.setattr(weight_drop, "dropout", lambda x, share: x * mask(x.shape, share, x))
    layer, x = layer_of("lstm", I, H, weight_drop=P), torch.randn(T, B, I)
    found = []
    for mode in ("auto", "eager"):
        torch.manual_seed(1)
        with elman.kernels(mode):
            found.append(layer(x)[0])
    torch.testing.assert_close(*found, rtol=1e-5, atol=1e-6)


def test_it_changes_nothing_in_eval_mode_nor_in_what_is_saved():
    layer, plain = layer_of("gru", I, H, 2, weight_drop=P), Recurrent("gru", I, H, 2)
    assert list(layer.state_dict()) == list(plain.state_dict())
    plain.load_state_dict(layer.state_dict())
    x = torch.randn(T, B, I)
    before = copy.deepcopy(layer.state_dict())
    assert not torch.equal(layer(x)[0], plain(x)[0])
    assert torch.equal(layer.eval()(x)[0], plain(x)[0])
    assert all(torch.equal(weight, before[name]) for name, weight in layer.state_dict().items())


@pytest.mark.parametrize("again", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_a_copy_drops_weights_of_its_own(again):
    layer, x = layer_of("lstm", I, H, weight_drop=P), torch.randn(T, B, I)
    twin = again(layer)
    with torch.no_grad():
        twin.U_f_l0.mul_(2.0)
    found = []
    for one in (layer, twin):
        torch.manual_seed(3)
        found.append(one(x)[0])
    assert not torch.equal(*found)
    found[1].sum().backward()
    assert layer.U_f_l0.grad is None
    assert twin.U_f_l0.grad is not None


@pytest.mark.parametrize("name", WITHOUT)
def test_a_cell_without_a_product_of_its_state_refuses_it(name):
    with pytest.raises(InputError, match=f"{name} has no product of its state for weight_drop"):
        Recurrent(name, I, H, weight_drop=0.1)
