"""Where libraries of live video are patched and configured."""
