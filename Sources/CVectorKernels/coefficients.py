"""Makes coefficients.h, the constants of the activations.

    python3 Sources/CVectorKernels/coefficients.py > Sources/CVectorKernels/coefficients.h

It prints to standard error how far each polynomial is from e^r - 1, relative to it.
"""

import argparse
import math
import sys
from decimal import Decimal, getcontext
from fractions import Fraction
from typing import Callable

getcontext().prec = 60
LN2 = Decimal(2).ln()

# A little more than the ln 2 / 2 that reduction leaves.
BOUND = Fraction(LN2) / 2 + Fraction(1, 2**20)


def series(r: Fraction) -> Fraction:
    """(e^r - 1 - r) / r^2, of which the polynomial is an approximation."""
    return sum(r**k / math.factorial(k + 2) for k in range(30))


def interpolation(count: int) -> list[Fraction]:
    """The coefficients, constant first, of the polynomial through Chebyshev's nodes.

    Its error is within a small factor of the least possible one, so that no exchange of nodes
    would earn another coefficient.
    """
    nodes = [BOUND * Fraction(math.cos((k + 0.5) * math.pi / count)) for k in range(count)]
    divided = [series(node) for node in nodes]
    for width in range(1, count):
        for k in range(count - 1, width - 1, -1):
            divided[k] = (divided[k] - divided[k - 1]) / (nodes[k] - nodes[k - width])
    result = [Fraction(0)]
    for node, difference in zip(reversed(nodes), reversed(divided)):
        shifted = [Fraction(0)] + result
        scaled = [node * c for c in result] + [Fraction(0)]
        result = [a - b for a, b in zip(shifted, scaled)]
        result[0] += difference
    return result[:count]


def relative_error(coefficients: list[float]) -> float:
    """The largest error of r + r^2·p(r), relative to e^r - 1."""
    worst = 0.0
    for step in range(-1000, 1001):
        r = BOUND * Fraction(step, 1000)
        if r != 0:
            value = r + r * r * sum(Fraction(c) * r**k for k, c in enumerate(coefficients))
            exact = r + r * r * series(r)
            worst = max(worst, abs(float((value - exact) / exact)))
    return worst


def root(function: Callable[[Decimal], Decimal], low: str, high: str) -> Decimal:
    """The zero between two points, by bisection."""
    a, b = Decimal(low), Decimal(high)
    sign = function(a) > 0
    while b - a > Decimal(10) ** -50:
        middle = (a + b) / 2
        if (function(middle) > 0) == sign:
            a = middle
        else:
            b = middle
    return a


def define(name: str, value: Decimal | float) -> None:
    print(f"#define {name} {float(value).hex()}")


def define_parts(name: str, value: Decimal, bits: int) -> None:
    """The first `bits` bits of a number, and what is left of it."""
    unit = Fraction(2) ** (math.frexp(value)[1] - bits)
    high = float(round(Fraction(value) / unit) * unit)
    define(f"{name}_HIGH", high)
    define(f"{name}_LOW", value - Decimal(high))


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print("// Made by coefficients.py, which says how.")
    print("#pragma once\n")

    print("// ln 2, whose high part times any exponent is exact.")
    define("LOG2_E", 1 / LN2)
    define_parts("LN2", LN2, bits=32)

    for name, count in (("SHORT", 6), ("LONG", 11)):
        coefficients = [float(c) for c in interpolation(count)]
        bits = -math.log2(relative_error(coefficients))
        print(f"{name}: 2^-{bits:.1f}", file=sys.stderr)
        print(f"\n// e^r - 1 = r + r^2·({name}_0 + {name}_1·r + ...), relative error 2^-{bits:.1f}.")
        for k, coefficient in enumerate(coefficients):
            define(f"{name}_{k}", coefficient)

    zero = root(lambda z: 1 + z + z.exp(), "-2", "-1")
    print("\n// Where dSiLU is 0: 1 + z + e^z = 0. Then e^z.")
    define_parts("DSILU_ZERO", zero, bits=53)
    define("DSILU_ZERO_EXP", zero.exp())

    zero = root(lambda a: (2 - a) + (2 + a) * (-a).exp(), "2", "3")
    print("\n// Where the derivative of dSiLU is 0: 2 - a + (2 + a)·e^-a = 0, z = ±a. Then e^-a, and a - 2.")
    define_parts("DSILU_PEAK", zero, bits=53)
    define("DSILU_PEAK_EXP", (-zero).exp())
    define("DSILU_PEAK_MINUS_2", zero - 2)


if __name__ == "__main__":
    main()
