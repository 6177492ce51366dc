"""Cells on a GPU: products of torch before the loop, in it Triton kernels, launched by one of some plans."""
