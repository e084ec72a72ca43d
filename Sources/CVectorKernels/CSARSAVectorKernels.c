#include "CSARSAVectorKernels.h"

// A fused multiply-add rounds once where two operations round twice. Only some tiers have one.
#pragma STDC FP_CONTRACT OFF

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define PRAGMA_(text) _Pragma(#text)
#define PRAGMA(text) PRAGMA_(text)

// Bit j of word i ← bit i of word j: halves of the matrix change places, then halves of these, ….
// Source: H. S. Warren, "Hacker's Delight", §7–3.
static void transpose_bits(uint64_t words[64]) {
  uint64_t low = 0x00000000FFFFFFFFu;
  for (size_t half = 32; half > 0; half /= 2, low ^= low << half) {
    for (size_t i = 0; i < 64; i++) {
      if (i & half) continue;
      const uint64_t both = ((words[i] >> half) ^ words[i + half]) & low;
      words[i] ^= both << half;
      words[i + half] ^= both;
    }
  }
}

// One inclusion per tier, each for both types.
#define TIER baseline
#define VECTOR_BYTES 16
#include "tier.inc.h"
#undef TIER
#undef VECTOR_BYTES

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define TIER v3
#define VECTOR_BYTES 32
#include "tier.inc.h"
#undef TIER
#undef VECTOR_BYTES
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), \
                             apply_to = function)
#define TIER v4
#define VECTOR_BYTES 64
#include "tier.inc.h"
#undef TIER
#undef VECTOR_BYTES
#pragma clang attribute pop

#define TIERS(kernel) {JOIN(baseline_, kernel), JOIN(v3_, kernel), JOIN(v4_, kernel)}

int32_t sarsa_highest_kernel_tier(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return SARSA_KERNELS_X86_64_V4;
  if (__builtin_cpu_supports("x86-64-v3")) return SARSA_KERNELS_X86_64_V3;
  return SARSA_KERNELS_BASELINE;
}
#else
#define TIERS(kernel) {JOIN(baseline_, kernel)}

int32_t sarsa_highest_kernel_tier(void) { return SARSA_KERNELS_BASELINE; }
#endif

void sarsa_prefetch(const void *base, size_t record_size, const ptrdiff_t *indices, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const char *record = (const char *)base + (size_t)indices[i] * record_size;
    for (size_t line = 0; line < record_size; line += 64) __builtin_prefetch(record + line);
    __builtin_prefetch(record + record_size - 1);
  }
}

#define DEFINE_DISPATCH(scalar, suffix)                                                            \
  void sarsa_activate_##suffix(int32_t tier, int32_t kind, size_t rows, size_t columns,            \
                               const scalar *bias, scalar *z, scalar *y) {                         \
    static void (*const table[])(int32_t, size_t, size_t, const scalar *, scalar *, scalar *) =    \
        TIERS(JOIN(suffix##_, activate));                                                          \
    table[tier](kind, rows, columns, bias, z, y);                                                  \
  }                                                                                                \
  void sarsa_activate_backward_##suffix(int32_t tier, int32_t kind, size_t rows, size_t columns,   \
                                        const scalar *values, scalar *delta, scalar *sums) {       \
    static void (*const table[])(int32_t, size_t, size_t, const scalar *, scalar *, scalar *) =    \
        TIERS(JOIN(suffix##_, activate_backward));                                                 \
    table[tier](kind, rows, columns, values, delta, sums);                                         \
  }                                                                                                \
  int32_t sarsa_adamw_step_##suffix(int32_t tier, size_t count, const sarsa_adamw *step,           \
                                    const scalar *gradient, scalar *parameter, scalar *first,      \
                                    scalar *second) {                                              \
    static int32_t (*const table[])(size_t, const sarsa_adamw *, const scalar *, scalar *,         \
                                    scalar *, scalar *) =                                          \
        TIERS(JOIN(suffix##_, adamw_step));                                                        \
    return table[tier](count, step, gradient, parameter, first, second);                           \
  }                                                                                                \
  int32_t sarsa_sgd_step_##suffix(int32_t tier, size_t count, const sarsa_sgd *step,               \
                                  const scalar *gradient, scalar *parameter, scalar *velocity) {   \
    static int32_t (*const table[])(size_t, const sarsa_sgd *, const scalar *, scalar *,           \
                                    scalar *) = TIERS(JOIN(suffix##_, sgd_step));                  \
    return table[tier](count, step, gradient, parameter, velocity);                                \
  }                                                                                                \
  int32_t sarsa_rmsprop_step_##suffix(int32_t tier, size_t count, const sarsa_rmsprop *step,       \
                                      const scalar *gradient, scalar *parameter, scalar *square,   \
                                      scalar *mean, scalar *velocity) {                            \
    static int32_t (*const table[])(size_t, const sarsa_rmsprop *, const scalar *, scalar *,       \
                                    scalar *, scalar *, scalar *) =                                \
        TIERS(JOIN(suffix##_, rmsprop_step));                                                      \
    return table[tier](count, step, gradient, parameter, square, mean, velocity);                  \
  }                                                                                                \
  scalar sarsa_update_trace_##suffix(int32_t tier, size_t count, const sarsa_trace *scalars,       \
                                     const scalar *gradient, scalar *trace) {                      \
    static scalar (*const table[])(size_t, const sarsa_trace *, const scalar *, scalar *) =        \
        TIERS(JOIN(suffix##_, update_trace));                                                      \
    return table[tier](count, scalars, gradient, trace);                                           \
  }                                                                                                \
  int32_t sarsa_follow_trace_##suffix(int32_t tier, size_t count, double factor,                   \
                                      double correction, const scalar *trace,                      \
                                      const scalar *gradient, scalar *parameter) {                 \
    static int32_t (*const table[])(size_t, double, double, const scalar *, const scalar *,        \
                                    scalar *) = TIERS(JOIN(suffix##_, follow_trace));              \
    return table[tier](count, factor, correction, trace, gradient, parameter);                     \
  }                                                                                                \
  void sarsa_normalize_##suffix(int32_t tier, size_t rows, size_t columns, double epsilon,         \
                                const scalar *x, const scalar *gain, scalar *z,                    \
                                scalar *statistics) {                                              \
    static void (*const table[])(size_t, size_t, double, const scalar *, const scalar *, scalar *, \
                                 scalar *) = TIERS(JOIN(suffix##_, normalize));                    \
    table[tier](rows, columns, epsilon, x, gain, z, statistics);                                   \
  }                                                                                                \
  void sarsa_normalize_backward_##suffix(int32_t tier, size_t rows, size_t columns,                \
                                         const scalar *x, const scalar *statistics,                \
                                         const scalar *gain, const scalar *delta,                  \
                                         scalar *gain_gradient, scalar *x_delta) {                 \
    static void (*const table[])(size_t, size_t, const scalar *, const scalar *, const scalar *,   \
                                 const scalar *, scalar *, scalar *) =                             \
        TIERS(JOIN(suffix##_, normalize_backward));                                                \
    table[tier](rows, columns, x, statistics, gain, delta, gain_gradient, x_delta);                \
  }                                                                                                \
  void sarsa_dueling_##suffix(int32_t tier, size_t rows, size_t actions, const scalar *x,          \
                              scalar *q) {                                                         \
    static void (*const table[])(size_t, size_t, const scalar *, scalar *) =                       \
        TIERS(JOIN(suffix##_, dueling));                                                           \
    table[tier](rows, actions, x, q);                                                              \
  }                                                                                                \
  void sarsa_dueling_backward_##suffix(int32_t tier, size_t rows, size_t actions,                  \
                                       const scalar *delta, scalar *x_delta) {                     \
    static void (*const table[])(size_t, size_t, const scalar *, scalar *) =                       \
        TIERS(JOIN(suffix##_, dueling_backward));                                                  \
    table[tier](rows, actions, delta, x_delta);                                                    \
  }                                                                                                \
  void sarsa_copy_patches_##suffix(int32_t tier, const sarsa_patches *patches, size_t rows,        \
                                   const scalar *x, scalar *columns) {                             \
    static void (*const table[])(const sarsa_patches *, size_t, const scalar *, scalar *) =        \
        TIERS(JOIN(suffix##_, copy_patches));                                                      \
    table[tier](patches, rows, x, columns);                                                        \
  }                                                                                                \
  void sarsa_add_patches_##suffix(int32_t tier, const sarsa_patches *patches, size_t rows,         \
                                  const scalar *columns, scalar *x) {                              \
    static void (*const table[])(const sarsa_patches *, size_t, const scalar *, scalar *) =        \
        TIERS(JOIN(suffix##_, add_patches));                                                       \
    table[tier](patches, rows, columns, x);                                                        \
  }                                                                                                \
  double sarsa_sum_of_squares_##suffix(int32_t tier, size_t count, const scalar *x) {              \
    static double (*const table[])(size_t, const scalar *) =                                       \
        TIERS(JOIN(suffix##_, sum_of_squares));                                                    \
    return table[tier](count, x);                                                                  \
  }                                                                                                \
  size_t sarsa_count_nonzeros_##suffix(int32_t tier, size_t count, const scalar *x) {              \
    static size_t (*const table[])(size_t, const scalar *) =                                       \
        TIERS(JOIN(suffix##_, count_nonzeros));                                                    \
    return table[tier](count, x);                                                                  \
  }                                                                                                \
  void sarsa_sparse_product_##suffix(int32_t tier, int32_t transposes, size_t rows, size_t inner,  \
                                     size_t columns, const scalar *x, const scalar *b, scalar *z) {\
    static void (*const table[])(size_t, size_t, size_t, const scalar *, const scalar *, scalar *) =\
        TIERS(JOIN(suffix##_, sparse_product));                                                    \
    static void (*const transposed[])(size_t, size_t, size_t, const scalar *, const scalar *,      \
                                      scalar *) = TIERS(JOIN(suffix##_, sparse_transposed_product));\
    (transposes ? transposed : table)[tier](rows, inner, columns, x, b, z);                        \
  }                                                                                                \
  void sarsa_scale_columns_##suffix(int32_t tier, size_t rows, size_t columns,                     \
                                    const scalar *offset, const scalar *scale, scalar *x) {        \
    static void (*const table[])(size_t, size_t, const scalar *, const scalar *, scalar *) =       \
        TIERS(JOIN(suffix##_, scale_columns));                                                     \
    table[tier](rows, columns, offset, scale, x);                                                  \
  }

DEFINE_DISPATCH(float, f32)
DEFINE_DISPATCH(double, f64)
