"""What every row of the benchmarks needs; nothing but the standard library."""
