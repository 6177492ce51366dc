"""Figures for people and for programs."""

import struct

import pytest
from rich.console import Console

from elman.bench.outcome import Outcome
from elman.bench.picture import draw
from elman.bench.record import Record
from elman.bench.report import markdown, quantity
from elman.bench.terminal import table

OUTCOMES = [
    Outcome(
        "lstm",
        "LSTM forward",
        "torch.nn",
        1.35,
        0.72,
        mine=[0.010, 0.011, 0.012],
        theirs=[0.022, 0.022, 0.030],
        flop=(1.1e9, 1.1e9),
        peak=[2e11] * 3,
        threads=(2, 1),
    ),
    Outcome(
        "cold", "compiling", "at most 1.5 s", 1.0, mine=[2.0], theirs=[1.5], parts={"gru": 1.0, "lstm": 2.0}
    ),
    Outcome("loop", "SRU", "torch loop", 15.0, failure="it broke"),
]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12.34, "s", "12.3 s"),
        (0.01234, "s", "12.3 ms"),
        (5e-5, "s", "50 µs"),
        (5e-8, "s", "0.05 µs"),
        (123_456_789, "B", "123 MB"),
        (2.5, "×", "2.50 ×"),
    ],
)
def test_a_quantity_has_a_unit_that_suits_it(value, unit, text):
    assert quantity(value, unit) == text


def test_markdown_has_a_line_a_case_and_the_parts_of_the_worst():
    lines = markdown(Record({"processor": "abacus"}, OUTCOMES)).splitlines()
    assert lines[:3] == ["| machine |  |", "| --- | --- |", "| processor | abacus |"]
    figures = "11 ms | 100 | 0.50 (goal ≥ 0.72) | torch.nn | 22 ms | 2.00 (2.00–2.50) | ≥ 1.35"
    assert lines[6] == f"| LSTM forward | {figures} | ✗ |"
    assert lines[7] == "| compiling | 2 s |  |  | at most 1.5 s | 1.5 s | 0.75 | ≥ 1.00 | ✗ |"
    assert lines[8] == "| SRU |  |  |  | torch loop |  | not measured: it broke |  | – |"
    assert lines[10:] == ["| cell | compiling |", "| --- | ---: |", "| gru | 1 s |", "| lstm | 2 s |"]
    assert len({line.count("|") for line in lines[4:9]}) == 1


def test_the_table_of_a_terminal_has_the_same_figures():
    console = Console(width=160)
    with console.capture() as printed:
        console.print(table(OUTCOMES))
    text = printed.get()
    for part in ("LSTM forward", "11 ms", "2.00 (2.00–2.50)", "≥ 1.35", "not measured: it broke"):
        assert part in text


def test_the_picture_is_a_png_that_grows_with_the_cases():
    def height(outcomes):
        picture = draw(outcomes, "title")
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        return struct.unpack(">II", picture[16:24])[1]

    assert height(OUTCOMES) > height(OUTCOMES[:1]) > height([])
