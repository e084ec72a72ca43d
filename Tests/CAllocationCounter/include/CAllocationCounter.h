#pragma once

#include <stdint.h>

/// Whether this build counts: a sanitizer brings its own allocator, and then nothing is counted.
int32_t allocation_counter_is_active(void);

/// Allocations that the calling thread has made since it started.
int64_t allocation_count(void);
