"""The entry of every kernel: what a thread of a pool calls, which runs its parts of the work.

    elman_run(buffers, strides, sizes, segments, count, first, last, scratch)

does one part, from `first` to `last`; what that counts, sequences or rows of a result, is the kernel's own
matter.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.emit.loops import I64, loop, number
from elman.emit.vector import Precision

Value = Any
SEGMENT = 5
"""The numbers of a segment, by which a task is described in pieces; each kernel says what they mean."""
WORDS = (
    "thread_number",
    "thread_count",
    "parts",
    "buffers",
    "strides",
    "sizes",
    "segments",
    "count",
    "bounds",
    "scratch_size",
    "scratch",
)
"""The words of a task, in order.

The first two are functions of the pool, or zero where one thread does all parts.
"""


def run_type(precision: Precision) -> ir.FunctionType:
    """The type of `elman_run`."""
    numbers, words = precision.type.as_pointer(), I64.as_pointer()
    return ir.FunctionType(ir.VoidType(), [numbers.as_pointer(), words, words, words, I64, I64, I64, numbers])


def emit_worker(module: ir.Module, run: ir.Function) -> None:
    """Emits `void elman_worker(int64 *task)`: thread i of n takes parts i, i + n, …; part p runs from
    bounds[p] to bounds[p + 1].
    """
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [I64.as_pointer()]), "elman_worker")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    words = {name: builder.load(builder.gep(function.args[0], [number(i)])) for i, name in enumerate(WORDS)}
    me = ask(builder, words["thread_number"], default=0)
    threads = ask(builder, words["thread_count"], default=1)
    *kinds, _, _, scratch_type = (argument.type for argument in run.args)
    given = zip(kinds, ("buffers", "strides", "sizes", "segments", "count"), strict=True)
    fixed = [builder.inttoptr(words[name], kind) if kind.is_pointer else words[name] for kind, name in given]
    bounds = builder.inttoptr(words["bounds"], I64.as_pointer())
    mine = builder.sdiv(
        builder.sub(builder.add(words["parts"], builder.sub(threads, number(1))), me), threads
    )
    with loop(builder, mine, "part") as turn:
        part = builder.add(me, builder.mul(turn, threads))
        first = builder.load(builder.gep(bounds, [part]))
        last = builder.load(builder.gep(bounds, [builder.add(part, number(1))]))
        scratch = builder.inttoptr(words["scratch"], scratch_type)
        scratch = builder.gep(scratch, [builder.mul(part, words["scratch_size"])])
        builder.call(run, [*fixed, first, last, scratch])
    builder.ret_void()


def ask(builder: ir.IRBuilder, word: Value, default: int) -> Value:
    """Returns the answer of a function given by its address, or the default where there is none."""
    before = builder.block
    with builder.if_then(builder.icmp_signed("!=", word, number(0))):
        function = builder.inttoptr(word, ir.FunctionType(ir.IntType(32), []).as_pointer())
        answer = builder.sext(builder.call(function, []), I64)
        asked = builder.block
    result = builder.phi(I64)
    result.add_incoming(number(default), before)
    result.add_incoming(answer, asked)
    return result
