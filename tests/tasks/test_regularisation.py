"""The language model with what regularises it: the objective by hand, every option through its whole life.

Legend of shapes: T time steps, B sequences, H hidden size, V vocabulary.
"""

import json

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import elman
from elman.data.batch import SequenceBatch
from elman.data.vocabulary import EOS, Vocabulary
from elman.nn import stream as streams
from elman.nn.stream import Stream
from elman.tasks import model_file
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.model import LanguageModel

TEXT = "abcdefgh\n" * 60
VOCABULARY = Vocabulary.of(TEXT)
SMALL = {"hidden_size": 16, "layers": 2, "embedding_size": 12}
SINGLE = [
    {"dropout": 0.3},
    {"input_dropout": 0.2},
    {"output_dropout": 0.3},
    {"embedding_dropout": 0.1},
    {"variational": True, "dropout": 0.3, "input_dropout": 0.2},
    {"weight_drop": 0.3},
    {"zoneout": 0.1},
    {"activation_penalty": 2.0},
    {"temporal_penalty": 1.0},
    {"label_smoothing": 0.1},
    {"tied": True},
    {"tied": True, "embedding_size": 16},
    {"softmax": "adaptive"},
    {"level": "word"},
]


def model_of(**options):
    torch.manual_seed(0)
    config = LanguageConfig(**{**SMALL, **options})
    config.validate()
    return LanguageModel(config, VOCABULARY)


def batch_of(steps=12, lengths=None):
    symbols = torch.from_numpy(VOCABULARY.encode(TEXT)[: 4 * (steps + 1)]).view(4, steps + 1).T
    lengths = None if lengths is None else torch.tensor(lengths)
    return SequenceBatch(symbols[:-1].contiguous(), symbols[1:].contiguous(), lengths)


def minimise(model, steps=30):
    """The mean of -ln p(target) on a batch, without dropout, before and after steps of Adam."""
    optimiser, batch = torch.optim.Adam(model.parameters(), lr=0.01), batch_of()
    found = []
    for step in range(steps + 1):
        if step in (0, steps):
            with torch.no_grad():
                found.append(float(model.eval().loss(batch)[0]) / batch.symbols)
        objective = model.train().objective(batch)
        assert torch.isfinite(objective.loss)
        assert not objective.nats.requires_grad
        optimiser.zero_grad()
        objective.loss.backward()
        assert all(weight.grad is not None for weight in model.parameters())
        optimiser.step()
    return found


@pytest.mark.parametrize("lengths", [None, [12, 3, 1, 7]])
def test_the_objective_is_the_sum_of_its_parts(lengths):
    alpha, beta, share = 0.7, 0.9, 0.2
    options = {"activation_penalty": alpha, "temporal_penalty": beta, "label_smoothing": share}
    model, batch = model_of(tied=True, **options).eval().double(), batch_of(lengths=lengths)
    found = model.objective(batch)
    nats, spread, squares, changes = 0.0, 0.0, [], []
    with torch.no_grad():
        for b, length in enumerate(lengths or [12] * 4):  # each sequence by itself, without padding
            hidden_T1H, _ = model.recurrent(batch.inputs[:length, b : b + 1])
            log_p_TV = model.projection(hidden_T1H[:, 0]).log_softmax(-1).numpy()
            targets_T = batch.targets[:length, b].numpy()
            nats -= log_p_TV[np.arange(length), targets_T].sum()
            spread -= log_p_TV.mean(-1).sum()
            squares.append((hidden_T1H**2).flatten().numpy())
            changes.append(((hidden_T1H[1:] - hidden_T1H[:-1]) ** 2).flatten().numpy())
    mean = ((1 - share) * nats + share * spread) / batch.symbols
    penalties = alpha * np.concatenate(squares).mean() + beta * np.concatenate(changes).mean()
    assert float(found.nats) == pytest.approx(nats, rel=1e-9)
    assert float(found.loss.detach()) == pytest.approx(mean + penalties, rel=1e-9)
    assert float(model.loss(batch)[0].detach()) == pytest.approx(nats, rel=1e-9)


def test_the_activations_are_penalised_after_dropout_and_their_change_before_it():
    model = model_of(output_dropout=0.5, dropout=0.0, activation_penalty=1.0, temporal_penalty=1.0)
    seen = {}
    model.recurrent.register_forward_hook(lambda module, given, output: seen.update(raw=output[0]))
    model.dropout.register_forward_hook(lambda module, given, output: seen.update(dropped=output))
    batch = batch_of()
    found = model.objective(batch)
    raw, dropped = seen["raw"], seen["dropped"]
    assert not torch.equal(raw, dropped)
    expected = found.nats / batch.symbols + dropped.square().mean() + raw.diff(dim=0).square().mean()
    torch.testing.assert_close(found.loss, expected)


@pytest.mark.parametrize("options", [{}, {"softmax": "adaptive"}, {"tied": True}], ids=str)
def test_without_penalties_the_objective_is_the_mean_loss(options):
    model, batch = model_of(**options).eval(), batch_of(lengths=[12, 1, 5, 4])
    nats, state = model.loss(batch)
    found = model.objective(batch)
    torch.testing.assert_close(found.loss, nats / 22)
    torch.testing.assert_close(found.nats, nats.detach())
    for mine, theirs in zip(found.state, state, strict=True):
        assert torch.equal(mine, theirs)
    log_p_TBV = model(batch.inputs)[0].log_softmax(-1)
    chosen_TB = log_p_TBV.gather(-1, batch.targets[..., None])[..., 0]
    torch.testing.assert_close(nats, -chosen_TB[batch.mask()].sum())


@pytest.mark.parametrize("options", SINGLE, ids=str)
def test_each_option_learns_and_comes_back_from_its_file(options, tmp_path):
    model = model_of(**options)
    before, after = minimise(model)
    assert after < before - 0.1
    model_file.save(tmp_path / "model.safetensors", model.eval(), {})
    loaded = model_file.load(tmp_path)
    assert loaded.config == model.config
    assert loaded.config.resolved() == loaded.config
    assert loaded.score("badface") == model.score("badface")
    assert loaded.sample(length=40, seed=2) == model.sample(length=40, seed=2)


def test_a_file_from_before_these_options_is_read_with_their_defaults(tmp_path):
    path, model = tmp_path / "model.safetensors", model_of().eval()
    model_file.save(path, model, {})
    with safetensors.safe_open(path, "pt") as file:
        record = json.loads(file.metadata()["elman"])
    names = ("cell", "hidden_size", "layers", "embedding_size", "dropout", "sequence_length", "batch_size")
    record["config"] = {name: record["config"][name] for name in names}
    path.write_bytes(safetensors.torch.save(safetensors.torch.load_file(path), {"elman": json.dumps(record)}))
    assert model_file.load(path).config == model.config
    assert model_file.load(path).score("badface") == model.score("badface")


@pytest.mark.parametrize(
    ("options", "compiled"),
    [
        ({"tied": True}, True),
        ({"tied": True, "embedding_size": 16}, True),
        ({"softmax": "adaptive"}, False),
        ({"weight_drop": 0.5, "variational": True, "embedding_dropout": 0.5, "zoneout": 0.2}, True),
    ],
    ids=str,
)
def test_a_stream_has_the_scores_of_the_model(options, compiled):
    model = model_of(**options).train()  # whatever its mode is
    stream = Stream(model.recurrent, model.projection)
    assert isinstance(stream._steps, streams._Compiled if compiled else streams._Forward)
    inputs = [EOS, *VOCABULARY.encode("badface\n").tolist()]
    with torch.no_grad(), elman.kernels("eager"):
        expected, _ = model.eval()(torch.tensor(inputs)[:, None])
    scores = torch.stack([stream(symbol) for symbol in inputs])
    torch.testing.assert_close(scores, expected[:, 0], rtol=1e-5, atol=1e-5)
    text = model.sample("bad", length=60, seed=3)
    with elman.kernels("eager"):
        assert model.sample("bad", length=60, seed=3) == text


@pytest.mark.parametrize("softmax", ["full", "adaptive"])
def test_the_probabilities_of_a_model_sum_to_one(softmax):
    scores_TBV, _ = model_of(softmax=softmax).double().eval()(batch_of().inputs)
    torch.testing.assert_close(scores_TBV.softmax(-1).sum(-1), torch.ones(12, 4, dtype=torch.float64))
    if softmax == "adaptive":
        torch.testing.assert_close(scores_TBV.exp().sum(-1), torch.ones(12, 4, dtype=torch.float64))


@pytest.mark.parametrize("embedding_size", [12, 16])
def test_a_tied_matrix_is_in_the_model_once_and_has_the_gradient_of_both_uses(embedding_size):
    model = model_of(tied=True, embedding_size=embedding_size, layers=1, dropout=0.0).double()
    shapes = [tuple(weight.shape) for weight in model.parameters()]
    assert shapes.count((len(VOCABULARY), embedding_size)) == 1
    assert sum(weight.numel() for weight in model.state_dict().values()) == sum(map(np.prod, shapes))
    batch = batch_of()
    model.objective(batch).loss.backward()
    weight = model.recurrent.embedding.weight
    found = weight.grad.clone()
    for place in ((2, 0), (5, 3), (EOS, 1)):  # EOS is never read here, only predicted
        values = []
        for change in (1e-6, -1e-6):
            with torch.no_grad():
                weight[place] += change
                values.append(float(model.objective(batch).loss))
                weight[place] -= change
        assert float(found[place]) == pytest.approx((values[0] - values[1]) / 2e-6, rel=1e-5, abs=1e-9)


shares = st.sampled_from([0.0, 0.0, 0.1, 0.25])
combinations = st.fixed_dictionaries(
    {
        "cell": st.sampled_from(["lstm", "gru", "projection_lstm", "zoneout_lstm"]),
        "layers": st.sampled_from([1, 2]),
        "embedding_size": st.sampled_from([12, 16]),
        "dropout": shares,
        "input_dropout": shares,
        "output_dropout": st.one_of(st.none(), shares),
        "embedding_dropout": shares,
        "variational": st.booleans(),
        "weight_drop": shares,
        "zoneout": shares,
        "activation_penalty": st.sampled_from([0.0, 2.0]),
        "temporal_penalty": st.sampled_from([0.0, 1.0]),
        "head": st.sampled_from(
            [
                {},
                {"label_smoothing": 0.1},
                {"tied": True},
                {"tied": True, "label_smoothing": 0.2},
                {"softmax": "adaptive"},
            ]
        ),
    }
)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(combinations)
def test_any_combination_learns_and_writes(options):
    head = options.pop("head")
    model = model_of(**options, **head)
    before, after = minimise(model)
    assert after < before
    assert len(model.eval().sample(length=10, seed=1)) == 10
