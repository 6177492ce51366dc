"""Checking and measuring the kernels of a GPU: `python -m elman.bench.gpu`."""
