"""Classes of texts: from files of any form to a model file, and from raw text to a label."""

import json
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import elman
from elman.cli.main import main
from elman.core.errors import InputError
from elman.data.labels import Labels
from elman.data.vectors import Vectors, write_vectors
from elman.data.vocabulary import WordVocabulary
from elman.tasks import model_file
from elman.tasks.classify.config import ClassifyConfig, PredictOptions
from elman.tasks.classify.data import NO_LABEL, ClassifyData, TextBatch
from elman.tasks.classify.model import ClassifyModel
from elman.tasks.classify.predict import evaluate, evaluate_file, predictions
from elman.tasks.classify.reading import read
from elman.tasks.classify.vocabulary import ClassifyVocabulary

WITHOUT_DROPOUT = {"dropout": 0.0, "input_dropout": 0.0, "embedding_dropout": 0.0}
TINY = {"hidden_size": 8, "embedding_size": 6, "batch_size": 8, **WITHOUT_DROPOUT}
SUBJECTS = ["film", "hotel", "book", "room", "plot", "food", "staff", "end"]
OPINIONS = {"good": ["fine", "lovely", "bright", "很好"], "bad": ["dull", "awful", "dirty", "没意思"]}
REVIEWS = [
    (f"the {subject} was {much} {word}", label)
    for label, words in OPINIONS.items()
    for word in words
    for subject in SUBJECTS
    for much in ("very", "so")
]


def written(path, pairs):
    path.write_text("".join(f"{text}\t{label}\n" for text, label in pairs), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classify")
    path = written(folder / "reviews.tsv", REVIEWS)
    elman.train(
        "classify", path, out=folder / "run", learning_rate=0.02, epochs=5, pooling="attention", **TINY
    )
    return folder / "run"


def fresh(labels=("bad", "good"), texts=(3, 1), **options):
    torch.manual_seed(0)
    words = WordVocabulary(["the", "film", "was", "fine", "dull"])
    return ClassifyModel(
        ClassifyConfig(**{**TINY, **options}), ClassifyVocabulary(words, Labels(labels), texts)
    )


BATCH = TextBatch(
    torch.tensor([[2, 3, 6], [3, 4, 1], [6, 1, 1]]), torch.tensor([3, 2, 1]), torch.tensor([0, 1, 0])
)


def test_what_is_clear_is_learned_and_kept_in_the_file(run):
    model = elman.load(run)
    texts = ["The room was so lovely", "the plot was very awful", "the book was so 没意思", "film very 很好"]
    assert [found.label for found in model.classify(texts)] == ["good", "bad", "bad", "good"]
    for found in model.classify(texts):
        assert sum(found.probabilities.values()) == pytest.approx(1.0)
        assert list(found.probabilities.values()) == sorted(found.probabilities.values(), reverse=True)


def test_a_text_alone_is_told_what_it_is_told_in_company(run):
    model = elman.load(run)
    texts = ["film", "the room was very very lovely", "the end"] * 5
    together = list(predictions(model, texts))
    for text, found in zip(texts, together, strict=True):
        (alone,) = model.classify([text])
        assert alone.probabilities == pytest.approx(found.probabilities, abs=1e-5)
        assert [symbol for symbol, _ in alone.attention] == text.split()
        assert sum(weight for _, weight in alone.attention) == pytest.approx(1.0, abs=1e-5)


def test_the_score_is_that_of_the_single_answers(run, tmp_path):
    pairs = [("the film was dull", "bad"), ("the film was fine", "good"), ("the film was fine", "bad")]
    model = elman.load(run)
    score = evaluate_file(model, written(tmp_path / "t.tsv", pairs))
    probabilities = [model.classify([text])[0].probabilities[label] for text, label in pairs]
    assert score.to_dict()["nats_per_text"] == pytest.approx(-np.log(probabilities).mean(), abs=1e-5)
    assert score.to_dict()["accuracy"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("cell", "pooling", "bidirectional"),
    [
        ("lstm", "last", True),
        ("lstm", "max", True),
        ("lstm", "mean", True),
        ("lstm", "attention", True),
        ("lstm", "last", False),
        ("gru", "attention", False),
        ("projection_lstm", "last", True),
    ],
)
def test_every_cell_pooling_and_direction_learns_from_a_batch(cell, pooling, bidirectional):
    model = fresh(cell=cell, pooling=pooling, bidirectional=bidirectional)
    found = model.objective(BATCH)
    found.loss.backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in model.parameters())
    assert float(found.loss.detach()) == pytest.approx(float(found.nats) / 3, rel=1e-5)


@pytest.mark.parametrize(("kind", "power"), [("none", 0.0), ("root", 0.5), ("balanced", 1.0)])
def test_class_weights_make_rare_labels_count(kind, power):
    model = fresh(class_weights=kind)
    n = torch.tensor([3.0, 1.0])
    weights = n**-power
    weights = weights / ((weights * n).sum() / n.sum())
    log_p = model(BATCH.texts, BATCH.lengths).log_softmax(-1)
    expected = -(weights[BATCH.labels] * log_p[range(3), BATCH.labels]).mean()
    assert float(model.objective(BATCH).loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-5)
    assert float(model.loss(BATCH)[0].detach()) == pytest.approx(
        float(-log_p[range(3), BATCH.labels].sum().detach()), rel=1e-5
    )


def test_a_batch_of_no_text_costs_nothing(tmp_path):
    data = ClassifyData.read(written(tmp_path / "t.tsv", REVIEWS), ClassifyConfig(**TINY), seed=1)
    batch = data.train._make(np.array([], np.intp))
    model = fresh()
    assert batch.symbols == 0
    assert batch.labels.tolist() == [NO_LABEL]
    found = model.objective(batch)
    found.loss.backward()
    assert float(found.loss.detach()) == 0.0
    assert not any(weight.grad.any() for weight in model.parameters())


def test_a_model_file_holds_all_that_is_known(tmp_path):
    model = fresh(class_weights="balanced")
    model_file.save(tmp_path / "model.safetensors", model, {})
    loaded = model_file.load(tmp_path)
    assert (loaded.config, loaded.vocabulary) == (model.config, model.vocabulary)
    assert torch.equal(loaded(BATCH.texts, BATCH.lengths), model.eval()(BATCH.texts, BATCH.lengths))
    assert torch.equal(loaded.class_weights, model.class_weights)


def test_whole_symbols_are_left_out_of_words_by_itself():
    shares = [ClassifyConfig(segments=s).resolved(None).embedding_dropout for s in ("word", "character")]
    assert shares == [0.3, 0.0]
    assert ClassifyConfig(embedding_dropout=0.1).resolved(7).embedding_dropout == 0.1
    assert ClassifyConfig().resolved(7).embedding_size == 7


@pytest.mark.parametrize(
    "change",
    [
        {"texts": [3]},
        {"texts": [3, 0]},
        {"texts": [3, 1.5]},
        {"labels": ["bad", "bad"]},
        {"symbols": {"kind": "word", "words": [1]}},
        {"labels": None},
    ],
)
def test_a_vocabulary_that_cannot_be_is_refused(change):
    record = json.loads(json.dumps(fresh().vocabulary.to_dict()))
    assert ClassifyVocabulary.from_dict(record) == fresh().vocabulary
    with pytest.raises(InputError):
        ClassifyVocabulary.from_dict({**record, **change})


def test_the_validation_part_has_no_text_of_the_other(tmp_path):
    pairs = [*REVIEWS, *[(text, "bad") for text, _ in REVIEWS[:20]]]
    data = ClassifyData.read(written(tmp_path / "t.tsv", pairs), ClassifyConfig(**TINY), seed=1)
    held = [example.text for example in data.examples]
    texts = {text for text, _ in pairs}
    assert 0.02 < len(set(held)) / len(texts) < 0.25
    train = sum(batch.symbols for batch in data.train.epoch(0))
    assert train == sum(text not in held for text, _ in pairs)


def test_the_only_text_of_a_label_trains(tmp_path):
    pairs = [*REVIEWS, *[(f"the {i} was odd", f"label {i}") for i in range(30)]]
    data = ClassifyData.read(written(tmp_path / "t.tsv", pairs), ClassifyConfig(**TINY), seed=1)
    assert len(data.vocabulary.labels) == 32


def test_of_a_long_text_the_beginning_is_read(tmp_path):
    pairs = [*REVIEWS, ("very " * 200_000 + "fine", "good")]
    config = ClassifyConfig(sequence_length=20, **TINY)
    data = ClassifyData.read(written(tmp_path / "t.tsv", pairs), config, seed=1)
    assert max(len(batch.texts) for batch in data.train.epoch(0)) == 20
    said = "texts to train on are longer than 20 symbols (sequence_length): their beginnings are read"
    assert any(said in note for note in data.notes)


def scores_of(model, text, length):
    """The scores of a text that is read in windows of so many symbols."""
    model.config = replace(model.config, sequence_length=length)
    (found,) = read(model, [text])
    return found.scores


LONG = " ".join(["the film was very fine", "dull was the film", "fine"] * 7)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_long_text_read_rightwards_is_read_as_if_at_once(cell, pooling):
    model = fresh(cell=cell, pooling=pooling, bidirectional=False, layers=2)
    for length in (1, 7, 69):
        assert torch.allclose(scores_of(model, LONG, length), scores_of(model, LONG, 1000), atol=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "max", "attention"])
def test_of_a_long_text_read_both_ways_all_windows_count(pooling):
    model = fresh(pooling=pooling, bidirectional=True).eval()
    symbols = model.vocabulary.symbols.numbers(LONG.split())
    with torch.no_grad():
        parts = [model.outputs(torch.from_numpy(part)[:, None], [len(part)]) for part in np.split(symbols, 7)]
        expected = model.scores(torch.cat(parts), torch.tensor([70]))[0]
    assert torch.allclose(scores_of(model, LONG, 10), expected, atol=1e-6)


def test_a_long_text_and_short_ones_are_read_in_their_order():
    model = fresh(pooling="attention")
    model.config = replace(model.config, sequence_length=10)
    found = list(read(model, ["fine", LONG, "the film", LONG, "dull"]))
    for text, one in zip(["fine", LONG, "the film", LONG, "dull"], found, strict=True):
        assert torch.allclose(one.scores, next(read(model, [text])).scores, atol=1e-6)
        assert (one.attention is None) == (text == LONG)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_memory_does_not_grow_with_a_text(bidirectional):
    model = fresh(bidirectional=bidirectional, sequence_length=500)
    peaks = []
    for times in (1, 1, 5):
        text = "the film was quite dull, 没意思。 " * (times * 3000)
        tracemalloc.start()
        model.classify([text])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.2 * peaks[1]


def test_symbols_begin_with_their_vectors(tmp_path):
    matrix = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    write_vectors(tmp_path / "v.txt", Vectors(("fine", "unheard", "dull"), matrix))
    options = {**TINY, "embedding_size": None, "vectors": str(tmp_path / "v.txt"), "min_count": 3}
    path = written(tmp_path / "t.tsv", [*REVIEWS, ("unheard of", "bad")])
    torch.manual_seed(0)
    data = ClassifyData.read(path, ClassifyConfig(**options), seed=1)
    model = ClassifyModel(ClassifyConfig(**options), data.vocabulary)
    assert model.config.embedding_size == 5
    numbers = data.vocabulary.symbols.numbers(("fine", "unheard", "dull"))
    table = model.recurrent.embedding.weight.detach()[numbers]
    scaled = torch.from_numpy(matrix)
    assert torch.allclose(table, 0.1 * scaled / scaled.square().mean().sqrt())
    # the file is not needed again
    (tmp_path / "v.txt").unlink()
    model_file.save(tmp_path / "model.safetensors", model, {})
    assert torch.equal(model_file.load(tmp_path).recurrent.embedding.weight[numbers], table)


def test_the_commands_take_a_folder_of_names_to_a_label(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "names").mkdir()
    for label, ends in {"Italian": "io", "Polish": "ski"}.items():
        names = [f"{a}{b}n{ends}" for a in "BCDFGLM" for b in "aeiou"]
        (tmp_path / "names" / f"{label}.txt").write_text("\n".join(names), encoding="utf-8")
    options = ["--segments", "character", "--hidden-size", "8", "--embedding-size", "6", "--epochs", "4"]
    options += ["--batch-size", "8", "--learning-rate", "0.02", "--dropout", "0"]
    assert main(["train", "classify", "names", "--out", "run", *options]) == 0
    said = capsys.readouterr()
    assert "texts that were not trained on" in said.out
    assert "% of what is read side by side is padding" in said.err
    assert main(["predict", "run", "Rossinio", "Kowalski", "--top", "1"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["Italian", "Polish"]
    assert main(["predict", "run", "Rossinio", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["prediction"]
    assert found["label"] == "Italian"
    assert found["probabilities"].keys() == {"Italian", "Polish"}
    assert main(["evaluate", "run", "names", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["texts"] == 70
    assert main(["info", "run"]) == 0
    assert "2 labels: Italian, Polish" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("pairs", "options", "message"),
    [
        ([("a b", "x"), ("c d", "x"), ("e f", "x")], {}, r"t\.tsv: labels: 'x': there must be at least 2"),
        ([("a b", "x"), ("c d", "y")], {}, r"t\.tsv: 2 texts are too few: some train, others validate"),
        (REVIEWS, {"min_count": 1000}, r"no word of the text occurs 1,000 times"),
        (REVIEWS, {"text_column": "review"}, r"t\.tsv: no text_column 'review'"),
    ],
)
def test_data_that_nothing_is_learned_from_is_refused(tmp_path, pairs, options, message):
    with pytest.raises(InputError, match=message):
        ClassifyData.read(written(tmp_path / "t.tsv", pairs), ClassifyConfig(**TINY, **options), seed=1)


def test_a_validation_file_that_holds_all_texts_or_another_label_is_refused(tmp_path):
    path = written(tmp_path / "t.tsv", REVIEWS)
    config = ClassifyConfig(**TINY, validation_file=str(path))
    with pytest.raises(InputError, match=r"t\.tsv: all of its texts are in .*t\.tsv: none trains"):
        ClassifyData.read(path, config, seed=1)
    other = written(tmp_path / "v.tsv", [("the film was fine", "good"), ("the film was odd", "odd")])
    with pytest.raises(InputError, match=r"v\.tsv, line 2: the label 'odd' is not one trained on: bad, good"):
        ClassifyData.read(path, ClassifyConfig(**TINY, validation_file=str(other)), seed=1)


def test_a_label_not_trained_on_is_refused_with_its_line(run, tmp_path):
    path = written(tmp_path / "t.tsv", [("the film was dull", "bad"), ("the film was odd", "odd")])
    with pytest.raises(InputError, match=r"t\.tsv, line 2: the label 'odd' is not one trained on: bad, good"):
        evaluate_file(elman.load(run), path)


def test_a_blank_text_is_refused(run):
    with pytest.raises(InputError, match="text 2 is blank: nothing to classify"):
        elman.load(run).classify(["fine", " \n"])


def test_vectors_of_another_width_are_refused(tmp_path):
    path = written(tmp_path / "t.tsv", REVIEWS)
    (tmp_path / "v.txt").write_text("fine 1 2 3\ndull 1 2\n")
    options = {**TINY, "vectors": str(tmp_path / "v.txt")}
    with pytest.raises(InputError, match=r"v\.txt, line 2: .* must have 3"):
        ClassifyData.read(path, ClassifyConfig(**options), seed=1)
    (tmp_path / "v.txt").write_text("fine 1 2 3\n")
    with pytest.raises(InputError, match=r"v\.txt: its vectors have 3 numbers and embedding_size is 6"):
        ClassifyData.read(path, ClassifyConfig(**options), seed=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pooling": "min"}, "pooling is 'min'; did you mean"),
        ({"segments": "letter"}, "segments is 'letter'"),
        ({"class_weights": "balance"}, "did you mean 'balanced'"),
        ({"cell": 3}, "cell is 3; give the name of a cell"),
        ({"cell": "lstn"}, "lstm"),
        ({"hidden_size": 0}, "hidden_size is 0"),
        ({"bidirectional": 1}, "bidirectional is 1; give true or false"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"vectors": 3}, "vectors is 3; give a text"),
        ({"validation_share": 1.0}, "validation_share is 1.0"),
        ({"vocabulary_size": 2}, "vocabulary_size is 2"),
    ],
)
def test_an_option_that_cannot_work_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        ClassifyConfig(**options).validate()


def test_how_many_labels_are_shown(run):
    model = elman.load(run)
    (found,) = predictions(model, ["the film was fine"], PredictOptions(top=1))
    assert found.text() == f"good {found.probabilities['good']:.3f}"
    with pytest.raises(InputError, match="top is 0"):
        PredictOptions(top=0).validate()


def test_a_read_without_dropout_leaves_the_mode(run):
    model = elman.load(run).train()
    model.classify(["fine"])
    assert model.training
    assert isinstance(model.dropout, nn.Module)


def test_evaluate_reads_the_validation_part(run):
    path = run.parent / "reviews.tsv"
    data = ClassifyData.read(path, ClassifyConfig(**TINY), seed=1)
    score = evaluate(elman.load(run), data)
    assert score.texts == len(data.examples)
    assert score.accuracy == 1.0
