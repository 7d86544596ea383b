"""Somebody else's network: understood by trying, then written as a model folder."""
