"""Designed runs: one replicate, many replicates, sweeps, comparisons, and where their results are kept."""
