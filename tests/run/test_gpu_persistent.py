"""Loops whose matrices stay on the chip, against torch's own operations: programs that wait for one another
run in threads of Triton's interpreter.
"""

import os
import subprocess
import sys

import pytest
import torch

from elman.cells import CELLS, find
from elman.core.errors import InputError
from elman.core.passes import compile_step
from elman.core.transform import with_recurrent_dropout, with_resets
from elman.emit.passes import backward_pass, forward_pass
from elman.emit.triton.chip import H200, SPILLED, shape
from elman.emit.triton.persistent import emit_persistent
from elman.run.gpu import choose, persistent
from elman.run.gpu.kernel import GpuKernel
from elman.run.gpu.persistent import PersistentPlan
from elman.run.layout import Layout
from tests.run.loops import Case, assert_same

pytest.importorskip("triton")
from tests.run.together import together

# numpy tells of what the interpreter computes outside of a tile, which is not stored
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning"),
    pytest.mark.skipif(torch.cuda.is_available(), reason="programs in threads are for the interpreter"),
]
FLOAT64 = torch.float64
RECURRENT = [
    name for name, cell in CELLS.items() if forward_pass(compile_step(cell.step), True).kernel.fused.products
]
SOME = ["gru_reset_before", "projection_lstm"]


def same(case: Case, monkeypatch, tolerance: float = 1e-12, dtype: torch.dtype = FLOAT64) -> list[int]:
    """Outputs and gradients are those of torch's own operations; returns the programs of each launch."""
    with together(monkeypatch) as launched, choose.plan("persistent"):
        loop = case.launched(dtype)
        outputs, gradients = case.outputs(loop), case.gradients(loop)
    assert_same(outputs, case.outputs(case.eager), tolerance)
    assert_same(gradients, case.gradients(case.eager), tolerance)
    return launched


def random(name: str, hidden: int, layout: Layout, dtype: torch.dtype = FLOAT64) -> Case:
    sizes = {"P": 20, "O": 4, "I": 3, "H": hidden}
    return Case.random(compile_step(CELLS[name].step), sizes, layout, dtype)


@pytest.mark.parametrize(
    "name", [name if name in SOME else pytest.param(name, marks=pytest.mark.slow) for name in RECURRENT]
)
def test_programs_that_share_units_compute_what_torch_does(name, monkeypatch):
    assert same(random(name, 34, Layout((3, 2))), monkeypatch) == [3, 3, 3]


@pytest.mark.parametrize(
    "name", ["lstm", *(pytest.param(name, marks=pytest.mark.slow) for name in RECURRENT if name != "lstm")]
)
def test_groups_of_sequences_go_their_own_ways(name, monkeypatch):
    case = random(name, 18, Layout((18, 17, 2, 1), reverse=True))
    assert same(case, monkeypatch) == [4, 4, 4]


@pytest.mark.parametrize("change", [with_recurrent_dropout, with_resets])
def test_masks_are_read(change, monkeypatch):
    program = compile_step(change(CELLS["simple"].step))
    same(Case.random(program, {"I": 3, "H": 18}, Layout((2, 1)), FLOAT64), monkeypatch)


def test_float32_is_as_exact_as_it_can_be(monkeypatch):
    same(random("simple", 70, Layout((2, 2)), torch.float32), monkeypatch, 1e-5, torch.float32)


def test_a_program_that_does_not_come_leaves_nan_and_the_next_loop_says_so(monkeypatch):
    monkeypatch.setattr(persistent, "POLLS", 3)
    case, cpu = random("simple", 34, Layout((3, 2))), torch.device("cpu")
    with together(monkeypatch, missing=[(0, 1)]) as launched, choose.plan("persistent"):
        outputs = case.outputs(case.launched(FLOAT64))
    assert launched == [2]
    output, final, *_ = outputs
    assert output.isnan().all()
    assert final.isnan().all()
    monkeypatch.setattr(persistent, "_LOST", set())
    with pytest.raises(RuntimeError, match="on cpu waited for each other in vain; what it returned is nan"):
        persistent._look(cpu)
    assert {cpu} == persistent._LOST
    persistent._look(cpu)


def test_without_being_asked_for_the_interpreter_takes_steps():
    case = random("simple", 34, Layout((9,) * 9))
    assert_same(case.outputs(case.launched(FLOAT64)), case.outputs(case.eager), 1e-12)


def launch(name: str, way: str = "forward"):
    program = compile_step(find(name).step)
    taken = forward_pass(program, True) if way == "forward" else backward_pass(program)
    (found,) = emit_persistent(taken.kernel, taken.before, "float").launches
    return found


@pytest.mark.parametrize(
    ("name", "hidden", "batch", "itemsize", "expected"),
    [
        ("lstm", 512, 64, 2, (16, 16, 128, 8, 4, 32)),
        ("lstm", 1024, 64, 2, (32, 16, 128, 8, 2, 64)),
        ("lstm", 768, 16, 2, (16, 16, 128, 8, 1, 48)),
        ("simple", 2048, 64, 2, (64, 16, 64, 8, 1, 128)),
        ("simple", 2200, 3, 2, (16, 32, 128, 8, 1, 69)),
        ("lstm", 2048, 64, 2, "its matrices take 256 KiB of each multiprocessor, which has room for 211"),
        ("lstm", 1024, 64, 4, "its matrices take 256 KiB of each multiprocessor, which has room for 211"),
        ("lstm", 512, 1024, 2, "1024 sequences are more than 512, for which there are multiprocessors"),
    ],
)
def test_programs_share_units_and_sequences_as_the_chip_allows(name, hidden, batch, itemsize, expected):
    for way in ("forward", "backward"):
        found = shape(launch(name, way), {"H": hidden, "I": 7}, batch, itemsize, H200)
        assert found == expected
    if not isinstance(expected, str):
        rows, units, *_, groups, blocks = expected
        assert rows * groups >= batch
        assert units * blocks >= hidden
        assert groups * blocks <= H200.processors


@pytest.mark.parametrize(
    ("name", "meetings"),
    [("simple", (1, 1)), ("lstm", (1, 1)), ("gru_reset_before", (2, 2)), ("layer_norm_lstm", (3, 3))],
)
def test_programs_meet_no_more_often_than_they_must(name, meetings):
    assert (launch(name).meetings, launch(name, "backward").meetings) == meetings


def test_a_plan_can_be_asked_for():
    case = random("simple", 5, Layout((2,) * 9))
    loop = case.launched(FLOAT64)
    work = loop._infer._work(loop._infer._trial(torch.device("cpu")), case.layout, case.layout, 9)
    assert [one.kind for one in loop._infer.plans] == ["persistent", "steps"]
    assert loop._infer.plan(work).kind == "steps"
    with choose.plan("persistent"):
        assert loop._infer.plan(work).kind == "persistent"
    with choose.plan("scan"):
        assert loop._infer.plan(work).kind == "steps"
    with (
        pytest.raises(InputError, match="one of persistent, steps, linear, scan, not 'graph'"),
        choose.plan("graph"),
    ):
        pass


def test_a_loop_without_products_has_no_matrices_to_keep():
    program = compile_step(CELLS["sru"].step)
    kernel = GpuKernel(forward_pass(program, True), {"I": 3, "H": 5}, FLOAT64)
    assert not any(isinstance(one, PersistentPlan) for one in kernel.plans)


@pytest.mark.slow
@pytest.mark.parametrize("name", RECURRENT)
def test_matrices_stay_on_a_hopper_and_most_else_in_registers(name):
    environment = {key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"}
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.emit.ahead",
        name,
        "bfloat16",
        "tf32",
        "persistent",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    launches = [line.split() for line in done.stdout.splitlines()]
    assert [line[:2] for line in launches] == [["forward", "loop"], ["backward", "loop"]]
    for way, _, spilled, product, *_ in launches:
        assert int(spilled) <= SPILLED, f"{way} spills {spilled} bytes"
        assert product in ("HMMA", "HGMMA")
