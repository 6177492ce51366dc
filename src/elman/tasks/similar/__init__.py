"""Likeness of texts: one network reads both, and the angle between what it makes of them tells."""
