"""Files: written in one step, read by kind and size first, validated."""
