"""Blanks: what is missing in a text, found from both sides of it."""
