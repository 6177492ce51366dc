"""Vectors of words: python benchmarks/text/embed.py DATA [THREADS] [skip-gram|cbow] [SEEDS]

DATA holds the folders wikitext-2 and word2vec-eval. elman and gensim learn vectors of the words of WikiText-2
in turns, with the same settings and as many threads, and gensim's own functions judge both. Rates are words
by seconds of learning alone, without reading the text, and by seconds of processors, which others do
not slow down. gensim takes the text in two ways: from a file, the faster one, where several workers let the
learning rate fall too slowly, and as lists of words, in which it falls as elman's does. Prints a row of a
table for each.
"""

import gzip
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
from gensim.models import KeyedVectors, Word2Vec
from numpy.typing import NDArray

from elman.tasks.embed.config import EmbedConfig, EmbedTraining
from elman.tasks.embed.data import EmbedData
from elman.tasks.embed.learn import EmbedLearning

SIZE, WINDOW, NEGATIVES, SUBSAMPLE, MIN_COUNT, EPOCHS = 100, 5, 5, 1e-3, 5, 5
Seconds = tuple[float, float]
"""By the clock, and of all processors together."""
Side = Callable[[int], tuple[Seconds, dict[str, NDArray[np.float32]]]]
"""Learns from a seed: in which time, and which vectors."""


def elman_side(file: Path, cbow: bool) -> Side:
    """elman, in this process."""
    config = EmbedConfig(
        architecture="cbow" if cbow else "skip-gram",
        vector_size=SIZE,
        window=WINDOW,
        negatives=NEGATIVES,
        subsample=SUBSAMPLE,
        min_count=MIN_COUNT,
        segments="blank",
    )

    def learn(seed: int) -> tuple[Seconds, dict[str, NDArray[np.float32]]]:
        data = EmbedData.read(file, config, seed)
        learning = EmbedLearning(data, config, EmbedTraining(epochs=EPOCHS, seed=seed))
        start = now()
        for _ in learning.run():
            pass
        seconds = since(start)
        found = learning.model().to_vectors()
        return seconds, dict(zip(found.words, found.matrix, strict=True))

    return learn


def gensim_side(text: dict[str, Any], cbow: bool, threads: int) -> Side:
    """gensim, in this process, on a text as `build_vocab` takes it."""

    def learn(seed: int) -> tuple[Seconds, dict[str, NDArray[np.float32]]]:
        model = Word2Vec(
            vector_size=SIZE,
            window=WINDOW,
            negative=NEGATIVES,
            sample=SUBSAMPLE,
            min_count=MIN_COUNT,
            sg=int(not cbow),
            workers=threads,
            seed=seed,
        )
        model.build_vocab(**text)
        counts = {"total_examples": model.corpus_count, "total_words": model.corpus_total_words}
        start = now()
        model.train(**text, **counts, epochs=EPOCHS)
        seconds = since(start)
        return seconds, dict(zip(model.wv.index_to_key, model.wv.vectors, strict=True))

    return learn


def main(data: Path, threads: int = 2, architecture: str = "skip-gram", seeds: int = 3) -> None:
    """Run the sides in turns, and print a table."""
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "text.txt"
        lines = prepare(data / "wikitext-2" / "train.txt.gz", file)
        counts = Counter(chain.from_iterable(lines))
        words = counts.total()
        cbow = architecture == "cbow"
        sides = {
            "elman": elman_side(file, cbow),
            "gensim, from a file": gensim_side({"corpus_file": str(file)}, cbow, threads),
            "gensim, from lists": gensim_side({"corpus_iterable": lines}, cbow, threads),
        }
        found: dict[str, list[tuple[Seconds, float, float]]] = {name: [] for name in sides}
        for seed in range(1, seeds + 1):
            for name, side in sides.items():
                found[name].append(judged(side(seed), counts, data))
                print(f"seed {seed}, {name}: {found[name][-1]}", file=sys.stderr, flush=True)
    print(f"{architecture}, {words:,} words, {EPOCHS} epochs, {threads} threads, seeds 1 to {seeds}\n")
    print("| | words per second | per second of a core | analogies | WordSim-353 |\n|---|---|---|---|---|")
    for name, runs in found.items():
        rates = (mean(words * EPOCHS / seconds[i] for seconds, _, _ in runs) for i in range(2))
        analogies = ", ".join(f"{accuracy:.2%}" for _, accuracy, _ in runs)
        pairs = ", ".join(f"{correlation:.3f}" for _, _, correlation in runs)
        print(f"| {name} | {' | '.join(f'{rate:,.0f}' for rate in rates)} | {analogies} | {pairs} |")


def prepare(source: Path, file: Path) -> list[list[str]]:
    """Write the lines that have words, without `<unk>`; returns their words."""
    lines: list[list[str]] = []
    with gzip.open(source, "rt", encoding="utf-8") as text, file.open("w", encoding="utf-8") as out:
        for line in text:
            if words := [word for word in line.split() if word != "<unk>"]:
                out.write(" ".join(words) + "\n")
                lines.append(words)
    return lines


def now() -> Seconds:
    """What `since` takes."""
    return time.perf_counter(), time.process_time()


def since(start: Seconds) -> Seconds:
    """The time since then."""
    end = now()
    return end[0] - start[0], end[1] - start[1]


def judged(
    learned: tuple[Seconds, dict[str, NDArray[np.float32]]], counts: Counter[str], data: Path
) -> tuple[Seconds, float, float]:
    """The time, the share of analogies that are right, Spearman's correlation on WordSim-353.

    Of words that differ in capital letters alone gensim takes the first, so that all sides have one order.
    """
    seconds, found = learned
    order = sorted(found, key=lambda word: (-counts[word], word))
    vectors = KeyedVectors(SIZE)
    vectors.add_vectors(order, np.stack([found[word] for word in order]))
    folder = data / "word2vec-eval"
    accuracy, _ = vectors.evaluate_word_analogies(str(folder / "questions-words.txt"))
    judgement: Any = vectors.evaluate_word_pairs(str(folder / "wordsim353.tsv"))[1]
    return seconds, accuracy, float(judgement[0])


if __name__ == "__main__":
    where, *more = sys.argv[1:]
    numbers = [int(value) if value.isdigit() else value for value in more]
    main(Path(where), *numbers)  # type: ignore[arg-type]
