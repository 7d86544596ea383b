"""Studies: many recordings of many participants, read once, mended, and made into findings.

Nothing is imported here: a worker begins in half a second, and needs no database and no statistics.
"""
