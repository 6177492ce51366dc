"""Options: each wrong one is refused by its name, the unknown with the nearest known."""

import math

import pytest

from elman.core.errors import InputError
from elman.tasks import find
from elman.tasks.language.config import LanguageConfig
from elman.tasks.names.config import NamesConfig
from elman.tasks.options import from_record, nearest, require_known


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


@pytest.mark.parametrize("record", [None, [], {"cell": "lstm"}, {**vars(LanguageConfig()), "more": 1}])
def test_records_of_something_else_are_refused(record):
    with pytest.raises(InputError, match="exactly cell, hidden_size"):
        from_record(LanguageConfig, record)
