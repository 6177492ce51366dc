"""How good vectors of words are: by their own objective, by analogies, and by people's judgement of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elman.run.word2vec import Targets
from elman.tasks.embed.targets import told


@dataclass(frozen=True)
class Loss:
    """-Σ ln p of the targets of neighbours, by the objective of the vectors, a mean over so many pairs."""

    nats: float
    pairs: int

    @classmethod
    def of(
        cls,
        words: NDArray[np.int32],
        vectors: NDArray[np.float32],
        outputs: NDArray[np.float32],
        targets: Targets,
        seed: int = 0,
    ) -> Loss:
        """The loss of telling every word from the one after it, nothing between them left out."""
        inputs, centers = words[1:], words[:-1]
        both = (inputs >= 0) & (centers >= 0)
        inputs, centers = inputs[both], centers[both]
        if not len(inputs):
            return cls(0.0, 0)
        pair, rows, labels = told(targets, centers, np.random.default_rng(seed))
        scores = np.einsum("nd,nd->n", vectors[inputs[pair]], outputs[rows])
        nats = np.logaddexp(0.0, np.where(labels > 0.5, -scores, scores))
        return cls(float(nats.sum()) / len(inputs), len(inputs))

    def to_dict(self) -> dict[str, float]:
        return {"nats_per_pair": self.nats}

    def describe(self) -> str:
        return f"{self.nats:.4f} nats per pair of neighbours, over {self.pairs:,} pairs of the text"


@dataclass(frozen=True)
class Analogies:
    """Of how many questions of each section the right word was the first, and how many there were.

    unknown: questions left out, because a word of them has no vector.
    """

    sections: Mapping[str, tuple[int, int]]
    unknown: int

    @property
    def right(self) -> int:
        return sum(right for right, _ in self.sections.values())

    @property
    def asked(self) -> int:
        return sum(asked for _, asked in self.sections.values())

    def to_dict(self) -> dict[str, float]:
        shares = {name: right / asked for name, (right, asked) in self.sections.items() if asked}
        return {"accuracy": self.right / max(1, self.asked), "questions": float(self.asked), **shares}

    def describe(self) -> str:
        width = max((len(name) for name in self.sections), default=0)
        lines = [
            f"{name:{width}}  {right / asked:6.1%}  {right:,} of {asked:,}"
            for name, (right, asked) in self.sections.items()
            if asked
        ]
        total = f"{self.right / max(1, self.asked):.1%} right: {self.right:,} of {self.asked:,} questions"
        return "\n".join([*lines, f"{total}; {self.unknown:,} with a word that has no vector left out"])


@dataclass(frozen=True)
class Pairs:
    """Spearman's correlation of likeness with what people say of pairs; unknown: pairs left out."""

    spearman: float
    pairs: int
    unknown: int

    def to_dict(self) -> dict[str, float]:
        return {"spearman": self.spearman, "pairs": float(self.pairs)}

    def describe(self) -> str:
        return (
            f"Spearman's correlation {self.spearman:.4f} over {self.pairs:,} pairs; "
            f"{self.unknown:,} with a word that has no vector left out"
        )


def spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """The correlation of ranks, equal values having their mean (Spearman 1904); NaN where one is constant."""
    first, second = (rank - rank.mean() for rank in (_ranks(a), _ranks(b)))
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / size if size else float("nan")


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[place]
