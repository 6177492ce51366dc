"""Tagging: a tag for every token, the phrases that tags mark, and what the whole sentence is about."""
