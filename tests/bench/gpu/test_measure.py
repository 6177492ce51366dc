"""Cases of a GPU: what they compare, and what becomes of a process's figures."""

from collections import Counter
from dataclasses import asdict, replace

import pytest
import torch

from elman.bench.cases import CASES, select
from elman.bench.gpu import contest
from elman.bench.gpu.cases import EAGER, GPU_CASES, LIMIT, LOOPED
from elman.bench.gpu.measure import measure
from elman.bench.gpu.sides import SIDES, ready
from elman.bench.jobs import TORCH_LAYERS, Job
from elman.bench.loops import LOOPS
from elman.bench.measure import Plan, differing
from elman.bench.process import WorkerError
from elman.bench.record import Record
from elman.bench.report import markdown
from elman.cells import CELLS, NAMES
from elman.core.errors import InputError
from elman.run.gpu.steps import StepPlan

KNOWN = {case.name: case for case in GPU_CASES}
LSTM, OTHER = KNOWN["lstm-b16-h768-training-bf16"], KNOWN["lstm-b16-h768-training-fp16"]
DIGEST = {"output": [1.0, 0.5]}
FIGURES = {
    "mine": [0.010, 0.012, 0.011],
    "theirs": [0.022, 0.020, 0.030],
    "digests": [DIGEST, DIGEST],
    "told": [],
    "peak": 7e14,
    "plan": "one launch",
}


class _Pool:
    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def ask(self, request, **given):
        self.asked.append((request, given))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def tiny(job: Job) -> Job:
    return replace(job, steps=3, batch=2, inputs=4, hidden=5, dtype="float32", device="cpu")


def test_names_are_given_once():
    assert max(Counter(case.name for case in (*CASES, *GPU_CASES)).values()) == 1


@pytest.mark.parametrize("case", GPU_CASES, ids=lambda case: case.name)
def test_a_case_can_be_measured(case):
    assert case.mine.side == "elman"
    assert case.theirs.side in SIDES
    assert {case.mine.cell, case.theirs.cell} <= {*CELLS, *TORCH_LAYERS}
    assert case.mine.device == case.theirs.device == "cuda"
    assert case.measure in ("speed", "memory")
    assert case.same is (
        case.mine.dtype == case.theirs.dtype and case.against in SIDES and case.against != LIMIT
    )


def test_each_cell_has_a_loop():
    assert set(LOOPED) == set(LOOPS)
    loops = {case.mine.cell: case.against for case in GPU_CASES if case.name.startswith("loop-")}
    assert list(loops) == list(NAMES)
    assert loops["rhn"] == EAGER
    assert loops["sru"] == "torch loop"


def test_cases_of_a_gpu_are_chosen_among_themselves():
    assert select(("lstm-b16*memory",), True, GPU_CASES)[0].mine.steps == 128
    with pytest.raises(InputError, match="no case is called 'lstm'; there are lstm-b16-h768-training-bf16, "):
        select(("lstm",), False, GPU_CASES)


def test_figures_make_an_outcome_with_its_plan():
    pool = _Pool(FIGURES)
    outcome = measure(LSTM, Plan(1), pool)
    assert not outcome.failure
    assert outcome.ratio.middle == 2.0
    assert outcome.reached
    assert outcome.speed == LSTM.mine.flop / 0.011
    (request, given) = pool.asked[0]
    assert (request, given["same"], given["theirs"]["side"]) == ("speed", True, "torch.nn")
    lines = markdown(Record({"processor": "abacus"}, [outcome])).splitlines()
    assert lines[4].endswith("|  | plan |")
    assert lines[6].endswith("| ≥ 1.50 | ✓ | one launch |")


@pytest.mark.parametrize(
    ("case", "changed", "failure"),
    [
        (LSTM, {"digests": [DIGEST, {"output": [1.0, 0.7]}]}, "both sides do not compute the same output"),
        (LSTM, {"told": ["kernels of lstm: no", "more"]}, "kernels of lstm: no; more"),
        (OTHER, {"digests": []}, ""),
    ],
)
def test_what_was_not_measured_says_why(case, changed, failure):
    assert measure(case, Plan(1), _Pool({**FIGURES, **changed})).failure == failure


def test_a_process_that_fails_is_told():
    assert measure(LSTM, Plan(1), _Pool(WorkerError("out of time"))).failure == "out of time"


def test_memory_is_compared_once():
    outcome = measure(
        KNOWN["lstm-b16-h768-memory"], Plan(1), _Pool({**FIGURES, "mine": [1e6], "theirs": [2e6]})
    )
    assert (outcome.unit, outcome.ratio.middle, outcome.speed) == ("B", 2.0, None)


def test_both_sides_take_turns_and_what_ran_is_told(interpreted, monkeypatch):
    turns = []
    monkeypatch.setattr(contest, "timed", lambda run, repeats: turns.append(run()) or 0.01)
    monkeypatch.setattr(contest, "_peak", lambda dtype: 1e9)
    job = tiny(Job("RNN"))
    found = contest.speed(asdict(job), asdict(job.by("torch.nn")), rounds=2, seconds=0.02, same=True)
    assert found["mine"] == found["theirs"] == [0.01, 0.01]
    assert differing(*found["digests"], 1e-5) == []
    assert found["digests"][0].keys() == {
        "output",
        "x",
        "weight_ih_l0",
        "weight_hh_l0",
        "bias_ih_l0",
        "bias_hh_l0",
    }
    assert found["plan"] == StepPlan.name
    assert found["told"] == []
    assert len(turns) == 2 * 3 + 2 * 2


@pytest.mark.parametrize("side", ["torch loop", EAGER])
def test_loops_compute_what_elman_does(side):
    job = tiny(Job("peephole_lstm"))
    mine, theirs = ready(job).numbers(), ready(job.by(side)).numbers()
    for name, value in mine.items():
        torch.testing.assert_close(value, theirs[name], rtol=1e-5, atol=1e-5, msg=name)


@pytest.mark.parametrize("kind", ["forward", "training"])
def test_the_limit_of_a_scan_can_be_run(kind):
    assert ready(tiny(Job("min_gru", kind, LIMIT))).run() is None
