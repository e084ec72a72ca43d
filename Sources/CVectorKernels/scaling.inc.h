// The scaling of columns for all tiers and types; tier.inc.h defines the macros.

// x ← (x − offset)·scale in every row.
static void NAME(scale_columns)(size_t rows, size_t columns, const SCALAR *restrict offset,
                                const SCALAR *restrict scale, SCALAR *restrict x) {
  for (size_t row = 0; row < rows; row++, x += columns) {
    FOR_COLUMNS(j, columns, 1, { x[j] = (x[j] - offset[j]) * scale[j]; });
  }
}
