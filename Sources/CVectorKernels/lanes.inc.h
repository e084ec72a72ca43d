// Vectors of SUM_LANES numbers, for all tiers and types; tier.inc.h defines the macros.
//
// Where a kernel sums rows, its lanes are vectors: clang vectorises a loop over an array of lanes too, but keeps the
// array in memory.

typedef SCALAR NAME(lanes) __attribute__((vector_size(16 * sizeof(SCALAR))));
typedef SCALAR NAME(eight) __attribute__((vector_size(8 * sizeof(SCALAR))));
typedef SCALAR NAME(four) __attribute__((vector_size(4 * sizeof(SCALAR))));
_Static_assert(SUM_LANES == 16, "the lanes of a sum are one vector");

/// The `count` numbers at x; behind the last one, `fill`.
static inline __attribute__((always_inline)) void NAME(load)(NAME(lanes) *lanes, const SCALAR *x,
                                                             size_t count, SCALAR fill) {
  if (count == SUM_LANES) {
    __builtin_memcpy(lanes, x, sizeof *lanes);
    return;
  }
  const NAME(four) none = (NAME(four)){0} + fill;
  NAME(four) parts[4] = {none, none, none, none};
  for (size_t part = 0; part < 4; part++) {
    const size_t first = 4 * part;
    if (first + 4 <= count) {
      __builtin_memcpy(&parts[part], x + first, sizeof none);
    } else {
      for (size_t l = 0; l < 3; l++) {
        if (first + l < count) parts[part][l] = x[first + l];
      }
    }
  }
  *lanes = __builtin_shufflevector(
      __builtin_shufflevector(parts[0], parts[1], 0, 1, 2, 3, 4, 5, 6, 7),
      __builtin_shufflevector(parts[2], parts[3], 0, 1, 2, 3, 4, 5, 6, 7), 0, 1, 2, 3, 4, 5, 6, 7,
      8, 9, 10, 11, 12, 13, 14, 15);
}

/// Writes the first `count` lanes.
static inline __attribute__((always_inline)) void NAME(store)(const NAME(lanes) *lanes, SCALAR *x,
                                                              size_t count) {
  if (count == SUM_LANES) {
    __builtin_memcpy(x, lanes, sizeof *lanes);
    return;
  }
  SCALAR numbers[SUM_LANES];
  __builtin_memcpy(numbers, lanes, sizeof *lanes);
  size_t l = 0;
  for (; l + 4 <= count; l += 4) __builtin_memcpy(x + l, numbers + l, 4 * sizeof *x);
  for (; l < count; l++) x[l] = numbers[l];
}

/// The sum of the lanes, added pairwise in halves.
static inline __attribute__((always_inline)) SCALAR NAME(fold)(const NAME(lanes) *lanes) {
  const NAME(eight) eight = __builtin_shufflevector(*lanes, *lanes, 0, 1, 2, 3, 4, 5, 6, 7) +
                            __builtin_shufflevector(*lanes, *lanes, 8, 9, 10, 11, 12, 13, 14, 15);
  const NAME(four) four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3) +
                          __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
  return (four[0] + four[2]) + (four[1] + four[3]);
}
