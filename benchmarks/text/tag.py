"""Slots, parts of speech, entities: python benchmarks/text/tag.py DATA [MINUTES [SET …]]

Trains on the training part of snips, ud-english-ewt and wnut17 with the options by default, the development
part choosing the best step; scores on the test part, beside what the most frequent tag of each word comes to.
Prints a row of a table for each.
"""

import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import elman
from elman.data.conll import read_sentences
from elman.data.phrases import scheme_of
from elman.tasks.tag.metrics import PhraseCounts, TagScore
from elman.tasks.tag.predict import evaluate_file

PARTS = {
    "snips": ("train", "valid", "test"),
    "ud-english-ewt": (
        "en_ewt-ud-train.conllu.gz",
        "en_ewt-ud-dev.conllu",
        "en_ewt-ud-test.conllu",
    ),
    "wnut17": ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"),
}


def most_frequent(train: Path, test: Path) -> TagScore:
    """The score of giving each word the tag that it has most often; others that of most words seen once."""
    sentences = read_sentences(train)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
            counts[token.lower()][tag] += 1
    once = Counter(tag for found in counts.values() if found.total() == 1 for tag in found)
    best = {word: found.most_common(1)[0][0] for word, found in counts.items()}
    plain = scheme_of(sentence.tags for sentence in sentences) == "plain"
    score = TagScore(None if plain else PhraseCounts(), has_intents=False)
    for sentence in read_sentences(test):
        found = [best.get(token.lower(), once.most_common(1)[0][0]) for token in sentence.tokens]
        score.add(sentence.tags, found)
    return score


def shown(figures: dict[str, float]) -> str:
    """The figures of a score in two cells: what counts for the set, and all tags."""
    names = [name for name in ("f1", "intent_accuracy") if name in figures]
    return (
        f"{', '.join(f'{name} {figures[name]:.4f}' for name in names) or '–'} | {figures['tag_accuracy']:.4f}"
    )


def main(data: Path, minutes: float, names: list[str]) -> None:
    """Train, score, print."""
    print("| set | phrases, intents | tags | most frequent tag: phrases | tags | minutes |")
    print("|---|---|---|---|---|---|")
    for name in names:
        train, valid, test = (data / name / part for part in PARTS[name])
        with tempfile.TemporaryDirectory() as folder:
            start = time.monotonic()
            model = elman.train(
                "tag", train, out=Path(folder) / "run", validation_file=str(valid), max_minutes=minutes
            )
            spent = (time.monotonic() - start) / 60.0
        own, rival = evaluate_file(model, test), most_frequent(train, test)
        rival.nats = float("nan")  # it has no probabilities
        print(f"| {name} | {shown(own.to_dict())} | {shown(rival.to_dict())} | {spent:.1f} |", flush=True)


if __name__ == "__main__":
    given = sys.argv[2:]
    main(Path(sys.argv[1]), float(given[0]) if given else 10.0, given[1:] or list(PARTS))
