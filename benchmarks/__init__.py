"""Benchmarks: each prints figures as one JSON object on its last line, as ratios to a floor measured in the same run."""
