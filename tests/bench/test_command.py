"""`elman bench layers`: its options, what it refuses, and what it writes."""

import subprocess
import sys

import pytest
import torch

from elman.bench.outcome import Outcome
from elman.bench.record import Record
from elman.bench.report import markdown
from elman.cli.main import main

QUICK = ["bench", "layers", "--quick", "--only", "single-forward"]


def test_a_quick_run_prints_draws_and_writes(tmp_path, capsys):
    assert main([*QUICK, "--json", str(tmp_path / "a.json"), "--picture", str(tmp_path / "a.png")]) == 0
    printed = capsys.readouterr()
    assert "LSTM B=1 H=256 forward" in printed.out
    assert "manner: quickly, sequences 8 times shorter" in printed.out
    assert printed.err.startswith("1/1 single-forward: ")
    record = Record.from_json((tmp_path / "a.json").read_text())
    assert "processor" in record.machine
    assert len(record.outcomes[0].mine) == 3
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_markdown_is_printed_alone(tmp_path, capsys):
    assert main([*QUICK, "--threads", "1", "--markdown", "--json", str(tmp_path / "a.json")]) == 0
    record = Record.from_json((tmp_path / "a.json").read_text())
    assert capsys.readouterr().out == markdown(record)
    assert record.outcomes[0].threads == [1, 1]


def test_a_file_is_filled_case_by_case_and_gone_on_with(tmp_path, capsys, monkeypatch):
    def measured(case, plan):
        if case.name == "busy":
            raise KeyboardInterrupt
        return Outcome(case.name, case.what, case.against, case.goal, mine=[1.0], theirs=[2.0])

    monkeypatch.setattr("elman.cli.bench.measure", measured)
    options = ["bench", "layers", "--json", str(tmp_path / "a.json"), "--only"]
    assert main([*options, "memory", "busy"]) == 130
    assert main([*options, "lstm", "memory"]) == 0
    record = Record.from_json((tmp_path / "a.json").read_text())
    assert [outcome.name for outcome in record.outcomes] == ["lstm", "memory"]
    assert main([*options, "lstm", "--rounds", "8"]) == 2
    assert "holds figures of another manner, 7 rounds" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only", "abacus"], "no case is called 'abacus'; there are lstm-forward, "),
        (["--threads", "0"], "--threads is 0; give a whole number from 1 to "),
        (["--rounds", "6"], "--rounds is 6; give a whole number from 7 to 1,000"),
        (["--json", "missing/file.json"], "missing: no such folder"),
        (["--picture", "missing/file.png"], "missing: no such folder"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_measured(capsys, options, message):
    assert main(["bench", "layers", *options]) == 2
    assert capsys.readouterr().err.startswith(f"elman: {message}")


def test_a_picture_without_matplotlib_is_refused(capsys, monkeypatch):
    monkeypatch.setattr("elman.cli.bench.find_spec", lambda name: None)
    assert main(["bench", "layers", "--picture", "a.png"]) == 2
    assert capsys.readouterr().err == "elman: --picture needs matplotlib: pip install matplotlib\n"


def test_a_case_that_fails_makes_the_command_fail(capsys, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert main(["bench", "layers", "--only", "sru-compile", "peephole-compile", "--quick"]) == 2
    assert main(["bench", "layers", "--only", "peephole-compile", "--quick"]) == 1
    assert "not measured: needs a C++ compiler" in capsys.readouterr().out


def test_help_names_the_cases_and_loads_no_torch():
    script = (
        "import sys\nfrom elman.cli.main import main\n"
        "try:\n    main(['bench', '--help'])\nexcept SystemExit:\n    pass\n"
        "sys.exit(bool({'torch', 'lightning', 'matplotlib', 'llvmlite'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.returncode == 0
    assert "reset-before-per-operation" in result.stdout


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused(capsys):
    assert main(["bench", "layers", "--device", "cuda", "--quick"]) == 2
    assert capsys.readouterr().err.startswith("elman: --device cuda needs a CUDA device, and torch ")


def test_the_cases_of_a_gpu_are_others(capsys):
    assert main(["bench", "layers", "--device", "cuda", "--only", "sampling"]) == 2
    assert "no case is called 'sampling'; there are lstm-b16-h768-training-bf16" in capsys.readouterr().err
