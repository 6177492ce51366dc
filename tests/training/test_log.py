"""The tables of a run: rows that survive what kills the run, and reading them back."""

import subprocess
import sys

import numpy as np
import pytest

from elman.core.errors import InputError
from elman.training.log import PROBE_COLUMNS, STEP_COLUMNS, Probe, Table, is_logged, read_log

RECORD = "model: {hidden_size: 16}\ntraining: {learning_rate: 0.1, epochs: 2}\n"
HEADER = ",".join(STEP_COLUMNS)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.yaml").write_text(RECORD)
    return tmp_path


def row(step, loss=1.0):
    return (step, 0.5 * step, loss, 0.1, 2.0, 1000.0)


def test_what_is_written_is_read(folder):
    with Table(folder / "steps.csv", STEP_COLUMNS, 0) as table:
        table.add(row(1, 4.125), row(2, 3.5))
    with Table(folder / "probes.csv", PROBE_COLUMNS, 0) as table:
        table.add((2, 1, "gradient of h", 4, 0.25), (2, 1, "dead units", None, 0.0))
    (folder / "log.csv").write_text("step,epoch,seconds,learning_rate,train_loss,val_loss\n2,1,1,0.1,3,2.5\n")
    log = read_log(folder)
    assert log.steps["loss"].tolist() == [4.125, 3.5]
    assert log.steps["step"].tolist() == [1, 2]
    assert log.validations["val_loss"].tolist() == [2.5]
    assert log.probes == (Probe(2, 1, "gradient of h", 4, 0.25), Probe(2, 1, "dead units", None, 0.0))
    assert log.options == {"hidden_size": 16, "learning_rate": 0.1, "epochs": 2}


def test_a_run_that_has_logged_nothing_yet_is_empty(folder):
    log = read_log(folder)
    assert all(len(column) == 0 for column in (*log.steps.values(), *log.validations.values()))
    assert log.probes == ()


def test_rows_behind_the_checkpoint_and_a_torn_one_are_cut_on_resuming(folder):
    lines = [HEADER, *(",".join(map(str, row(step))) for step in (1, 2, 3))]
    (folder / "steps.csv").write_text("\n".join(lines) + "\n4,2.0,1.0,0.")
    assert read_log(folder).steps["step"].tolist() == [1, 2, 3]
    with Table(folder / "steps.csv", STEP_COLUMNS, 2) as table:
        table.add(row(3, 9.0))
    assert read_log(folder).steps["step"].tolist() == [1, 2, 3]
    assert read_log(folder).steps["loss"].tolist() == [1.0, 1.0, 9.0]


def test_a_row_outlives_a_process_that_is_killed(folder):
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom elman.training.log import *\n"
        "table = Table(Path(sys.argv[1]), STEP_COLUMNS, 0)\n"
        "table.add((1, 0.5, 4.0, 0.1, 2.0, 10.0))\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    result = subprocess.run([sys.executable, "-c", script, str(folder / "steps.csv")], timeout=60)
    assert result.returncode == -9
    assert read_log(folder).steps["loss"].tolist() == [4.0]


def test_the_first_steps_are_logged_one_by_one_and_a_long_run_has_few_thousand_rows():
    assert all(is_logged(step) for step in range(1, 1025))
    logged = np.array([step for step in range(1, 1_000_001) if is_logged(step)])
    assert len(logged) < 7000
    assert np.all(np.diff(logged) <= np.maximum(1, logged[1:] // 512))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("steps.csv", f"{HEADER}\n1,2\n", r"steps\.csv, line 2: 2 cells, where the log has 6"),
        ("steps.csv", f"{HEADER}\n1,2,x,4,5,6\n", r"steps\.csv: not a log: .*'x'"),
        ("log.csv", "step,epoch\n", r"log\.csv: not a log: it lacks seconds, learning_rate"),
        ("probes.csv", "step,layer,what,k,value\n1,1,dead,one,0\n", r"probes\.csv: not a log of probes"),
        ("config.yaml", "model: [", r"config\.yaml: not the record of a run"),
        ("config.yaml", "task: names", r"config\.yaml: not the record of a run"),
    ],
)
def test_a_damaged_log_is_refused_by_name(folder, name, content, message):
    (folder / name).write_text(content)
    with pytest.raises(InputError, match=message):
        read_log(folder)


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"not a run: it holds no config\.yaml"):
        read_log(tmp_path)


def test_a_full_disk_is_named(folder):
    table = Table(folder / "steps.csv", STEP_COLUMNS, 0)
    table._file.close()
    table._file = open("/dev/full", "ab", buffering=0)  # noqa: SIM115
    with table, pytest.raises(InputError, match=r"steps\.csv: cannot be written: No space left"):
        table.add(row(1))
