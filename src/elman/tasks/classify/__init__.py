"""Classes of texts: a recurrent network reads a text, and says which of some labels it has."""
