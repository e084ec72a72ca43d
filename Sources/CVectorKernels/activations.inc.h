// The elementwise activations; tier.inc.h defines the macros.
//
// Functions are evaluated in double for both types. Floats are rounded once, at the end, so their error
// is little more than half an ULP, also near a zero and for denormals. There is no fused operation and
// no branch, and no conversion to an integer, which would lose a NaN.

#include "coefficients.h"

#define INLINE static inline __attribute__((always_inline))
#define IS_DOUBLE (sizeof(SCALAR) == sizeof(double))

// Below it, z·e^z rounds to zero.
#define LOWEST (IS_DOUBLE ? -760.0 : -200.0)
// Above it, 1 + e^-z rounds to 1, and so does every other term that tends to 1.
#define HIGHEST 60.0
// For small doubles 2^n is subnormal. There it is multiplied by 2^128, so that only the result, not an
// operand, is rounded to a subnormal number.
#define EXTRA (IS_DOUBLE ? 128 : 0)
#define UNDO_EXTRA (IS_DOUBLE ? 0x1p-128 : 1.0)

// e^x = e^centre · 2^n · (1 + tail), with tail = e^r − 1 and |r| ≤ ln 2 / 2.
typedef struct {
  double n, r, tail;
  double scale;  // 2^(n + extra)
} NAME(exponential);

// The tail has full relative accuracy, also next to zero, where x is the centre.
INLINE NAME(exponential) NAME(expand)(double x, double centre_high, double centre_low,
                                      double extra) {
  NAME(exponential) result;
  // A sum of 2^52 or more is an integer, and its low bits are those of the integer.
  const double rounder = 0x1.8p52 + 1023 + extra;
  double sum = (x - centre_high) * LOG2_E + rounder;
  double n = sum - rounder;
  uint64_t bits;
  __builtin_memcpy(&bits, &sum, sizeof bits);
  bits <<= 52;
  __builtin_memcpy(&result.scale, &bits, sizeof bits);
  double r = (((x - n * LN2_HIGH) - centre_high) - centre_low) - n * LN2_LOW;
  // In pairs and fours, so that fewer operations depend on each other.
  double r2 = r * r, r4 = r2 * r2;
  double p = IS_DOUBLE ? ((LONG_0 + LONG_1 * r) + (LONG_2 + LONG_3 * r) * r2) +
                             (((LONG_4 + LONG_5 * r) + (LONG_6 + LONG_7 * r) * r2) +
                              ((LONG_8 + LONG_9 * r) + LONG_10 * r2) * r4) *
                                 r4
                       : ((SHORT_0 + SHORT_1 * r) + (SHORT_2 + SHORT_3 * r) * r2) +
                             (SHORT_4 + SHORT_5 * r) * r4;
  result.n = n;
  result.r = r;
  result.tail = r + r2 * p;
  return result;
}

// MARK: - The functions

INLINE SCALAR NAME(identity)(SCALAR z) { return z; }

// Not `z > 0 ? z : 0`: that would hide a NaN.
INLINE SCALAR NAME(relu)(SCALAR z) { return z < 0 ? 0 : z; }

INLINE SCALAR NAME(leaky_relu)(SCALAR z) { return z < 0 ? z * (SCALAR)SARSA_LEAKY_RELU_SLOPE : z; }

// (1 − w) / (1 + w) with w = e^(−2|z|), so that it is exactly odd.
INLINE SCALAR NAME(tanh)(SCALAR z) {
  double x = -2 * __builtin_fabs((double)z);
  x = x < -HIGHEST ? -HIGHEST : x;
  NAME(exponential) power = NAME(expand)(x, 0, 0, 0);
  double rest = power.scale * power.tail;
  double quotient = ((power.scale - 1) + rest) / ((power.scale + 1) + rest);
  return (SCALAR)__builtin_copysign(quotient, (double)z);
}

// z / (1 + e^−z).
INLINE SCALAR NAME(silu)(SCALAR z) {
  double x = z < LOWEST ? LOWEST : z;
  // Above e^710 the divisor would be infinite, although the quotient is not zero.
  int is_far = IS_DOUBLE && x < -512;
  double one = is_far ? 0x1p-128 : 1;
  double exponent = x > HIGHEST ? -HIGHEST : -x;
  NAME(exponential) power = NAME(expand)(exponent, 0, 0, is_far ? -128 : 0);
  return (SCALAR)(x * one / ((one + power.scale) + power.scale * power.tail));
}

// σ(z)·(1 + z·(1 − σ(z))) = w·(1 + z + w) / (1 + w)² with w = e^z.
INLINE double NAME(dsilu_in_double)(double z) {
  z = z < LOWEST ? LOWEST : z;
  z = z > HIGHEST ? HIGHEST : z;
  NAME(exponential) power = NAME(expand)(z, DSILU_ZERO_HIGH, DSILU_ZERO_LOW, EXTRA);
  double unscaled = DSILU_ZERO_EXP + DSILU_ZERO_EXP * power.tail;
  double w = unscaled * power.scale * UNDO_EXTRA;
  // Near its zero z₀, the sum 1 + z + w is computed from the differences of z to z₀ and w to e^z₀.
  double sum = power.n == 0 ? power.r + DSILU_ZERO_EXP * power.tail : (1 + z) + w;
  double divisor = 1 + w;
  return unscaled * sum / (divisor * divisor) * power.scale * UNDO_EXTRA;
}

INLINE SCALAR NAME(dsilu)(SCALAR z) { return (SCALAR)NAME(dsilu_in_double)(z); }

// MARK: - ∂L/∂z from ∂L/∂y and the value that determines the derivative

INLINE SCALAR NAME(identity_backward)(SCALAR y, SCALAR delta) {
  (void)y;
  return delta;
}

INLINE SCALAR NAME(relu_backward)(SCALAR y, SCALAR delta) { return y <= 0 ? 0 : delta; }

INLINE SCALAR NAME(leaky_relu_backward)(SCALAR y, SCALAR delta) {
  return y <= 0 ? delta * (SCALAR)SARSA_LEAKY_RELU_SLOPE : delta;
}

INLINE SCALAR NAME(tanh_backward)(SCALAR y, SCALAR delta) {
  return (SCALAR)((double)delta * ((1 - (double)y) * (1 + (double)y)));
}

INLINE SCALAR NAME(silu_backward)(SCALAR z, SCALAR delta) {
  return (SCALAR)((double)delta * NAME(dsilu_in_double)(z));
}

// σ′(z)·(2 − a·tanh(a/2)) = v·(2 − a + (2 + a)·v) / (1 + v)³ with a = |z|, v = e^−a.
INLINE SCALAR NAME(dsilu_backward)(SCALAR z, SCALAR delta) {
  double a = __builtin_fabs((double)z);
  a = a > -LOWEST ? -LOWEST : a;
  NAME(exponential) power = NAME(expand)(-a, -DSILU_PEAK_HIGH, -DSILU_PEAK_LOW, EXTRA);
  double unscaled = DSILU_PEAK_EXP + DSILU_PEAK_EXP * power.tail;
  double v = unscaled * power.scale * UNDO_EXTRA;
  // Near its zero a₀, the sum is computed from the differences of a to a₀ and v to e^−a₀.
  double sum = power.n == 0 ? power.r * (1 - v) + DSILU_PEAK_MINUS_2 * power.tail
                            : (2 - a) + (2 + a) * v;
  double divisor = 1 + v;
  double derivative =
      unscaled * sum / (divisor * divisor * divisor) * power.scale * UNDO_EXTRA;
  return (SCALAR)((double)delta * derivative);
}

// MARK: - The kernels

// The function is a constant argument and inlined. In place, the sum is not stored, which saves a third
// of a ReLU's time.
INLINE void NAME(map_rows)(SCALAR (*function)(SCALAR), size_t rows, size_t columns,
                           const SCALAR *restrict bias, SCALAR *z, SCALAR *y, int has_rest) {
  if (z == y) {
    for (size_t row = 0; row < rows; row++, z += columns) {
      FOR_COLUMNS(j, columns, has_rest, z[j] = function(z[j] + bias[j]););
    }
  } else {
    for (size_t row = 0; row < rows; row++, z += columns, y += columns) {
      FOR_COLUMNS(j, columns, has_rest, {
        SCALAR sum = z[j] + bias[j];
        z[j] = sum;
        y[j] = function(sum);
      });
    }
  }
}

INLINE void NAME(map)(SCALAR (*function)(SCALAR), size_t rows, size_t columns,
                      const SCALAR *restrict bias, SCALAR *z, SCALAR *y) {
  // For a row shorter than a vector this would only add a check per row.
  if (columns % (2 * LANES) == 0 || columns < LANES) {
    NAME(map_rows)(function, rows, columns, bias, z, y, 0);
  } else {
    NAME(map_rows)(function, rows, columns, bias, z, y, 1);
  }
}

INLINE void NAME(map_rows_back)(SCALAR (*function)(SCALAR, SCALAR), size_t rows, size_t columns,
                                const SCALAR *restrict values, SCALAR *restrict delta,
                                SCALAR *restrict sums, int has_rest) {
  for (size_t j = 0; j < columns; j++) sums[j] = 0;
  for (size_t row = 0; row < rows; row++, values += columns, delta += columns) {
    FOR_COLUMNS(j, columns, has_rest, {
      SCALAR d = function(values[j], delta[j]);
      delta[j] = d;
      sums[j] = sums[j] + d;
    });
  }
}

INLINE void NAME(map_back)(SCALAR (*function)(SCALAR, SCALAR), size_t rows, size_t columns,
                           const SCALAR *restrict values, SCALAR *restrict delta,
                           SCALAR *restrict sums) {
  if (columns % (2 * LANES) == 0 || columns < LANES) {
    NAME(map_rows_back)(function, rows, columns, values, delta, sums, 0);
  } else {
    NAME(map_rows_back)(function, rows, columns, values, delta, sums, 1);
  }
}

static void NAME(activate)(int32_t kind, size_t rows, size_t columns, const SCALAR *bias,
                           SCALAR *z, SCALAR *y) {
  switch (kind) {
    case SARSA_IDENTITY: return NAME(map)(NAME(identity), rows, columns, bias, z, y);
    case SARSA_RELU: return NAME(map)(NAME(relu), rows, columns, bias, z, y);
    case SARSA_LEAKY_RELU: return NAME(map)(NAME(leaky_relu), rows, columns, bias, z, y);
    case SARSA_TANH: return NAME(map)(NAME(tanh), rows, columns, bias, z, y);
    case SARSA_SILU: return NAME(map)(NAME(silu), rows, columns, bias, z, y);
    case SARSA_DSILU: return NAME(map)(NAME(dsilu), rows, columns, bias, z, y);
  }
}

static void NAME(activate_backward)(int32_t kind, size_t rows, size_t columns,
                                    const SCALAR *values, SCALAR *delta, SCALAR *sums) {
  switch (kind) {
    case SARSA_IDENTITY:
      return NAME(map_back)(NAME(identity_backward), rows, columns, values, delta, sums);
    case SARSA_RELU:
      return NAME(map_back)(NAME(relu_backward), rows, columns, values, delta, sums);
    case SARSA_LEAKY_RELU:
      return NAME(map_back)(NAME(leaky_relu_backward), rows, columns, values, delta, sums);
    case SARSA_TANH:
      return NAME(map_back)(NAME(tanh_backward), rows, columns, values, delta, sums);
    case SARSA_SILU:
      return NAME(map_back)(NAME(silu_backward), rows, columns, values, delta, sums);
    case SARSA_DSILU:
      return NAME(map_back)(NAME(dsilu_backward), rows, columns, values, delta, sums);
  }
}

#undef INLINE
#undef IS_DOUBLE
#undef LOWEST
#undef HIGHEST
#undef EXTRA
#undef UNDO_EXTRA
