/// The least microseconds of one product of `m` rows, `n` columns and an inner side `k`, called straight
/// from C with operands that are near, in the fastest of the four layouts; with one row it is a
/// matrix-vector product. 0 if there is no memory.
double products_least_time(int m, int n, int k);

/// GFLOP/s of 32×64×128 as its operands lie: of its fastest 100 µs, and of 100 ms in sequence. Whatever
/// else uses the processor lowers the second; the first says what the machine reaches between.
typedef struct {
  double best;
  double sustained;
} products_reference;

/// Measures the reference product. Zeros if there is no memory.
products_reference products_measure_reference(void);
