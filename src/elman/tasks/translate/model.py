"""The translator: p(symbol_t of the target | the source, the symbols before t).

    m_s = [→h_s; ←h_s] of the source,  o_t = decoder(symbols before t, attention to m)
    p_t = softmax(E o_t + b), where E is the embedding of the target's symbols

The decoder begins with the last states of the encoder, those of both directions side by side: both are of
half its size, so this is a state of the cell, whatever the cell.

Legend of shapes: T steps, S places of the source, B pairs, H hidden size, E embedding size, V symbols.
"""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import torch
from torch import Tensor

from elman.nn.attention_decoder import AttentionDecoder, Written
from elman.nn.dropout import Dropout
from elman.nn.recurrent import Recurrent
from elman.nn.smoothing import smoothed_cross_entropy
from elman.nn.tied import TiedLinear
from elman.tasks.language.metrics import counted
from elman.tasks.parts import Objective, TaskModel
from elman.tasks.translate import predict
from elman.tasks.translate.config import PredictOptions, TranslateConfig
from elman.tasks.translate.data import PairBatch, TranslateData
from elman.tasks.translate.vocabulary import PairVocabulary

_LONGER, _MORE = 2, 10


class TranslateModel(TaskModel):
    """An encoder that reads in both directions, and a decoder with attention; any cell."""

    task: ClassVar[str] = "translate"
    vocabulary_class: ClassVar[type[PairVocabulary]] = PairVocabulary
    data_class: ClassVar[type[TranslateData]] = TranslateData

    def __init__(self, config: TranslateConfig, vocabulary: PairVocabulary) -> None:
        super().__init__()
        self.config = config = config.resolved()
        self.vocabulary = vocabulary
        self.encoder = Recurrent(
            config.cell,
            config.embedding_size,
            config.hidden_size // 2,
            config.layers,
            bidirectional=True,
            num_embeddings=len(vocabulary.source),
            dropout=config.dropout,
            input_dropout=config.dropout,
            embedding_dropout=config.embedding_dropout,
        )
        self.dropout = Dropout(config.dropout)
        self.decoder = AttentionDecoder(
            config.cell,
            len(vocabulary.target),
            config.embedding_size,
            config.hidden_size,
            config.layers,
            config.attention,
            config.dropout,
            config.embedding_dropout,
        )
        self.projection = TiedLinear(self.decoder.embedding)

    def encode(self, sources_SB: Tensor, lengths_B: Tensor) -> Written:
        """Where writing the targets of some sources begins."""
        memory_SBH, states = self.encoder(sources_SB, lengths=lengths_B)
        places_SB = torch.arange(len(sources_SB), device=lengths_B.device)[:, None] < lengths_B
        states = (states,) if isinstance(states, Tensor) else states
        both = tuple(torch.cat([state[0::2], state[1::2]], -1) for state in states)
        return self.decoder.start(self.dropout(memory_SBH), places_SB, both)

    def forward(self, batch: PairBatch) -> Tensor:
        """What the scores of each symbol of the targets follow from: (T, B, E)."""
        start = self.encode(batch.sources, batch.lengths)
        inputs_TB = batch.targets.inputs
        if self.training and self.config.scheduled_sampling:
            inputs_TB = self._sampled(inputs_TB, start)
        return self.decoder(inputs_TB, start)[0]

    @torch.no_grad()
    def _sampled(self, inputs_TB: Tensor, start: Written) -> Tensor:
        """What the decoder reads where a share of it is what it would itself have written (Bengio et al.
        2015), drawn from a first pass over the targets, at all steps at once (Mihaylova & Martins 2019).
        """
        output_TBE, _, _ = self.decoder(inputs_TB, start)
        chosen_N = self.projection(output_TBE.flatten(0, 1)).softmax(-1).multinomial(1)
        chosen_TB = torch.cat([inputs_TB[:1], chosen_N.view_as(inputs_TB)[:-1]])
        own_TB = torch.rand(inputs_TB.shape, device=inputs_TB.device) < self.config.scheduled_sampling
        return torch.where(own_TB, chosen_TB, inputs_TB)

    def longest_target(self, source: int) -> int:
        """How many symbols a target may have at most, where the source has so many."""
        return _LONGER * source + _MORE

    def loss(self, batch: PairBatch, state: Any = None) -> tuple[Tensor, None]:
        """-Σ ln p(target) over the targets that count, in nats; no state is carried."""
        return self._costs(batch, 0.0)[1], None

    def objective(self, batch: PairBatch, state: Any = None) -> Objective:
        """The mean of -ln p(target), with label smoothing."""
        cost, nats = self._costs(batch, self.config.label_smoothing)
        return Objective(cost / max(1, batch.symbols), nats.detach())

    def _costs(self, batch: PairBatch, smoothing: float) -> tuple[Tensor, Tensor]:
        """-Σ ln p(target) over the targets that count, with label smoothing and without."""
        # Scores, of all symbols of the vocabulary, are computed where a target counts alone.
        rows_NE, targets_N = (
            counted(values, batch.targets) for values in (self(batch), batch.targets.targets)
        )
        return smoothed_cross_entropy(self.projection(rows_NE), targets_N, smoothing)

    def translations(self, texts: Iterable[str], **options: Any) -> Iterator["predict.Translation"]:
        """The translation of each text; the options are those of PredictOptions.

        Raises InputError for a text without any symbol, or a very long one, and for an option out of range.
        """
        return predict.predictions(self, texts, PredictOptions(**options))

    def translate(self, text: str, **options: Any) -> "predict.Translation":
        """The translation of a text, as `translations` makes it."""
        return next(self.translations([text], **options))
