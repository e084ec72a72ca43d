#include "CSARSAMath.h"

#include <math.h>

double sarsa_cos(double x) { return cos(x); }

double sarsa_sin(double x) { return sin(x); }
