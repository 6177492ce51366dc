"""Blanks: filled from both sides, by no direction that sees the symbol."""

import json
from itertools import product

import numpy as np
import pytest
import torch

import elman
from elman.cli.main import main
from elman.core.errors import InputError
from elman.data.vocabulary import EOS, UNKNOWN, Vocabulary
from elman.tasks.blank import model as blank_model
from elman.tasks.blank import predict
from elman.tasks.blank.config import BlankConfig, PredictOptions
from elman.tasks.blank.data import BlankBatches, BlankData
from elman.tasks.blank.model import BlankModel

SMALL = {"hidden_size": 12, "layers": 2, "embedding_size": 5, "dropout": 0.0}
# What stands in the middle is known from both sides together, and from neither alone.
MIDDLE = {("a", "c"): "x", ("a", "d"): "y", ("b", "c"): "y", ("b", "d"): "x"}
LINES = [f"{left}{MIDDLE[left, right]}{right}" for left, right in product("ab", "cd")]


def fresh(text="abcdefgh \n", **options):
    torch.manual_seed(0)
    config = BlankConfig(**{**SMALL, **options})
    return BlankModel(config, Vocabulary.of(text, config.level, config.vocabulary_size)).eval()


def one_by_one(model, ids):
    """ln p of every symbol of a line, each asked for alone: (T, V)."""
    rows = []
    for t in range(len(ids)):
        before, after = [EOS, *ids[:t]], [EOS, *ids[:t:-1]]
        with torch.no_grad():
            scores = model(torch.tensor(before)[:, None], torch.tensor(after)[:, None])
        rows.append(scores[0].double().log_softmax(-1))
    return torch.stack(rows)


def batch_of(model, texts):
    lines = [model.vocabulary.encode(text) for text in texts]
    (batch,) = BlankBatches(lines, len(lines)).epoch(0)
    return batch


@pytest.mark.parametrize("cell", ["lstm", "gru", "min_gru"])
def test_all_symbols_at_once_are_those_one_by_one(cell):
    model = fresh(cell=cell)
    texts = ["a", "bad", "cab fed a head", "h"]
    batch = batch_of(model, texts)
    with torch.no_grad():
        log_p = model.projection(model.hidden(batch)).double().log_softmax(-1)
        nats, _ = model.loss(batch)
    total = 0.0
    for b in range(len(texts)):
        length = int(batch.lengths[b])
        ids = batch.targets[:length, b].tolist()
        alone = one_by_one(model, ids)
        assert torch.allclose(log_p[:length, b], alone, atol=1e-5)
        total -= float(alone[range(length), ids].sum())
    assert float(nats) == pytest.approx(total, rel=1e-5)
    assert batch.symbols == sum(map(len, texts))


def test_what_is_read_in_windows_is_as_if_read_at_once(monkeypatch):
    model = fresh()
    before, after = torch.randint(2, 9, (17, 3)), torch.randint(2, 9, (5, 3))
    with torch.no_grad():
        at_once = model(before, after)
        monkeypatch.setattr(blank_model, "_WINDOW", 4)
        assert torch.allclose(model(before, after), at_once, atol=1e-6)


def test_a_line_of_a_megabyte_is_filled_or_refused_in_few_words():
    model = fresh()
    found = model_predictions(model, ["abc ____" + "bad cab " * 125_000])
    assert len(found[0].blanks) == 1
    with pytest.raises(InputError, match="no blank in 'abcabc") as refused:
        model_predictions(model, ["abc" * 350_000])
    assert len(str(refused.value)) < 200


def model_predictions(model, texts):
    return list(predict.predictions(model, texts, PredictOptions()))


def test_no_symbol_is_seen_where_it_is_predicted_and_is_everywhere_else():
    model = fresh()
    with torch.no_grad():
        before, after = (model.hidden(batch_of(model, [text]))[:, 0] for text in ("bad cab", "bah cab"))
    same = [torch.equal(one, other) for one, other in zip(before, after, strict=True)][:7]
    assert same == [False, False, True, False, False, False, False]


def test_the_score_is_counted_by_hand(tmp_path):
    model = fresh()
    path = tmp_path / "lines.txt"
    texts = ["bad cab", "fed", "a", "head of a cab hge"]
    path.write_text("\n\n".join(texts))
    score = predict.evaluate_file(model, path)
    nats, first, among_five = 0.0, 0, 0
    for text in texts:
        ids = model.vocabulary.encode(text).tolist()
        for log_p, symbol in zip(one_by_one(model, ids), ids, strict=True):
            rank = log_p.argsort(descending=True).tolist().index(symbol)
            nats, first, among_five = (
                nats - float(log_p[symbol]),
                first + (rank == 0),
                among_five + (rank < 5),
            )
    assert score.symbols == sum(map(len, texts))
    assert (score.first, score.among_five) == (first, among_five)
    figures = score.to_dict()
    assert figures["nats_per_symbol"] == pytest.approx(nats / score.symbols, rel=1e-5)
    assert figures["accuracy"] == first / score.symbols
    assert figures["top_5_accuracy"] == among_five / score.symbols
    assert f"{among_five / score.symbols:.1%} within five guesses" in score.describe()


def test_a_model_of_equal_scores_has_guessed_nothing():
    model = fresh()
    with torch.no_grad():
        for weight in model.projection.parameters():
            weight.zero_()
    lines = [model.vocabulary.encode("bad cab")]
    score = predict._score(model, BlankBatches(lines, 1))
    assert (score.first, score.among_five) == (0, 0)
    assert score.to_dict()["perplexity"] == pytest.approx(len(model.vocabulary))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("blank")
    random = np.random.default_rng(0)
    (folder / "lines.txt").write_text("\n".join(LINES[i] for i in random.integers(4, size=600)))
    options = {"hidden_size": 16, "layers": 1, "embedding_size": 8, "dropout": 0.0, "batch_size": 32}
    elman.train("blank", folder / "lines.txt", out=folder / "run", epochs=6, learning_rate=0.03, **options)
    return folder / "run"


def test_what_both_sides_tell_together_is_learned(run):
    model = elman.load(run)
    asked = [f"{left}____{right}" for left, right in MIDDLE]
    found = list(predict.predictions(model, asked, PredictOptions(top=2)))
    assert [one.filled for one in found] == LINES
    for one, middle in zip(found, MIDDLE.values(), strict=True):
        ((likeliest, next_likeliest),) = one.blanks
        assert likeliest.text == middle
        assert likeliest.probability > 0.75
        assert next_likeliest.probability < 0.25


def test_it_answers_on_the_command_line(run, capsys):
    assert main(["predict", str(run), "a____c", "--top", "1", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["prediction"]["text"] == "axc"
    ((filling,),) = said["prediction"]["blanks"]
    assert filling["text"] == "x"
    assert main(["predict", str(run), "b____c"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "byc"
    assert second.split()[0] == "y"
    assert main(["evaluate", str(run), str(run.parent / "lines.txt")]) == 0
    assert "of 1,800 blanks filled right" in capsys.readouterr().out


def test_blanks_are_filled_from_the_left_the_others_passed_over():
    model = fresh()
    (found,) = predict.predictions(model, ["b____d c____b"], PredictOptions(top=4))
    ids = model.vocabulary.encode
    for before, after, fillings in (
        ("b", "d cb", found.blanks[0]),
        (f"b{found.blanks[0][0].text}d c", "b", found.blanks[1]),
    ):
        place = len(before)
        scores = one_by_one(model, [*ids(before).tolist(), EOS, *ids(after).tolist()])[place]
        scores[[UNKNOWN, EOS]] = -torch.inf
        probabilities, order = scores.softmax(-1).sort(descending=True)
        assert [f.text for f in fillings] == [model.vocabulary.decode([i]) for i in order[:4].tolist()]
        assert [f.probability for f in fillings] == pytest.approx(probabilities[:4].tolist(), rel=1e-4)
    assert found.filled == f"b{found.blanks[0][0].text}d c{found.blanks[1][0].text}b"


@pytest.mark.parametrize("level", ["word", "subword"])
def test_words_and_subwords_fill_a_blank_with_the_blanks_around_it(level):
    text = "the cat sat on the mat\n" * 9
    model = fresh(text, level=level, embedding_size=12, vocabulary_size=None if level == "word" else 300)
    wanted = model.vocabulary.encode("cat" if level == "word" else " cat")
    assert len(wanted) == 1
    with torch.no_grad():
        model.projection.bias[int(wanted[0])] = 50.0
    (found,) = predict.predictions(model, ["the ____ sat on the ____"], PredictOptions())
    assert found.filled == "the cat sat on the cat"
    assert found.text().splitlines()[0] == "the cat sat on the cat"
    assert [line.split()[:2] for line in found.text().splitlines()[1:]] == [["cat", "1.000"]] * 2


def test_bytes_that_are_no_character_fill_no_blank():
    model = fresh("中国 中国", level="subword", embedding_size=12, vocabulary_size=270)
    (found,) = predict.predictions(model, ["中____"], PredictOptions(top=1000))
    texts = [filling.text for filling in found.blanks[0]]
    assert "国" in texts
    assert len(texts) == len(model.vocabulary) - 2 - 128 - sum(
        "\ufffd" in model.vocabulary.decode([i]) for i in range(258, len(model.vocabulary))
    )


def test_a_text_without_a_blank_is_refused():
    with pytest.raises(InputError, match=r"no blank in 'snake_case': write ____"):
        list(predict.predictions(fresh(), ["snake_case"], PredictOptions()))
    with pytest.raises(InputError, match="top is 0"):
        PredictOptions(top=0).validate()


def test_lines_that_are_long_are_cut_and_empty_ones_left_out(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("abcdefgh\n\nabc\n" * 40)
    data = BlankData.read(path, BlankConfig(sequence_length=5, batch_size=7), seed=1)
    lengths = sorted(int(n) for batch in data.train.epoch(0) for n in batch.lengths)
    assert set(lengths) == {3, 5}
    assert sum(batch.symbols for batch in data.validation.epoch(0)) == sum(map(len, data.held_out))


def test_a_part_without_a_line_is_refused(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("ab" * 50 + "\n" * 20)
    with pytest.raises(InputError, match="the part that validates has no line with a character in it"):
        BlankData.read(path, BlankConfig(), seed=1)


@pytest.mark.parametrize("wrong", [{"sequence_length": 0}, {"hidden_size": 0}, {"level": "letter"}])
def test_wrong_options_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        BlankConfig(**wrong).validate()


def test_the_commands_of_language_models_say_whom_to_ask(run, capsys):
    for command in (["score", str(run), "ab"], ["sample", str(run)]):
        assert main(command) == 2
        assert f"is a model of blank, which writes no text: ask it by elman predict {run}" in (
            capsys.readouterr().err
        )


def test_what_a_fresh_model_shows_are_held_out_lines(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(LINES * 20))
    data = BlankData.read(path, BlankConfig(**SMALL), seed=1)
    heading, *pairs = predict.demonstrate(
        BlankModel(BlankConfig(**SMALL), data.vocabulary), data, 1
    ).splitlines()
    assert heading == "Blanks in held-out lines:"
    assert len(pairs) == 6
    assert all(line.count("____") == 1 for line in pairs[::2])
