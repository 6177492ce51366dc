"""Writing symbols as LLVM IR: step after step, each chosen by the scores that follow from those before it.

    void elman_generate(task)

takes up to `count` steps, and writes how many it took; threads that call `elman_help(task)` meanwhile share
every step (see `emit.team`). A step looks up its symbol's row in the buffers addressed by Row.OTHER, reads
the states of the last step in one of two rows, writes the next ones to the other, and leaves scores, by which
the next symbol is chosen (`emit.choose`).
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.emit.choose import DOUBLES, NONE, emit_choose
from elman.emit.loops import I64, number
from elman.emit.plan import Kernel
from elman.emit.target import Target
from elman.emit.team import TICKET, Given, TeamEmitter

Value = Any
WORDS_POINTER = I64.as_pointer()
WORDS = (
    "buffers",
    "strides",
    "sizes",
    "scratch",
    "shared",
    "give_way",
    "scores",
    "symbols",
    "uniforms",
    "weights",
    "allowed",
    "closing",
    "rule",
    "taken",
    "turn",
    "symbol",
    "count",
    "vocabulary",
    "threads",
)
"""The words of a task, in order.

Addresses of: what a step takes, its scratch memory each thread's own; the words that threads share, zero at
first, and the function that yields; the scores, in the numbers of the kernel; the symbols to write, int64; u
of each step and w, doubles; of each symbol whether it may be written, 1.0 or 0.0, and whether it ends the
text, int64; the numbers of `choose.RULE`, doubles; the steps taken. Then numbers: the steps taken before, the
first symbol, the most steps, V, and how many threads take part.
"""


def emit_generate(kernel: Kernel, target: Target, dtype: str) -> str:
    """Returns the LLVM IR text of a kernel that can also write symbols; dtype: float or double."""
    emitter = TeamEmitter(kernel, target, dtype)
    choose = emit_choose(emitter.module, target, dtype)
    _emit_entries(emitter, _emit_loop(emitter, choose))
    return str(emitter.module)


def _emit_entries(emitter: TeamEmitter, lead: ir.Function) -> None:
    """Emits what the thread that leads calls, and what all others call."""
    kind = ir.FunctionType(ir.VoidType(), [WORDS_POINTER])
    for name in ("elman_generate", "elman_help"):
        function = ir.Function(emitter.module, kind, name)
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        (task,) = function.args
        given = _given(builder, emitter, task)
        if name == "elman_help":
            builder.call(emitter.help, given)
        else:
            builder.call(lead, [task])
            builder.store_atomic(number(-1), builder.gep(given.shared, [number(TICKET)]), "release", 8)
        builder.ret_void()


def _emit_loop(emitter: TeamEmitter, choose: ir.Function) -> ir.Function:
    """Emits `void lead(task)`: the steps and the choices, one after another."""
    function = ir.Function(emitter.module, ir.FunctionType(ir.VoidType(), [WORDS_POINTER]), "lead")
    function.linkage = "internal"
    entry, turn, more, end = (function.append_basic_block(name) for name in ("entry", "turn", "more", "end"))
    builder = ir.IRBuilder(entry)
    (task,) = function.args
    words = {name: _read(builder, task, name) for name in WORDS}
    given = _given(builder, emitter, task)
    uniforms = builder.inttoptr(words["uniforms"], DOUBLES)
    symbols, closing, taken = (
        builder.inttoptr(words[name], WORDS_POINTER) for name in ("symbols", "closing", "taken")
    )
    chosen_by = zip(choose.args[:-1], ("scores", "weights", "allowed", "rule", "vocabulary"), strict=True)
    fixed = [
        builder.inttoptr(words[name], argument.type) if argument.type.is_pointer else words[name]
        for argument, name in chosen_by
    ]
    alone = builder.icmp_signed("==", words["threads"], number(1))
    builder.cbranch(builder.icmp_signed(">", words["count"], number(0)), turn, end)

    builder.position_at_end(turn)
    done, symbol = builder.phi(I64, "done"), builder.phi(I64, "symbol")
    before = builder.and_(builder.add(words["turn"], done), number(1))
    now = builder.xor(before, number(1))
    step = [*given[:3], now, before, symbol, number(1), given.scratch]
    with builder.if_else(alone) as (one, several):
        with one:
            builder.call(emitter.step, step)
        with several:
            builder.call(emitter.team_step, [*step, given.shared, given.give_way])
    chosen = builder.call(choose, [*fixed, builder.load(builder.gep(uniforms, [done]))])
    builder.store(chosen, builder.gep(symbols, [done]))
    following = builder.add(done, number(1))
    chose = builder.block
    left = builder.icmp_signed("<", following, words["count"])
    builder.cbranch(builder.and_(left, builder.icmp_signed("!=", chosen, number(NONE))), more, end)

    builder.position_at_end(more)
    closes = builder.icmp_signed("!=", builder.load(builder.gep(closing, [chosen])), number(0))
    builder.cbranch(closes, end, turn)
    for phi, first, next_one in ((done, number(0), following), (symbol, words["symbol"], chosen)):
        phi.add_incoming(first, entry)
        phi.add_incoming(next_one, more)

    builder.position_at_end(end)
    steps = builder.phi(I64)
    steps.add_incoming(number(0), entry)
    steps.add_incoming(following, chose)
    steps.add_incoming(following, more)
    builder.store(steps, taken)
    builder.ret_void()
    return function


def _given(builder: ir.IRBuilder, emitter: TeamEmitter, task: Value) -> Given:
    kinds = (argument.type for argument in emitter.help.args)
    words = zip((_read(builder, task, name) for name in Given._fields), kinds, strict=True)
    return Given(*(builder.inttoptr(word, kind) if kind.is_pointer else word for word, kind in words))


def _read(builder: ir.IRBuilder, task: Value, name: str) -> Value:
    return builder.load(builder.gep(task, [number(WORDS.index(name))]))
