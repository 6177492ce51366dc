"""Chat: pairs of turns and answers, context, answers that are drawn and follow from the seed."""

import json
from collections import Counter

import pytest
import torch

import elman
from elman.cli.main import main
from elman.core.errors import InputError
from elman.data.vocabulary import EOS
from elman.tasks.chat.config import ChatConfig, PredictOptions
from elman.tasks.chat.data import ChatData
from elman.tasks.chat.model import ChatModel

COLOURS = ["red", "blue", "green"]
SMALL = {"hidden_size": 16, "embedding_size": 16, "level": "word", "min_count": 1, "dropout": 0.0}
ANSWERS = ("hello", "good day", "hey there")


def write(path):
    """Who says a colour and is asked why speaks of that colour; greetings have three answers."""
    lines = [f"{colour}\twhy\t{colour} is nice" for colour in COLOURS * 10]
    lines += [f"hi\t{answer}" for answer in ANSWERS * 10]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chat")
    file = write(folder / "dialogues.tsv")
    model = elman.train(
        "chat",
        file,
        out=folder / "run",
        **{**SMALL, "hidden_size": 32, "embedding_size": 32},
        batch_size=16,
        epochs=50,
        validate_every=100,
        learning_rate=0.02,
        label_smoothing=0.0,
        validation_file=str(file),
    )
    return model, folder / "run"


def test_each_turn_answers_those_before_it(tmp_path):
    (tmp_path / "a.tsv").write_text("A\tB\tC\tD\n")
    pairs = [ChatData.pairs(tmp_path / "a.tsv", None, ChatConfig(context=context)) for context in (1, 2)]
    assert [(pair.source, pair.target) for pair in pairs[0]] == [("A", "B"), ("B", "C"), ("C", "D")]
    assert [pair.source for pair in pairs[1]] == ["A", "A\tB", "B\tC"]


def test_turns_are_read_with_an_end_behind_each(tmp_path):
    data = ChatData.read(write(tmp_path / "d.tsv"), ChatConfig(**SMALL), seed=1)
    read = data.vocabulary.read("red is nice\twhy")
    assert [i for i, symbol in enumerate(read) if symbol == EOS] == [3, 5]
    assert data.vocabulary.read_symbols("red is\twhy") == ["red", "is", "<eos>", "why", "<eos>"]


def test_an_answer_depends_on_the_turns_before(run):
    model, _ = run
    for colour in COLOURS:
        answer = model.reply(colour, "why", temperature=0.0)
        assert answer.candidates[0].text == f"{colour} is nice"
    many = model.reply(*["blue"] * 50, "red", "why", temperature=0.0)
    assert many.candidates[0].text == "red is nice"


def test_answers_are_drawn_as_they_were_given(run):
    model, _ = run
    found = Counter(
        model.reply("hi", temperature=1.0, top_p=1.0, seed=seed).candidates[0].text for seed in range(40)
    )
    assert set(ANSWERS) <= set(found)
    assert min(found[answer] for answer in ANSWERS) >= 2
    assert sum(found[answer] for answer in ANSWERS) >= 20
    assert model.reply("hi", seed=3).candidates == model.reply("hi", seed=3).candidates


def test_several_answers_differ_and_the_likeliest_is_first(run):
    several = run[0].reply("hi", n_best=3, temperature=1.0, top_p=1.0).candidates
    assert len({one.text for one in several}) == 3
    assert [one.log_prob for one in several] == sorted((one.log_prob for one in several), reverse=True)


def test_the_command_answers_evaluates_and_describes(run, tmp_path, capsys):
    _, folder = run
    assert main(["predict", str(folder), "red\twhy", "--json", "--temperature", "0"]) == 0
    prediction = json.loads(capsys.readouterr().out)["prediction"]
    assert prediction["text"] == "red is nice"
    assert main(["evaluate", str(folder), str(write(tmp_path / "d.tsv")), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["nats_per_symbol"] < 0.8
    assert main(["info", str(folder)]) == 0
    assert "chat" in capsys.readouterr().out


@pytest.mark.parametrize("preference", [-50.0, 50.0])
def test_an_answer_is_never_empty_and_always_ends(tmp_path, preference):
    data = ChatData.read(write(tmp_path / "d.tsv"), ChatConfig(**SMALL), seed=1)
    model = ChatModel(ChatConfig(**SMALL, sequence_length=20), data.vocabulary).eval()
    with torch.no_grad():
        model.projection.bias[EOS] = preference
    for one in model.reply("hi", n_best=2).candidates:
        assert 1 <= len(one.text.split()) <= 20


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"context": 0}, "context is 0"),
        ({"reverse": True}, "leave out target_file and reverse"),
        ({"target_file": "a"}, "leave out target_file and reverse"),
    ],
)
def test_options_that_cannot_work_are_refused(options, said):
    with pytest.raises(InputError, match=said):
        ChatConfig(**options).validate()


def test_a_turn_that_cannot_be_answered_is_refused(run):
    with pytest.raises(InputError, match="a blank text"):
        run[0].reply(" ")
    with pytest.raises(InputError, match="temperature is -1"):
        run[0].reply("hi", temperature=-1.0)
    with pytest.raises(InputError, match="top_p is 0"):
        run[0].reply("hi", top_p=0.0)
    with pytest.raises(InputError, match="seed is -1"):
        PredictOptions(seed=-1).validate()
