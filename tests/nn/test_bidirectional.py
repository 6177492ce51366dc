"""Both directions of a layer at the same time: the same bits as one after the other, and torch's values."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import elman
from elman.run import call, threads
from tests.run.bits import gradients, same_bits
from tests.run.children import in_child

ROOT = Path(__file__).parents[2]
CELLS = ["lstm", "gru_reset_before", "layer_norm_lstm", "min_gru"]
STEPS, INPUTS, UNITS = 40, 5, 37
LENGTHS = [40, 31, 31, 8, 2, 1]


@pytest.fixture(autouse=True)
def torchs_threads():
    """Restores the number of torch's threads."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def at_once(monkeypatch) -> list[int]:
    """How many calls of kernels were made at the same time, each time that several were."""
    made: list[int] = []
    run_jobs = call.run_jobs
    monkeypatch.setattr(call, "run_jobs", lambda jobs: made.append(len(jobs)) or run_jobs(jobs))
    return made


def layer_of(cell: str, dtype: torch.dtype = torch.float32, **options: object) -> elman.Recurrent:
    return elman.Recurrent(cell, INPUTS, UNITS, bidirectional=True, dtype=dtype, **options)  # type: ignore[arg-type]


def everything(layer: torch.nn.Module, x: Tensor, lengths: list[int] | None = None) -> list[Tensor]:
    """The output and last states, those again without gradients, and the gradients of x and the weights."""
    layer.zero_grad()
    x = x.clone().requires_grad_()
    given = x if lengths is None else pack_padded_sequence(x, torch.tensor(lengths))

    def run() -> list[Tensor]:
        torch.manual_seed(1)
        output, last = layer(given)
        padded = output if lengths is None else pad_packed_sequence(output)[0]
        return [padded, *([last] if isinstance(last, Tensor) else last)]

    with torch.no_grad():
        inferred = run()
    outputs = run()
    sum((output.square() * (i + 1)).sum() for i, output in enumerate(outputs)).backward()  # type: ignore[union-attr]
    found = [x.grad, *(weight.grad for weight in layer.parameters())]
    kept = (gradient.clone() for gradient in found if gradient is not None)
    return [*inferred, *(output.detach() for output in outputs), *kept]


@pytest.mark.parametrize("openmp", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["even", "packed"])
@pytest.mark.parametrize("cell", CELLS)
def test_the_bits_are_those_of_one_direction_after_the_other(
    monkeypatch, at_once, cell, lengths, dtype, openmp
):
    if not openmp:
        monkeypatch.setattr(threads, "openmp", lambda: None)
    layer, x = layer_of(cell, dtype, num_layers=2), torch.randn(STEPS, len(LENGTHS), INPUTS, dtype=dtype)
    torch.set_num_threads(1)
    expected = everything(layer, x, lengths)
    assert not at_once
    for number in (2, 3, 4):
        torch.set_num_threads(number)
        assert same_bits(everything(layer, x, lengths), expected)
        assert at_once == [2] * 6  # two layers, each inferred, run forward and backward
        at_once.clear()


@pytest.mark.parametrize("batch", [1, 6, 7, 12, 13, 24])
def test_any_number_of_sequences_leaves_the_same_bits(at_once, batch):
    layer, x = layer_of("lstm"), torch.randn(STEPS, batch, INPUTS)
    torch.set_num_threads(1)
    expected = everything(layer, x)
    for number, most in ((2, 6), (4, 12)):
        torch.set_num_threads(number)
        assert same_bits(everything(layer, x), expected)
        assert bool(at_once) == (batch <= most)
        at_once.clear()


def test_one_sequence_whose_steps_threads_share_has_them_all(at_once):
    torch.set_num_threads(2)
    with torch.no_grad():
        elman.LSTM(4, 300, bidirectional=True)(torch.randn(STEPS, 1, 4))
    assert not at_once


def test_a_short_loop_does_not_call_for_a_second_thread(at_once):
    torch.set_num_threads(2)
    elman.LSTM(4, 8, bidirectional=True)(torch.randn(3, 2, 4))
    assert not at_once


@pytest.mark.parametrize(("mine", "torchs"), [(elman.LSTM, torch.nn.LSTM), (elman.GRU, torch.nn.GRU)])
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["even", "packed"])
def test_the_values_are_torchs(at_once, mine, torchs, lengths):
    torch.set_num_threads(2)
    ours = mine(INPUTS, UNITS, 2, bidirectional=True, dtype=torch.float64)
    theirs = torchs(INPUTS, UNITS, 2, bidirectional=True, dtype=torch.float64)
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(STEPS, len(LENGTHS), INPUTS, dtype=torch.float64)
    torch.testing.assert_close(everything(ours, x, lengths), everything(theirs, x, lengths))
    assert at_once


@pytest.mark.parametrize("options", [{"zoneout": 0.3, "recurrent_dropout": 0.2}, {"num_embeddings": 11}])
def test_masks_and_symbols_are_those_of_one_after_the_other(at_once, options):
    layer, found = layer_of("lstm", **options), []
    x = torch.randint(0, 11, (STEPS, 3)) if "num_embeddings" in options else torch.randn(STEPS, 3, INPUTS)
    for number in (1, 2):
        torch.set_num_threads(number)
        torch.manual_seed(1)
        found.append(gradients(layer, x))
    assert same_bits(*found)
    assert at_once


def test_a_direction_may_be_frozen(at_once):
    layer, x = layer_of("lstm"), torch.randn(STEPS, 3, INPUTS)
    for name, weight in layer.named_parameters():
        weight.requires_grad_(not name.endswith("_reverse"))
    torch.set_num_threads(1)
    expected = everything(layer, x)
    torch.set_num_threads(2)
    assert same_bits(everything(layer, x), expected)
    assert at_once


def test_first_and_second_derivatives_are_exact(at_once):
    torch.set_num_threads(2)
    layer = elman.Recurrent("lstm", 2, 3, bidirectional=True, dtype=torch.float64)
    x = torch.randn(60, 2, 2, dtype=torch.float64)
    scale = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)

    def first(value: Tensor) -> Tensor:
        return layer(x * value)[0].square().sum()

    assert torch.autograd.gradcheck(first, scale)
    assert torch.autograd.gradgradcheck(first, scale)
    assert at_once


def test_a_forked_child_computes_the_same_bits():
    torch.set_num_threads(2)
    layer, x = layer_of("lstm"), torch.randn(STEPS, 4, INPUTS)
    expected = everything(layer, x)

    def check() -> None:
        assert same_bits(everything(layer, x), expected)

    assert in_child(check) == 0


LONG = """
import torch, elman
from elman.run import threads

torch.set_num_threads(2)
if not OPENMP:
    threads.openmp = lambda: None
layer = elman.RNN(1, 2048, bidirectional=True)
with torch.no_grad():
    layer(torch.randn(2, 6, 1))
    print("running", flush=True)
    try:
        layer(torch.randn(3000, 6, 1))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.parametrize("openmp", [True, False])
def test_an_interrupt_is_heard_while_both_run(openmp):
    command = [sys.executable, "-c", LONG.replace("OPENMP", str(openmp))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        assert process.stdout.readline() == "interrupted\n"
        assert time.monotonic() - sent < 1.0
    assert process.returncode == 0
