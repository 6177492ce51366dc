"""word2vec as LLVM IR text: skip-gram and CBOW, by negative sampling and by hierarchical softmax.

A sample is some input words, of which h is the mean of vectors, and a word c to tell from it. It has targets
t, rows u of the output weights, each with a label y: with negative sampling c itself (1) and drawn words (0),
with the hierarchical softmax the inner nodes on the path to c (1 where it goes left). Of each sample

    g_t = α (y_t - σ(u_t·h)),   e = Σ_t g_t u_t,   u_t += g_t h,   v_i += e for every input word i

(Mikolov, Sutskever, Chen, Corrado & Dean 2013; as in their program, e is not divided by the number of input
words). All u_t·h are those before the sample; a row that is drawn twice for it is changed twice. Threads
change the same rows without locks (Recht, Ré, Wright & Niu 2011), so only one thread alone makes the same
numbers every time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import ir

from elman.emit.loops import I64, ceil_div, loop, minimum, number
from elman.emit.target import Target
from elman.emit.vector import I32, PRECISIONS, Vectors
from elman.emit.worker import emit_worker, run_type

Value = Any
BUFFERS = ("words", "reaches", "table", "starts", "labels", "rates", "outputs", "vectors")
SIZES = ("window", "targets", "vocabulary", "seed")
_BLOCK = 16
"""Words of a text of which the samples are listed before the first of them is learned from."""
_IN_REGISTERS = 8
"""Vectors of h and of e that stay in registers through all targets of a sample."""
_LINE = 16
"""Numbers in a line of the cache."""
_SAMPLE = 4
"""Numbers that a sample is: its first input word and how many, its first target and how many."""
_FLOAT = PRECISIONS["float"]
_NUMBERS, _INDICES = _FLOAT.type.as_pointer(), I32.as_pointer()
_KINDS = {"words": _INDICES, "reaches": _INDICES, "table": _INDICES, "starts": I64.as_pointer()}
# Knuth's linear congruential generator, and the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
_MULTIPLIER, _INCREMENT = 6364136223846793005, 1442695040888963407
_GOLDEN, _MIX = 0x9E3779B97F4A7C15, ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def word2vec_scratch_size(target: Target, window: int, targets: int) -> int:
    """The numbers of scratch memory that one thread needs."""
    samples = 2 * window * _BLOCK
    return targets + target.lanes("float") + samples * (1 + _SAMPLE + targets)


def emit_word2vec(target: Target, size: int, cbow: bool, draws: bool) -> str:
    """Returns the LLVM IR text of the kernel, whose parts are runs of the words of a text.

    size: that of a row of weights, in numbers, whole vectors. cbow: whether a sample has all words around its
    word as input, or one. draws: whether its targets are drawn, or on the path to the word.

    buffers: words, int32, with -1 between sentences; reaches, int32, how many words to each side are input
    (where that would leave the words, -1 comes first); of negative sampling the table of aliases, a
    threshold and an alias for each word, uint32, of the hierarchical softmax the nodes of all paths, int32;
    starts, int64, where the path of each word begins, and the end; labels, float32, one for each target, and
    a whole vector behind the last; rates, float32, α at word 0 and what is added to it at each word; output
    weights; vectors. sizes: the most words to a side, the most targets, V, and where random numbers start.
    """
    emitter = _Emitter(target, size, cbow, draws)
    emit_worker(emitter.module, emitter.run())
    return str(emitter.module)


class _Scratch(NamedTuple):
    """Memory of a thread: u·h, then g; input words; samples; targets drawn."""

    dots: Value
    inputs: Value
    samples: Value
    drawn: Value


class _Emitter:
    def __init__(self, target: Target, size: int, cbow: bool, draws: bool) -> None:
        self.module = ir.Module("word2vec")
        self.module.triple = target.triple
        self._lanes, self._size, self._scales = target.lanes("float"), size, target.scales
        self._cbow, self._draws = cbow, draws

    def run(self) -> ir.Function:
        """Emits the function of a part: block by block, list the samples, then learn from them."""
        learn = self._emit_learn()
        function = ir.Function(self.module, run_type(_FLOAT), "elman_run")
        buffers, _, sizes, _, _, first, last, scratch = function.args
        b = ir.IRBuilder(function.append_basic_block("entry"))
        given: dict[str, Value] = {name: b.load(b.gep(sizes, [number(i)])) for i, name in enumerate(SIZES)}
        for i, name in enumerate(BUFFERS):
            given[name] = b.bitcast(b.load(b.gep(buffers, [number(i)])), _KINDS.get(name, _NUMBERS))
        rate, change = (b.load(b.gep(given["rates"], [number(i)])) for i in range(2))
        memory = self._divided(b, scratch, given)
        state, count = _variable(b), _variable(b)
        b.store(_mixed(b, b.add(given["seed"], b.mul(first, _word(_GOLDEN)))), state)
        with loop(b, ceil_div(b, b.sub(last, first), _BLOCK), "block") as block:
            begin = b.add(first, b.mul(block, number(_BLOCK)))
            b.store(number(0), count)
            with loop(b, minimum(b, number(_BLOCK), b.sub(last, begin)), "word") as offset:
                self._list(b, given, memory, b.add(begin, offset), count, state)
            alpha = b.fadd(rate, b.fmul(change, b.sitofp(begin, _FLOAT.type)))
            total = b.load(count)
            with loop(b, total, "sample") as sample:
                following = minimum(b, b.add(sample, number(1)), b.sub(total, number(1)))
                self._fetch(b, given, memory, following)
                inputs, size, rows, targets, labels = self._read(b, given, memory, sample)
                weights = (given["vectors"], given["outputs"])
                b.call(learn, [*weights, inputs, size, rows, labels, targets, alpha, memory.dots])
        b.ret_void()
        return function

    def _divided(self, b: ir.IRBuilder, scratch: Value, given: dict[str, Value]) -> _Scratch:
        """The scratch memory in its parts (see `word2vec_scratch_size`)."""
        samples = b.mul(given["window"], number(2 * _BLOCK))
        dots = b.add(given["targets"], number(self._lanes))
        inputs = b.gep(b.bitcast(scratch, _INDICES), [dots])
        listed = b.gep(inputs, [samples])
        return _Scratch(scratch, inputs, listed, b.gep(listed, [b.mul(samples, number(_SAMPLE))]))

    def _list(
        self,
        b: ir.IRBuilder,
        given: dict[str, Value],
        memory: _Scratch,
        place: Value,
        count: Value,
        state: Value,
    ) -> None:
        """Emits the listing of the samples of one word: one for each word around it, or one for them all."""
        center = b.load(b.gep(given["words"], [place]))
        reach = b.sext(b.load(b.gep(given["reaches"], [place])), I64)
        found = _variable(b)
        with b.if_then(b.icmp_signed(">=", center, I32(0))):
            center = b.sext(center, I64)
            # so many samples, of one input each, or of this many inputs at most
            begin = b.mul(b.load(count), b.mul(given["window"], number(2))) if self._cbow else b.load(count)
            b.store(begin, found)

            def take(other: Value) -> None:
                at = b.load(found)
                b.store(other, b.gep(memory.inputs, [at]))
                if not self._cbow:
                    self._write(b, given, memory, (at, number(1)), center, count, state)
                b.store(b.add(at, number(1)), found)

            for step in (-1, 1):
                self._walk(b, given["words"], place, reach, step, take)
            if self._cbow:
                size = b.sub(b.load(found), begin)
                with b.if_then(b.icmp_signed(">", size, number(0))):
                    self._write(b, given, memory, (begin, size), center, count, state)

    def _walk(
        self,
        b: ir.IRBuilder,
        words: Value,
        place: Value,
        reach: Value,
        step: int,
        take: Callable[[Value], None],
    ) -> None:
        """Emits the walk over the words to one side, as far as the reach and the sentence go."""
        head, look, body, end = (
            b.function.append_basic_block(f"walk.{n}") for n in ("head", "look", "body", "end")
        )
        before = b.block
        b.branch(head)
        b.position_at_end(head)
        distance = b.phi(I64)
        distance.add_incoming(number(1), before)
        b.cbranch(b.icmp_signed("<=", distance, reach), look, end)
        b.position_at_end(look)
        other = b.load(b.gep(words, [b.add(place, b.mul(distance, number(step)))]))
        b.cbranch(b.icmp_signed(">=", other, I32(0)), body, end)
        b.position_at_end(body)
        take(other)
        distance.add_incoming(b.add(distance, number(1)), b.block)
        b.branch(head)
        b.position_at_end(end)

    def _write(
        self,
        b: ir.IRBuilder,
        given: dict[str, Value],
        memory: _Scratch,
        inputs: tuple[Value, Value],
        center: Value,
        count: Value,
        state: Value,
    ) -> None:
        """Emits the writing of a sample at the end of the list, its targets drawn if they are."""
        sample = b.load(count)
        if self._draws:
            begin = b.mul(sample, given["targets"])
            size = self._draw(b, given, b.gep(memory.drawn, [begin]), center, state)
        else:
            begin, end = (b.load(b.gep(given["starts"], [b.add(center, number(i))])) for i in range(2))
            size = b.sub(end, begin)
        for i, value in enumerate((*inputs, begin, size)):
            b.store(b.trunc(value, I32), self._field(b, memory, sample, i))
        b.store(b.add(sample, number(1)), count)

    def _draw(
        self, b: ir.IRBuilder, given: dict[str, Value], drawn: Value, center: Value, state: Value
    ) -> Value:
        """Emits the drawing of targets, those but the center thrown away again; returns how many there are.

        By aliases (Walker 1977): the whole part of u V is a word, the rest says whether its alias is taken.
        """
        wide = ir.IntType(128)
        b.store(b.trunc(center, I32), drawn)
        size = _variable(b)
        b.store(number(1), size)
        vocabulary = b.zext(given["vocabulary"], wide)
        with loop(b, b.sub(given["targets"], number(1)), "draw"):
            following = b.add(b.mul(b.load(state), _word(_MULTIPLIER)), _word(_INCREMENT))
            b.store(following, state)
            product = b.mul(b.zext(following, wide), vocabulary)
            word = b.trunc(b.lshr(product, wide(64)), I64)
            rest = b.trunc(b.lshr(product, wide(32)), I32)
            threshold, alias = (
                b.load(b.gep(given["table"], [b.add(b.mul(word, number(2)), number(i))])) for i in range(2)
            )
            chosen = b.select(b.icmp_unsigned("<", rest, threshold), b.trunc(word, I32), alias)
            at = b.load(size)
            b.store(chosen, b.gep(drawn, [at]))
            other = b.icmp_signed("!=", chosen, b.trunc(center, I32))
            b.store(b.add(at, b.zext(other, I64)), size)
        return b.load(size)

    def _read(
        self, b: ir.IRBuilder, given: dict[str, Value], memory: _Scratch, sample: Value
    ) -> tuple[Value, ...]:
        """Input words and how many, rows of targets and how many, and their labels."""
        first, size, begin, targets = (
            b.sext(b.load(self._field(b, memory, sample, i)), I64) for i in range(_SAMPLE)
        )
        rows = b.gep(memory.drawn if self._draws else given["table"], [begin])
        labels = given["labels"] if self._draws else b.gep(given["labels"], [begin])
        return b.gep(memory.inputs, [first]), size, rows, targets, labels

    def _field(self, b: ir.IRBuilder, memory: _Scratch, sample: Value, field: int) -> Value:
        return b.gep(memory.samples, [b.add(b.mul(sample, number(_SAMPLE)), number(field))])

    def _fetch(self, b: ir.IRBuilder, given: dict[str, Value], memory: _Scratch, sample: Value) -> None:
        """Emits the fetching of a sample's targets to the cache, while another is learned from."""
        _, _, rows, targets, _ = self._read(b, given, memory, sample)
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, I32, I32, I32])
        prefetch = self.module.globals.get("llvm.prefetch.p0") or ir.Function(
            self.module, kind, "llvm.prefetch.p0"
        )
        with loop(b, targets, "fetch") as t:
            start = self._row(b, given["outputs"], rows, t)
            for line in range(0, self._size, _LINE):
                place = b.bitcast(b.gep(start, [number(line)]), byte)
                b.call(prefetch, [place, I32(1), I32(3), I32(1)])

    def _row(self, b: ir.IRBuilder, weights: Value, rows: Value, which: Value) -> Value:
        row = b.sext(b.load(b.gep(rows, [which])), I64)
        return b.gep(weights, [b.mul(row, number(self._size))])

    def _emit_learn(self) -> ir.Function:
        """Emits `void learn(…)`, the update by one sample."""
        kinds = [_NUMBERS, _NUMBERS, _INDICES, I64, _INDICES, _NUMBERS, I64, _FLOAT.type, _NUMBERS]
        function = ir.Function(self.module, ir.FunctionType(ir.VoidType(), kinds), "learn")
        function.linkage = "internal"
        vectors, outputs, inputs, size, rows, labels, targets, alpha, dots = function.args
        b = ir.IRBuilder(function.append_basic_block("entry"))
        v = Vectors(b, _FLOAT, self._lanes, self._scales)
        count = self._size // self._lanes
        h = [b.alloca(v.type) for _ in range(count)]
        e = [b.alloca(v.type) for _ in range(count)]
        self._mean(v, h, vectors, inputs, size)
        with loop(b, targets, "dot") as t:
            self._dot(v, h, self._row(b, outputs, rows, t), b.gep(dots, [t]))
        with loop(b, ceil_div(b, targets, self._lanes), "error") as block:
            at = b.mul(block, number(self._lanes))
            place = b.gep(dots, [at])
            error = b.fsub(_load(v, b.gep(labels, [at])), v.sigmoid(_load(v, place)))
            _store(v, b.fmul(error, v.splat(alpha)), place)
        for begin in range(0, count, _IN_REGISTERS):
            units = range(begin, min(begin + _IN_REGISTERS, count))
            for unit in units:
                b.store(v.constant(0.0), e[unit])
            with loop(b, targets, "target") as t:
                g = v.splat(b.load(b.gep(dots, [t])))
                start = self._row(b, outputs, rows, t)
                for unit in units:
                    place = b.gep(start, [number(unit * self._lanes)])
                    u = _load(v, place)
                    b.store(v.fma(g, u, b.load(e[unit])), e[unit])
                    _store(v, v.fma(g, b.load(h[unit]), u), place)
            with loop(b, size, "input") as i:
                start = self._row(b, vectors, inputs, i)
                for unit in units:
                    place = b.gep(start, [number(unit * self._lanes)])
                    _store(v, b.fadd(_load(v, place), b.load(e[unit])), place)
        b.ret_void()
        return function

    def _mean(self, v: Vectors, h: list[Value], vectors: Value, inputs: Value, size: Value) -> None:
        """Emits h, the mean of the vectors of the input words."""
        b = v.builder
        for unit in h:
            b.store(v.constant(0.0), unit)
        with loop(b, size, "word") as i:
            start = self._row(b, vectors, inputs, i)
            for n, unit in enumerate(h):
                value = _load(v, b.gep(start, [number(n * self._lanes)]))
                b.store(b.fadd(b.load(unit), value), unit)
        if self._cbow:
            scale = v.splat(b.fdiv(_FLOAT.type(1.0), b.sitofp(size, _FLOAT.type)))
            for unit in h:
                b.store(b.fmul(b.load(unit), scale), unit)

    def _dot(self, v: Vectors, h: list[Value], start: Value, place: Value) -> None:
        """Emits the product of h and a row, in four sums."""
        b = v.builder
        sums = [v.constant(0.0)] * min(4, len(h))
        for n, unit in enumerate(h):
            u = _load(v, b.gep(start, [number(n * self._lanes)]))
            sums[n % len(sums)] = v.fma(u, b.load(unit), sums[n % len(sums)])
        total, *rest = sums
        for term in rest:
            total = b.fadd(total, term)
        b.store(_total(v, total), place)


def _variable(b: ir.IRBuilder) -> Value:
    """A whole number that changes: made where the function begins, or each turn of a loop would make one."""
    with b.goto_entry_block():
        return b.alloca(I64)


def _load(v: Vectors, place: Value) -> Value:
    return v.builder.load(v.builder.bitcast(place, v.type.as_pointer()), align=4)


def _store(v: Vectors, value: Value, place: Value) -> None:
    v.builder.store(value, v.builder.bitcast(place, v.type.as_pointer()), align=4)


def _total(v: Vectors, value: Value) -> Value:
    """The sum over the lanes, by halves."""
    b, lanes = v.builder, v.lanes
    undefined = ir.Constant(v.type, ir.Undefined)
    while lanes > 1:
        lanes //= 2
        order = [(i + lanes) % v.lanes for i in range(v.lanes)]
        swapped = b.shuffle_vector(value, undefined, ir.Constant(ir.VectorType(I32, v.lanes), order))
        value = b.fadd(value, swapped)
    return b.extract_element(value, I32(0))


def _mixed(b: ir.IRBuilder, state: Value) -> Value:
    """A number of which every bit depends on all bits of another."""
    for shift, factor in _MIX:
        state = b.mul(b.xor(state, b.lshr(state, number(shift))), _word(factor))
    return b.xor(state, b.lshr(state, number(31)))


def _word(value: int) -> Value:
    """A 64-bit number without a sign."""
    return number(value - (1 << 64) if value >> 63 else value)
