"""A step shared by threads, for one sequence: they take part in every stage, which lasts microseconds.

The leader runs the step. Before a product it opens the blocks of units to all, and every thread takes the
next block until none is left; the leader goes on when those taken are done. So it waits for no thread that
has taken nothing: one that the system has put aside is not missed. A block is computed whole by one thread,
always in the same order, so that the bits of a result do not depend on how many there are.

What the threads share are words: a ticket, which counts the openings, names the product, and holds how many
blocks are left to be taken; how many are done, of all ever opened; and what the step was called with. The
ticket is negative when the work is over. A thread takes the last block that is left by taking 1 from the
ticket that it has read; if another has changed it meanwhile, that fails. While a block is left the leader
waits, so what a thread then reads of the other words is meant for that block.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from llvmlite import ir

from elman.core.passes.fuse import Block
from elman.emit.llvm import Emitter
from elman.emit.loops import I64, number
from elman.emit.plan import Kernel
from elman.emit.target import Target

Value = Any
I1, VOID, WORDS = ir.IntType(1), ir.VoidType(), I64.as_pointer()
TICKET, DONE, ROWS, OPENED, OPENINGS = 0, 16, 32, 48, 49
"""Where words stand, those that different threads write two cache lines apart: the ticket; the blocks done;
the rows of the step (now, carried, other); and, the leader's own, how many blocks it ever opened, and how
often.
"""
SHARED_WORDS, ROW_WORDS = 64, 3
LEFT_BITS, PRODUCT_BITS = 20, 10
TURNS_BEFORE_YIELD = 1 << 10
"""How often a thread looks for work before it offers its processor to others: some 10 µs."""


class Given(NamedTuple):
    """What these functions take: what a step takes, the shared words, and the function that yields."""

    buffers: Value
    strides: Value
    sizes: Value
    scratch: Value
    shared: Value
    give_way: Value


class TeamEmitter(Emitter):
    """A module with two more functions: `team_step`, the step as the leader runs it, which takes the shared
    words and the function that yields after what a step takes; and `help`, for all others, which takes what
    `Given` names.
    """

    def __init__(self, kernel: Kernel, target: Target, dtype: str) -> None:
        self._index: Value = None
        self._leader: tuple[Given, list[Value]] | None = None
        super().__init__(kernel, target, dtype)
        blocks = (block for stage in kernel.fused.stages for block in stage.blocks)
        self._products = [block for block in blocks if block.bundles]
        self._parts = [self._emit_part(product, block) for product, block in enumerate(self._products)]
        self._rest = self._emit_rest()
        self._take = self._emit_take()
        self._finish = self._emit_finish()
        self.help = self._emit_help()
        self.team_step = self._emit_team_step()

    def _blocks(self, count: Value) -> AbstractContextManager[Value]:
        return super()._blocks(count) if self._index is None else nullcontext(self._index)

    def _product_block(self, block: Block) -> None:
        if self._leader is None:
            super()._product_block(block)
        else:
            self._open(block, *self._leader)

    def _emit_part(self, product: int, block: Block) -> ir.Function:
        """Emits the computation of one block of units; its index follows what a step takes."""
        function = self._begin(f"part.{product}", I64)
        self._index = function.args[-1]
        self._product_block(block)
        self._index = None
        self.builder.ret_void()
        return function

    def _emit_team_step(self) -> ir.Function:
        function = self._begin("team_step", WORDS, I64)
        buffers, strides, sizes, *rows, _, scratch, shared, give_way = function.args
        self._leader = Given(buffers, strides, sizes, scratch, shared, give_way), rows
        for stage in self.kernel.fused.stages:
            self._stage(stage)
        self._leader = None
        self.builder.ret_void()
        return function

    def _open(self, block: Block, given: Given, rows: list[Value]) -> None:
        """Opens the blocks of a product to all, and takes part until they are done."""
        builder = self.builder
        count = self._block_count(block)
        for i, row in enumerate(rows):
            builder.store(row, _word(builder, given.shared, ROWS + i))
        opened, openings = (_word(builder, given.shared, place) for place in (OPENED, OPENINGS))
        builder.store(builder.add(builder.load(opened), count), opened)
        serial = builder.add(builder.load(openings), number(1))
        builder.store(serial, openings)
        ticket = builder.shl(serial, number(LEFT_BITS + PRODUCT_BITS))
        ticket = builder.or_(ticket, number(self._products.index(block) << LEFT_BITS))
        ticket = builder.or_(ticket, count)
        builder.store_atomic(ticket, _word(builder, given.shared, TICKET), "release", 8)
        builder.call(self._finish, given)

    def _emit_take(self) -> ir.Function:
        """Emits `i1 take(…)`, which does one block, if there is one to be had."""
        function, given = self._function("take", I1)
        entry, attempt, work, done, nothing = (
            function.append_basic_block(name) for name in ("entry", "attempt", "work", "done", "nothing")
        )
        builder = ir.IRBuilder(entry)
        place = _word(builder, given.shared, TICKET)
        ticket = builder.load_atomic(place, "acquire", 8)
        left = builder.and_(ticket, number((1 << LEFT_BITS) - 1))
        going_on = builder.icmp_signed(">=", ticket, number(0))
        builder.cbranch(builder.and_(going_on, builder.icmp_signed(">", left, number(0))), attempt, nothing)

        builder.position_at_end(attempt)
        swapped = builder.cmpxchg(place, ticket, builder.sub(ticket, number(1)), "acq_rel", "monotonic")
        builder.cbranch(builder.extract_value(swapped, 1), work, nothing)

        builder.position_at_end(work)
        rows = [builder.load(_word(builder, given.shared, ROWS + i)) for i in range(ROW_WORDS)]
        product = builder.and_(builder.lshr(ticket, number(LEFT_BITS)), number((1 << PRODUCT_BITS) - 1))
        switch = builder.switch(product, done)
        for i, part in enumerate(self._parts):
            case = function.append_basic_block(f"product.{i}")
            switch.add_case(number(i), case)
            builder.position_at_end(case)
            builder.call(part, [*given[:3], *rows, number(1), given.scratch, builder.sub(left, number(1))])
            builder.branch(done)

        builder.position_at_end(done)
        builder.atomic_rmw("add", _word(builder, given.shared, DONE), number(1), "release")
        builder.ret(I1(1))
        ir.IRBuilder(nothing).ret(I1(0))
        return function

    def _emit_finish(self) -> ir.Function:
        """Emits `void finish(…)`, which takes blocks until all that were opened are done."""

        def over(builder: ir.IRBuilder, given: Given) -> Value:
            done = builder.load_atomic(_word(builder, given.shared, DONE), "acquire", 8)
            return builder.icmp_signed("==", done, builder.load(_word(builder, given.shared, OPENED)))

        return self._emit_work("finish", over)

    def _emit_help(self) -> ir.Function:
        """Emits `void help(…)`, which takes blocks until the work is over."""

        def over(builder: ir.IRBuilder, given: Given) -> Value:
            ticket = builder.load_atomic(_word(builder, given.shared, TICKET), "acquire", 8)
            return builder.icmp_signed("<", ticket, number(0))

        return self._emit_work("help", over)

    def _emit_work(self, name: str, over: Any) -> ir.Function:
        """Emits a function that takes blocks until `over`, and rests while there is none."""
        function, given = self._function(name, VOID)
        entry, head, body, idle, end = (
            function.append_basic_block(block) for block in ("entry", "head", "body", "idle", "end")
        )
        ir.IRBuilder(entry).branch(head)
        builder = ir.IRBuilder(head)
        turn = builder.phi(I64, "turn")
        builder.cbranch(over(builder, given), end, body)
        builder.position_at_end(body)
        builder.cbranch(builder.call(self._take, given), head, idle)
        builder.position_at_end(idle)
        builder.call(self._rest, [turn, given.give_way])
        for value, block in ((number(0), entry), (number(0), body), (builder.add(turn, number(1)), idle)):
            turn.add_incoming(value, block)
        builder.branch(head)
        ir.IRBuilder(end).ret_void()
        return function

    def _emit_rest(self) -> ir.Function:
        """Emits `void rest(turn, give_way)`: a short pause, now and then for other threads of the system."""
        function = ir.Function(self.module, ir.FunctionType(VOID, [I64, I64]), "rest")
        function.linkage = "internal"
        turn, give_way = function.args
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        arm = self.target.triple.startswith("aarch64")
        name, hints = ("llvm.aarch64.hint", [ir.IntType(32)(1)]) if arm else ("llvm.x86.sse2.pause", [])
        kind = ir.FunctionType(VOID, [hint.type for hint in hints])
        builder.call(ir.Function(self.module, kind, name), hints)
        last = number(TURNS_BEFORE_YIELD - 1)
        with builder.if_then(builder.icmp_signed("==", builder.and_(turn, last), last)):
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(builder.inttoptr(give_way, kind.as_pointer()), [])
        builder.ret_void()
        return function

    def _function(self, name: str, result: Any) -> tuple[ir.Function, Given]:
        numbers = self.number
        kinds = [numbers.as_pointer(), WORDS, WORDS, numbers, WORDS, I64]
        function = ir.Function(self.module, ir.FunctionType(result, kinds), name)
        function.linkage = "internal"
        return function, Given(*function.args)


def _word(builder: ir.IRBuilder, shared: Value, place: int) -> Value:
    return builder.gep(shared, [number(place)])
