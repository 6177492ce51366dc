"""Logarithms of vectors: log, and softplus.

log x = k log 2 + log m with x = 2^k m, √½ ≤ m < √2, and log m = 2 artanh(f / (2 + f)) with f = m - 1, a
polynomial, in an order of sums that loses nothing (fdlibm, Sun Microsystems 1993).
"""

from __future__ import annotations

import math
from typing import Any

from elman.emit.vector import Vectors

Value = Any
SERIES = {
    "float": (0.6666666655404201, 0.4000012221181065, 0.28550778633191965, 0.23331614471843499),
    "double": (
        0.66666666666666666463,
        0.40000000000000883236,
        0.28571428570799785031,
        0.22222222392581045097,
        0.18181795547521136235,
        0.15386244737621666606,
        0.13268638369266823879,
        0.1308803485092755383,
    ),
}
"""P in 2 artanh(s) = 2 s + s³ P(s²), |s| <= (√2 - 1) / (√2 + 1)."""
ROOT = {"float": 0x3F3504F3, "double": 0x3FE6A09E667F3BCD}
"""The bits of √½."""


def log(v: Vectors, x: Value) -> Value:
    """log x; -∞ at 0, NaN below it."""
    b, p = v.builder, v.precision
    tiny = b.fcmp_ordered("<", x, v.constant(2.0 ** (1 - p.bias)))
    scaled = v.select(tiny, b.fmul(x, v.constant(2.0**p.mantissa)), x)
    bits = b.bitcast(scaled, v.integers)
    whole = b.ashr(b.sub(bits, v.whole(ROOT[p.name])), v.whole(p.mantissa))
    f = b.fsub(b.bitcast(b.sub(bits, b.shl(whole, v.whole(p.mantissa))), v.type), v.constant(1.0))
    k = b.fsub(b.sitofp(whole, v.type), v.select(tiny, v.constant(p.mantissa), v.constant(0.0)))
    s = b.fdiv(f, b.fadd(f, v.constant(2.0)))
    squared, half = b.fmul(s, s), b.fmul(b.fmul(f, f), v.constant(0.5))
    rest = b.fmul(s, v.fma(squared, v.polynomial(SERIES[p.name], squared), half))
    rest = v.fma(k, v.constant(p.ln2[1]), rest)
    y = b.fsub(b.fmul(k, v.constant(p.ln2[0])), b.fsub(b.fsub(half, rest), f))
    zero = b.fcmp_ordered("==", x, v.constant(0.0))
    edge = v.select(zero, v.constant(-math.inf), v.constant(math.nan))
    y = v.select(b.fcmp_ordered(">", x, v.constant(0.0)), y, edge)
    return v.select(b.fcmp_unordered("==", x, v.constant(math.inf)), x, y)


def log1p(v: Vectors, x: Value) -> Value:
    """log(1 + x) for -1 < x < ∞: that of 1 + x as rounded, and what the rounding lost."""
    b = v.builder
    u = b.fadd(x, v.constant(1.0))
    lost = b.fsub(x, b.fsub(u, v.constant(1.0)))
    return b.fadd(log(v, u), b.fdiv(lost, u))


def softplus(v: Vectors, x: Value) -> Value:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which does not overflow."""
    b = v.builder
    tail = log1p(v, v.exp(b.fneg(v.intrinsic("fabs", x))))
    return b.fadd(v.intrinsic("maximum", x, v.constant(0.0)), tail)
