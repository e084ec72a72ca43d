/// The least microseconds of one product of `m` rows, `n` columns and an inner side `k`, called straight
/// from C with operands that are near, in the fastest of the four layouts; with one row it is a
/// matrix-vector product. 0 if there is no memory.
double products_least_time(int m, int n, int k);

/// The same for 32×64×128 as its operands lie, in GFLOP/s: what the machine reaches today.
double products_gigaflops(void);
