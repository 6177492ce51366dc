"""How layers behave on a GPU beside computing the right numbers: streams, graphs of a training step, several
devices, autocast, options, memory, and that nothing waits for the device behind the user's back.

Each function takes the device and a verdict to add failures to.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from elman.bench.gpu.accuracy import Error
from elman.bench.gpu.trial import FORMATS, products
from elman.bench.gpu.verdict import Verdict
from elman.nn.recurrent import Recurrent
from elman.nn.torch_layers import LSTM
from elman.run.choice import kernels

CELLS = ("lstm", "gru_reset_before", "layer_norm_gru", "min_gru")
"""One stage a step, several, a normalisation, and a loop without products."""
STEPS, BATCH, INPUTS, HIDDEN = 24, 16, 32, 96
RUNS = tuple((cell, form) for form in ("float32", "tf32") for cell in CELLS)
"""Without TF32 and with it, as loops keep rounded matrices on the chip where they can."""
RATE = 0.01
GROWTH = 20.0
"""By how much errors may grow in some training steps."""
WARM, REPEATS = 3, 20
DELAY = 100_000_000
"""Cycles that a stream is kept busy before its input is there: 50 ms at 2 GHz."""
LEFT_OUT = 0.25
SYMBOLS, HEADS = 11, 3


@dataclass(frozen=True)
class Training:
    """A layer in training by gradient descent, on a fixed batch, or an input of the same sizes."""

    layer: nn.Module
    x: Tensor
    start: Sequence[Tensor]

    @classmethod
    def of(cls, cell: str, device: torch.device) -> Training:
        """A layer with its batch, the same ones every time."""
        torch.manual_seed(0)
        zoneout = LEFT_OUT if cell == "zoneout_lstm" else 0.0
        layer = Recurrent(cell, INPUTS, HIDDEN, num_layers=2, init="torch", zoneout=zoneout).to(device)
        return cls(layer, torch.randn(STEPS, BATCH, INPUTS).to(device), _copied(layer))

    def twin(self) -> Training:
        """Returns the same once more, with weights of its own."""
        return Training(copy.deepcopy(self.layer), self.x.clone(), self.start)

    def step(self, x: Any = None) -> None:
        """Takes a step of gradient descent."""
        output, _ = self.layer(self.x if x is None else x)
        data = output if isinstance(output, Tensor) else output.data
        self.layer.zero_grad(set_to_none=True)
        (data.square().sum() / BATCH).backward()
        with torch.no_grad():
            for parameter in self.layer.parameters():
                assert parameter.grad is not None
                parameter -= RATE * parameter.grad

    def learned(self) -> Tensor:
        """Returns by how much the weights have changed, all in a row."""
        pairs = zip(_copied(self.layer), self.start, strict=True)
        return torch.cat([(now - before).flatten() for now, before in pairs])


def graph(device: torch.device, verdict: Verdict) -> None:
    """A whole training step captured as a CUDA graph, and replayed, learns what steps one by one do."""
    for cell, form in RUNS:
        with _told(verdict, cell, form):
            captured = Training.of(cell, device)
            plain = captured.twin()
            side = torch.cuda.Stream(device)
            side.wait_stream(torch.cuda.current_stream(device))
            with torch.cuda.stream(side):
                for _ in range(WARM):
                    captured.step()
            torch.cuda.current_stream(device).wait_stream(side)
            taken = torch.cuda.CUDAGraph()
            with torch.cuda.graph(taken):
                captured.step()
            for _ in range(WARM):
                taken.replay()
            for _ in range(2 * WARM):
                plain.step()
            torch.cuda.synchronize(device)
            _same_learned(verdict, f"{cell} {form}, replayed", form, captured, plain)


def streams(device: torch.device, verdict: Verdict) -> None:
    """On a stream that gets its input late, and on two streams at once, layers learn what they do alone."""
    for cell, form in RUNS:
        with _told(verdict, cell, form):
            late, plain = Training.of(cell, device), Training.of(cell, device)
            x, unready = late.x.clone(), late.x.fill_(float("nan"))
            plain.step()
            plain.step()
            torch.cuda.synchronize(device)
            side = torch.cuda.Stream(device)
            with torch.cuda.stream(side):
                torch.cuda._sleep(DELAY)  # pyright: ignore[reportPrivateUsage]
                unready.copy_(x)
                late.step()
                late.step()
            side.synchronize()
            _same_learned(verdict, f"{cell} {form}, on a late stream", form, late, plain)
            _at_once(cell, form, device, verdict)


def _at_once(cell: str, form: str, device: torch.device, verdict: Verdict) -> None:
    pair = [Training.of(cell, device) for _ in range(2)]
    alone = pair[0].twin()
    beside = [torch.cuda.Stream(device) for _ in pair]
    torch.cuda.synchronize(device)
    for _ in range(REPEATS):
        for one, stream in zip(pair, beside, strict=True):
            with torch.cuda.stream(stream):
                one.step()
        alone.step()
    torch.cuda.synchronize(device)
    for one in pair:
        _same_learned(verdict, f"{cell} {form}, on two streams at once", form, one, alone)


def devices(device: torch.device, verdict: Verdict) -> None:
    """A layer on another device than the current one learns the same there."""
    others = [torch.device("cuda", i) for i in range(torch.cuda.device_count()) if i != device.index]
    if not others:
        verdict.skipped = "there is one device"
        return
    for cell, form in RUNS:
        with _told(verdict, cell, form), torch.cuda.device(device):
            here, there = Training.of(cell, device), Training.of(cell, others[0])
            here.step()
            there.step()
            _same_learned(verdict, f"{cell} {form}, on {others[0]}", form, there, here)


def waiting(device: torch.device, verdict: Verdict) -> None:
    """A warm training step makes the host wait for nothing; with lengths, and with masks, neither."""
    for cell, form in (*RUNS, ("zoneout_lstm", "float32")):
        with _told(verdict, cell, form):
            training = Training.of(cell, device)
            lengths = torch.arange(BATCH).remainder(STEPS) + 1
            packed = pack_padded_sequence(training.x, lengths, enforce_sorted=False)
            for x in (training.x, packed):
                for _ in range(WARM):
                    training.step(x)
                torch.cuda.synchronize(device)
                torch.cuda.set_sync_debug_mode("error")
                try:
                    training.step(x)
                finally:
                    torch.cuda.set_sync_debug_mode("default")


def memory(device: torch.device, verdict: Verdict) -> None:
    """Training steps leave no memory taken."""
    for cell, form in RUNS:
        with _told(verdict, cell, form):
            training = Training.of(cell, device)
            for _ in range(WARM):
                training.step()
            before = torch.cuda.memory_allocated(device)
            for _ in range(REPEATS):
                training.step()
            left = torch.cuda.memory_allocated(device) - before
            if left > 0:
                verdict.fail(f"{cell} {form}: {REPEATS} training steps left {left:,} bytes taken")


def distributed(device: torch.device, verdict: Verdict) -> None:
    """Under DistributedDataParallel, in a group of one, a layer learns what it does without."""
    if not torch.distributed.is_nccl_available():
        verdict.skipped = "torch has no NCCL"
        return
    with TemporaryDirectory() as folder:
        meeting = f"file://{folder}/group"
        torch.distributed.init_process_group("nccl", init_method=meeting, rank=0, world_size=1)
        try:
            for cell, form in RUNS:
                with _told(verdict, cell, form):
                    plain = Training.of(cell, device)
                    twin = plain.twin()
                    parallel = Training(nn.parallel.DistributedDataParallel(twin.layer), twin.x, twin.start)
                    for one in (plain, parallel):
                        one.step()
                    _same_learned(verdict, f"{cell} {form}, in parallel", form, twin, plain)
        finally:
            torch.distributed.destroy_process_group()


def autocast(device: torch.device, verdict: Verdict) -> None:
    """Under autocast the output has the format that torch.nn's has, and is no further from exact."""
    for dtype in (torch.bfloat16, torch.float16):
        with _told(verdict, str(dtype)):
            torch.manual_seed(0)
            mine = LSTM(INPUTS, HIDDEN, device=device)
            peer = nn.LSTM(INPUTS, HIDDEN, device=device)
            peer.load_state_dict(mine.state_dict())
            x = torch.randn(STEPS, BATCH, INPUTS, device=device)
            exact = copy.deepcopy(peer).double()(x.double())[0].detach()
            with torch.autocast(device.type, dtype):
                found, wanted = mine(x)[0], peer(x)[0]
            if found.dtype != wanted.dtype:
                verdict.fail(f"{dtype}: the output is {found.dtype}, that of torch.nn {wanted.dtype}")
            form = FORMATS[str(dtype).removeprefix("torch.")]
            error, limit = Error.of(found.detach(), exact), Error.of(wanted.detach(), exact).limit(form)
            verdict.compare(error.typical, Error.of(wanted.detach(), exact).typical)
            if not error.within(limit):
                verdict.fail(
                    f"{dtype}: the output is off by {error.typical:.1e}, at most {limit.typical:.1e}"
                )
            found.float().sum().backward()
            if not all(p.grad is not None and bool(p.grad.isfinite().all()) for p in mine.parameters()):
                verdict.fail(f"{dtype}: a gradient is missing, or no number")


def options(device: torch.device, verdict: Verdict) -> None:
    """With what a layer adds to a cell, kernels compute in float64 what torch's own operations do."""
    x = torch.randn(STEPS, BATCH, INPUTS, dtype=torch.float64, device=device)
    resets = torch.rand(STEPS, BATCH, device=device) < LEFT_OUT
    symbols = torch.randint(SYMBOLS, (STEPS, BATCH), device=device)
    given: Mapping[str, tuple[Mapping[str, Any], Tensor, Mapping[str, Any]]] = {
        "resets": ({}, x, {"resets": resets}),
        "zoneout": ({"zoneout": LEFT_OUT}, x, {}),
        "recurrent dropout": ({"recurrent_dropout": LEFT_OUT}, x, {}),
        "heads": ({"heads": HEADS}, x, {}),
        "symbols": ({"num_embeddings": SYMBOLS}, symbols, {}),
        "two layers both ways": ({"num_layers": 2, "bidirectional": True}, x, {}),
        "padded lengths": ({}, x, {"lengths": list(range(1, BATCH + 1))}),
    }
    for name, (arguments, data, call) in given.items():
        with _told(verdict, name):
            layer = Recurrent("lstm", INPUTS, HIDDEN, init="torch", **arguments).to(device, torch.float64)
            results = []
            for mode in ("auto", "eager"):
                with kernels(mode):
                    torch.manual_seed(0)
                    output, _ = layer(data, **call)
                    found = torch.autograd.grad(output.sin().sum(), list(layer.parameters()))
                    results.append([output.detach(), *found])
            mine, theirs = results
            _same(verdict, name, mine, theirs, FORMATS["float64"].error)


CONDUCT: dict[str, Callable[[torch.device, Verdict], None]] = {
    "graph": graph,
    "streams": streams,
    "devices": devices,
    "waiting": waiting,
    "memory": memory,
    "distributed": distributed,
    "autocast": autocast,
    "options": options,
}


def check(name: str, device: torch.device) -> Verdict:
    """Returns what comes out for a kind of conduct."""
    verdict = Verdict(name)
    CONDUCT[name](device, verdict)
    return verdict


@contextmanager
def _told(verdict: Verdict, what: str, form: str = "") -> Iterator[None]:
    """Adds errors and warnings to the verdict, and the rest goes on; form: how products round."""
    what = f"{what} {form}".strip()
    with products(form == "tf32"), warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", RuntimeWarning)
        try:
            yield
        except Exception as error:
            verdict.fail(f"{what}: {type(error).__name__}: {error}")
    for warning in told:
        if issubclass(warning.category, RuntimeWarning):
            verdict.fail(f"{what}: {warning.message}")


def _copied(layer: nn.Module) -> list[Tensor]:
    return [parameter.detach().cpu().clone() for parameter in layer.parameters()]


def _same_learned(verdict: Verdict, what: str, form: str, found: Training, wanted: Training) -> None:
    """Fails where what was learned differs."""
    _same(verdict, what, [found.learned()], [wanted.learned()], GROWTH * FORMATS[form].error)


def _same(
    verdict: Verdict,
    what: str,
    found: Sequence[Tensor],
    wanted: Sequence[Tensor],
    tolerance: float,
) -> None:
    """Fails where results differ by more than the order of sums explains."""
    worst = max(Error.of(value, other.double()).typical for value, other in zip(found, wanted, strict=True))
    finite = all(bool(value.isfinite().all()) for value in found)
    if not finite or worst > tolerance:
        verdict.fail(f"{what}: differ by {worst:.1e}, at most {tolerance:.0e} is explained by rounding")
