"""Each way of measuring, from beginning to end, at sizes that take no time."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from elman.bench import measure as measuring
from elman.bench.cases import READING
from elman.bench.machine import cores, describe
from elman.bench.measure import Plan, busy_cores, differing, measure, starts
from tests.bench.tiny import tiny_case

PLAN = Plan(threads=2, rounds=2, seconds=0.01)
linux = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="reads /proc")


@pytest.mark.parametrize("name", ["lstm-packed", "sampling"])
def test_both_sides_are_timed_in_every_round(name):
    outcome = measure(tiny_case(name), PLAN)
    assert not outcome.failure
    assert len(outcome.mine) == len(outcome.theirs) == len(outcome.peak) == 2
    assert min(*outcome.mine, *outcome.theirs) > 0
    assert outcome.flop[0] == outcome.flop[1]
    if name != "sampling":
        assert 0 < outcome.share < 1.2


def test_a_rival_may_do_other_work():
    outcome = measure(tiny_case("reset-before-per-operation"), PLAN)
    assert not outcome.failure
    assert outcome.flop[0] * 4 == outcome.flop[1] * 3  # three products of a GRU, four of an LSTM
    assert not measure(tiny_case("sampling-limit"), PLAN).failure
    assert tiny_case("sampling-limit").against == READING


@linux
def test_memory_of_a_step_is_that_of_its_arrays():
    case = tiny_case("memory")
    job = replace(case.mine, steps=2000, batch=8, inputs=64, hidden=64)
    outcome = measure(replace(case, mine=job), replace(PLAN, rounds=1))
    output = 4 * 2000 * 8 * 64
    assert not outcome.failure
    assert 4 * output < min(outcome.mine[0], outcome.theirs[0])  # gates, states, output and their gradients
    assert max(outcome.mine[0], outcome.theirs[0]) < 40 * output


def test_busy_cores_slow_both_sides_down():
    outcome = measure(tiny_case("busy"), PLAN)
    assert not outcome.failure
    assert outcome.unit == "×"
    assert len(outcome.mine) == len(outcome.theirs) == 2


@linux
def test_every_core_is_busy_and_then_no_more(monkeypatch):
    started = []
    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args: started.append(start(*args)) or started[-1])
    with busy_cores():
        assert len(started) == cores()
        assert all(process.poll() is None for process in started)
    assert all(process.poll() is not None for process in started)


def test_a_cell_starts_faster_from_the_cache(monkeypatch):
    monkeypatch.setattr(measuring, "NAMES", ("simple", "min_gru"))
    cold, cached = (measure(tiny_case(name), PLAN) for name in ("cold-start", "cached-start"))
    assert list(cold.parts) == ["simple", "min_gru"]
    assert cold.mine == [max(cold.parts.values())]
    assert cold.theirs == [1.5]
    assert cached.parts["simple"] < cold.parts["simple"]
    assert (cold.parts["simple"], cached.parts["simple"]) == starts("simple")


def test_sides_that_do_not_compute_the_same_are_not_compared(monkeypatch):
    monkeypatch.setitem(measuring.TOLERANCES, "float32", 0.0)
    outcome = measure(tiny_case("peephole-loop"), PLAN)
    assert outcome.failure.startswith("both sides do not compute the same")
    assert not outcome.mine


def test_results_differ_where_length_direction_or_name_does():
    mine = {"x": [1.0, 0.5], "y": [2.0, 1.0], "z": [1.0, 1.0], "w": [1.0, 0.0]}
    assert differing(mine, mine, 1e-3) == []
    theirs = {"x": [1.0001, 0.5], "y": [2.0, 1.01], "z": [float("nan"), 1.0], "v": [1.0, 0.0]}
    assert differing(mine, theirs, 1e-3) == ["v", "w", "y", "z"]


def test_torch_compile_needs_a_compiler(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert measure(tiny_case("peephole-compile"), PLAN).failure == "needs a C++ compiler: g++, clang++, c++"


def test_the_machine_is_described():
    machine = describe()
    assert f"{cores()} cores" in machine["processor"]
    assert "torch 2." in machine["software"]
