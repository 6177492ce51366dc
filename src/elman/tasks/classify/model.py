"""The classifier: p(label | text) by a recurrent network that reads the text.

    h = recurrent(embedding[text]),  y = pool_t h_t,  p = softmax(W y + b)

Legend of shapes: T symbols, B texts, O output size of the layers, C labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from elman.nn.dropout import Dropout
from elman.nn.linear import Linear
from elman.nn.pooling import POOLINGS
from elman.nn.recurrent import Recurrent
from elman.tasks.classify import predict
from elman.tasks.classify.config import ClassifyConfig
from elman.tasks.classify.data import NO_LABEL, TextBatch
from elman.tasks.classify.vocabulary import ClassifyVocabulary
from elman.tasks.parts import Objective, TaskModel
from elman.tasks.pretrained import begin

_EMBEDDING_STD = 0.1  # small, so that a symbol that is rare says little
_POWERS = {"none": 0.0, "root": 0.5, "balanced": 1.0}


class ClassifyModel(TaskModel):
    """A recurrent network over the symbols of a text, pooled, with the labels it chooses from."""

    task: ClassVar[str] = "classify"
    vocabulary_class: ClassVar[type[ClassifyVocabulary]] = ClassifyVocabulary
    unit: ClassVar[str] = "text"
    class_weights: Tensor

    def __init__(self, config: ClassifyConfig, vocabulary: ClassifyVocabulary) -> None:
        super().__init__()
        vectors = vocabulary.vectors
        self.config = config = config.resolved(None if vectors is None else vectors.size)
        self.vocabulary = vocabulary
        assert config.embedding_size is not None
        assert config.embedding_dropout is not None
        self.recurrent = Recurrent(
            config.cell,
            config.embedding_size,
            config.hidden_size,
            config.layers,
            bidirectional=config.bidirectional,
            num_embeddings=len(vocabulary.symbols),
            dropout=config.dropout,
            input_dropout=config.input_dropout,
            embedding_dropout=config.embedding_dropout,
        )
        self.pooling: Any = POOLINGS[config.pooling](self.recurrent.output_size, config.bidirectional)
        self.dropout = Dropout(config.dropout)
        self.projection = Linear(self.recurrent.output_size, len(vocabulary.labels))
        weights = torch.from_numpy(vocabulary.weights(_POWERS[config.class_weights]))
        self.register_buffer("class_weights", weights, persistent=False)
        assert self.recurrent.embedding is not None
        begin(self.recurrent.embedding.weight, _EMBEDDING_STD, vocabulary.symbols, vectors)

    def outputs(self, texts: Tensor, lengths: Tensor) -> Tensor:
        """What the layers make of texts (T, B) of those lengths (B,): (T, B, O)."""
        return self.recurrent(texts, lengths=lengths)[0]

    def forward(self, texts: Tensor, lengths: Tensor) -> Tensor:
        """Scores of the labels for texts (T, B) of those lengths (B,): (B, C)."""
        return self.scores(self.outputs(texts, lengths), lengths)

    def scores(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Scores of the labels for what `outputs` returns: (B, C)."""
        return self.projection(self.dropout(self.pooling(outputs, lengths)))

    def loss(self, batch: TextBatch, state: Any = None) -> tuple[Tensor, None]:
        """-Σ ln p(label) over the texts, in nats; there is no state."""
        return _nats(self(batch.texts, batch.lengths), batch.labels), None

    def objective(self, batch: TextBatch, state: Any = None) -> Objective:
        """What training minimises on a batch: the mean of -w(label) ln p(label), with label smoothing."""
        scores_BC = self(batch.texts, batch.lengths)
        cost = functional.cross_entropy(
            scores_BC,
            batch.labels,
            self.class_weights,
            reduction="sum",
            ignore_index=NO_LABEL,
            label_smoothing=self.config.label_smoothing,
        )
        nats = _nats(scores_BC.detach(), batch.labels)
        return Objective(cost / max(1, batch.symbols), nats)

    def classify(self, texts: Iterable[str]) -> list[predict.Classification]:
        """The labels of some texts, with their probabilities; raises InputError for a text of blanks."""
        return list(predict.predictions(self, texts))


def _nats(scores_BC: Tensor, labels_B: Tensor) -> Tensor:
    return functional.cross_entropy(scores_BC, labels_B, reduction="sum", ignore_index=NO_LABEL)
