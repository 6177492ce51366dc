"""A job made ready to run, by elman and by each of those it is compared with.

Legend: T steps, B sequences, I input size, H hidden size, V symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from elman.bench.jobs import Job
from elman.bench.loops import LOOPS, ZONEOUT
from elman.bench.plain import PLAIN
from elman.bench.reading import Reading
from elman.bench.sampling import sampling
from elman.bench.weights import stacked, torch_lstm
from elman.core.errors import InputError
from elman.nn.recurrent import Recurrent
from elman.nn.torch_layers import GRU, LSTM, RNN
from elman.run.pairs import multiplies_pairs

SEED = 1
LAYERS: dict[str, Callable[[int, int], nn.RNNBase]] = {"LSTM": LSTM, "GRU": GRU, "RNN": RNN}


@dataclass(frozen=True)
class Work:
    """A job, ready. run: what is measured. numbers: what a run computes, by names that both sides give."""

    run: Callable[[], object]
    numbers: Callable[[], Mapping[str, Tensor]]


def ready(job: Job) -> Work:
    """Returns a job with its weights and data, the same ones for every side.

    Raises InputError for bfloat16 where the processor has no instructions for it.
    """
    if job.dtype == "bfloat16" and not multiplies_pairs():
        raise InputError("needs a processor that multiplies bfloat16 numbers (AVX512_BF16)")
    torch.manual_seed(SEED)
    return SIDES[job.side](job)


def _elman(job: Job) -> Work:
    if job.kind == "sampling":
        return Work(*sampling(job, by_elman=True))
    if job.cell in LAYERS:
        return _layer(job, LAYERS[job.cell](job.inputs, job.hidden))
    layer = _recurrent(job)
    table = {} if layer.embedding is None else {"table": layer.embedding.weight}
    return _work(job, lambda x: layer(x)[0], {**layer.weights(), **table})


def _torch_nn(job: Job) -> Work:
    if job.symbols:
        return _embedded(job)
    return _layer(job, getattr(nn, job.cell)(job.inputs, job.hidden))


def _torch_loop(job: Job) -> Work:
    if job.kind == "sampling":
        return Work(*sampling(job, by_elman=False))
    return _loop(job, LOOPS[job.cell])


def _plain_loop(job: Job) -> Work:
    return _loop(job, PLAIN[job.cell])


def _torch_compile(job: Job) -> Work:
    return _loop(job, torch.compile(LOOPS[job.cell]))


def _reading(job: Job) -> Work:
    return Work(Reading(job.bytes_read, job.steps), dict)


SIDES: dict[str, Callable[[Job], Work]] = {
    "elman": _elman,
    "torch.nn": _torch_nn,
    "torch loop": _torch_loop,
    "plain torch loop": _plain_loop,
    "torch.compile": _torch_compile,
    "reading the weights": _reading,
}


def _recurrent(job: Job) -> Recurrent:
    """The layer, all of whose weights are random: with a bias of zero an error would not show."""
    options: dict[str, Any] = {"zoneout": ZONEOUT} if job.cell == "zoneout_lstm" else {}
    return Recurrent(
        job.cell, job.inputs, job.hidden, init="torch", num_embeddings=job.symbols or None, **options
    )


def _layer(job: Job, layer: nn.RNNBase) -> Work:
    layer.to(getattr(torch, job.dtype))
    return _work(job, lambda x: layer(x)[0], dict(layer.named_parameters()))


def _loop(job: Job, loop: Callable[..., Tensor]) -> Work:
    weights = {name: weight.requires_grad_() for name, weight in stacked(_recurrent(job).weights()).items()}
    return _work(job, partial(_call, loop, weights), weights)


def _call(loop: Callable[..., Tensor], weights: Mapping[str, Tensor], x: Tensor) -> Tensor:
    return loop(x, **weights)


def _embedded(job: Job) -> Work:
    """An embedding before torch's LSTM."""
    mine = _recurrent(job)
    assert mine.embedding is not None
    table = nn.Embedding.from_pretrained(mine.embedding.weight.detach(), freeze=False)
    layer = torch_lstm(mine)
    weights = {"W": layer.weight_ih_l0, "U": layer.weight_hh_l0, "b": layer.bias_ih_l0, "table": table.weight}
    return _work(job, lambda x: layer(table(x))[0], weights)


def _work(job: Job, call: Callable[[Any], Any], weights: Mapping[str, Tensor]) -> Work:
    """call: from the input of the job to its output, (T, B, H) or packed."""
    x, rows = _input(job)
    leaves = dict(weights)
    if rows.is_floating_point() and job.kind == "training":
        leaves["x"] = rows.requires_grad_()
    shape = (job.rows, job.hidden) if job.varied else (job.steps, job.batch, job.hidden)
    d_output = torch.randn(shape, generator=torch.Generator().manual_seed(SEED))

    def forward() -> list[Tensor]:
        with torch.no_grad():
            return [_data(call(x))]

    def training() -> list[Tensor]:
        output = _data(call(x))
        return [output, *torch.autograd.grad(output, list(leaves.values()), d_output)]

    run = training if job.kind == "training" else forward

    def numbers() -> Mapping[str, Tensor]:
        torch.manual_seed(SEED)  # for the masks of zoneout
        output, *gradients = run()
        return {"output": output.detach(), **stacked(dict(zip(leaves, gradients, strict=False)))}

    return Work(run, numbers)


def _input(job: Job) -> tuple[Tensor | PackedSequence, Tensor]:
    """The input of a job, and the tensor that holds its rows."""
    draw = torch.Generator().manual_seed(SEED)
    shape = (job.steps, job.batch)
    if job.symbols:
        symbols = torch.randint(job.symbols, shape, generator=draw)
        return symbols, symbols
    x = torch.randn(*shape, job.inputs, generator=draw).to(getattr(torch, job.dtype))
    if not job.varied:
        return x, x
    packed = pack_padded_sequence(x, torch.tensor(job.lengths), enforce_sorted=False)
    return packed, packed.data


def _data(output: Tensor | PackedSequence) -> Tensor:
    return output.data if isinstance(output, PackedSequence) else output
