"""Loops and addresses in LLVM IR, written once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

Value = Any
I64 = ir.IntType(64)


def number(value: int) -> Value:
    """A 64-bit whole number."""
    return ir.Constant(I64, value)


@contextmanager
def loop(builder: ir.IRBuilder, count: Value, name: str) -> Iterator[Value]:
    """for i in range(count): the body is emitted inside `with`; yields i."""
    function = builder.function
    before = builder.block
    head = function.append_basic_block(f"{name}.head")
    body = function.append_basic_block(f"{name}.body")
    end = function.append_basic_block(f"{name}.end")
    builder.branch(head)
    builder.position_at_end(head)
    index = builder.phi(I64, name)
    index.add_incoming(number(0), before)
    builder.cbranch(builder.icmp_signed("<", index, count), body, end)
    builder.position_at_end(body)
    yield index
    index.add_incoming(builder.add(index, number(1)), builder.block)
    builder.branch(head)
    builder.position_at_end(end)


def minimum(builder: ir.IRBuilder, a: Value, b: Value) -> Value:
    """The smaller of two whole numbers."""
    return builder.select(builder.icmp_signed("<", a, b), a, b)


def maximum(builder: ir.IRBuilder, a: Value, b: Value) -> Value:
    """The larger of two whole numbers."""
    return builder.select(builder.icmp_signed(">", a, b), a, b)


def ceil_div(builder: ir.IRBuilder, a: Value, b: int) -> Value:
    """⌈a / b⌉ of positive whole numbers."""
    return builder.udiv(builder.add(a, number(b - 1)), number(b))
