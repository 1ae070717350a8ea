"""Measurements, run by hand with `make bench`: each prints a table next to baselines, and asserts nothing."""
