"""The page of figures shows what was measured, and nothing else."""

from pathlib import Path

import pytest

from elman.bench.cases import CASES
from elman.bench.gpu.cases import GPU_CASES
from elman.bench.record import Record
from elman.bench.report import markdown

FOLDER = Path(__file__).parents[2] / "benchmarks"
PAGES = [("layers.json", CASES), ("gpu.json", GPU_CASES)]
RECORDED = [pytest.param(name, cases, id=name) for name, cases in PAGES if (FOLDER / name).exists()]
pytestmark = pytest.mark.parametrize(("name", "cases"), RECORDED)


def read(name: str) -> Record:
    return Record.from_json((FOLDER / name).read_text("utf-8"))


def test_the_tables_are_those_of_the_recorded_rounds(name, cases):
    assert markdown(read(name)) in (FOLDER / "README.md").read_text("utf-8")


def test_every_case_is_there_with_its_goal(name, cases):
    recorded = [(outcome.name, outcome.goal, outcome.share_goal) for outcome in read(name).outcomes]
    assert recorded == [(case.name, case.goal, case.share) for case in cases]


def test_every_round_is_recorded(name, cases):
    for outcome in read(name).outcomes:
        rounds = 1 if outcome.unit == "B" and name == "gpu.json" else 7
        assert outcome.failure or outcome.parts or len(outcome.mine) == len(outcome.theirs) >= rounds
