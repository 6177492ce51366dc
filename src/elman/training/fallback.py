"""What becomes of a run whose batch does not fit in memory: half the batch, twice the gradients in a step."""

import errno
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import torch
from rich.console import Console

from elman.core.errors import ElmanError, InputError
from elman.run import memory
from elman.training import distributed
from elman.training.record import RunRecord

Result = TypeVar("Result")
_NOT_ENOUGH = ("not enough memory", "can't allocate memory", "out of memory", "cublas_status_alloc_failed")


class BatchTooLargeError(ElmanError):
    """A batch did not fit in memory."""


def halving(asked: RunRecord, attempt: Callable[[RunRecord], Result], console: Console) -> Result:
    """What an attempt returns, with half the batch and twice the accumulation as long as it is too large.

    Raises InputError when a batch of one sequence does not fit, and BatchTooLargeError where several
    processes share the work: one of them cannot change its batch alone.
    """
    while True:
        try:
            return attempt(asked)
        except BatchTooLargeError:
            if distributed.world() > 1:
                raise
        # Behind the handler, so that nothing holds on to what the attempt computed.
        release()
        before, asked = asked.config.batch_size, halved(asked)
        console.print(
            f"a batch of {before} did not fit in memory: going on with {asked.config.batch_size}, "
            f"gradients of {asked.training.accumulate} summed"
        )


def halved(asked: RunRecord) -> RunRecord:
    """A record with half its batch and twice its accumulation; raises InputError for a batch of 1."""
    size, config = asked.config.batch_size, asked.config
    if size == 1:
        length = config.sequence_length
        windows = f"a sequence_length below {length}" if length else "a smaller sequence_length"
        raise InputError(
            f"a batch of 1 does not fit in memory: give {windows}, "
            f"a hidden_size below {config.hidden_size}, or fewer layers than {config.layers}"
        )
    return replace(
        asked,
        config=replace(config, batch_size=size // 2),
        training=replace(asked.training, accumulate=2 * asked.training.accumulate),
    )


@contextmanager
def watched() -> Iterator[None]:
    """Turns the errors of all that can run out of memory into BatchTooLargeError."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise BatchTooLargeError(
            "a batch does not fit in memory: give a smaller batch_size, and accumulate gradients instead"
        ) from error


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out: a GPU's, torch's on the CPU, Python's or the system's."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(one in text for one in _NOT_ENOUGH)


def release() -> None:
    """Give back the memory that nobody uses."""
    gc.collect()
    memory.release()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
