// Eligibility traces for all tiers and types; tier.inc.h defines the macros.
//
// Two passes: a trace moves, and only when its norm is known, the parameters move along it.

/// The next value of a trace's element.
static inline __attribute__((always_inline)) SCALAR NAME(moved)(SCALAR z, SCALAR g, SCALAR decay,
                                                                SCALAR weight, int replaces) {
  const SCALAR old = decay * z;
  return NAME(flushed)(replaces ? (g != 0 ? g : old) : old + weight * g);
}

static inline __attribute__((always_inline)) SCALAR NAME(traced)(
    size_t count, const sarsa_trace *restrict s, const SCALAR *restrict gradient,
    SCALAR *restrict trace, int replaces) {
  const SCALAR decay = (SCALAR)s->decay, weight = (SCALAR)s->weight;
  const size_t whole = count / SUM_LANES * SUM_LANES;
  SCALAR lanes[SUM_LANES] = {0};
  for (size_t start = 0; start < whole; start += SUM_LANES) {
    VECTORIZED
    for (size_t l = 0; l < SUM_LANES; l++) {
      const SCALAR z =
          NAME(moved)(trace[start + l], gradient[start + l], decay, weight, replaces);
      trace[start + l] = z;
      lanes[l] = lanes[l] + __builtin_elementwise_abs(z);
    }
  }
  for (size_t i = whole; i < count; i++) {
    const SCALAR z = NAME(moved)(trace[i], gradient[i], decay, weight, replaces);
    trace[i] = z;
    lanes[i - whole] = lanes[i - whole] + __builtin_elementwise_abs(z);
  }
  NAME(lanes) sums;
  __builtin_memcpy(&sums, lanes, sizeof sums);
  return NAME(fold)(&sums);
}

static SCALAR NAME(update_trace)(size_t count, const sarsa_trace *restrict s,
                                 const SCALAR *restrict gradient, SCALAR *restrict trace) {
  return s->replaces ? NAME(traced)(count, s, gradient, trace, 1)
                     : NAME(traced)(count, s, gradient, trace, 0);
}

static int32_t NAME(follow_trace)(size_t count, double factor, double correction,
                                  const SCALAR *restrict trace, const SCALAR *restrict gradient,
                                  SCALAR *restrict parameter) {
  const SCALAR a = (SCALAR)factor, b = (SCALAR)correction;
  BITS zeros = 0;
  if (gradient) {
    VECTORIZED
    for (size_t i = 0; i < count; i++) {
      const SCALAR p = (parameter[i] + a * trace[i]) + b * gradient[i];
      parameter[i] = p;
      zeros |= NAME(zero_if_finite)(p, 1);
    }
  } else {
    VECTORIZED
    for (size_t i = 0; i < count; i++) {
      const SCALAR p = parameter[i] + a * trace[i];
      parameter[i] = p;
      zeros |= NAME(zero_if_finite)(p, 1);
    }
  }
  return (zeros & EXPONENT) == 0;
}
