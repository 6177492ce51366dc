"""From files to batches: text, vocabularies, and the batches that training reads."""
