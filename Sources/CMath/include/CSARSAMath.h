#pragma once

/// The C library's cosine, as an opaque call.
///
/// The compiler may neither fold nor vectorise it, so debug and release builds return the bits that
/// every other program linked to the same C library gets, CPython included.
double sarsa_cos(double x);
