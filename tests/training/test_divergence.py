"""Where a number went bad is named."""

import math

import pytest
import torch

import elman
from elman.data.batch import SequenceBatch
from elman.data.vocabulary import Vocabulary
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.model import LanguageModel
from elman.training.divergence import describe, first_bad
from elman.training.module import DivergenceError


@pytest.fixture
def model():
    config = LanguageConfig(hidden_size=5, layers=2, embedding_size=4, dropout=0.0)
    return LanguageModel(config, Vocabulary.of("abcdef"))


@pytest.fixture
def batch():
    symbols = torch.arange(12).remainder(6).reshape(4, 3)
    return SequenceBatch(symbols, symbols)


def test_a_weight_is_named_with_what_it_holds(model, batch):
    with torch.no_grad():
        model.recurrent.U_f_l1[2, 3] = math.inf
        model.recurrent.U_f_l1[0, :2] = math.nan
        model.projection.weight.fill_(math.nan)
    assert first_bad(model, batch) == "the weights recurrent.U_f_l1 hold 2 nan and 1 inf among 25 numbers"


def test_the_first_activation_is_named_where_all_weights_are_finite(model, batch):
    with torch.no_grad():
        model.projection.weight.fill_(3e38)
        model.projection.bias.fill_(3e38)
    found = first_bad(model, batch)
    assert found.startswith("the output of projection (")
    assert "inf" in found


def test_a_state_that_is_bad_shows_where_it_enters(model, batch):
    states = [torch.zeros(2, 3, 5), torch.zeros(2, 3, 5)]
    states[1][0, 0, 0] = math.nan
    found = first_bad(model, batch, tuple(states))
    assert found.startswith("the output of recurrent (Recurrent) holds")
    assert "nan" in found


def test_the_gradient_nearest_to_the_loss_is_named_where_all_else_is_finite(model, batch):
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    model.recurrent.W_i_l0.grad[0, 0] = math.nan
    model.recurrent.U_g_l1.grad[1, 1] = math.inf
    assert "the gradient of recurrent.U_g_l1 holds 1 inf among 25 numbers" in first_bad(model, batch)


def test_a_gradient_too_large_to_be_squared_is_named(model, batch):
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    model.recurrent.U_g_l1.grad[1, 1] = -1e25
    assert first_bad(model, batch) == "the gradient of recurrent.U_g_l1 has an entry of 1e+25"


def test_nothing_is_blamed_where_all_is_finite(model, batch):
    assert first_bad(model, batch) == "all weights, and all activations on a repeat of the batch, are finite"
    assert not any(module._forward_hooks for module in model.modules())


def test_the_step_and_its_figures_are_said(model, batch):
    figures = {"step": 1200, "gradient_norm": 3.25, "learning_rate": 0.02}
    text = describe(model, batch, None, loss=math.nan, **figures)
    where = "at step 1,200, where the learning rate is 0.02 and"
    assert text.startswith(f"the loss is nan {where} the norm of the gradient before was 3.25: all weights,")
    figures["gradient_norm"] = math.inf
    text = describe(model, batch, None, loss=2.5, **figures)
    assert text.startswith(f"the gradient norm is inf {where} the loss is 2.5: all weights,")
    assert text.endswith("try a smaller learning_rate or clip_norm")


def test_a_run_whose_weights_become_infinite_says_which(text_file, tiny, tmp_path, monkeypatch):
    from elman.training.averaging import Averaging

    def poison(self, *arguments):
        self._weights[3].data[0] = math.inf

    monkeypatch.setattr(Averaging, "update", poison)
    with pytest.raises(DivergenceError, match=r"at step 1, .* the weights recurrent\.\w+_l0 hold \d+ inf"):
        elman.train("language", text_file, out=tmp_path / "run", **tiny)
