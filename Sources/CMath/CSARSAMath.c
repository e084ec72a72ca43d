#include "CSARSAMath.h"

#include <math.h>

double sarsa_cos(double x) { return cos(x); }

double sarsa_sin(double x) { return sin(x); }

double sarsa_exp(double x) { return exp(x); }

double sarsa_log(double x) { return log(x); }

double sarsa_pow(double x, double y) { return pow(x, y); }
