"""The language model: p(symbol_t | symbols before t) by a recurrent network.

h_t = recurrent(embedding[symbol_{t-1}], h_{t-1}),  p_t = softmax(W h_t + b)

Legend of shapes: T time steps, B sequences, H hidden size, V vocabulary.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from elman.data.batch import SequenceBatch
from elman.nn.beam import Beam
from elman.nn.decode import Decoding
from elman.tasks.language import predict
from elman.tasks.language.likeliest import likeliest
from elman.tasks.language.metrics import Score
from elman.tasks.language.symbol_model import SymbolModel
from elman.tasks.parts import Objective, State


class LanguageModel(SymbolModel):
    """A recurrent network over characters, words or subwords, with the vocabulary it reads and writes."""

    task: ClassVar[str] = "language"
    # Symbols that follow the last symbol of every text: predicted and scored like any other.
    closing: ClassVar[tuple[int, ...]] = ()
    sample_length: ClassVar[int] = 500

    def forward(self, symbols: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Scores of the symbol after each: (T, B) int64 to (T, B, V), and the state after the last."""
        # No lengths: what follows the end of a sequence cannot change what is predicted before it.
        hidden_TBH, after = self.recurrent(symbols, state)
        return self.projection(self.dropout(hidden_TBH)), after

    def loss(self, batch: SequenceBatch, state: State | None = None) -> tuple[Tensor, State]:
        """-Σ ln p(target) over the targets that count, in nats, and the state after the last."""
        hidden_TBH, after = self.recurrent(batch.inputs, state)
        return self._nats(hidden_TBH, batch), after

    def objective(self, batch: SequenceBatch, state: State | None = None) -> Objective:
        """What training minimises on a batch: the mean of -ln p(target), with label smoothing, and the
        penalties of activations and of their change.
        """
        hidden_TBH, after = self.recurrent(batch.inputs, state)
        return self._objective(hidden_TBH, batch, after)

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
