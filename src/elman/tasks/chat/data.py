"""From dialogues to pairs: the turns before an answer, and the answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elman.data.dialogues import read_dialogues
from elman.data.pairs import Pair
from elman.data.text import Progress, unseen
from elman.tasks.translate.data import TranslateData, normal
from elman.tasks.translate.vocabulary import PARTS


@dataclass(frozen=True)
class ChatData(TranslateData):
    """The answers of dialogues, each with the turns before it; those to the same turns are in one part."""

    @classmethod
    def pairs(
        cls, path: Path, target_file: Path | None, config: Any, progress: Progress = unseen
    ) -> list[Pair]:
        """Each turn but the first of every dialogue, as an answer; raises InputError as `read_dialogues`."""
        return [
            Pair(normal(PARTS.join(turns[max(0, i - config.context) : i])), turns[i], place)
            for turns, place in read_dialogues(path, progress)
            for i in range(1, len(turns))
        ]
