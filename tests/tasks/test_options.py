"""Options: each wrong one is refused by its name, the unknown with the nearest known."""

import math
from dataclasses import dataclass
from typing import Literal

import pytest

from elman.core.errors import InputError
from elman.tasks import find
from elman.tasks.language.config import LanguageConfig
from elman.tasks.names.config import NamesConfig
from elman.tasks.options import from_record, nearest, require_known, updated


@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden_size": 0},
        {"hidden_size": -3},
        {"hidden_size": 10**12},
        {"hidden_size": 2.5},
        {"hidden_size": "256"},
        {"hidden_size": True},
        {"layers": 0},
        {"layers": 10**9},
        {"embedding_size": 0},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"dropout": math.nan},
        {"dropout": "half"},
        {"sequence_length": 0},
        {"batch_size": 0},
        {"input_dropout": 1.0},
        {"output_dropout": -0.1},
        {"embedding_dropout": "some"},
        {"weight_drop": 2},
        {"zoneout": 1.0},
        {"label_smoothing": 1.0},
        {"activation_penalty": -1.0},
        {"temporal_penalty": math.inf},
        {"variational": 1},
        {"tied": "yes"},
        {"cell": 3},
        {"cell": "rhn(depth=0)"},
        {"cell": "rhn(depth=1000000000)"},
    ],
)
@pytest.mark.parametrize("config", [LanguageConfig, NamesConfig])
def test_values_that_cannot_work_are_refused_by_name(config, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        config(**wrong).validate()


def test_an_unknown_cell_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match=r"lstn.*lstm"):
        LanguageConfig(cell="lstn").validate()


def test_the_defaults_are_valid():
    LanguageConfig().validate()
    NamesConfig().validate()


def test_an_unknown_option_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="unknown option 'hiden_size'; did you mean 'hidden_size'"):
        require_known(["layers", "hiden_size"], ["layers", "hidden_size"])


def test_nearest():
    assert nearest("langage", ["names", "language"]) == "language"


def test_an_unknown_task_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="unknown task 'nmaes'; did you mean 'names'"):
        find("nmaes")


def test_a_task_without_data_of_its_own_needs_a_file():
    with pytest.raises(InputError, match="elman train language FILE"):
        find("language").data_file(None)


def test_a_configuration_survives_its_record():
    config = LanguageConfig(cell="gru", dropout=0.25)
    assert from_record(LanguageConfig, vars(config)) == config


@pytest.mark.parametrize("record", [None, [], "cell"])
def test_records_of_something_else_are_refused(record):
    with pytest.raises(InputError, match="options, each with its value"):
        from_record(LanguageConfig, record)


def test_a_record_with_an_option_that_there_is_not_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="unknown option 'weight_dorp'; did you mean 'weight_drop'"):
        from_record(LanguageConfig, {**vars(LanguageConfig()), "weight_dorp": 0.5})


def test_options_that_a_record_lacks_have_their_defaults():
    # what the first model files hold
    record = {
        "cell": "gru",
        "hidden_size": 99,
        "layers": 3,
        "embedding_size": 7,
        "dropout": 0.2,
        "sequence_length": 50,
        "batch_size": 5,
    }
    assert from_record(LanguageConfig, record) == LanguageConfig(**record)
    assert from_record(NamesConfig, record) == NamesConfig(**record)


def test_what_is_left_to_the_level_is_chosen_by_it():
    characters, words = LanguageConfig().resolved(), LanguageConfig(level="word").resolved()
    assert (characters.embedding_size, characters.dropout, characters.tied) == (64, 0.1, False)
    assert (words.embedding_size, words.dropout, words.tied) == (256, 0.4, True)
    assert (characters.output_dropout, words.output_dropout) == (0.1, 0.4)
    assert LanguageConfig(level="word", softmax="adaptive").resolved().tied is False
    given = LanguageConfig(embedding_size=3, dropout=0.0, tied=True, output_dropout=0.25)
    assert given.resolved() == given
    assert NamesConfig().resolved().embedding_size == 32


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"softmax": "adaptive", "tied": True}, "no one matrix to be tied"),
        ({"softmax": "adaptive", "label_smoothing": 0.1}, "label_smoothing needs all probabilities"),
        ({"softmax": "adaptive", "hidden_size": 15}, "hidden_size is 15; .* give 16 at least"),
        ({"softmax": "adaptve"}, "softmax is 'adaptve'; did you mean 'adaptive'"),
        ({"level": "words"}, "level is 'words'; did you mean 'word'"),
        ({"cell": "sru", "weight_drop": 0.5}, "weight_drop has nothing to act on: sru"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        LanguageConfig(**options).validate()


@pytest.mark.parametrize("options", [{"level": "word"}, {"sequence_length": None}])
def test_names_are_read_character_by_character_up_to_a_length(options):
    with pytest.raises(InputError, match=next(iter(options))):
        NamesConfig(**options).validate()


def test_an_option_may_be_one_of_some_words_or_nothing():
    @dataclass(frozen=True)
    class Chosen:
        side: Literal["left", "right"] | None = None

    assert updated(Chosen(), {"side": "left"}, "").side == "left"
    assert updated(Chosen("left"), {"side": None}, "").side is None
    with pytest.raises(InputError, match="side is 'up'; give left or right or nothing"):
        updated(Chosen(), {"side": "up"}, "")
