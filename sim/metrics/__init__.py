"""Outputs: a metric is a function with a unit and a reduction; one file a family."""
