// The kernels, once. The including file defines
//   SCALAR, BITS, EXPONENT   a floating-point type, the integer of its width, its exponent's mask
//   NAME(kernel)             the function's name in this tier and for this type
//   LANES                    elements of one vector register: what a loop is vectorised to
// and has switched contraction off. Loops are plain, so that the compiler vectorises them for
// whatever tier is being compiled; `restrict` is what makes that legal.

static void NAME(add_bias)(size_t rows, size_t columns, const SCALAR *restrict bias,
                           SCALAR *restrict matrix) {
  for (size_t row = 0; row < rows; row++, matrix += columns) {
    VECTORIZED
    for (size_t j = 0; j < columns; j++) matrix[j] = matrix[j] + bias[j];
  }
}

static void NAME(add_bias_relu)(size_t rows, size_t columns, const SCALAR *restrict bias,
                                SCALAR *restrict matrix) {
  for (size_t row = 0; row < rows; row++, matrix += columns) {
    VECTORIZED
    for (size_t j = 0; j < columns; j++) {
      SCALAR y = matrix[j] + bias[j];
      matrix[j] = y < 0 ? 0 : y;  // not `y > 0 ? y : 0`: that would hide a NaN
    }
  }
}

static void NAME(column_sums)(size_t rows, size_t columns, const SCALAR *restrict matrix,
                              SCALAR *restrict sums) {
  VECTORIZED
  for (size_t j = 0; j < columns; j++) sums[j] = 0;
  for (size_t row = 0; row < rows; row++, matrix += columns) {
    VECTORIZED
    for (size_t j = 0; j < columns; j++) sums[j] = sums[j] + matrix[j];
  }
}

static void NAME(relu_backward)(size_t rows, size_t columns, const SCALAR *restrict activation,
                                SCALAR *restrict delta, SCALAR *restrict sums) {
  VECTORIZED
  for (size_t j = 0; j < columns; j++) sums[j] = 0;
  for (size_t row = 0; row < rows; row++, activation += columns, delta += columns) {
    VECTORIZED
    for (size_t j = 0; j < columns; j++) {
      SCALAR d = activation[j] <= 0 ? 0 : delta[j];
      delta[j] = d;
      sums[j] = sums[j] + d;
    }
  }
}
