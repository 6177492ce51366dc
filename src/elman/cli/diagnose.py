"""`elman diagnose RUN`: what the log of a run says is wrong with it, and what to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro
from tyro.conf import Positional

from elman.training.diagnose import diagnose
from elman.training.log import read_log


@dataclass(frozen=True)
class _Arguments:
    run: Positional[Path]
    """Folder of a run, finished or not."""


def main(argv: Sequence[str]) -> int:
    """Diagnose; returns the exit status."""
    given = tyro.cli(
        _Arguments,
        args=list(argv),
        prog="elman diagnose",
        description="What is wrong with a run, by its log, and what to change.",
    )
    found = diagnose(given.run)
    log = read_log(given.run)
    for finding in found:
        print(f"{finding.name}\n  seen:   {finding.evidence}\n  change: {finding.advice}")
    if not found:
        steps, validations = log.steps["step"], len(log.validations["step"])
        taken = int(steps[-1]) if len(steps) else 0
        probes = len({probe.step for probe in log.probes})
        print(
            f"nothing wrong that the log shows: {taken:,} steps, {validations} validations, {probes} probes"
        )
    return 0
