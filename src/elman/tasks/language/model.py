"""The language model: p(symbol_t | symbols before t) by a recurrent network.

h_t = recurrent(embedding[symbol_{t-1}], h_{t-1}),  p_t = softmax(W h_t + b)

Legend of shapes: T time steps, B sequences, H hidden size, V vocabulary.
"""

from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor, nn

from elman.data.batch import SequenceBatch
from elman.data.vocabulary import Vocabulary
from elman.nn.decode import Decoding
from elman.nn.dropout import Dropout
from elman.nn.linear import Linear
from elman.nn.recurrent import Recurrent
from elman.tasks.language import predict
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.metrics import Score, negative_log_likelihood
from elman.tasks.objective import Objective

State = Tensor | tuple[Tensor, ...]


class LanguageModel(nn.Module):
    """A recurrent network over characters, with the vocabulary it reads and writes."""

    task: ClassVar[str] = "language"
    # Symbols that follow the last character of every text: predicted and scored like any other.
    closing: ClassVar[tuple[int, ...]] = ()
    sample_length: ClassVar[int] = 500

    def __init__(self, config: LanguageConfig, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = vocabulary
        self.recurrent = Recurrent(
            config.cell,
            config.embedding_size,
            config.hidden_size,
            config.layers,
            dropout=config.dropout if config.layers > 1 else 0.0,
            num_embeddings=len(vocabulary),
        )
        self.dropout = Dropout(config.dropout)
        self.projection = Linear(self.recurrent.output_size, len(vocabulary))

    def forward(self, symbols: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Scores of the symbol after each: (T, B) int64 to (T, B, V), and the state after the last."""
        # No lengths: what follows the end of a sequence cannot change what is predicted before it.
        hidden_TBH, after = self.recurrent(symbols, state)
        return self.projection(self.dropout(hidden_TBH)), after

    def loss(self, batch: SequenceBatch, state: State | None = None) -> tuple[Tensor, State]:
        """-Σ ln p(target) over the targets that count, in nats, and the state after the last."""
        scores_TBV, after = self(batch.inputs, state)
        return negative_log_likelihood(scores_TBV, batch), after

    def objective(self, batch: SequenceBatch, state: State | None = None) -> Objective:
        """What training minimises on a batch: the mean of -ln p(target)."""
        nats, after = self.loss(batch, state)
        return Objective(nats / batch.symbols, nats.detach(), after)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.projection.weight.device

    def score(self, text: str) -> Score:
        """How probable a text of any length is; its first symbol is predicted from `<eos>`.

        Raises InputError when there is nothing to predict.
        """
        return predict.score(self, text)

    def stream(
        self,
        prompt: str = "",
        length: int | None = None,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int | None = None,
    ) -> Iterator[str]:
        """The characters that follow the prompt, each as soon as it is chosen, at most `length` of them.

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
