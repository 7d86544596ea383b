"""What networks are worth: figures, comparisons, robustness, external packages."""
