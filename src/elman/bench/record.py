"""Figures on disk, every round of them, so that a measurement can be broken off and gone on with."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from elman.bench.cases import CASES
from elman.bench.gpu.cases import GPU_CASES
from elman.bench.outcome import Outcome
from elman.core.errors import InputError

ORDER = [case.name for case in (*CASES, *GPU_CASES)]


@dataclass
class Record:
    """The outcomes of one machine, all measured in one manner, in the order of the cases."""

    machine: dict[str, str]
    outcomes: list[Outcome] = field(default_factory=list)

    @classmethod
    def continued(cls, path: Path | None, machine: dict[str, str]) -> Record:
        """Returns the record of a file without cases that are no more; a new one where there is no file.

        Raises InputError where the file is no record, or one of another machine, software or manner.
        """
        if path is None or not path.exists():
            return cls(machine)
        try:
            found = cls.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: not a record of elman bench; give another file") from error
        for heading, text in machine.items():
            other = found.machine.get(heading)
            if other != text:
                raise InputError(f"{path}: holds figures of another {heading}, {other}; give another file")
        return cls(machine, [outcome for outcome in found.outcomes if outcome.name in ORDER])

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Returns what `to_json` wrote."""
        record = json.loads(text)
        return cls(record["machine"], [Outcome(**outcome) for outcome in record["outcomes"]])

    def to_json(self) -> str:
        """Returns all figures as JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    def add(self, outcome: Outcome) -> None:
        """Takes an outcome in, in place of an earlier one of the same case."""
        others = [other for other in self.outcomes if other.name != outcome.name]
        self.outcomes = sorted([*others, outcome], key=lambda each: ORDER.index(each.name))
