// The kernels, once. The including file defines
//   SCALAR, BITS, EXPONENT   a floating-point type, the integer of its width, its exponent's mask
//   NAME(kernel)             the function's name in this tier and for this type
//   LANES                    elements of one vector register: what a loop is vectorised to
// and has switched contraction off. Loops are plain, so that the compiler vectorises them for
// whatever tier is being compiled; `restrict` is what makes that legal.

static int32_t NAME(adamw_step)(size_t count, const sarsa_adamw *restrict s,
                                const SCALAR *restrict gradient, SCALAR *restrict parameter,
                                SCALAR *restrict first, SCALAR *restrict second) {
  const SCALAR decay = (SCALAR)s->decay, first_weight = (SCALAR)s->first_weight;
  const SCALAR beta2 = (SCALAR)s->beta2, second_weight = (SCALAR)s->second_weight;
  const SCALAR step_size = (SCALAR)s->step_size, inverse_root = (SCALAR)s->inverse_root;
  const SCALAR epsilon = (SCALAR)s->epsilon;
  BITS is_any_infinite = 0;
  VECTORIZED
  for (size_t i = 0; i < count; i++) {
    SCALAR g = gradient[i];
    SCALAR m = first[i] + (g - first[i]) * first_weight;
    SCALAR v = second[i] * beta2 + (second_weight * g) * g;
    SCALAR root = __builtin_elementwise_sqrt(v);  // `sqrtf` may set errno, which stops vectorising
    SCALAR p = parameter[i] * decay - (step_size * m) / (root * inverse_root + epsilon);
    first[i] = m;
    second[i] = v;
    parameter[i] = p;
    BITS bits;
    __builtin_memcpy(&bits, &p, sizeof bits);
    is_any_infinite |= (bits & EXPONENT) == EXPONENT;  // the exponent of ∞ and of every NaN
  }
  return !is_any_infinite;
}
