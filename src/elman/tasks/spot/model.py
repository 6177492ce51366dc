"""The model that spots phrases: after each character, the probability that a phrase ends there.

h_t = recurrent(embedding[character_t], h_{t-1}),  p_tk = sigmoid(W_k h_t + b_k)

Legend of shapes: T time steps, B sequences, H hidden size, K phrases.
"""

from typing import ClassVar

from torch import Tensor, nn

from elman.core.errors import InputError
from elman.data.vocabulary import UNKNOWN
from elman.nn.dropout import Dropout
from elman.nn.linear import Linear
from elman.nn.recurrent import Recurrent
from elman.tasks.parts import Objective, State, TaskModel
from elman.tasks.spot.config import SpotConfig
from elman.tasks.spot.data import SpotBatch
from elman.tasks.spot.metrics import flag_nats
from elman.tasks.spot.stream import PhraseStream
from elman.tasks.spot.vocabulary import FoldedVocabulary

# A phrase ends at few characters, and a fresh model is to know that.
_RARE = -4.0


class SpotModel(TaskModel):
    """A recurrent network over characters with a flag for each phrase.

    Raises InputError for a phrase with a character that is not in the vocabulary.
    """

    task: ClassVar[str] = "spot"
    vocabulary_class: ClassVar[type[FoldedVocabulary]] = FoldedVocabulary
    unit: ClassVar[str] = "character"

    def __init__(self, config: SpotConfig, vocabulary: FoldedVocabulary) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = vocabulary
        self.phrases = tuple(map(vocabulary.encode, config.each_phrase))
        for phrase, symbols in zip(config.each_phrase, self.phrases, strict=True):
            if UNKNOWN in symbols:
                raise InputError(f"the phrase {phrase!r} has a character that is not in the vocabulary")
        self.recurrent = Recurrent(
            config.cell,
            config.embedding_size,
            config.hidden_size,
            config.layers,
            num_embeddings=len(vocabulary),
            dropout=config.dropout,
        )
        self.dropout = Dropout(config.dropout)
        self.projection = Linear(self.recurrent.output_size, len(self.phrases))
        nn.init.constant_(self.projection.bias, _RARE)

    def forward(self, characters: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The log-odds that each phrase ends at each character, (T, B) int64 to (T, B, K), and the last
        state.
        """
        hidden_TBH, after = self.recurrent(characters, state)
        return self.projection(self.dropout(hidden_TBH)), after

    def loss(self, batch: SpotBatch, state: State | None = None) -> tuple[Tensor, State]:
        """-Σ ln p(flag) over all phrases and the characters that count, in nats, and the last state."""
        odds_TBK, after = self(batch.inputs, state)
        return flag_nats(batch.counted(odds_TBK), batch.counted(batch.ends)), after

    def objective(self, batch: SpotBatch, state: State | None = None) -> Objective:
        """What training minimises on a batch: the mean of -ln p(flag) over its characters."""
        nats, after = self.loss(batch, state)
        return Objective(nats / max(1, batch.symbols), nats.detach(), after)

    def stream(self, threshold: float | None = None) -> PhraseStream:
        """A stream of text that is fed piece by piece; threshold is by itself that of the model.

        Raises InputError for a threshold that is not between 0 and 1.
        """
        return PhraseStream(self, threshold)
