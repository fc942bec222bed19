"""Measures servers beside each other: what `Benchmarks/run` and `Benchmarks/peers` share."""
