"""Measuring elman against what people would use in its place, on this machine."""
