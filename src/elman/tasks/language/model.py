"""The language model: p(symbol_t | symbols before t) by a recurrent network.

h_t = recurrent(embedding[symbol_{t-1}], h_{t-1}),  p_t = softmax(W h_t + b)

Legend of shapes: T time steps, B sequences, H hidden size, V vocabulary.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from elman.data.batch import SequenceBatch
from elman.data.vocabulary import Vocabulary
from elman.nn.adaptive import AdaptiveSoftmax
from elman.nn.beam import Beam
from elman.nn.decode import Decoding
from elman.nn.dropout import Dropout
from elman.nn.linear import Linear
from elman.nn.locked import LockedDropout
from elman.nn.penalties import activation_penalty, temporal_penalty
from elman.nn.recurrent import Recurrent
from elman.nn.smoothing import smoothed_cross_entropy
from elman.nn.tied import TiedLinear
from elman.tasks.language import predict
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.likeliest import likeliest
from elman.tasks.language.metrics import Score, counted
from elman.tasks.parts import Objective, State, TaskModel


class LanguageModel(TaskModel):
    """A recurrent network over characters, words or subwords, with the vocabulary it reads and writes."""

    task: ClassVar[str] = "language"
    vocabulary_class: ClassVar[type[Vocabulary]] = Vocabulary
    # Symbols that follow the last symbol of every text: predicted and scored like any other.
    closing: ClassVar[tuple[int, ...]] = ()
    sample_length: ClassVar[int] = 500

    def __init__(self, config: LanguageConfig, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.config = config = config.resolved()
        self.vocabulary = vocabulary
        assert config.embedding_size is not None
        assert config.dropout is not None
        assert config.output_dropout is not None
        self.recurrent = Recurrent(
            config.cell,
            config.embedding_size,
            config.hidden_size,
            config.layers,
            num_embeddings=len(vocabulary),
            dropout=config.dropout,
            input_dropout=config.input_dropout,
            embedding_dropout=config.embedding_dropout,
            variational=config.variational,
            weight_drop=config.weight_drop,
            zoneout=config.zoneout,
        )
        self.dropout = (LockedDropout if config.variational else Dropout)(config.output_dropout)
        self.projection: Any = self._projection(self.recurrent.output_size, config.embedding_size)

    def _projection(self, hidden: int, embedded: int) -> nn.Module:
        if self.config.softmax == "adaptive":
            return AdaptiveSoftmax(hidden, len(self.vocabulary))
        if not self.config.tied:
            return Linear(hidden, len(self.vocabulary))
        assert self.recurrent.embedding is not None
        tied = TiedLinear(self.recurrent.embedding)
        return tied if hidden == embedded else nn.Sequential(Linear(hidden, embedded, bias=False), tied)

    def forward(self, symbols: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Scores of the symbol after each: (T, B) int64 to (T, B, V), and the state after the last."""
        # No lengths: what follows the end of a sequence cannot change what is predicted before it.
        hidden_TBH, after = self.recurrent(symbols, state)
        return self.projection(self.dropout(hidden_TBH)), after

    def loss(self, batch: SequenceBatch, state: State | None = None) -> tuple[Tensor, State]:
        """-Σ ln p(target) over the targets that count, in nats, and the state after the last."""
        hidden_TBH, after = self.recurrent(batch.inputs, state)
        _, nats = self._costs(self.dropout(hidden_TBH), batch, 0.0)
        return nats, after

    def objective(self, batch: SequenceBatch, state: State | None = None) -> Objective:
        """What training minimises on a batch: the mean of -ln p(target), with label smoothing, and the
        penalties α AR of the activations after dropout and β TAR of those before it.
        """
        hidden_TBH, after = self.recurrent(batch.inputs, state)
        dropped_TBH = self.dropout(hidden_TBH)
        cost, nats = self._costs(dropped_TBH, batch, self.config.label_smoothing)
        loss = cost / max(1, batch.symbols)  # a process may have none in the last window
        mask_TB = None if batch.lengths is None else batch.mask()
        if self.config.activation_penalty:
            loss = loss + self.config.activation_penalty * activation_penalty(dropped_TBH, mask_TB)
        if self.config.temporal_penalty:
            loss = loss + self.config.temporal_penalty * temporal_penalty(hidden_TBH, mask_TB)
        return Objective(loss, nats.detach(), after)

    def _costs(self, hidden_TBH: Tensor, batch: SequenceBatch, smoothing: float) -> tuple[Tensor, Tensor]:
        """-Σ ln p(target) over the targets that count, with label smoothing and without."""
        rows_NH, targets_N = counted(hidden_TBH, batch), counted(batch.targets, batch)
        if isinstance(self.projection, AdaptiveSoftmax):
            nats = self.projection.negative_log_likelihood(rows_NH, targets_N)
            return nats, nats
        return smoothed_cross_entropy(self.projection(rows_NH), targets_N, smoothing)

    def score(self, text: str) -> Score:
        """How probable a text of any length is; its first symbol is predicted from `<eos>`.

        Raises InputError when there is nothing to predict.
        """
        return predict.score(self, text)

    def log_probs(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """ln p of each text, closing symbols included, of many texts much faster than `score` of each: (B,).

        Raises InputError for a text without a symbol.
        """
        return predict.log_probs(self, texts)

    def stream(
        self,
        prompt: str = "",
        length: int | None = None,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int | None = None,
    ) -> Iterator[str]:
        """What follows the prompt, symbol by symbol as each is chosen, at most `length` of them.

        The other options are those of `Decoding`; the same seed gives the same text. Raises InputError for an
        option out of range.
        """
        decoding = Decoding(temperature, top_k, top_p)
        length = self.sample_length if length is None else length
        return predict.stream(self, prompt, length, decoding, seed)

    def sample(
        self,
        prompt: str = "",
        length: int | None = None,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int | None = None,
    ) -> str:
        """The prompt and what `stream` makes of it."""
        return prompt + "".join(self.stream(prompt, length, temperature, top_k, top_p, seed))

    def likeliest(
        self, prompt: str = "", length: int | None = None, beam: int = 5, block_ngram: int = 0
    ) -> str:
        """The prompt and the likeliest text after it that a search with so many beginnings finds.

        It ends by itself where the model knows how, else after `length` symbols. block_ngram: no so many
        symbols in a row are written twice. Raises InputError for an option out of range.
        """
        length = self.sample_length if length is None else length
        return prompt + likeliest(self, prompt, length, Beam(beam, 1, 0.0, block_ngram))
