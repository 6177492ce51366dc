"""Jobs, each a worker with a task of its own, shared by the threads of a pool; as LLVM IR text."""

from __future__ import annotations

from llvmlite import ir

from elman.emit.loops import I64, loop, number
from elman.emit.target import Target
from elman.emit.worker import ask

WORDS = ("thread_number", "thread_count", "count", "jobs")
"""The words of the list; for each of `count` jobs, `jobs` holds the address of its worker, then that of
its task.
"""


def emit_jobs(target: Target) -> str:
    """Returns the LLVM IR text of `void elman_jobs(int64 *list)`: thread i of n does jobs i, i + n, …"""
    module = ir.Module("jobs")
    module.triple = target.triple
    words = I64.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [words])
    function = ir.Function(module, kind, "elman_jobs")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    thread_number, thread_count, count, jobs = (
        builder.load(builder.gep(function.args[0], [number(i)])) for i in range(len(WORDS))
    )
    me, threads = ask(builder, thread_number, default=0), ask(builder, thread_count, default=1)
    jobs = builder.inttoptr(jobs, words)
    mine = builder.sdiv(builder.sub(builder.add(count, builder.sub(threads, number(1))), me), threads)
    with loop(builder, mine, "job") as turn:
        place = builder.mul(builder.add(me, builder.mul(turn, threads)), number(2))
        worker, task = (builder.load(builder.gep(jobs, [builder.add(place, number(i))])) for i in (0, 1))
        builder.call(builder.inttoptr(worker, kind.as_pointer()), [builder.inttoptr(task, words)])
    builder.ret_void()
    return str(module)
