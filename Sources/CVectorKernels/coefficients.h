// Made by coefficients.py, which says how.
#pragma once

// ln 2, whose high part times any exponent is exact.
#define LOG2_E 0x1.71547652b82fep+0
#define LN2_HIGH 0x1.62e42ff000000p-1
#define LN2_LOW -0x1.718432a1b0e26p-35

// e^r - 1 = r + r^2·(SHORT_0 + SHORT_1·r + ...), relative error 2^-30.8.
#define SHORT_0 0x1.0000000b8f6f3p-1
#define SHORT_1 0x1.5555555a7828bp-3
#define SHORT_2 0x1.5554e91100a35p-5
#define SHORT_3 0x1.1110e0f703999p-7
#define SHORT_4 0x1.6d43157140d27p-10
#define SHORT_5 0x1.a124e451b5351p-13

// e^r - 1 = r + r^2·(LONG_0 + LONG_1·r + ...), relative error 2^-60.0.
#define LONG_0 0x1.0000000000000p-1
#define LONG_1 0x1.5555555555557p-3
#define LONG_2 0x1.5555555555556p-5
#define LONG_3 0x1.11111111100dfp-7
#define LONG_4 0x1.6c16c16c162d6p-10
#define LONG_5 0x1.a01a01abe63a9p-13
#define LONG_6 0x1.a01a01a6d787dp-16
#define LONG_7 0x1.71de02372dd4ep-19
#define LONG_8 0x1.27e4db679d0c0p-22
#define LONG_9 0x1.af4dddd8d7f8cp-26
#define LONG_10 0x1.1f72fca335d17p-29

// Where dSiLU is 0: 1 + z + e^z = 0. Then e^z.
#define DSILU_ZERO_HIGH -0x1.474973c84120bp+0
#define DSILU_ZERO_LOW -0x1.f8d74bc9ac154p-54
#define DSILU_ZERO_EXP 0x1.1d25cf210482ep-2

// Where the derivative of dSiLU is 0: 2 - a + (2 + a)·e^-a = 0, z = ±a. Then e^-a, and a - 2.
#define DSILU_PEAK_HIGH 0x1.331e23ad9de11p+1
#define DSILU_PEAK_LOW 0x1.a9c55ef03c74ap-53
#define DSILU_PEAK_EXP 0x1.73d1d3a3cab96p-4
#define DSILU_PEAK_MINUS_2 0x1.98f11d6cef08bp-2
