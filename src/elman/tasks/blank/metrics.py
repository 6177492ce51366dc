"""How well blanks are filled."""

from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from elman.tasks.language.metrics import Score

SHOWN = 5


@dataclass(frozen=True)
class BlankScore:
    """Of blanks, one symbol each: Σ ln p(symbol | its context), and how many of the symbols are the likeliest
    of all, and among the five likeliest.
    """

    log_prob: float
    symbols: int
    first: int
    among_five: int
    unit: str = "symbol"

    @property
    def accuracy(self) -> float:
        """The share of the blanks whose symbol is the likeliest."""
        return self.first / self.symbols

    @property
    def top_5_accuracy(self) -> float:
        """The share of the blanks whose symbol is among the five likeliest."""
        return self.among_five / self.symbols

    def to_dict(self) -> dict[str, float]:
        """The figures as JSON can hold them."""
        return {
            "symbols": self.symbols,
            "nats_per_symbol": -self.log_prob / self.symbols,
            "perplexity": Score(self.log_prob, self.symbols).perplexity,
            "accuracy": self.accuracy,
            "top_5_accuracy": self.top_5_accuracy,
        }

    def describe(self) -> str:
        """The figures in a line."""
        return (
            f"{self.accuracy:.1%} of {self.symbols:,} blanks filled right, {self.top_5_accuracy:.1%} within "
            f"five guesses; "
            f"{-self.log_prob / self.symbols:.4f} nats per {self.unit}"
        )

    @classmethod
    def of(cls, predictions: Iterable[tuple[Tensor, Tensor]], unit: str) -> "BlankScore":
        """The score of scores (N, V) for targets (N,), in parts. Of symbols with equal scores, all but the
        target come first.
        """
        log_prob, symbols, first, among_five = 0.0, 0, 0, 0
        for scores_NV, targets_N in predictions:
            log_prob -= float(functional.cross_entropy(scores_NV.double(), targets_N, reduction="sum"))
            own_N1 = scores_NV.gather(1, targets_N[:, None])
            ahead_N = (scores_NV >= own_N1).sum(1) - 1
            symbols += len(targets_N)
            first += int((ahead_N == 0).sum())
            among_five += int((ahead_N < SHOWN).sum())
        return cls(log_prob, symbols, first, among_five, unit)
