#pragma once

// The C library's functions as opaque calls.
//
// The compiler may neither fold nor vectorise them, so debug and release builds return the bits that
// every other program linked to the same C library gets, CPython included.

/// cos x, x in radians.
double sarsa_cos(double x);

/// sin x, x in radians.
double sarsa_sin(double x);

/// eˣ.
double sarsa_exp(double x);

/// ln x.
double sarsa_log(double x);

/// xʸ.
double sarsa_pow(double x, double y);
