"""How well likenesses agree with what people, or the data, say.

Legend of shapes: N values.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


def ranks(values: ArrayLike) -> NDArray[np.float64]:
    """The place of each value (N,) among all, from 1; equal ones share the mean of their places."""
    _, which, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2.0)[which]


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """The correlation of the ranks of two rows of N values (Spearman 1904); 0 where one row is constant."""
    a, b = (ranks(values) - np.mean(ranks(values)) for values in (first, second))
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm else 0.0


@dataclass(frozen=True)
class SimilarScore:
    """How likenesses fare on pairs.

    nats: -Σ ln p(score) of pairs with scores, or -Σ ln p(partner) among the pairs of a batch; None where a
    model was not trained for it. spearman: of likenesses with scores. found: the share of texts whose partner
    is the most alike of `among` texts; reciprocal_rank: the mean of 1 / the place of the partner.
    """

    pairs: int
    nats: float | None = None
    spearman: float | None = None
    found: float | None = None
    reciprocal_rank: float | None = None
    among: int | None = None

    def to_dict(self) -> dict[str, float]:
        """The figures as JSON can hold them."""
        figures = {
            "nats_per_pair": None if self.nats is None else self.nats / self.pairs,
            "pairs": self.pairs,
            "spearman": self.spearman,
            "found": self.found,
            "reciprocal_rank": self.reciprocal_rank,
            "among": self.among,
        }
        return {name: value for name, value in figures.items() if value is not None}

    def describe(self) -> str:
        """The figures in a line."""
        nats = "" if self.nats is None else f"{self.nats / self.pairs:.4f} nats per pair, "
        if self.spearman is not None:
            return f"{nats}Spearman correlation with the scores {self.spearman:.3f} ({self.pairs:,} pairs)"
        return (
            f"{nats}the partner found first among {self.among:,} in {self.found:.1%}, "
            f"mean reciprocal rank {self.reciprocal_rank:.3f} ({self.pairs:,} pairs)"
        )
