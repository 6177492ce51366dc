"""The tasks that elman knows: each a folder of config, data, model and predict, imported when it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

from elman.core.errors import InputError
from elman.data.source import located
from elman.tasks.options import nearest


@dataclass(frozen=True)
class NoOptions:
    """The options of a prediction that needs none."""

    def validate(self) -> None:
        """Nothing can be wrong."""


@dataclass(frozen=True)
class Task:
    """A task by name; its parts are imported one by one, so that asking for its options loads no torch."""

    name: str
    title: str
    built_in: Path | None = None
    asked_by: str = "predict"
    """The command that its trained model is asked by."""

    @property
    def config(self) -> type[Any]:
        """The class of its options, such as LanguageConfig."""
        return getattr(self._module("config"), f"{self.name.capitalize()}Config")

    @property
    def training(self) -> Mapping[str, Any]:
        """The options of training that suit it, where they differ from those of TrainConfig."""
        return self._module("config").TRAINING

    @property
    def training_config(self) -> type[Any] | None:
        """The class of all options of training where a task learns in a way of its own, else None."""
        return getattr(self._module("config"), f"{self.name.capitalize()}Training", None)

    @property
    def learning(self) -> type[Any]:
        """The class of that way, a `elman.tasks.parts.Learning`, such as EmbedLearning."""
        return getattr(self._module("learn"), f"{self.name.capitalize()}Learning")

    def require_gradients(self, what: str) -> None:
        """Raise InputError where the task does not learn by gradients of batches, and this needs it."""
        if self.training_config is not None:
            raise InputError(f"{what} is for tasks that learn by gradients of batches; {self.name} does not")

    @property
    def predict_options(self) -> type[Any]:
        """The class of the options of a prediction."""
        return getattr(self._module("config"), "PredictOptions", NoOptions)

    @property
    def data(self) -> type[Any]:
        """The class that reads its data, such as LanguageData."""
        return getattr(self._module("data"), f"{self.name.capitalize()}Data")

    @property
    def model(self) -> type[Any]:
        """The class of its model, such as LanguageModel."""
        return getattr(self._module("model"), f"{self.name.capitalize()}Model")

    @property
    def predict(self) -> ModuleType:
        """The module of what its trained model is asked."""
        return self._module("predict")

    def data_file(self, given: str | Path | None) -> Path:
        """The file or folder to train on, "-" for standard input, or the task's own text.

        Raises InputError when it has none and none is given.
        """
        if given is not None:
            return located(given)
        if self.built_in is None:
            raise InputError(f"{self.name} needs a file to train on: elman train {self.name} FILE")
        return self.built_in

    def _module(self, part: str) -> ModuleType:
        return import_module(f"elman.tasks.{self.name}.{part}")


TASKS = {
    task.name: task
    for task in (
        Task(
            "names",
            "invent names like those of a list, one a line",
            Path(str(files("elman.data").joinpath("dinosaurs.txt"))),
            "sample",
        ),
        Task(
            "language",
            "continue and score text like that of a file, by characters, words or subwords",
            asked_by="sample",
        ),
        Task("blank", "fill blanks in a text from both sides"),
        Task("classify", "say which of some labels a text has"),
        Task("tag", "tag each token of a sentence, and find the phrases in it"),
        Task("translate", "translate texts as pairs of texts, line by line, show it"),
        Task("chat", "answer as the turns of dialogues do"),
        Task("spot", "spot phrases in a stream of characters"),
        Task("similar", "tell how alike texts are"),
        Task("embed", "give words vectors, alike where words are, by what stands near them"),
    )
}


def find(name: str) -> Task:
    """The task of a name; raises InputError, with the nearest name, when there is none."""
    if name not in TASKS:
        raise InputError(
            f"unknown task {name!r}; did you mean {nearest(name, TASKS)!r}? Tasks: {', '.join(TASKS)}"
        )
    return TASKS[name]
