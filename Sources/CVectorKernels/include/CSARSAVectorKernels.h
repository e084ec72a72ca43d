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

/// Prefetches the cache lines of `count` records of `record_size` bytes each, at `indices` records
/// from `base`.
void sarsa_prefetch(const void *base, size_t record_size, const ptrdiff_t *indices, size_t count);

/// Elementwise activations: the `kind` of a kernel.
enum sarsa_activation {
  SARSA_IDENTITY = 0,
  /// max(0, z); a NaN stays a NaN. The derivative is 0 where y ≤ 0, else 1.
  SARSA_RELU = 1,
  /// z where z ≥ 0, else `SARSA_LEAKY_RELU_SLOPE`·z.
  SARSA_LEAKY_RELU = 2,
  SARSA_TANH = 3,
  /// z·σ(z); −0 at −∞, its limit.
  SARSA_SILU = 4,
  /// σ(z)·(1 + z·(1 − σ(z))), the derivative of SiLU; −0 at −∞.
  SARSA_DSILU = 5,
};

/// PyTorch's default.
#define SARSA_LEAKY_RELU_SLOPE 0.01

/// The scalars of one AdamW step, after bias correction; kernels round them to their own type.
///
/// With g the gradient:
///   p ← p·decay;  m ← m + (g − m)·first_weight;  v ← v·beta2 + (second_weight·g)·g;
///   p ← p − (step_size·m) / (√v·inverse_root + epsilon)
/// With `flushes`, moments that are subnormal become zero before p moves.
typedef struct {
  double decay, first_weight, beta2, second_weight, step_size, inverse_root, epsilon;
  int32_t flushes;
} sarsa_adamw;

/// The scalars of a step of gradient descent: with g = gradient + weight_decay·p,
///   v ← momentum·v + g;  p ← p − learning_rate·v, or − learning_rate·(g + momentum·v) (Nesterov).
/// Without momentum, v is neither read nor written, and p ← p − learning_rate·g. A subnormal v becomes
/// zero before p moves.
typedef struct {
  double learning_rate, momentum, weight_decay;
  int32_t is_nesterov;
} sarsa_sgd;

/// The scalars of an RMSProp step: with g the gradient,
///   v ← smoothing·v + (1 − smoothing)·g²;  m ← m + (g − m)·(1 − smoothing), if centred;
///   d = g / (√(v − m²) + epsilon), v − m² at least 0, or without m² if not centred;
///   u ← momentum·u + d;  p ← p − learning_rate·u, or − learning_rate·d without momentum.
/// A buffer that is not needed is neither read nor written. Subnormal v, m and u become zero at each step.
typedef struct {
  double learning_rate, smoothing, epsilon, momentum;
  int32_t is_centered;
} sarsa_rmsprop;

/// The scalars by which an eligibility trace z moves: with g the gradient,
///   z ← decay·z + weight·g, or with `replaces`: z ← g where g is not 0, else decay·z.
/// A subnormal z becomes zero.
typedef struct {
  double decay, weight;
  int32_t replaces;
} sarsa_trace;

/// The patches of `size` by `size` cells that a convolution takes from a board, `stride` cells apart; a cell has
/// `channels` numbers. There are (height − size)/stride + 1 rows of (width − size)/stride + 1 patches, rounded down.
typedef struct {
  size_t height, width, channels, size, stride;
} sarsa_patches;

#define SARSA_DECLARE_KERNELS(scalar, suffix)                                                      \
  /* z [rows, columns] += bias [columns] in every row, then y = activation(z); y may be z */       \
  void sarsa_activate_##suffix(int32_t tier, int32_t kind, size_t rows, size_t columns,            \
                               const scalar *bias, scalar *z, scalar *y);                          \
  /* delta [rows, columns] *= activation′; then sums [columns] = Σ over rows of delta, first row */\
  /* first. The derivative is read off `values`: z for SiLU and dSiLU, else y */                   \
  void sarsa_activate_backward_##suffix(int32_t tier, int32_t kind, size_t rows, size_t columns,   \
                                        const scalar *values, scalar *delta, scalar *sums);        \
  /* one AdamW step over `count` parameters; 1 if they and their moments are finite, else 0 */     \
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
  /* moves a trace of `count` numbers; Σ|z| of the new one */                                      \
  scalar sarsa_update_trace_##suffix(int32_t tier, size_t count, const sarsa_trace *scalars,       \
                                     const scalar *gradient, scalar *trace);                       \
  /* p = (p + factor·z) + correction·g; without g if gradient is null; 1 if all p are finite */    \
  int32_t sarsa_follow_trace_##suffix(int32_t tier, size_t count, double factor,                   \
                                      double correction, const scalar *trace,                      \
                                      const scalar *gradient, scalar *parameter);                  \
  /* z = (x − mean of the row) · scale · gain, all [rows, columns] but gain [columns], which is     \
     left out if it is null; statistics [rows, 2] receives mean and scale =                         \
     1/√(variance + epsilon) */                                                                    \
  void sarsa_normalize_##suffix(int32_t tier, size_t rows, size_t columns, double epsilon,         \
                                const scalar *x, const scalar *gain, scalar *z,                    \
                                scalar *statistics);                                               \
  /* from delta = ∂L/∂z to ∂L/∂gain [columns], if gain is not null, and, if x_delta is not null,    \
     ∂L/∂x */                                                                                      \
  void sarsa_normalize_backward_##suffix(int32_t tier, size_t rows, size_t columns,                \
                                         const scalar *x, const scalar *statistics,                \
                                         const scalar *gain, const scalar *delta,                  \
                                         scalar *gain_gradient, scalar *x_delta);                  \
  /* q [rows, actions] = v + a − mean of a, from x [rows, 1 + actions], v first */                 \
  void sarsa_dueling_##suffix(int32_t tier, size_t rows, size_t actions, const scalar *x,          \
                              scalar *q);                                                          \
  /* from delta = ∂L/∂q to ∂L/∂x */                                                                \
  void sarsa_dueling_backward_##suffix(int32_t tier, size_t rows, size_t actions,                  \
                                       const scalar *delta, scalar *x_delta);                    \
  /* columns [rows · patches, size · size · channels] = the patches of x                           \
     [rows, height, width, channels] */                                                            \
  void sarsa_copy_patches_##suffix(int32_t tier, const sarsa_patches *patches, size_t rows,        \
                                   const scalar *x, scalar *columns);                              \
  /* the other way: x = for each number, the sum of its copies in columns */                       \
  void sarsa_add_patches_##suffix(int32_t tier, const sarsa_patches *patches, size_t rows,         \
                                  const scalar *columns, scalar *x);                               \
  /* Σ x², in double */                                                                            \
  double sarsa_sum_of_squares_##suffix(int32_t tier, size_t count, const scalar *x);               \
  /* how many of `count` numbers are not zero; a NaN is not */                                     \
  size_t sarsa_count_nonzeros_##suffix(int32_t tier, size_t count, const scalar *x);               \
  /* z [rows, columns] = x·b, x [rows, inner], b [inner, columns]; or with `transposes`            \
     z [inner, columns] = xᵀ·b, b [rows, columns]. Zeros of x are skipped, whatever b has there */ \
  void sarsa_sparse_product_##suffix(int32_t tier, int32_t transposes, size_t rows, size_t inner,  \
                                     size_t columns, const scalar *x, const scalar *b, scalar *z); \
  /* x [rows, columns] = (x − offset)·scale, offset and scale [columns] */                         \
  void sarsa_scale_columns_##suffix(int32_t tier, size_t rows, size_t columns,                     \
                                    const scalar *offset, const scalar *scale, scalar *x);

SARSA_DECLARE_KERNELS(float, f32)
SARSA_DECLARE_KERNELS(double, f64)
