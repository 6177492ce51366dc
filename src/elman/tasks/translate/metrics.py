"""How good translations are: by their likeness to those of people, and by the probability of the latter."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from elman.data.segment import HAN

_HAN = re.compile(f"[{HAN}]")
_MOST = 0.5
_LARGEST_EXPONENT = 709.0


@dataclass(frozen=True)
class Score:
    """BLEU (Papineni et al. 2002) and chrF (Popović 2015) as sacrebleu computes them, over all texts at once,
    with the signatures that say how; and -Σ ln p of the references, in nats, over so many symbols.
    """

    bleu: float
    chrf: float
    signatures: tuple[str, str]
    texts: int
    nats: float
    symbols: int

    @property
    def nats_per_symbol(self) -> float:
        """The cross-entropy."""
        return self.nats / self.symbols

    @property
    def perplexity(self) -> float:
        """exp(nats per symbol)."""
        nats = self.nats_per_symbol
        return math.exp(nats) if nats < _LARGEST_EXPONENT else math.inf

    def to_dict(self) -> dict[str, float]:
        """The figures by name."""
        return {
            "bleu": self.bleu,
            "chrf": self.chrf,
            "texts": self.texts,
            "nats_per_symbol": self.nats_per_symbol,
            "perplexity": self.perplexity,
            "symbols": self.symbols,
        }

    def describe(self) -> str:
        """The figures, with the signatures."""
        bleu, chrf = self.signatures
        return (
            f"BLEU {self.bleu:.2f}, chrF {self.chrf:.2f} ({self.texts:,} texts); "
            f"{self.nats_per_symbol:.4f} nats per symbol, perplexity {self.perplexity:.3f}\n"
            f"BLEU {bleu}\nchrF {chrf}"
        )


def score(
    found: Sequence[str], references: Sequence[str], nats: float, symbols: int, lower: bool = False
) -> Score:
    """The score of texts found for references; Chinese is compared by character, other texts by word.

    lower: both in small letters.
    """
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    metrics: tuple[Any, Any] = (
        BLEU(tokenize="zh" if _is_chinese(references) else "13a", lowercase=lower),
        CHRF(lowercase=lower),
    )
    bleu, chrf = (metric.corpus_score(list(found), [list(references)]).score for metric in metrics)
    signatures = (str(metrics[0].get_signature()), str(metrics[1].get_signature()))
    return Score(bleu, chrf, signatures, len(found), nats, symbols)


def _is_chinese(texts: Sequence[str]) -> bool:
    """Whether most letters of some texts are Chinese."""
    letters = [letter for text in texts for letter in text if letter.isalpha()]
    return sum(1 for letter in letters if _HAN.match(letter)) > _MOST * len(letters)
