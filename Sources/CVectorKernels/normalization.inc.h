// Layer normalisation for all tiers and types; tier.inc.h defines the macros.

static inline __attribute__((always_inline)) SCALAR NAME(fold)(SCALAR *restrict lanes) {
  for (size_t width = SUM_LANES / 2; width > 0; width /= 2) {
    for (size_t l = 0; l < width; l++) lanes[l] = lanes[l] + lanes[l + width];
  }
  return lanes[0];
}

/// Σ over each of n rows of TERM, an expression in the row r and the column j.
#define ROW_SUMS(totals, n, TERM)                                               \
  do {                                                                          \
    SCALAR lanes[ROWS_TOGETHER][SUM_LANES] = {{0}};                             \
    const size_t whole = columns / SUM_LANES * SUM_LANES;                       \
    for (size_t start = 0; start < whole; start += SUM_LANES) {                 \
      for (size_t r = 0; r < (n); r++) {                                        \
        VECTORIZED                                                              \
        for (size_t l = 0; l < SUM_LANES; l++) {                                \
          const size_t j = start + l;                                           \
          lanes[r][l] = lanes[r][l] + (TERM);                                   \
        }                                                                       \
      }                                                                         \
    }                                                                           \
    for (size_t r = 0; r < (n); r++) {                                          \
      for (size_t j = whole; j < columns; j++) {                                \
        lanes[r][j - whole] = lanes[r][j - whole] + (TERM);                     \
      }                                                                         \
      totals[r] = NAME(fold)(lanes[r]);                                         \
    }                                                                           \
  } while (0)

// Rows are taken four at a time: their sums do not wait for each other.
#define ROWS_TOGETHER 4
#define X(r, j) x[(r)*columns + (j)]
#define DELTA(r, j) delta[(r)*columns + (j)]

// Called with a constant n and flag, here and below, so that the loops over rows are unrolled, and each
// form is a loop without branches.
static inline __attribute__((always_inline)) void NAME(normalize_rows)(
    const size_t n, size_t columns, double epsilon, const SCALAR *restrict x,
    const SCALAR *restrict gain, SCALAR *restrict z, SCALAR *restrict statistics, int has_gain) {
  SCALAR means[ROWS_TOGETHER], totals[ROWS_TOGETHER], scales[ROWS_TOGETHER];
  ROW_SUMS(totals, n, X(r, j));
  for (size_t r = 0; r < n; r++) means[r] = totals[r] / (SCALAR)columns;
  ROW_SUMS(totals, n, (X(r, j) - means[r]) * (X(r, j) - means[r]));
  for (size_t r = 0; r < n; r++) {
    const SCALAR variance = totals[r] / (SCALAR)columns;
    scales[r] = 1 / __builtin_elementwise_sqrt(variance + (SCALAR)epsilon);
    statistics[2 * r] = means[r];
    statistics[2 * r + 1] = scales[r];
  }
  for (size_t r = 0; r < n; r++) {
    const SCALAR mean = means[r], scale = scales[r];
    VECTORIZED
    for (size_t j = 0; j < columns; j++) {
      const SCALAR normal = (X(r, j) - mean) * scale;
      z[r * columns + j] = has_gain ? normal * gain[j] : normal;
    }
  }
}

static inline __attribute__((always_inline)) void NAME(normalized)(
    size_t rows, size_t columns, double epsilon, const SCALAR *restrict x,
    const SCALAR *restrict gain, SCALAR *restrict z, SCALAR *restrict statistics, int has_gain) {
  size_t row = 0;
  for (; row + ROWS_TOGETHER <= rows; row += ROWS_TOGETHER) {
    NAME(normalize_rows)(ROWS_TOGETHER, columns, epsilon, x + row * columns, gain,
                         z + row * columns, statistics + 2 * row, has_gain);
  }
  for (; row < rows; row++) {
    NAME(normalize_rows)(1, columns, epsilon, x + row * columns, gain, z + row * columns,
                         statistics + 2 * row, has_gain);
  }
}

static void NAME(normalize)(size_t rows, size_t columns, double epsilon, const SCALAR *restrict x,
                            const SCALAR *restrict gain, SCALAR *restrict z,
                            SCALAR *restrict statistics) {
  if (gain) {
    NAME(normalized)(rows, columns, epsilon, x, gain, z, statistics, 1);
  } else {
    NAME(normalized)(rows, columns, epsilon, x, gain, z, statistics, 0);
  }
}

/// A derivative times the gain of its column, if there is one.
static inline __attribute__((always_inline)) SCALAR NAME(scaled)(SCALAR delta,
                                                                 const SCALAR *restrict gain,
                                                                 size_t j, int has_gain) {
  return has_gain ? delta * gain[j] : delta;
}

static inline __attribute__((always_inline)) void NAME(normalize_rows_backward)(
    const size_t n, size_t columns, const SCALAR *restrict x, const SCALAR *restrict statistics,
    const SCALAR *restrict gain, const SCALAR *restrict delta, SCALAR *restrict gain_gradient,
    SCALAR *restrict x_delta, int has_gain) {
  SCALAR means[ROWS_TOGETHER], scales[ROWS_TOGETHER], sums[ROWS_TOGETHER], products[ROWS_TOGETHER];
  for (size_t r = 0; r < n; r++) {
    means[r] = statistics[2 * r];
    scales[r] = statistics[2 * r + 1];
  }
  if (has_gain) {
    VECTORIZED
    for (size_t j = 0; j < columns; j++) {
      SCALAR sum = gain_gradient[j];
      for (size_t r = 0; r < n; r++) sum = sum + DELTA(r, j) * ((X(r, j) - means[r]) * scales[r]);
      gain_gradient[j] = sum;
    }
  }
  if (!x_delta) return;
  ROW_SUMS(sums, n, NAME(scaled)(DELTA(r, j), gain, j, has_gain));
  ROW_SUMS(products, n,
           NAME(scaled)(DELTA(r, j), gain, j, has_gain) * ((X(r, j) - means[r]) * scales[r]));
  for (size_t r = 0; r < n; r++) {
    const SCALAR average = sums[r] / (SCALAR)columns, slope = products[r] / (SCALAR)columns;
    const SCALAR mean = means[r], scale = scales[r];
    VECTORIZED
    for (size_t j = 0; j < columns; j++) {
      const SCALAR d = NAME(scaled)(DELTA(r, j), gain, j, has_gain);
      x_delta[r * columns + j] = scale * ((d - average) - ((X(r, j) - mean) * scale) * slope);
    }
  }
}

static inline __attribute__((always_inline)) void NAME(normalized_backward)(
    size_t rows, size_t columns, const SCALAR *restrict x, const SCALAR *restrict statistics,
    const SCALAR *restrict gain, const SCALAR *restrict delta, SCALAR *restrict gain_gradient,
    SCALAR *restrict x_delta, int has_gain) {
  if (has_gain) {
    VECTORIZED
    for (size_t j = 0; j < columns; j++) gain_gradient[j] = 0;
  }
  size_t row = 0;
  for (; row + ROWS_TOGETHER <= rows; row += ROWS_TOGETHER) {
    NAME(normalize_rows_backward)(ROWS_TOGETHER, columns, x + row * columns, statistics + 2 * row,
                                  gain, delta + row * columns, gain_gradient,
                                  x_delta ? x_delta + row * columns : 0, has_gain);
  }
  for (; row < rows; row++) {
    NAME(normalize_rows_backward)(1, columns, x + row * columns, statistics + 2 * row, gain,
                                  delta + row * columns, gain_gradient,
                                  x_delta ? x_delta + row * columns : 0, has_gain);
  }
}

static void NAME(normalize_backward)(size_t rows, size_t columns, const SCALAR *restrict x,
                                     const SCALAR *restrict statistics,
                                     const SCALAR *restrict gain, const SCALAR *restrict delta,
                                     SCALAR *restrict gain_gradient, SCALAR *restrict x_delta) {
  if (gain) {
    NAME(normalized_backward)(rows, columns, x, statistics, gain, delta, gain_gradient, x_delta, 1);
  } else {
    NAME(normalized_backward)(rows, columns, x, statistics, gain, delta, gain_gradient, x_delta, 0);
  }
}

#undef X
#undef DELTA
#undef ROW_SUMS
#undef ROWS_TOGETHER
