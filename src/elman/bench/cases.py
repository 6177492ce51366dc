"""The lines of the table: what is measured, against what, and how far elman means to be ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from elman.bench.jobs import Job
from elman.core.errors import InputError

NN, LOOP, PLAIN = "torch.nn", "torch loop", "plain torch loop"
COMPILED, READING = "torch.compile", "reading the weights"
FLOAT32 = "elman's float32"
COMPILED_STEPS = 32
"""T where torch.compile takes part: it unrolls the loop, and needs minutes for more."""
QUICK_STEPS = 8
"""By how much the sequences of a quick run are shorter."""


@dataclass(frozen=True)
class Case:
    """A line: how many times as long as elman others take, and the least that this should be, `goal`.

    against: the side that others are on, or what they are called. rival: what they compute, if not the same.
    share: of the machine's peak, that elman should reach at least. measure: one of `measure.MEASURES`. limit:
    the seconds to compare with, where nobody else is measured.
    """

    name: str
    what: str
    mine: Job
    against: str
    goal: float
    share: float | None = None
    measure: str = "speed"
    rival: Job | None = None
    limit: float = 0.0

    @property
    def theirs(self) -> Job:
        """What the other side computes."""
        return self.rival or self.mine.by(self.against)

    @property
    def same(self) -> bool:
        """Whether both sides compute the same numbers."""
        return self.rival is None and self.against != READING


def _loops(name: str, what: str, cell: str, goal: float) -> tuple[Case, Case]:
    """Against the equations one by one, and against them in the form that torch runs fastest."""
    return (
        Case(f"{name}-plain", what, Job(cell), PLAIN, goal),
        Case(f"{name}-loop", what, Job(cell), LOOP, goal),
    )


def _per_operation(name: str, what: str, cell: str) -> Case:
    return Case(name, what, Job(cell), "elman's LSTM, per operation", 1 / 1.3, rival=Job("lstm"))


def _compiled(name: str, what: str, cell: str) -> Case:
    return Case(name, f"{what} T={COMPILED_STEPS}", Job(cell, steps=COMPILED_STEPS), COMPILED, 3.0)


def _start(name: str, what: str, measure: str, seconds: float) -> Case:
    return Case(name, what, Job("lstm"), f"at most {seconds} s", 1.0, measure=measure, limit=seconds)


LSTM = Job("LSTM")
HALF = replace(LSTM, kind="forward", dtype="bfloat16")
SMALL = replace(LSTM, batch=32, inputs=128, hidden=128)
SINGLE = replace(LSTM, batch=1, inputs=256, hidden=256)
SAMPLING = Job("lstm", "sampling", batch=1, symbols=65)
BOTH = "forward + backward"

CASES = (
    Case("lstm-forward", "LSTM forward", replace(LSTM, kind="forward"), NN, 1.0, share=0.82),
    Case("lstm", f"LSTM {BOTH}", LSTM, NN, 1.35, share=0.72),
    Case("bf16-forward", "LSTM forward in bfloat16", HALF, NN, 1.0),
    Case("bf16-float32", "LSTM forward in bfloat16", HALF, FLOAT32, 1.5, rival=replace(LSTM, kind="forward")),
    Case("gru-forward", "GRU forward", Job("GRU", "forward"), NN, 2.6),
    Case("gru", f"GRU {BOTH}", Job("GRU"), NN, 2.6),
    Case("rnn-forward", "RNN forward", Job("RNN", "forward"), NN, 2.1),
    Case("rnn", f"RNN {BOTH}", Job("RNN"), NN, 2.0),
    Case("lstm-packed", f"LSTM, lengths T/4 to T, {BOTH}", replace(LSTM, varied=True), NN, 2.5),
    Case("lstm-symbols", f"LSTM over 65 symbols, {BOTH}", Job("lstm", symbols=65), NN, 2.0),
    Case("small-forward", "LSTM B=32 H=128 forward", replace(SMALL, kind="forward"), NN, 1.0),
    Case("small", f"LSTM B=32 H=128 {BOTH}", SMALL, NN, 1.0),
    Case("single-forward", "LSTM B=1 H=256 forward", replace(SINGLE, kind="forward"), NN, 1.0),
    Case("single", f"LSTM B=1 H=256 {BOTH}", SINGLE, NN, 1.0),
    *_loops("peephole", f"peephole LSTM {BOTH}", "peephole_lstm", 6.0),
    *_loops("coupled", f"coupled LSTM {BOTH}", "coupled_lstm", 6.0),
    *_loops("layer-norm", f"layer-norm LSTM {BOTH}", "layer_norm_lstm", 6.0),
    *_loops("zoneout", f"zoneout LSTM {BOTH}", "zoneout_lstm", 6.0),
    *_loops("reset-before", f"GRU, reset before, {BOTH}", "gru_reset_before", 6.0),
    *_loops("min-gru", f"minGRU {BOTH}", "min_gru", 15.0),
    *_loops("sru", f"SRU {BOTH}", "sru", 15.0),
    *_loops("indrnn", f"IndRNN {BOTH}", "indrnn", 15.0),
    _per_operation("peephole-per-operation", f"peephole LSTM {BOTH}", "peephole_lstm"),
    _per_operation("coupled-per-operation", f"coupled LSTM {BOTH}", "coupled_lstm"),
    _per_operation("layer-norm-per-operation", f"layer-norm LSTM {BOTH}", "layer_norm_lstm"),
    _per_operation("zoneout-per-operation", f"zoneout LSTM {BOTH}", "zoneout_lstm"),
    _per_operation("reset-before-per-operation", f"GRU, reset before, {BOTH}", "gru_reset_before"),
    _compiled("peephole-compile", f"peephole LSTM {BOTH}", "peephole_lstm"),
    _compiled("coupled-compile", f"coupled LSTM {BOTH}", "coupled_lstm"),
    _compiled("layer-norm-compile", f"layer-norm LSTM {BOTH}", "layer_norm_lstm"),
    _compiled("zoneout-compile", f"zoneout LSTM {BOTH}", "zoneout_lstm"),
    _compiled("reset-before-compile", f"GRU, reset before {BOTH}", "gru_reset_before"),
    Case("sampling", "sampling T characters of one stream, LSTM", SAMPLING, LOOP, 10.0),
    Case("sampling-limit", "sampling T characters of one stream, LSTM", SAMPLING, READING, 1 / 1.5),
    Case("memory", "peak memory of a training step, LSTM", LSTM, NN, 1.0, measure="memory"),
    Case("busy", f"slow-down by a busy process on every core, LSTM {BOTH}", LSTM, NN, 1.0, measure="busy"),
    _start("cold-start", "compiling a cell, the slowest", "cold", 1.5),
    _start("cached-start", "the same from the cache", "cached", 0.05),
)


def select(patterns: tuple[str, ...], quick: bool, cases: Sequence[Case] = CASES) -> list[Case]:
    """Returns those cases that a pattern ("lstm", "lstm*") names, or all; quick: with short sequences.

    Raises InputError for a pattern that names none.
    """
    for pattern in patterns:
        if not any(fnmatchcase(case.name, pattern) for case in cases):
            known = ", ".join(case.name for case in cases)
            raise InputError(f"no case is called {pattern!r}; there are {known}")
    chosen = [case for case in cases if not patterns or any(fnmatchcase(case.name, p) for p in patterns)]
    return [_shortened(case) for case in chosen] if quick else chosen


def _shortened(case: Case) -> Case:
    rival = None if case.rival is None else _fewer_steps(case.rival)
    return replace(case, mine=_fewer_steps(case.mine), rival=rival)


def _fewer_steps(job: Job) -> Job:
    return replace(job, steps=job.steps // QUICK_STEPS)
