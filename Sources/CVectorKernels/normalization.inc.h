// Layer normalisation for all tiers and types; tier.inc.h defines the macros.
//
// Sums over a row are computed in sixteen lanes, with element j in lane j mod 16, and the lanes are added
// pairwise in halves. Every instruction set can use this order, so all give the same bits.

#define SUM_LANES 16

static inline __attribute__((always_inline)) SCALAR NAME(fold)(SCALAR *restrict lanes) {
  for (size_t width = SUM_LANES / 2; width > 0; width /= 2) {
    for (size_t l = 0; l < width; l++) lanes[l] = lanes[l] + lanes[l + width];
  }
  return lanes[0];
}

/// Σ over a row of TERM, an expression in j.
#define ROW_SUM(total, TERM)                                                      \
  do {                                                                            \
    SCALAR lanes[SUM_LANES] = {0};                                                \
    size_t whole = columns / SUM_LANES * SUM_LANES;                               \
    for (size_t start = 0; start < whole; start += SUM_LANES) {                   \
      VECTORIZED                                                                  \
      for (size_t l = 0; l < SUM_LANES; l++) {                                    \
        size_t j = start + l;                                                     \
        lanes[l] = lanes[l] + (TERM);                                             \
      }                                                                           \
    }                                                                             \
    for (size_t j = whole; j < columns; j++) lanes[j - whole] = lanes[j - whole] + (TERM); \
    total = NAME(fold)(lanes);                                                    \
  } while (0)

static void NAME(normalize)(size_t rows, size_t columns, double epsilon, const SCALAR *restrict x,
                            const SCALAR *restrict gain, SCALAR *restrict z,
                            SCALAR *restrict statistics) {
  for (size_t row = 0; row < rows; row++, x += columns, z += columns, statistics += 2) {
    SCALAR total, squares;
    ROW_SUM(total, x[j]);
    const SCALAR mean = total / (SCALAR)columns;
    ROW_SUM(squares, (x[j] - mean) * (x[j] - mean));
    const SCALAR variance = squares / (SCALAR)columns;
    const SCALAR scale = 1 / __builtin_elementwise_sqrt(variance + (SCALAR)epsilon);
    statistics[0] = mean;
    statistics[1] = scale;
    VECTORIZED
    for (size_t j = 0; j < columns; j++) z[j] = ((x[j] - mean) * scale) * gain[j];
  }
}

static void NAME(normalize_backward)(size_t rows, size_t columns, const SCALAR *restrict x,
                                     const SCALAR *restrict statistics,
                                     const SCALAR *restrict gain, const SCALAR *restrict delta,
                                     SCALAR *restrict gain_gradient, SCALAR *restrict x_delta) {
  VECTORIZED
  for (size_t j = 0; j < columns; j++) gain_gradient[j] = 0;
  for (size_t row = 0; row < rows; row++, x += columns, delta += columns, statistics += 2) {
    const SCALAR mean = statistics[0], scale = statistics[1];
    VECTORIZED
    for (size_t j = 0; j < columns; j++) {
      gain_gradient[j] = gain_gradient[j] + delta[j] * ((x[j] - mean) * scale);
    }
    if (!x_delta) continue;
    SCALAR sum, product;
    ROW_SUM(sum, delta[j] * gain[j]);
    ROW_SUM(product, (delta[j] * gain[j]) * ((x[j] - mean) * scale));
    const SCALAR average = sum / (SCALAR)columns, slope = product / (SCALAR)columns;
    VECTORIZED
    for (size_t j = 0; j < columns; j++) {
      x_delta[j] = scale * ((delta[j] * gain[j] - average) - ((x[j] - mean) * scale) * slope);
    }
    x_delta += columns;
  }
}

#undef ROW_SUM
#undef SUM_LANES
