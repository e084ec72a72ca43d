// The sum of squares, of which a norm is the root, for all tiers and types; tier.inc.h defines the macros.

/// Eight numbers in double.
typedef double NAME(eight_doubles) __attribute__((vector_size(8 * sizeof(double))));

static inline __attribute__((always_inline)) void NAME(add_squares)(NAME(eight_doubles) *sum,
                                                                    const SCALAR *x) {
  NAME(eight) numbers;
  __builtin_memcpy(&numbers, x, sizeof numbers);
  const NAME(eight_doubles) doubles = __builtin_convertvector(numbers, NAME(eight_doubles));
  *sum += doubles * doubles;
}

/// Σ x², in double: there the squares of floats neither overflow nor vanish.
///
/// The lanes are written as vectors: clang turns a loop over them into narrow and wide operations, which take
/// three times as long.
static double NAME(sum_of_squares)(size_t count, const SCALAR *restrict x) {
  NAME(eight_doubles) first = {0}, second = {0};
  const size_t whole = count / SUM_LANES * SUM_LANES;
  for (size_t start = 0; start < whole; start += SUM_LANES) {
    NAME(add_squares)(&first, x + start);
    NAME(add_squares)(&second, x + start + 8);
  }
  for (size_t j = whole; j < count; j++) {
    const double square = (double)x[j] * x[j];
    if (j - whole < 8) first[j - whole] += square;
    else second[j - whole - 8] += square;
  }
  first += second;
  for (size_t width = 4; width > 0; width /= 2) {
    for (size_t l = 0; l < width; l++) first[l] += first[l + width];
  }
  return first[0];
}
