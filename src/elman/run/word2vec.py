"""Learning vectors of words from a text, by the kernel of `emit.word2vec`.

Legend: N words of a text, V words of a vocabulary, D numbers in a vector.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from elman.emit.target import Target
from elman.emit.word2vec import emit_word2vec, word2vec_scratch_size
from elman.emit.worker import SEGMENT
from elman.run.buffers import padded_size
from elman.run.call import call, words
from elman.run.library import Library, host_target
from elman.run.memory import empty
from elman.run.work import Work, even_bounds

WORDS_PER_THREAD = 64
"""Words for which it pays to call another thread."""


class Targets(NamedTuple):
    """What is told from a word: drawn by a table of aliases (V, 2), or nodes on its path, and their labels.

    table, nodes: int32. starts: (V + 1,) int64, where the path of each word begins. labels: float32, one for
    each node, or one for each target drawn, the first of which is the word. most: the most targets of a word.
    """

    table: Tensor
    starts: Tensor
    labels: Tensor
    most: int

    @property
    def are_drawn(self) -> bool:
        """Whether they are drawn, and not the nodes of paths."""
        return not len(self.starts)


class Word2Vec:
    """Vectors (V, D), which are learned, and the outputs that they are multiplied by; both float32.

    window: the most words to a side. cbow: whether the mean of the words around a word tells of it, or each.
    """

    def __init__(
        self,
        vectors: Tensor,
        outputs: Tensor,
        targets: Targets,
        window: int,
        cbow: bool,
        target: Target | None = None,
    ) -> None:
        self._target = target or host_target()
        self._lanes = self._target.lanes("float")
        self._size, self._window = vectors.shape[1], window
        self._vectors, self._outputs = (self._rows(weights) for weights in (vectors, outputs))
        labels = torch.nn.functional.pad(targets.labels, (0, self._lanes))
        self._targets = targets._replace(labels=labels)
        width = self._vectors.shape[1]
        self._worker = _library(self._target, width, cbow, targets.are_drawn)
        self._scratch = word2vec_scratch_size(self._target, window, targets.most)

    def learn(self, text: Tensor, reaches: Tensor, rate: float, change: float, seed: int) -> None:
        """Learn from each word of a text (N,) int32, in which -1 separates sentences.

        reaches: (N,) int32, how many words to each side of it a word is told from, 1 to `window`. rate: α at
        the first word; change: what is added to it at each word. seed: where the numbers start by which
        targets are drawn. The numbers that result are always the same with one thread alone.
        """
        edge = text.new_full((1,), -1)
        words_N, reaches_N = torch.cat([edge, text, edge]), torch.cat([edge, reaches, edge])
        buffers = (
            words_N[1:],
            reaches_N[1:],
            self._targets.table,
            self._targets.starts,
            self._targets.labels,
            torch.tensor([rate, change], dtype=torch.float32),
            self._outputs,
            self._vectors,
        )
        sizes = words((self._window, self._targets.most, len(self._vectors), seed))
        bounds = even_bounds(len(text), max(1, len(text) // WORDS_PER_THREAD))
        work = Work(torch.zeros(1, SEGMENT, dtype=torch.int64), bounds)
        call(self._worker.address("elman_worker"), buffers, (), sizes, work, self._scratch)

    @property
    def vectors(self) -> Tensor:
        """The vectors as they are now, (V, D)."""
        return self._vectors[:, : self._size].clone()

    @property
    def outputs(self) -> Tensor:
        """What vectors are multiplied by, as it is now."""
        return self._outputs[:, : self._size].clone()

    def _rows(self, weights: Tensor) -> Tensor:
        """Weights in rows of whole vectors, zero behind what there is of them."""
        rows = empty(len(weights), padded_size(self._size, self._lanes), torch.float32)
        rows.zero_()[:, : self._size] = weights
        return rows


@lru_cache(maxsize=16)
def _library(target: Target, width: int, cbow: bool, draws: bool) -> Library:
    return Library(
        f"word2vec {width} {cbow} {draws}", lambda: emit_word2vec(target, width, cbow, draws), target
    )
