"""Sweeps: many runs that differ in some options, and what their validation losses say of these."""
