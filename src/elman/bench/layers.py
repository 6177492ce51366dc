"""The layers of a job, with weights and data, made ready to run: elman's, torch.nn's, and loops in torch.

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
from elman.bench.loops import ZONEOUT
from elman.bench.weights import stacked, torch_lstm
from elman.nn.recurrent import Recurrent
from elman.nn.torch_layers import GRU, LSTM, RNN

SEED = 1
LAYERS: dict[str, Callable[[int, int], nn.RNNBase]] = {"LSTM": LSTM, "GRU": GRU, "RNN": RNN}


@dataclass(frozen=True)
class Work:
    """A job, ready. run: what is measured. numbers: what a run computes, by names that both sides give."""

    run: Callable[[], object]
    numbers: Callable[[], Mapping[str, Tensor]]


def format_of(job: Job) -> torch.dtype:
    """Returns the format of weights and data."""
    return getattr(torch, "float32" if job.dtype == "tf32" else job.dtype)


def elmans(job: Job) -> Work:
    """Elman's layer."""
    if job.cell in LAYERS:
        return _layer(job, LAYERS[job.cell](job.inputs, job.hidden))
    layer = recurrent(job)
    table = {} if layer.embedding is None else {"table": layer.embedding.weight}
    return _work(job, lambda x: layer(x)[0], {**layer.weights(), **table})


def torchs(job: Job) -> Work:
    """The layer of torch.nn, behind an embedding where the input is symbols."""
    if job.symbols:
        return _embedded(job)
    return _layer(job, getattr(nn, job.cell)(job.inputs, job.hidden))


def looped(job: Job, loop: Callable[..., Tensor]) -> Work:
    """A loop over time in torch's operations."""
    weights = {name: weight.requires_grad_() for name, weight in stacked(recurrent(job).weights()).items()}
    return _work(job, partial(_call, loop, weights), weights)


def recurrent(job: Job) -> Recurrent:
    """Returns elman's layer, all of whose weights are random: with a bias of zero an error would not show."""
    options: dict[str, Any] = {"zoneout": ZONEOUT} if job.cell == "zoneout_lstm" else {}
    layer = Recurrent(
        job.cell, job.inputs, job.hidden, init="torch", num_embeddings=job.symbols or None, **options
    )
    return layer.to(job.device, format_of(job))


def _layer(job: Job, layer: nn.RNNBase) -> Work:
    layer.to(job.device, format_of(job))
    return _work(job, lambda x: layer(x)[0], dict(layer.named_parameters()))


def _call(loop: Callable[..., Tensor], weights: Mapping[str, Tensor], x: Tensor) -> Tensor:
    return loop(x, **weights)


def _embedded(job: Job) -> Work:
    """An embedding before torch's LSTM."""
    mine = recurrent(job)
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
    d_output = torch.randn(shape, generator=torch.Generator().manual_seed(SEED)).to(
        job.device, format_of(job)
    )

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
        symbols = torch.randint(job.symbols, shape, generator=draw).to(job.device)
        return symbols, symbols
    x = torch.randn(*shape, job.inputs, generator=draw).to(job.device, format_of(job))
    if not job.varied:
        return x, x
    packed = pack_padded_sequence(x, torch.tensor(job.lengths), enforce_sorted=False)
    return packed, packed.data


def _data(output: Tensor | PackedSequence) -> Tensor:
    return output.data if isinstance(output, PackedSequence) else output
