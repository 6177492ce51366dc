"""A loop over one sequence whose steps threads share (see `emit.team`), as LLVM IR text."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.emit.loops import I64, loop, number
from elman.emit.plan import Kernel
from elman.emit.target import Target
from elman.emit.team import ROW_WORDS, TICKET, Given, TeamEmitter
from elman.emit.worker import SEGMENT, WORDS, ask

Value = Any
MORE_WORDS = ("shared", "give_way")
"""What follows the words of a task: the words that the threads share, zero at first, and the function that
yields.
"""


def emit_together(kernel: Kernel, target: Target, dtype: str) -> str:
    """Returns the LLVM IR text of a kernel with `void elman_together(int64 *task)` beside its worker: thread
    0 leads through all segments, of one sequence each, and the others help.
    """
    emitter = TeamEmitter(kernel, target, dtype)
    kind = ir.FunctionType(ir.VoidType(), [I64.as_pointer()])
    function = ir.Function(emitter.module, kind, "elman_together")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    names = (*WORDS, *MORE_WORDS)
    words = {name: builder.load(builder.gep(function.args[0], [number(i)])) for i, name in enumerate(names)}
    me = ask(builder, words["thread_number"], default=0)
    kinds = dict(zip(Given._fields, (argument.type for argument in emitter.help.args), strict=True))
    fields = {
        name: builder.inttoptr(words[name], kind) if kind.is_pointer else words[name]
        for name, kind in kinds.items()
    }
    own = builder.gep(fields["scratch"], [builder.mul(me, words["scratch_size"])])
    given = Given(**{**fields, "scratch": own})
    with builder.if_else(builder.icmp_signed("==", me, number(0))) as (leader, others):
        with leader:
            segments = builder.inttoptr(words["segments"], I64.as_pointer())
            with loop(builder, words["count"], "segment") as index:
                rows = [_word(builder, segments, index, i) for i in range(ROW_WORDS)]
                step = [*given[:3], *rows, number(1), given.scratch, given.shared, given.give_way]
                builder.call(emitter.team_step, step)
            builder.store_atomic(number(-1), builder.gep(given.shared, [number(TICKET)]), "release", 8)
        with others:
            builder.call(emitter.help, given)
    builder.ret_void()
    return str(emitter.module)


def _word(builder: ir.IRBuilder, segments: Value, index: Value, place: int) -> Value:
    return builder.load(
        builder.gep(segments, [builder.add(builder.mul(index, number(SEGMENT)), number(place))])
    )
