#pragma once

#include <stdint.h>

/// Whether this build counts: a sanitizer brings its own allocator, and then nothing is counted.
int32_t allocation_counter_is_active(void);

/// Allocations that the calling thread has made since it started.
int64_t allocation_count(void);

/// The bytes that the calling thread has allocated, less those that it has freed. The peak begins anew.
int64_t allocation_mark(void);

/// The most of these bytes since the mark.
int64_t allocation_peak(void);
