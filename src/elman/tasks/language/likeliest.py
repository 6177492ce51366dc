"""The likeliest text after a prompt, by beam search.

Legend of shapes: N beginnings, V symbols.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from elman.data.vocabulary import EOS
from elman.nn.beam import Beam
from elman.tasks.language.predict import LONGEST, read, state_after
from elman.tasks.options import require_integer

if TYPE_CHECKING:
    from elman.tasks.language.model import LanguageModel


@torch.inference_mode()
def likeliest(model: LanguageModel, prompt: str, length: int, beam: Beam) -> str:
    """The text that a search finds: up to a closing symbol, or of `length` symbols where there is none.

    Raises InputError for a length that cannot be.
    """
    require_integer("length", length, 1, LONGEST)
    inputs_T = np.append(EOS, model.vocabulary.encode_with_warning(prompt))
    state = state_after(model, inputs_T[:-1])
    steps = _Steps(model, length)
    ((found, *_),) = beam.search(
        steps,
        () if state is None else state,
        int(inputs_T[-1]),
        steps.end,
        [length],
        model.vocabulary.unwritten.difference(model.closing),
    )
    return "".join(model.vocabulary.spell(found.symbols, int(inputs_T[-1])))


class _Steps:
    """The steps of a search. Where no symbol closes a text, one more does, when the text has its length: it
    is certain then, and impossible before.
    """

    def __init__(self, model: LanguageModel, length: int) -> None:
        self._model, self._length = model, length
        self.end = model.closing[0] if model.closing else len(model.vocabulary)
        self._taken = 0

    def __call__(self, symbols_N: Tensor, state: Any) -> tuple[Tensor, Any]:
        before = None if isinstance(state, tuple) and not state else state
        # A place that is left over has the end for its symbol, which the model need not know.
        known_1N = symbols_N.clamp(max=len(self._model.vocabulary) - 1)[None]
        scores_1NV, after = read(self._model, known_1N.to(self._model.device), before)
        scores_NV = scores_1NV[0]
        if not self._model.closing:
            at_end = self._taken == self._length
            log_p_NV = torch.full_like(scores_NV, -math.inf) if at_end else scores_NV.log_softmax(-1)
            ends_N1 = torch.full_like(scores_NV[:, :1], 0.0 if at_end else -math.inf)
            scores_NV = torch.cat([log_p_NV, ends_N1], 1)
        self._taken += 1
        return scores_NV, after
