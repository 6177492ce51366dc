"""What a check comes to."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Verdict:
    """A check: the errors where elman's is largest beside its peer's, the plans that ran, what failed, what
    there is to say, and why it was left out if it was.
    """

    name: str
    error: float = 0.0
    peer: float = 0.0
    plans: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def fail(self, reason: str) -> None:
        """Adds a failure, once."""
        if reason not in self.failures:
            self.failures.append(reason)

    def compare(self, error: float, peer: float) -> None:
        """Keeps the pair of errors of which elman's is the largest."""
        if not error <= self.error:
            self.error, self.peer = error, peer
