"""Training, freezing and export: the only place that imports Keras. Imported by the CLI alone."""
