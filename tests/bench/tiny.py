"""Cases at sizes that take no time."""

from dataclasses import replace

from elman.bench.cases import CASES, Case
from elman.bench.jobs import Job


def tiny(job: Job) -> Job:
    return replace(job, steps=6, batch=min(job.batch, 3), inputs=5, hidden=7, symbols=min(job.symbols, 9))


def tiny_case(name: str) -> Case:
    (case,) = (case for case in CASES if case.name == name)
    rival = None if case.rival is None else tiny(case.rival)
    return replace(case, mine=tiny(case.mine), rival=rival)
