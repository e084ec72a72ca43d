// Holds the smooth activations, forward and backward, against libm in double precision for every
// float there is, on every tier of this processor. `make sweep` runs it.
//
// Exits with 1 if a result is further than 1 ULP from the reference, or tiers differ in a bit.
// On two cores it takes minutes.

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "CSARSAVectorKernels.h"

#define LIMIT 1.0
#define CHUNK 16384
#define THREADS 64

// MARK: - References

// The limits for infinite z are those for some large one.
static double bounded(double z) { return fmax(-1000, fmin(1000, z)); }

static double silu(double z) {
  if (z > 1000) return z;
  double x = isnan(z) ? z : bounded(z);
  return x / (1 + exp(-x));
}

// Next to a zero, double's own rounding would be seen: there the sum is formed in long double.
static double dsilu(double z) {
  double x = isnan(z) ? z : bounded(z);
  double w = exp(-fabs(x)), divisor = (1 + w) * (1 + w);
  if (x >= 0) return (1 + w + x * w) / divisor;
  double sum = fabs(x + 1.278) < 0.1 ? (double)(1 + (long double)x + expl(x)) : 1 + x + w;
  return w * sum / divisor;
}

static double dsilu_derivative(double z) {
  double a = isnan(z) ? z : fabs(bounded(z));
  double v = exp(-a);
  long double b = a;
  double sum = fabs(a - 2.399) < 0.1 ? (double)(2 - b + (2 + b) * expl(-b)) : 2 - a + (2 + a) * v;
  return v * sum / ((1 + v) * (1 + v) * (1 + v));
}

// An output of tanh: no larger ones occur.
static double tanh_derivative(double y) { return fabs(y) > 1 ? NAN : (1 - y) * (1 + y); }

// MARK: - The sweep

typedef struct {
  const char *name;
  int32_t kind;
  bool is_backward;
  double (*reference)(double);
} function;

static const function functions[] = {
    {"tanh", SARSA_TANH, false, tanh},
    {"SiLU", SARSA_SILU, false, silu},
    {"dSiLU", SARSA_DSILU, false, dsilu},
    {"tanh, backward", SARSA_TANH, true, tanh_derivative},
    {"SiLU, backward", SARSA_SILU, true, dsilu},
    {"dSiLU, backward", SARSA_DSILU, true, dsilu_derivative},
};

typedef struct {
  const function *function;
  atomic_uint *next;
  double worst;
  float argument, found;
  bool tiers_differ;
} worker;

// The error of a float, in units of the last place that the reference would have as a float.
static double ulps(float found, double reference) {
  if (isnan(reference)) return isnan(found) ? 0 : INFINITY;
  if (isinf(reference)) return found == reference ? 0 : INFINITY;
  uint64_t bits;
  memcpy(&bits, &reference, sizeof bits);
  // The exponent as stored; floats below 2^-126 all have that one's unit, 2^-149.
  uint64_t exponent = bits >> 52 & 0x7FF, smallest = 1023 - 126;
  if (exponent < smallest) exponent = smallest;
  bits = (1023 - (exponent - 1023 - 23)) << 52;
  double inverse_unit;
  memcpy(&inverse_unit, &bits, sizeof bits);
  return fabs(found - reference) * inverse_unit;
}

static void apply(const function *f, int32_t tier, const float *arguments, float *results) {
  // x + −0 is x, for −0 too.
  static const float no_bias[CHUNK] = {[0 ... CHUNK - 1] = -0.0f};
  float scratch[CHUNK];
  if (f->is_backward) {
    for (int i = 0; i < CHUNK; i++) results[i] = 1;
    sarsa_activate_backward_f32(tier, f->kind, 1, CHUNK, arguments, results, scratch);
  } else {
    memcpy(scratch, arguments, sizeof scratch);
    sarsa_activate_f32(tier, f->kind, 1, CHUNK, no_bias, scratch, results);
  }
}

static void *work(void *context) {
  worker *w = context;
  static _Thread_local float arguments[CHUNK], results[CHUNK], others[CHUNK];
  uint32_t chunk;
  while ((chunk = atomic_fetch_add(w->next, 1)) < (UINT64_C(1) << 32) / CHUNK) {
    for (uint32_t i = 0; i < CHUNK; i++) {
      uint32_t bits = chunk * CHUNK + i;
      memcpy(&arguments[i], &bits, sizeof bits);
    }
    apply(w->function, SARSA_KERNELS_BASELINE, arguments, results);
    for (int32_t tier = 1; tier <= sarsa_highest_kernel_tier(); tier++) {
      apply(w->function, tier, arguments, others);
      if (memcmp(results, others, sizeof results) != 0) w->tiers_differ = true;
    }
    for (int i = 0; i < CHUNK; i++) {
      if (w->function->reference == tanh_derivative && fabsf(arguments[i]) > 1) continue;
      double error = ulps(results[i], w->function->reference(arguments[i]));
      if (error > w->worst) {
        w->worst = error;
        w->argument = arguments[i];
        w->found = results[i];
      }
    }
  }
  return NULL;
}

static bool sweep(const function *f) {
  pthread_t threads[THREADS];
  worker workers[THREADS];
  atomic_uint next = 0;
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  int count = processors < 1 ? 1 : processors > THREADS ? THREADS : (int)processors;
  for (int i = 0; i < count; i++) {
    workers[i] = (worker){.function = f, .next = &next};
    if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0) return false;
  }
  worker worst = {.worst = 0};
  bool tiers_differ = false;
  for (int i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
    tiers_differ |= workers[i].tiers_differ;
    if (workers[i].worst > worst.worst) worst = workers[i];
  }
  printf("%-16s %.6f ULP at %.9g (%a): %.9g, not %.17g%s\n", f->name, worst.worst, worst.argument,
         worst.argument, worst.found, f->reference(worst.argument),
         tiers_differ ? "; tiers differ" : "");
  fflush(stdout);
  return worst.worst <= LIMIT && !tiers_differ;
}

int main(void) {
  bool is_good = true;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) is_good &= sweep(&functions[i]);
  return is_good ? 0 : 1;
}
