"""What a probe finds, against loops of torch written by hand, and networks made so that it must find it."""

import csv

import numpy as np
import pytest
import torch
from torch.nn import functional

import elman
from elman.cells import NAMES
from elman.data.batch import SequenceBatch
from elman.data.vocabulary import Vocabulary
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.model import LanguageModel
from elman.training.probes import probe

VOCABULARY = Vocabulary.of("abcdefgh")
T, B = 12, 5


def model_of(cell, **options):
    sizes = {"hidden_size": 7, "layers": 2, "embedding_size": 6, "dropout": 0.3}
    return LanguageModel(LanguageConfig(cell=cell, **{**sizes, **options}), VOCABULARY)


def batch_of(lengths=None):
    symbols = torch.randint(len(VOCABULARY), (2, T, B))
    return SequenceBatch(symbols[0], symbols[1], lengths)


def value(found, layer, what, k=None):
    (figure,) = (p.value for p in found if (p.layer, p.what, p.k) == (layer, what, k))
    return figure


def by_hand(model, batch, lengths):
    """‖∂E_t/∂h_{t-k}‖ of both layers of a tanh network, for each sequence alone: (layer, k) to the mean."""
    found = {}
    layers = [{name: w.detach() for name, w in model.recurrent.weights(f"_l{i}").items()} for i in (0, 1)]
    for b, length in enumerate(lengths):
        x = model.recurrent.embedding.weight.detach()[batch.inputs[:length, b]]
        states = [[x.new_zeros(7)], [x.new_zeros(7)]]
        for t in range(length):
            value = x[t]
            for own, w in zip(states, layers, strict=True):
                state = torch.tanh(w["W"] @ value + w["U"] @ own[-1] + w["b"]).requires_grad_()
                own.append(state)
                value = state
        scores = model.projection.weight.detach() @ value + model.projection.bias.detach()
        loss = functional.cross_entropy(scores, batch.targets[length - 1, b])
        for layer, own in enumerate(states, start=1):
            for k, gradient in enumerate(reversed(torch.autograd.grad(loss, own[1:], retain_graph=True))):
                found.setdefault((layer, k), []).append(float(gradient.norm()))
    return {place: np.mean(norms) for place, norms in found.items()}


@pytest.mark.parametrize("lengths", [None, [12, 3, 7, 9, 1]])
def test_the_gradient_of_an_error_steps_back_is_that_of_a_loop_by_hand(lengths):
    model = model_of("simple").double()
    batch = batch_of(None if lengths is None else torch.tensor(lengths))
    found = probe(model, batch, 5)
    expected = by_hand(model, batch, lengths or [T] * B)
    figures = {(p.layer, p.k): p.value for p in found if p.what == "gradient of h"}
    assert {k for _, k in figures} == {0, 1, 2, 3, 4, 6, 8}
    for place, norm in figures.items():
        assert norm == pytest.approx(expected[place], rel=1e-6), place
    assert {p.step for p in found} == {5}


def test_gates_that_are_forced_open_or_shut_are_saturated():
    model = model_of("lstm", layers=1)
    with torch.no_grad():
        model.recurrent.b_i_l0.fill_(-50.0)
        model.recurrent.b_f_l0[:3] = 50.0
    found = probe(model, batch_of(), 1)
    assert value(found, 1, "saturated i") == 1.0
    assert value(found, 1, "saturated f") == pytest.approx(3 / 7)
    assert value(found, 1, "saturated o") == 0.0
    # Nothing is written, so no unit moves.
    assert value(found, 1, "dead units") == 1.0


def test_units_that_never_move_are_dead():
    model = model_of("simple(f=relu)", layers=1)
    with torch.no_grad():
        model.recurrent.b_l0[:2] = -100.0
    assert value(probe(model, batch_of(), 1), 1, "dead units") == pytest.approx(2 / 7)
    with torch.no_grad():
        model.recurrent.b_l0.fill_(-100.0)
    found = probe(model, batch_of(), 1)
    assert value(found, 1, "dead units") == 1.0
    assert value(found, 1, "gradient of h", 1) == 0.0


def test_padding_is_not_looked_at():
    model = model_of("lstm", layers=1)
    lengths = torch.tensor([2, 1, 2, 1, 2])
    batch = batch_of(lengths)
    other = SequenceBatch(batch.inputs.clone(), batch.targets.clone(), lengths)
    other.inputs[2:] = 3
    other.targets[2:] = 1
    assert probe(model, batch, 1) == probe(model, other, 1)


@pytest.mark.parametrize("cell", NAMES)
def test_every_cell_can_be_probed_and_its_output_is_that_of_the_layer(cell):
    model = model_of(cell, layers=1)
    batch = batch_of()
    found = probe(model, batch, 1)
    states = {name for name, _ in model.recurrent.cell.states}
    assert {p.what for p in found if p.k is not None} == {f"gradient of {name}" for name in states}
    assert all(np.isfinite(p.value) for p in found)
    with torch.no_grad():
        moves = np.ptp(model.eval().recurrent(batch.inputs)[0].numpy(), axis=(0, 1))
    assert value(found, 1, "dead units") == pytest.approx(float(np.mean(moves < 1e-4)))


def test_the_model_its_gradients_and_the_random_numbers_stay_as_they_were():
    model = model_of("lstm").train()
    for weight in model.parameters():
        weight.grad = torch.full_like(weight, 2.0)
    batch, before = batch_of(), torch.get_rng_state()
    with torch.no_grad():  # as when a callback is called
        probe(model, batch, 1)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(module.training for module in model.modules())
    assert all(bool((weight.grad == 2.0).all()) for weight in model.parameters())
    assert not any(module._forward_hooks for module in model.modules())


def test_a_run_probes_itself(text_file, tiny, tmp_path):
    elman.train("language", text_file, out=tmp_path / "run", **tiny)
    rows = list(csv.DictReader((tmp_path / "run" / "probes.csv").open()))
    last = int(list(csv.DictReader((tmp_path / "run" / "log.csv").open()))[-1]["step"])
    assert int(rows[-1]["step"]) == last
    assert {row["what"] for row in rows} == {
        "gradient of h",
        "gradient of c",
        "dead units",
        "saturated i",
        "saturated f",
        "saturated o",
    }
    # A window has 20 steps; the last one of an epoch, which is shorter, is not what is probed.
    assert max(int(row["k"]) for row in rows if row["k"]) == 16
