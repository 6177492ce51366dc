"""The page of figures shows what was measured, and nothing else."""

from pathlib import Path

import pytest

from elman.bench.cases import CASES
from elman.bench.record import Record
from elman.bench.report import markdown

FOLDER = Path(__file__).parents[2] / "benchmarks"
FIGURES = FOLDER / "layers.json"
pytestmark = pytest.mark.skipif(not FIGURES.exists(), reason="no figures are recorded yet")


@pytest.fixture(scope="module")
def record() -> Record:
    return Record.from_json(FIGURES.read_text("utf-8"))


def test_the_tables_are_those_of_the_recorded_rounds(record):
    assert markdown(record) in (FOLDER / "README.md").read_text("utf-8")


def test_every_case_is_there_with_its_goal(record):
    recorded = [(outcome.name, outcome.goal, outcome.share_goal) for outcome in record.outcomes]
    assert recorded == [(case.name, case.goal, case.share) for case in CASES]


def test_every_round_is_recorded(record):
    for outcome in record.outcomes:
        assert outcome.failure or outcome.parts or len(outcome.mine) == len(outcome.theirs) >= 7
