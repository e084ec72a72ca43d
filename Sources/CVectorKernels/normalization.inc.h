// Layer normalisation for all tiers and types; tier.inc.h defines the macros.

/// Does `body` for each vector of a row, which begins at column `start` and has `count` numbers: 16, or fewer in the
/// last one.
#define FOR_LANES(body)                                                                     \
  do {                                                                                      \
    size_t start = 0;                                                                       \
    for (const size_t count = SUM_LANES; start + count <= columns; start += count) body     \
    const size_t count = columns - start;                                                   \
    if (count > 0) body                                                                     \
  } while (0)

// Rows are taken four at a time: their sums do not wait for each other.
#define ROWS_TOGETHER 4

// Called with a constant n and flag, so that the loops over rows are unrolled, and the flag costs nothing.
static inline __attribute__((always_inline)) void NAME(normalize_rows)(
    const size_t n, size_t columns, double epsilon, const SCALAR *restrict x,
    const SCALAR *restrict gain, SCALAR *restrict z, SCALAR *restrict statistics, int has_gain) {
  NAME(lanes) numbers, gains, sums[ROWS_TOGETHER] = {{0}}, squares[ROWS_TOGETHER] = {{0}};
  SCALAR means[ROWS_TOGETHER], scales[ROWS_TOGETHER];
  FOR_LANES({
    for (size_t r = 0; r < n; r++) {
      NAME(load)(&numbers, x + r * columns + start, count, 0);
      sums[r] += numbers;
    }
  });
  for (size_t r = 0; r < n; r++) means[r] = NAME(fold)(&sums[r]) / (SCALAR)columns;
  FOR_LANES({
    for (size_t r = 0; r < n; r++) {
      NAME(load)(&numbers, x + r * columns + start, count, means[r]);
      squares[r] += (numbers - means[r]) * (numbers - means[r]);
    }
  });
  for (size_t r = 0; r < n; r++) {
    const SCALAR variance = NAME(fold)(&squares[r]) / (SCALAR)columns;
    scales[r] = 1 / __builtin_elementwise_sqrt(variance + (SCALAR)epsilon);
    statistics[2 * r] = means[r];
    statistics[2 * r + 1] = scales[r];
  }
  FOR_LANES({
    if (has_gain) NAME(load)(&gains, gain + start, count, 0);
    for (size_t r = 0; r < n; r++) {
      NAME(load)(&numbers, x + r * columns + start, count, means[r]);
      numbers = (numbers - means[r]) * scales[r];
      if (has_gain) numbers *= gains;
      NAME(store)(&numbers, z + r * columns + start, count);
    }
  });
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

// One row at a time: it has two sums, and those of four rows would take all sixteen registers of AVX2.
static inline __attribute__((always_inline)) void NAME(normalize_row_backward)(
    size_t columns, const SCALAR *restrict x, SCALAR mean, SCALAR scale,
    const SCALAR *restrict gain, const SCALAR *restrict delta, SCALAR *restrict gain_gradient,
    SCALAR *restrict x_delta, int has_gain) {
  NAME(lanes) numbers, deltas, gains, gradients, sums = {0}, products = {0};
  FOR_LANES({
    NAME(load)(&numbers, x + start, count, mean);
    NAME(load)(&deltas, delta + start, count, 0);
    const NAME(lanes) normals = (numbers - mean) * scale;
    if (has_gain) {
      NAME(load)(&gradients, gain_gradient + start, count, 0);
      gradients += deltas * normals;
      NAME(store)(&gradients, gain_gradient + start, count);
      NAME(load)(&gains, gain + start, count, 0);
      deltas *= gains;
    }
    if (x_delta) {
      sums += deltas;
      products += deltas * normals;
    }
  });
  if (!x_delta) return;
  const SCALAR average = NAME(fold)(&sums) / (SCALAR)columns;
  const SCALAR slope = NAME(fold)(&products) / (SCALAR)columns;
  FOR_LANES({
    NAME(load)(&numbers, x + start, count, mean);
    NAME(load)(&deltas, delta + start, count, 0);
    if (has_gain) {
      NAME(load)(&gains, gain + start, count, 0);
      deltas *= gains;
    }
    numbers = scale * ((deltas - average) - ((numbers - mean) * scale) * slope);
    NAME(store)(&numbers, x_delta + start, count);
  });
}

static inline __attribute__((always_inline)) void NAME(normalized_backward)(
    size_t rows, size_t columns, const SCALAR *restrict x, const SCALAR *restrict statistics,
    const SCALAR *restrict gain, const SCALAR *restrict delta, SCALAR *restrict gain_gradient,
    SCALAR *restrict x_delta, int has_gain) {
  if (has_gain) __builtin_memset(gain_gradient, 0, columns * sizeof *gain_gradient);
  for (size_t row = 0; row < rows; row++) {
    NAME(normalize_row_backward)(columns, x + row * columns, statistics[2 * row],
                                 statistics[2 * row + 1], gain, delta + row * columns,
                                 gain_gradient, x_delta ? x_delta + row * columns : 0, has_gain);
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

#undef FOR_LANES
#undef ROWS_TOGETHER
