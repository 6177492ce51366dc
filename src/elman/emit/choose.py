"""The choice of a symbol by the scores of all, in LLVM IR.

Weights

    w_v = exp((score_v - best) / temperature),   0 where v is not allowed or not among the likeliest

and a number u, uniform in [0, 1), give the first v with Σ_{j ≤ v} w_j > u Σ_j w_j. At temperature 0 it is the
best. Sums and weights are in double precision.

The likeliest are found without sorting: those w_v > t, and of those w_v = t the first, where t is the least
number such that what lies above it has less than a limit, k symbols or the share p of all weight. As the bits
of numbers that are not negative are in the order of the numbers, t is found by bisection on its bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from llvmlite import ir

from elman.emit.loops import I64, loop, number
from elman.emit.reductions import RowAccess
from elman.emit.target import Target
from elman.emit.vector import PRECISIONS, Vectors

Value = Any
DOUBLE = ir.DoubleType()
ZERO, ONE = ir.Constant(DOUBLE, 0.0), ir.Constant(DOUBLE, 1.0)
DOUBLES = DOUBLE.as_pointer()
NONE = -1
"""Stands for a symbol where the best score is not a finite number, or none is allowed."""
RULE = ("temperature", "top_k", "top_p")
"""The numbers of a rule, doubles; top_k 0 and top_p 1 leave all symbols in."""


def emit_choose(module: ir.Module, target: Target, dtype: str) -> ir.Function:
    """Emits `int64 choose(scores, weights, allowed, rule, V, u)`."""
    keep = _emit_keep(module, target)
    scores_type = PRECISIONS[dtype].type.as_pointer()
    kind = ir.FunctionType(I64, [scores_type, DOUBLES, DOUBLES, DOUBLES, I64, DOUBLE])
    function = ir.Function(module, kind, "choose")
    function.linkage = "internal"
    scores, weights, allowed, rule, vocabulary, u = function.args
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    vectors = _doubles(builder, target)
    temperature, top_k, top_p = (builder.load(builder.gep(rule, [number(i)])) for i in range(len(RULE)))
    lowest = vectors.constant(-math.inf)

    def score(unit: Value) -> Value:
        read = _load(builder, scores, unit, ir.VectorType(scores_type.pointee, vectors.lanes))
        read = read if dtype == "double" else builder.fpext(read, vectors.type)
        may = builder.fcmp_ordered("!=", _load(builder, allowed, unit, vectors.type), vectors.constant(0.0))
        return builder.select(may, read, lowest)

    highest = _access(vectors, vocabulary, score, weights).fold("fmax", -math.inf, lambda x: x)
    best = builder.extract_element(highest, number(0))
    finite = builder.fcmp_ordered("<", _absolute(builder, best), ir.Constant(DOUBLE, math.inf))
    with builder.if_then(builder.not_(finite)):
        builder.ret(number(NONE))

    greedy = builder.fcmp_ordered("==", temperature, ZERO)
    row = _access(vectors, vocabulary, score, weights)
    with row.each() as unit:
        value = row.load(unit)
        scaled = builder.fdiv(builder.fsub(value, highest), vectors.splat(temperature))
        only_best = vectors.compare("==", value, highest)
        row.store(unit, builder.select(greedy, only_best, vectors.exp(scaled)))

    counted = builder.fcmp_ordered(">", top_k, ZERO)
    with builder.if_then(counted):
        builder.call(keep, [weights, vocabulary, top_k, ir.Constant(ir.IntType(1), 1)])
    with builder.if_then(builder.fcmp_ordered("<", top_p, ONE)):
        limit = builder.fmul(top_p, _total(builder, weights, vocabulary))
        builder.call(keep, [weights, vocabulary, limit, ir.Constant(ir.IntType(1), 0)])

    u = builder.select(greedy, ZERO, u)
    wanted = builder.fmul(u, _total(builder, weights, vocabulary))
    reached = _Sum(builder, ZERO)
    with loop(builder, vocabulary, "symbol") as index:
        reached.add(builder.load(builder.gep(weights, [index])))
        with builder.if_then(builder.fcmp_ordered(">", reached.value, wanted)):
            builder.ret(index)
    builder.ret(number(NONE))
    return function


def _emit_keep(module: ir.Module, target: Target) -> ir.Function:
    """Emits `void keep(weights, V, limit, counted)`: all weights become zero but the largest, taken in order
    until they have the limit: in number if counted, else in weight. Of equal ones the first come first.
    """
    above = _emit_above(module, target)
    kind = ir.FunctionType(ir.VoidType(), [DOUBLES, I64, DOUBLE, ir.IntType(1)])
    function = ir.Function(module, kind, "keep")
    function.linkage = "internal"
    weights, vocabulary, limit, counted = function.args
    entry, head, body, end = (function.append_basic_block(name) for name in ("entry", "head", "body", "end"))
    ir.IRBuilder(entry).branch(head)

    builder = ir.IRBuilder(head)
    low, high = builder.phi(I64, "low"), builder.phi(I64, "high")
    builder.cbranch(builder.icmp_signed("<", low, high), body, end)
    builder.position_at_end(body)
    middle = builder.lshr(builder.add(low, high), number(1))
    mass = builder.call(above, [weights, vocabulary, builder.bitcast(middle, DOUBLE), counted])
    fits = builder.fcmp_ordered("<", mass, limit)
    low.add_incoming(number(0), entry)
    high.add_incoming(ONE.bitcast(I64), entry)  # no weight is above 1, that of the best
    low.add_incoming(builder.select(fits, low, builder.add(middle, number(1))), body)
    high.add_incoming(builder.select(fits, middle, high), body)
    builder.branch(head)

    builder.position_at_end(end)
    threshold = builder.bitcast(low, DOUBLE)
    start = builder.call(above, [weights, vocabulary, threshold, counted])
    mass = builder.select(counted, ONE, threshold)
    held = _Sum(builder, start)
    with loop(builder, vocabulary, "symbol") as index:
        place = builder.gep(weights, [index])
        weight = builder.load(place)
        equal = builder.fcmp_ordered("==", weight, threshold)
        taken = builder.and_(equal, builder.fcmp_ordered("<", held.value, limit))
        held.add(builder.select(taken, mass, ZERO))
        kept = builder.or_(taken, builder.fcmp_ordered(">", weight, threshold))
        builder.store(builder.select(kept, weight, ZERO), place)
    builder.ret_void()
    return function


def _emit_above(module: ir.Module, target: Target) -> ir.Function:
    """Emits `double above(weights, V, t, counted)`: how many weights are above t, or their sum."""
    kind = ir.FunctionType(DOUBLE, [DOUBLES, I64, DOUBLE, ir.IntType(1)])
    function = ir.Function(module, kind, "above")
    function.linkage = "internal"
    weights, vocabulary, threshold, counted = function.args
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    vectors = _doubles(builder, target)
    limit = vectors.splat(threshold)
    row = _access(vectors, vocabulary, lambda unit: _load(builder, weights, unit, vectors.type), weights)

    def part(weight: Value) -> Value:
        mass = builder.select(counted, vectors.constant(1.0), weight)
        return builder.select(builder.fcmp_ordered(">", weight, limit), mass, vectors.constant(0.0))

    builder.ret(builder.extract_element(row.fold("fadd", 0.0, part), number(0)))
    return function


class _Sum:
    """A number that a loop adds to."""

    def __init__(self, builder: ir.IRBuilder, start: Value) -> None:
        self._builder = builder
        with builder.goto_entry_block():
            self._place = builder.alloca(DOUBLE)  # there it becomes a register
        builder.store(start, self._place)

    @property
    def value(self) -> Value:
        """The sum so far."""
        return self._builder.load(self._place)

    def add(self, term: Value) -> None:
        """Adds a number."""
        self._builder.store(self._builder.fadd(self.value, term), self._place)


def _total(builder: ir.IRBuilder, weights: Value, vocabulary: Value) -> Value:
    """The sum of the weights, in the order in which the choice adds them up again, so that it is reached."""
    total = _Sum(builder, ZERO)
    with loop(builder, vocabulary, "weight") as index:
        total.add(builder.load(builder.gep(weights, [index])))
    return total.value


def _doubles(builder: ir.IRBuilder, target: Target) -> Vectors:
    return Vectors(builder, PRECISIONS["double"], target.lanes("double"))


def _access(vectors: Vectors, size: Value, load: Callable[[Value], Value], row: Value) -> RowAccess:
    def store(unit: Value, value: Value) -> None:
        place = vectors.builder.gep(row, [vectors.builder.mul(unit, number(vectors.lanes))])
        vectors.builder.store(value, vectors.builder.bitcast(place, vectors.type.as_pointer()), align=8)

    return RowAccess(vectors, size, load, store)


def _load(builder: ir.IRBuilder, row: Value, unit: Value, kind: Any) -> Value:
    place = builder.gep(row, [builder.mul(unit, number(kind.count))])
    return builder.load(builder.bitcast(place, kind.as_pointer()), align=4)


def _absolute(builder: ir.IRBuilder, x: Value) -> Value:
    return builder.select(builder.fcmp_ordered("<", x, ZERO), builder.fneg(x), x)
