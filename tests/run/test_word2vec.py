"""The kernel of word2vec, against a loop in float64 by hand and against counts of what it draws."""

import numpy as np
import pytest
import torch

from elman.emit.target import TARGETS
from elman.run.library import host_target
from elman.run.word2vec import Targets, Word2Vec

V, D, WINDOW, NEGATIVES = 12, 21, 3, 4
ARCHITECTURES = ("skip-gram", "cbow")
OBJECTIVES = ("negative-sampling", "hierarchical-softmax")
HOST = [name for name in TARGETS if name <= host_target().name and name != "neon"]


def of_one_alias(word):
    """Targets that are always the same word, so that a loop by hand draws what the kernel draws."""
    table = torch.tensor([[0, word]] * V, dtype=torch.int32)
    labels = torch.tensor([1.0] + [0.0] * NEGATIVES)
    return Targets(table, torch.zeros(0, dtype=torch.int64), labels, 1 + NEGATIVES)


def on_paths(rng):
    """Paths of one to six different nodes, none of them a tree's: the kernel need not know."""
    lengths = rng.integers(1, 7, V)
    nodes = np.concatenate([rng.permutation(V - 1)[:length] for length in lengths]).astype(np.int32)
    starts = np.concatenate([[0], lengths.cumsum()])
    labels = rng.integers(0, 2, len(nodes)).astype(np.float32)
    return Targets(torch.from_numpy(nodes), torch.from_numpy(starts), torch.from_numpy(labels), 6)


def by_hand(vectors, outputs, text, reaches, rate, change, cbow, told):
    """What a text makes of weights, sample by sample, in float64; α is that of every 16th word."""
    v, u = vectors.astype(np.float64), outputs.astype(np.float64)
    for place, center in enumerate(text):
        if center < 0:
            continue
        around = []
        for step in (-1, 1):
            for distance in range(1, reaches[place] + 1):
                other = place + step * distance
                if not 0 <= other < len(text) or text[other] < 0:
                    break
                around.append(text[other])
        alpha = rate + change * (place // 16 * 16)
        for inputs in [around] if cbow and around else [[word] for word in around]:
            if not inputs:
                continue
            targets, labels = told(center)
            h = v[inputs].mean(0)
            g = alpha * (labels - 1 / (1 + np.exp(-u[targets] @ h)))
            e = np.zeros(D)
            for target, error in zip(targets, g, strict=True):
                e += error * u[target]
                u[target] += error * h
            for word in inputs:
                v[word] += e
    return v, u


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def text(rng):
    text = rng.integers(0, V, 60).astype(np.int32)
    text[[0, 7, 8, 30]] = -1
    return text


@pytest.mark.parametrize("name", HOST)
@pytest.mark.parametrize("cbow", [False, True])
@pytest.mark.parametrize("draws", [False, True])
def test_weights_after_a_text_are_those_of_a_loop_by_hand(rng, text, name, cbow, draws):
    vectors, outputs = (rng.standard_normal((n, D)).astype(np.float32) * 0.5 for n in (V, V))
    reaches = rng.integers(1, WINDOW + 1, len(text)).astype(np.int32)
    drawn = 5
    targets = of_one_alias(drawn) if draws else on_paths(rng)

    def told(center):
        if draws:
            found = [center] + [drawn] * (NEGATIVES if center != drawn else 0)
            return found, np.eye(1, len(found))[0]
        path = slice(targets.starts[center], targets.starts[center + 1])
        return targets.table[path].tolist(), targets.labels[path].numpy()

    kernel = Word2Vec(
        torch.from_numpy(vectors),
        torch.from_numpy(outputs),
        ARCHITECTURES[cbow],
        OBJECTIVES[not draws],
        WINDOW,
        targets,
        TARGETS[name],
    )
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        kernel.learn(torch.from_numpy(text), torch.from_numpy(reaches), 0.3, -0.002, seed=1)
    finally:
        torch.set_num_threads(before)
    v, u = by_hand(vectors, outputs, text, reaches, 0.3, -0.002, cbow, told)
    np.testing.assert_allclose(kernel.vectors, v, rtol=0, atol=2e-5)
    np.testing.assert_allclose(kernel.outputs, u, rtol=0, atol=2e-5)
    assert np.abs(v - vectors).max() > 0.3
