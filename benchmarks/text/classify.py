"""Classes of texts: python benchmarks/text/classify.py DATA [sst2] [hotel] [surnames]

DATA holds the folders sst2, chnsenticorp-hotel and surnames. Of the last two every tenth text, by its hash,
is left for the test; of the others elman itself takes a tenth to validate. In the same run a logistic
regression over bags of words, or of characters, and of so many in a row, is fitted to the texts that train;
how many in a row, how strong its penalty is and how classes weigh is chosen on those that validate. Prints a
row of a table for each set, and draws which labels are taken for which: classify-sst2.png and so on.
"""

import csv
import hashlib
import itertools
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score

import elman
from elman.data.labelled import LabelledText, read_labelled
from elman.tasks.classify.config import ClassifyConfig
from elman.tasks.classify.data import ClassifyData, symbols_of
from elman.tasks.classify.predict import evaluate_file

NAMES = {
    "segments": "character",
    "pooling": "last",
    "class_weights": "root",
    "hidden_size": 128,
    "dropout": 0.3,
    "input_dropout": 0.1,
    "batch_size": 64,
    "learning_rate": 0.004,
    "epochs": 16,
    "max_minutes": 4.0,
}
BAGS = (CountVectorizer, TfidfVectorizer)
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Set:
    """A set of texts: where it is, how many symbols in a row the rival may look at, options of elman."""

    path: str
    longest: Sequence[int]
    bags: Sequence[type[CountVectorizer]]
    options: dict[str, Any] = field(default_factory=dict)
    test: str | None = None
    penalties: Sequence[float] = (1.0, 5.0, 25.0)


SETS = {
    "sst2": Set("sst2/train.tsv", (1, 2), BAGS, {"validation_file": "sst2/dev.tsv"}, "sst2/test.tsv"),
    "hotel": Set(
        "chnsenticorp-hotel/ChnSentiCorp_htl_all.csv", (1, 2), BAGS, {"epochs": 10, "max_minutes": 5.0}
    ),
    "surnames": Set("surnames", (4,), BAGS[1:], NAMES, penalties=(10.0, 30.0)),
}


def pairs_of(examples: Sequence[LabelledText]) -> Pairs:
    """Texts with their labels."""
    return [(example.text, example.label) for example in examples]


def is_tenth(text: str) -> bool:
    """Whether a text is one of the tenth that tests."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()) % 10 == 0


def write(path: Path, pairs: Pairs) -> Path:
    """Write texts with their labels as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *pairs])
    return path


def files_of(data: Path, asked: Set, folder: Path) -> tuple[Path, Path]:
    """What trains and what tests."""
    if asked.test is not None:
        return data / asked.path, data / asked.test
    pairs = pairs_of(read_labelled(data / asked.path).examples)
    train, test = ([pair for pair in pairs if is_tenth(pair[0]) == tenth] for tenth in (False, True))
    return write(folder / "train.csv", train), write(folder / "test.csv", test)


def rival(
    train: Pairs, validation: Pairs, test: Pairs, config: ClassifyConfig, asked: Set
) -> tuple[str, Any]:
    """The logistic regression that is best where it validates, in words, and its answers to the test."""
    best: tuple[float, str, Any] = (-1.0, "", None)
    for kind, longest in itertools.product(asked.bags, asked.longest):
        options: dict[str, Any] = {"binary": kind is CountVectorizer, "ngram_range": (1, longest)}
        if config.segments == "character":
            bag = kind(analyzer="char_wb", **options)
        else:
            bag = kind(tokenizer=lambda text: symbols_of(text, config), token_pattern=None, **options)
        texts = bag.fit_transform([text for text, _ in train])
        for penalty, weights in itertools.product(asked.penalties, (None, "balanced")):
            model = LogisticRegression(C=penalty, class_weight=weights, max_iter=2000)
            model.fit(texts, [label for _, label in train])
            found = model.predict(bag.transform([text for text, _ in validation]))
            value = float(f1_score([label for _, label in validation], found, average="macro"))
            if value > best[0]:
                said = f"{'counts' if kind is CountVectorizer else 'tf-idf'} 1–{longest}, C={penalty:g}"
                said += ", balanced" if weights else ""
                best = (value, said, model.predict(bag.transform([text for text, _ in test])))
    return best[1:]


def row(name: str, data: Path) -> str:
    """Train, test, fit the rival, and say what came out."""
    asked = SETS[name]
    options = {o: str(data / v) if o == "validation_file" else v for o, v in asked.options.items()}
    with tempfile.TemporaryDirectory() as folder:
        train, test = files_of(data, asked, Path(folder))
        start = time.monotonic()
        model = elman.train("classify", train, out=Path(folder) / "run", **options)
        minutes = (time.monotonic() - start) / 60
        score = evaluate_file(model, test)
        score.draw(f"classify-{name}.png")
        pairs = pairs_of(read_labelled(test).examples)
        parts = ClassifyData.read(train, model.config, seed=1)
        validation = pairs_of(parts.examples)
        held = {text for text, _ in validation}
        trained = [pair for pair in pairs_of(read_labelled(train).examples) if pair[0] not in held]
    said, answers = rival(trained, validation, pairs, model.config, asked)
    labels = [label for _, label in pairs]
    accuracy, f1 = accuracy_score(labels, answers), f1_score(labels, answers, average="macro")
    return (
        f"| {name} | {len(pairs):,} | {score.accuracy:.3f} | {score.macro_f1:.3f} | {minutes:.1f} | "
        f"{accuracy:.3f} | {f1:.3f} | {said} |"
    )


def main(data: Path, names: Sequence[str]) -> None:
    """Print the table of some sets."""
    print(
        "| set | test texts | accuracy | macro F1 | minutes | its accuracy | its macro F1 | the regression |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in names or SETS:
        print(row(name, data), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
