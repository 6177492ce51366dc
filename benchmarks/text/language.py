"""Subject and verb in agreement: python benchmarks/text/language.py DATA MINUTES RUN

DATA holds the folders wikitext-2 and agreement-linzen, RUN is a folder to train in. An LSTM over words learns
WikiText-2 for so many minutes, in small letters, because the sentences of the test are (Linzen et al. 2016,
as filtered by Gulordava et al. 2018). Prints its perplexity, and the share of the sentences whose right verb
is likelier than the other form, by the number of attractors. Beside it stands what the words know without
their order: the form that occurs more often in the text. Four sentences whose two forms are one are left out.
"""

import gzip
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import elman
from elman.tasks.language.agreement import Agreement, Pair, agreement, read_pairs
from elman.tasks.language.predict import evaluate_file

OPTIONS = {
    "level": "word",
    "hidden_size": 256,
    "layers": 1,
    "embedding_size": 256,
    "softmax": "adaptive",
    "dropout": 0.2,
    "sequence_length": 35,
    "schedule": "one-cycle",
    "epochs": 40,
}


def write_pairs(source: Path, to: Path) -> None:
    """The sentences of the test as pairs: one with each form, and the number of attractors."""
    sentences = (source / "subj_agr_filtered.text").read_text(encoding="utf-8").splitlines()
    forms = (source / "subj_agr_filtered.gold").read_text(encoding="utf-8").splitlines()
    with to.open("w", encoding="utf-8") as file:
        for sentence, form in zip(sentences, forms, strict=True):
            place, right, wrong, attractors = form.split("\t")
            words = sentence.removesuffix("<eos>").split()
            both = ([*words[: int(place)], verb.lower(), *words[int(place) + 1 :]] for verb in (right, wrong))
            if right.lower() != wrong.lower():
                print(*(" ".join(words) for words in both), attractors, sep="\t", file=file)


def by_frequency(text: str, pairs: Sequence[Pair]) -> list[tuple[int, bool]]:
    """For each pair its attractors, and whether the right form is the more frequent of the two."""
    counts = Counter(text.split())
    found = []
    for pair in pairs:
        forms = zip(pair.right.split(), pair.wrong.split(), strict=True)
        ((right, wrong),) = ((a, b) for a, b in forms if a != b)
        assert pair.attractors is not None
        found.append((pair.attractors, counts[right] > counts[wrong]))
    return found


def report(found: Agreement, frequent: list[tuple[int, bool]]) -> None:
    """The rows of a table."""
    print("| attractors | pairs | right | by frequency alone |\n|---|---|---|---|")
    for number, share in found.by_attractors.items():
        guessed = [right for attractors, right in frequent if attractors == number]
        print(f"| {number} | {share.pairs:,} | {share.accuracy:.1%} | {sum(guessed) / len(guessed):.1%} |")
    guessed = [right for _, right in frequent]
    print(f"| all | {found.all.pairs:,} | {found.all.accuracy:.1%} | {sum(guessed) / len(guessed):.1%} |")


def main(data: Path, minutes: float, run: Path) -> None:
    """Train, test, print."""
    wiki = data / "wikitext-2"
    texts = {
        "train": gzip.decompress((wiki / "train.txt.gz").read_bytes()).decode(),
        **{part: (wiki / f"{part}.txt").read_text(encoding="utf-8") for part in ("valid", "test")},
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part, text in texts.items():
            (folder / f"{part}.txt").write_text(text.lower(), encoding="utf-8")
        write_pairs(data / "agreement-linzen", folder / "pairs.tsv")
        pairs = read_pairs(folder / "pairs.tsv")
        model = elman.train(
            "language",
            folder / "train.txt",
            out=run,
            validation_file=str(folder / "valid.txt"),
            max_minutes=minutes,
            **OPTIONS,
        )
        print("test:", evaluate_file(model, folder / "test.txt").describe())
        report(agreement(model, pairs), by_frequency(texts["train"].lower(), pairs))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
