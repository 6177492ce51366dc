"""A model that answers: a translator from what was said to what is said next."""

from typing import Any, ClassVar

from elman.tasks.chat import predict
from elman.tasks.chat.config import PredictOptions
from elman.tasks.chat.data import ChatData
from elman.tasks.translate.data import TranslateData
from elman.tasks.translate.model import TranslateModel
from elman.tasks.translate.predict import Translation


class ChatModel(TranslateModel):
    """An encoder of the last turns and a decoder of the next, with attention."""

    task: ClassVar[str] = "chat"
    data_class: ClassVar[type[TranslateData]] = ChatData

    def longest_target(self, source: int) -> int:
        """How many symbols an answer may have at most, however short what was said."""
        return self.config.longest

    def reply(self, *turns: str, **options: Any) -> Translation:
        """An answer to the last of some turns; the options are those of PredictOptions.

        Raises InputError for a blank turn, or very long ones, and for an option out of range.
        """
        return next(predict.predictions(self, [predict.together(turns)], PredictOptions(**options)))
