// Layer normalisation for all tiers and types; tier.inc.h defines the macros.
//
// Sums over a row are computed in sixteen lanes, with element j in lane j mod 16, and the lanes are added
// pairwise in halves. Every instruction set can use this order, so all give the same bits.

#define SUM_LANES 16
// Rows are taken four at a time: their sums do not wait for each other.
#define ROWS_TOGETHER 4

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

#define X(r, j) x[(r)*columns + (j)]
#define DELTA(r, j) delta[(r)*columns + (j)]

// Called with a constant n, so that the loops over rows are unrolled; so is the backward pass.
static inline __attribute__((always_inline)) void NAME(normalize_rows)(
    const size_t n, size_t columns, double epsilon, const SCALAR *restrict x,
    const SCALAR *restrict gain, SCALAR *restrict z, SCALAR *restrict statistics) {
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
    for (size_t j = 0; j < columns; j++) z[r * columns + j] = ((X(r, j) - mean) * scale) * gain[j];
  }
}

static void NAME(normalize)(size_t rows, size_t columns, double epsilon, const SCALAR *restrict x,
                            const SCALAR *restrict gain, SCALAR *restrict z,
                            SCALAR *restrict statistics) {
  size_t row = 0;
  for (; row + ROWS_TOGETHER <= rows; row += ROWS_TOGETHER) {
    NAME(normalize_rows)(ROWS_TOGETHER, columns, epsilon, x + row * columns, gain,
                         z + row * columns, statistics + 2 * row);
  }
  for (; row < rows; row++) {
    NAME(normalize_rows)(1, columns, epsilon, x + row * columns, gain, z + row * columns,
                         statistics + 2 * row);
  }
}

static inline __attribute__((always_inline)) void NAME(normalize_rows_backward)(
    const size_t n, size_t columns, const SCALAR *restrict x, const SCALAR *restrict statistics,
    const SCALAR *restrict gain, const SCALAR *restrict delta, SCALAR *restrict gain_gradient,
    SCALAR *restrict x_delta) {
  SCALAR means[ROWS_TOGETHER], scales[ROWS_TOGETHER], sums[ROWS_TOGETHER], products[ROWS_TOGETHER];
  for (size_t r = 0; r < n; r++) {
    means[r] = statistics[2 * r];
    scales[r] = statistics[2 * r + 1];
  }
  VECTORIZED
  for (size_t j = 0; j < columns; j++) {
    SCALAR sum = gain_gradient[j];
    for (size_t r = 0; r < n; r++) sum = sum + DELTA(r, j) * ((X(r, j) - means[r]) * scales[r]);
    gain_gradient[j] = sum;
  }
  if (!x_delta) return;
  ROW_SUMS(sums, n, DELTA(r, j) * gain[j]);
  ROW_SUMS(products, n, (DELTA(r, j) * gain[j]) * ((X(r, j) - means[r]) * scales[r]));
  for (size_t r = 0; r < n; r++) {
    const SCALAR average = sums[r] / (SCALAR)columns, slope = products[r] / (SCALAR)columns;
    const SCALAR mean = means[r], scale = scales[r];
    VECTORIZED
    for (size_t j = 0; j < columns; j++) {
      x_delta[r * columns + j] =
          scale * ((DELTA(r, j) * gain[j] - average) - ((X(r, j) - mean) * scale) * slope);
    }
  }
}

static void NAME(normalize_backward)(size_t rows, size_t columns, const SCALAR *restrict x,
                                     const SCALAR *restrict statistics,
                                     const SCALAR *restrict gain, const SCALAR *restrict delta,
                                     SCALAR *restrict gain_gradient, SCALAR *restrict x_delta) {
  VECTORIZED
  for (size_t j = 0; j < columns; j++) gain_gradient[j] = 0;
  size_t row = 0;
  for (; row + ROWS_TOGETHER <= rows; row += ROWS_TOGETHER) {
    NAME(normalize_rows_backward)(ROWS_TOGETHER, columns, x + row * columns, statistics + 2 * row,
                                  gain, delta + row * columns, gain_gradient,
                                  x_delta ? x_delta + row * columns : 0);
  }
  for (; row < rows; row++) {
    NAME(normalize_rows_backward)(1, columns, x + row * columns, statistics + 2 * row, gain,
                                  delta + row * columns, gain_gradient,
                                  x_delta ? x_delta + row * columns : 0);
  }
}

#undef X
#undef DELTA
#undef ROW_SUMS
#undef ROWS_TOGETHER
#undef SUM_LANES
