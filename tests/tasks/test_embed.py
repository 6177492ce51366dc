"""Vectors of words: learning, files, questions, against gensim and scipy where they have the same."""

import json

import numpy as np
import pytest
from gensim.models import KeyedVectors, Word2Vec
from gensim.models.phrases import Phrases
from scipy.stats import spearmanr

import elman
from elman.cli.main import main
from elman.core.errors import InputError
from elman.data.source import Source
from elman.data.tokens import read_tokens
from elman.data.vectors import Vectors, read_vectors, write_vectors
from elman.tasks.embed import phrases
from elman.tasks.embed.config import EmbedConfig, EmbedTraining, PredictOptions
from elman.tasks.embed.data import EmbedData
from elman.tasks.embed.learn import EmbedLearning
from elman.tasks.embed.metrics import spearman
from elman.tasks.embed.model import EmbedModel
from elman.tasks.embed.picture import principal_components
from elman.tasks.embed.predict import evaluate_file, predictions

TINY = {"vector_size": 16, "min_count": 1, "subsample": 0.0, "window": 3, "segments": "blank"}


def topics(lines, seed=0):
    """A text of two topics: a line has words of one of them, and one of three that are in both."""
    rng = np.random.default_rng(seed)
    text = []
    for topic in rng.integers(0, 2, lines):
        words = [f"{'ab'[topic]}{n}" for n in rng.integers(0, 10, 8)]
        text.append(" ".join([*words, f"c{rng.integers(3)}"]))
    return "\n".join(text) + "\n"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("topics") / "topics.txt"
    path.write_text(topics(1500), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(file):
    elman.train("embed", file, out=file.parent / "run", epochs=3, **TINY)
    return file.parent / "run"


@pytest.fixture
def circle():
    """Words whose vectors are at angles that are easy to reason about."""
    angles = {"north": 0, "north_east": 45, "east": 90, "south": 180, "west": 270, "Ost": 89}
    turned = np.deg2rad(list(angles.values()))
    matrix = np.stack([np.sin(turned), np.cos(turned)], axis=1).astype(np.float32)
    return EmbedModel.of(Vectors(tuple(angles), matrix * np.arange(1, 7)[:, None].astype(np.float32)))


@pytest.mark.parametrize("architecture", ["skip-gram", "cbow"])
@pytest.mark.parametrize("objective", ["negative-sampling", "hierarchical-softmax"])
def test_words_of_a_topic_are_nearest_to_each_other(file, tmp_path, architecture, objective):
    model = elman.train(
        "embed", file, out=tmp_path / "run", epochs=8, architecture=architecture, objective=objective, **TINY
    )
    for topic in "ab":
        near = [word for word, _ in model.nearest(f"{topic}0", 9)]
        assert sum(word.startswith(topic) for word in near) >= 8, near
    assert model.odd_one_out(["a1", "a2", "b3", "a4"])[0][0] == "b3"


def test_the_loss_falls_to_below_that_of_chance(file):
    data = EmbedData.read(file, EmbedConfig(**TINY), 1)
    learning = EmbedLearning(data, EmbedConfig(**TINY), EmbedTraining(epochs=3))
    at_first = learning.score().nats
    assert at_first == pytest.approx(6 * np.log(2), abs=1e-3)  # six targets, outputs zero
    for _ in learning.run():
        pass
    assert learning.score().nats < at_first - 0.5


def test_the_learning_rate_falls_in_a_line_with_what_was_read(file, monkeypatch):
    monkeypatch.setattr("elman.tasks.embed.data._CHUNK", 6000)  # the last of three parts is short
    config, training = EmbedConfig(**TINY), EmbedTraining(epochs=2)
    learning = EmbedLearning(EmbedData.read(file, config, 1), config, training)
    taken = []

    def learn(text, reaches, rate, change, seed):
        taken.append((len(text), rate, rate + len(text) * change))

    monkeypatch.setattr(learning._kernel, "learn", learn)
    list(learning.run())
    lengths, first, last = np.array(taken).T
    assert len(taken) == 6
    assert min(lengths) < max(lengths) / 1.5
    read = lengths.cumsum() / lengths.sum()
    np.testing.assert_allclose(last, 0.025 + (0.0001 - 0.025) * read, rtol=1e-6)
    np.testing.assert_allclose(first[1:], last[:-1], rtol=1e-6)


@pytest.mark.parametrize("architecture", ["skip-gram", "cbow"])
def test_vectors_are_as_long_and_as_spread_as_those_of_gensim(file, monkeypatch, architecture):
    monkeypatch.setattr("elman.run.work.threads", lambda: 1)
    config = EmbedConfig(**TINY | {"subsample": 0.02}, architecture=architecture)
    learning = EmbedLearning(EmbedData.read(file, config, 1), config, EmbedTraining(epochs=1))
    for _ in learning.run():
        pass
    theirs = Word2Vec(
        [line.split() for line in file.read_text().splitlines()],
        vector_size=16,
        window=3,
        sample=0.02,
        min_count=1,
        sg=int(architecture == "skip-gram"),
        workers=1,
        epochs=1,
        batch_words=100,  # words that share a learning rate
        seed=1,
    )
    found = []
    for vectors in (learning.model().to_vectors().matrix, theirs.wv.vectors):
        lengths = np.linalg.norm(vectors, axis=1)
        found.append((lengths.mean(), np.linalg.norm((vectors / lengths[:, None]).mean(axis=0))))
    np.testing.assert_allclose(*found, rtol=0.015)


def test_a_run_that_goes_on_makes_the_vectors_of_one_that_was_not_stopped(file, monkeypatch):
    monkeypatch.setattr("elman.tasks.embed.data._CHUNK", 2000)
    monkeypatch.setattr("elman.run.work.threads", lambda: 1)
    config = EmbedConfig(**TINY | {"subsample": 0.05})
    data = EmbedData.read(file, config, 1)
    whole = EmbedLearning(data, config, EmbedTraining(epochs=2))
    shares = [passed.share for passed in whole.run()]
    assert len(shares) == 2 * data.chunks > 10
    assert shares[-1] == 1.0
    stopped = EmbedLearning(data, config, EmbedTraining(epochs=2))
    for passed in stopped.run():
        if passed.share > 0.6:
            break
    resumed = EmbedLearning(data, config, EmbedTraining(epochs=2))
    resumed.resume(stopped.state())
    assert len(list(resumed.run())) == sum(share > 0.6 for share in shares) - 1
    np.testing.assert_array_equal(resumed.model().to_vectors().matrix, whole.model().to_vectors().matrix)


def test_interrupted_it_keeps_what_is_there_and_goes_on(file, tmp_path, monkeypatch):
    monkeypatch.setattr("elman.tasks.embed.data._CHUNK", 2000)
    learn = EmbedLearning._learn
    calls = []

    def interrupted(self, number):
        calls.append(number)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return learn(self, number)

    monkeypatch.setattr(EmbedLearning, "_learn", interrupted)
    arguments = ["train", "embed", str(file), "--out", str(tmp_path / "run"), "--epochs", "2"]
    arguments += ["--min-count", "1", "--segments", "blank"]
    assert main(arguments) == 130
    assert len(elman.load(tmp_path / "run").words) == 23
    assert main(["train", "--resume", str(tmp_path / "run")]) == 0
    chunks = (max(calls) + 1) // 2
    assert calls == [0, 1, 2, 3, *range(3, 2 * chunks)]


def test_subsampling_keeps_as_gensim_does(file):
    config = EmbedConfig(**TINY | {"subsample": 0.01})
    learning = EmbedLearning(EmbedData.read(file, config, 1), config, EmbedTraining())
    theirs = Word2Vec(min_count=1, sample=0.01)
    theirs.build_vocab([line.split() for line in file.read_text().splitlines()])
    words = learning.model().words
    kept = [theirs.wv.get_vecattr(word, "sample_int") / (2**32 - 1) for word in words]
    np.testing.assert_allclose(learning._kept, kept, atol=1e-6)
    assert min(kept) < 0.7


def test_phrases_are_those_of_gensim(tmp_path, monkeypatch):
    monkeypatch.setattr(phrases, "_BLOCK", 7)  # pairs over the borders of blocks
    rng = np.random.default_rng(5)
    words = rng.choice(["new", "york", "city", "of", "the"], (200, 9))
    lines = [" ".join(line).replace("new", "new york new york") for line in words]
    path = tmp_path / "text.txt"
    path.write_text("\n".join(lines) + "\n")
    sentences = [line.split() for line in lines]
    theirs = Phrases(sentences, min_count=5, threshold=0.01)
    # theirs multiplies by the words and pairs of its vocabulary, ours by the words of the text
    threshold = 0.01 * theirs.corpus_word_count / len(theirs.vocab)
    ours = phrases.joined(read_tokens(Source.of(path), "word"), threshold, 5, 5)
    found = [ours.symbols[number] for number in ours.numbers[:] if ours.symbols[number] != "<eos>"]
    assert found == [word for line in sentences for word in theirs[line]]
    assert "new_york" in found
    assert ours.counts.tolist() == np.bincount(ours.numbers[:], minlength=len(ours.symbols)).tolist()


def test_two_passes_make_phrases_of_three_and_texts_are_read_with_them(tmp_path):
    path = tmp_path / "text.txt"
    filler = np.random.default_rng(0).choice(["we", "saw", "old", "things", "of", "the", "sun"], (150, 6))
    path.write_text("\n".join(" ".join([*line[:3], "New York City", *line[3:]]) for line in filler))
    options = {**TINY, "phrases": 2, "phrase_threshold": 4.0, "phrase_discount": 1.0, "segments": "word"}
    model = elman.train("embed", path, out=tmp_path / "run", epochs=1, **options)
    assert "New_York_City" in model.words
    rows = model.read("old New York City")
    assert [model.words[row] for row in rows] == ["old", "New_York_City"]


def test_chinese_by_characters_and_by_words(tmp_path):
    path = tmp_path / "chinese.txt"
    path.write_bytes("\ufeff我爱中国。\n我爱北京！\n".encode() * 20)
    options = {**TINY, "epochs": 1}
    model = elman.train("embed", path, out=tmp_path / "a", **options | {"segments": "word"})
    assert set("我爱中国北京") <= set(model.words)
    model = elman.train("embed", path, out=tmp_path / "b", **options | {"segments": "jieba"})
    assert {"中国", "北京"} <= set(model.words)
    assert len(model.read("我爱中国")) == 3


def test_nearest_analogy_odd_one_out_and_similarity_by_angles(circle):
    assert [word for word, _ in circle.nearest("east", 2)] == ["Ost", "north_east"]
    assert circle.nearest("east", 99)[0][1] == pytest.approx(np.cos(np.deg2rad(1)), abs=1e-6)
    assert len(circle.nearest("east", 99)) == 5
    # south - north + east points to the south-east: east is given away, south too
    assert circle.analogy("north", "north_east", "east", 1)[0][0] == "Ost"
    assert circle.odd_one_out(["north", "north_east", "east", "west"])[0][0] == "west"
    assert circle.similarity("north", "north_east") == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert circle.similarity("north east", "north_east") == pytest.approx(1.0, abs=1e-6)
    with pytest.raises(InputError, match="'up' is not one of the 6 words"):
        circle.analogy("up", "north", "east")
    with pytest.raises(InputError, match="no word of 'up and down'"):
        circle.nearest("up and down")


def test_answers_are_those_of_gensim(run):
    model = elman.load(run)
    theirs = KeyedVectors(model.config.vector_size)
    theirs.add_vectors(list(model.words), model.to_vectors().matrix)
    for word in ("a1", "c2"):
        ours, expected = model.nearest(word, 5), theirs.most_similar(word, topn=5)
        assert [w for w, _ in ours] == [w for w, _ in expected]
        np.testing.assert_allclose([s for _, s in ours], [s for _, s in expected], atol=1e-6)
    ours, expected = model.analogy("a1", "b1", "a2", 5), theirs.most_similar(["b1", "a2"], ["a1"], topn=5)
    assert [w for w, _ in ours] == [w for w, _ in expected]
    assert model.odd_one_out(["a1", "a2", "c1"])[0][0] == theirs.doesnt_match(["a1", "a2", "c1"])


def test_files_of_questions_are_judged_as_by_gensim(run, tmp_path):
    model = elman.load(run)
    theirs = KeyedVectors(model.config.vector_size)
    theirs.add_vectors(list(model.words), model.to_vectors().matrix)
    rng = np.random.default_rng(0)
    questions = [" ".join(rng.choice(model.words, 4, replace=False)) for _ in range(80)]
    # such as are right, which chance makes none of
    questions += [
        f"{a} {b} {c} {model.analogy(a, b, c, 1)[0][0]}".upper() for a, b, c, _ in map(str.split, questions)
    ]
    analogies = tmp_path / "analogies.txt"
    analogies.write_text(": first\n" + "\n".join(questions) + "\n: second\na1 a2 b1 b2\na1 a2 nobody b2\n")
    found = evaluate_file(model, analogies)
    accuracy, sections = theirs.evaluate_word_analogies(str(analogies))
    assert found.to_dict()["accuracy"] == pytest.approx(accuracy)
    assert 0.4 < accuracy < 0.7
    assert found.sections["first"] == (len(sections[0]["correct"]), 160)
    assert found.unknown == 1
    assert "1 with a word that has no vector" in found.describe()

    pairs = tmp_path / "pairs.tsv"
    rows = [
        f"{a}\t{b}\t{round(x)}"
        for a, b, x in zip(model.words[:-5], model.words[5:], rng.random(18) * 5, strict=True)
    ]
    pairs.write_text("# word 1\tword 2\thuman\n" + "\n".join([*rows, "nobody\ta1\t3"]) + "\n")
    judged = evaluate_file(model, pairs)
    _, (expected, _), _ = theirs.evaluate_word_pairs(str(pairs))
    assert judged.spearman == pytest.approx(expected)
    assert (judged.pairs, judged.unknown) == (18, 1)


def test_spearman_is_that_of_scipy_with_ties():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 5, 40).astype(float), rng.integers(0, 9, 40).astype(float)
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert np.isnan(spearman(a, np.ones(40)))


def test_each_form_of_question_has_its_answer(circle):
    asked = ["east", "north : south = east", "north, east, north_east, west", "north | south", " north_east "]
    answers = [answer.to_dict() for answer in predictions(circle, asked, PredictOptions(number=1))]
    assert answers[0]["words"][0]["word"] == "Ost"
    assert answers[1]["words"][0]["word"] == circle.analogy("north", "south", "east")[0][0]
    assert answers[2]["words"][0]["word"] == "west"
    assert answers[3]["likeness"] == pytest.approx(-1.0)
    assert answers[4]["words"][0]["word"] in ("north", "east", "Ost")
    texts = [answer.text() for answer in predictions(circle, asked, PredictOptions(number=2))]
    assert texts[0] == "Ost 1.000  north_east 0.707"
    assert texts[3] == "-1.0000"
    for wrong in ("north : south = ", "a = b", "a : b = c = d"):
        with pytest.raises(InputError, match="an analogy is a : b = c"):
            list(predictions(circle, [wrong], PredictOptions()))


def test_the_commands_from_a_file_to_answers(run, tmp_path, capfd):
    assert main(["predict", str(run), "a1", "--number", "3", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert len(found["prediction"]["words"]) == 3
    assert main(["info", str(run)]) == 0
    assert "23 words" in capfd.readouterr().out
    questions = tmp_path / "q.txt"
    questions.write_text("a1 a2 a3 a4\n")
    assert main(["evaluate", str(run), str(questions), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["questions"] == 1.0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (": family\na b c\n", "line 2: 3 words; an analogy is of four"),
        ("a\tb\t1\na\tb\n", "line 2: 'a\\tb' is no question"),
        ("a\tb\tmuch\n", "line 1: 'a\\tb\\tmuch' is no question"),
        ("# nothing\n", "holds nothing to be asked"),
        (": family\n", "holds names of sections and no analogy"),
        ("x y z w\n", "each line has a word without a vector, such as x, y, z, w"),
    ],
)
def test_files_that_are_no_questions(circle, tmp_path, content, said):
    path = tmp_path / "questions"
    path.write_text(content)
    with pytest.raises(InputError) as error:
        evaluate_file(circle, path)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"architecture": "glove"}, "architecture is 'glove'; did you mean"),
        ({"vector_size": 0}, "vector_size is 0; give a whole number from 1"),
        ({"subsample": 2.0}, "subsample is 2.0"),
        ({"learning_rate": 1e-5}, "last_learning_rate is 0.0001; give at most 1e-05"),
        ({"min_count": 100_000}, "no word of the text occurs 100,000 times"),
        ({"momentum": 0.5}, "unknown option 'momentum'"),
    ],
)
def test_options_that_cannot_work(file, tmp_path, options, said):
    with pytest.raises(InputError) as error:
        elman.train("embed", file, out=tmp_path / "run", **{**TINY, **options})
    assert said in str(error.value)
    assert not (tmp_path / "run").exists()


def test_one_word_alone_teaches_nothing(tmp_path):
    (tmp_path / "one.txt").write_text("word word word\n")
    with pytest.raises(InputError, match="only 'word' occurs 1 times"):
        elman.train("embed", tmp_path / "one.txt", out=tmp_path / "run", **TINY)


def test_what_needs_gradients_says_so(file):
    with pytest.raises(
        InputError, match="a search for the learning rate is for tasks that learn by gradients"
    ):
        elman.find_lr("embed", file)
    with pytest.raises(InputError, match="a sweep is for tasks that learn by gradients"):
        elman.sweep("embed", file, grid={"window": [1, 2]})


def test_a_model_of_vectors_from_elsewhere(tmp_path):
    given = Vectors(("<unk>", "king", "queen"), np.eye(3, dtype=np.float32))
    write_vectors(tmp_path / "v.bin", given, binary=True)
    model = EmbedModel.of(read_vectors(tmp_path / "v.bin"))
    assert model.words == ("king", "queen")
    np.testing.assert_array_equal(model.to_vectors().matrix, given.matrix[1:])


def test_vectors_as_a_picture_as_files_and_back(run, tmp_path, capfd):
    where = {name: str(tmp_path / name) for name in ("words.png", "v.txt", "v.bin", "model.safetensors")}
    arguments = ["--plot", where["words.png"], "--text", where["v.txt"], "--binary", where["v.bin"]]
    assert main(["vectors", str(run), *arguments]) == 0
    assert capfd.readouterr().out.split() == list(where.values())[:3]
    assert (tmp_path / "words.png").read_bytes().startswith(b"\x89PNG")
    ours = elman.load(run).to_vectors()
    for name, binary in (("v.txt", False), ("v.bin", True)):
        theirs = KeyedVectors.load_word2vec_format(where[name], binary=binary)
        assert tuple(theirs.index_to_key) == ours.words
        np.testing.assert_array_equal(theirs.vectors, ours.matrix)
    assert main(["vectors", where["v.bin"], "--model", where["model.safetensors"]]) == 0
    assert elman.load(where["model.safetensors"]).nearest("a1") == elman.load(run).nearest("a1")
    assert main(["vectors", str(run)]) == 2
    assert "nothing to do" in capfd.readouterr().err
    assert main(["vectors", str(run), "nobody", "--plot", where["words.png"]]) == 2
    assert "'nobody' is not one of the 23 words" in capfd.readouterr().err


def test_the_picture_is_of_the_directions_of_most_difference():
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((30, 5)).astype(np.float32) * [5, 0.1, 3, 0.2, 0.3]
    places = principal_components(matrix)
    values, axes = np.linalg.eigh(np.cov(matrix.T))
    expected = (matrix - matrix.mean(0)) @ axes[:, ::-1][:, :2]
    np.testing.assert_allclose(np.abs(places), np.abs(expected), atol=1e-5)
    np.testing.assert_allclose(places.var(axis=0, ddof=1), values[::-1][:2], rtol=1e-5)
    assert principal_components(matrix[:, :1]).shape == (30, 2)


def test_a_line_of_a_megabyte_and_empty_lines(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("one two three four " * 60_000 + "\n\n\nfive\n", encoding="utf-8")
    model = elman.train("embed", path, out=tmp_path / "run", epochs=1, **TINY)
    assert set(model.words) == {"one", "two", "three", "four", "five"}


def test_mixed_encodings_are_refused_with_their_place(tmp_path):
    path = tmp_path / "mixed.txt"
    path.write_bytes("für\n".encode() + "für\n".encode("latin-1"))
    with pytest.raises(InputError, match="byte 0xfc at offset 6 is not UTF-8"):
        elman.train("embed", path, out=tmp_path / "run", **TINY)
