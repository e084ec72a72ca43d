#pragma once

#include <stddef.h>
#include <stdint.h>

/// Instruction-set tiers, narrowest first. A tier is usable when it is not above
/// `sarsa_highest_kernel_tier()`.
enum sarsa_kernel_tier {
  SARSA_KERNELS_BASELINE = 0,
  SARSA_KERNELS_X86_64_V3 = 1,
  SARSA_KERNELS_X86_64_V4 = 2,
};

/// The widest tier that this processor and operating system support.
int32_t sarsa_highest_kernel_tier(void);

/// Asks for the cache lines of `count` records of `record_size` bytes each, at `indices` records
/// from `base`.
void sarsa_prefetch(const void *base, size_t record_size, const ptrdiff_t *indices, size_t count);

/// The scalars of one AdamW step, after bias correction; kernels round them to their own type.
///
/// With g the gradient:
///   p ← p·decay;  m ← m + (g − m)·first_weight;  v ← v·beta2 + (second_weight·g)·g;
///   p ← p − (step_size·m) / (√v·inverse_root + epsilon)
typedef struct {
  double decay, first_weight, beta2, second_weight, step_size, inverse_root, epsilon;
} sarsa_adamw;

#define SARSA_DECLARE_KERNELS(scalar, suffix)                                                      \
  /* matrix [rows, columns] += bias [columns], in every row */                                     \
  void sarsa_add_bias_##suffix(int32_t tier, size_t rows, size_t columns, const scalar *bias,      \
                               scalar *matrix);                                                    \
  /* the same, then max(0, ·); a NaN stays a NaN */                                                \
  void sarsa_add_bias_relu_##suffix(int32_t tier, size_t rows, size_t columns,                     \
                                    const scalar *bias, scalar *matrix);                           \
  /* sums [columns] = Σ over rows of matrix [rows, columns], first row first */                    \
  void sarsa_column_sums_##suffix(int32_t tier, size_t rows, size_t columns,                       \
                                  const scalar *matrix, scalar *sums);                             \
  /* delta [rows, columns] = 0 where activation ≤ 0; then sums = its column sums */                \
  void sarsa_relu_backward_##suffix(int32_t tier, size_t rows, size_t columns,                     \
                                    const scalar *activation, scalar *delta, scalar *sums);        \
  /* one AdamW step over `count` parameters; 1 if all are finite afterwards, else 0 */             \
  int32_t sarsa_adamw_step_##suffix(int32_t tier, size_t count, const sarsa_adamw *step,           \
                                    const scalar *gradient, scalar *parameter, scalar *first,      \
                                    scalar *second);

SARSA_DECLARE_KERNELS(float, f32)
SARSA_DECLARE_KERNELS(double, f64)
