"""Language models over characters, words or subwords: how probable is a text, and how does it go on."""
