"""What a word is told from: words drawn by how often they occur, or the nodes of a tree."""

import heapq

import numpy as np
import torch
from numpy.typing import NDArray

from elman.run.word2vec import Targets

_POWER = 0.75


def negative_sampling(counts: NDArray[np.int64], negatives: int) -> Targets:
    """A word itself, and so many drawn with probability ~ count^0.75 (Mikolov et al. 2013)."""
    labels = torch.zeros(1 + negatives)
    labels[0] = 1.0
    table = torch.from_numpy(aliases(counts.astype(np.float64) ** _POWER).view(np.int32))
    return Targets(table, torch.zeros(0, dtype=torch.int64), labels, 1 + negatives)


def aliases(weights: NDArray[np.float64]) -> NDArray[np.uint32]:
    """A table (V, 2) by which words are drawn as often as their weights say (Walker 1977, Vose 1991).

    Of u V, u uniform in [0, 1), the whole part is a word; it is drawn if the rest, times 2³², is below the
    first number of its row, else the word that the second one is.
    """
    share = weights / weights.sum() * len(weights)
    alias = np.arange(len(share))
    low, high = (np.flatnonzero(side).tolist() for side in (share < 1.0, share >= 1.0))
    while low and high:
        poor, rich = low.pop(), high[-1]
        alias[poor] = rich
        share[rich] -= 1.0 - share[poor]
        if share[rich] < 1.0:
            low.append(high.pop())
    alias[[*low, *high]] = [*low, *high]  # what is left is full but for what was rounded
    threshold = np.minimum(share * 2.0**32, 2.0**32 - 1)
    return np.stack([threshold.astype(np.uint32), alias.astype(np.uint32)], axis=1)


def hierarchical_softmax(counts: NDArray[np.int64]) -> Targets:
    """The inner nodes from the root of a Huffman tree to each of at least two words (Morin & Bengio 2005)."""
    parents, codes = huffman(counts)
    words, root = len(counts), len(parents)
    depths = np.zeros(words, np.int64)
    node = np.arange(words)
    while (below := node != root).any():
        depths += below
        node = np.where(below, parents[np.minimum(node, root - 1)], root)
    starts = np.concatenate([[0], depths.cumsum()])
    nodes, labels = np.zeros(starts[-1], np.int32), np.zeros(starts[-1], np.float32)
    node, place = np.arange(words), starts[1:] - 1
    for _ in range(depths.max()):
        inside = node != root
        nodes[place[inside]] = parents[node[inside]] - words
        labels[place[inside]] = 1.0 - codes[node[inside]]
        node[inside], place = parents[node[inside]], place - 1
    return Targets(
        torch.from_numpy(nodes), torch.from_numpy(starts), torch.from_numpy(labels), int(depths.max())
    )


def huffman(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """The tree in which frequent words have short ways (Huffman 1952): the parent of each word, 0 to V - 1,
    and of each inner node, V to 2 V - 3, and which of its two children each is. Node 2 V - 2 is the root.
    """
    words = len(counts)
    parents, codes = np.zeros(2 * words - 2, np.int64), np.zeros(2 * words - 2, np.int8)
    heap = [(int(count), node) for node, count in enumerate(counts)]
    heapq.heapify(heap)
    for inner in range(words, 2 * words - 1):
        (first, left), (second, right) = heapq.heappop(heap), heapq.heappop(heap)
        parents[[left, right]], codes[right] = inner, 1
        heapq.heappush(heap, (first + second, inner))
    return parents, codes


def told(
    targets: Targets, words: NDArray[np.int32], random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The targets of some words: for each target the place of its word among them, its row, and its label."""
    table, starts, labels = (array.numpy() for array in targets[:3])
    if not targets.are_drawn:
        lengths = np.diff(starts)[words]
        inside = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
        nodes = np.repeat(starts[words], lengths) + inside
        return np.repeat(np.arange(len(words)), lengths), table[nodes].astype(np.int64), labels[nodes]
    whole, rest = np.divmod(random.random((len(words), targets.most - 1)) * len(table), 1.0)
    whole = whole.astype(np.int64)
    threshold, alias = table.view(np.uint32)[whole].transpose(2, 0, 1)
    drawn = np.where(rest * 2.0**32 < threshold, whole, alias)
    rows = np.concatenate([words[:, None], drawn], axis=1).astype(np.int64)
    return np.repeat(np.arange(len(words)), targets.most), rows.ravel(), np.tile(labels, len(words))
