"""The kernel of word2vec, against a loop in float64 by hand and against counts of what it draws."""

import itertools
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from elman.emit.target import TARGETS
from elman.run.library import host_target
from elman.run.word2vec import Targets, Word2Vec
from elman.tasks.embed.targets import aliases, hierarchical_softmax, negative_sampling

V, D, WINDOW, NEGATIVES = 12, 21, 3, 4
HOST = [name for name in TARGETS if name <= host_target().name and name != "neon"]


@contextmanager
def threads(number):
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


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
        targets,
        WINDOW,
        cbow,
        TARGETS[name],
    )
    with threads(1):
        kernel.learn(torch.from_numpy(text), torch.from_numpy(reaches), 0.3, -0.002, seed=1)
    v, u = by_hand(vectors, outputs, text, reaches, 0.3, -0.002, cbow, told)
    np.testing.assert_allclose(kernel.vectors, v, rtol=0, atol=2e-5)
    np.testing.assert_allclose(kernel.outputs, u, rtol=0, atol=2e-5)
    assert np.abs(v - vectors).max() > 0.3


def test_words_are_drawn_as_often_as_they_should_be():
    """With h a constant and α tiny, the row of a word drawn n times, zero at first, is -n α h / 2."""
    counts = np.array([100, 40, 40, 10, 5, 5, 1])
    weights = counts**0.75
    words, negatives, rate = 40_000, 5, 2.0**-26
    vectors, outputs = torch.zeros(len(counts), 8), torch.zeros(len(counts), 8)
    vectors[:, 0] = 1.0
    kernel = Word2Vec(vectors, outputs, negative_sampling(counts, negatives), 1, False)
    text = torch.full((words,), 6, dtype=torch.int32)  # of the rarest word alone, so that it is never drawn
    with threads(1):
        kernel.learn(text, torch.ones(words, dtype=torch.int32), rate, 0.0, seed=7)
    drawn = kernel.outputs[:-1, 0].numpy() / (-rate / 2)
    samples = 2 * (words - 1) * negatives
    expected = samples * weights[:-1] / weights.sum()
    deviation = np.sqrt(expected * (1 - weights[:-1] / weights.sum()))
    assert (np.abs(drawn - expected) < 4.5 * deviation).all()


def test_another_seed_draws_other_words_and_the_same_the_same(rng, text):
    found = []
    for seed in (1, 1, 2):
        weights = torch.from_numpy(np.random.default_rng(0).standard_normal((V, D)).astype(np.float32))
        kernel = Word2Vec(weights, weights, negative_sampling(np.arange(1, V + 1), 3), WINDOW, False)
        with threads(1):
            reaches = torch.ones(len(text), dtype=torch.int32)
            kernel.learn(torch.from_numpy(text), reaches, 0.1, 0.0, seed)
        found.append(kernel.outputs)
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_the_table_of_aliases_has_exactly_the_probabilities():
    weights = np.random.default_rng(1).random(1000) ** 3
    table = aliases(weights).astype(np.float64)
    share = (table[:, 0] + 1) / 2**32
    found = share + np.bincount(table[:, 1].astype(int), 1 - share, len(share))
    np.testing.assert_allclose(found / len(share), weights / weights.sum(), atol=2e-9)


def test_paths_are_those_of_a_huffman_tree():
    """Kraft's sum is 1, no path begins another, and no code of whole bits is shorter on average."""
    counts = np.array([50, 20, 11, 9, 5, 3, 1, 1])
    targets = hierarchical_softmax(counts)
    starts = targets.starts.tolist()
    parts = [slice(*pair) for pair in itertools.pairwise(starts)]
    codes = ["".join(str(int(bit)) for bit in targets.labels[part]) for part in parts]
    assert sum(2.0 ** -len(code) for code in codes) == 1.0
    assert not any(a != b and b.startswith(a) for a in codes for b in codes)
    # by hand: 1+1=2, 2+3=5, 5+5=10, 9+10=19, 11+19=30, 20+30=50, 50+50=100
    assert (
        sum(len(code) * count for code, count in zip(codes, counts, strict=True))
        == 2 + 5 + 10 + 19 + 30 + 150
    )
    for one, part in zip(codes, parts, strict=True):
        for other, path in zip(codes, parts, strict=True):
            same = next((i for i, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), None)
            if same is not None:  # two words share the nodes up to where their codes part
                assert targets.table[part][: same + 1].tolist() == targets.table[path][: same + 1].tolist()
    assert targets.most == max(map(len, codes))
    assert set(targets.table.tolist()) == set(range(len(counts) - 1))
