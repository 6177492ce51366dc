"""What the user sees while training goes on."""

import io
import re

import pytest
from rich.console import Console

import elman
from elman.training import progress, run
from elman.training.pace import Pace
from elman.training.progress import clock


@pytest.fixture
def shown(text_file, tiny, tmp_path, monkeypatch):
    """Trains with a console, and returns what it wrote."""

    def train(**options):
        file = io.StringIO()
        console = Console(file=file, width=200, soft_wrap=True, highlight=False, markup=False, **options)
        monkeypatch.setattr(run, "terminal", lambda: console)
        elman.train("language", text_file, out=tmp_path / "run", **tiny)
        return file.getvalue()

    return train


def test_without_a_terminal_each_validation_is_a_line_and_nothing_else_moves(shown):
    text = shown(force_terminal=False)
    lines = [line for line in text.splitlines() if line.startswith("epoch")]
    assert len(lines) == 3
    losses = r"train \d\.\d{4}   validation \d\.\d{4} nats"
    pattern = rf"epoch +\d\.\d   step +\d+   {losses}   [\d.]+ k symbols/s   +\d+ s"
    assert all(re.match(pattern, line) for line in lines)
    assert lines[0].endswith("best")
    assert "\x1b" not in text
    assert "\r" not in text


def test_a_terminal_has_a_bar_with_loss_speed_and_time_left(shown):
    text = shown(force_terminal=True)
    assert re.search(r"train \d\.\d{3}( · validation \d\.\d{3})? · [\d.]+ k symbols/s · \d+:\d\d left", text)
    assert "━" in text


def test_a_quiet_console_shows_nothing(shown, capfd):
    assert shown(quiet=True) == ""
    progress.terminal(quiet=True).print("text")
    assert capfd.readouterr().err == ""
    progress.terminal().print("text")
    assert capfd.readouterr().err == "text\n"


def test_a_minute_of_silence_ends_with_a_line(shown, monkeypatch):
    monkeypatch.setattr(progress, "_SILENCE", 0.0)
    text = shown(force_terminal=False)
    assert len(re.findall(r"step +\d+   train \d\.\d{3} .* left", text)) > 10


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (185, "3:05"), (7385, "2:03:05")])
def test_times_are_written_as_clocks_do(seconds, text):
    assert clock(seconds) == text


def test_the_pace_leaves_out_what_is_not_training(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("elman.training.pace.time.monotonic", lambda: now[0])
    pace = Pace()
    assert pace.speed == 0.0
    now[0] = 102.0
    pace.add(600)
    now[0] = 150.0  # a validation
    pace.go()
    now[0] = 151.0
    pace.add(300)
    assert pace.speed == 300.0
