"""Translation: a text in one language to the same in another, by an encoder and a decoder with attention."""
