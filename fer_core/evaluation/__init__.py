"""What networks are worth: figures, comparisons, robustness, outside packages."""
