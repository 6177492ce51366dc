"""The distribution function of the normal distribution.

Near zero it is ½ + x P(x²). Elsewhere, with z = a / √2,

    Φ(-a) = ½ erfc(z) = exp(-a²/2) Q((z - K) / (z + K)) / (2 + 4 z)

(Shepherd & Laframboise 1981), P and Q polynomials; a² is taken apart, so that the exponential is as exact as
others. All in double precision.
"""

from __future__ import annotations

import math
from typing import Any

from elman.emit.vector import Vectors

Value = Any
MIDDLE = 3.75 * math.sqrt(2)
"""K √2."""
LARGEST = 39.5
"""a, beyond which Φ(-a) is zero."""
QUARTILE = 0.67
"""|x| up to which ½ + x P(x²) is used: Φ is between ¼ and ¾."""
LOW_BITS = (1 << 27) - 1
NEAR = (
    0.39894228040143267728,
    -0.066490380066905212545,
    0.0099735570100221052592,
    -0.0011873282151706440846,
    0.00011543468410693670782,
    -9.4446339060639147831e-6,
    6.6588555115841160278e-7,
    -4.1042898988631486603e-8,
    2.0542031265830043127e-9,
)
"""P in Φ(x) = ½ + x P(x²)."""
FAR = (
    1.2375126308378275839,
    -0.14024059858554702235,
    0.0035854154854629046312,
    0.082276738490151128482,
    -0.10880393014165805053,
    0.092304321160215222745,
    -0.058693398591761657422,
    0.028362277420753860561,
    -0.0097465795323361149201,
    0.0017556258454484944309,
    0.00029371348322054036172,
    -0.00029015409740496759906,
    0.000051649908296456062436,
    0.000022384550628489277011,
    -0.000011446444882750146504,
    -9.7501331297449387107e-7,
    1.7557572419630804641e-6,
    -5.3619665565404933254e-8,
    -2.6300760845934757896e-7,
    1.8148051418292807034e-8,
    4.0773822695438946956e-8,
    2.0400958765405565219e-10,
    -4.999295226477826079e-9,
    -9.7499778618419561536e-10,
)
"""Q in (1 + 2 z) exp(z²) erfc(z) = Q((z - K) / (z + K)), 0 <= z <= 28."""


def normal_cdf(v: Vectors, x: Value) -> Value:
    """Φ(x)."""
    return v.in_double(_normal_cdf, x)


def _normal_cdf(v: Vectors, x: Value) -> Value:
    b = v.builder
    a = v.intrinsic("fabs", x)
    a = v.select(b.fcmp_ordered(">", a, v.constant(LARGEST)), v.constant(LARGEST), a)
    high = b.bitcast(b.and_(b.bitcast(a, v.integers), v.whole(~LOW_BITS)), v.type)
    minus_half = v.constant(-0.5)
    low = b.fmul(b.fmul(b.fsub(a, high), b.fadd(a, high)), minus_half)
    grown = v.exp(b.fmul(b.fmul(high, high), minus_half), low)
    w = b.fdiv(b.fsub(a, v.constant(MIDDLE)), b.fadd(a, v.constant(MIDDLE)))
    below = b.fdiv(v.polynomial(FAR, w), v.fma(a, v.constant(math.sqrt(8)), v.constant(2.0)))
    below = b.fmul(grown, below)
    far = v.select(b.fcmp_ordered(">", x, v.constant(0.0)), b.fsub(v.constant(1.0), below), below)
    near = v.fma(x, v.polynomial(NEAR, b.fmul(x, x)), v.constant(0.5))
    return v.select(b.fcmp_ordered("<", a, v.constant(QUARTILE)), near, far)
