"""Likeness of texts: rows and views, the two losses by hand, ranks as scipy has them, a trained model."""

import json
import math
import re
from dataclasses import fields

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

import elman
from elman.cli.main import main
from elman.core.errors import InputError
from elman.data.vectors import Vectors, write_vectors
from elman.data.vocabulary import UNKNOWN, Vocabulary
from elman.tasks import model_file
from elman.tasks.similar import predict
from elman.tasks.similar.config import PredictOptions, SimilarConfig
from elman.tasks.similar.data import PairBatches, SimilarData, view
from elman.tasks.similar.examples import Example, read_examples
from elman.tasks.similar.metrics import ranks, spearman
from elman.tasks.similar.model import SimilarModel
from elman.tasks.similar.vocabulary import SimilarVocabulary

SMALL = {"hidden_size": 8, "embedding_size": 6, "min_count": 1, "sequence_length": 12}
LETTERS = Vocabulary.of("a b c d e f g h i j k l", "word")
# Each line has words that mean the same.
MEANINGS = [
    "cat feline kitty",
    "dog hound puppy",
    "sees watches notices",
    "eats devours swallows",
    "likes loves adores",
    "bread loaf toast",
    "king ruler monarch",
    "quickly fast swiftly",
    "today now presently",
]


def written(folder, text, name="rows.txt"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def sentences(number, seed=0):
    """Meanings in random order, three each, and for each two ways to say it."""
    random = np.random.default_rng(seed)
    words = [line.split() for line in MEANINGS]
    found = []
    for _ in range(number):
        meaning = random.permutation(len(words))[:3]
        found.append(tuple(" ".join(words[m][random.integers(3)] for m in meaning) for _ in range(2)))
    return found


def model_of(scores=None, **options):
    torch.manual_seed(0)
    config = SimilarConfig(**{**SMALL, **options})
    return SimilarModel(config, SimilarVocabulary(LETTERS, scores)).eval()


@given(values=st.lists(st.integers(0, 6), min_size=2, max_size=30))
def test_ranks_are_those_of_scipy(values):
    assert ranks(values).tolist() == rankdata(values).tolist()


@given(pairs=st.lists(st.tuples(st.integers(0, 9), st.floats(-1, 1, width=16)), min_size=3, max_size=40))
def test_spearman_is_that_of_scipy(pairs):
    first, second = zip(*pairs, strict=True)
    if len(set(first)) > 1 and len(set(second)) > 1:
        assert spearman(first, second) == pytest.approx(spearmanr(first, second)[0], abs=1e-9)
    else:
        assert spearman(first, second) == 0.0


def test_rows_are_what_their_columns_tell(tmp_path):
    config = SimilarConfig()
    lines = read_examples(written(tmp_path, "﻿a b\n\n c d \n"), config)
    assert (lines.form, lines.rows) == ("lines", (Example("a b", "a b"), Example("c d", "c d")))
    pairs = read_examples(written(tmp_path, "a b\tb a\nc\td\n"), config)
    assert (pairs.form, pairs.rows[1]) == ("pairs", Example("c", "d"))
    table = written(tmp_path, 'id,text1,text2,score\n1,"a, b",c,4.5\n2,d,e,-1\n', "rows.csv")
    columns = {"first_column": "text1", "second_column": "3", "score_column": "score"}
    scores = read_examples(table, SimilarConfig(**columns))
    assert (scores.form, scores.rows) == ("scores", (Example("a, b", "c", 4.5), Example("d", "e", -1.0)))
    labels = read_examples(
        written(tmp_path, "a\tb\tyes\nc\td\tno\nc\te\tmaybe\n"), SimilarConfig(alike="yes")
    )
    assert [row.score for row in labels.rows] == [1.0, 0.0, 0.0]
    text = written(tmp_path, "a\nb\n\nc\nd\nd\n")
    adjacent = read_examples(text, SimilarConfig(form="adjacent"))
    assert adjacent.rows == (Example("a", "b"), Example("c", "d"))


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a\tb\t1\nc\td\n", {}, "line 2: 2 columns, where line 1 has 3"),
        ("a\tb\t1\nc\t \t0\n", {}, "line 2: no text in column 2"),
        ("a\tb\t1\nc\td\tmuch\n", {}, "line 2: the score 'much' is no number"),
        ("a\tb\t1\nc\td\tnan\n", {}, "line 2: the score 'nan' is no number"),
        ("a\tb\t1\nc\td\t1\n", {}, "all pairs have the score 1"),
        ("a\tb\tyes\nc\td\tyes\n", {"alike": "yes"}, "all pairs have the score 1"),
        ("a\tb\nc\td\n", {"form": "scores"}, "2 columns, and scores take 3"),
        ("a\n\nb\n", {"form": "adjacent"}, "no two different lines"),
        ("text1\ttext2\tscore\n", {}, "no pair of texts"),
        ("a\tb\t1\n", {"score_column": "gold"}, "no score_column 'gold'"),
        ("", {}, "is empty"),
        ("\n \n", {}, "all lines are blank"),
    ],
)
def test_rows_that_cannot_be_used_are_refused_with_their_line(tmp_path, text, options, message):
    with pytest.raises(InputError, match=re.escape(message)):
        read_examples(written(tmp_path, text), SimilarConfig(**options))


def test_a_pair_and_its_reverse_are_on_one_side(tmp_path):
    rows = [f"{a} {b}\t{b} {a}" for a in "abcdefghij" for b in "abcdefghij"]
    config = SimilarConfig(min_count=1, validation_share=0.3)
    data = SimilarData.read(written(tmp_path, "\n".join(rows * 2)), config, seed=1)
    train, held = ({row.key for row in part.rows} for part in (data.train, data.validation))
    assert not train & held
    assert len(data.train.rows) + len(data.validation.rows) == 200
    assert min(len(train), len(held)) >= 5


def test_what_a_file_validates_does_not_train(tmp_path):
    path = written(tmp_path, "a\tb\nc\td\ne\tf\ng\th\n")
    other = written(tmp_path, "d\tc\nx\ty\n", "valid.txt")
    data = SimilarData.read(path, SimilarConfig(min_count=1, validation_file=str(other)), seed=1)
    assert [row.first for row in data.train.rows] == ["a", "e", "g"]
    assert len(data.validation.rows) == 2
    lines = written(tmp_path, "d c\nx y\n", "lines.txt")
    with pytest.raises(InputError, match=r"lines\.txt: holds lines.*give both one form"):
        SimilarData.read(path, SimilarConfig(validation_file=str(lines)), seed=1)
    with pytest.raises(InputError, match="each part needs 2"):
        SimilarData.read(written(tmp_path, "a\tb\nc\td\n"), SimilarConfig(min_count=1), seed=1)


def spelled(batch, vocabulary):
    """The texts of a batch."""
    texts = zip(batch.texts.T.tolist(), batch.lengths.tolist(), strict=True)
    return [vocabulary.symbols.decode(text[:length]) for text, length in texts]


def test_every_pair_is_read_once_an_epoch_with_its_score():
    vocabulary = SimilarVocabulary(LETTERS, (1.0, 5.0))
    rows = [Example("a b", "c", 1.0), Example("c", "d e f", 5.0), Example("a b", "a b", 2.0)]
    batches = PairBatches(rows, vocabulary, SimilarConfig(**SMALL, batch_size=2), False, seed=1)
    found = []
    for batch in batches.epoch(3):
        texts = spelled(batch, vocabulary)
        assert batch.symbols == len(texts) // 2
        for i, j in np.ndindex(len(texts), len(texts)):
            assert (batch.same[i] == batch.same[j]) == (texts[i] == texts[j])
        firsts, seconds = texts[: batch.count], texts[batch.count :]
        found += zip(firsts, seconds, batch.scores.tolist(), strict=True)
    assert sorted(found) == [("a b", "a b", 0.25), ("a b", "c", 0.0), ("c", "d e f", 1.0)]


def test_views_of_a_line_are_parts_of_it_and_others_in_every_epoch():
    line = "a b c d e f g h i j"
    vocabulary, config = SimilarVocabulary(LETTERS), SimilarConfig(**SMALL, batch_size=4)
    batches = PairBatches([Example(line, line)] * 8, vocabulary, config, True, seed=1)
    by_epoch = [
        [text for batch in batches.epoch(number) for text in spelled(batch, vocabulary)]
        for number in (0, 0, 1)
    ]
    assert by_epoch[0] == by_epoch[1] != by_epoch[2]
    assert len(set(by_epoch[0])) > 8
    for text in by_epoch[2]:
        assert text.split() == sorted(text.split())
        assert set(text.split()) <= set(line.split())
    lengths = [len(text.split()) for text in by_epoch[0]]
    assert 3 <= min(lengths) < max(lengths) <= 10
    assert len(view(np.arange(3), SimilarConfig(word_dropout=0.99), np.random.default_rng(0))) == 1


def test_processes_share_the_pairs():
    rows = [Example(a, b) for a in "abc" for b in "defgh"]
    config = SimilarConfig(**SMALL, batch_size=4)
    batches = PairBatches(rows, SimilarVocabulary(LETTERS), config, False, seed=1)
    parts = [batches.shard(rank, 4) for rank in range(4)]
    for whole, *shares in zip(batches.epoch(1), *(part.epoch(1) for part in parts), strict=True):
        assert sum(share.count for share in shares) == whole.count
        firsts = torch.cat([share.same[: share.count] for share in shares])
        assert sorted(firsts.tolist()) == sorted(whole.same[: whole.count].tolist())
    empty = parts[3]._batch(0, np.array([], np.intp))
    model = model_of()
    assert float(model.objective(empty).loss.detach()) == float(model.loss(empty)[0].detach()) == 0.0


def batch_of(rows, scores=None, **options):
    config = SimilarConfig(**SMALL, batch_size=99, **options)
    (batch,) = PairBatches(rows, SimilarVocabulary(LETTERS, scores), config, False).epoch(0)
    return batch


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_partners_are_told_by_a_softmax_over_likenesses(pooling):
    # d is the partner of a twice, b c stands in two pairs, and e is both first and second
    rows = [Example(*pair.split(",")) for pair in ("a,d", "f,d", "b c,e", "e,g h", "b c,i", "k,l a b")]
    model = model_of(pooling=pooling, temperature=0.3)
    expected = 0.0
    for i, row in enumerate(rows):
        for one, other in ((0, 1), (1, 0)):
            likeness = {}
            for j, candidate in enumerate(rows):
                texts = ((row.first, row.second), (candidate.first, candidate.second))
                if j == i or not set(texts[0]) & set(texts[1]):
                    likeness[j] = model.likeness(texts[0][one], texts[1][other]) / 0.3
            total = math.log(sum(map(math.exp, likeness.values())))
            expected += 0.5 * (total - likeness[i])
    batch = batch_of(rows)
    assert float(model.loss(batch)[0].detach()) == pytest.approx(expected, rel=1e-4)
    assert float(model.objective(batch).loss.detach()) == pytest.approx(expected / 6, rel=1e-4)


def test_scores_are_told_by_a_logistic_function_of_likeness():
    rows = [
        Example("a b", "c", 0.0),
        Example("c", "d e f", 2.0),
        Example("g", "h i", 4.0),
        Example("a", "b", 9.0),
    ]
    model = model_of((0.0, 4.0))
    with torch.no_grad():
        model.steepness.fill_(3.0)
        model.offset.fill_(-0.5)
    expected = 0.0
    for row, target in zip(rows, (0.0, 0.5, 1.0, 1.0), strict=True):
        p = 1 / (1 + math.exp(0.5 - 3.0 * model.likeness(row.first, row.second)))
        expected -= target * math.log(p) + (1 - target) * math.log(1 - p)
    assert float(model.loss(batch_of(rows, (0.0, 4.0)))[0].detach()) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("cell", ["lstm", "gru", "slstm"])
def test_a_text_has_one_vector_whatever_is_read_beside_it(cell):
    model = model_of(cell=cell, layers=2)
    texts = ["a b c", "d", "e f g h i j k l", "b", "Ａ b c"]
    together = model.train().vectors(texts)
    assert model.training
    for text, vector in zip(texts, together, strict=True):
        assert torch.allclose(model.vectors([text])[0], vector, atol=1e-6)
    assert torch.allclose(together.norm(dim=-1), torch.ones(5), atol=1e-6)
    assert torch.allclose(together[0], together[4])  # a full-width letter is that of ASCII
    assert model.likeness("a b", "d e") == pytest.approx(model.likeness("d e", "a b"), abs=1e-6)
    assert model.likeness("a b", "a b") == pytest.approx(1.0, abs=1e-6)
    with pytest.raises(InputError, match="text 2 is blank"):
        model.vectors(["a", " "])


def test_an_index_ranks_lines_by_likeness():
    model = model_of()
    lines = ["a b", "", "c d e", " f ", "a b", "g h"]
    found = model.index(lines).nearest("b a", top=4)
    likeness = {n: model.likeness("b a", line) for n, line in enumerate(lines, 1) if line.strip()}
    order = sorted(likeness, key=lambda n: (-round(likeness[n], 6), n))
    assert [neighbour.line for neighbour in found] == order[:4]
    assert [neighbour.likeness for neighbour in found] == pytest.approx(
        [likeness[n] for n in order[:4]], abs=1e-6
    )
    assert {neighbour.text for neighbour in found} <= {"a b", "c d e", "f", "g h"}
    with pytest.raises(InputError, match="all are blank"):
        model.index(["", " "])
    with pytest.raises(InputError, match="top is 0"):
        model.index(lines).nearest("a", top=0)


def test_the_score_of_alike_pairs_is_that_of_a_search(tmp_path):
    model = model_of()
    rows = [("a b", "b a"), ("c", "c d"), ("a b", "e f"), ("g", "h i"), ("h i", "j"), ("k l", "k")]
    score = predict.evaluate_file(model, written(tmp_path, "".join(f"{a}\t{b}\n" for a, b in rows)))
    places = []
    for a, b in rows:
        right = model.likeness(a, b)
        others = [d for c, d in rows if not {a, b} & {c, d}]
        places.append(1 + sum(model.likeness(a, other) >= right for other in others))
    assert score.found == pytest.approx(np.mean([place == 1 for place in places]))
    assert score.reciprocal_rank == pytest.approx(np.mean([1 / place for place in places]))
    assert (score.among, score.pairs) == (6, 6)
    assert score.to_dict()["nats_per_pair"] > 0
    assert not set(score.to_dict()) & {field.name for field in fields(SimilarConfig)}


def test_scores_in_a_file_are_compared_by_rank_whatever_was_trained_on(tmp_path):
    rows = [("a b", "b a", 3), ("c", "c d", -7), ("a b", "e f", 3), ("g", "h i", 12)]
    path = written(tmp_path, "".join("\t".join(map(str, row)) + "\n" for row in rows))
    for scores in (None, (0.0, 1.0)):
        model = model_of(scores)
        score = predict.evaluate_file(model, path)
        likeness = [model.likeness(a, b) for a, b, _ in rows]
        assert score.spearman == pytest.approx(spearmanr(likeness, [s for *_, s in rows])[0], abs=1e-6)
        assert ("nats_per_pair" in score.to_dict()) == (scores is not None)
        assert "Spearman" in score.describe()


def test_symbols_begin_with_the_vectors_of_a_file(tmp_path):
    matrix = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    vectors = tmp_path / "v.txt"
    write_vectors(vectors, Vectors(("b", "unheard", "d"), matrix))
    path = written(tmp_path, "a\tb\nc\tb\ne\tf\ng\th\nd\ti\n" * 3)
    options = {**SMALL, "embedding_size": None, "min_count": 9, "vectors": str(vectors)}
    data = SimilarData.read(path, SimilarConfig(**options), seed=1)
    assert data.notes[-1].endswith("symbols begin with a vector of v.txt")
    model = SimilarModel(SimilarConfig(**options), data.vocabulary)
    assert model.config.embedding_size == 5
    numbers = data.vocabulary.symbols.numbers(("b", "unheard", "d"))
    assert numbers.tolist()[1] == UNKNOWN != numbers[0]
    begun = model.recurrent.embedding.weight.detach()[numbers].numpy()
    known = [0, 2]  # a symbol that has a vector may be rare
    np.testing.assert_allclose(begun[known] / begun[0, 0], matrix[known] / matrix[0, 0], rtol=1e-5)
    size = np.sqrt((begun[known] ** 2).mean())
    assert size == pytest.approx(model_of().recurrent.embedding.weight.std().item(), rel=0.2)
    with pytest.raises(InputError, match=r"v\.txt: its vectors have 5 numbers and embedding_size is 6"):
        SimilarData.read(path, SimilarConfig(**{**options, "embedding_size": 6}), seed=1)
    vectors.unlink()  # the model file holds them
    model_file.save(tmp_path / "model.safetensors", model, {})
    loaded = model_file.load(tmp_path)
    assert torch.equal(loaded.vectors(["a b d"]), model.eval().vectors(["a b d"]))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that has learned from pairs which words mean the same."""
    folder = tmp_path_factory.mktemp("similar")
    path = written(folder, "".join(f"{a}\t{b}\n" for a, b in sentences(400)))
    options = {"hidden_size": 24, "embedding_size": 24, "batch_size": 32, "epochs": 8, "learning_rate": 0.02}
    elman.train("similar", path, out=folder / "run", temperature=0.1, **options)
    return folder / "run"


def test_a_trained_model_finds_what_means_the_same(run):
    model = elman.load(run)
    assert model.likeness("cat eats bread", "kitty devours loaf") > 0.7
    assert model.likeness("cat eats bread", "monarch adores puppy") < 0.5
    # of 400 texts some have the same three meanings, so that no partner is certain
    found = predict.evaluate_file(model, run.parent / "rows.txt")
    assert found.found > 0.5


def test_the_commands_rank_lines_and_compare_pairs(run, tmp_path, capsys):
    against = written(
        tmp_path, "ruler notices dog\n\nfeline swallows toast\nnow hound likes\n", "against.txt"
    )
    assert main(["predict", str(run), "cat eats bread", "king sees hound", "--against", str(against)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"0\.\d\d\d  feline swallows toast", lines[0])
    assert lines[3].endswith("ruler notices dog")
    assert (
        main(["predict", str(run), "cat eats bread", "--against", str(against), "--top", "1", "--json"]) == 0
    )
    (nearest,) = json.loads(capsys.readouterr().out)["prediction"]["nearest"]
    assert (nearest["line"], nearest["text"]) == (3, "feline swallows toast")
    assert main(["predict", str(run), "cat\tfeline"]) == 0
    likeness = elman.load(run).likeness("cat", "feline")
    assert float(capsys.readouterr().out) == pytest.approx(likeness, abs=6e-4)
    assert main(["predict", str(run), "cat"]) == 2
    assert "--against FILE" in capsys.readouterr().err
    assert main(["evaluate", str(run), str(run.parent / "rows.txt"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pairs"] == 400


def test_a_fresh_model_is_shown_off_with_neighbours(run):
    model = elman.load(run)
    data = SimilarData.read(run.parent / "rows.txt", model.config, seed=1)
    said = predict.demonstrate(model, data, seed=1).splitlines()
    assert len(said) == 11
    assert all(re.match(r"    -?\d\.\d\d\d  ", line) for line in said[2::2])


@pytest.mark.parametrize("form", ["lines", "adjacent", "scores"])
def test_every_form_trains_and_loads(tmp_path, form):
    rows = sentences(60)
    texts = {
        "lines": "\n".join(a for a, _ in rows),
        "adjacent": "\n\n".join(f"{a}\n{b}" for a, b in rows),
        "scores": "".join(f"{a}\t{b}\t{n % 5}\n" for n, (a, b) in enumerate(rows)),
    }
    options = {**SMALL, "form": form, "batch_size": 8, "epochs": 1, "pooling": "attention"}
    model = elman.train("similar", written(tmp_path, texts[form]), out=tmp_path / "run", **options)
    loaded = elman.load(tmp_path / "run")
    assert torch.equal(loaded.vectors(["cat eats"]), model.vectors(["cat eats"]))
    assert "nats_per_pair" in predict.evaluate_file(loaded, tmp_path / "rows.txt").to_dict()


def test_a_long_line_is_read_to_its_limit():
    model = model_of()
    assert torch.equal(model.vectors(["a " * 500_000]), model.vectors(["a " * 12]))


def test_a_damaged_vocabulary_is_refused():
    good = SimilarVocabulary(LETTERS, (0.0, 2.5))
    assert SimilarVocabulary.from_dict(json.loads(json.dumps(good.to_dict()))) == good
    assert "scores from 0 to 2.5" in good.describe()
    for scores in ([1.0, 0.0], [0.0], [0.0, "1"], [0.0, math.inf], "ab"):
        with pytest.raises(InputError, match="scores"):
            SimilarVocabulary.from_dict({**good.to_dict(), "scores": scores})
    with pytest.raises(InputError):
        SimilarVocabulary.from_dict(None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "pair"}, "did you mean 'pairs'"),
        ({"pooling": "maximum"}, "did you mean 'max'"),
        ({"temperature": 0.0}, "temperature is 0.0"),
        ({"shortest_view": 1.5}, "shortest_view is 1.5"),
        ({"word_dropout": 1.0}, "word_dropout is 1.0"),
        ({"alike": 1}, "alike is 1"),
        ({"vectors": 3}, "vectors is 3"),
    ],
)
def test_options_that_cannot_work_are_named(options, message):
    with pytest.raises(InputError, match=re.escape(message)):
        SimilarConfig(**options).validate()
    with pytest.raises(InputError, match="top is 0"):
        PredictOptions(top=0).validate()
