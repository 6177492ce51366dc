"""Processes that answer, fail, hang and end, and what the others do meanwhile."""

import time
from pathlib import Path

import pytest

from elman.bench.gpu import pool as pools
from elman.bench.gpu.checks import READY, checks, run
from elman.bench.gpu.conduct import CONDUCT
from elman.bench.gpu.pool import Pool
from elman.bench.gpu.verdict import Verdict
from elman.bench.process import WorkerError

ANSWERS = "tests.bench.gpu.answers"
FAR = 1e9


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[3])


def test_a_process_stays_until_it_fails():
    with Pool(FAR, ANSWERS, count=1) as pool:
        first = pool.ask("pid")
        assert pool.ask("pid") == first
        with pytest.raises(WorkerError, match="ValueError: no"):
            pool.ask("fail")
        second = pool.ask("pid")
        assert second != first
        with pytest.raises(WorkerError, match="the process ended"):
            pool.ask("end")
        assert pool.ask("pid") not in (first, second)


def test_what_hangs_is_ended_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr(pools, "LIMIT", 2.0)

    def told(name):
        try:
            pool.ask(name)
        except WorkerError as error:
            return Verdict(name, failures=[str(error)])
        return Verdict(name)

    with Pool(FAR, ANSWERS, count=2) as pool:
        found = {verdict.name: verdict.failures for verdict in pool.map(told, ["hang", "pid", "fail"])}
    assert found == {"hang": ["no answer within 2 s"], "pid": [], "fail": ["ValueError: no"]}


def test_nothing_begins_behind_the_deadline():
    with Pool(time.monotonic() - 1.0, ANSWERS, count=1) as late:
        assert run("graph", late, 0).failures == ["out of time"]


def test_an_interrupt_ends_what_runs():
    def interrupt(name):
        if name == "hang":
            pool.ask(name)
        raise KeyboardInterrupt

    with Pool(FAR, ANSWERS, count=2) as pool:
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            list(pool.map(interrupt, ["hang", "now"]))
    assert time.monotonic() - started < pools.LIMIT / 2


class _Answering:
    """A pool of no processes."""

    def __init__(self, answers):
        self.asked, self._answers = [], answers

    def left(self):
        return 10.0

    def ask(self, request, **given):
        self.asked.append((request, given))
        return self._answers[request]


def test_a_check_asks_for_what_its_name_says():
    pool = _Answering({"check": {"name": "gru tf32", "failures": ["wrong"]}, "ready": None})
    assert run("gru tf32", pool, seed=4).failures == ["wrong"]
    assert pool.asked == [("check", {"name": "gru tf32", "seed": 4, "seconds": 7.0})]
    assert run(f"{READY}loop-min_gru", pool, seed=4).passed
    assert pool.asked[1][1]["job"]["cell"] == "min_gru"


def test_every_check_has_a_name_of_its_own():
    names = checks()
    assert len(names) == len(set(names))
    assert names[: len(CONDUCT)] == list(CONDUCT)
    assert {"LSTM bfloat16", "rhn float64", f"{READY}lstm-b16-h768-training-bf16"} < set(names)
