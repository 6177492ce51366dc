"""How well symbols are predicted."""

import math
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from elman.data.batch import SequenceBatch

_LARGEST_EXPONENT = 709.0


@dataclass(frozen=True)
class Score:
    """The probability of a text under a model: log_prob = Σ_t ln p(symbol_t | symbols before t), in nats."""

    log_prob: float
    symbols: int
    unit: str = "symbol"
    """What the symbols are: characters, words, subwords."""
    characters: int | None = None
    """How many characters the text has, where it is known."""

    @property
    def nats_per_symbol(self) -> float:
        """The cross-entropy, -log_prob / symbols."""
        return -self.log_prob / self.symbols

    @property
    def bits_per_symbol(self) -> float:
        """The cross-entropy in bits: nats / ln 2."""
        return self.nats_per_symbol / math.log(2.0)

    @property
    def bits_per_character(self) -> float | None:
        """The bits of the text over its characters: a figure by which levels compare."""
        return None if self.characters is None else -self.log_prob / self.characters / math.log(2.0)

    @property
    def perplexity(self) -> float:
        """exp(nats per symbol): among how many equally likely symbols the model would be as unsure."""
        nats = self.nats_per_symbol
        return math.exp(nats) if nats < _LARGEST_EXPONENT else math.inf

    def describe(self) -> str:
        """The figures in a line."""
        line = (
            f"{self.nats_per_symbol:.4f} nats = {self.bits_per_symbol:.4f} bits per {self.unit}, "
            f"perplexity {self.perplexity:.3f} ({self.symbols:,} {self.unit}s)"
        )
        if self.unit == "character" or self.bits_per_character is None:
            return line
        return f"{line}, {self.bits_per_character:.4f} bits per character"

    def to_dict(self) -> dict[str, float]:
        """The figures as JSON can hold them."""
        figures = {
            "log_prob": self.log_prob,
            "symbols": self.symbols,
            "nats_per_symbol": self.nats_per_symbol,
            "bits_per_symbol": self.bits_per_symbol,
            "perplexity": self.perplexity,
        }
        if self.bits_per_character is not None:
            figures["bits_per_character"] = self.bits_per_character
        return figures


def counted(values_TB: Tensor, batch: SequenceBatch) -> Tensor:
    """The values of the targets that count, row by row: of (T, B, …) the (N, …)."""
    return values_TB.flatten(0, 1) if batch.lengths is None else values_TB[batch.mask()]


def negative_log_likelihood(scores_TBV: Tensor, batch: SequenceBatch) -> Tensor:
    """-Σ ln softmax(scores)[target] over the targets that count, in nats: a scalar."""
    scores_NV, targets_N = counted(scores_TBV, batch), counted(batch.targets, batch)
    return functional.cross_entropy(scores_NV, targets_N, reduction="sum")
