"""Names: a language model of single words that say themselves where they end."""
