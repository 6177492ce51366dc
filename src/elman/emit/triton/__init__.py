"""Kernels for a GPU as Triton source text: a launch a stage of a step (`steps`), or one for a whole scan."""
