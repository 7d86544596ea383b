"""Where libraries of live video are patched and configured, and nowhere else."""
