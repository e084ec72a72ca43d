#include "CAllocationCounter.h"

#include <errno.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

// glibc lets a program replace malloc by defining it; these forward to glibc's own under its other
// names. Every way to heap memory that Swift and OpenBLAS use comes through here.
#if defined(__GLIBC__) && !defined(SANITIZED)

#include <malloc.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

static _Thread_local int64_t count, bytes, peak;

static void add(int64_t size) {
  bytes += size;
  if (bytes > peak) peak = bytes;
}

static void *counted(void *block) {
  count++;
  add((int64_t)malloc_usable_size(block));
  return block;
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }

void *calloc(size_t number, size_t size) { return counted(__libc_calloc(number, size)); }

void *realloc(void *block, size_t size) {
  int64_t before = (int64_t)malloc_usable_size(block);
  void *result = __libc_realloc(block, size);
  count++;
  // A request that fails leaves the old block; one for nothing frees it.
  if (result || size == 0) add((int64_t)malloc_usable_size(result) - before);
  return result;
}

void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) {
  return counted(__libc_memalign(alignment, size));
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = counted(__libc_memalign(alignment, size));
  return *block ? 0 : ENOMEM;
}

void free(void *block) {
  bytes -= (int64_t)malloc_usable_size(block);
  __libc_free(block);
}

int32_t allocation_counter_is_active(void) { return 1; }
int64_t allocation_count(void) { return count; }

int64_t allocation_mark(void) { return peak = bytes; }
int64_t allocation_peak(void) { return peak; }

#else

int32_t allocation_counter_is_active(void) { return 0; }
int64_t allocation_count(void) { return 0; }
int64_t allocation_mark(void) { return 0; }
int64_t allocation_peak(void) { return 0; }

#endif
