"""Figures written, read back, replaced, and kept apart from those of another machine."""

import pytest

from elman.bench.outcome import Outcome
from elman.bench.record import Record
from elman.core.errors import InputError

MACHINE = {"processor": "abacus", "manner": "by hand"}


def outcome(name: str, seconds: float = 1.0) -> Outcome:
    return Outcome(
        name, "what", "them", 1.0, mine=[seconds], theirs=[2.0], flop=[1.0, 1.0], peak=[3.0], threads=[1, 2]
    )


def test_a_record_is_read_back_as_it_was():
    record = Record(MACHINE, [outcome("lstm"), outcome("memory")])
    assert Record.from_json(record.to_json()) == record


def test_an_outcome_takes_the_place_of_an_earlier_one_in_the_order_of_the_cases():
    record = Record(MACHINE)
    for added in (outcome("memory"), outcome("lstm"), outcome("gru"), outcome("lstm", 5.0)):
        record.add(added)
    assert record.outcomes == [outcome("lstm", 5.0), outcome("gru"), outcome("memory")]


def test_a_file_is_continued_on_the_same_machine_alone(tmp_path):
    path = tmp_path / "layers.json"
    assert Record.continued(path, MACHINE) == Record.continued(None, MACHINE) == Record(MACHINE)
    path.write_text(Record(MACHINE, [outcome("lstm"), outcome("of old")]).to_json())
    assert Record.continued(path, MACHINE).outcomes == [outcome("lstm")]
    with pytest.raises(InputError, match="holds figures of another processor, abacus"):
        Record.continued(path, {**MACHINE, "processor": "slide rule"})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"machine": {}, "outcomes": [{"name": "lstm"}]}'])
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "layers.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"layers.json: not a record of elman bench"):
        Record.continued(path, MACHINE)
