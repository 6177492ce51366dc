"""A batch that does not fit in memory: made to fail by hand, and by a limit on memory."""

import csv
import errno
import subprocess
import sys

import pytest
import torch

import elman
from elman.core.errors import InputError
from elman.tasks.language.model import LanguageModel
from elman.training.fallback import is_out_of_memory
from elman.training.record import read_record

CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has …")
CPU = RuntimeError("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory")
SAID = "a batch of {} did not fit in memory: going on with {}, gradients of {} summed\n"


def failing(monkeypatch, what, error, when):
    """Makes a method of the model raise an error where a condition on model and batch holds."""
    whole = getattr(LanguageModel, what)

    def fails(model, batch, state=None):
        if when(model, batch):
            raise error
        return whole(model, batch, state)

    monkeypatch.setattr(LanguageModel, what, fails)


@pytest.mark.parametrize("error", [CUDA, CPU, MemoryError(), OSError(errno.ENOMEM, "Cannot allocate memory")])
def test_a_batch_is_halved_until_it_fits_and_the_run_is_that_of_such_a_batch(
    text_file, tiny, tmp_path, monkeypatch, capfd, error
):
    options = {**tiny, "epochs": 1, "dropout": 0.2}
    quarter = {**options, "batch_size": 2, "accumulate": 4}
    asked = elman.train("language", text_file, out=tmp_path / "asked", **quarter)
    capfd.readouterr()
    failing(monkeypatch, "objective", error, lambda model, batch: batch.inputs.shape[1] > 2)
    fallen = elman.train("language", text_file, out=tmp_path / "fallen", **{**options, "batch_size": 8})
    said = capfd.readouterr().err
    assert SAID.format(8, 4, 2) in said
    assert SAID.format(4, 2, 4) in said
    for one, other in zip(asked.parameters(), fallen.parameters(), strict=True):
        assert torch.equal(one, other)
    settings = read_record(tmp_path / "fallen").settings
    assert (settings.config.batch_size, settings.training.accumulate) == (2, 4)
    resumed = elman.train("language", resume=tmp_path / "fallen")
    assert torch.equal(next(resumed.parameters()), next(fallen.parameters()))


def test_validation_that_does_not_fit_halves_the_batch_too(text_file, tiny, tmp_path, monkeypatch, capfd):
    failing(
        monkeypatch, "loss", CUDA, lambda model, batch: model.config.batch_size > 2 and not model.training
    )
    elman.train("language", text_file, out=tmp_path / "run", **{**tiny, "epochs": 1})
    assert SAID.format(4, 2, 2) in capfd.readouterr().err


def test_it_goes_on_from_the_last_checkpoint(text_file, tiny, tmp_path, monkeypatch, capfd):
    calls = []

    def late(model, batch):
        calls.append(batch.inputs.shape[1])
        return len(calls) > 30 and batch.inputs.shape[1] > 2

    failing(monkeypatch, "objective", CUDA, late)
    options = {**tiny, "validate_every": 7, "checkpoint_minutes": 1e-6, "averaging": "ema"}
    elman.train("language", text_file, out=tmp_path / "run", **options)
    rows = list(csv.DictReader((tmp_path / "run" / "log.csv").open()))
    steps = [int(row["step"]) for row in rows]
    # The first 30 steps are in the log once; then come as many as a run of the smaller batch has left.
    assert steps[:4] == [7, 14, 21, 28]
    assert steps == sorted(set(steps))
    assert float(rows[-1]["epoch"]) == pytest.approx(3.0)
    epoch = len(text_file.read_text()) * 0.9 / 2 / tiny["sequence_length"]
    assert calls.count(4) == 31
    assert calls.count(2) == pytest.approx(3 * epoch - 60, abs=4)
    again = elman.train("language", resume=tmp_path / "run")
    assert torch.equal(next(again.parameters()), next(elman.load(tmp_path / "run").parameters()))


def test_a_batch_of_one_that_does_not_fit_says_what_would(text_file, tiny, tmp_path, monkeypatch):
    failing(monkeypatch, "objective", CUDA, lambda model, batch: True)
    with pytest.raises(
        InputError, match=r"a batch of 1 does not fit in memory: give a sequence_length below 20"
    ):
        elman.train("language", text_file, out=tmp_path / "run", **tiny)


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes differ"), OSError(errno.ENOSPC, "No space left"), ValueError("memory")]
)
def test_other_errors_pass(text_file, tiny, tmp_path, monkeypatch, error):
    assert not is_out_of_memory(error)
    failing(monkeypatch, "objective", error, lambda model, batch: True)
    with pytest.raises(type(error), match=str(error).replace("[", r"\[").replace("]", r"\]")):
        elman.train("language", text_file, out=tmp_path / "run", **tiny)


LIMITED = """
import resource, sys
import torch
torch.set_num_threads(1)
import elman

options = dict(hidden_size=32, embedding_size=8, layers=1, sequence_length=64, max_steps=2)
elman.train("language", "long.txt", out="small", batch_size=4, **options)
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
elman.train("language", "long.txt", out="large", batch_size=4096, **options)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits the memory of a process")
def test_a_limit_on_memory_is_lived_with(tmp_path):
    (tmp_path / "long.txt").write_text("the cat sat on the mat, and a dog on a log. " * 7000)
    command = [sys.executable, "-c", LIMITED, str(150 << 20)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert SAID.format(4096, 2048, 2) in done.stderr
    settings = read_record(tmp_path / "large").settings
    assert settings.config.batch_size < 4096
    assert settings.config.batch_size * settings.training.accumulate == 4096
    assert elman.load(tmp_path / "large").score("the cat").symbols == 7
