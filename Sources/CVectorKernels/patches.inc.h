// The patches of a convolution for all tiers and types; tier.inc.h defines the macros.
//
// With channels last, a row of a patch is one piece of memory of size·channels numbers. These are few: 12 to 30 in
// MinAtar, so that wide registers would leave most to the rest of a loop.
#define FOR_PIECE(k, piece, body)                                                                  \
  do {                                                                                             \
    PRAGMA(clang loop vectorize(assume_safety) vectorize_width(4) interleave_count(1))             \
    for (size_t k = 0; k < (piece); k++) body                                                      \
  } while (0)

// columns [rows·height'·width', size·size·channels] ← the patches of x [rows, height, width, channels].
static void NAME(copy_patches)(const sarsa_patches *patches, size_t rows, const SCALAR *restrict x,
                               SCALAR *restrict columns) {
  const size_t size = patches->size, stride = patches->stride, channels = patches->channels;
  const size_t line = patches->width * channels, piece = size * channels;
  for (size_t row = 0; row < rows; row++, x += patches->height * line) {
    for (size_t i = 0; i + size <= patches->height; i += stride) {
      for (size_t j = 0; j + size <= patches->width; j += stride) {
        for (size_t u = 0; u < size; u++, columns += piece) {
          const SCALAR *from = x + (i + u) * line + j * channels;
          FOR_PIECE(k, piece, { columns[k] = from[k]; });
        }
      }
    }
  }
}

// x [rows, height, width, channels] ← for each number, the sum of its copies in columns, in their order.
static void NAME(add_patches)(const sarsa_patches *patches, size_t rows,
                              const SCALAR *restrict columns, SCALAR *restrict x) {
  const size_t size = patches->size, stride = patches->stride, channels = patches->channels;
  const size_t line = patches->width * channels, piece = size * channels;
  for (size_t row = 0; row < rows; row++, x += patches->height * line) {
    for (size_t k = 0; k < patches->height * line; k++) x[k] = 0;
    for (size_t i = 0; i + size <= patches->height; i += stride) {
      for (size_t j = 0; j + size <= patches->width; j += stride) {
        for (size_t u = 0; u < size; u++, columns += piece) {
          SCALAR *to = x + (i + u) * line + j * channels;
          FOR_PIECE(k, piece, { to[k] = to[k] + columns[k]; });
        }
      }
    }
  }
}

#undef FOR_PIECE
