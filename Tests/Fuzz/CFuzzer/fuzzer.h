// What a program may call of libFuzzer, which `-sanitize=fuzzer` links.
#ifndef DEEP_SARSA_FUZZER_H
#define DEEP_SARSA_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Changes bytes at random; returns how many there are then.
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t count, size_t limit);

#endif
