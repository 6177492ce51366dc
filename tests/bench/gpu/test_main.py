"""The one command: what it refuses, writes, and returns."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch

from elman.bench.gpu import __main__ as command
from elman.bench.gpu.verdict import Verdict
from elman.bench.outcome import Outcome
from elman.bench.record import Record

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
NEEDED = {re.match(r"[A-Za-z0-9]+", one)[0] for one in PROJECT["dependencies"]}
REST = {{"pyyaml": "yaml"}.get(name, name) for name in NEEDED} - {"torch", "numpy", "llvmlite"}
without_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


def test_nothing_is_needed_but_torch_triton_numpy_and_llvmlite():
    script = (
        "import sys\n"
        "class Bare:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {sorted(REST)}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Bare())\n"
        "import elman.bench.gpu.__main__, elman.bench.gpu.worker\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@without_gpu
def test_a_machine_without_a_gpu_is_told_so(tmp_path, capsys):
    assert command.main(["--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("elman: the check of a GPU needs a CUDA device, and torch ")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def pretended(monkeypatch):
    """A GPU whose checks pass, and whose cases take a second."""
    monkeypatch.setattr(command, "require_cuda", lambda what: None)
    monkeypatch.setattr(command, "checks", lambda: ["graph", "LSTM tf32"])
    monkeypatch.setattr(command, "run", lambda name, pool, seed: Verdict(name, seed, 0.5))
    monkeypatch.setattr(command.Pool, "ask", lambda pool, request: {"processor": "abacus"})

    def measured(case, plan, pool):
        return Outcome(case.name, case.what, case.against, case.goal, mine=[1.0], theirs=[2.0])

    monkeypatch.setattr(command, "measure", measured)
    return monkeypatch


def test_what_is_found_is_printed_and_written(pretended, tmp_path, capsys):
    assert command.main(["--out", str(tmp_path), "--seed", "3"]) == 0
    printed = capsys.readouterr().out
    assert "2 of 2 checks passed, seed 3" in printed
    for name in ("check.md", "layers.md"):
        assert (tmp_path / name).read_text("utf-8") in printed
    assert [one["name"] for one in json.loads((tmp_path / "check.json").read_text())] == [
        "graph",
        "LSTM tf32",
    ]
    record = Record.from_json((tmp_path / "layers.json").read_text("utf-8"))
    assert [outcome.name for outcome in record.outcomes] == [case.name for case in command.GPU_CASES]
    assert record.machine == {"processor": "abacus", "manner": "7 rounds of 0.05 s"}


def test_a_failure_makes_the_command_fail_and_the_rest_goes_on(pretended, tmp_path, capsys):
    pretended.setattr(command, "run", lambda name, pool, seed: Verdict(name, failures=["wrong"]))
    assert command.main(["--out", str(tmp_path), "--only", "LSTM *"]) == 1
    printed = capsys.readouterr().out
    assert "- LSTM tf32: wrong" in printed
    assert "0 of 1 checks passed" in printed
    assert not (tmp_path / "layers.json").exists()


def test_a_case_that_cannot_be_measured_makes_the_command_fail(pretended, tmp_path, capsys):
    def failing(case, plan, pool):
        return Outcome(case.name, case.what, case.against, case.goal, failure="out of time")

    pretended.setattr(command, "measure", failing)
    assert command.main(["--out", str(tmp_path)]) == 1
    assert "not measured: out of time" in capsys.readouterr().out
