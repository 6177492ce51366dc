"""A model of names: a language model whose every text ends with `<eos>`."""

from typing import ClassVar

from elman.data.vocabulary import EOS
from elman.tasks.language.model import LanguageModel


class NamesModel(LanguageModel):
    """A recurrent network over the characters of one name, which says itself where a name ends."""

    task: ClassVar[str] = "names"
    closing: ClassVar[tuple[int, ...]] = (EOS,)
    sample_length: ClassVar[int] = 40
