"""The siamese model: one network reads both texts (Bromley et al. 1993, Mueller & Thyagarajan 2016).

    e = pool_t h_t,  h = recurrent(embedding[text]),  likeness = cos(e, e')

Of pairs with scores it learns p(alike) = sigmoid(a cos(e, e') + b), the score in [0, 1] being how often they
are. Of alike pairs it learns which text of a batch is the partner, p(j | i) = softmax_j(cos(e_i, e'_j) / τ),
in both directions (InfoNCE, van den Oord et al. 2018).

Legend of shapes: T symbols, N texts, P pairs, O output size of the layers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from elman.nn.dropout import Dropout
from elman.nn.pooling import POOLINGS
from elman.nn.recurrent import Recurrent
from elman.tasks.parts import Objective, TaskModel
from elman.tasks.pretrained import begin
from elman.tasks.similar import predict
from elman.tasks.similar.config import SimilarConfig
from elman.tasks.similar.data import PairBatch, interchangeable
from elman.tasks.similar.index import Index
from elman.tasks.similar.vocabulary import SimilarVocabulary

# Where p(alike) begins: about one half for a likeness of one half, steep enough to come near 0 and 1.
_STEEPNESS, _OFFSET = 10.0, -5.0
_EMBEDDING_STD = 1.0


class SimilarModel(TaskModel):
    """A recurrent network that makes a vector of a text of any length."""

    task: ClassVar[str] = "similar"
    vocabulary_class: ClassVar[type[SimilarVocabulary]] = SimilarVocabulary
    unit: ClassVar[str] = "pair"

    def __init__(self, config: SimilarConfig, vocabulary: SimilarVocabulary) -> None:
        super().__init__()
        vectors = vocabulary.vectors
        self.config = config = config.resolved(None if vectors is None else vectors.size)
        self.vocabulary = vocabulary
        assert config.embedding_size is not None
        self.recurrent = Recurrent(
            config.cell,
            config.embedding_size,
            config.hidden_size,
            config.layers,
            bidirectional=config.bidirectional,
            num_embeddings=len(vocabulary.symbols),
            dropout=config.dropout,
            input_dropout=config.input_dropout,
        )
        self.pooling: Any = POOLINGS[config.pooling](self.recurrent.output_size, config.bidirectional)
        self.dropout = Dropout(config.dropout)
        if vocabulary.scores is not None:
            self.steepness = nn.Parameter(torch.tensor(_STEEPNESS))
            self.offset = nn.Parameter(torch.tensor(_OFFSET))
        assert self.recurrent.embedding is not None
        begin(self.recurrent.embedding.weight, _EMBEDDING_STD, vocabulary.symbols, vectors)

    def forward(self, texts: Tensor, lengths: Tensor) -> Tensor:
        """The vectors of texts (T, N) int64 of those lengths (N,): (N, O), of norm 1."""
        outputs_TNO, _ = self.recurrent(texts, lengths=lengths)
        pooled_NO = self.pooling(outputs_TNO, lengths)
        # The same numbers are left out of all texts: a mask for each would make all of them less alike.
        mask_1O = self.dropout(torch.ones_like(pooled_NO[:1]))
        return functional.normalize(pooled_NO * mask_1O, dim=-1)

    def nats(self, vectors: Tensor, batch: PairBatch) -> Tensor:
        """-ln p of each pair of a batch, (P,), of its score or of each other as partners, in both directions;
        vectors (2P, O) are what `forward` makes of its texts.

        A text that could stand for the partner as well is no wrong answer.
        """
        first_PO, second_PO = vectors.chunk(2)
        if batch.scores is not None:
            odds_P = self.steepness * (first_PO * second_PO).sum(-1) + self.offset
            scores_P = batch.scores.clamp(0.0, 1.0)
            return functional.binary_cross_entropy_with_logits(odds_P, scores_P, reduction="none")
        first_P, second_P = batch.same.chunk(2)
        itself_P = torch.arange(len(first_P), device=first_P.device)
        right_PP = interchangeable(first_P, second_P).fill_diagonal_(False)
        scores_PP = (first_PO @ second_PO.T / self.config.temperature).masked_fill(right_PP, -math.inf)
        rightwards_P, leftwards_P = (
            functional.cross_entropy(scores, itself_P, reduction="none")
            for scores in (scores_PP, scores_PP.T)
        )
        return (rightwards_P + leftwards_P) / 2.0

    def loss(self, batch: PairBatch, state: Any = None) -> tuple[Tensor, None]:
        """-Σ ln p over the pairs, in nats; there is no state."""
        return self.nats(self(batch.texts, batch.lengths), batch)[: batch.count].sum(), None

    def objective(self, batch: PairBatch, state: Any = None) -> Objective:
        """What training minimises on a batch: the mean of -ln p over its pairs."""
        nats, _ = self.loss(batch)
        return Objective(nats / max(1, batch.symbols), nats.detach())

    def vectors(self, texts: Iterable[str]) -> Tensor:
        """The vectors of texts, (N, O), of norm 1, on the CPU; raises InputError for a text of blanks."""
        return predict.vectors(self, texts)

    def likeness(self, first: str, second: str) -> float:
        """How alike two texts are, from -1 to 1; raises InputError for a text of blanks."""
        a, b = self.vectors([first, second])
        return float(a @ b)

    def index(self, lines: Iterable[str]) -> Index:
        """Lines to be ranked by how alike they are to a text; raises InputError where there is none."""
        return Index(self, lines)
