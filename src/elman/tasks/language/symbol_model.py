"""What models have in common that predict the symbols of a text: embedding, layers, dropout, softmax.

Legend of shapes: T time steps, B sequences, N targets that count, H hidden size.
"""

from typing import Any, ClassVar

from torch import Tensor, nn

from elman.data.batch import SequenceBatch
from elman.data.vocabulary import Vocabulary
from elman.nn.adaptive import AdaptiveSoftmax
from elman.nn.dropout import Dropout
from elman.nn.linear import Linear
from elman.nn.locked import LockedDropout
from elman.nn.penalties import activation_penalty, temporal_penalty
from elman.nn.recurrent import Recurrent
from elman.nn.smoothing import smoothed_cross_entropy
from elman.nn.tied import TiedLinear
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.metrics import counted
from elman.tasks.parts import Objective, TaskModel


class SymbolModel(TaskModel):
    """A recurrent network over the symbols of a vocabulary, and a softmax that predicts some of them."""

    vocabulary_class: ClassVar[type[Vocabulary]] = Vocabulary

    def __init__(self, config: LanguageConfig, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.config = config = config.resolved()
        self.vocabulary = vocabulary
        assert config.output_dropout is not None
        self.recurrent = self._recurrent()
        self.dropout = (LockedDropout if config.variational else Dropout)(config.output_dropout)
        self.projection: Any = self._projection()

    def _recurrent(self) -> Recurrent:
        config = self.config
        return Recurrent(
            config.cell,
            config.embedding_size,
            config.hidden_size,
            config.layers,
            num_embeddings=len(self.vocabulary),
            dropout=config.dropout,
            input_dropout=config.input_dropout,
            embedding_dropout=config.embedding_dropout,
            variational=config.variational,
            weight_drop=config.weight_drop,
            zoneout=config.zoneout,
        )

    def _projection(self) -> nn.Module:
        hidden, embedded = self.recurrent.output_size, self.config.embedding_size
        if self.config.softmax == "adaptive":
            return AdaptiveSoftmax(hidden, len(self.vocabulary))
        if not self.config.tied:
            return Linear(hidden, len(self.vocabulary))
        assert self.recurrent.embedding is not None
        tied = TiedLinear(self.recurrent.embedding)
        return tied if hidden == embedded else nn.Sequential(Linear(hidden, embedded, bias=False), tied)

    def _nats(self, hidden_TBH: Tensor, batch: SequenceBatch) -> Tensor:
        """-Σ ln p(target) over the targets that count."""
        _, nats = self._costs(self.dropout(hidden_TBH), batch, 0.0)
        return nats

    def _objective(self, hidden_TBH: Tensor, batch: SequenceBatch, state: Any) -> Objective:
        """The mean of -ln p(target), with label smoothing, and the penalties α AR of the activations after
        dropout and β TAR of those before it.
        """
        dropped_TBH = self.dropout(hidden_TBH)
        cost, nats = self._costs(dropped_TBH, batch, self.config.label_smoothing)
        loss = cost / max(1, batch.symbols)  # a process may have none in the last window
        mask_TB = None if batch.lengths is None else batch.mask()
        if self.config.activation_penalty:
            loss = loss + self.config.activation_penalty * activation_penalty(dropped_TBH, mask_TB)
        if self.config.temporal_penalty:
            loss = loss + self.config.temporal_penalty * temporal_penalty(hidden_TBH, mask_TB)
        return Objective(loss, nats.detach(), state)

    def _costs(self, hidden_TBH: Tensor, batch: SequenceBatch, smoothing: float) -> tuple[Tensor, Tensor]:
        """-Σ ln p(target) over the targets that count, with label smoothing and without."""
        rows_NH, targets_N = counted(hidden_TBH, batch), counted(batch.targets, batch)
        if isinstance(self.projection, AdaptiveSoftmax):
            nats = self.projection.negative_log_likelihood(rows_NH, targets_N)
            return nats, nats
        return smoothed_cross_entropy(self.projection(rows_NH), targets_N, smoothing)
