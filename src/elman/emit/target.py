"""What a processor gives a kernel: the width of its vectors, and the tile that fits its registers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A processor.

    `rows` × `vectors` accumulators of the tile live in registers, beside the operands of a product.
    """

    name: str
    cpu: str
    bits: int
    rows: int
    vectors: int
    triple: str = "x86_64-unknown-linux-gnu"
    multiplies_pairs: bool = False
    """Whether its kind may have instructions for pairs of bfloat16 numbers (see `emit.pairs`)."""
    scales: bool = False
    """Whether an instruction multiplies vectors by powers of two."""

    def lanes(self, dtype: str) -> int:
        """The numbers in one vector; dtype: float or double."""
        return self.bits // (32 if dtype == "float" else 64)


TARGETS = {
    target.name: target
    for target in (
        Target("x86-64-v4", "x86-64-v4", 512, 6, 4, multiplies_pairs=True, scales=True),
        Target("x86-64-v3", "x86-64-v3", 256, 6, 2),
        Target("x86-64-v2", "x86-64-v2", 128, 6, 2),
        Target("neon", "generic", 128, 6, 4, "aarch64-unknown-linux-gnu"),
    )
}
