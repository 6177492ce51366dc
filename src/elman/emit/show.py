"""A kernel in words: what it reads and leaves, its stages, the register tile; then its LLVM IR."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from elman.core.errors import InputError
from elman.core.ir import Node
from elman.core.naming import given_names
from elman.core.notation import Names, Section, Writer
from elman.core.passes import compile_scan, compile_step
from elman.core.passes.fuse import Stage
from elman.core.program import Program
from elman.core.text import Text
from elman.core.trace import Cell
from elman.emit.llvm import emit
from elman.emit.naming import kernel_names
from elman.emit.passes import Pass, backward_pass, forward_pass
from elman.emit.plan import Row, plan, rounded
from elman.emit.target import Target
from elman.emit.triton.chip import H200, Chip, kept, shape, slower
from elman.emit.triton.linear import emit_linear, why_slower
from elman.emit.triton.persistent import Resident, emit_persistent
from elman.emit.triton.scan import emit_scan, is_scan
from elman.emit.triton.steps import emit_steps
from elman.emit.triton.writer import Source

DTYPES = {"float32": "float", "float64": "double", "bfloat16": "float"}
"""The formats of a kernel's operands, with those of its sums."""
BYTES = {"float32": 4, "float64": 8, "bfloat16": 2}
"""The bytes of an operand."""
WAYS: dict[str, Callable[[Program], Pass]] = {
    "forward": lambda program: forward_pass(program, keep=True),
    "backward": backward_pass,
}


def show_kernel(cell: Cell, target: Target, dtype: str = "float32", way: str = "forward") -> str:
    """Returns the plan and the LLVM IR of the kernel that runs a cell's loop in training.

    dtype: one of DTYPES. way: one of WAYS. Raises CellError where the cell is not well formed, InputError
    where the processor has no such products.
    """
    rounds = dtype == "bfloat16"
    if rounds and way == "backward":
        raise InputError("the loop backward computes in float32 where products forward are of bfloat16")
    if rounds and not target.multiplies_pairs:
        raise InputError(f"{target.name} does not multiply bfloat16 numbers")
    shown = Plan(compile_step(cell.step), way, rounds)
    title = f"{cell.spec}: the loop {way} for {target.name}, {dtype}"
    page = Text().page(title, [shown.processor(target, dtype), *shown.sections()])
    return f"{page}\nLLVM IR\n\n{emit(shown.kernel, target, DTYPES[dtype])}"


@dataclass(frozen=True)
class Loop:
    """What a plan on a GPU depends on: the size of a cell's states (of whatever else it has, too), sequences,
    steps, and the device.
    """

    hidden_size: int = 512
    batch_size: int = 64
    steps: int = 512
    chip: Chip = H200


def show_triton(cell: Cell, dtype: str = "float32", way: str = "forward", loop: Loop = Loop()) -> str:
    """Returns the plan and the Triton source of the kernels that run a cell's loop in training on a GPU.

    dtype: one of DTYPES, that of the operands of products. way: one of WAYS. loop: for what it runs. Raises
    CellError where the cell is not well formed.
    """
    program = compile_step(cell.step)
    shown = Plan(compile_scan(program.step) or program, way)
    section, source = shown.on_gpu(dtype, loop)
    resident = isinstance(source.launches[0], Resident)
    matrices = "kept on the chip" if resident else "read by every tile"
    title = f"{cell.spec}: the loop {way} for triton, {dtype}"
    page = Text().page(title, [section, *shown.sections(matrices)])
    return f"{page}\nTriton\n\n{source.text}"


def _on_chip(launch: Resident, dtype: str, loop: Loop) -> tuple[str | None, list[str]]:
    """Why matrices do not stay on the chip, or how they do."""
    itemsize, sizes = BYTES[dtype], dict.fromkeys(launch.sizes, loop.hidden_size)
    found = shape(launch, sizes, loop.batch_size, itemsize, loop.chip)
    reason = found if isinstance(found, str) else slower(loop.steps, itemsize == 8)
    if isinstance(found, str) or reason is not None:
        return reason, []
    room = f"{loop.chip.processors} multiprocessors with {loop.chip.shared >> 10} KiB of shared memory"
    meetings = "once" if launch.meetings == 1 else f"{launch.meetings} times"
    size = kept(launch, sizes, found.units, found.depth, itemsize) / 1024
    return None, [
        f"{loop.batch_size} sequences, {loop.hidden_size} units, {loop.steps} steps, on {room}",
        f"groups of {found.rows} sequences: {found.groups}; in each, programs of {found.units} units: "
        f"{found.blocks}",
        f"matrices that a program keeps: {size:g} KiB",
        f"the programs of a group meet {meetings} in a step",
        *(["products in TF32; exact ones are launched stage by stage"] if itemsize == 4 else []),
    ]


class Plan:
    """What is shown of a kernel."""

    def __init__(self, program: Program, way: str, rounds: bool = False) -> None:
        self._program, self._way, self._pass = program, way, WAYS[way](program)
        self.kernel = self._pass.kernel
        if rounds:
            pairs = rounded(self.kernel.fused, program.loop.states)
            self.kernel = plan(self.kernel.name, self.kernel.fused, self._pass.leaves, pairs)
        self._fused = self.kernel.fused
        outputs = (*self._pass.carried, *self._pass.others)
        self._writer = Writer(Names(kernel_names(program, outputs, self._fused)), Text())

    def processor(self, target: Target, dtype: str) -> Section:
        """What differs from processor to processor."""
        vectors = f"vectors of {target.lanes(DTYPES[dtype])} numbers"
        tile = f"products in a register tile of {target.rows} rows by {target.vectors} vectors"
        lines = [vectors, tile] if self._fused.products else [vectors]
        if self.kernel.pairs:
            lines.append("operands of products rounded to bfloat16, two at a time; all else in float32")
        return Section("Processor", "", lines)

    def on_gpu(self, dtype: str, loop: Loop) -> tuple[Section, Source]:
        """How the loop is launched on a GPU, why so, and its source."""
        states, number, products = self._pass.before, DTYPES[dtype], bool(self._fused.products)
        lines = ["operands of products rounded to bfloat16; all else in float32"]
        lines = lines if products and dtype == "bfloat16" else []
        if products:
            source = emit_persistent(self.kernel, states, number)
            (launch,) = source.launches
            assert isinstance(launch, Resident)
            reason, told = _on_chip(launch, dtype, loop)
            if reason is None:
                return Section("One launch for all steps, matrices on the chip", "", [*told, *lines]), source
            told = [f"matrices do not stay on the chip: {reason}"]
        elif (source := emit_linear(self.kernel, states, number)) is not None:
            processors = loop.chip.processors
            reason = why_slower(loop.batch_size, loop.hidden_size, loop.steps, processors)
            if reason is None:
                tiles = f"steps of a sequence taken together, for all units of {source.launches[-1].size}"
                return Section("An associative scan over the steps", "", [tiles]), source
            told = [f"steps are not taken together: {reason}"]
        else:
            told = []
        scan = is_scan(self.kernel.fused)
        source = emit_scan(self.kernel, states, number) if scan else emit_steps(self.kernel, states, number)
        tiles = [f"{one.name}: tiles of sequences and units of {one.size}" for one in source.launches]
        how = "One launch for all steps" if scan else "A launch a stage of every step"
        return Section(how, "", [*tiles, *told, *lines]), source

    def sections(self, matrices: str = "packed for the tile") -> list[Section]:
        """What is the same on every processor: what is read and left, and the stages; how matrices are read
        is not.
        """
        stages = self._fused.stages
        return [
            Section("Reads", "", list(self._reads(matrices))),
            Section("Leaves", "", list(self._leaves())),
            *(
                Section(f"Stage {i} of {len(stages)}", "", list(self._stage(stage)))
                for i, stage in enumerate(stages, start=1)
            ),
        ]

    def _reads(self, matrices: str) -> Iterable[str]:
        read = set(self._fused.operands)
        step = self._program.step
        names = given_names(step).quantities
        outside = Writer(Names({leaf: names[leaf] for leaf in step.leaves}), Text())
        before = dict(zip(self._program.loop.inputs, self._program.before, strict=True))
        for node, value in before.items():
            if node in read and node is not value:
                yield f"{self._writer.refer(node)} = {outside.refer(value)}"
        kinds = {
            "of the step": Row.NOW,
            "of the step taken before": Row.CARRIED,
            "from before the step": Row.OTHER,
            "the same in every step": Row.NONE,
        }
        leaves = self._pass.leaves
        for kind, row in kinds.items():
            of_kind = (node for node in leaves if node in read and leaves[node] is row)
            yield from self._line((node for node in of_kind if before.get(node, node) is node), kind)
        terms = [term for bundle in self._fused.products for terms in bundle.terms for term in terms]
        yield from self._line((term.args[0] for term in terms), matrices)

    def _leaves(self) -> Iterable[str]:
        outputs, count = self._fused.outputs, len(self._pass.carried)
        carried, others = outputs[:count], outputs[count:]
        yield from self._line(carried, "for the step taken next")
        if self._way == "forward":
            yield from self._line(others[:1], "the output")
            yield from self._line(others[1:], "kept for the loop backward")
        else:
            yield from self._line(others, "for the gradients")
        yield from self._line(
            (node for node in self._fused.stored if node not in outputs), "for a later stage"
        )

    def _stage(self, stage: Stage) -> Iterable[str]:
        yield from (f"over a row: {self._equation(node)}" for node in stage.rows)
        for block in stage.blocks:
            for bundle in block.bundles:
                yield f"products: {'; '.join(self._equation(result) for result in bundle.results)}"
            named = (node for node in block.nodes if node in self._writer.names.quantities)
            yield from (f"by element: {self._equation(node)}" for node in named)

    def _equation(self, node: Node) -> str:
        return f"{self._writer.refer(node)} = {self._writer.define(node)}"

    def _line(self, nodes: Iterable[Node], meaning: str) -> Iterable[str]:
        names = dict.fromkeys(f"{self._writer.refer(node)}" for node in nodes)
        if names:
            yield f"{', '.join(names)}: {meaning}"
