"""The model that tags: p(tags | sentence) by a bidirectional network under a linear-chain CRF.

    x_t = [word_t; characters_t; trigrams_t],  h_t = [→h_t; ←h_t],  s_t = W h_t + b,  p(y | s) by the CRF,
    p(intent | sentence) = softmax(V max_t h_t + c)

characters_t: the two ends of a recurrent layer over the letters of a word (Lample et al. 2016); trigrams_t:
the mean of the rows of its letter trigrams (Huang et al. 2013).

Legend of shapes: T tokens, B sentences, U different tokens, K tags.
"""

import math
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from elman.data.phrases import forbidden
from elman.data.vocabulary import UNKNOWN
from elman.nn.crf import LinearChainCRF
from elman.nn.linear import Linear
from elman.nn.locked import LockedDropout
from elman.nn.pooling import LastPooling, MaxPooling
from elman.nn.recurrent import Recurrent
from elman.tasks.parts import Objective, TaskModel
from elman.tasks.pretrained import begin
from elman.tasks.tag import predict
from elman.tasks.tag.config import TagConfig
from elman.tasks.tag.data import NO_INTENT, TagBatch
from elman.tasks.tag.tokens import Spelled
from elman.tasks.tag.vocabulary import TagVocabulary


class TagModel(TaskModel):
    """A recurrent network that tags each token of a sentence and, if trained to, names its intent."""

    task: ClassVar[str] = "tag"
    vocabulary_class: ClassVar[type[TagVocabulary]] = TagVocabulary
    unit: ClassVar[str] = "token"

    def __init__(self, config: TagConfig, vocabulary: TagVocabulary) -> None:
        super().__init__()
        self.config, self.vocabulary = config, vocabulary
        self.words = nn.Embedding(len(vocabulary.words), config.embedding_size)
        self.trigrams = _table(config.trigram_buckets, config.trigram_size)
        self.characters = (
            Recurrent(
                config.cell,
                config.character_size,
                config.character_size,
                bidirectional=True,
                num_embeddings=len(vocabulary.characters),
            )
            if config.character_size
            else None
        )
        read = 0 if self.characters is None else self.characters.output_size
        self.recurrent = Recurrent(
            config.cell,
            config.embedding_size + read + config.trigram_size,
            config.hidden_size,
            config.layers,
            bidirectional=True,
            dropout=config.dropout,
            variational=True,
        )
        self.dropout = LockedDropout(config.dropout)
        self.projection = Linear(self.recurrent.output_size, len(vocabulary.tags))
        moves = torch.from_numpy(forbidden(vocabulary.tags.names, vocabulary.inner))
        self.crf = LinearChainCRF(len(vocabulary.tags), moves, learned=config.decoder == "crf")
        self.intents = (
            None
            if vocabulary.intents is None
            else Linear(self.recurrent.output_size, len(vocabulary.intents))
        )
        # each of a length of about 1
        std = 1.0 / math.sqrt(config.embedding_size)
        begin(self.words.weight, std, vocabulary.words, vocabulary.vectors)

    def forward(self, batch: TagBatch) -> tuple[Tensor, Tensor | None]:
        """Scores of the tags (T, B, K), and of the intents (B, ·) where there are any."""
        words_TB = batch.words
        if self.training:
            left_out_TB = torch.rand(words_TB.shape, device=words_TB.device) < batch.rarity
            words_TB = words_TB.masked_fill(left_out_TB, UNKNOWN)
        parts = [self.words(words_TB)]
        parts += [functional.embedding(batch.forms, found) for found in self._spelled(batch.spelled)]
        lengths_B = batch.lengths.clamp(min=1)
        hidden_TBH, _ = self.recurrent(self.dropout(torch.cat(parts, -1)), lengths=lengths_B)
        hidden_TBH = self.dropout(hidden_TBH)
        intents = None if self.intents is None else self.intents(MaxPooling()(hidden_TBH, lengths_B))
        return self.projection(hidden_TBH), intents

    def loss(self, batch: TagBatch, state: None = None) -> tuple[Tensor, None]:
        """-ln p(tags) - ln p(intent), summed over the sentences, in nats; no state is carried."""
        scores_TBK, intents = self(batch)
        return self.nats(scores_TBK, intents, batch), None

    def nats(self, scores_TBK: Tensor, intents: Tensor | None, batch: TagBatch) -> Tensor:
        """The loss by the scores of the tags and of the intents."""
        nats = self.crf.negative_log_likelihood(scores_TBK, batch.tags, batch.lengths)
        if intents is not None:
            nats = nats + functional.cross_entropy(
                intents, batch.intents, ignore_index=NO_INTENT, reduction="sum"
            )
        return nats

    def objective(self, batch: TagBatch, state: None = None) -> Objective:
        """What training minimises on a batch: the loss per token."""
        nats, _ = self.loss(batch)
        return Objective(nats / max(1, batch.symbols), nats.detach())

    def tag(self, text: str | Sequence[str], n_best: int = 1) -> predict.TagPrediction:
        """The tags of a raw text, parted as the model's `segments` says, or of tokens as they are.

        Raises InputError where there is no token.
        """
        return predict.tagged(self, text, n_best)

    def _spelled(self, spelled: Spelled) -> list[Tensor]:
        """What the letters say of each of U tokens, (U, ·) each."""
        found: list[Tensor] = []
        if self.characters is not None:
            read_CUH, _ = self.characters(spelled.characters, lengths=spelled.lengths)
            found.append(LastPooling(bidirectional=True)(read_CUH, spelled.lengths))
        if self.trigrams is not None:
            found.append(self.trigrams(spelled.trigrams, spelled.starts))
        return found


def _table(rows: int, size: int) -> nn.EmbeddingBag | None:
    if not size:
        return None
    table = nn.EmbeddingBag(rows, size, mode="mean")
    nn.init.normal_(table.weight, std=1.0 / math.sqrt(size))
    return table
