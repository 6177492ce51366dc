"""The model that fills blanks: p(symbol_t | symbols before t, symbols after t).

    f_t = recurrent(embedding[symbol_{t-1}], f_{t-1}),  b_t = recurrent'(embedding'[symbol_{t+1}], b_{t+1})
    h_t = tanh(A [f_t; b_t] + a),  p_t = softmax(W h_t + c)

Neither direction sees the symbol itself, so one pass of each predicts every symbol of a line
(as in ELMo, Peters et al. 2018, but joined before the softmax).

Legend of shapes: T time steps, B sequences, H hidden size, V vocabulary.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from elman.data.batch import SequenceBatch
from elman.data.vocabulary import EOS, Vocabulary
from elman.nn.linear import Linear
from elman.nn.recurrent import Recurrent
from elman.tasks.blank.config import BlankConfig
from elman.tasks.language.symbol_model import SymbolModel
from elman.tasks.parts import Objective

_WINDOW = 1024


class BlankModel(SymbolModel):
    """Two recurrent networks, one over what is before a blank and one, backwards, over what is after it."""

    task: ClassVar[str] = "blank"

    def __init__(self, config: BlankConfig, vocabulary: Vocabulary) -> None:
        super().__init__(config, vocabulary)
        self.backward_recurrent = self._recurrent()
        size = self.recurrent.output_size
        self.join = Linear(2 * size, size)

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        """Scores of what stands in a blank, (B, V), from the symbols before it in their order and those after
        it from the last on, each (T, B) int64 and beginning with `<eos>`.
        """
        forward_1BH, backward_1BH = _last(self.recurrent, before), _last(self.backward_recurrent, after)
        return self.projection(self._joined(forward_1BH, backward_1BH))[0]

    def hidden(self, batch: SequenceBatch) -> Tensor:
        """h_t of every symbol of a batch of lines, (T, B, H), without dropout on it; behind the end of a line
        it means nothing.
        """
        assert batch.lengths is not None
        steps_T1 = torch.arange(len(batch.targets), device=batch.targets.device)[:, None]
        # Where a symbol stands when its line is read from the end.
        mirrored_TB = (batch.lengths - 1 - steps_T1).clamp(min=0)
        backwards_TB = batch.targets.gather(0, mirrored_TB)
        first_1B = torch.full_like(backwards_TB[:1], EOS)
        forward_TBH, _ = self.recurrent(batch.inputs)
        backward_TBH, _ = self.backward_recurrent(torch.cat([first_1B, backwards_TB[:-1]]))
        places_TBH = mirrored_TB[:, :, None].expand_as(backward_TBH)
        return self._joined(forward_TBH, backward_TBH.gather(0, places_TBH))

    def _joined(self, forward_TBH: Tensor, backward_TBH: Tensor) -> Tensor:
        return self.join(torch.cat([forward_TBH, backward_TBH], -1)).tanh()

    def loss(self, batch: SequenceBatch, state: Any = None) -> tuple[Tensor, None]:
        """-Σ ln p(symbol) over the symbols of the lines, in nats; no batch continues another."""
        return self._nats(self.hidden(batch), batch), None

    def objective(self, batch: SequenceBatch, state: Any = None) -> Objective:
        """What training minimises on a batch: the mean of -ln p(symbol), with label smoothing, and the
        penalties of activations and of their change.
        """
        return self._objective(self.hidden(batch), batch, None)


def _last(recurrent: Recurrent, symbols_TB: Tensor) -> Tensor:
    """The last output (1, B, H), some steps at a time: memory does not grow with T."""
    state: Any = None
    outputs_TBH = symbols_TB.new_empty(0)
    for window_TB in symbols_TB.split(_WINDOW):
        outputs_TBH, state = recurrent(window_TB, state)
    return outputs_TBH[-1:]
