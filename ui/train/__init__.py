"""The page Train: networks of your own, seen while they learn."""
