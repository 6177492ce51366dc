"""`elman show`: what it prints, and what it refuses. (What is printed is true: tests/core/test_show.py.)"""

import pytest

from elman.cells import NAMES, find
from elman.cli.main import main
from elman.core.show import show, show_paths
from elman.emit.show import Loop, show_kernel, show_triton
from elman.emit.target import TARGETS
from elman.emit.triton.chip import Chip
from elman.run.library import host_target


def test_a_cell(capsys: pytest.CaptureFixture[str]):
    assert main(["show", "lstm"]) == 0
    printed = capsys.readouterr().out
    assert printed == show(find("lstm"))
    assert "  δo_t = δh_t * tanh(c_t) * o_t * (1 - o_t)\n" in printed


def test_hyper_parameters(capsys: pytest.CaptureFixture[str]):
    assert main(["show", "simple(f=relu)"]) == 0
    assert "  δa_t = δh_t * [a_t > 0]\n" in capsys.readouterr().out


def test_latex(capsys: pytest.CaptureFixture[str]):
    assert main(["show", "gru", "--latex"]) == 0
    printed = capsys.readouterr().out
    assert printed == show(find("gru"), "latex")
    assert r"\[ h_{t} = z_{t} \circ h_{t-1} + (1 - z_{t}) \circ n_{t} \]" in printed


def test_paths(capsys: pytest.CaptureFixture[str]):
    assert main(["show", "simple", "--layers", "2", "--paths", "1"]) == 0
    printed = capsys.readouterr().out
    assert printed == show_paths(find("simple"), layers=2, steps=1)
    assert "Layer 1: 3 paths to θ = W1, U1, b1." in printed


def test_paths_as_latex(capsys: pytest.CaptureFixture[str]):
    assert main(["show", "lstm", "--paths", "0", "--latex"]) == 0
    factors = r"\frac{\partial E_{t}}{\partial h_{t}} \, \frac{\partial^{+} h_{t}}{\partial \theta}"
    assert rf"\[ {factors} \]" in capsys.readouterr().out


def test_a_kernel(capsys: pytest.CaptureFixture[str]):
    assert main(["show", "gru", "--kernel"]) == 0
    assert capsys.readouterr().out == show_kernel(find("gru"), host_target())
    chosen = ["--target", "neon", "--dtype", "float64", "--pass", "backward"]
    assert main(["show", "gru", "--kernel", *chosen]) == 0
    assert capsys.readouterr().out == show_kernel(find("gru"), TARGETS["neon"], "float64", "backward")


def test_a_kernel_of_a_gpu_of_some_size(capsys: pytest.CaptureFixture[str]):
    chosen = [
        "--hidden-size",
        "32",
        "--batch-size",
        "8",
        "--steps",
        "9",
        "--processors",
        "2",
        "--shared",
        "64",
    ]
    assert main(["show", "gru", "--kernel", "--target", "triton", *chosen]) == 0
    loop = Loop(32, 8, 9, Chip(2, 64 << 10))
    shown = capsys.readouterr().out
    assert shown == show_triton(find("gru"), loop=loop)
    assert "  8 sequences, 32 units, 9 steps, on 2 multiprocessors with 64 KiB of shared memory\n" in shown


def test_without_a_cell_all_are_listed(capsys: pytest.CaptureFixture[str]):
    assert main(["show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(NAMES)
    assert all(len(line.split()) > 3 for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lstn"], "unknown cell 'lstn'; did you mean lstm?"),
        (["rhn(depth=two)"], "depth of rhn must be a whole number, not 'two'"),
        (["lstm", "--layers", "2"], "--layers is for --paths"),
        (["lstm", "--layers", "0", "--paths", "1"], "1 layer and 0 steps at least, not 0 and 1"),
        (["lstm", "--paths", "-1"], "1 layer and 0 steps at least, not 1 and -1"),
        (["--latex"], "show which cell?"),
        (["--kernel"], "show which cell?"),
        (["lstm", "--kernel", "--latex"], "--kernel is shown alone"),
        (["lstm", "--kernel", "--paths", "1"], "--kernel is shown alone"),
        (["lstm", "--dtype", "float64"], "--pass, --target and --dtype are for --kernel"),
        (["lstm", "--kernel", "--batch-size", "3"], "--batch-size is for --target triton"),
        (["lstm", "--kernel", "--target", "triton", "--steps", "0"], "--steps is 1 or more, not 0"),
        (["lstm", "--kernel", "--target", "avx"], "x86-64-v2, neon, triton, not 'avx'"),
    ],
)
def test_what_is_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]):
    assert main(["show", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err


def test_a_cell_that_has_no_equations_left(capsys: pytest.CaptureFixture[str]):
    assert main(["show", "rhn(depth=0)"]) == 1
    assert "the input x of rhn is never used" in capsys.readouterr().err
