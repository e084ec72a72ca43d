// Layer normalisation for all tiers and types; tier.inc.h defines the macros.

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

// Called with a constant flag, here and below, so that each form is a loop without branches.
static inline __attribute__((always_inline)) void NAME(normalized)(
    size_t rows, size_t columns, double epsilon, const SCALAR *restrict x,
    const SCALAR *restrict gain, SCALAR *restrict z, SCALAR *restrict statistics, int has_gain) {
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
    for (size_t j = 0; j < columns; j++) {
      const SCALAR normal = (x[j] - mean) * scale;
      z[j] = has_gain ? normal * gain[j] : normal;
    }
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

static inline __attribute__((always_inline)) void NAME(normalized_backward)(
    size_t rows, size_t columns, const SCALAR *restrict x, const SCALAR *restrict statistics,
    const SCALAR *restrict gain, const SCALAR *restrict delta, SCALAR *restrict gain_gradient,
    SCALAR *restrict x_delta, int has_gain) {
  if (has_gain) {
    VECTORIZED
    for (size_t j = 0; j < columns; j++) gain_gradient[j] = 0;
  }
  for (size_t row = 0; row < rows; row++, x += columns, delta += columns, statistics += 2) {
    const SCALAR mean = statistics[0], scale = statistics[1];
    if (has_gain) {
      VECTORIZED
      for (size_t j = 0; j < columns; j++) {
        gain_gradient[j] = gain_gradient[j] + delta[j] * ((x[j] - mean) * scale);
      }
    }
    if (!x_delta) continue;
    SCALAR sum, product;
    ROW_SUM(sum, NAME(scaled)(delta[j], gain, j, has_gain));
    ROW_SUM(product, NAME(scaled)(delta[j], gain, j, has_gain) * ((x[j] - mean) * scale));
    const SCALAR average = sum / (SCALAR)columns, slope = product / (SCALAR)columns;
    VECTORIZED
    for (size_t j = 0; j < columns; j++) {
      const SCALAR d = NAME(scaled)(delta[j], gain, j, has_gain);
      x_delta[j] = scale * ((d - average) - ((x[j] - mean) * scale) * slope);
    }
    x_delta += columns;
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

#undef ROW_SUM
