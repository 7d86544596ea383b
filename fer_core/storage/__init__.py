"""Files that a command wrote, read back whole and validated."""
