"""Vectors for words, by word2vec: what stands where in a text says what is like what."""
