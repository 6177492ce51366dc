"""`python -m elman.bench.gpu`: are the kernels of this machine's GPU right, and how fast are they?

It needs the source folder, and a Python with torch, triton, numpy and llvmlite. Checks run several at a time;
then layers are measured, alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path

from elman.bench.gpu.cases import GPU_CASES
from elman.bench.gpu.checks import checks, run
from elman.bench.gpu.machine import require_cuda
from elman.bench.gpu.measure import SECONDS, measure
from elman.bench.gpu.page import line, page
from elman.bench.gpu.pool import Pool
from elman.bench.gpu.trial import FORMATS
from elman.bench.gpu.verdict import Verdict
from elman.bench.measure import Plan
from elman.bench.record import Record
from elman.bench.report import markdown
from elman.bench.series import measure_all
from elman.core.errors import ElmanError
from elman.data.files import write_atomically

MINUTES = 8.0
CHECKING = 0.6
"""The share of the time in which checks may begin."""


def main(argv: Sequence[str] | None = None) -> int:
    """Checks and measures; returns the exit status, 1 where anything failed."""
    parser = argparse.ArgumentParser("python -m elman.bench.gpu", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="CHECK", help="names or patterns: 'LSTM *'")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="what is not done by then is left out")
    parser.add_argument("--seed", type=int, default=0, help="of weights and data")
    parser.add_argument("--out", type=Path, default=Path("build/gpu"), help="the folder for what is found")
    given = parser.parse_args(argv)
    try:
        require_cuda("the check of a GPU")
        given.out.mkdir(parents=True, exist_ok=True)
        return _check_and_measure(given)
    except (ElmanError, OSError) as error:
        print(f"elman: {error}", file=sys.stderr)
        return 2


def _check_and_measure(given: argparse.Namespace) -> int:
    start = time.monotonic()
    verdicts: list[Verdict] = []
    with Pool(start + 60.0 * given.minutes * CHECKING) as pool:
        names = [name for name in checks() if _asked(name, given.only)]
        for verdict in pool.map(lambda name: run(name, pool, given.seed), names):
            verdicts.append(verdict)
            print(line(verdict), flush=True)
    verdicts.sort(key=lambda verdict: names.index(verdict.name))
    shown = page(verdicts, list(FORMATS))
    write_atomically(given.out / "check.md", shown.encode())
    write_atomically(given.out / "check.json", json.dumps([*map(asdict, verdicts)], indent=1).encode())
    print(f"\n{shown}")
    failed = sum(not verdict.passed for verdict in verdicts)
    print(f"{len(verdicts) - failed} of {len(verdicts)} checks passed, seed {given.seed}", flush=True)
    return int(bool(failed + (0 if given.only else _measure(given, start))))


def _measure(given: argparse.Namespace, start: float) -> int:
    """How many cases could not be measured."""
    plan = Plan(1, seconds=SECONDS)
    with Pool(start + 60.0 * given.minutes, count=1) as pool:
        machine = pool.ask("describe")
        record = Record({**machine, "manner": f"{plan.rounds} rounds of {plan.seconds:g} s"})
        path = given.out / "layers.json"
        failures = measure_all(GPU_CASES, lambda case: measure(case, plan, pool), record, path, print)
    write_atomically(given.out / "layers.md", markdown(record).encode())
    print(f"\n{markdown(record)}", flush=True)
    return failures


def _asked(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


if __name__ == "__main__":
    sys.exit(main())
