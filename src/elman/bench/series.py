"""Cases measured one after the other, kept as they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from elman.bench.cases import Case
from elman.bench.outcome import Outcome
from elman.bench.record import Record
from elman.data.files import write_atomically


def measure_all(
    cases: Sequence[Case],
    measure: Callable[[Case], Outcome],
    record: Record,
    path: Path | None,
    tell: Callable[[str], object],
) -> int:
    """Adds the outcomes of cases to a record, and to its file if there is one; returns how many cases could
    not be measured.
    """
    failures = 0
    for number, case in enumerate(cases, start=1):
        outcome = measure(case)
        record.add(outcome)
        if path is not None:
            write_atomically(path, record.to_json().encode())
        result = outcome.failure or f"{outcome.ratio.middle:.2f} × {outcome.against}"
        tell(f"{number}/{len(cases)} {case.name}: {result}")
        failures += bool(outcome.failure)
    return failures
