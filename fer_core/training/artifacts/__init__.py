"""What a training leaves behind: candidates, model folders, harvests, variants."""
