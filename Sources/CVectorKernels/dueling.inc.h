// The dueling head for all tiers and types; tier.inc.h defines the macros.
//
// Rows have only a few actions, too few to vectorise. Sums go from first to last.

static void NAME(dueling)(size_t rows, size_t actions, const SCALAR *restrict x,
                          SCALAR *restrict q) {
  for (size_t row = 0; row < rows; row++, x += actions + 1, q += actions) {
    SCALAR sum = 0;
    for (size_t j = 0; j < actions; j++) sum = sum + x[1 + j];
    const SCALAR mean = sum / (SCALAR)actions;
    for (size_t j = 0; j < actions; j++) q[j] = x[0] + (x[1 + j] - mean);
  }
}

static void NAME(dueling_backward)(size_t rows, size_t actions, const SCALAR *restrict delta,
                                   SCALAR *restrict x_delta) {
  for (size_t row = 0; row < rows; row++, delta += actions, x_delta += actions + 1) {
    SCALAR sum = 0;
    for (size_t j = 0; j < actions; j++) sum = sum + delta[j];
    const SCALAR mean = sum / (SCALAR)actions;
    x_delta[0] = sum;
    for (size_t j = 0; j < actions; j++) x_delta[1 + j] = delta[j] - mean;
  }
}
