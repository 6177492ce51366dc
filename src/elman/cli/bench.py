"""`elman bench layers`: elman's speed and memory, measured on this machine against what it would replace."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console
from tyro.conf import Positional

from elman.bench.cases import CASES, QUICK_STEPS, Case, select
from elman.bench.gpu import measure as gpu
from elman.bench.gpu.cases import GPU_CASES
from elman.bench.gpu.pool import Pool
from elman.bench.machine import cores, describe
from elman.bench.measure import SECONDS, Plan, measure
from elman.bench.outcome import Outcome
from elman.bench.picture import draw
from elman.bench.record import Record
from elman.bench.report import markdown
from elman.bench.series import measure_all
from elman.bench.terminal import table
from elman.core.errors import InputError
from elman.data.files import write_atomically
from elman.tasks.options import require_integer

_QUICK_ROUNDS, _QUICK_SECONDS = 3, 0.05
_FEWEST_ROUNDS, _MOST_ROUNDS = 7, 1000
_FILE_WIDTH = 160


@dataclass(frozen=True)
class _Arguments:
    subject: Positional[Literal["layers"]]
    """What to measure: recurrent layers."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where layers run: on the processor, or on the first GPU, by kernels in Triton, against cuDNN."""
    threads: Annotated[int | None, tyro.conf.arg(metavar="N", help_behavior_hint="")] = None
    """The most threads that each side may use; it uses what is fastest. All cores if not given."""
    rounds: int = 7
    """Rounds in each of which both sides are measured, one after the other."""
    only: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME …", help_behavior_hint="")] = ()
    """The cases to measure, by name or pattern ('lstm*'); all if not given."""
    json: Annotated[Path | None, tyro.conf.arg(metavar="FILE", help_behavior_hint="")] = None
    """Keep the figures of every round here, case by case; cases measured before stay until they are again."""
    picture: Annotated[Path | None, tyro.conf.arg(metavar="FILE", help_behavior_hint="")] = None
    """Draw the ratios here, as PNG."""
    markdown: bool = False
    """Print machine and table as Markdown."""
    quick: bool = False
    """Three short rounds of short sequences: to see that it runs, not to be quoted."""


def main(argv: Sequence[str]) -> int:
    """Measure; returns the exit status, 1 where a case could not be measured."""
    given = tyro.cli(
        _Arguments,
        args=list(argv),
        prog="elman bench",
        description=f"Measure elman against torch.\n\nCases: {_names(CASES)}\n\nOn cuda: {_names(GPU_CASES)}",
        config=(tyro.conf.DisallowNone, tyro.conf.FlagCreatePairsOff),
    )
    on_gpu = given.device == "cuda"
    cases = select(given.only, given.quick, GPU_CASES if on_gpu else CASES)
    plan = _plan(given)
    _check_files(given)
    if on_gpu:
        import_module("elman.bench.gpu.machine").require_cuda("--device cuda")  # it imports torch
    progress = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    with Pool(deadline=math.inf, count=1) as pool:
        machine = pool.ask("describe") if on_gpu else describe()
        record = Record.continued(given.json, {**machine, "manner": _manner(plan, given.quick)})

        def measured(case: Case) -> Outcome:
            return gpu.measure(case, plan, pool) if on_gpu else measure(case, plan)

        failures = measure_all(cases, measured, record, given.json, progress.print)
    _report(record, given)
    return int(failures > 0)


def _names(cases: Sequence[Case]) -> str:
    return ", ".join(case.name for case in cases)


def _plan(given: _Arguments) -> Plan:
    threads = cores() if given.threads is None else given.threads
    require_integer("--threads", threads, 1, cores())
    require_integer("--rounds", given.rounds, _FEWEST_ROUNDS, _MOST_ROUNDS)
    if given.quick:
        return Plan(threads, _QUICK_ROUNDS, _QUICK_SECONDS)
    return Plan(threads, given.rounds, gpu.SECONDS if given.device == "cuda" else SECONDS)


def _check_files(given: _Arguments) -> None:
    """Before the minutes that measuring takes."""
    for path in (given.json, given.picture):
        if path is not None and not path.parent.is_dir():
            raise InputError(f"{path.parent}: no such folder")
    if given.picture is not None and find_spec("matplotlib") is None:
        raise InputError("--picture needs matplotlib: pip install matplotlib")


def _manner(plan: Plan, quick: bool) -> str:
    what = f"{plan.rounds} rounds of {plan.seconds:g} s, {plan.threads} threads at most"
    return f"quickly, sequences {QUICK_STEPS} times shorter: {what}" if quick else what


def _report(record: Record, given: _Arguments) -> None:
    if given.markdown:
        print(markdown(record), end="")
    else:
        console = Console(highlight=False, markup=False)
        if not console.is_terminal:
            console.width = _FILE_WIDTH
        console.print(table(record.outcomes))
        for heading, text in record.machine.items():
            console.print(f"{heading}: {text}", soft_wrap=True)
    if given.picture is not None:
        title = f"elman bench layers: {record.machine['processor']}"
        write_atomically(given.picture, draw(record.outcomes, title))
