"""Sine and cosine of vectors, in double precision.

x = n π/2 + r, |r| <= π/4, and a polynomial of r. Up to LARGE, n π/2 is subtracted in three parts (Cody &
Waite 1980). Beyond that the bits of 2/π that matter are multiplied by x as a whole number (Payne & Hanek
1983), lane by lane: values that large are rare, and as right as others.
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir

from elman.emit.loops import I64, number
from elman.emit.vector import Vectors

Value = Any
LARGE = 2.0**19
"""|x| up to which n times the first two parts of π/2 is exact."""
HALF_PI = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21)
"""π/2 as a sum of three numbers, the first two of 33 bits."""
SINE = (
    -0.16666666666666666666,
    0.0083333333333333314899,
    -0.00019841269841265060174,
    2.7557319219335453429e-6,
    -2.5052106231157905487e-8,
    1.6058531414589010757e-10,
    -7.5866850700912671596e-13,
)
"""P in sin r = r + r³ P(r²), |r| <= π/4."""
COSINE = (
    0.041666666666666666666,
    -0.0013888888888888887864,
    0.000024801587301584643775,
    -2.7557319221400760015e-7,
    2.0876755790363396129e-9,
    -1.1470460773969324627e-11,
    4.7458652037874551073e-14,
)
"""P in cos r = 1 - r²/2 + r⁴ P(r²), |r| <= π/4."""
BITS_OF_TWO_BY_PI = int(
    "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1c"
    "b129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f"
    "6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6bab",
    16,
)
"""⌊2/π 2^1216⌋."""
LONG, PRODUCT, POINT = ir.IntType(1216), ir.IntType(192), 190
"""The product is a number modulo 4, with POINT bits behind the point."""


def sin(v: Vectors, x: Value) -> Value:
    """sin x; NaN at ±∞."""
    zero = v.builder.fcmp_ordered("==", x, v.constant(0.0))
    return v.select(zero, x, v.in_double(lambda v, x: _sine_after(v, x, quarters=0), x))


def cos(v: Vectors, x: Value) -> Value:
    """cos x; NaN at ±∞."""
    return v.in_double(lambda v, x: _sine_after(v, x, quarters=1), x)


def _sine_after(v: Vectors, x: Value, quarters: int) -> Value:
    """sin(x + quarters π/2)."""
    b = v.builder
    r, quadrant = _reduced(v, x)
    quadrant = b.add(quadrant, v.whole(quarters))
    squared = b.fmul(r, r)
    sine = v.fma(b.fmul(squared, r), v.polynomial(SINE, squared), r)
    half = b.fmul(squared, v.constant(0.5))
    most = b.fsub(v.constant(1.0), half)
    lost = b.fsub(b.fsub(v.constant(1.0), most), half)
    cosine = b.fadd(most, v.fma(b.fmul(squared, squared), v.polynomial(COSINE, squared), lost))
    odd = b.icmp_signed("!=", b.and_(quadrant, v.whole(1)), v.whole(0))
    sign = b.shl(b.and_(quadrant, v.whole(2)), v.whole(62))
    y = b.bitcast(b.xor(b.bitcast(v.select(odd, cosine, sine), v.integers), sign), v.type)
    finite = b.fcmp_ordered("<", v.intrinsic("fabs", x), v.constant(math.inf))
    return v.select(finite, y, v.constant(math.nan))


def _reduced(v: Vectors, x: Value) -> tuple[Value, Value]:
    """r and n modulo 4."""
    b = v.builder
    small = b.fcmp_ordered("<=", v.intrinsic("fabs", x), v.constant(LARGE))
    near = v.select(small, x, v.constant(0.0))
    n = v.intrinsic("rint", b.fmul(near, v.constant(2 / math.pi)))
    minus_n, r = b.fneg(n), near
    for part in HALF_PI:
        r = v.fma(minus_n, v.constant(part), r)
    quadrant: Value = b.fptosi(n, v.integers)

    before = b.block
    with b.if_then(b.not_(v.all(small)), likely=False):
        far, its_quadrant = r, quadrant
        for lane in range(v.lanes):
            place = ir.Constant(ir.IntType(32), lane)
            pair = b.call(_reduction(b.module), [b.extract_element(x, place)])
            far = b.insert_element(far, b.extract_value(pair, 0), place)
            its_quadrant = b.insert_element(its_quadrant, b.extract_value(pair, 1), place)
        far, its_quadrant = v.select(small, r, far), v.select(small, quadrant, its_quadrant)
        end = b.block
    results: list[Value] = []
    for value, other in ((r, far), (quadrant, its_quadrant)):
        result = b.phi(value.type)
        result.add_incoming(value, before)
        result.add_incoming(other, end)
        results.append(result)
    return results[0], results[1]


def _reduction(module: ir.Module) -> ir.Function:
    """The function of a large x = ±2^e m, m a whole number, that returns r and n modulo 4."""
    if (found := module.globals.get("reduce_large")) is not None:
        return found
    double = ir.DoubleType()
    kind = ir.FunctionType(ir.LiteralStructType([double, I64]), [double])
    function = ir.Function(module, kind, "reduce_large")
    function.linkage = "internal"
    function.attributes.add("noinline")
    b = ir.IRBuilder(function.append_basic_block("entry"))
    bits = b.bitcast(function.args[0], I64)
    e = b.sub(b.and_(b.lshr(bits, number(52)), number(0x7FF)), number(1075))
    m = b.or_(b.and_(bits, number((1 << 52) - 1)), number(1 << 52))
    shift = b.zext(b.sub(number(LONG.width - POINT), e), LONG)
    window = b.trunc(b.lshr(ir.Constant(LONG, BITS_OF_TWO_BY_PI), shift), PRODUCT)
    product = b.mul(window, b.zext(m, PRODUCT))
    rounded = b.add(product, ir.Constant(PRODUCT, 1 << (POINT - 1)))
    n = b.lshr(rounded, ir.Constant(PRODUCT, POINT))
    fraction = b.sub(product, b.shl(n, ir.Constant(PRODUCT, POINT)))
    high = b.trunc(b.ashr(fraction, ir.Constant(PRODUCT, 128)), I64)
    middle = b.trunc(b.lshr(fraction, ir.Constant(PRODUCT, 64)), I64)
    r = b.fmul(b.sitofp(high, double), ir.Constant(double, 2.0 ** (128 - POINT)))
    r = b.fadd(r, b.fmul(b.uitofp(middle, double), ir.Constant(double, 2.0 ** (64 - POINT))))
    r = b.fmul(r, ir.Constant(double, math.pi / 2))
    n = b.trunc(n, I64)
    below = b.icmp_signed("<", bits, number(0))
    pair = ir.Constant(kind.return_type, ir.Undefined)
    pair = b.insert_value(pair, b.select(below, b.fneg(r), r), 0)
    b.ret(b.insert_value(pair, b.select(below, b.neg(n), n), 1))
    return function
