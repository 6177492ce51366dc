"""Triton's interpreter runs the programs of a grid one after the other; here they run at the same time, each
in a thread of its own, so that they can wait for one another.
"""

import inspect
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import product
from threading import Thread, local
from time import sleep

import triton.runtime.interpreter as interpreter


@contextmanager
def together(monkeypatch, missing: Collection[tuple[int, int]] = ()) -> Iterator[list[int]]:
    """As long as this lasts, programs run at the same time, but for those of some numbers, which never start.

    Gives a list to which each launch adds how many programs it had.
    """
    place, launched = local(), list[int]()
    builder = interpreter.interpreter_builder

    def call(executor, *args, **kwargs):
        interpreter._patch_lang(executor.fn)
        given = inspect.getcallargs(executor.fn, *args, **kwargs)
        given = {
            name: value if name in executor.constexprs else interpreter._implicit_cvt(value)
            for name, value in given.items()
        }
        grid = (*executor.grid, 1, 1)[:3]
        builder.set_grid_dim(*grid)
        errors: list[Exception] = []

        def run(index):
            place.index = index
            try:
                executor.fn(**given)
            except Exception as error:
                errors.append(error)

        everyone = [index for index in product(*map(range, grid)) if index[:2] not in missing]
        threads = [Thread(target=run, args=(index,)) for index in everyone]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        launched.append(len(threads))
        if errors:
            raise errors[0]

    class Placed(type(builder)):
        grid_idx = property(lambda self: place.index)

        def create_atomic_rmw(self, rmwOp, ptr, val, mask, sem, scope):
            if not val.data.any():  # it waits for others: let them go on
                sleep(1e-3)
            return super().create_atomic_rmw(rmwOp, ptr, val, mask, sem, scope)

    with monkeypatch.context() as patch:
        patch.setattr(interpreter.GridExecutor, "__call__", call)
        patch.setattr(builder, "__class__", Placed)
        yield launched
