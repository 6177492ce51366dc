"""How well phrases are spotted: what is missed, and what is taken for one of them."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

_MILLION = 1e6


@dataclass(frozen=True)
class SpotScore:
    """Counts over a text: -Σ ln p(flag) in nats, characters, phrases that end in it, those of them that are
    missed, and flags raised where no phrase ends.
    """

    nats: float
    characters: int
    phrases: int
    misses: int
    false_alarms: int
    threshold: float

    @property
    def false_alarms_per_million(self) -> float:
        """False alarms in a million characters."""
        return _MILLION * self.false_alarms / self.characters

    def to_dict(self) -> dict[str, float]:
        """The figures as JSON can hold them."""
        return {
            "nats_per_character": self.nats / self.characters,
            "characters": self.characters,
            "occurrences": self.phrases,
            "misses": self.misses,
            "false_alarms": self.false_alarms,
            "false_alarms_per_million": self.false_alarms_per_million,
        }

    def describe(self) -> str:
        """The figures in a line."""
        share = f" ({self.misses / self.phrases:.2%})" if self.phrases else ""
        return (
            f"{self.misses:,} of {self.phrases:,} phrases missed{share}, {self.false_alarms:,} false alarms "
            f"in {self.characters:,} characters ({self.false_alarms_per_million:.1f} per million), "
            f"at {self.threshold:g}"
        )


def flag_nats(odds: Tensor, ends: Tensor) -> Tensor:
    """-Σ ln p(flag) in nats, a scalar, of log-odds and of whether a phrase ends, both of one shape."""
    return functional.binary_cross_entropy_with_logits(odds, ends.to(odds), reduction="sum")
