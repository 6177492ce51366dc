"""How well sentences are tagged: tags, phrases, intents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from elman.data.phrases import phrases_of

_SHOWN = 50


@dataclass
class PhraseCounts:
    """Phrases by kind: those there are, those found, those that are both at one place."""

    there: Counter[str] = field(default_factory=Counter[str])
    found: Counter[str] = field(default_factory=Counter[str])
    right: Counter[str] = field(default_factory=Counter[str])

    def add(self, tags: Sequence[str], found: Sequence[str]) -> None:
        """Count those of a sentence, in its own tags and in those found."""
        own, other = phrases_of(tags), phrases_of(found)
        self.there.update(phrase.kind for phrase in own)
        self.found.update(phrase.kind for phrase in other)
        self.right.update(phrase.kind for phrase in set(own) & set(other))

    def precision_recall_f1(self, kinds: Iterable[str] | None = None) -> tuple[float, float, float]:
        """Of all phrases, or of those of some kinds; 0 where there is nothing to divide by."""
        chosen = list(self.there | self.found if kinds is None else kinds)
        there, found, right = (sum(c[kind] for kind in chosen) for c in (self.there, self.found, self.right))
        precision, recall = right / found if found else 0.0, right / there if there else 0.0
        both = precision + recall
        return precision, recall, 2.0 * precision * recall / both if both else 0.0


@dataclass
class TagScore:
    """Counts over sentences: -Σ ln p(tags, intent) in nats, tokens, those tagged right, phrases where tags
    mark them, sentences, those of which all tags are right, and those whose intent is, where they have one.
    """

    phrases: PhraseCounts | None
    has_intents: bool
    nats: float = 0.0
    tokens: int = 0
    right_tags: int = 0
    sentences: int = 0
    right_sentences: int = 0
    right_intents: int = 0

    def add(self, tags: Sequence[str], found: Sequence[str]) -> None:
        """Count a sentence, by its own tags and those found."""
        right = sum(tag == other for tag, other in zip(tags, found, strict=True))
        self.tokens += len(tags)
        self.right_tags += right
        self.sentences += 1
        self.right_sentences += right == len(tags)
        if self.phrases is not None:
            self.phrases.add(tags, found)

    def to_dict(self) -> dict[str, float]:
        """The figures as JSON can hold them."""
        figures: dict[str, float] = {
            "nats_per_token": self.nats / self.tokens,
            "tokens": self.tokens,
            "sentences": self.sentences,
            "tag_accuracy": self.right_tags / self.tokens,
            "sentence_accuracy": self.right_sentences / self.sentences,
        }
        if self.phrases is not None:
            names = ("precision", "recall", "f1")
            figures |= dict(zip(names, self.phrases.precision_recall_f1(), strict=True))
        if self.has_intents:
            figures["intent_accuracy"] = self.right_intents / self.sentences
        return figures

    def describe(self) -> str:
        """The figures in a line, then those of each kind of phrase, the most frequent first."""
        figures = self.to_dict()
        said = [f"tags {figures['tag_accuracy']:.2%} right"]
        if self.phrases is not None:
            precision, recall, f1 = self.phrases.precision_recall_f1()
            said.append(f"phrases F1 {f1:.2%} (precision {precision:.2%}, recall {recall:.2%})")
        if self.has_intents:
            said.append(f"intents {figures['intent_accuracy']:.2%} right")
        said.append(f"{figures['nats_per_token']:.4f} nats per token")
        line = f"{', '.join(said)} ({self.tokens:,} tokens in {self.sentences:,} sentences)"
        return "\n".join([line, *self._kinds()])

    def _kinds(self) -> list[str]:
        if self.phrases is None or not self.phrases.there:
            return []
        kinds = [kind for kind, _ in self.phrases.there.most_common(_SHOWN)]
        width = max(len(kind) for kind in kinds)
        lines = [f"  {'':{width}}  precision  recall      F1  phrases"]
        for kind in kinds:
            precision, recall, f1 = self.phrases.precision_recall_f1([kind])
            there = self.phrases.there[kind]
            lines.append(f"  {kind:{width}}  {precision:9.2%}  {recall:6.2%}  {f1:6.2%}  {there:7,}")
        return lines
