// One step of each optimiser for all tiers and types; tier.inc.h defines the macros.
//
// Each returns 1 if every parameter and every moment is finite afterwards, otherwise 0. The check costs
// almost nothing, because the values are in registers. It suffices to check parameters and mean squares.
// An infinite mean square makes steps of zero: without the check, training would stop making progress
// without an error. Any other moment that overflows makes its parameter infinite or NaN, even at a
// learning rate of zero, or its mean square, because the square of such a large gradient overflows.

/// The bits of zero if x and y are finite, else of a NaN: ∞ − ∞ and 0·∞ are NaN.
///
/// These bits can be combined by OR: the exponent stays zero until there is a NaN. This needs no more
/// instructions than testing the exponent of one number.
static inline __attribute__((always_inline)) BITS NAME(zero_if_finite)(SCALAR x, SCALAR y) {
  SCALAR zero = (x - x) * y;
  BITS bits;
  __builtin_memcpy(&bits, &zero, sizeof bits);
  return bits;
}

/// x, or zero if it is subnormal. The moments of a dead unit shrink until they are subnormal, and a
/// processor takes several times as long for an operation with subnormal numbers.
static inline __attribute__((always_inline)) SCALAR NAME(flushed)(SCALAR x) {
  BITS bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return (bits & EXPONENT) == 0 ? 0 : x;
}

// Called with constant flags, here and below, so that each combination is a loop without branches.
static inline __attribute__((always_inline)) int32_t NAME(adamw)(
    size_t count, const sarsa_adamw *restrict s, const SCALAR *restrict gradient,
    SCALAR *restrict parameter, SCALAR *restrict first, SCALAR *restrict second, int flushes) {
  const SCALAR decay = (SCALAR)s->decay, first_weight = (SCALAR)s->first_weight;
  const SCALAR beta2 = (SCALAR)s->beta2, second_weight = (SCALAR)s->second_weight;
  const SCALAR step_size = (SCALAR)s->step_size, inverse_root = (SCALAR)s->inverse_root;
  const SCALAR epsilon = (SCALAR)s->epsilon;
  BITS zeros = 0;
  VECTORIZED
  for (size_t i = 0; i < count; i++) {
    SCALAR g = gradient[i];
    SCALAR m = first[i] + (g - first[i]) * first_weight;
    SCALAR v = second[i] * beta2 + (second_weight * g) * g;
    if (flushes) {
      m = NAME(flushed)(m);
      v = NAME(flushed)(v);
    }
    SCALAR root = __builtin_elementwise_sqrt(v);  // `sqrtf` may set errno, which stops vectorising
    SCALAR p = parameter[i] * decay - (step_size * m) / (root * inverse_root + epsilon);
    first[i] = m;
    second[i] = v;
    parameter[i] = p;
    zeros |= NAME(zero_if_finite)(p, v);
  }
  return (zeros & EXPONENT) == 0;
}

static int32_t NAME(adamw_step)(size_t count, const sarsa_adamw *restrict s,
                                const SCALAR *restrict gradient, SCALAR *restrict parameter,
                                SCALAR *restrict first, SCALAR *restrict second) {
  return s->flushes ? NAME(adamw)(count, s, gradient, parameter, first, second, 1)
                    : NAME(adamw)(count, s, gradient, parameter, first, second, 0);
}

static inline __attribute__((always_inline)) int32_t NAME(sgd)(
    size_t count, const sarsa_sgd *restrict s, const SCALAR *restrict gradient,
    SCALAR *restrict parameter, SCALAR *restrict velocity, int has_momentum, int is_nesterov) {
  const SCALAR rate = (SCALAR)s->learning_rate, decay = (SCALAR)s->weight_decay;
  const SCALAR momentum = (SCALAR)s->momentum;
  BITS zeros = 0;
  VECTORIZED
  for (size_t i = 0; i < count; i++) {
    SCALAR g = gradient[i] + decay * parameter[i];
    SCALAR step = g;
    if (has_momentum) {
      SCALAR v = NAME(flushed)(momentum * velocity[i] + g);
      velocity[i] = v;
      step = is_nesterov ? g + momentum * v : v;
    }
    SCALAR p = parameter[i] - rate * step;
    parameter[i] = p;
    zeros |= NAME(zero_if_finite)(p, 1);
  }
  return (zeros & EXPONENT) == 0;
}

static int32_t NAME(sgd_step)(size_t count, const sarsa_sgd *restrict s,
                              const SCALAR *restrict gradient, SCALAR *restrict parameter,
                              SCALAR *restrict velocity) {
  if (s->momentum == 0) return NAME(sgd)(count, s, gradient, parameter, velocity, 0, 0);
  return s->is_nesterov ? NAME(sgd)(count, s, gradient, parameter, velocity, 1, 1)
                        : NAME(sgd)(count, s, gradient, parameter, velocity, 1, 0);
}

static inline __attribute__((always_inline)) int32_t NAME(rmsprop)(
    size_t count, const sarsa_rmsprop *restrict s, const SCALAR *restrict gradient,
    SCALAR *restrict parameter, SCALAR *restrict square, SCALAR *restrict mean,
    SCALAR *restrict velocity, int is_centered, int has_momentum) {
  const SCALAR rate = (SCALAR)s->learning_rate, momentum = (SCALAR)s->momentum;
  const SCALAR smoothing = (SCALAR)s->smoothing, weight = (SCALAR)(1 - s->smoothing);
  const SCALAR epsilon = (SCALAR)s->epsilon;
  BITS zeros = 0;
  VECTORIZED
  for (size_t i = 0; i < count; i++) {
    SCALAR g = gradient[i];
    SCALAR v = NAME(flushed)(square[i] * smoothing + (weight * g) * g);
    const SCALAR mean_square = v;
    square[i] = v;
    if (is_centered) {
      SCALAR m = NAME(flushed)(mean[i] + (g - mean[i]) * weight);
      mean[i] = m;
      v = v - m * m;
      v = v < 0 ? 0 : v;  // A variance below zero is a rounding error and has no root.
    }
    SCALAR step = g / (__builtin_elementwise_sqrt(v) + epsilon);
    if (has_momentum) {
      step = NAME(flushed)(momentum * velocity[i] + step);
      velocity[i] = step;
    }
    SCALAR p = parameter[i] - rate * step;
    parameter[i] = p;
    zeros |= NAME(zero_if_finite)(p, mean_square);
  }
  return (zeros & EXPONENT) == 0;
}

static int32_t NAME(rmsprop_step)(size_t count, const sarsa_rmsprop *restrict s,
                                  const SCALAR *restrict gradient, SCALAR *restrict parameter,
                                  SCALAR *restrict square, SCALAR *restrict mean,
                                  SCALAR *restrict velocity) {
  if (s->is_centered) {
    return s->momentum != 0
               ? NAME(rmsprop)(count, s, gradient, parameter, square, mean, velocity, 1, 1)
               : NAME(rmsprop)(count, s, gradient, parameter, square, mean, velocity, 1, 0);
  }
  return s->momentum != 0
             ? NAME(rmsprop)(count, s, gradient, parameter, square, mean, velocity, 0, 1)
             : NAME(rmsprop)(count, s, gradient, parameter, square, mean, velocity, 0, 0);
}
