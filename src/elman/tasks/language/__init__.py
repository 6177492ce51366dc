"""Language models over characters: how probable is a text, and how does it go on."""
