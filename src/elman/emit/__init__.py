"""Kernels as text: from a fused graph to the source of a target. No device is touched here."""
