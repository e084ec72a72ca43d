// Products with a matrix of mostly zeros for all tiers and types; tier.inc.h defines the macros.
//
// The matrix is stored in full. Its numbers that are not zero are found 64 at a time, as the bits of a word. A sum is
// in the order of the inner dimension, one term after the other.

// So many terms are added in one pass over the columns.
#define TERMS 8

// Bit k: whether x[k] is not zero, which a NaN is not.
static inline uint64_t NAME(nonzeros)(size_t count, const SCALAR *restrict x) {
  uint64_t bits = 0;
  if (count == 64) {
    for (size_t k = 0; k < 64; k++) bits |= (uint64_t)(x[k] != 0) << k;
  } else {
    for (size_t k = 0; k < count; k++) bits |= (uint64_t)(x[k] != 0) << k;
  }
  return bits;
}

// z [columns] += factors[0]·lines[0] + factors[1]·lines[1] + …, from the left.
static inline __attribute__((always_inline)) void NAME(add_terms)(size_t terms, size_t columns,
                                                                  const SCALAR *restrict factors,
                                                                  const SCALAR *const *restrict lines,
                                                                  SCALAR *restrict z) {
  FOR_COLUMNS(j, columns, 1, {
    SCALAR sum = z[j];
    PRAGMA(clang loop unroll(full))
    for (size_t t = 0; t < terms; t++) sum = sum + factors[t] * lines[t][j];
    z[j] = sum;
  });
}

// The same, with a loop for each number of terms.
static void NAME(add)(size_t terms, size_t columns, const SCALAR *factors, const SCALAR *const *lines,
                      SCALAR *z) {
  switch (terms) {
    case 1: NAME(add_terms)(1, columns, factors, lines, z); break;
    case 2: NAME(add_terms)(2, columns, factors, lines, z); break;
    case 3: NAME(add_terms)(3, columns, factors, lines, z); break;
    case 4: NAME(add_terms)(4, columns, factors, lines, z); break;
    case 5: NAME(add_terms)(5, columns, factors, lines, z); break;
    case 6: NAME(add_terms)(6, columns, factors, lines, z); break;
    case 7: NAME(add_terms)(7, columns, factors, lines, z); break;
    case TERMS: NAME(add_terms)(TERMS, columns, factors, lines, z); break;
  }
}

// z [columns] += x[k·stride]·(row k of b) for each bit k, TERMS at a time. The last ones may stay in factors and lines:
// how many these have is returned, and is given when more are to follow.
static inline __attribute__((always_inline)) size_t NAME(add_lines)(
    uint64_t bits, const SCALAR *restrict x, size_t stride, const SCALAR *restrict b, size_t columns,
    size_t terms, SCALAR *restrict factors, const SCALAR **restrict lines, SCALAR *restrict z) {
  for (; bits; bits &= bits - 1) {
    const size_t k = (size_t)__builtin_ctzll(bits);
    factors[terms] = x[k * stride];
    lines[terms++] = b + k * columns;
    if (terms == TERMS) {
      NAME(add)(TERMS, columns, factors, lines, z);
      terms = 0;
    }
  }
  return terms;
}

static size_t NAME(count_nonzeros)(size_t count, const SCALAR *restrict x) {
  size_t result = 0;
  for (size_t k = 0; k < count; k++) result += x[k] != 0;
  return result;
}

// z [rows, columns] ← x·b, with x [rows, inner], b [inner, columns].
static void NAME(sparse_product)(size_t rows, size_t inner, size_t columns, const SCALAR *restrict x,
                                 const SCALAR *restrict b, SCALAR *restrict z) {
  SCALAR factors[TERMS];
  const SCALAR *lines[TERMS];
  for (size_t row = 0; row < rows; row++, x += inner, z += columns) {
    for (size_t j = 0; j < columns; j++) z[j] = 0;
    size_t terms = 0;
    for (size_t start = 0; start < inner; start += 64) {
      const uint64_t bits = NAME(nonzeros)(inner - start < 64 ? inner - start : 64, x + start);
      terms = NAME(add_lines)(bits, x + start, 1, b + start * columns, columns, terms, factors, lines, z);
    }
    NAME(add)(terms, columns, factors, lines, z);
  }
}

// z [inner, columns] ← xᵀ·b, with x [rows, inner], b [rows, columns]: 64 columns of x at a time, whose bits are
// turned from rows into columns, 64 rows at a time.
static void NAME(sparse_transposed_product)(size_t rows, size_t inner, size_t columns,
                                            const SCALAR *restrict x, const SCALAR *restrict b,
                                            SCALAR *restrict z) {
  SCALAR factors[TERMS];
  const SCALAR *lines[TERMS];
  for (size_t k = 0; k < inner * columns; k++) z[k] = 0;
  for (size_t start = 0; start < inner; start += 64) {
    const size_t width = inner - start < 64 ? inner - start : 64;
    for (size_t top = 0; top < rows; top += 64) {
      uint64_t bits[64] = {0};
      for (size_t i = 0; i < 64 && top + i < rows; i++) {
        bits[i] = NAME(nonzeros)(width, x + (top + i) * inner + start);
      }
      transpose_bits(bits);
      for (size_t k = 0; k < width; k++) {
        SCALAR *const line = z + (start + k) * columns;
        const size_t terms = NAME(add_lines)(bits[k], x + top * inner + start + k, inner, b + top * columns,
                                             columns, 0, factors, lines, line);
        NAME(add)(terms, columns, factors, lines, line);
      }
    }
  }
}

#undef TERMS
