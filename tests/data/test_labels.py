"""Labels and their numbers."""

import pytest

from elman.core.errors import InputError
from elman.data.labels import Labels


def test_labels_are_sorted_and_come_back_from_their_record():
    labels = Labels.of(["b", "a", "b", "é"])
    assert labels.names == ("a", "b", "é")
    assert labels.numbers(["é", "a"]).tolist() == [2, 0]
    assert Labels.from_dict(labels.to_dict()) == labels
    assert "a" in labels
    assert "c" not in labels


def test_one_label_is_refused_and_so_is_one_twice():
    with pytest.raises(InputError, match="'a': there must be at least 2"):
        Labels.of(["a", "a"])
    with pytest.raises(InputError, match="once"):
        Labels(["a", "b", "a"])


def test_a_label_that_training_did_not_see_is_named():
    with pytest.raises(InputError, match="'c' is not one of those trained on: a, b"):
        Labels.of("ab").number("c")


@pytest.mark.parametrize("record", [None, [], {}, {"labels": "ab"}, {"labels": [1, 2]}, {"labels": ["a"]}])
def test_what_is_no_record_is_refused(record):
    with pytest.raises(InputError):
        Labels.from_dict(record)
