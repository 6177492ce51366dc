"""Tied weights: one matrix, read and predicted by."""

import copy
import pickle

import pytest
import torch
from torch import nn

from elman.nn.tied import TiedLinear

V, I = 7, 4


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, I)
        self.projection = TiedLinear(self.embedding)

    def forward(self, symbols):
        return self.projection(self.embedding(symbols).tanh())


def test_the_gradient_is_the_sum_of_both_uses():
    model = Tied().double()
    reads, predicts = (model.embedding.weight.detach().clone().requires_grad_() for _ in range(2))
    bias = model.projection.bias.detach().clone().requires_grad_()
    symbols, targets = torch.randint(V, (20,)), torch.randint(V, (20,))
    nn.functional.cross_entropy(model(symbols), targets).backward()
    scores = reads[symbols].tanh() @ predicts.T + bias
    nn.functional.cross_entropy(scores, targets).backward()
    torch.testing.assert_close(model.embedding.weight.grad, reads.grad + predicts.grad)
    torch.testing.assert_close(model.projection.bias.grad, bias.grad)


def test_it_is_one_parameter_that_a_state_dict_holds_once():
    model = Tied()
    assert [name for name, _ in model.named_parameters()] == ["embedding.weight", "projection.bias"]
    assert list(model.state_dict()) == ["embedding.weight", "projection.bias"]


def test_a_state_dict_loads_into_both_uses():
    source, target = Tied(), Tied()
    target.load_state_dict(source.state_dict())
    symbols = torch.arange(V)
    assert torch.equal(source(symbols), target(symbols))
    with pytest.raises(RuntimeError, match=r"Missing key.*projection\.bias"):
        target.load_state_dict({"embedding.weight": source.embedding.weight})
    with pytest.raises(RuntimeError, match=r"Missing key.*embedding\.weight"):
        target.load_state_dict({"projection.bias": source.projection.bias})


@pytest.mark.parametrize(
    "again",
    [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)), nn.Module.double, nn.Module.bfloat16],
)
def test_it_stays_tied(again):
    model = again(Tied())
    assert model.projection.weight is model.embedding.weight


def test_the_embedding_starts_small_enough_to_predict_with():
    weight = Tied().embedding.weight
    assert 0.05 < float(weight.detach().abs().max()) <= 0.1
