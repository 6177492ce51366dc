"""Both sides of a case compute the same numbers, or nothing would be compared."""

import pytest
import torch

from elman.bench import sides
from elman.bench.cases import CASES, COMPILED
from elman.bench.jobs import Job
from elman.bench.reading import Reading
from elman.bench.sides import ready
from elman.core.errors import InputError
from elman.run.pairs import multiplies_pairs
from tests.bench.tiny import tiny

SAME = [case for case in CASES if case.same and not case.limit]
RUNS_HERE = {
    "float32": (),
    "bfloat16": pytest.mark.skipif(not multiplies_pairs(), reason="this processor lacks AVX512_BF16"),
}
EAGER = [
    pytest.param(case, marks=RUNS_HERE[case.mine.dtype], id=case.name)
    for case in SAME
    if case.against != COMPILED
]
UNROLLED = [case for case in SAME if case.against == COMPILED]


TOLERANCES = {"float32": 1e-5, "bfloat16": 2**-6}


def assert_same_numbers(case):
    mine, theirs = (ready(tiny(job)).numbers() for job in (case.mine, case.theirs))
    assert mine.keys() == theirs.keys()
    assert {"output"} < mine.keys() or len(mine) == 1
    for name, value in mine.items():
        tolerance = TOLERANCES[case.mine.dtype]
        torch.testing.assert_close(value, theirs[name], rtol=tolerance, atol=tolerance, msg=name)


@pytest.mark.parametrize("case", EAGER)
def test_both_sides_compute_the_same(case):
    assert_same_numbers(case)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", UNROLLED, ids=lambda case: case.name)
def test_a_compiled_loop_computes_the_same(case):
    assert_same_numbers(case)


@pytest.mark.parametrize("case", EAGER)
def test_what_is_measured_is_what_is_compared(case):
    """A training job returns its output and all gradients, a forward job its output alone."""
    work = ready(tiny(case.mine))
    torch.manual_seed(1)
    ran = work.run()
    if case.mine.kind == "sampling":
        assert isinstance(ran, str)
        assert len(ran) == 6
    else:
        assert torch.equal(ran[0], work.numbers()["output"])
        assert (len(ran) > 1) is (case.mine.kind == "training")


@pytest.mark.parametrize("threads", [1, 2])
def test_reading_reads_every_number_as_often_as_it_is_told(threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert Reading(1 << 16, 3)() == 3 * (1 << 16) / 4
        assert Reading(1, 2)() == 2 * Reading(1, 1)() > 0
    finally:
        torch.set_num_threads(before)


def test_bfloat16_is_refused_where_no_kernel_would_run(monkeypatch):
    monkeypatch.setattr(sides, "multiplies_pairs", lambda: False)
    with pytest.raises(InputError, match="AVX512_BF16"):
        ready(Job("LSTM", "forward", dtype="bfloat16"))
