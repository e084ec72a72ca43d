#!/bin/sh
# Calls every kernel on every tier with blocks of their exact size: as the kernels are built for use, then
# with checks. Unsigned sums may wrap and floats may be divided by zero: both are defined, and used.
set -eu
cd "$(dirname "$0")/../.."
scratch=.build-ubsan
mkdir -p "$scratch"

# run FLAG…: compiles the driver with more flags, and runs it.
run() {
  clang -O2 "$@" -Wall -Wextra -Werror -I Sources/CVectorKernels/include \
    Tests/Sanitize/kernels.c Sources/CVectorKernels/CSARSAVectorKernels.c -lm -o "$scratch/kernels"
  "$scratch/kernels"
}

run
run -g -fsanitize=undefined,float-cast-overflow,local-bounds,address -fno-sanitize-recover=all \
  -fuse-ld=lld -Wno-pass-failed
