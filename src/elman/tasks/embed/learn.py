"""How vectors are learned: words of a text one after the other, by all threads, without batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.core.errors import InputError
from elman.run.word2vec import Word2Vec
from elman.tasks.embed.config import EmbedConfig, EmbedTraining
from elman.tasks.embed.data import EmbedData
from elman.tasks.embed.metrics import Loss
from elman.tasks.embed.model import EmbedModel
from elman.tasks.embed.targets import hierarchical_softmax, negative_sampling
from elman.tasks.parts import Passed

_JUDGED = 10_000
_LARGEST_SEED = 2**62


class EmbedLearning:
    """Vectors while they are learned from a text, chunk by chunk; α falls in a line with what was read."""

    def __init__(self, data: EmbedData, config: EmbedConfig, training: EmbedTraining) -> None:
        self._data, self._config, self._training = data, config, training
        if config.objective == "negative-sampling":
            self._targets = negative_sampling(data.counts, config.negatives)
        else:
            self._targets = hierarchical_softmax(data.counts)
        self._done = 0
        generator = torch.Generator().manual_seed(training.seed)
        size = config.vector_size
        drawn = torch.rand(len(data.counts), size, generator=generator)
        self._begin((2.0 * drawn - 1.0) / size, torch.zeros(len(data.counts), size))

    def run(self) -> Iterator[Passed]:
        """Learn from what is left of the text, and say after each chunk how far it is."""
        chunks, epochs = self._data.chunks, self._training.epochs
        while self._done < epochs * chunks:
            words = self._learn(self._done)
            self._done += 1
            yield Passed(self._done / (epochs * chunks), words, self._done % chunks == 0)

    @property
    def epochs_done(self) -> float:
        """Passes over the text."""
        return self._done / self._data.chunks

    def state(self) -> dict[str, object]:
        """All that follows from what was learned so far."""
        return {"done": self._done, "vectors": self._kernel.vectors, "outputs": self._kernel.outputs}

    def resume(self, state: Mapping[str, object]) -> None:
        """Go on from a state."""
        vectors, outputs, done = state["vectors"], state["outputs"], state["done"]
        assert isinstance(vectors, Tensor)
        assert isinstance(outputs, Tensor)
        assert isinstance(done, int)
        size = (len(self._data.counts), self._config.vector_size)
        if tuple(vectors.shape) != size:
            raise InputError(
                f"the run has {tuple(vectors.shape)} numbers in its vectors, and these are {size}"
            )
        self._done = done
        self._begin(vectors, outputs)

    def model(self) -> EmbedModel:
        """A model of the vectors as they are now."""
        model = EmbedModel(self._config, self._data.vocabulary)
        model.vectors.copy_(self._kernel.vectors)
        return model.eval()

    def score(self) -> Loss:
        """How well the first words of the text are told from those beside them."""
        words = self._data.chunk(0)[:_JUDGED]
        return Loss.of(words, self._kernel.vectors.numpy(), self._kernel.outputs.numpy(), self._targets)

    def _begin(self, vectors: Tensor, outputs: Tensor) -> None:
        config = self._config
        cbow = config.architecture == "cbow"
        self._kernel = Word2Vec(vectors, outputs, self._targets, config.window, cbow)

    def _learn(self, number: int) -> int:
        """Learn from a chunk; returns its words, those left out at random with them."""
        epoch, chunk = divmod(number, self._data.chunks)
        random = np.random.default_rng((self._training.seed, epoch, chunk))
        words = self._data.chunk(chunk)
        kept = words[(words < 0) | (random.random(len(words), np.float32) < self._kept[words])]
        reaches = random.integers(1, self._config.window + 1, len(kept), np.int32)
        rate, following = self._rate(number), self._rate(number + 1)
        if len(kept):
            change = (following - rate) / len(kept)
            seed = int(random.integers(_LARGEST_SEED))
            self._kernel.learn(torch.from_numpy(kept), torch.from_numpy(reaches), rate, change, seed)
        return int((words >= 0).sum())

    def _rate(self, chunks_done: int) -> float:
        """α after so many chunks."""
        first, last = self._training.learning_rate, self._training.last_learning_rate
        epoch, chunk = divmod(chunks_done, self._data.chunks)
        return first + (last - first) * (epoch + self._data.share_before(chunk)) / self._training.epochs

    @cached_property
    def _kept(self) -> NDArray[np.float32]:
        """The probability that a word is learned from: (√r + 1) / r, r its share over that of `subsample`."""
        counts = self._data.counts
        if not self._config.subsample:
            return np.ones(len(counts), np.float32)
        ratio = counts / (self._config.subsample * counts.sum())
        return np.minimum(1.0, (np.sqrt(ratio) + 1.0) / ratio).astype(np.float32)
