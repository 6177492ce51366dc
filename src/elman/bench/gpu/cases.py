"""The lines of the table of a GPU: what is measured, against what, and how far elman means to be ahead."""

from __future__ import annotations

from dataclasses import replace

from elman.bench.cases import BOTH, LOOP, NN, Case
from elman.bench.jobs import Job
from elman.cells import NAMES

EAGER = "elman without kernels"
"""The same equations in torch's operations, step by step, for cells that have no loop written by hand."""
LIMIT = "products and a copy"
OWN = "elman's LSTM"
SIZES = {"b16-h768": (16, 1024, 768), "b64-h512": (64, 512, 512), "b64-h1024": (64, 512, 1024)}
"""B, T, H."""
LOOP_STEPS = 256
LOOPED = (
    "peephole_lstm",
    "coupled_lstm",
    "layer_norm_lstm",
    "zoneout_lstm",
    "gru_reset_before",
    "min_gru",
    "sru",
    "indrnn",
)
"""The cells that have a loop written by hand, in `loops.py`, which imports torch."""
SCAN = {"batch": 64, "steps": 512, "hidden": 1024, "inputs": 1024}


def _job(cell: str, kind: str, size: str, dtype: str) -> Job:
    batch, steps, hidden = SIZES[size]
    return Job(cell, kind, "elman", steps, batch, hidden, hidden, dtype=dtype, device="cuda")


def _what(name: str, job: Job) -> str:
    kind = BOTH if job.kind == "training" else "forward"
    return f"{name} B={job.batch} T={job.steps} H={job.hidden} {job.dtype}, {kind}"


def _against_cudnn(cell: str, size: str, goals: tuple[float, float]) -> list[Case]:
    """In bfloat16 against cuDNN in float16 and in bfloat16, with a goal for each."""
    cases: list[Case] = []
    for kind in ("training", "forward"):
        mine = _job(cell, kind, size, "bfloat16")
        start = f"{cell.lower()}-{size}-{kind}"
        half = replace(mine, side=NN, dtype="float16")
        cases += [
            Case(f"{start}-bf16", _what(cell, mine), mine, NN, goals[1]),
            Case(f"{start}-fp16", _what(cell, mine), mine, "torch.nn in float16", goals[0], rival=half),
        ]
    return cases


def _tf32(cell: str, size: str, kind: str) -> Case:
    mine = _job(cell, kind, size, "tf32")
    return Case(f"{cell.lower()}-{size}-{kind}-tf32", _what(cell, mine), mine, NN, 1.0)


def _own(cell: str) -> Case:
    mine = _job(cell, "training", "b64-h512", "bfloat16")
    return Case(f"{cell}-lstm", _what(cell, mine), mine, OWN, 1 / 1.3, rival=replace(mine, cell="lstm"))


def _loop(cell: str) -> Case:
    mine = replace(_job(cell, "training", "b64-h512", "bfloat16"), steps=LOOP_STEPS)
    return Case(f"loop-{cell}", _what(cell, mine), mine, LOOP if cell in LOOPED else EAGER, 20.0)


def _limit(kind: str) -> Case:
    mine = replace(_job("min_gru", kind, "b64-h1024", "bfloat16"), **SCAN)
    rival = mine.by(LIMIT)
    return Case(f"min_gru-limit-{kind}", _what("min_gru", mine), mine, LIMIT, 1 / 1.5, rival=rival)


def _memory(cell: str, size: str) -> Case:
    mine = _job(cell, "training", size, "bfloat16")
    what = f"peak memory of {_what(cell, mine)}"
    return Case(f"{cell.lower()}-{size}-memory", what, mine, NN, 1.0, measure="memory")


GPU_CASES = (
    *(case for size in SIZES for case in _against_cudnn("LSTM", size, (1.0, 1.5))),
    *(case for size in SIZES for case in _against_cudnn("GRU", size, (1.0, 1.5))),
    *_against_cudnn("RNN", "b64-h512", (1.0, 1.0)),
    *(_own(cell) for cell in ("peephole_lstm", "layer_norm_lstm", "coupled_lstm")),
    *(_limit(kind) for kind in ("forward", "training")),
    *(_memory("LSTM", size) for size in SIZES),
    _memory("GRU", "b64-h512"),
    *(_loop(cell) for cell in NAMES),
    *(_tf32("LSTM", size, kind) for size in SIZES for kind in ("training", "forward")),
    *(_tf32("GRU", size, "training") for size in SIZES),
    _tf32("RNN", "b64-h512", "training"),
)
