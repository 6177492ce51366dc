"""How much work a job is, counted by hand."""

import pytest

from elman.bench.jobs import Job

SIZES = {"steps": 10, "batch": 4, "inputs": 3, "hidden": 5}
N = 10 * 4


@pytest.mark.parametrize(
    ("cell", "of_input", "of_state"),
    [
        ("LSTM", 4 * 5 * 3, 4 * 5 * 5),
        ("lstm", 4 * 5 * 3, 4 * 5 * 5),
        ("GRU", 3 * 5 * 3, 3 * 5 * 5),
        ("RNN", 5 * 3, 5 * 5),
        ("peephole_lstm", 4 * 5 * 3, 4 * 5 * 5),
        ("sru", 4 * 5 * 3, 0),
    ],
)
def test_two_operations_a_number_of_a_matrix_and_row(cell, of_input, of_state):
    assert Job(cell, "forward", **SIZES).flop == 2 * N * (of_input + of_state)


def test_backward_is_twice_as_much_as_forward():
    assert Job("LSTM", "training", **SIZES).flop == 3 * Job("LSTM", "forward", **SIZES).flop


def test_the_usual_lstm_is_34_gflop_forward():
    assert Job("LSTM", "forward").flop == 2 * 128 * 64 * (512 + 512) * 4 * 512 == 34_359_738_368


def test_only_steps_that_exist_count():
    varied, full = Job("LSTM", "forward", varied=True), Job("LSTM", "forward")
    assert min(varied.lengths) >= 32
    assert max(varied.lengths) <= 128
    assert len(varied.lengths) == 64
    assert varied.lengths == Job("LSTM", "forward", varied=True).lengths
    assert varied.flop / full.flop == varied.rows / (128 * 64)
    assert 0.5 < varied.rows / (128 * 64) < 0.75


def test_the_products_of_symbols_are_counted_once_a_symbol():
    assert Job("lstm", "forward", symbols=7, **SIZES).flop == 2 * (7 * 4 * 5 * 3 + N * 4 * 5 * 5)
    assert Job("lstm", "forward", symbols=70, **SIZES).flop == 2 * (N * 4 * 5 * 3 + N * 4 * 5 * 5)


def test_sampling_reads_the_matrices_of_the_state_and_the_projection():
    job = Job("lstm", "sampling", batch=1, symbols=65)
    assert job.bytes_read == 4 * (4 * 512 * 512 + 65 * 512)
    assert job.flop == 0
