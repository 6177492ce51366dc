"""Spotting phrases in a stream of characters: a flag rises at the last character of each."""
