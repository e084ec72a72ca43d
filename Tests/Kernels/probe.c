// Prints the core type that OpenBLAS took and its configuration, once its products and an LU
// decomposition have run. It dies of SIGILL where the processor cannot execute the kernels: in C, where
// nothing else uses that signal.
#include <cblas.h>
#include <lapacke.h>
#include <stdio.h>

enum { SIDE = 67 };

static float single[3][SIDE * SIDE];
static double twice[3][SIDE * SIDE];

int main(void) {
  for (int i = 0; i < SIDE * SIDE; i++) {
    for (int k = 0; k < 2; k++) {
      single[k][i] = (float)((i * 7 + k) % 11) - 5;
      twice[k][i] = single[k][i];
    }
  }
  const CBLAS_TRANSPOSE each[] = {CblasNoTrans, CblasTrans};
  for (int n = 1; n <= SIDE; n += 6) {
    for (int a = 0; a < 2; a++) {
      for (int b = 0; b < 2; b++) {
        cblas_sgemm(CblasRowMajor, each[a], each[b], n, n, n, 1, single[0], n, single[1], n, 0,
                    single[2], n);
        cblas_dgemm(CblasRowMajor, each[a], each[b], n, n, n, 1, twice[0], n, twice[1], n, 0,
                    twice[2], n);
      }
      cblas_sgemv(CblasRowMajor, each[a], n, n, 1, single[0], n, single[1], 1, 0, single[2], 1);
      cblas_dgemv(CblasRowMajor, each[a], n, n, 1, twice[0], n, twice[1], 1, 0, twice[2], 1);
    }
  }
  int pivots[SIDE];
  LAPACKE_sgetrf(LAPACK_COL_MAJOR, SIDE, SIDE, single[0], SIDE, pivots);
  LAPACKE_dgetrf(LAPACK_COL_MAJOR, SIDE, SIDE, twice[0], SIDE, pivots);
  printf("%s\n%s\n", openblas_get_corename(), openblas_get_config());
  return 0;
}
