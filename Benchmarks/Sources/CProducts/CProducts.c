#include "CProducts.h"

#include <cblas.h>
#include <stdlib.h>
#include <time.h>

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

/// A batch of calls takes 100 to 200 µs, and the fastest of 40 counts.
static double least_time(int m, int n, int k, int first, int second, const float *a,
                         const float *b, float *c) {
  double least = 1e300;
  int calls = 1;
  for (int batches = 0; batches < 40;) {
    double start = microseconds();
    for (int i = 0; i < calls; i++) {
      if (m == 1) {
        cblas_sgemv(CblasRowMajor, second ? CblasNoTrans : CblasTrans, second ? n : k,
                    second ? k : n, 1, b, second ? k : n, a, 1, 0, c, 1);
      } else {
        cblas_sgemm(CblasRowMajor, first ? CblasTrans : CblasNoTrans,
                    second ? CblasTrans : CblasNoTrans, m, n, k, 1, a, first ? m : k, b,
                    second ? k : n, 0, c, n);
      }
    }
    double elapsed = microseconds() - start;
    if (elapsed < 100 && calls < 1 << 20) {
      calls *= 2;
    } else {
      if (elapsed / calls < least) least = elapsed / calls;
      batches++;
    }
  }
  return least;
}

static float *ones(size_t count) {
  float *block = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
  if (block)
    for (size_t i = 0; i < count; i++) block[i] = 1;
  return block;
}

double products_least_time(int m, int n, int k) {
  float *a = ones((size_t)m * k), *b = ones((size_t)k * n), *c = ones((size_t)m * n);
  double least = a && b && c ? 1e300 : 0;
  for (int layout = 0; least > 0 && layout < 4; layout++) {
    double time = least_time(m, n, k, layout & 1, layout >> 1, a, b, c);
    if (time < least) least = time;
  }
  free(a), free(b), free(c);
  return least;
}

products_reference products_measure_reference(void) {
  const int m = 32, n = 64, k = 128;
  products_reference result = {0, 0};
  float *a = ones((size_t)m * k), *b = ones((size_t)k * n), *c = ones((size_t)m * n);
  if (a && b && c) {
    double best = least_time(m, n, k, 0, 0, a, b, c), start = microseconds(), end = start;
    long calls = 0;
    while (end - start < 100e3) {
      for (int i = 0; i < 64; i++)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
      calls += 64;
      end = microseconds();
    }
    double operations = 2e-3 * m * n * k;
    result.best = operations / best;
    result.sustained = operations / ((end - start) / calls);
  }
  free(a), free(b), free(c);
  return result;
}
