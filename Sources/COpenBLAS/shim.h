#pragma once
// Debian's LAPACKE would otherwise pull in <complex.h>, whose macro `I` Swift cannot import.
#define HAVE_LAPACK_CONFIG_H
#define LAPACK_COMPLEX_STRUCTURE
#include <cblas.h>
#include <lapacke.h>
