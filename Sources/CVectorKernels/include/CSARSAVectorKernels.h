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

/// The scalars of a step of gradient descent: with g = gradient + weight_decay·p,
///   v ← momentum·v + g;  p ← p − learning_rate·v, or − learning_rate·(g + momentum·v) (Nesterov).
/// Without momentum, v is neither read nor written, and p ← p − learning_rate·g.
typedef struct {
  double learning_rate, momentum, weight_decay;
  int32_t is_nesterov;
} sarsa_sgd;

/// The scalars of an RMSProp step: with g the gradient,
///   v ← smoothing·v + (1 − smoothing)·g²;  m ← m + (g − m)·(1 − smoothing), if centred;
///   d = g / (√(v − m²) + epsilon), or without m² if not centred;
///   u ← momentum·u + d;  p ← p − learning_rate·u, or − learning_rate·d without momentum.
/// What is not needed is neither read nor written.
typedef struct {
  double learning_rate, smoothing, epsilon, momentum;
  int32_t is_centered;
} sarsa_rmsprop;

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
                                    scalar *second);                                               \
  /* the same by gradient descent */                                                               \
  int32_t sarsa_sgd_step_##suffix(int32_t tier, size_t count, const sarsa_sgd *step,               \
                                  const scalar *gradient, scalar *parameter, scalar *velocity);    \
  /* the same by RMSProp */                                                                        \
  int32_t sarsa_rmsprop_step_##suffix(int32_t tier, size_t count, const sarsa_rmsprop *step,       \
                                      const scalar *gradient, scalar *parameter, scalar *square,   \
                                      scalar *mean, scalar *velocity);                             \
  /* z = (x − mean of the row) · scale · gain, all [rows, columns] but gain [columns]; statistics   \
     [rows, 2] receives mean and scale = 1/√(variance + epsilon) */                                \
  void sarsa_normalize_##suffix(int32_t tier, size_t rows, size_t columns, double epsilon,         \
                                const scalar *x, const scalar *gain, scalar *z,                    \
                                scalar *statistics);                                               \
  /* from delta = ∂L/∂z to ∂L/∂gain [columns] and, if x_delta is not null, ∂L/∂x */                \
  void sarsa_normalize_backward_##suffix(int32_t tier, size_t rows, size_t columns,                \
                                         const scalar *x, const scalar *statistics,                \
                                         const scalar *gain, const scalar *delta,                  \
                                         scalar *gain_gradient, scalar *x_delta);                  \
  /* q [rows, actions] = v + a − mean of a, from x [rows, 1 + actions], v first */                 \
  void sarsa_dueling_##suffix(int32_t tier, size_t rows, size_t actions, const scalar *x,          \
                              scalar *q);                                                          \
  /* from delta = ∂L/∂q to ∂L/∂x */                                                                \
  void sarsa_dueling_backward_##suffix(int32_t tier, size_t rows, size_t actions,                  \
                                       const scalar *delta, scalar *x_delta);

SARSA_DECLARE_KERNELS(float, f32)
SARSA_DECLARE_KERNELS(double, f64)
