"""Likeness of English sentences: python benchmarks/text/similar.py tatoeba-en-zh [MINUTES]

How alike two sentences are is told by their Chinese translations, which no model sees: the cosine of tf-idf
vectors of their words, as jieba finds them. Each sentence makes four pairs: with the one most like it, with
one of the twenty most like it, with one of the ten that have most words in common with it, with any. One
sentence in ten, by a hash of its translation, is for the test; neither it nor its translation is in training.

Trains on pairs with scores, and, without any score, on the lines alone; each from random numbers and from
word vectors, gensim's skip-gram on the same lines. Prints Spearman's correlation of each with the scores of
the test, beside averages of the same word vectors (plain and weighted by rarity) and tf-idf vectors of words.
"""

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors, Word2Vec
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer

import elman
from elman.data.segment import segment

Pairs = list[tuple[str, str, float]]
_NEAR, _COMMON = 20, 10
_SIZE = 256


def sentences(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """English sentences with a Chinese translation each, for training and for the test."""
    train: dict[str, str] = {}
    test: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        english, chinese, *_ = line.split("\t")
        held_out = hashlib.sha256(chinese.encode()).digest()[0] % 10 == 0
        (test if held_out else train).setdefault(english, chinese)
    return {english: chinese for english, chinese in train.items() if english not in test}, test


def pairs(of: dict[str, str], by_translation: TfidfVectorizer, by_words: TfidfVectorizer, seed: int) -> Pairs:
    """Four pairs of each sentence, with their scores."""
    random = np.random.default_rng(seed)
    english = list(of)
    vectors, words = by_translation.transform(of.values()), by_words.transform(english)
    found: Pairs = []
    for start in range(0, len(english), 1000):
        some = slice(start, start + 1000)
        scores, overlaps = (vectors[some] @ vectors.T).toarray(), (words[some] @ words.T).toarray()
        for i, (score, overlap) in enumerate(zip(scores, overlaps, strict=True), start):
            score[i] = overlap[i] = -1.0
            near, common = np.argsort(-score)[:_NEAR], np.argsort(-overlap)[:_COMMON]
            others = (
                near[0],
                near[random.integers(1, _NEAR)],
                common[random.integers(_COMMON)],
                random.integers(len(english)),
            )
            found += [(english[i], english[j], float(score[j])) for j in others if j != i]
    return found


def word_vectors(train: list[str]) -> KeyedVectors:
    """Vectors of the words of the lines."""
    words = [segment(line, lower=True) for line in train]
    return Word2Vec(
        words, vector_size=_SIZE, sg=1, window=5, negative=10, min_count=2, epochs=20, workers=1, seed=1
    ).wv


def averaged(
    train: list[str], skip_gram: KeyedVectors, bag: TfidfVectorizer
) -> dict[str, Callable[[str], np.ndarray]]:
    """Vectors of sentences by averaged word vectors and by words alone."""
    total = sum(len(segment(line, lower=True)) for line in train)

    def mean(text: str, weight: Callable[[str], float]) -> np.ndarray:
        known = [word for word in segment(text, lower=True) if word in skip_gram]
        return sum((weight(w) * skip_gram[w] for w in known), np.zeros(_SIZE, np.float32))

    def rarity(word: str) -> float:  # Arora et al. 2017
        return 1e-3 / (1e-3 + skip_gram.get_vecattr(word, "count") / total)

    return {
        "averaged word vectors": lambda text: mean(text, lambda _: 1.0),
        "averaged word vectors, weighted by rarity": lambda text: mean(text, rarity),
        "tf-idf of words": lambda text: bag.transform([text]).toarray()[0],
    }


def correlation(vector: Callable[[str], np.ndarray], test: Pairs) -> float:
    """Spearman's, of cosines with scores; a sentence without a known word is like none."""
    found = {text: vector(text) for pair in test for text in pair[:2]}
    unit = {text: v / max(1e-12, float(np.linalg.norm(v))) for text, v in found.items()}
    return float(spearmanr([unit[a] @ unit[b] for a, b, _ in test], [score for *_, score in test])[0])


def main(folder: Path, minutes: float) -> None:
    """Train, compare, print."""
    train, test = sentences(folder / "cmn.txt")
    chinese = TfidfVectorizer(analyzer=lambda text: segment(text, "jieba"), sublinear_tf=True).fit(
        train.values()
    )
    bag = TfidfVectorizer(analyzer=lambda text: segment(text, lower=True)).fit(train)
    tested = pairs(test, chinese, bag, 1)
    with tempfile.TemporaryDirectory() as name:
        scored, lines = Path(name) / "pairs.tsv", Path(name) / "lines.txt"
        rows = pairs(train, chinese, bag, 0)
        scored.write_text("".join(f"{a}\t{b}\t{score}\n" for a, b, score in rows), encoding="utf-8")
        lines.write_text("\n".join(train), encoding="utf-8")
        print(f"{len(rows):,} pairs to train on, {len(tested):,} to test", flush=True)
        skip_gram, begun = word_vectors(list(train)), str(Path(name) / "words.txt")
        skip_gram.save_word2vec_format(begun)
        figures = {}
        for said, data, first in (
            ("pairs with scores", scored, None),
            ("lines alone", lines, None),
            ("pairs with scores, from word vectors", scored, begun),
            ("lines alone, from word vectors", lines, begun),
        ):
            start = time.process_time()
            model = elman.train("similar", data, out=Path(name) / said, max_minutes=minutes, vectors=first)
            spent = time.process_time() - start
            texts = sorted({text for pair in tested for text in pair[:2]})
            vectors = dict(zip(texts, model.vectors(texts).numpy(), strict=True))
            figures[f"elman, {said} ({spent:.0f} s of a core)"] = correlation(vectors.__getitem__, tested)
    others = averaged(list(train), skip_gram, bag)
    figures |= {said: correlation(vector, tested) for said, vector in others.items()}
    print("| vectors | Spearman |\n|---|---|")
    for said, figure in figures.items():
        print(f"| {said} | {figure:.3f} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 3.0)
