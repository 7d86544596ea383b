"""What a training leaves behind: candidates, model folders, portable runs, variants."""
