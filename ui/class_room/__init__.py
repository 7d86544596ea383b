"""The page Class room."""
