// Calls every kernel on every tier and for both types, over sizes around a vector's and values at the
// edges of a type. It is built with sanitizers that end it at the first undefined operation and at the
// first access beside a block; every block has exactly the size that a kernel may touch. Tiers must
// agree to the bit, NaNs among themselves.

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CSARSAVectorKernels.h"

static const size_t sizes[] = {0, 1, 15, 16, 17, 33, 100};
enum { SIZE_COUNT = sizeof sizes / sizeof *sizes, TIER_COUNT = 3, CAPACITY = 1 << 17 };

static long calls;

static void fail(const char *what, int tier, size_t rows, size_t columns) {
  fprintf(stderr, "%s: tier %d differs at %zu x %zu\n", what, tier, rows, columns);
  exit(1);
}

// A block of exactly so many elements, whose values go round the edges from a start of its own.
#define DEFINE_BLOCKS(scalar, suffix, tiny, huge)                                                  \
  static scalar *block_##suffix(size_t count, size_t start, int are_ordinary) {                    \
    static const scalar edges[] = {0,     -(scalar)0, 1,      -1,         tiny,      -tiny,        \
                                   huge,  -huge,      0.5,    -3,         INFINITY,  -INFINITY,    \
                                   NAN,   88,         -88,    709,        -745,      1e-20f,       \
                                   1e20f, -1e20f,     1.2784f, -1.2784f,  2.3993f,   -200};        \
    scalar *block = malloc(count ? count * sizeof(scalar) : 1);                                    \
    for (size_t i = 0; i < count; i++) {                                                           \
      block[i] = are_ordinary ? (scalar)((i * 7 + start) % 23) / 8 - 1                             \
                              : edges[(i + start) % (sizeof edges / sizeof *edges)];               \
    }                                                                                              \
    return block;                                                                                  \
  }                                                                                                \
  static scalar kept_##suffix[CAPACITY];                                                           \
  static size_t position_##suffix;                                                                 \
  /* The first tier's results are kept; those of others are held against them. */                  \
  static void check_##suffix(const char *what, int tier, scalar *block, size_t count, size_t rows, \
                             size_t columns) {                                                     \
    scalar *kept = kept_##suffix + position_##suffix;                                              \
    position_##suffix += count;                                                                    \
    if (position_##suffix > CAPACITY) abort();                                                     \
    if (tier == 0 && count) memcpy(kept, block, count * sizeof(scalar));                           \
    for (size_t i = 0; i < count; i++) {                                                           \
      if (memcmp(block + i, kept + i, sizeof(scalar)) && !(isnan(block[i]) && isnan(kept[i])))     \
        fail(what, tier, rows, columns);                                                           \
    }                                                                                              \
    free(block);                                                                                   \
    calls++;                                                                                       \
  }

DEFINE_BLOCKS(float, f32, FLT_TRUE_MIN, FLT_MAX)
DEFINE_BLOCKS(double, f64, DBL_TRUE_MIN, DBL_MAX)

#define DEFINE_DRIVER(scalar, suffix)                                                              \
  static void elementwise_##suffix(int tier, size_t rows, size_t columns, int ordinary) {          \
    size_t count = rows * columns;                                                                 \
    for (int32_t kind = SARSA_IDENTITY; kind <= SARSA_DSILU; kind++) {                             \
      for (int in_place = 0; in_place < 2; in_place++) {                                           \
        scalar *bias = block_##suffix(columns, 5, ordinary);                                       \
        scalar *z = block_##suffix(count, 0, ordinary);                                            \
        scalar *y = in_place ? z : block_##suffix(count, 1, ordinary);                             \
        sarsa_activate_##suffix(tier, kind, rows, columns, bias, z, y);                            \
        if (!in_place) check_##suffix("activate", tier, z, count, rows, columns);                  \
        check_##suffix("activate", tier, y, count, rows, columns);                                 \
        free(bias);                                                                                \
      }                                                                                            \
      scalar *values = block_##suffix(count, 2, ordinary);                                         \
      scalar *delta = block_##suffix(count, 9, ordinary);                                          \
      scalar *sums = block_##suffix(columns, 3, ordinary);                                         \
      sarsa_activate_backward_##suffix(tier, kind, rows, columns, values, delta, sums);            \
      check_##suffix("activate_backward", tier, delta, count, rows, columns);                      \
      check_##suffix("activate_backward", tier, sums, columns, rows, columns);                     \
      free(values);                                                                                \
    }                                                                                              \
  }                                                                                                \
                                                                                                   \
  static void layers_##suffix(int tier, size_t rows, size_t columns, int ordinary) {               \
    size_t count = rows * columns;                                                                 \
    scalar *x = block_##suffix(count, 0, ordinary), *gain = block_##suffix(columns, 4, ordinary);  \
    scalar *z = block_##suffix(count, 1, ordinary);                                                \
    scalar *statistics = block_##suffix(2 * rows, 2, ordinary);                                    \
    sarsa_normalize_##suffix(tier, rows, columns, 1e-5, x, gain, z, statistics);                   \
    check_##suffix("normalize", tier, z, count, rows, columns);                                    \
    scalar *plain = block_##suffix(count, 1, ordinary);                                            \
    sarsa_normalize_##suffix(tier, rows, columns, 1e-5, x, NULL, plain, statistics);               \
    check_##suffix("normalize", tier, plain, count, rows, columns);                                \
    scalar *upper = block_##suffix(count, 7, ordinary), *lower = block_##suffix(count, 6, ordinary); \
    sarsa_normalize_backward_##suffix(tier, rows, columns, x, statistics, NULL, upper, NULL, lower); \
    check_##suffix("normalize_backward", tier, lower, count, rows, columns);                       \
    free(upper);                                                                                   \
    for (int has_input = 0; has_input < 2; has_input++) {                                          \
      scalar *delta = block_##suffix(count, 7, ordinary);                                          \
      scalar *gain_gradient = block_##suffix(columns, 8, ordinary);                                \
      scalar *x_delta = block_##suffix(count, 6, ordinary);                                        \
      sarsa_normalize_backward_##suffix(tier, rows, columns, x, statistics, gain, delta,           \
                                        gain_gradient, has_input ? x_delta : NULL);                \
      check_##suffix("normalize_backward", tier, gain_gradient, columns, rows, columns);           \
      check_##suffix("normalize_backward", tier, x_delta, count, rows, columns);                   \
      free(delta);                                                                                 \
    }                                                                                              \
    check_##suffix("normalize", tier, statistics, 2 * rows, rows, columns);                        \
    free(x);                                                                                       \
    free(gain);                                                                                    \
    if (columns == 0) return; /* a dueling head has at least one action */                         \
    scalar *both = block_##suffix(rows * (columns + 1), 0, ordinary);                              \
    scalar *q = block_##suffix(count, 3, ordinary);                                                \
    sarsa_dueling_##suffix(tier, rows, columns, both, q);                                          \
    sarsa_dueling_backward_##suffix(tier, rows, columns, q, both);                                 \
    check_##suffix("dueling", tier, q, count, rows, columns);                                      \
    check_##suffix("dueling_backward", tier, both, rows * (columns + 1), rows, columns);           \
  }                                                                                                \
                                                                                                   \
  /* Boards whose cells have so many channels; the last patches of a row may leave cells over. */    \
  static void patches_##suffix(int tier, size_t rows, size_t channels, int ordinary) {             \
    if (channels == 0) return; /* a cell has at least one number */                                \
    for (size_t size = 1; size <= 3; size++) {                                                     \
      sarsa_patches patches = {3, 4, channels, size, 1 + size % 2};                                \
      size_t across = (4 - size) / patches.stride + 1, down = (3 - size) / patches.stride + 1;     \
      size_t count = rows * 12 * channels, copies = rows * down * across * size * size * channels; \
      scalar *x = block_##suffix(count, 0, ordinary), *columns = block_##suffix(copies, 3, ordinary); \
      sarsa_copy_patches_##suffix(tier, &patches, rows, x, columns);                               \
      sarsa_add_patches_##suffix(tier, &patches, rows, columns, x);                                \
      check_##suffix("patches", tier, columns, copies, rows, channels);                            \
      check_##suffix("patches", tier, x, count, rows, channels);                                   \
    }                                                                                              \
  }                                                                                                \
                                                                                                   \
  /* A matrix with a number in every third place, one way and the other. */                        \
  static void sparse_##suffix(int tier, size_t rows, size_t columns, int ordinary) {               \
    for (size_t inner = 1; inner < 150; inner += 37) {                                             \
      scalar *x = block_##suffix(rows * inner, 0, ordinary);                                       \
      for (size_t k = 0; k < rows * inner; k++) x[k] = k % 3 == 0 ? x[k] : 0;                      \
      scalar *upper = block_##suffix(rows * columns, 1, ordinary);                                 \
      scalar *lower = block_##suffix(inner * columns, 2, ordinary);                                \
      scalar *sums = block_##suffix(rows * columns, 3, ordinary);                                  \
      scalar *turned = block_##suffix(inner * columns, 4, ordinary);                               \
      sarsa_sparse_product_##suffix(tier, 0, rows, inner, columns, x, lower, sums);                \
      sarsa_sparse_product_##suffix(tier, 1, rows, inner, columns, x, upper, turned);              \
      check_##suffix("sparse_product", tier, sums, rows * columns, rows, columns);                 \
      check_##suffix("sparse_product", tier, turned, inner * columns, rows, columns);              \
      if (sarsa_count_nonzeros_##suffix(tier, rows * inner, x) > (rows * inner + 2) / 3) abort();  \
      free(x);                                                                                     \
      free(upper);                                                                                 \
      free(lower);                                                                                 \
    }                                                                                              \
  }                                                                                                \
                                                                                                   \
  /* Every combination of an optimiser's flags; what a step does not need is null. */              \
  static void optimizers_##suffix(int tier, size_t count, int ordinary) {                          \
    scalar *gradient = block_##suffix(count, 3, ordinary);                                         \
    if (sarsa_sum_of_squares_##suffix(tier, count, gradient) < 0) abort();                         \
    for (int flags = 0; flags < 4; flags++) {                                                      \
      int has_first = flags & 1, has_second = flags >> 1;                                          \
      scalar *p = block_##suffix(count, 0, ordinary), *a = block_##suffix(count, 1, ordinary);     \
      scalar *b = block_##suffix(count, 11, ordinary), *c = block_##suffix(count, 5, ordinary);    \
      scalar *d = block_##suffix(count, 6, ordinary), *e = block_##suffix(count, 7, ordinary);     \
      scalar *moving = block_##suffix(count, 8, ordinary);                                         \
      sarsa_adamw adamw = {0.99, 0.1, 0.999, 0.001, 0.003, 1 + flags, 1e-8, has_first};            \
      sarsa_adamw_step_##suffix(tier, count, &adamw, gradient, p, a, b);                           \
      sarsa_sgd sgd = {0.01, has_first ? 0.9 : 0, 0.01, has_second};                               \
      sarsa_sgd_step_##suffix(tier, count, &sgd, gradient, moving, has_first ? c : NULL);          \
      sarsa_rmsprop rmsprop = {0.01, 0.99, 1e-8, has_first ? 0.9 : 0, has_second};                 \
      sarsa_rmsprop_step_##suffix(tier, count, &rmsprop, gradient, moving, d,                      \
                                  has_second ? e : NULL, has_first ? c : NULL);                    \
      scalar *all[] = {p, a, b, c, d, e, moving};                                                  \
      for (int i = 0; i < 7; i++) check_##suffix("optimizers", tier, all[i], count, 1, count);     \
    }                                                                                              \
    free(gradient);                                                                                \
  }                                                                                                \
                                                                                                   \
  /* Both kinds of traces, and a step along them with and without the gradient. */                 \
  static void traces_##suffix(int tier, size_t count, int ordinary) {                              \
    scalar *gradient = block_##suffix(count, 3, ordinary);                                         \
    for (int flag = 0; flag < 2; flag++) {                                                         \
      scalar *z = block_##suffix(count, 1, ordinary), *p = block_##suffix(count, 0, ordinary);     \
      scalar *sum = malloc(sizeof(scalar));                                                        \
      sarsa_trace trace = {0.72, 1.5, flag};                                                       \
      *sum = sarsa_update_trace_##suffix(tier, count, &trace, gradient, z);                        \
      sarsa_follow_trace_##suffix(tier, count, 0.3, -0.25, z, flag ? gradient : NULL, p);          \
      check_##suffix("update_trace", tier, sum, 1, 1, count);                                      \
      check_##suffix("update_trace", tier, z, count, 1, count);                                    \
      check_##suffix("follow_trace", tier, p, count, 1, count);                                    \
    }                                                                                              \
    free(gradient);                                                                                \
  }                                                                                                \
                                                                                                   \
  static void drive_##suffix(void) {                                                               \
    for (int ordinary = 0; ordinary < 2; ordinary++) {                                             \
      for (size_t i = 0; i < SIZE_COUNT; i++) {                                                    \
        for (size_t rows = 0; rows < 4; rows++) {                                                  \
          for (int tier = 0; tier <= sarsa_highest_kernel_tier(); tier++) {                        \
            position_##suffix = 0;                                                                 \
            elementwise_##suffix(tier, rows, sizes[i], ordinary);                                  \
            layers_##suffix(tier, rows, sizes[i], ordinary);                                       \
            patches_##suffix(tier, rows, sizes[i], ordinary);                                      \
            sparse_##suffix(tier, rows, sizes[i], ordinary);                                       \
            if (rows == 0) optimizers_##suffix(tier, sizes[i], ordinary);                          \
            if (rows == 0) traces_##suffix(tier, sizes[i], ordinary);                              \
          }                                                                                        \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }

DEFINE_DRIVER(float, f32)
DEFINE_DRIVER(double, f64)

static void prefetch(void) {
  for (size_t i = 0; i < SIZE_COUNT; i++) {
    size_t record_size = sizes[i] + 1;
    char *records = calloc(5, record_size);
    const ptrdiff_t indices[] = {4, 0, 2};
    sarsa_prefetch(records, record_size, indices, 3);
    sarsa_prefetch(records, record_size, NULL, 0);
    free(records);
    calls++;
  }
}

int main(void) {
  drive_f32();
  drive_f64();
  prefetch();
  printf("%ld results of kernels on %d tiers are sound and equal\n", calls,
         (int)sarsa_highest_kernel_tier() + 1);
  return 0;
}
