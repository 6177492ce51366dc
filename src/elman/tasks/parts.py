"""What every task consists of: what training, the model file and the commands ask of each."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import torch
from torch import Tensor, nn

from elman.data.batch import Batches
from elman.data.text import Progress, unseen

State = Tensor | tuple[Tensor, ...]


@dataclass(frozen=True)
class Objective:
    """loss: what is minimised, a mean per symbol; nats: -Σ ln p(target), detached, to report; state: that
    after the last step, None where no batch continues another.
    """

    loss: Tensor
    nats: Tensor
    state: Any = None


class TaskVocabulary(Protocol):
    """What a model knows of its symbols and labels, such as an `elman.data.vocabulary.Vocabulary`.

    Its class has `from_dict`, which raises InputError for anything that cannot come from `to_dict`.
    """

    def to_dict(self) -> Mapping[str, object]:
        """What it consists of, as JSON can hold it."""
        ...

    def describe(self) -> str:
        """What it consists of in a few words: 65 characters."""
        ...


class TaskModel(nn.Module):
    """A network with its options and its vocabulary: all that a model file holds.

    The constructor takes both, and nothing else; the shapes of the weights follow from them.
    """

    task: ClassVar[str]
    vocabulary_class: ClassVar[type[Any]]
    """The class of the vocabulary."""
    unit: ClassVar[str] = "symbol"
    """What losses are means over."""
    config: Any
    vocabulary: Any

    @abstractmethod
    def objective(self, batch: Any, state: Any = None) -> Objective:
        """What training minimises on a batch."""

    @abstractmethod
    def loss(self, batch: Any, state: Any = None) -> tuple[Tensor, Any]:
        """-Σ ln p(target) over the targets that count, in nats, and the state after the last step."""

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device


class TrainingData(Protocol):
    """The two parts of the data that training reads."""

    @property
    def train(self) -> Batches: ...

    @property
    def validation(self) -> Batches: ...


class TaskData(TrainingData, Protocol):
    """What `read` makes of a file: its parts, the vocabulary of the first, and what is to be said of them."""

    @classmethod
    def read(cls, path: Path, config: Any, seed: int, progress: Progress = unseen) -> Self: ...

    @property
    def vocabulary(self) -> Any: ...

    @property
    def notes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Passed:
    """How far a model has learned: the share of all, symbols since the last time, whether a pass is done."""

    share: float
    symbols: int
    ends_epoch: bool


class Learning(Protocol):
    """A way to learn of a task's own: not by gradients of batches.

    Made of data, a configuration, and the options of training.
    """

    @property
    def epochs_done(self) -> float: ...

    def run(self) -> Iterator[Passed]:
        """Learn, from where it is to the end; between two steps it may be left, and its state kept."""
        ...

    def state(self) -> dict[str, object]:
        """All that follows from what was learned so far: tensors and what JSON can hold."""
        ...

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        ...

    def model(self) -> TaskModel:
        """A model of what is learned so far."""
        ...

    def score(self) -> Score:
        """How good that is."""
        ...


class Score(Protocol):
    """How good a model is on some data."""

    def to_dict(self) -> dict[str, float]:
        """The figures by name; the mean loss is nats_per_symbol, or whatever the model's unit is."""
        ...

    def describe(self) -> str:
        """The figures in a line, or in some, with their units."""
        ...


class Prediction(Protocol):
    """What a model makes of one raw input."""

    def to_dict(self) -> Mapping[str, object]:
        """The prediction as JSON can hold it."""
        ...

    def text(self) -> str:
        """The prediction in a line, or in some."""
        ...
