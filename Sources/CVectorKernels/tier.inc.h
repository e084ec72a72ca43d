// The kernels of one tier: each file for float, then for double. A kernel's file uses these macros:
//   SCALAR, BITS, EXPONENT   a floating-point type, the integer of its width, its exponent's mask
//   NAME(kernel)             the function's name in this tier and for this type
//   LANES                    elements of one vector register: what a loop is vectorised to
// Contraction is switched off. Loops are simple, so that the compiler vectorises them for the tier that
// is being compiled; `restrict` allows it to.
// The compiler prefers half registers on AVX-512; AdamW takes 1.9 times as long with them.
#define VECTORIZED PRAGMA(clang loop vectorize_width(LANES))
// For a loop over the columns of a row, which may be few: two vectors per iteration, then the remaining
// vectors one by one if a constant argument is true. Otherwise the compiler would process four vectors
// per iteration and the rest element by element, which takes a quarter of a small network's step. The
// operands are either identical or do not overlap.
#define FOR_COLUMNS(j, columns, has_rest, body)                                                    \
  do {                                                                                             \
    const size_t pairs = has_rest ? (columns) / (2 * LANES) * (2 * LANES) : (columns);             \
    PRAGMA(clang loop vectorize(assume_safety) vectorize_width(LANES) interleave_count(2))         \
    for (size_t j = 0; j < pairs; j++) body                                                        \
    if (has_rest) {                                                                                \
      PRAGMA(clang loop vectorize(assume_safety) vectorize_width(LANES) interleave_count(1))       \
      for (size_t j = pairs; j < (columns); j++) body                                              \
    }                                                                                              \
  } while (0)

// A sum is computed in so many lanes, with element j in lane j mod 16, and the lanes are added pairwise in
// halves. Every instruction set can use this order, so all give the same bits.
#define SUM_LANES 16

#define SCALAR float
#define LANES (VECTOR_BYTES / 4)
#define BITS uint32_t
#define EXPONENT 0x7F800000u
#define NAME(kernel) JOIN(JOIN(TIER, _f32_), kernel)
#include "lanes.inc.h"
#include "activations.inc.h"
#include "dueling.inc.h"
#include "norm.inc.h"
#include "normalization.inc.h"
#include "optimizers.inc.h"
#include "patches.inc.h"
#include "scaling.inc.h"
#include "sparse.inc.h"
#include "traces.inc.h"
#undef SCALAR
#undef LANES
#undef BITS
#undef EXPONENT
#undef NAME

#define SCALAR double
#define LANES (VECTOR_BYTES / 8)
#define BITS uint64_t
#define EXPONENT 0x7FF0000000000000u
#define NAME(kernel) JOIN(JOIN(TIER, _f64_), kernel)
#include "lanes.inc.h"
#include "activations.inc.h"
#include "dueling.inc.h"
#include "norm.inc.h"
#include "normalization.inc.h"
#include "optimizers.inc.h"
#include "patches.inc.h"
#include "scaling.inc.h"
#include "sparse.inc.h"
#include "traces.inc.h"
#undef SCALAR
#undef LANES
#undef BITS
#undef EXPONENT
#undef NAME

#undef VECTORIZED
#undef SUM_LANES
#undef FOR_COLUMNS
